//! What can be done to a row by a `POST` to a path below it: a resource's own verbs, and the way back from a delete.

use albedo_core::fault::{Code, Fault};
use albedo_engine::VerbDescription;
use utoipa::openapi::ComponentsBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder};

use super::headers::Answered;
use super::operations::{Subject, answer, body, note};
use super::parameters;
use super::problems::{Refusal, refuse};
use super::schemas::{create_body, spaced};
use crate::controllers::Resource;
use crate::extract::JSON;

/// Adds a body such as `DamRiver` for each verb that has one.
pub(super) fn add_schemas(components: ComponentsBuilder, resource: &Resource) -> ComponentsBuilder {
    let verbs = resource.verbs().into_iter().filter(VerbDescription::has_body);
    verbs.fold(components, |components, verb| {
        let what = format!("What {}.{} is told.", resource.description.tag, verb.name);
        components.schema(schema(verb, resource.description.schema), create_body(&what, (verb.fields)()))
    })
}

/// `open-gate` and `River` as `OpenGateRiver`.
fn schema(verb: VerbDescription, resource: &str) -> String {
    let words = verb.name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    });
    words.chain([resource.to_owned()]).collect()
}

impl Subject<'_> {
    pub(super) fn act(self, verb: &VerbDescription, path: &str) -> Operation {
        let least = verb.access().least(self.resource);
        let description = format!("{} {}", verb.description, note(least));
        let operation = self.operation(verb.name, verb.summary, &description);
        let operation = self.acting(operation, &format!("The {}, as it is now.", spaced(self.resource.name)));
        let operation = self.refuse_taken(operation, path);
        let operation = if verb.has_body() {
            let schema = schema(*verb, self.resource.schema);
            let operation = operation.request_body(Some(body(&schema, &[JSON], None)));
            let operation = self.refuse_body(operation, path);
            let required = (verb.fields)().iter().find(|field| field.uses.create && field.required);
            let fault = required.map(|field| Fault::in_field(field.name, Code::Required, "This field is required."));
            self.refuse_values_or_key(operation, path, fault)
        } else {
            self.refuse_key(refuse(operation, &[Refusal::NotAcceptable]), path)
        };
        self.refuse_role(operation, least).build()
    }

    pub(super) fn restore(self, path: &str) -> Operation {
        let name = spaced(self.resource.name);
        let summary = format!("Restore a deleted {name}");
        let description = format!("It is as it was, and all beneath it. {}", self.write_note());
        let operation = self.operation("restore", &summary, &description);
        let operation = self.acting(operation, &format!("The {name}, back again."));
        let operation = if self.resource.unique.is_empty() { operation } else { self.refuse_taken(operation, path) };
        let operation = self.refuse_key(refuse(operation, &[Refusal::NotAcceptable]), path);
        self.refuse_role(operation, self.resource.write).build()
    }

    /// What all of them take, answer and refuse.
    fn acting(self, operation: OperationBuilder, done: &str) -> OperationBuilder {
        let answered = [Answered::ETag, Answered::IdempotencyReplayed, Answered::DryRun];
        let operation = operation.response("200", answer(done, &answered, Some(self.resource.schema)));
        let operation = self.with_row_parameters(operation);
        let operation = operation.parameter(parameters::if_match(self.resource.require_if_match));
        let operation = operation.parameter(parameters::idempotency_key()).parameter(parameters::dry_run());
        self.refuse_state(self.refuse_row(operation, "A parameter or a header is wrong."))
    }
}
