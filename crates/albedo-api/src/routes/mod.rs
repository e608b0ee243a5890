//! What is served, in each version.

mod v1;

use albedo_http::routes::Api;

/// What version 1 serves.
#[must_use]
pub fn api() -> Api {
    Api { resources: v1::resources(), own: v1::own() }
}

#[cfg(test)]
mod tests {
    use albedo_entities::Reach;

    use super::*;

    #[test]
    fn what_relations_lead_to_is_served_and_stands_where_they_lead() {
        let descriptions: Vec<_> = api().resources.iter().map(|resource| resource.description).collect();
        for description in &descriptions {
            for expansion in description.expansions {
                let target = (expansion.target)();
                assert!(descriptions.iter().any(|served| served.name == target.name), "{} is not served", target.name);
                let is_below = target.parents().next().is_some_and(|parent| parent.name == description.name);
                let name = format!("{} of {}", expansion.name, description.name);
                assert!(expansion.reach != Reach::Many || is_below, "{name} leads to rows that stand elsewhere");
                assert!(!expansion.summary.is_empty(), "{name} has no doc comment");
            }
        }
    }

    #[test]
    fn what_is_served_does_not_clash() {
        assert_eq!(api().check(), Ok(()));
    }
}
