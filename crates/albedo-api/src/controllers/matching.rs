//! What an assistant understands in a text, over HTTP.

use albedo_core::fault::{Code, Fault};
use albedo_entities::{Resource as _, assistant};
use albedo_services::matching::{MAX_VALUES, MatchForm, Matches};

use super::own::{Own, OwnRequest};
use crate::error::ApiError;
use crate::openapi::matches;

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
    Ok(asked.services.find_mentions(&asked.caller, asked.id, asked.body).await?)
}
