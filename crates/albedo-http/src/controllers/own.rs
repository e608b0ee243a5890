//! Routes of one's own, beside those of resources: what is asked of a row or a list and is no change of it.
//!
//! One value says the path, the handler and what the document tells; around the handler is all that goes around the
//! operations of a resource. It is called when the caller is known, their role reaches, the path has ids and its row is theirs.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use albedo_core::fault::Fault;
use albedo_core::field::Field;
use albedo_engine::{Access, Caller, Services};
use albedo_entities::{Description, Shape};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use super::Resource;
use super::crud::{admitted, json, private};
use super::json_bytes;
use crate::error::ApiError;
use crate::extract;

/// What a handler may rely on.
pub struct OwnRequest {
    /// The request itself, for its headers.
    pub request: HttpRequest,
    /// The services of this worker.
    pub services: Data<Services>,
    /// Who asks; their role reaches.
    pub caller: Caller,
    /// The parents that the path names, outermost first.
    pub parents: Vec<Uuid>,
    /// The row that the path names; nil where it names a list.
    pub id: Uuid,
    /// The parameters of the query, as the fields of [`Own::asks`] have them.
    pub query: Map<String, Value>,
    /// The body, read strictly and not looked at; `null` where none is taken.
    pub body: Value,
}

/// A route of one's own.
#[derive(Clone)]
pub struct Own {
    pub(crate) of: &'static Description,
    pub(crate) name: &'static str,
    pub(crate) is_of_row: bool,
    pub(crate) method: OwnMethod,
    pub(crate) access: Access,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) query: &'static [Field],
    pub(crate) body: Option<OwnBody>,
    pub(crate) answer: OwnAnswer,
    pub(crate) conflict: Option<(&'static str, Fault)>,
    looks: bool,
    handler: Handler,
}

type Handler = Arc<dyn Fn(OwnRequest) -> LocalBoxFuture<'static, Result<Bytes, ApiError>> + Send + Sync>;

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnMethod {
    Get,
    Post,
}

/// What clients send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnBody {
    pub(crate) schema: &'static str,
    pub(crate) description: &'static str,
    pub(crate) fields: &'static [Field],
}

/// What they are answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnAnswer {
    pub(crate) schema: &'static str,
    pub(crate) description: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) schemas: fn() -> Vec<(&'static str, RefOr<Schema>)>,
}

impl Own {
    /// `GET` of `name` below a row of the resource, as `/cities/{city_id}/river-figures`.
    #[must_use]
    pub fn get_of_row<R: albedo_entities::Resource, F, T>(
        _: R,
        name: &'static str,
        handler: impl Fn(OwnRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
        T: Serialize + 'static,
    {
        Self::new(R::description(), name, true, OwnMethod::Get, handler)
    }

    /// `POST` of `name` below a row of the resource; with a body, where it [`Own::takes`] one.
    #[must_use]
    pub fn post_of_row<R: albedo_entities::Resource, F, T>(
        _: R,
        name: &'static str,
        handler: impl Fn(OwnRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
        T: Serialize + 'static,
    {
        Self::new(R::description(), name, true, OwnMethod::Post, handler)
    }

    /// `GET` of `name` below the list of the resource, as `/cities/largest`.
    #[must_use]
    pub fn get_of_list<R: albedo_entities::Resource, F, T>(
        _: R,
        name: &'static str,
        handler: impl Fn(OwnRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
        T: Serialize + 'static,
    {
        Self::new(R::description(), name, false, OwnMethod::Get, handler)
    }

    fn new<F, T>(
        of: &'static Description,
        name: &'static str,
        is_of_row: bool,
        method: OwnMethod,
        handler: impl Fn(OwnRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
        T: Serialize + 'static,
    {
        let written = move |asked: OwnRequest| {
            let answer = handler(asked);
            async move { json_bytes(&answer.await?) }.boxed_local()
        };
        let answer = OwnAnswer { schema: "", description: "", fields: &[], schemas: Vec::new };
        Self {
            of,
            name,
            is_of_row,
            method,
            access: Access::Read,
            summary: "",
            description: "",
            query: &[],
            body: None,
            answer,
            conflict: None,
            looks: true,
            handler: Arc::new(written),
        }
    }

    /// What it is, in a few words, and what else is to be known.
    #[must_use]
    pub fn says(mut self, summary: &'static str, description: &'static str) -> Self {
        (self.summary, self.description) = (summary, description);
        self
    }

    /// Whom it is for: those who read the resource, where nothing is said.
    #[must_use]
    pub fn for_those_who(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The parameters of its query; the fields that a create uses count, and its defaults.
    #[must_use]
    pub fn asks(mut self, fields: &'static [Field]) -> Self {
        self.query = fields;
        self
    }

    /// What clients send, as the document calls it. The fields that a create uses count; whoever is called looks at the body.
    #[must_use]
    pub fn takes<S: Shape>(mut self, schema: &'static str, description: &'static str) -> Self {
        self.body = Some(OwnBody { schema, description, fields: S::fields() });
        self
    }

    /// What they are answered, as the document calls it: an object of these fields, as far as they are shown.
    #[must_use]
    pub fn answers(mut self, schema: &'static str, description: &'static str, fields: &'static [Field]) -> Self {
        self.answer = OwnAnswer { schema, description, fields, schemas: Vec::new };
        self
    }

    /// The same with a schema that no table of fields can tell, and those that it refers to.
    #[must_use]
    pub fn answers_as(
        mut self,
        schema: &'static str,
        description: &'static str,
        schemas: fn() -> Vec<(&'static str, RefOr<Schema>)>,
    ) -> Self {
        self.answer = OwnAnswer { schema, description, fields: &[], schemas };
        self
    }

    /// When it answers 409, and by which fault.
    #[must_use]
    pub fn conflicts(mut self, description: &'static str, fault: Fault) -> Self {
        self.conflict = Some((description, fault));
        self
    }

    /// For a handler that looks itself whether the row is there and the caller's, since it reads more at once.
    #[must_use]
    pub fn looking_itself(mut self) -> Self {
        self.looks = false;
        self
    }

    /// The path below `/api/v1`.
    #[must_use]
    pub fn path(&self) -> String {
        let description = self.of;
        if self.is_of_row {
            format!("{}/{{{}}}/{}", description.path, description.parameter(), self.name)
        } else {
            format!("{}/{}", description.path, self.name)
        }
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Own").field(&self.path()).finish()
    }
}

/// Answers a route of one's own.
///
/// # Errors
/// As the operations of every resource, and what the handler refuses.
pub async fn own(
    resource: Resource,
    own: Own,
    request: HttpRequest,
    payload: Option<Payload>,
) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let (services, caller) = admitted(resource, &request, own.access).await?;
    let description = resource.description;
    let (parents, id) = if own.is_of_row {
        extract::parents_and_id(&request, description)?
    } else {
        (extract::parents(&request, description)?, Uuid::nil())
    };
    let query = if own.query.is_empty() {
        extract::no_query(&request)?;
        Map::new()
    } else {
        extract::query(&request, own.query)?
    };
    let body = match payload.filter(|_| own.body.is_some()) {
        Some(payload) => extract::json(&request, payload, None).await?,
        None => Value::Null,
    };
    if own.looks {
        let rows = services.at(resource, &caller, own.access, parents.clone())?;
        rows.look(own.is_of_row.then_some(id)).await?;
    }
    let answer = (own.handler)(OwnRequest { request, services, caller, parents, id, query, body }).await?;
    let mut response = HttpResponse::Ok();
    private(&mut response);
    Ok(json(response, answer))
}
