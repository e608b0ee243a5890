//! Names that a resource brings along, and that something else has already: in the OpenAPI document, in its own files, in its tests.

use crate::field::{Field, Kind};
use crate::resource::Request;
use crate::words;

/// Schemas of the OpenAPI document that are no resource's, and names that every entity has in its module.
pub(crate) const TAKEN_SCHEMAS: &[&str] = &[
    "ActiveModel",
    "Column",
    "Fault",
    "Grant",
    "Health",
    "Liveness",
    "Login",
    "MatchText",
    "Matches",
    "Mention",
    "Model",
    "NewPassword",
    "PasswordGrant",
    "PrimaryKey",
    "Problem",
    "Readiness",
    "RefreshToken",
    "Register",
    "Relation",
];
/// What the tests of every resource import, define or name; the rows are called by their plural there.
const LOCALS: &[&str] = &[
    "ada",
    "admin",
    "app",
    "body",
    "change",
    "examples",
    "eve",
    "factory",
    "fault_places",
    "faults",
    "get",
    "header",
    "json",
    "list",
    "made",
    "name",
    "response",
    "restore",
    "row",
    "user",
    "viewer",
];

/// The schemas that a resource of this name has in the OpenAPI document.
pub(crate) fn schemas(name: &str) -> [String; 8] {
    let name = words::camel(name);
    [
        format!("{name}Part"),
        format!("{name}Page"),
        format!("{name}CursorPage"),
        format!("Create{name}"),
        format!("Update{name}"),
        format!("Bulk{name}"),
        format!("Bulk{name}Results"),
        name,
    ]
}

/// What a field brings along in the entity's file, and another thing there is called.
pub(crate) fn hidden(request: &Request, fields: &[Field]) -> Vec<String> {
    let (mut faults, mut enums) = (Vec::new(), vec![format!("{}View", words::camel(&request.name))]);
    enums.extend(TAKEN_SCHEMAS.iter().map(|name| (*name).to_owned()));
    for field in fields {
        if request.owner && field.name == "owner" {
            faults.push("owner: the relation to the owner has that name; find another name".to_owned());
        }
        match &field.kind {
            Kind::Choice(_) => {
                let name = format!("{}{}", words::camel(&request.name), words::camel(&field.name));
                if enums.contains(&name) {
                    faults.push(format!(
                        "{}: its enumeration would be called {name}, as something else in that file is; find another name",
                        field.name
                    ));
                }
                enums.push(name);
            }
            Kind::References(_) => {
                let relation = field.name.trim_end_matches("_id");
                let reason = words::taken_relation(relation);
                let owner = (request.owner && relation == "owner").then_some("is the relation to the owner");
                if let Some(reason) = reason.or(owner) {
                    faults.push(format!("{}: its relation {relation} {reason}; find another name", field.name));
                }
            }
            _ => {}
        }
    }
    faults
}

/// What is wrong with the name of a resource, and with that of its rows.
pub(crate) fn wrong_name(request: &Request, plural: &str) -> Vec<String> {
    let name = &request.name;
    let mut faults = Vec::new();
    if !words::is_snake(name) {
        faults.push(format!(
            "NAME={name}: a name is made of lower-case letters, digits and single underscores, as in river_bank"
        ));
        return faults;
    }
    if let Some(reason) = words::taken_module(name) {
        faults.push(format!("NAME={name} {reason}; find another name"));
    }
    let singular = words::singular(name);
    if request.plural.is_none() && singular != *name && words::plural(&singular) == *name {
        faults.push(format!(
            "NAME={name}: say the singular, NAME={singular}; if it is one, say OPTIONS=\"--plural ...\""
        ));
    }
    if !words::is_snake(plural) {
        faults
            .push(format!("--plural {plural}: a plural is made of lower-case letters, digits and single underscores"));
    }
    if LOCALS.contains(&plural) {
        faults.push(format!("--plural {plural}: its tests call something else so; say another plural"));
    }
    if plural == name {
        faults.push(format!("NAME={name}: one and many have the same name; say OPTIONS=\"--plural ...\""));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::tests::{ask, faults, request};

    #[test]
    fn a_schema_that_is_made_of_a_name_is_taken_too() {
        assert!(faults(&request("city_part", "name:string"))[0].contains("CityPart is that of city"));
        assert!(faults(&request("create_city", "name:string"))[0].contains("CreateCity"));
    }

    #[test]
    fn what_a_field_brings_along_hides_nothing() {
        for (fields, part) in [
            ("type:references:cities", "relation type is a word of Rust"),
            ("version:references:cities", "relation version means something"),
            ("view:choice(map,list)", "RiverView"),
            ("a1:choice(x,y) a_1:choice(x,y)", "RiverA1"),
        ] {
            let told = faults(&request("river", fields));
            assert!(told.iter().any(|fault| fault.contains(part)), "{fields}: {told:?}");
        }
        for fields in ["owner:string", "owner:references:cities"] {
            assert!(!faults(&Request { owner: true, ..request("river", fields) }).is_empty(), "{fields}");
        }
        assert!(ask(&request("river", "owner:string")).is_ok());
    }

    #[test]
    fn what_the_files_of_a_resource_import_is_no_name_of_one() {
        assert!(faults(&request("serde_json", "name:string"))[0].contains("crate"));
        let plural = Request { plural: Some("faults".to_owned()), ..request("river", "name:string") };
        assert!(faults(&plural)[0].contains("another plural"));
    }
}
