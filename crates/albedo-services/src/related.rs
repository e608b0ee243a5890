//! The rows that relations lead to: those of a whole page by one statement each, as their own resource shows them.
//!
//! A relation is known by its description alone, so each resource that is served gives itself to the others with its types
//! erased ([`Served`]).

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use albedo_core::database::Session;
use albedo_core::field::Field;
use albedo_core::listing::Showing;
use albedo_entities::{Description, Expansion, Reach};
use albedo_repositories::{Repository, Scope, referred};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::caller::{Access, Caller};
use crate::crud::{CrudService, failed};
use crate::error::ServiceError;
use crate::rules::Rules;
use crate::services::Services;
use crate::showing::{RowBytes, items};

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
    pub(crate) computed_from: &'static [fn() -> &'static Description],
    those: for<'a> fn(Asking<'a>, &'a [Uuid]) -> Answer<'a>,
    below: for<'a> fn(Asking<'a>, &'a [Uuid]) -> Answer<'a>,
}

/// Who asks whom.
#[derive(Clone, Copy)]
struct Asking<'a> {
    services: &'a Services,
    caller: &'a Caller,
    session: &'a Session<'a>,
}

/// Rows as JSON, by the id that has led to them.
type Found = HashMap<Uuid, Box<RawValue>>;
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Found, ServiceError>> + 'a>>;

/// The rows below one, as they are shown with it.
#[derive(Serialize)]
struct Below<'b> {
    items: &'b [&'b RawValue],
    total: u64,
}

impl Served {
    /// The resource of an entity.
    #[must_use]
    pub fn of<R: Rules>() -> Self {
        Self {
            description: R::description(),
            computed: R::COMPUTED,
            computed_from: R::COMPUTED_FROM,
            those: |asking, ids| Box::pin(those::<R>(asking, ids)),
            below: |asking, parents| Box::pin(below::<R>(asking, parents)),
        }
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Served").field(&self.description.name).finish()
    }
}

impl<R: Rules> CrudService<'_, R> {
    /// What the relation of this name leads to, for each row.
    pub(crate) async fn related(
        &self,
        session: &Session<'_>,
        rows: &[R::Model],
        name: &str,
    ) -> Result<Vec<Box<RawValue>>, ServiceError> {
        let expansions = R::description().expansions;
        let unknown = || ServiceError::internal(format!("no resource is served at the end of the relation `{name}`"));
        let Expansion { target, reach, .. } = expansions.iter().find(|known| known.name == name).ok_or_else(unknown)?;
        let target = self.services().shared.served(target()).ok_or_else(unknown)?;
        let asking = Asking { services: self.services(), caller: self.caller(), session };
        let leads: Vec<Option<Uuid>> = match reach {
            Reach::One { column, .. } => rows.iter().map(|row| referred::<R>(row, column)).collect(),
            Reach::Many => rows.iter().map(|row| Some(R::identity(row).id)).collect(),
        };
        let mut ids: Vec<Uuid> = leads.iter().copied().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        let (found, none) = match reach {
            Reach::One { .. } => ((target.those)(asking, &ids).await?, json(&None::<()>)?),
            Reach::Many => ((target.below)(asking, &ids).await?, json(&Below { items: &[], total: 0 })?),
        };
        let beside = |id: Option<Uuid>| id.and_then(|id| found.get(&id)).unwrap_or(&none).clone();
        Ok(leads.into_iter().map(beside).collect())
    }
}

/// The rows with these ids that the caller may see, by their own ids.
async fn those<R: Rules>(
    Asking { services, caller, session }: Asking<'_>,
    ids: &[Uuid],
) -> Result<Found, ServiceError> {
    let service = services.of::<R>(caller, Access::Read, Vec::new())?;
    let rows = Repository::<R, _>::on(session, Scope::anywhere(caller.user)).those(ids).await.map_err(failed::<R>)?;
    let shown = service.shown(session, &rows, &Showing::default()).await?;
    let by_id = shown.iter().zip(items(&shown)?).map(|(row, item)| (row.identity.id, item.to_owned()));
    Ok(by_id.collect())
}

/// The first rows below each of these, by their parents' ids.
async fn below<R: Rules>(
    Asking { services, caller, session }: Asking<'_>,
    parents: &[Uuid],
) -> Result<Found, ServiceError> {
    let service = services.of::<R>(caller, Access::Read, Vec::new())?;
    let rows = Repository::<R, _>::on(session, Scope::anywhere(caller.user));
    let found = rows.below(parents, MOST_RELATED).await.map_err(failed::<R>)?;
    let (mut rows, mut stretches) = (Vec::new(), Vec::with_capacity(found.len()));
    for (parent, below) in found {
        stretches.push((parent, below.rows.len(), below.total));
        rows.extend(below.rows);
    }
    // All at once: what is computed of them is asked for by one statement as well.
    let shown: Vec<RowBytes> = service.shown(session, &rows, &Showing::default()).await?;
    let shown = items(&shown)?;
    let mut rest = shown.as_slice();
    let mut by_parent = Found::with_capacity(stretches.len());
    for (parent, length, total) in stretches {
        let (items, after) = rest.split_at(length.min(rest.len()));
        by_parent.insert(parent, json(&Below { items, total })?);
        rest = after;
    }
    Ok(by_parent)
}

fn json<T: Serialize>(value: &T) -> Result<Box<RawValue>, ServiceError> {
    to_raw_value(value).map_err(ServiceError::internal)
}
