//! What the operations of one resource refuse in their own words: wrong parameters and values, missing and taken rows.

use albedo_core::fault::{Code, Fault};
use albedo_entities::{Description, Role};
use utoipa::openapi::path::OperationBuilder;

use super::operations::Subject;
use super::parameters::EXAMPLE_ID;
use super::problems::{OwnRefusal, Refusal, refuse, refuse_with};
use super::schemas::spaced;

impl Subject<'_> {
    /// Nobody signed in, a role that does not reach, and what can befall every operation.
    pub(super) fn refuse_role(self, operation: OperationBuilder, least: Role) -> OperationBuilder {
        let operation = refuse(operation, &[Refusal::NotSignedIn, Refusal::Failure, Refusal::Unavailable]);
        // Every role reaches for what a viewer may do.
        if least > Role::Viewer { refuse(operation, &[Refusal::Forbidden]) } else { operation }
    }

    /// Parameters and headers; every operation refuses a query that it does not know.
    pub(super) fn refuse_request(
        self,
        operation: OperationBuilder,
        description: &str,
        path: &str,
        fault: Fault,
    ) -> OperationBuilder {
        let refusal = OwnRefusal {
            status: 400,
            title: "Bad Request",
            description: description.to_owned(),
            detail: "The request has parameters that are wrong; see errors.".to_owned(),
            instance: instance(path),
            fault: Some(fault),
        };
        refuse_with(operation, refusal)
    }

    /// What the operations on one row refuse, body or not.
    pub(super) fn refuse_row(self, operation: OperationBuilder, description: &str) -> OperationBuilder {
        let fault = Fault::in_parameter(self.resource.parameter(), Code::InvalidFormat, "This is not a UUID.");
        let operation = self.refuse_request(operation, description, &self.row_path(), fault.with("format", "uuid"));
        self.refuse_missing_row(operation)
    }

    pub(super) fn refuse_missing_row(self, operation: OperationBuilder) -> OperationBuilder {
        refuse_missing(operation, self.resource, &self.row_path())
    }

    pub(super) fn refuse_missing_parent(self, operation: OperationBuilder) -> OperationBuilder {
        match &self.resource.parent {
            Some(parent) => refuse_missing(operation, (parent.description)(), &self.list_path()),
            None => operation,
        }
    }

    /// What reading a body can end in, short of its values.
    pub(super) fn refuse_body(self, operation: OperationBuilder, path: &str) -> OperationBuilder {
        let detail = "The body is not valid JSON: it breaks at line 1, column 9.";
        let fault = Fault::at("", Code::InvalidFormat, detail).with("line", 1).with("column", 9);
        let refusal = OwnRefusal {
            status: 400,
            title: "Bad Request",
            description: "The body is no JSON, or a parameter or header is wrong.".to_owned(),
            detail: detail.to_owned(),
            instance: instance(path),
            fault: Some(fault),
        };
        refuse(refuse_with(operation, refusal), &BODY_REFUSALS)
    }

    /// All the values that are wrong.
    pub(super) fn refuse_values(
        self,
        operation: OperationBuilder,
        path: &str,
        fault: Option<Fault>,
    ) -> OperationBuilder {
        refuse_with(operation, invalid(&instance(path), fault))
    }

    /// All the values that are wrong, or a key that stands for another request.
    pub(super) fn refuse_values_or_key(
        self,
        operation: OperationBuilder,
        path: &str,
        fault: Option<Fault>,
    ) -> OperationBuilder {
        let refusal = invalid(&instance(path), fault);
        let description = "The body has values that are wrong, and all of them are told; or `Idempotency-Key` stands for \
            another request (`key_reused`).";
        refuse_with(operation, OwnRefusal { description: description.to_owned(), ..refusal })
    }

    /// A key that stands for another request, where there is no body to be wrong.
    pub(super) fn refuse_key(self, operation: OperationBuilder, path: &str) -> OperationBuilder {
        let detail = "This key was used for another request; send a new one.";
        let fault = Fault::in_header("Idempotency-Key", Code::KeyReused, detail);
        let refusal = OwnRefusal {
            description: "`Idempotency-Key` stands for another request, or a rule refuses a value.".to_owned(),
            detail: "The idempotency key stands for another request; nothing was written.".to_owned(),
            ..invalid(&instance(path), Some(fault))
        };
        refuse_with(operation, refusal)
    }

    /// Another row has what has to be unique.
    pub(super) fn refuse_taken(self, operation: OperationBuilder, path: &str) -> OperationBuilder {
        let name = spaced(self.resource.name);
        let sent = |column: &&&str| (self.resource.create_fields)().iter().any(|field| field.name == **column);
        let column = self.resource.unique.iter().find_map(|columns| columns.iter().rev().find(sent));
        let fault = column.map(|column| {
            Fault::in_field(column, Code::Taken, format!("Another {name} has this {} already.", spaced(column)))
        });
        refuse_with(operation, conflict("Other rows stand against this.", &instance(path), fault))
    }

    /// Other rows refer to this one.
    pub(super) fn refuse_in_use(self, operation: OperationBuilder) -> OperationBuilder {
        let detail =
            format!("Other rows still refer to this {}; delete or move them first.", spaced(self.resource.name));
        let fault = Fault::in_parameter(self.resource.parameter(), Code::InUse, detail);
        refuse_with(operation, conflict("Other rows stand against this.", &instance(&self.row_path()), Some(fault)))
    }

    /// The row is in another state than the caller has seen.
    pub(super) fn refuse_state(self, operation: OperationBuilder) -> OperationBuilder {
        let operation = refuse(operation, &[Refusal::Changed]);
        if self.resource.require_if_match { refuse(operation, &[Refusal::StateWanted]) } else { operation }
    }

    /// A create meets a unique key, or a reference to a row that is gone.
    pub(super) fn create_conflicts(self) -> bool {
        let parent = self.resource.parent.as_ref().map(|parent| parent.column);
        let refers = self.resource.references.iter().any(|reference| Some(reference.column) != parent);
        !self.resource.unique.is_empty() || refers
    }

    /// An update meets a unique key: one that holds a field which it changes, or a hidden column that follows from one.
    pub(super) fn update_conflicts(self) -> bool {
        let changes = |column: &&str| self.resource.field(column).is_none_or(|field| field.uses.update);
        self.resource.unique.iter().any(|columns| columns.iter().any(changes))
    }

    /// Rows of another resource refer to these, and do not go with them as children go with their parent.
    pub(super) fn is_referred_to(self) -> bool {
        self.all.iter().any(|other| {
            let parent = other.description.parent.as_ref().map(|parent| parent.column);
            let mut others = other.description.references.iter().filter(|reference| Some(reference.column) != parent);
            others.any(|reference| (reference.table)() == (self.resource.table)())
        })
    }
}

