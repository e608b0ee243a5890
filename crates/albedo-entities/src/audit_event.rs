//! Audit events: what was done to a row, by whom, in which request. Each is written with the write that it tells of, and
//! changed by nobody.

use albedo_macros::{choice, resource};
use sea_orm::entity::prelude::*;

use crate::json::Changes;

/// What was done to a row of a resource that is audited. Ids are no references: what they name may be gone, and its history
/// stays. Never kept by the cache: whoever writes a row writes here past the resource.
#[resource(
    path = "/audit-events",
    tag = "audit-events",
    methods = [list, get],
    read = admin,
    write = admin,
    cache_ttl = 0,
    default_sort = [-at],
)]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20680-7a3c-7c11-9a51-2f0c1c9f4e11")]
    pub id: Uuid,
    /// When it was done.
    #[api(filter, sort, example = "2026-01-23T09:15:00.000000Z")]
    pub at: DateTimeUtc,
    /// The user who did it; nobody where an operator did, from the console.
    #[api(filter, example = "01a20673-52a1-7d0e-9f3b-2f0c1c9f4e11")]
    pub actor_id: Option<Uuid>,
    /// The login that it was done with, where there was one.
    #[api(filter, example = "01a20673-9c2d-7b1e-8d4f-5a6b7c8d9e0f")]
    pub session_id: Option<Uuid>,
    /// What was done.
    #[api(filter, example = "update")]
    pub action: AuditAction,
    /// The resource's own verb that did it, as its path ends; nothing where it was a plain write.
    #[api(filter, max_len = 64, example = "dam")]
    pub verb: Option<String>,
    /// The table of the row.
    #[api(filter, max_len = 63, example = "assistants")]
    pub table: String,
    /// The row.
    #[api(filter, example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub row_id: Uuid,
    /// State of the row after it; of one that is gone, the last it had.
    #[api(example = 2)]
    pub version: i64,
    /// The fields that changed, each with its value before and after; `null` for one that is shown to nobody.
    #[api(example = {})]
    pub diff: Changes,
    /// The request, as `X-Request-Id` named it.
    #[api(filter, max_len = 128, example = "01a20680-7a3c-7c11-9a51-2f0c1c9f4e11")]
    pub request_id: Option<String>,
}

/// What is done to a row.
#[choice]
pub enum AuditAction {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was deleted, for good or to be restored.
    Delete,
    /// It came back.
    Restore,
}
