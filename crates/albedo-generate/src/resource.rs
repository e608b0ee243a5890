//! A resource that somebody asks for, and whether there can be one: every reason against it, told at once.

use std::path::Path;

use crate::catalogue::{Catalogue, ENTITIES, Known};
use crate::error::{Error, Result};
use crate::field::{self, Field, Kind};
use crate::taken::{TAKEN_SCHEMAS, hidden, schemas, wrong_name};
use crate::words;

/// Folder of the API's tests, from the root of the workspace.
pub(crate) const TESTS: &str = "crates/albedo-api/tests/it";
/// Folder of the rules.
pub(crate) const RULES: &str = "crates/albedo-services/src/rules";

/// Paths below `/api/v1` that are no resource's.
const TAKEN_PATHS: &[&str] = &["/auth"];
/// PostgreSQL cuts longer names.
const LONGEST_NAME: usize = 63;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Singular, in snake case.
    pub name: String,
    /// Plural, where English has one of its own.
    pub plural: Option<String>,
    /// The fields, as words.
    pub fields: String,
    /// The singular of the resource above.
    pub parent: Option<String>,
    /// Whether each row belongs to the user who made it.
    pub owner: bool,
    /// How long lists are kept, in seconds.
    pub cache_ttl: Option<u32>,
    /// Whether changes without `If-Match` are refused.
    pub require_if_match: bool,
    /// Whether deleted rows stay and can be restored.
    pub soft_delete: bool,
    /// Whether each write leaves an audit event.
    pub audit: bool,
}

/// What can be made.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) plural: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) parent: Option<Known>,
    /// Whether the rows belong to somebody, directly or through the parents.
    pub(crate) owned: bool,
    /// The resources that fields refer to, in the order of the fields.
    pub(crate) referred: Vec<Known>,
    pub(crate) request: Request,
}

impl Resource {
    /// Checks a request against what is there.
    pub(crate) fn new(request: &Request, catalogue: &Catalogue, root: &Path) -> Result<Self> {
        let mut faults = Vec::new();
        let name = request.name.clone();
        let plural = request.plural.clone().unwrap_or_else(|| words::plural(&name));
        faults.extend(wrong_name(request, &plural));
        let fields = field::read(&request.fields).unwrap_or_else(|told| {
            faults.extend(told);
            Vec::new()
        });
        let parent = request.parent.as_deref().and_then(|parent| {
            let found = catalogue.named(parent);
            if found.is_none() {
                let names: Vec<_> = catalogue.resources().map(|known| known.name.as_str()).collect();
                faults.push(format!("PARENT={parent}: there is no such resource; there are {}", names.join(", ")));
            }
            found.cloned()
        });
        if let Some(parent) = &parent {
            if request.owner {
                faults.push(format!(
                    "OWNER=1: the rows belong to whom the {} belongs to; leave it out",
                    words::spoken(&parent.name)
                ));
            }
            if !parent.open {
                faults.push(format!(
                    "PARENT={}: not everybody may read those; for rows of a user say OWNER=1",
                    parent.name
                ));
            }
        }
        let referred = references(&fields, catalogue, parent.as_ref(), &mut faults);
        faults.extend(hidden(request, &fields));
        let owned = request.owner || parent.as_ref().is_some_and(|parent| catalogue.is_owned(parent));
        let resource = Self { name, plural, fields, parent, owned, referred, request: request.clone() };
        faults.extend(resource.taken(catalogue, root));
        faults.extend(resource.too_long());
        if faults.is_empty() { Ok(resource) } else { Err(Error::Refused(faults)) }
    }

    /// `/assistants/{assistant_id}/river-banks`.
    pub(crate) fn path(&self) -> String {
        let last = format!("/{}", self.tag());
        match &self.parent {
            Some(parent) => format!("{}/{{{}_id}}{last}", parent.path, parent.name),
            None => last,
        }
    }

    /// `river-banks`.
    pub(crate) fn tag(&self) -> String {
        self.plural.replace('_', "-")
    }

