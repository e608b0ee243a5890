//! A resource with its types erased: the steps of a request that have to know the row's type or its rules.
//!
//! What can be said of all resources belongs above or below: what stands behind these is compiled as many times as there are
//! resources.

use std::fmt;

use albedo_core::body::Purpose;
use albedo_core::database::{Reader, Session};
use albedo_core::fault::Faults;
use albedo_core::listing::{Anchor, ListRequest, Page, Showing, Walk};
use albedo_repositories::Below;
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::bulk::{Done, Operation};
use super::{Command, Crud};
use crate::context::Context;
use crate::error::ServiceError;
use crate::row_bytes::{ItemBytes, RowBytes};
use crate::services::Services;
use crate::verb::VerbDescription;
use crate::work::Work;

/// What one of these comes to.
pub type Answer<'a, T> = LocalBoxFuture<'a, Result<T, ServiceError>>;

/// Tells the rules that what they have seen written is committed.
pub type Committed = Box<dyn FnOnce(Context<'_>)>;

/// What a write leaves behind.
pub struct Written<T> {
    /// What is answered.
    pub answer: T,
    /// What the rules want to hear when all is committed; nothing where nothing was changed.
    pub committed: Vec<Committed>,
}

/// What a resource does with its own types.
pub trait Typed: Sync {
    /// Its own verbs, in their order.
    fn verbs(&self) -> Vec<VerbDescription>;
    /// Adds the faults that its rules find in a body.
    fn check(&self, services: &Services, purpose: Purpose, body: &Map<String, Value>, faults: &mut Faults);
    /// Adds the faults that one of its own verbs finds in a body.
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
    /// One page by its number.
    fn page<'a>(
        &self,
        crud: &'a Crud<'a>,
        reader: &'a Reader<'a>,
        request: &'a ListRequest,
    ) -> Answer<'a, (Page<()>, ItemBytes)>;
    /// One page from a place on; `None` where that was a row that is gone.
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

impl fmt::Debug for dyn Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}