/// What reading any body can end in.
pub(super) const BODY_REFUSALS: [Refusal; 4] =
    [Refusal::NotAcceptable, Refusal::BodyTimeout, Refusal::TooLarge, Refusal::MediaType];

/// A body with values that are wrong.
pub(super) fn invalid(instance: &str, fault: Option<Fault>) -> OwnRefusal {
    OwnRefusal {
        status: 422,
        title: "Unprocessable Entity",
        description: "The body has values that are wrong; all of them are told.".to_owned(),
        detail: "The body has values that are wrong; see errors.".to_owned(),
        instance: instance.to_owned(),
        fault,
    }
}

/// Values that are right, with other rows against them.
pub(super) fn conflict(description: &str, instance: &str, fault: Option<Fault>) -> OwnRefusal {
    OwnRefusal {
        status: 409,
        title: "Conflict",
        description: description.to_owned(),
        detail: "Other rows stand against this; see errors.".to_owned(),
        instance: instance.to_owned(),
        fault,
    }
}

fn refuse_missing(operation: OperationBuilder, missing: &Description, path: &str) -> OperationBuilder {
    let name = spaced(missing.name);
    let refusal = OwnRefusal {
        status: 404,
        title: "Not Found",
        description: format!("There is no such {name}, or it is not the caller's."),
        detail: format!("There is no such {name}, or it is not yours."),
        instance: instance(path),
        fault: None,
    };
    refuse_with(operation, refusal)
}

/// A path with ids for its parameters.
pub(super) fn instance(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { EXAMPLE_ID } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
