//! What the workspace has already: every entity, read from its source.

use std::fs;
use std::path::Path;

use syn::{Attribute, Expr, ExprLit, Item, Lit, Token};

use crate::error::{Error, Result};
use crate::words;

/// The folder of the entities, from the root of the workspace.
pub(crate) const ENTITIES: &str = "crates/albedo-entities/src";

/// An entity, and the resource that it is, if it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) module: String,
    pub(crate) table: String,
    /// Empty for a table that is not served.
    pub(crate) path: String,
    pub(crate) tag: String,
    /// Singular, as `{city_id}` has it.
    pub(crate) name: String,
    pub(crate) owner: bool,
    pub(crate) parent: bool,
    /// Whether anybody who is signed in may read it.
    pub(crate) open: bool,
}

impl Known {
    /// Whether its rows are everybody's.
    pub(crate) fn is_shared(&self) -> bool {
        !self.path.is_empty() && self.open && !self.owner && !self.parent
    }
}

/// All entities, by their modules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue(pub(crate) Vec<Known>);

impl Catalogue {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let folder = root.join(ENTITIES);
        let mut known = Vec::new();
        for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            let Some(module) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let source = fs::read_to_string(&path).map_err(Error::file(&path))?;
            known.extend(entity(module, &source)?);
        }
        known.sort_by(|one, other| one.module.cmp(&other.module));
        Ok(Self(known))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Known> {
        self.0.iter().filter(|known| !known.path.is_empty())
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Known> {
        self.resources().find(|known| known.name == name)
    }

    /// Whether rows belong to somebody, directly or through those above.
    pub(crate) fn is_owned(&self, known: &Known) -> bool {
        let above = known.path.rsplit_once("/{").map(|(above, _)| above);
        let above = above.and_then(|path| self.resources().find(|known| known.path == path));
        known.owner || above.is_some_and(|above| self.is_owned(above))
    }
}

/// The entity in a source, if there is one.
fn entity(module: &str, source: &str) -> Result<Option<Known>> {
    let path = format!("{ENTITIES}/{module}.rs");
    let file = syn::parse_file(source)
        .map_err(|error| Error::source(&path, format!("this is no Rust ({error}); mend it, then try again")))?;
    let model = file.items.into_iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == "Model" => Some(item),
        _ => None,
    });
    let Some(model) = model else { return Ok(None) };
    let mut known = Known { module: module.to_owned(), open: true, ..Known::default() };
    for attribute in &model.attrs {
        for (key, value) in keys(attribute, &path)? {
            match (key.as_str(), value) {
                ("table_name", Some(value)) => known.table = value,
                ("path", Some(value)) => known.path = value,
                ("tag", Some(value)) => known.tag = value,
                ("name", Some(value)) => known.name = value,
                ("owner", _) => known.owner = true,
                ("parent", _) => known.parent = true,
                ("read", Some(role)) => known.open = role == "viewer",
                _ => {}
            }
        }
    }
    if known.name.is_empty() {
        known.name = words::singular_of_tag(&known.tag);
    }
    Ok(Some(known))
}

/// The keys of `#[resource(...)]` and `#[sea_orm(...)]`, each with its text or single word.
fn keys(attribute: &Attribute, path: &str) -> Result<Vec<(String, Option<String>)>> {
    let mut keys = Vec::new();
    if !(attribute.path().is_ident("resource") || attribute.path().is_ident("sea_orm")) {
        return Ok(keys);
    }
    let read = attribute.parse_nested_meta(|meta| {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let value = if meta.input.peek(Token![=]) { Some(meta.value()?.parse::<Expr>()?) } else { None };
        keys.push((key, value.and_then(text)));
        Ok(())
    });
    read.map_err(|error| Error::source(path, format!("its attributes cannot be read ({error}); mend them first")))?;
    Ok(keys)
}

fn text(value: Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_tells_what_it_is() {
        let source = r#"
            #[resource(path = "/a/{a_id}/river-banks", tag = "river-banks", parent = a_id, unique = [a_id, name],
                default_sort = [-name], require_if_match, cache_ttl = 3)]
            #[sea_orm::model]
            #[sea_orm(table_name = "river_banks")]
            pub struct Model { pub id: Uuid }
        "#;
        let known = entity("bank", source).unwrap().unwrap();
        assert_eq!(
            (known.name.as_str(), known.table.as_str(), known.tag.as_str()),
            ("river_bank", "river_banks", "river-banks")
        );
        assert!(known.parent && !known.owner && known.open && !known.is_shared());
    }

    #[test]
    fn a_table_that_is_not_served_has_no_path_and_other_files_are_no_entities() {
        let token =
            entity("token", "#[sea_orm(table_name = \"tokens\")] pub struct Model { id: Uuid }").unwrap().unwrap();
        assert_eq!((token.table.as_str(), token.path.as_str()), ("tokens", ""));
        assert_eq!(entity("json", "pub struct Metadata;").unwrap(), None);
        assert!(
            entity("broken", "pub struct").unwrap_err().to_string().starts_with("crates/albedo-entities/src/broken.rs")
        );
    }

    #[test]
    fn whose_rows_are_whose_is_known_through_all_parents() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let catalogue = Catalogue::read(root).unwrap();
        let is_owned = |name| catalogue.is_owned(catalogue.named(name).unwrap());
        assert!(is_owned("assistant") && is_owned("entity") && is_owned("value"));
        assert!(!is_owned("city") && catalogue.named("city").unwrap().is_shared());
        assert!(!catalogue.named("user").unwrap().is_shared());
    }
}
