//! A resource with its types erased.
//!
//! The controllers are compiled once, against this; per resource the compiler makes a few short functions. Generic
//! handlers would be made anew, with all of actix's plumbing, for every resource.

use std::marker::PhantomData;

use albedo_core::listing::{ListRequest, Showing};
use albedo_entities::Description;
use albedo_services::{
    Access, Caller, CrudService, Expected, Kept, PageBytes, Receipt, RowBytes, Rules, Served, ServiceError, Services,
    VerbDescription,
};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use uuid::Uuid;

use super::bulk;
use super::writing::How;
use crate::error::ApiError;
use crate::extract;

/// Who asks whom, and below which parents.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The services of this worker.
    pub services: &'a Services,
    /// Who asks.
    pub caller: &'a Caller,
    /// The parents that the path names, outermost first.
    pub parents: Vec<Uuid>,
}

/// What became of a write that may be made once for a key.
#[derive(Clone, Debug)]
pub enum Made<T> {
    /// It was made, and this is its answer.
    Done(T),
    /// An answer that is kept for retries.
    Kept(Kept),
}

/// What is done to a row by a `POST` to a path below it.
#[derive(Clone, Debug)]
pub enum Act {
    /// It comes back from a delete.
    Restore,
    /// A verb of the resource's own, with its body.
    Own(VerbDescription, Value),
}

impl Act {
    fn access(&self) -> Access {
        match self {
            Self::Restore => Access::Write,
            Self::Own(verb, _) => verb.access(),
        }
    }
}

/// A list, asked for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What for.
    pub request: &'a ListRequest,
    /// The query that it was read from.
    pub query: &'a str,
    /// The address of the same list at another cursor.
    pub address: &'a dyn Fn(&str) -> String,
}

/// Makes the answer that is kept for a key.
type ToReceipt<'a> = &'a dyn Fn(&RowBytes) -> Receipt;
type Answer<'a, T> = LocalBoxFuture<'a, Result<T, ApiError>>;

/// The verbs, without types.
pub trait Endpoint: Send + Sync {
    /// Those of the resource's own, in their order.
    fn verbs(&self) -> Vec<VerbDescription>;
    /// Whether the caller's role reaches.
    ///
    /// # Errors
    /// 403.
    fn authorize(&self, caller: &Caller, access: Access) -> Result<(), ApiError>;
    /// Whether a row, or the parent of a list, is there and the caller's.
    fn look<'a>(&self, call: Call<'a>, access: Access, id: Option<Uuid>) -> Answer<'a, ()>;
    /// One page.
    fn list<'a>(&self, call: Call<'a>, asked: Asked<'a>) -> Answer<'a, PageBytes>;
    /// One row.
    fn get<'a>(&self, call: Call<'a>, id: Uuid, showing: &'a Showing) -> Answer<'a, RowBytes>;
    /// A new row; `receipt` makes the answer that is kept for a key.
    fn create<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        receipt: ToReceipt<'a>,
        body: Value,
    ) -> Answer<'a, Made<RowBytes>>;
    /// A changed row.
    fn update<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        id: Uuid,
        expected: Expected,
        body: Value,
    ) -> Answer<'a, RowBytes>;
    /// A row less.
    fn delete<'a>(&self, call: Call<'a>, how: How<'a>, id: Uuid, expected: Expected) -> Answer<'a, ()>;
    /// A deleted row, back again, or one that a verb of the resource's own has changed; `receipt` as for a new row.
    fn act<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        receipt: ToReceipt<'a>,
        id: Uuid,
        expected: Expected,
        act: Act,
    ) -> Answer<'a, Made<RowBytes>>;
    /// Many of these, or none.
    fn bulk<'a>(&self, call: Call<'a>, how: How<'a>, body: Value) -> Answer<'a, Made<Bytes>>;
}

/// A resource as the router and the document know it.
#[derive(Clone, Copy)]
pub struct Resource {
    /// What it is.
    pub description: &'static Description,
    /// What the other resources know of it.
    pub served: Served,
    /// What it does.
    pub endpoint: &'static dyn Endpoint,
}

impl Resource {
    /// The resource of an entity.
    #[must_use]
    pub fn of<R: Rules>() -> Self {
        Self { description: R::description(), served: Served::of::<R>(), endpoint: &Typed::<R>(PhantomData) }
    }
}