    /// The column that leads to whose row it is.
    pub(crate) fn above(&self) -> Option<String> {
        let parent = self.parent.as_ref().map(|parent| format!("{}_id", parent.name));
        parent.or_else(|| self.request.owner.then(|| "owner_id".to_owned()))
    }

    /// The files that it consists of, the revision aside.
    pub(crate) fn files(&self) -> [String; 4] {
        let (name, plural) = (&self.name, &self.plural);
        [
            format!("{ENTITIES}/{name}.rs"),
            format!("{RULES}/{name}.rs"),
            format!("{TESTS}/{plural}/mod.rs"),
            format!("{TESTS}/{plural}/factory.rs"),
        ]
    }

    /// What stands in its way: names that others have.
    fn taken(&self, catalogue: &Catalogue, root: &Path) -> Vec<String> {
        let mut faults = Vec::new();
        let (path, tag) = (self.path(), self.tag());
        for known in &catalogue.0 {
            if known.module == self.name || known.name == self.name {
                faults.push(format!("NAME={}: {ENTITIES}/{}.rs has that name", self.name, known.module));
                // Everything else would be said of the same resource again.
                return faults;
            }
            if known.table == self.plural {
                faults.push(format!(
                    "the table {} is that of {}; say another plural: OPTIONS=\"--plural ...\"",
                    known.table, known.module
                ));
            }
            if known.path == path || known.tag == tag {
                faults.push(format!(
                    "the path or tag {tag} is that of {}; say another plural: OPTIONS=\"--plural ...\"",
                    known.module
                ));
            }
            if let Some(schema) = schemas(&self.name).into_iter().find(|schema| schemas(&known.name).contains(schema)) {
                faults.push(format!("NAME={}: the schema {schema} is that of {}", self.name, known.module));
            }
        }
        for schema in schemas(&self.name).iter().filter(|schema| TAKEN_SCHEMAS.contains(&schema.as_str())) {
            faults.push(format!("NAME={}: the OpenAPI document has a {schema} already", self.name));
        }
        if TAKEN_PATHS.contains(&path.as_str()) {
            faults.push(format!("the path {path} is taken"));
        }
        let tests = format!("{TESTS}/{}.rs", self.plural);
        let there = self.files().into_iter().chain([
            tests,
            format!("{TESTS}/{}", self.plural),
            format!("{ENTITIES}/{}", self.name),
        ]);
        let there: Vec<_> = there.filter(|file| root.join(file).exists()).collect();
        if !there.is_empty() {
            faults.push(format!(
                "nothing is written over: {} is there; find another name, or move it away",
                there.join(", ")
            ));
        }
        faults
    }

    /// Names of constraints that PostgreSQL would cut, so that a conflict could not name its field.
    fn too_long(&self) -> Vec<String> {
        let above = self.above().map(|above| format!("{above}_")).unwrap_or_default();
        let prefix = "uq_".len() + self.plural.len() + "_".len();
        let longest = self
            .fields
            .iter()
            .map(|field| (field, prefix + above.len() * usize::from(field.unique) + field.name.len()));
        let faults = longest.filter(|(_, length)| *length > LONGEST_NAME);
        faults
            .map(|(field, length)| {
                format!(
                    "{}: the names of its constraints would have {length} letters, {LONGEST_NAME} at most",
                    field.name
                )
            })
            .collect()
    }
}

