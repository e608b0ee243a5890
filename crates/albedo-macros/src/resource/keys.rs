//! The keys of `#[resource(...)]`.

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitInt, LitStr, Result, Token, Type, TypePath, bracketed};

use super::field::FieldDeclaration;
use super::relation::Relation;
use crate::faults::Faults;

const KNOWN: &str = "path, tag, name, parent, unique, owner, methods, read, write, require_if_match, cache_ttl, default_sort, \
    soft_delete, audit, expand, create, update";
const METHODS: [&str; 5] = ["list", "get", "create", "update", "delete"];
const ROLES: [&str; 3] = ["viewer", "editor", "admin"];

/// The keys, read and checked as far as they can be without the fields.
pub(crate) struct Keys {
    pub(crate) path: LitStr,
    pub(crate) tag: LitStr,
    pub(crate) name: Option<LitStr>,
    pub(crate) parent: Option<Ident>,
    pub(crate) owner: Option<Ident>,
    pub(crate) unique: Vec<Vec<Ident>>,
    pub(crate) methods: Vec<Ident>,
    pub(crate) read: Option<Ident>,
    pub(crate) write: Option<Ident>,
    pub(crate) require_if_match: bool,
    /// In seconds.
    pub(crate) cache_ttl: Option<u64>,
    pub(crate) default_sort: Vec<(bool, Ident)>,
    /// As it was written, to show faults at.
    pub(crate) soft_delete: Option<Ident>,
    pub(crate) audit: bool,
    /// Relations.
    pub(crate) expand: Vec<Ident>,
    pub(crate) create: Option<Type>,
    pub(crate) update: Option<Type>,
}

impl Keys {
    pub(crate) fn read(tokens: TokenStream, faults: &mut Faults) -> Self {
        let mut keys = Self {
            path: LitStr::new("", Span::call_site()),
            tag: LitStr::new("", Span::call_site()),
            name: None,
            parent: None,
            owner: None,
            unique: Vec::new(),
            methods: Vec::new(),
            read: None,
            write: None,
            require_if_match: false,
            cache_ttl: None,
            default_sort: Vec::new(),
            soft_delete: None,
            audit: false,
            expand: Vec::new(),
            create: None,
            update: None,
        };
        let mut seen: Vec<String> = Vec::new();
        let parser = syn::meta::parser(|meta| {
            let outcome = keys.read_one(&meta, &mut seen);
            faults.of_key(&meta, outcome)
        });
        if let Err(fault) = parser.parse2(tokens) {
            faults.add(fault);
        }
        for (key, example) in [("path", "/cities"), ("tag", "cities")] {
            if !seen.iter().any(|seen| seen == key) {
                let message = format!("`{key}` is missing, such as `{key} = \"{example}\"`");
                faults.add(Error::new(Span::call_site(), message));
            }
        }
        keys.check_path(faults);
        keys
    }

    fn read_one(&mut self, meta: &ParseNestedMeta<'_>, seen: &mut Vec<String>) -> Result<()> {
        let Some(key) = meta.path.get_ident().map(ToString::to_string) else {
            return Err(meta.error(format!("known keys are {KNOWN}")));
        };
        if key != "unique" && seen.contains(&key) {
            return Err(meta.error(format!("`{key}` occurs twice")));
        }
        seen.push(key.clone());
        match key.as_str() {
            "path" => self.path = meta.value()?.parse()?,
            "tag" => self.tag = meta.value()?.parse()?,
            "name" => self.name = Some(meta.value()?.parse()?),
            "parent" => self.parent = Some(meta.value()?.parse()?),
            "owner" => self.owner = Some(meta.value()?.parse()?),
            "unique" => self.unique.push(list(meta.value()?)?),
            "methods" => self.methods = known_in("method", list(meta.value()?)?, &METHODS)?,
            "read" => self.read = known_in("role", vec![meta.value()?.parse()?], &ROLES)?.pop(),
            "write" => self.write = known_in("role", vec![meta.value()?.parse()?], &ROLES)?.pop(),
            "require_if_match" => self.require_if_match = true,
            "cache_ttl" => self.cache_ttl = Some(seconds(&meta.value()?.parse()?)?),
            "default_sort" => {
                self.default_sort = list::<SortKey>(meta.value()?)?.into_iter().map(|key| key.0).collect();
            }
            "soft_delete" => self.soft_delete = meta.path.get_ident().cloned(),
            "audit" => self.audit = true,
            "expand" => self.expand = list(meta.value()?)?,
            "create" => self.create = Some(meta.value()?.parse()?),
            "update" => self.update = Some(meta.value()?.parse()?),
            _ => return Err(meta.error(format!("unknown key `{key}`; known keys are {KNOWN}"))),
        }
        Ok(())
    }

    fn check_path(&self, faults: &mut Faults) {
        let path = self.path.value();
        if path.is_empty() {
            return;
        }
        if !path.starts_with('/') || path.ends_with('/') {
            faults.at(&self.path, "a path begins with `/` and does not end with one");
        }
        match (&self.parent, path.contains('{')) {
            (None, true) => faults.at(&self.path, "a path with parameters wants `parent = column`"),
            (Some(parent), false) => faults.at(
                parent,
                "a nested resource has its parents in its path, such as `/assistants/{assistant_id}/entities`",
            ),
            _ => {}
        }
    }

    /// Whether no operation writes: then somebody else does, and sets what times there are.
    fn is_only_read(&self) -> bool {
        !self.methods.is_empty() && self.methods.iter().all(|method| method == "list" || method == "get")
    }

