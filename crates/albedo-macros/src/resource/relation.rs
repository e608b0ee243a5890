//! The relations of a struct: fields that are no column, written as SeaORM's dense format has them.
//!
//! `#[resource]` reads them itself, since it stands in for `#[sea_orm::model]`. The keys and what they mean are SeaORM's.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Field, Ident, LitStr, Path, Result, Token, Type, TypePath};

use super::field::last_segment;
use crate::choice::snake_case;
use crate::faults::Faults;

const KNOWN: &str = "belongs_to, has_one, has_many, from, to, on_delete, on_update, skip_fk, relation_enum, \
    relation_reverse, self_ref, reverse, via, via_rel";

const ACTIONS: [&str; 5] = ["Restrict", "Cascade", "SetNull", "NoAction", "SetDefault"];

/// A field that leads to other rows.
pub(crate) struct Relation {
    /// The entity that it leads to.
    pub(crate) target: TypePath,
    pub(crate) end: End,
    /// Its keys; nothing where there are none, and then SQL knows nothing of the relation.
    pub(crate) keys: Option<RelationKeys>,
}

/// How many rows the type of a relation holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    One,
    Many,
}

/// The keys of `#[sea_orm(...)]` at a relation.
#[derive(Default)]
pub(crate) struct RelationKeys {
    /// As they were written, to show faults at.
    pub(crate) belongs_to: Option<Path>,
    pub(crate) has_one: Option<Path>,
    pub(crate) has_many: Option<Path>,
    pub(crate) self_ref: Option<Path>,
    /// The columns here, as they were written.
    pub(crate) from: Option<LitStr>,
    /// The columns there.
    pub(crate) to: Option<LitStr>,
    pub(crate) on_delete: Option<Ident>,
    pub(crate) on_update: Option<Ident>,
    pub(crate) skip_fk: bool,
    /// What the relation is called, if not as its target's module.
    pub(crate) relation_enum: Option<Ident>,
    pub(crate) relation_reverse: Option<Ident>,
    pub(crate) reverse: bool,
    /// The module of the table between, and the relation in it.
    pub(crate) via: Option<(Ident, Option<Ident>)>,
    pub(crate) via_rel: Option<Ident>,
}

impl Relation {
    /// The relation that the field is, if its type is one.
    pub(crate) fn read(field: &Field, faults: &mut Faults) -> Option<Self> {
        let (kind, target, end) = target_of(&field.ty)?;
        let keys = RelationKeys::read(&field.attrs, faults);
        if let Some(keys) = &keys {
            keys.check(&kind, &field.ty, faults);
        }
        Some(Self { target, end, keys })
    }

    /// The column that refers, where one does: `city_id`, also where it is written as `Column::CityId`.
    pub(crate) fn column(&self) -> Option<String> {
        let keys = self.keys.as_ref()?;
        let from = keys.belongs_to.as_ref().and(keys.from.as_ref())?;
        match columns_of(from).ok().as_deref() {
            Some([column]) => Some(snake_case(&column.unraw().to_string())),
            // Several are no column of the row; what is no name is told by the check of the keys.
            _ => Some(from.value()),
        }
    }

    /// Whether it leads to rows that refer to this one.
    pub(crate) fn is_many(&self) -> bool {
        self.end == End::Many && self.column().is_none()
    }
}