/// Holds no value of the entity; the function pointer makes it shareable whatever the entity is.
struct Typed<R>(PhantomData<fn() -> R>);

impl<R: Rules> Endpoint for Typed<R> {
    fn verbs(&self) -> Vec<VerbDescription> {
        R::VERBS.iter().map(|verb| verb.description).collect()
    }

    fn authorize(&self, caller: &Caller, access: Access) -> Result<(), ApiError> {
        Ok(caller.require(access.least(R::description()))?)
    }

    fn look<'a>(&self, call: Call<'a>, access: Access, id: Option<Uuid>) -> Answer<'a, ()> {
        async move { Ok(call.services.of::<R>(call.caller, access, call.parents)?.look(id).await?) }.boxed_local()
    }

    fn list<'a>(&self, call: Call<'a>, asked: Asked<'a>) -> Answer<'a, PageBytes> {
        async move {
            let service = call.services.of::<R>(call.caller, Access::Read, call.parents)?;
            Ok(service.list_bytes(asked.request, asked.query, asked.address).await?)
        }
        .boxed_local()
    }

    fn get<'a>(&self, call: Call<'a>, id: Uuid, showing: &'a Showing) -> Answer<'a, RowBytes> {
        async move { Ok(call.services.of::<R>(call.caller, Access::Read, call.parents)?.get_bytes(id, showing).await?) }
            .boxed_local()
    }

    fn create<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        receipt: ToReceipt<'a>,
        body: Value,
    ) -> Answer<'a, Made<RowBytes>> {
        async move {
            let service = writing::<R>(call, how)?;
            Ok(match how {
                How::Once(claim) => Made::Kept(service.create_once(claim, body, receipt).await?),
                How::Plain | How::OnTrial => Made::Done(service.create(body).await?),
            })
        }
        .boxed_local()
    }

    fn update<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        id: Uuid,
        expected: Expected,
        body: Value,
    ) -> Answer<'a, RowBytes> {
        async move { Ok(writing::<R>(call, how)?.update(id, &expected, body).await?) }.boxed_local()
    }

    fn delete<'a>(&self, call: Call<'a>, how: How<'a>, id: Uuid, expected: Expected) -> Answer<'a, ()> {
        async move { Ok(writing::<R>(call, how)?.delete(id, &expected).await?) }.boxed_local()
    }

    fn act<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        receipt: ToReceipt<'a>,
        id: Uuid,
        expected: Expected,
        act: Act,
    ) -> Answer<'a, Made<RowBytes>> {
        async move {
            let service = on_trial_or_not::<R>(call, how, act.access())?;
            Ok(match (how, act) {
                (How::Once(claim), Act::Restore) => {
                    Made::Kept(service.restore_once(claim, id, &expected, receipt).await?)
                }
                (How::Once(claim), Act::Own(verb, body)) => {
                    Made::Kept(service.act_once(claim, verb.name, id, &expected, body, receipt).await?)
                }
                (_, Act::Restore) => Made::Done(service.restore(id, &expected).await?),
                (_, Act::Own(verb, body)) => Made::Done(service.act(verb.name, id, &expected, body).await?),
            })
        }
        .boxed_local()
    }

    fn bulk<'a>(&self, call: Call<'a>, how: How<'a>, body: Value) -> Answer<'a, Made<Bytes>> {
        async move {
            let service = writing::<R>(call, how)?;
            Ok(match how {
                How::Once(claim) => {
                    let receipt = |done: &[_]| Ok(bulk::receipt(bulk::results(done)?));
                    Made::Kept(service.bulk_once(claim, body, extract::expected, receipt).await?)
                }
                How::Plain | How::OnTrial => Made::Done(bulk::results(&service.bulk(body, extract::expected).await?)?),
            })
        }
        .boxed_local()
    }
}

/// The verbs that write, in the way that was asked for.
fn writing<'a, R: Rules>(call: Call<'a>, how: How<'a>) -> Result<CrudService<'a, R>, ServiceError> {
    on_trial_or_not(call, how, Access::Write)
}

fn on_trial_or_not<'a, R: Rules>(
    call: Call<'a>,
    how: How<'a>,
    access: Access,
) -> Result<CrudService<'a, R>, ServiceError> {
    let service = call.services.of::<R>(call.caller, access, call.parents)?;
    Ok(if matches!(how, How::OnTrial) { service.on_trial() } else { service })
}
