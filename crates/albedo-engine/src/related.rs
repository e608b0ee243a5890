//! The rows that relations lead to: those of a whole page by one statement each, as their own resource shows them.
//!
//! A relation is known by its description alone, so each resource that is served gives itself to the others with its types
//! erased ([`Served`]).

use std::collections::HashMap;
use std::fmt;

use albedo_core::database::Session;
use albedo_core::field::Field;
use albedo_core::listing::Showing;
use albedo_entities::{Description, Expansion, Reach};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::caller::{Access, Caller};
use crate::crud::{Crud, Typed};
use crate::error::ServiceError;
use crate::row_bytes::items;
use crate::verb::VerbDescription;

/// No row is shown with more rows of one relation; the rest stands in their own list.
pub const MOST_RELATED: u64 = 20;

/// A resource that is served, as the others know it.
#[derive(Clone, Copy)]
pub struct Served {
    /// What it is.
    pub description: &'static Description,
    /// What is computed of its rows.
    pub computed: &'static [Field],
    /// The resources that this is computed from.
    pub computed_from: &'static [fn() -> &'static Description],
    /// Whether a write of it stands or falls with other statements.
    pub is_atomic: bool,
    /// Whether a bulk asks the rules of a row only when the one before it is written.
    pub is_one_by_one: bool,
    /// What it does with its own types.
    pub typed: &'static dyn Typed,
}

/// Rows as JSON, by the id that has led to them.
type Found = HashMap<Uuid, Box<RawValue>>;

/// The rows below one, as they are shown with it.
#[derive(Serialize)]
struct Below<'b> {
    items: &'b [&'b RawValue],
    total: u64,
}

impl Served {
    /// Its own verbs, in their order.
    #[must_use]
    pub fn verbs(&self) -> Vec<VerbDescription> {
        self.typed.verbs()
    }

    /// Refuses a caller whose role does not reach.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn authorize(&self, caller: &Caller, access: Access) -> Result<(), ServiceError> {
        caller.require(access.least(self.description))
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Served").field(&self.description.name).finish()
    }
}

impl Crud<'_> {
    /// What the columns are called that lead to other rows, for each relation that is asked for; `None` for those that lead below.
    #[must_use]
    pub fn leading(&self, showing: &Showing) -> Vec<Option<&'static str>> {
        let column = |name: &&'static str| match self.expansion(name)?.reach {
            Reach::One { column } => Some(column),
            Reach::Many => None,
        };
        showing.expand.iter().map(column).collect()
    }

    fn expansion(&self, name: &str) -> Option<&'static Expansion> {
        self.resource().description.expansions.iter().find(|known| known.name == name)
    }

    /// What the relation of this name leads to, for each row: its own id, and the one that it refers to.
    pub(crate) async fn related(
        &self,
        session: &Session<'_>,
        leads: Vec<(Uuid, Option<Uuid>)>,
        name: &str,
    ) -> Result<Vec<Box<RawValue>>, ServiceError> {
        let unknown = || ServiceError::internal(format!("no resource is served at the end of the relation `{name}`"));
        let Expansion { target, reach, .. } = self.expansion(name).ok_or_else(unknown)?;
        let target = *self.services().shared.served(target()).ok_or_else(unknown)?;
        target.authorize(self.caller(), Access::Read)?;
        let there = Crud::new(self.services(), self.caller(), target, Vec::new());
        let leads = leads.into_iter().map(|(own, other)| if *reach == Reach::Many { Some(own) } else { other });
        let leads: Vec<Option<Uuid>> = leads.collect();
        let mut ids: Vec<Uuid> = leads.iter().copied().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        let (found, none) = match reach {
            Reach::One { .. } => (those(&there, session, &ids).await?, json(&None::<()>)?),
            Reach::Many => (below(&there, session, &ids).await?, json(&Below { items: &[], total: 0 })?),
        };
        let beside = |id: Option<Uuid>| id.and_then(|id| found.get(&id)).unwrap_or(&none).clone();
        Ok(leads.into_iter().map(beside).collect())
    }
}

/// The rows with these ids that the caller may see, by their own ids.
async fn those(there: &Crud<'_>, session: &Session<'_>, ids: &[Uuid]) -> Result<Found, ServiceError> {
    let rows = there.resource().typed.those(there, *session, ids).await?;
    Ok(rows.iter().zip(items(&rows)?).map(|(row, item)| (row.identity.id, item.to_owned())).collect())
}

/// The first rows below each of these, by their parents' ids.
async fn below(there: &Crud<'_>, session: &Session<'_>, parents: &[Uuid]) -> Result<Found, ServiceError> {
    let mut by_parent = Found::with_capacity(parents.len());
    for below in there.resource().typed.below(there, *session, parents, MOST_RELATED).await? {
        by_parent.insert(below.parent, json(&Below { items: &items(&below.rows)?, total: below.total })?);
    }
    Ok(by_parent)
}

fn json<T: Serialize>(value: &T) -> Result<Box<RawValue>, ServiceError> {
    to_raw_value(value).map_err(ServiceError::internal)
}
