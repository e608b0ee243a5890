//! What is served, as one value: the router and the OpenAPI document read it, so they cannot disagree.

use std::collections::BTreeMap;

use albedo_entities::Description;
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

/// What cannot be served.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum Misfit {
    /// Two things cannot be served beside each other.
    #[error("{one} and {other} are both {what}; one of them needs another name")]
    Clash {
        /// What they have in common, such as `/rivers/{}/dam`.
        what: String,
        /// The first of them.
        one: String,
        /// The second.
        other: String,
    },
    /// A route of one's own stands at a resource that is not there.
    #[error(
        "the route {route} stands at the resource {resource}, which is not served; give that a line beside the others"
    )]
    NotServed {
        /// The route.
        route: String,
        /// The name of the resource.
        resource: &'static str,
    },
}

impl Api {
    /// Refuses what would hide something else, a path, a tag or a schema's name that two things have; and a route of one's own
    /// whose resource is not served.
    ///
    /// # Errors
    /// The first two that clash, or the first such route.
    pub fn check(&self) -> Result<(), Misfit> {
        if let Some(own) = self.own.iter().find(|own| self.resource(own.of).is_none()) {
            return Err(Misfit::NotServed { route: own.path(), resource: own.of.name });
        }
        let mut seen = BTreeMap::new();
        for (what, whose) in self.names() {
            if let Some(one) = seen.insert(what.clone(), whose.clone()) {
                return Err(Misfit::Clash { what, one, other: whose });
            }
        }
        Ok(())
    }

    /// The routes of one's own, each with the resource that it stands at.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&Own, Resource)> {
        self.own.iter().filter_map(|own| Some((own, self.resource(own.of)?)))
    }

    fn resource(&self, description: &Description) -> Option<Resource> {
        self.resources.iter().copied().find(|resource| resource.description.name == description.name)
    }

    /// Everything that has to be unique, and whose it is.
    fn names(&self) -> impl Iterator<Item = (String, String)> {
        let own = self.own.iter().map(|own| (nameless(&own.path()), format!("the route {}.{}", own.of.tag, own.name)));
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