impl RelationKeys {
    fn read(attributes: &[Attribute], faults: &mut Faults) -> Option<Self> {
        let mut keys = None;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sea_orm")) {
            let keys = keys.get_or_insert_with(Self::default);
            let read = attribute.parse_nested_meta(|meta| {
                let outcome = keys.read_one(&meta);
                faults.of_key(&meta, outcome)
            });
            if let Err(fault) = read {
                faults.add(fault);
            }
        }
        keys
    }

    fn read_one(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = meta.path.to_token_stream().to_string();
        match key.as_str() {
            "belongs_to" => self.belongs_to = Some(meta.path.clone()),
            "has_one" => self.has_one = Some(meta.path.clone()),
            "has_many" => self.has_many = Some(meta.path.clone()),
            "self_ref" => self.self_ref = Some(meta.path.clone()),
            "skip_fk" => self.skip_fk = true,
            "reverse" => self.reverse = true,
            "from" => self.from = Some(meta.value()?.parse()?),
            "to" => self.to = Some(meta.value()?.parse()?),
            "on_delete" => self.on_delete = Some(action(meta)?),
            "on_update" => self.on_update = Some(action(meta)?),
            "relation_enum" => self.relation_enum = Some(name(meta)?),
            "relation_reverse" => self.relation_reverse = Some(name(meta)?),
            "via" => self.via = Some(between(&meta.value()?.parse()?)?),
            "via_rel" => self.via_rel = Some(name(meta)?),
            _ => return Err(meta.error(format!("unknown key `{key}` of a relation; known keys are {KNOWN}"))),
        }
        Ok(())
    }

    /// What the keys say against each other, and against the type.
    fn check(&self, kind: &str, ty: &Type, faults: &mut Faults) {
        let fitting: [(&Option<Path>, &[&str], &str); 3] = [
            (&self.belongs_to, &["BelongsTo", "HasOne"], "`belongs_to` wants a `BelongsTo<...>`"),
            (&self.has_one, &["HasOne"], "`has_one` wants a `HasOne<...>`"),
            (&self.has_many, &["HasMany"], "`has_many` wants a `HasMany<...>`"),
        ];
        for (key, kinds, message) in fitting {
            if let Some(key) = key.as_ref().filter(|_| !kinds.contains(&kind)) {
                faults.at(key, message);
            }
        }
        if let (Some(_), Some(key)) = (&self.belongs_to, &self.has_one) {
            faults.at(key, "a relation that `belongs_to` its target is no `has_one`");
        }
        if let Some(key) = self.belongs_to.as_ref().filter(|_| self.from.is_none() || self.to.is_none()) {
            faults.at(key, "`belongs_to` wants the columns, such as `from = \"city_id\", to = \"id\"`");
        }
        if let (Some(key), None, None) = (&self.self_ref, &self.via, &self.relation_enum) {
            faults.at(key, "`self_ref` wants a name, such as `relation_enum = \"Parent\"`");
        }
        for columns in [&self.from, &self.to].into_iter().flatten() {
            if let Err(fault) = columns_of(columns) {
                faults.add(fault);
            }
        }
        if self.via.is_some() && self.self_ref.is_some() && kind != "HasMany" {
            faults.at(ty, "`self_ref` with `via` wants a `HasMany<Entity>`");
        }
    }
}

/// The names of the columns: `city_id`, `Column::CityId` or several of them in parentheses.
pub(crate) fn columns_of(written: &LitStr) -> Result<Vec<Ident>> {
    let paths = written.parse_with(|input: syn::parse::ParseStream<'_>| {
        if !input.peek(syn::token::Paren) {
            return Ok(Punctuated::<Path, Token![,]>::from_iter([Path::parse_mod_style(input)?]));
        }
        let several;
        syn::parenthesized!(several in input);
        several.parse_terminated(Path::parse_mod_style, Token![,])
    })?;
    if paths.is_empty() {
        return Err(Error::new(written.span(), "a column is expected"));
    }
    Ok(paths.iter().filter_map(|path| path.segments.last()).map(|last| last.ident.clone()).collect())
}

/// A text that is a name of the language, such as a variant.
fn name(meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    let written: LitStr = meta.value()?.parse()?;
    written.parse().map_err(|_| Error::new(written.span(), "a name is expected, such as `\"Home\"`"))
}

fn action(meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    let written: LitStr = meta.value()?.parse()?;
    if !ACTIONS.contains(&written.value().as_str()) {
        let message = format!("unknown action; known actions are {}", ACTIONS.join(", "));
        return Err(Error::new(written.span(), message));
    }
    written.parse()
}

/// `module` or `module::Relation`.
fn between(written: &LitStr) -> Result<(Ident, Option<Ident>)> {
    let path: Path = written.parse()?;
    let mut names = path.segments.iter().map(|segment| segment.ident.clone());
    match (names.next(), names.next(), names.next()) {
        (Some(module), relation, None) => Ok((module, relation)),
        _ => Err(Error::new(written.span(), "`via` is a module or a relation in it, such as `post_tag::Tag`")),
    }
}

/// The name of the type, the entity inside `BelongsTo<...>`, `HasOne<...>` or `HasMany<...>`, and how many of its rows.
fn target_of(ty: &Type) -> Option<(String, TypePath, End)> {
    let (kind, inner) = last_segment(ty)?;
    let end = match kind.as_str() {
        "BelongsTo" | "HasOne" => End::One,
        "HasMany" => End::Many,
        _ => return None,
    };
    let inner = inner?;
    let target = match last_segment(&inner) {
        Some((name, Some(entity))) if name == "Option" => entity,
        _ => inner,
    };
    match target {
        Type::Path(target) => Some((kind, target, end)),
        _ => None,
    }
}
