//! A resource with its types erased: what the compiler makes anew for each, and nothing beside it.
//!
//! Each function is one step that has to know the row's type or its rules. What can be said of all resources belongs above or
//! below: a line here is compiled as many times as there are resources.

use std::marker::PhantomData;

use albedo_core::body::Purpose;
use albedo_core::database::{Reader, Session};
use albedo_core::fault::Faults;
use albedo_core::listing::{Anchor, ListRequest, Page, Showing, Walk};
use albedo_engine::crud::bulk::{Done, Operation};
use albedo_engine::crud::{Answer, Command, Crud, Typed, Written};
use albedo_engine::row_bytes::{ItemBytes, RowBytes};
use albedo_engine::{Context, Served, Services, VerbDescription, Work};
use albedo_repositories::{Below, Repository, Scope};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Rows;
use crate::rules::Rules;

/// A resource with its rules, as the rest of the program knows it.
#[must_use]
pub fn served<R: Rules>() -> Served {
    let description = R::description();
    Served {
        description,
        computed: R::COMPUTED,
        computed_from: R::COMPUTED_FROM,
        is_atomic: R::ATOMIC || description.audit || !R::COMPUTED.is_empty(),
        is_one_by_one: R::ONE_BY_ONE,
        typed: &Of::<R>(PhantomData),
    }
}

/// The types of `R`. Holds no value of them; the function pointer makes it shareable whatever they are.
struct Of<R>(PhantomData<fn() -> R>);

impl<R: Rules> Typed for Of<R> {
    fn verbs(&self) -> Vec<VerbDescription> {
        let mut verbs = Vec::with_capacity(R::VERBS.len());
        for verb in R::VERBS {
            verbs.push(verb.description);
        }
        verbs
    }

    fn check(&self, services: &Services, purpose: Purpose, body: &Map<String, Value>, faults: &mut Faults) {
        R::check(services, purpose, body, faults);
    }

    fn check_act(&self, services: &Services, verb: &str, body: &Map<String, Value>, faults: &mut Faults) {
        for declared in R::VERBS {
            if declared.description.name == verb {
                (declared.check)(services, body, faults);
            }
        }
    }

    fn perform<'a>(
        &self,
        crud: &'a Crud<'a>,
        context: Context<'a>,
        work: &'a mut Work<'_>,
        command: Command,
    ) -> Answer<'a, Written<Option<RowBytes>>> {
        Box::pin(Rows::<R>::of(crud).perform(context, work, command))
    }

    fn perform_all<'a>(
        &self,
        crud: &'a Crud<'a>,
        context: Context<'a>,
        work: &'a mut Work<'_>,
        operations: Vec<Operation>,
    ) -> Answer<'a, Written<Vec<Done>>> {
        Box::pin(Rows::<R>::of(crud).perform_all(context, work, operations))
    }

    fn find<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        id: Uuid,
        showing: &'a Showing,
    ) -> Answer<'a, Option<RowBytes>> {
        Box::pin(async move {
            let rows = Rows::<R>::of(crud);
            match rows.find(reader, id).await? {
                Some(row) => rows.one(&Session::Reader(reader), row, showing).await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn page<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        request: &'a ListRequest,
    ) -> Answer<'a, (Page<()>, ItemBytes)> {
        Box::pin(async move {
            let rows = Rows::<R>::of(crud);
            let page = rows.page(reader, request).await?;
            let around = page.with(vec![(); page.items.len()]);
            Ok((around, rows.items(&Session::Reader(reader), page.items, &request.showing).await?))
        })
    }

    fn walk<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        request: &'a ListRequest,
        from: Option<&'a Anchor>,
    ) -> Answer<'a, Option<(Walk<(), Anchor>, ItemBytes)>> {
        Box::pin(async move {
            let rows = Rows::<R>::of(crud);
            let Some(Walk { items, total, prev, next }) = rows.walk(reader, request, from).await? else {
                return Ok(None);
            };
            let items = rows.items(&Session::Reader(reader), items, &request.showing).await?;
            Ok(Some((Walk { items: Vec::new(), total, prev, next }, items)))
        })
    }

    fn those<'a>(&self, crud: &'a Crud<'a>, session: Session<'a>, ids: &'a [Uuid]) -> Answer<'a, Vec<RowBytes>> {
        Box::pin(async move {
            let found = Repository::<R>::on(session, Scope::anywhere(crud.caller().user)).those(ids).await;
            let rows = crud.told(found)?;
            Rows::<R>::of(crud).shown(&session, rows, &Showing::default()).await
        })
    }

    fn below<'a>(
        &self,
        crud: &'a Crud<'a>,
        session: Session<'a>,
        parents: &'a [Uuid],
        most: u64,
    ) -> Answer<'a, Vec<Below<RowBytes>>> {
        Box::pin(async move {
            let rows = Repository::<R>::on(session, Scope::anywhere(crud.caller().user));
            let (mut all, mut stretches) = (Vec::new(), Vec::new());
            for Below { parent, rows, total } in crud.told(rows.below(parents, most).await)? {
                stretches.push((parent, rows.len(), total));
                for row in rows {
                    all.push(row);
                }
            }
            // All at once: what is computed of them is asked for by one statement as well.
            let shown = Rows::<R>::of(crud).shown(&session, all, &Showing::default()).await?;
            Ok(apart(shown, stretches))
        })
    }
}

/// The rows below each parent, out of the rows of all of them.
fn apart(all: Vec<RowBytes>, stretches: Vec<(Uuid, usize, u64)>) -> Vec<Below<RowBytes>> {
    let mut all = all.into_iter();
    let below = |(parent, length, total)| Below { parent, rows: all.by_ref().take(length).collect(), total };
    stretches.into_iter().map(below).collect()
}
