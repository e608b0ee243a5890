//! What a resource wants beyond its field table: one `impl Rules` per table, and it may be empty.

mod assistant;
mod audit_event;
mod city;
mod entity;
mod text;
mod user;
mod value;
mod verb;

use std::future::Future;

use albedo_core::body::Purpose;
use albedo_core::database::Session;
use albedo_core::fault::Faults;
use albedo_core::field::Field;
use albedo_entities::{Description, Resource};
use sea_orm::IntoActiveModel;
use serde_json::{Map, Value};

pub use self::verb::{Act, Verb};
use crate::{Context, ServiceError, Services, Work};

/// The rules of a resource. Every method has a default that does nothing, so `impl Rules for city::Entity {}` is a rule set.
///
/// For a write they are called in this order: `check`, then `before_*`, the statement, `after_*`, the commit, `committed`. In place
/// of a `before_update`, a verb of [`Rules::VERBS`] has its [`Act::act`]; the rest is that of a change.
pub trait Rules: Resource {
    /// Whether `after_*` writes other rows, which then stand or fall with this one. Costs a begin and a commit.
    const ATOMIC: bool = false;

    /// Whether a bulk asks `before_*` of a row only when the one before it is written: for rules that look at other rows of
    /// the same table. The others are asked for all rows first, which are then written by one statement.
    const ONE_BY_ONE: bool = false;

    /// The resource's own verbs, besides creating, changing and deleting.
    const VERBS: &'static [Verb<Self>] = &[];

    /// Fields that no column holds, shown behind those that one does: each as a table by hand has it, see [`Field::shown`].
    /// They cost what [`Rules::compute`] asks for, in every answer that shows one of them, and writes a transaction.
    const COMPUTED: &'static [Field] = &[];

    /// The resources whose rows [`Rules::compute`] reads: what is kept of an answer is forgotten when one of them is written.
    const COMPUTED_FROM: &'static [fn() -> &'static Description] = &[];

    /// Adds the faults of a body that the field table cannot see. Fields may be absent or of the wrong kind.
    fn check(_services: &Services, _purpose: Purpose, _body: &Map<String, Value>, _faults: &mut Faults) {}

    /// Makes the row out of what the client sent.
    fn before_create(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        input: Self::Create,
    ) -> impl Future<Output = Result<Self::ActiveModel, ServiceError>> {
        async { Ok(input.into_active_model()) }
    }

    /// Makes the changed columns out of what the client sent.
    fn before_update(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _current: &Self::Model,
        input: Self::Update,
    ) -> impl Future<Output = Result<Self::ActiveModel, ServiceError>> {
        async { Ok(input.into_active_model()) }
    }

    /// Allows or refuses a delete.
    fn before_delete(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _current: &Self::Model,
    ) -> impl Future<Output = Result<(), ServiceError>> {
        async { Ok(()) }
    }

    /// Allows or refuses that a deleted row comes back.
    fn before_restore(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _current: &Self::Model,
    ) -> impl Future<Output = Result<(), ServiceError>> {
        async { Ok(()) }
    }

    /// Writes what belongs to a new row.
    fn after_create(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _row: &Self::Model,
    ) -> impl Future<Output = Result<(), ServiceError>> {
        async { Ok(()) }
    }

    /// Writes what belongs to a change.
    fn after_update(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _before: &Self::Model,
        _after: &Self::Model,
    ) -> impl Future<Output = Result<(), ServiceError>> {
        async { Ok(()) }
    }

    /// Writes what belongs to a delete.
    fn after_delete(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _row: &Self::Model,
    ) -> impl Future<Output = Result<(), ServiceError>> {
        async { Ok(()) }
    }

    /// Writes what belongs to a return.
    fn after_restore(
        _context: Context<'_>,
        _work: &mut Work<'_>,
        _row: &Self::Model,
    ) -> impl Future<Output = Result<(), ServiceError>> {
        async { Ok(()) }
    }

    /// The values of [`Rules::COMPUTED`], in its order, for each of these rows: all rows of a page at once, so that one
    /// statement does for them. Rows that were just written are read in their transaction. Where a relation of another
    /// resource has led to the rows, `context` names no parents.
    fn compute(
        _context: Context<'_>,
        _session: &Session<'_>,
        rows: &[Self::Model],
    ) -> impl Future<Output = Result<Vec<Vec<Value>>, ServiceError>> {
        async { Ok(rows.iter().map(|_| Vec::new()).collect()) }
    }

    /// Tells the process what is now true; the commit is done and nothing can fail any more.
    fn committed(_context: Context<'_>, _row: &Self::Model) {}
}