/// The resources that fields refer to. Rows that belong to somebody are no target: whoever may name any id learns which are there.
fn references(fields: &[Field], catalogue: &Catalogue, parent: Option<&Known>, faults: &mut Vec<String>) -> Vec<Known> {
    let mut referred: Vec<Known> = Vec::new();
    for field in fields {
        let Kind::References(table) = &field.kind else { continue };
        match catalogue.resources().find(|known| known.table == *table) {
            Some(known) if known.is_shared() => {
                let again = referred.contains(known) || parent == Some(known);
                if again {
                    faults.push(format!(
                        "{}: {table} is referred to twice; write the second relation by hand, with a relation_enum",
                        field.name
                    ));
                }
                referred.push(known.clone());
            }
            Some(_) => faults.push(format!(
                "{}: rows of {table} are not everybody's, and a reference would tell which there are; \
                 nest below them with PARENT=..., or write the relation and its rule by hand",
                field.name
            )),
            None => {
                let tables = catalogue.resources().filter(|known| known.is_shared()).map(|known| known.table.as_str());
                let tables: Vec<_> = tables.collect();
                faults.push(format!(
                    "{}: there is no table {table} to refer to; there are {}",
                    field.name,
                    tables.join(", ")
                ));
            }
        }
        let relation = field.name.trim_end_matches("_id");
        if fields.iter().any(|other| other.name == relation) {
            faults.push(format!("{}: its relation would be called {relation}, as a field is", field.name));
        }
        if parent.is_some_and(|parent| field.name == format!("{}_id", parent.name)) {
            faults.push(format!("{}: the parent's column has that name", field.name));
        }
    }
    let above = parent.map(|parent| [format!("{}_id", parent.name), parent.name.clone()]).unwrap_or_default();
    for field in fields.iter().filter(|field| above.contains(&field.name) && !matches!(field.kind, Kind::References(_)))
    {
        faults.push(format!("{}: the column and the relation of the parent have that name", field.name));
    }
    referred
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    pub(crate) fn ask(request: &Request) -> Result<Resource> {
        Resource::new(request, &Catalogue::read(root()).unwrap(), root())
    }

    pub(crate) fn request(name: &str, fields: &str) -> Request {
        Request { name: name.to_owned(), fields: fields.to_owned(), ..Request::default() }
    }

    pub(crate) fn faults(request: &Request) -> Vec<String> {
        match ask(request) {
            Err(Error::Refused(faults)) => faults,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_nested_resource_has_its_parents_in_its_path() {
        let nested = Request { parent: Some("entity".to_owned()), ..request("river_bank", "name:string!^") };
        let made = ask(&nested).unwrap();
        assert_eq!(made.path(), "/assistants/{assistant_id}/entities/{entity_id}/river-banks");
        assert_eq!((made.above().as_deref(), made.owned), (Some("entity_id"), true));
        let below = Request { parent: Some("city".to_owned()), ..request("river_bank", "name:string!^") };
        assert!(!ask(&below).unwrap().owned);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let wrong = Request {
            parent: Some("planet".to_owned()),
            ..request("Rivers", "name:strin type:string home:references:assistants")
        };
        let told = faults(&wrong);
        assert_eq!(told.len(), 4, "{told:#?}");
        let wrong =
            Request { parent: Some("assistant".to_owned()), owner: true, ..request("river", "assistant:string") };
        assert_eq!(faults(&wrong).len(), 2);
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        assert!(faults(&request("city", "name:string"))[0].contains("city.rs"));
        assert!(faults(&request("json", "name:string"))[0].contains("nothing is written over"));
        assert!(faults(&request("problem", "name:string"))[0].contains("OpenAPI"));
        let same = Request { plural: Some("cities".to_owned()), ..request("town", "name:string") };
        assert_eq!(faults(&same).len(), 2);
    }

    #[test]
    fn a_plural_is_sent_back_with_its_singular() {
        assert!(faults(&request("rivers", "name:string"))[0].contains("NAME=river"));
        let irregular = Request { plural: Some("sheep_list".to_owned()), ..request("sheep", "name:string") };
        assert_eq!(ask(&irregular).unwrap().tag(), "sheep-list");
    }

    #[test]
    fn rows_that_belong_to_somebody_are_not_referred_to() {
        for target in ["assistants", "users", "entities"] {
            assert!(faults(&request("river", &format!("it:references:{target}")))[0].contains("everybody"), "{target}");
        }
        assert_eq!(ask(&request("river", "city:references:cities!")).unwrap().referred.len(), 1);
        assert_eq!(faults(&request("river", "city:references:cities mouth:references:cities")).len(), 1);
    }
}
