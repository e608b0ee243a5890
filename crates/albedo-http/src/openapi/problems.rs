//! Refusals in the document: the schema of a problem (RFC 9457), and which problems there are.
//!
//! The status codes themselves are told by `error.rs`; here stands what clients read about them.

use albedo_core::fault::{Code, Fault, Faults};
use serde_json::{Value, json};
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, ContentBuilder, ObjectBuilder, Ref, Response, ResponseBuilder, Type,
};

use super::headers::{self, Answered};
use super::schemas::{reference, text, typed};

/// A refusal that reads the same for every operation, and stands once among the components.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotSignedIn,
    Forbidden,
    NotAcceptable,
    BodyTimeout,
    Changed,
    TooLarge,
    MediaType,
    StateWanted,
    TooMany,
    Failure,
    Unavailable,
}

impl Refusal {
    const ALL: [Self; 11] = [
        Self::NotSignedIn,
        Self::Forbidden,
        Self::NotAcceptable,
        Self::BodyTimeout,
        Self::Changed,
        Self::TooLarge,
        Self::MediaType,
        Self::StateWanted,
        Self::TooMany,
        Self::Failure,
        Self::Unavailable,
    ];

    const fn status(self) -> (u16, &'static str) {
        match self {
            Self::NotSignedIn => (401, "Unauthorized"),
            Self::Forbidden => (403, "Forbidden"),
            Self::NotAcceptable => (406, "Not Acceptable"),
            Self::BodyTimeout => (408, "Request Timeout"),
            Self::Changed => (412, "Precondition Failed"),
            Self::TooLarge => (413, "Payload Too Large"),
            Self::MediaType => (415, "Unsupported Media Type"),
            Self::StateWanted => (428, "Precondition Required"),
            Self::TooMany => (429, "Too Many Requests"),
            Self::Failure => (500, "Internal Server Error"),
            Self::Unavailable => (503, "Service Unavailable"),
        }
    }

    /// The name among the components.
    pub(super) fn name(self) -> String {
        self.status().1.replace(' ', "")
    }

    const fn description(self) -> &'static str {
        match self {
            Self::NotSignedIn => "No access token was sent, or it is not good any more.",
            Self::Forbidden => "The caller's role does not reach.",
            Self::NotAcceptable => "The `Accept` header leaves out `application/json`.",
            Self::BodyTimeout => "The body did not arrive in time.",
            Self::Changed => "The row is in another state than `If-Match` says.",
            Self::TooLarge => "The body is larger than any that is read.",
            Self::MediaType => "The body is of another media type, not in UTF-8, or compressed.",
            Self::StateWanted => "`If-Match` has to say which state is changed.",
            Self::TooMany => "The user or the address has asked more often than its rate allows.",
            Self::Failure => "A fault of ours; the request id leads to it in the log.",
            Self::Unavailable => "Something that is needed does not answer, or there is too much to do.",
        }
    }

    fn example(self) -> Value {
        let (detail, fault) = match self {
            Self::NotSignedIn => {
                ("The token is not valid, has expired, or its session has ended; sign in again.", None)
            }
            Self::Forbidden => ("Your role does not reach for this.", None),
            Self::NotAcceptable => (
                "This path answers application/json, which the Accept header leaves out.",
                Some(Fault::in_header("Accept", Code::NotAChoice, "Accept application/json.")),
            ),
            Self::BodyTimeout => ("The body did not arrive in time.", None),
            Self::Changed => (
                "The row has changed since it was read; read it again.",
                Some(Fault::in_header("If-Match", Code::Contradiction, "The entity tag is not the current one.")),
            ),
            Self::TooLarge => (
                "The body is too large.",
                Some(Fault::at("", Code::TooLarge, "At most 1048576 bytes are read.").with("max", 1_048_576)),
            ),
            Self::MediaType => (
                "The body must be application/json, in UTF-8 and without a content encoding.",
                Some(
                    Fault::in_header("Content-Type", Code::NotAChoice, "Send application/json.")
                        .with("allowed", ["application/json"].as_slice()),
                ),
            ),
            Self::StateWanted => (
                "A change of this resource has to say which state it changes.",
                Some(Fault::in_header("If-Match", Code::Required, "Send the entity tag that was read.")),
            ),
            Self::TooMany => ("Too many requests; try again in 3 seconds.", None),
            Self::Failure => {
                ("Something failed that should not have. The request id leads to the cause in the server's log.", None)
            }
            Self::Unavailable => ("The database is not available at the moment; try again.", None),
        };
        let (status, title) = self.status();
        problem(status, title, detail, "/api/v1/assistants", fault)
    }

    fn response(self) -> Response {
        response(self.status().0, self.description(), self.example())
    }
}

