//! What is served, as one value: the router and the OpenAPI document read it, so they cannot disagree.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::controllers::{Own, Resource};

/// What version 1 serves.
#[derive(Clone, Default)]
pub struct Api {
    /// Its resources, in the order of the document.
    pub resources: Vec<Resource>,
    /// What is asked beside them.
    pub own: Vec<Own>,
}

/// Two things that cannot be served beside each other.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{one} and {other} are both {what}; one of them needs another name")]
pub struct Clash {
    /// What they have in common, such as `/rivers/{}/dam`.
    pub what: String,
    /// The first of them.
    pub one: String,
    /// The second.
    pub other: String,
}

impl Api {
    /// Refuses what would hide something else: a path, a tag or a schema's name that two things have.
    ///
    /// # Errors
    /// The first two that clash.
    pub fn check(&self) -> Result<(), Clash> {
        let mut seen = BTreeMap::new();
        for (what, whose) in self.names() {
            if let Some(one) = seen.insert(what.clone(), whose.clone()) {
                return Err(Clash { what, one, other: whose });
            }
        }
        Ok(())
    }

    /// Everything that has to be unique, and whose it is.
    fn names(&self) -> impl Iterator<Item = (String, String)> {
        let own = self
            .own
            .iter()
            .map(|own| (nameless(&own.path()), format!("the route {}.{}", own.resource.description.tag, own.name)));
        let resources = self.resources.iter().flat_map(|resource| {
            let description = resource.description;
            let whose = format!("the resource {}", description.name);
            let mut names = vec![
                (nameless(description.path), whose.clone()),
                (format!("the tag {}", description.tag), whose.clone()),
                (format!("the schema {}", description.schema), whose),
            ];
            let list = nameless(description.path);
            let row = format!("{list}/{{}}");
            if description.methods.writes() {
                names.push((format!("{list}/bulk"), format!("the bulk of {}", description.tag)));
            }
            if description.restores() {
                names.push((format!("{row}/restore"), format!("the restore of {}", description.tag)));
            }
            for verb in resource.verbs() {
                names.push((format!("{row}/{}", verb.name), format!("the verb {}.{}", description.tag, verb.name)));
            }
            names
        });
        resources.chain(own)
    }
}

/// A path without the names of its parameters: the router does not look at them.
fn nameless(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}
