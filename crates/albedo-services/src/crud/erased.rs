//! A resource with its types erased: what the compiler makes anew for each, and nothing beside it.
//!
//! Each function is one step that has to know the row's type or its rules. What can be said of all resources belongs above or
//! below: a line here is compiled as many times as there are resources.

use std::fmt;
use std::marker::PhantomData;

use albedo_core::body::Purpose;
use albedo_core::database::{Reader, Session};
use albedo_core::fault::Faults;
use albedo_core::listing::{Anchor, ListRequest, Page, Showing, Walk};
use albedo_repositories::{Below, Repository, Scope};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::bulk::{Done, Operation};
use super::{Command, Crud, Rows};
use crate::error::ServiceError;
use crate::row_bytes::{ItemBytes, RowBytes};
use crate::rules::{Context, Rules, VerbDescription};
use crate::services::Services;
use crate::work::Work;

/// What one of these comes to.
pub(crate) type Answer<'a, T> = LocalBoxFuture<'a, Result<T, ServiceError>>;

/// Tells the rules that what they have seen written is committed.
pub(crate) type Committed = Box<dyn FnOnce(Context<'_>)>;

/// What a write leaves behind.
pub(crate) struct Written<T> {
    /// What is answered.
    pub(crate) answer: T,
    /// What the rules want to hear when all is committed; nothing where nothing was changed.
    pub(crate) committed: Vec<Committed>,
}

/// What a resource does with its own types.
pub(crate) trait Typed: Sync {
    fn verbs(&self) -> Vec<VerbDescription>;
    fn check(&self, services: &Services, purpose: Purpose, body: &Map<String, Value>, faults: &mut Faults);
    fn check_act(&self, services: &Services, verb: &str, body: &Map<String, Value>, faults: &mut Faults);
    /// Does it, inside work that somebody else begins and ends. A row less has no answer.
    fn perform<'a>(
        &self,
        crud: &'a Crud<'a>,
        context: Context<'a>,
        work: &'a mut Work<'_>,
        command: Command,
    ) -> Answer<'a, Written<Option<RowBytes>>>;
    /// Does all of them, in order.
    fn perform_all<'a>(
        &self,
        crud: &'a Crud<'a>,
        context: Context<'a>,
        work: &'a mut Work<'_>,
        operations: Vec<Operation>,
    ) -> Answer<'a, Written<Vec<Done>>>;
    /// The row, if it is in scope.
    fn find<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        id: Uuid,
        showing: &'a Showing,
    ) -> Answer<'a, Option<RowBytes>>;
    fn page<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        request: &'a ListRequest,
    ) -> Answer<'a, (Page<()>, ItemBytes)>;
    /// `None` where the place was a row that is gone.
    fn walk<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        request: &'a ListRequest,
        from: Option<&'a Anchor>,
    ) -> Answer<'a, Option<(Walk<(), Anchor>, ItemBytes)>>;
    /// The rows with these ids that the caller may see.
    fn those<'a>(&self, crud: &'a Crud<'a>, session: Session<'a>, ids: &'a [Uuid]) -> Answer<'a, Vec<RowBytes>>;
    /// The first rows below each of these.
    fn below<'a>(
        &self,
        crud: &'a Crud<'a>,
        session: Session<'a>,
        parents: &'a [Uuid],
        most: u64,
    ) -> Answer<'a, Vec<Below<RowBytes>>>;
}

/// The types of `R`. Holds no value of them; the function pointer makes it shareable whatever they are.
pub(crate) struct Of<R>(pub(crate) PhantomData<fn() -> R>);

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

impl fmt::Debug for dyn Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}
