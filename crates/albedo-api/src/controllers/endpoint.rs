//! A resource with its types erased.
//!
//! The controllers are compiled once, against this; per resource the compiler makes a few short functions. Generic
//! handlers would be made anew, with all of actix's plumbing, for every resource.

use std::marker::PhantomData;

use albedo_core::listing::{ListRequest, RowRequest};
use albedo_entities::{Description, Identity};
use albedo_services::{
    Access, Caller, CrudService, Expected, Kept, PageBytes, Row, Rules, ServiceError, Services, VerbDescription,
};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
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

/// A row, written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Which row, in which state.
    pub identity: Identity,
    /// Its JSON.
    pub body: Bytes,
}

/// What became of a write that may be made once for a key.
#[derive(Clone, Debug)]
pub enum Made {
    /// A row.
    Row(Written),
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

/// What became of a bulk.
#[derive(Clone, Debug)]
pub enum Bulk {
    /// Its results, written.
    Done(Bytes),
    /// An answer that is kept for retries.
    Kept(Kept),
}

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
    fn get<'a>(&self, call: Call<'a>, id: Uuid, request: &'a RowRequest) -> Answer<'a, Written>;
    /// A new row.
    fn create<'a>(&self, call: Call<'a>, how: How<'a>, body: Value) -> Answer<'a, Made>;
    /// A changed row.
    fn update<'a>(
        &self,
        call: Call<'a>,
        how: How<'a>,
        id: Uuid,
        expected: Expected,
        body: Value,
    ) -> Answer<'a, Written>;
    /// A row less.
    fn delete<'a>(&self, call: Call<'a>, how: How<'a>, id: Uuid, expected: Expected) -> Answer<'a, ()>;
    /// A deleted row, back again, or one that a verb of the resource's own has changed.
    fn act<'a>(&self, call: Call<'a>, how: How<'a>, id: Uuid, expected: Expected, act: Act) -> Answer<'a, Made>;
    /// Many of these, or none.
    fn bulk<'a>(&self, call: Call<'a>, how: How<'a>, body: Value) -> Answer<'a, Bulk>;
}

/// A resource as the router and the document know it.
#[derive(Clone, Copy)]
pub struct Resource {
    /// What it is.
    pub description: &'static Description,
    /// What it does.
    pub endpoint: &'static dyn Endpoint,
}

impl Resource {
    /// The resource of an entity.
    #[must_use]
    pub fn of<R: Rules>() -> Self {
        Self { description: R::description(), endpoint: &Typed::<R>(PhantomData) }
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

    fn get<'a>(&self, call: Call<'a>, id: Uuid, request: &'a RowRequest) -> Answer<'a, Written> {
        async move {
            let row = call.services.of::<R>(call.caller, Access::Read, call.parents)?.get_bytes(id, request).await?;
            Ok(Written { identity: Identity { id, version: row.version }, body: row.body })
        }
        .boxed_local()
    }

    fn create<'a>(&self, call: Call<'a>, how: How<'a>, body: Value) -> Answer<'a, Made> {
        async move {
            let service = writing::<R>(call, how)?;
            let How::Once(once) = how else { return Ok(Made::Row(written(&service.create(body).await?)?)) };
            let receipt = |row| Ok((once.receipt)(&written(&row)?));
            Ok(Made::Kept(service.create_once(once.claim, body, receipt).await?))
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
    ) -> Answer<'a, Written> {
        async move { Ok(written(&writing::<R>(call, how)?.update(id, &expected, body).await?)?) }.boxed_local()
    }

    fn delete<'a>(&self, call: Call<'a>, how: How<'a>, id: Uuid, expected: Expected) -> Answer<'a, ()> {
        async move { Ok(writing::<R>(call, how)?.delete(id, &expected).await?) }.boxed_local()
    }

    fn act<'a>(&self, call: Call<'a>, how: How<'a>, id: Uuid, expected: Expected, act: Act) -> Answer<'a, Made> {
        async move {
            let service = on_trial_or_not::<R>(call, how, act.access())?;
            let How::Once(once) = how else {
                let row = match act {
                    Act::Restore => service.restore(id, &expected).await?,
                    Act::Own(verb, body) => service.act(verb.name, id, &expected, body).await?,
                };
                return Ok(Made::Row(written(&row)?));
            };
            let receipt = |row| Ok((once.receipt)(&written(&row)?));
            Ok(Made::Kept(match act {
                Act::Restore => service.restore_once(once.claim, id, &expected, receipt).await?,
                Act::Own(verb, body) => service.act_once(once.claim, verb.name, id, &expected, body, receipt).await?,
            }))
        }
        .boxed_local()
    }

    fn bulk<'a>(&self, call: Call<'a>, how: How<'a>, body: Value) -> Answer<'a, Bulk> {
        async move {
            let service = writing::<R>(call, how)?;
            let How::Once(once) = how else {
                return Ok(Bulk::Done(bulk::results(&service.bulk(body, extract::expected).await?)?));
            };
            let receipt = |done: Vec<_>| Ok(bulk::receipt(bulk::results(&done)?));
            Ok(Bulk::Kept(service.bulk_once(once.claim, body, extract::expected, receipt).await?))
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

fn written<V: Serialize>(row: &Row<V>) -> Result<Written, ServiceError> {
    let body = serde_json::to_vec(&row.view).map_err(ServiceError::internal)?;
    Ok(Written { identity: row.identity, body: Bytes::from(body) })
}
