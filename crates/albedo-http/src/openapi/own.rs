//! Routes of one's own, in the words of their values: the same parameters and refusals as the operations of resources have.

use albedo_core::fault::{Code, Fault};
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::{ComponentsBuilder, HttpMethod, Paths};

use super::PREFIX;
use super::operations::{Subject, answer, body, with_parameters};
use super::parameters;
use super::problems::{Refusal, refuse, refuse_with};
use super::refusals::{conflict, instance};
use super::schemas::{create_body, view};
use crate::controllers::{Own, OwnMethod};
use crate::extract::JSON;
use crate::routes::Api;

/// Adds the bodies and the answers.
pub(super) fn add_schemas(components: ComponentsBuilder, own: &Own) -> ComponentsBuilder {
    let components = match own.body {
        Some(body) => components.schema(body.schema, create_body(body.description, body.fields)),
        None => components,
    };
    let told = (own.answer.schemas)().into_iter();
    let components = told.fold(components, |components, (name, schema)| components.schema(name, schema));
    if own.answer.fields.is_empty() {
        return components;
    }
    components.schema(own.answer.schema, view(own.answer.description, own.answer.fields.iter()))
}

/// Adds the operations.
pub(super) fn add(paths: &mut Paths, api: &Api) {
    for (own, resource) in api.own() {
        let subject = Subject::of(&resource, &[], &api.resources);
        let path = format!("{PREFIX}{}", own.path());
        let method = match own.method {
            OwnMethod::Get => HttpMethod::Get,
            OwnMethod::Post => HttpMethod::Post,
        };
        paths.add_path_operation(&path, vec![method], operation(subject, own, &path));
    }
}

fn operation(subject: Subject<'_>, own: &Own, path: &str) -> Operation {
    let resource = subject.resource;
    let operation = subject.operation(own.name, own.summary, own.description);
    let operation = operation.response("200", answer(own.answer.description, &[], Some(own.answer.schema)));
    let operation = with_parameters(operation, parameters::parents(resource));
    let operation = if own.is_of_row { operation.parameter(parameters::id(resource)) } else { operation };
    let operation = parameters::asked(own.query).fold(operation, OperationBuilder::parameter);
    let operation = match own.body {
        Some(sent) => {
            let operation = operation.request_body(Some(body(sent.schema, &[JSON], None)));
            let operation = subject.refuse_body(operation, path);
            let required = sent.fields.iter().find(|field| field.uses.create && field.required);
            let fault = required.map(|field| Fault::in_field(field.name, Code::Required, "This field is required."));
            subject.refuse_values(operation, path, fault)
        }
        None => {
            let fault = match own.query.first() {
                Some(first) => Fault::in_parameter(first.name, Code::Duplicate, "Send this parameter once."),
                None => Fault::in_parameter("page", Code::Unknown, "This operation has no query parameters."),
            };
            let operation = subject.refuse_request(operation, "A parameter is wrong.", path, fault);
            refuse(operation, &[Refusal::NotAcceptable])
        }
    };
    let operation =
        if own.is_of_row { subject.refuse_missing_row(operation) } else { subject.refuse_missing_parent(operation) };
    let operation = match own.conflict.clone() {
        Some((description, fault)) => refuse_with(operation, conflict(description, &instance(path), Some(fault))),
        None => operation,
    };
    subject.refuse_role(operation, own.access.least(resource)).build()
}
