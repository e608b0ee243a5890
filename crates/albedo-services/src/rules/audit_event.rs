//! Audit events have no rules: nobody writes them by a request.

use albedo_entities::audit_event;

use super::Rules;

impl Rules for audit_event::Entity {}
