//! What an assistant understands in a text: the one operation on assistants beyond the five.

use albedo_core::fault::{Code, Fault};
use albedo_entities::{Description, Resource, Shape, assistant};
use albedo_services::matching::{MAX_TEXT, MAX_VALUES, MatchForm};
use serde_json::json;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ArrayBuilder, ComponentsBuilder, HttpMethod, ObjectBuilder, Paths, Ref, Type};

use super::operations::{Subject, answer, body};
use super::parameters;
use super::problems::refuse_with;
use super::refusals::{conflict, instance};
use super::schemas::{create_body, text, typed};
use super::signed_in;
use crate::extract::JSON;

/// Adds the body and the answer.
pub(super) fn add_schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema("MatchText", create_body("What is to be understood.", MatchForm::fields()))
        .schema("Matches", matches())
        .schema("Mention", mention())
}

/// Adds the operation, where assistants are served.
pub(super) fn add(paths: &mut Paths, all: &[&'static Description]) {
    let assistants = assistant::Entity::description();
    if all.iter().any(|resource| resource.name == assistants.name) {
        let subject = Subject { resource: assistants, verbs: &[], all };
        let path = format!("{}/match", subject.row_path());
        paths.add_path_operation(&path, vec![HttpMethod::Post], find_mentions(subject, &path));
    }
}

fn find_mentions(subject: Subject<'_>, path: &str) -> Operation {
    let resource = subject.resource;
    let description = "The mentions of the assistant's entities, in the order of the text; no two overlap, and the \
        longest wins. Places count Unicode scalar values, not bytes.";
    let operation = signed_in(OperationBuilder::new())
        .operation_id(Some(format!("{}.match", resource.tag)))
        .tag(resource.tag)
        .summary(Some("Find entities in a text"))
        .description(Some(description))
        .parameter(parameters::id(resource))
        .request_body(Some(body("MatchText", &[JSON], None)))
        .response("200", answer("What was understood.", &[], Some("Matches")));
    let operation = subject.refuse_missing_row(subject.refuse_body(operation, path));
    let required = Fault::in_field("text", Code::Required, "This field is required.");
    let operation = subject.refuse_values(operation, path, Some(required));
    let detail = format!("The assistant has more than {MAX_VALUES} values, which is too many to match.");
    let too_many = Fault::in_parameter(resource.parameter(), Code::TooMany, detail).with("max", MAX_VALUES);
    let operation = refuse_with(operation, conflict("The vocabulary is too large.", &instance(path), Some(too_many)));
    subject.refuse_role(operation, resource.read).build()
}

fn matches() -> ObjectBuilder {
    let redacted = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "The text with every mention of a sensitive entity replaced by `[entity]`; `null` without one.",
        ))
        .examples([json!(null)]);
    let mentions = ArrayBuilder::new().items(Ref::from_schema_name("Mention"));
    ObjectBuilder::new()
        .description(Some("What was understood."))
        .property("mentions", mentions.description(Some("The mentions, in the order of the text.")))
        .property("text_redacted", redacted)
        .required("mentions")
        .required("text_redacted")
}

fn mention() -> ObjectBuilder {
    let place = |description: &str, example: i64| {
        typed(Type::Integer, Some("int64"))
            .description(Some(description))
            .minimum(Some(0))
            .maximum(Some(MAX_TEXT))
            .examples([example])
    };
    let confidence = typed(Type::Number, Some("double"))
        .description(Some("1 for an exact match, less for a misspelt one."))
        .minimum(Some(0))
        .maximum(Some(1))
        .examples([1.0]);
    let source = typed(Type::String, None)
        .description(Some("What it was recognized by."))
        .enum_values(Some(["value", "synonym", "pattern"]))
        .examples(["synonym"]);
    ObjectBuilder::new()
        .description(Some("One mention of an entity."))
        .property("entity", text("The entity's name.", "city"))
        .property("value", text("The canonical value; of a pattern, what it recognized.", "Porto"))
        .property("text", text("The text as it was said.", "Oporto"))
        .property("start", place("Where it begins, in Unicode scalar values from 0.", 15))
        .property("end", place("Where it ends, exclusive.", 21))
        .property("confidence", confidence)
        .property("source", source)
        .required("entity")
        .required("value")
        .required("text")
        .required("start")
        .required("end")
        .required("confidence")
        .required("source")
}