/// A refusal in the words of one operation.
pub(super) struct OwnRefusal {
    pub(super) status: u16,
    pub(super) title: &'static str,
    pub(super) description: String,
    pub(super) detail: String,
    pub(super) instance: String,
    pub(super) fault: Option<Fault>,
}

/// Adds the schemas and the refusals that operations share; 428 only where some resource wants `If-Match`.
pub(super) fn add(components: ComponentsBuilder, state_wanted: bool) -> ComponentsBuilder {
    let components = components.schema("Problem", problem_schema()).schema("Fault", fault_schema());
    let used = Refusal::ALL.into_iter().filter(|refusal| state_wanted || *refusal != Refusal::StateWanted);
    used.fold(components, |components, refusal| components.response(refusal.name(), refusal.response()))
}

/// The operation with these refusals as possible answers.
pub(super) fn refuse(operation: OperationBuilder, refusals: &[Refusal]) -> OperationBuilder {
    refusals.iter().fold(operation, |operation, refusal| {
        operation.response(refusal.status().0.to_string(), Ref::from_response_name(refusal.name()))
    })
}

/// The operation with a refusal of its own.
pub(super) fn refuse_with(operation: OperationBuilder, refusal: OwnRefusal) -> OperationBuilder {
    let OwnRefusal { status, title, description, detail, instance, fault } = refusal;
    let example = problem(status, title, &detail, &instance, fault);
    operation.response(status.to_string(), response(status, &description, example))
}

fn response(status: u16, description: &str, example: Value) -> Response {
    let headers: &[_] = match status {
        401 => &[Answered::WwwAuthenticate],
        429 => &[Answered::RateLimit, Answered::RateLimitPolicy, Answered::RetryAfter],
        503 => &[Answered::RetryAfter],
        _ => &[],
    };
    let content = ContentBuilder::new().schema(Some(reference("Problem"))).example(Some(example)).build();
    let response = ResponseBuilder::new().description(description).content(crate::error::PROBLEM_JSON, content);
    headers::with(response, headers).build()
}

fn problem(status: u16, title: &str, detail: &str, instance: &str, fault: Option<Fault>) -> Value {
    let mut problem = json!({
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "request_id": "01a20680-7a3c-7c11-9a51-2f0c1c9f4e11",
    });
    if let (Some(fault), Some(members)) = (fault, problem.as_object_mut()) {
        members.insert("errors".to_owned(), json!([fault]));
    }
    problem
}

fn problem_schema() -> ObjectBuilder {
    let errors = ArrayBuilder::new()
        .items(Ref::from_schema_name("Fault"))
        .max_items(Some(Faults::MOST))
        .description(Some("All that is wrong with the request; absent where that is no question of its values."));
    let status = typed(Type::Integer, None).description(Some("The status of the answer.")).examples([422]);
    ObjectBuilder::new()
        .description(Some("Why a request was refused, after RFC 9457."))
        .property(
            "type",
            text("`about:blank`: the status and the codes of `errors` say which problem it is.", "about:blank"),
        )
        .property("title", text("The status in words.", "Unprocessable Entity"))
        .property("status", status.minimum(Some(400)).maximum(Some(599)))
        .property("detail", text("What to do about it.", "The body has values that are wrong; see errors."))
        .property("instance", text("The path of the request.", "/api/v1/cities"))
        .property("request_id", text("The id of the request.", "01a20680-7a3c-7c11-9a51-2f0c1c9f4e11"))
        .property("errors", errors)
        .required("type")
        .required("title")
        .required("status")
        .required("detail")
        .required("instance")
        .required("request_id")
}

fn fault_schema() -> ObjectBuilder {
    let codes = Code::ALL.iter().filter_map(|code| serde_json::to_value(code).ok());
    let code = typed(Type::String, None).description(Some("What is wrong, for programs; the list is closed."));
    let params = ObjectBuilder::new().description(Some("The numbers and choices behind `detail`."));
    ObjectBuilder::new()
        .description(Some("One thing that is wrong, and its place: either `pointer`, `parameter` or `header`."))
        .property("pointer", text("JSON pointer (RFC 6901) into the body; empty is the whole body.", "/name"))
        .property("parameter", text("Name of a query or path parameter; empty is the whole query.", "size"))
        .property("header", text("Name of a header.", "If-Match"))
        .property("code", code.enum_values(Some(codes)).examples(["too_long"]))
        .property("detail", text("What would be right, for people.", "At most 120 characters are allowed."))
        .property("params", params.examples([json!({"max": 120, "length": 121})]))
        .required("code")
        .required("detail")
}
