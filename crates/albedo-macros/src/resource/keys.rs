//! The keys of `#[resource(...)]`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Ident, LitStr, Result, Token, Type, bracketed};

use super::field::FieldDeclaration;

const KNOWN: &str =
    "path, tag, name, parent, unique, owner, methods, read, write, require_if_match, default_sort, create, update";
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
    pub(crate) default_sort: Vec<(bool, Ident)>,
    pub(crate) create: Option<Type>,
    pub(crate) update: Option<Type>,
}

impl Keys {
    pub(crate) fn read(tokens: TokenStream) -> Result<Self> {
        let whole = tokens.span();
        let mut path = None;
        let mut tag = None;
        let mut keys = Self {
            path: LitStr::new("", whole),
            tag: LitStr::new("", whole),
            name: None,
            parent: None,
            owner: None,
            unique: Vec::new(),
            methods: Vec::new(),
            read: None,
            write: None,
            require_if_match: false,
            default_sort: Vec::new(),
            create: None,
            update: None,
        };
        let mut seen: Vec<String> = Vec::new();
        let parser = syn::meta::parser(|meta| {
            let Some(key) = meta.path.get_ident().map(ToString::to_string) else {
                return Err(meta.error(format!("known keys are {KNOWN}")));
            };
            if key != "unique" && seen.contains(&key) {
                return Err(meta.error(format!("`{key}` occurs twice")));
            }
            match key.as_str() {
                "path" => path = Some(meta.value()?.parse()?),
                "tag" => tag = Some(meta.value()?.parse()?),
                "name" => keys.name = Some(meta.value()?.parse()?),
                "parent" => keys.parent = Some(meta.value()?.parse()?),
                "owner" => keys.owner = Some(meta.value()?.parse()?),
                "unique" => keys.unique.push(list(meta.value()?)?),
                "methods" => keys.methods = known_in("method", list(meta.value()?)?, &METHODS)?,
                "read" => keys.read = known_in("role", vec![meta.value()?.parse()?], &ROLES)?.pop(),
                "write" => keys.write = known_in("role", vec![meta.value()?.parse()?], &ROLES)?.pop(),
                "require_if_match" => keys.require_if_match = true,
                "default_sort" => {
                    keys.default_sort = list::<SortKey>(meta.value()?)?.into_iter().map(|key| key.0).collect()
                }
                "create" => keys.create = Some(meta.value()?.parse()?),
                "update" => keys.update = Some(meta.value()?.parse()?),
                _ => return Err(meta.error(format!("unknown key `{key}`; known keys are {KNOWN}"))),
            }
            seen.push(key);
            Ok(())
        });
        parser.parse2(tokens)?;
        keys.path = path.ok_or_else(|| Error::new(whole, "`path` is missing, such as `path = \"/cities\"`"))?;
        keys.tag = tag.ok_or_else(|| Error::new(whole, "`tag` is missing, such as `tag = \"cities\"`"))?;
        keys.check_path()?;
        Ok(keys)
    }

    fn check_path(&self) -> Result<()> {
        let path = self.path.value();
        if !path.starts_with('/') || path.ends_with('/') {
            return Err(Error::new_spanned(&self.path, "a path begins with `/` and does not end with one"));
        }
        let nested = path.contains('{');
        match (&self.parent, nested) {
            (None, true) => Err(Error::new_spanned(&self.path, "a path with parameters wants `parent = column`")),
            (Some(parent), false) => {
                let hint =
                    "a nested resource has its parents in its path, such as `/assistants/{assistant_id}/entities`";
                Err(Error::new_spanned(parent, hint))
            }
            _ => Ok(()),
        }
    }

    /// Every column that a key names is a field.
    pub(crate) fn check_against(&self, fields: &[FieldDeclaration]) -> Result<()> {
        let sorts = self.default_sort.iter().map(|(_, column)| column);
        for column in self.unique.iter().flatten().chain(&self.parent).chain(&self.owner).chain(sorts) {
            if !fields.iter().any(|field| field.is_column() && &field.ident == column) {
                let columns: Vec<_> =
                    fields.iter().filter(|field| field.is_column()).map(|field| field.ident.to_string()).collect();
                let message = format!("there is no column `{column}`; columns are {}", columns.join(", "));
                return Err(Error::new_spanned(column, message));
            }
        }
        if let (Some(owner), Some(_)) = (&self.owner, &self.parent) {
            return Err(Error::new_spanned(
                owner,
                "a nested resource is scoped by its parent; leave `owner` to the parent",
            ));
        }
        Ok(())
    }
}

struct SortKey((bool, Ident));

impl Parse for SortKey {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let descending = input.parse::<Option<Token![-]>>()?.is_some();
        Ok(Self((descending, input.parse()?)))
    }
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
