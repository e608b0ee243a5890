//! What an assistant understands in a text, over HTTP.

use albedo_core::fault::{Code, Fault};
use albedo_entities::{Resource as _, assistant};
use albedo_http::controllers::{Own, OwnRequest};
use albedo_http::error::ApiError;
use albedo_http::openapi::{text, typed};
use albedo_matching::{MAX_TEXT, MAX_VALUES, MatchForm, Matches};
use serde_json::json;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema, Type};

/// `POST /assistants/{assistant_id}/match`. Asks and changes nothing, so a reader's role reaches.
#[must_use]
pub fn find_mentions() -> Own {
    let description = "The mentions of the assistant's entities, in the order of the text; no two overlap, and the \
        longest wins. Places count Unicode scalar values, not bytes.";
    let detail = format!("The assistant has more than {MAX_VALUES} values, which is too many to match.");
    let too_many = Fault::in_parameter(assistant::Entity::description().parameter(), Code::TooMany, detail);
    Own::post_of_row(assistant::Entity, "match", answer)
        .says("Find entities in a text", description)
        .takes::<MatchForm>("MatchText", "What is to be understood.")
        .answers_as("Matches", "What was understood.", matches)
        .conflicts("The vocabulary is too large.", too_many.with("max", MAX_VALUES))
        .looking_itself()
}

async fn answer(asked: OwnRequest) -> Result<Matches, ApiError> {
    Ok(albedo_matching::find_mentions(&asked.services, &asked.caller, asked.id, asked.body).await?)
}

/// The answer, and what it is made of.
fn matches() -> Vec<(&'static str, RefOr<Schema>)> {
    vec![("Matches", whole().into()), ("Mention", mention().into())]
}

fn whole() -> ObjectBuilder {
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