    /// Every column that a key names is a field, and those that every resource has are there.
    pub(crate) fn check_against(&self, model: &Ident, fields: &[FieldDeclaration], faults: &mut Faults) {
        let columns: Vec<_> = fields.iter().filter(|field| field.is_column()).collect();
        for wanted in ["id", "version", "created_at", "updated_at"] {
            if self.is_only_read() && wanted.ends_with("_at") {
                continue;
            }
            if !columns.iter().any(|field| field.ident == wanted) {
                faults.at(model, format!("a resource has a column `{wanted}`"));
            }
        }
        let sorts = self.default_sort.iter().map(|(_, column)| column);
        for named in self.unique.iter().flatten().chain(&self.parent).chain(&self.owner).chain(sorts) {
            if !columns.iter().any(|field| &field.ident == named) {
                let names: Vec<_> = columns.iter().map(|field| field.name()).collect();
                faults.at(named, format!("there is no column `{named}`; columns are {}", names.join(", ")));
            }
        }
        for (_, sort) in &self.default_sort {
            if columns.iter().any(|field| &field.ident == sort && field.api.hidden) {
                faults.at(sort, "a hidden field gives no order that clients could understand");
            }
        }
        if let (Some(owner), Some(_)) = (&self.owner, &self.parent) {
            faults.at(owner, "a nested resource is scoped by its parent; leave `owner` to the parent");
        }
        self.check_parent(&columns, fields, faults);
        self.check_expand(fields, faults);
        self.check_soft_delete(&columns, faults);
    }

    fn check_parent(&self, columns: &[&FieldDeclaration], fields: &[FieldDeclaration], faults: &mut Faults) {
        let Some(parent) = self.parent.as_ref().filter(|parent| columns.iter().any(|field| &&field.ident == parent))
        else {
            return;
        };
        if self.parent_entity(fields).is_none() {
            let message = format!(
                "no relation begins at `{parent}`; add a field such as \
                 `#[sea_orm(belongs_to, from = \"{parent}\", to = \"id\")] pub parent: BelongsTo<super::parent::Entity>`"
            );
            faults.at(parent, message);
        }
    }

    /// What is shown with a row stands at the end of a relation.
    fn check_expand(&self, fields: &[FieldDeclaration], faults: &mut Faults) {
        for (index, named) in self.expand.iter().enumerate() {
            if self.expand.iter().take(index).any(|earlier| earlier == named) {
                faults.at(named, format!("`{named}` occurs twice"));
            } else if !fields.iter().any(|field| &field.ident == named && field.can_be_shown()) {
                let relations = fields.iter().filter(|field| field.can_be_shown());
                let known: Vec<_> = relations.map(FieldDeclaration::name).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let message = format!(
                    "there is no relation `{named}` that leads to one row by a column or to many that have this one for a \
                     parent; relations are: {known}"
                );
                faults.at(named, message);
            }
        }
    }

    /// Rows that stay want a column that says so, and unique keys that leave them out.
    fn check_soft_delete(&self, columns: &[&FieldDeclaration], faults: &mut Faults) {
        let Some(key) = &self.soft_delete else { return };
        let Some(column) = columns.iter().find(|field| field.ident == "deleted_at") else {
            faults.at(key, "`soft_delete` wants a column `pub deleted_at: Option<DateTimeUtc>`");
            return;
        };
        if !column.is_time_or_none() {
            faults.at(&column.ty, "when a row was deleted is an `Option<DateTimeUtc>`");
        }
        if column.api.create || column.api.update {
            faults.at(
                &column.ident,
                "clients set `deleted_at` by deleting and restoring; leave `create` and `update` out",
            );
        }
        for field in columns.iter().filter(|field| field.unique) {
            let message = "this key would hold among deleted rows too; `unique = [...]` of `soft_delete` says it, without \
                `#[sea_orm(unique)]` or `unique_key`";
            faults.at(&field.ident, message);
        }
    }

    /// The entity that the parent column refers to.
    pub(crate) fn parent_entity<'f>(&self, fields: &'f [FieldDeclaration]) -> Option<&'f TypePath> {
        let parent = self.parent.as_ref()?;
        let mut relations = fields.iter().filter_map(|field| field.relation.as_ref());
        let begins_there = |relation: &&Relation| relation.column().is_some_and(|column| parent == &column);
        relations.find(begins_there).map(|relation| &relation.target)
    }
}

struct SortKey((bool, Ident));

impl Parse for SortKey {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let descending = input.parse::<Option<Token![-]>>()?.is_some();
        Ok(Self((descending, input.parse()?)))
    }
}

/// A time to live: a day at most, since nobody looks for an answer of yesterday.
fn seconds(number: &LitInt) -> Result<u64> {
    let seconds = number.base10_parse().ok().filter(|seconds| *seconds <= 86_400);
    seconds.ok_or_else(|| {
        Error::new_spanned(number, "`cache_ttl` is a number of seconds from 0 (nothing is kept) to 86400")
    })
}

fn list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn known_in(what: &str, names: Vec<Ident>, known: &[&str]) -> Result<Vec<Ident>> {
    match names.iter().find(|name| !known.contains(&name.to_string().as_str())) {
        Some(name) => {
            let message = format!("unknown {what} `{name}`; known {what}s are {}", known.join(", "));
            Err(Error::new_spanned(name, message))
        }
        None => Ok(names),
    }
}
