//! What an assistant understands in a text: the mentions of its entities.
//!
//! The vocabulary is compiled once per state of its rows ([`lexicon`]) and kept in memory; finding ([`find`], [`fuzzy`])
//! is a function of values. Compiling and finding run on blocking threads: a long text and many patterns take
//! milliseconds, which other requests of the worker should not wait for.

mod find;
mod folded;
mod fuzzy;
mod lexicon;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use albedo_core::body::{self, Purpose};
use albedo_core::cache::Tag;
use albedo_core::database::Reader;
use albedo_core::fault::{Code, Fault};
use albedo_core::field::{Bounds, Field, Kind};
use albedo_engine::keeping::{Place, Wanted};
use albedo_engine::{Caller, ServiceError, Services, unavailable};
use albedo_entities::{Resource, Shape, assistant, entity, value};
use albedo_repositories::{Fingerprint, Repository, Scope, Vocabulary};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::lexicon::{Lexicon, MOST_BYTES, MOST_PATTERNS, MOST_TEXT, TooLarge};

/// The longest text, in Unicode scalar values.
pub const MAX_TEXT: usize = 10_000;
/// The largest vocabulary that is matched, in values.
pub const MAX_VALUES: u64 = 10_000;
/// Values that are read at a time.
const PAGE: u64 = 1_000;
/// Memory for compiled vocabularies, of all assistants together: for one of the largest.
const CACHED_BYTES: u64 = MOST_BYTES as u64;

/// What a client sends to be understood.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchForm {
    /// The text.
    pub text: String,
}

impl Shape for MatchForm {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 1] = [Field {
            bounds: Bounds { max_len: Some(MAX_TEXT), ..Bounds::NONE },
            example: Some(r#""Two tickets to Oporto, ref AB-1234""#),
            ..Field::sent("text", Kind::Text, "What somebody said.")
        }];
        &FIELDS
    }
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matches {
    /// The mentions, in the order of the text; no two overlap.
    pub mentions: Vec<Mention>,
    /// The text with every mention of a sensitive entity replaced by `[entity]`; `null` where there is none.
    pub text_redacted: Option<String>,
}

/// One mention of an entity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mention {
    /// The entity's name.
    pub entity: String,
    /// The canonical value; of a pattern, what it recognized.
    pub value: String,
    /// The text as it was said.
    pub text: String,
    /// Where it begins, in Unicode scalar values from 0.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// 1 for an exact match, less for a misspelt one.
    pub confidence: f64,
    /// What was recognized.
    pub source: Source,
}

/// What a mention was recognized by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The canonical value.
    Value,
    /// One of its synonyms.
    Synonym,
    /// A regular expression.
    Pattern,
}

/// A vocabulary made ready, or why it is not: that takes as long to find out.
type Ready = Result<Arc<Lexicon>, TooLarge>;

/// The compiled vocabularies that were used lately, one per assistant and state.
#[derive(Debug)]
struct Lexicons(Cache<(Uuid, Fingerprint), Ready>);

impl Default for Lexicons {
    fn default() -> Self {
        let weigh = |_: &(Uuid, Fingerprint), ready: &Ready| {
            let bytes = ready.as_ref().map_or(0, |lexicon| lexicon.bytes());
            u32::try_from(bytes).unwrap_or(u32::MAX).max(128)
        };
        Self(Cache::builder().max_capacity(CACHED_BYTES).weigher(weigh).build())
    }
}

/// What a match depends on: the assistant, and everything in it.
fn read_by_match(caller: &Caller, id: Uuid) -> Vec<Tag> {
    let assistants = assistant::Entity::description();
    let place = Place::of(assistants, caller.user, &[]);
    let tables = [entity::Entity::description(), value::Entity::description()].map(|read| Tag::table((read.table)()));
    let within = Tag::inside((assistants.table)(), id);
    place.terms(Wanted::Row(id)).tags.into_iter().chain([within]).chain(tables).collect()
}

/// What an assistant of the caller understands in a text.
///
/// # Errors
/// The faults of the body, [`ServiceError::NotFound`], [`ServiceError::Conflict`] for a vocabulary beyond
/// [`MAX_VALUES`] or of too many patterns or too much text, and when the database does not answer.
pub async fn find_mentions(
    services: &Services,
    caller: &Caller,
    assistant: Uuid,
    body: Value,
) -> Result<Matches, ServiceError> {
    let object = body::check(MatchForm::fields(), Purpose::Create, body, |_, _| {}).map_err(ServiceError::Invalid)?;
    let form: MatchForm = serde_json::from_value(Value::Object(object)).map_err(ServiceError::internal)?;
    let reader = services.database().reader(|| Some(read_by_match(caller, assistant))).await;
    let rows = Repository::<assistant::Entity>::on(&reader, Scope::of(caller.user, Vec::new()));
    let is_there = async || rows.find(assistant).await.map_err(unavailable).map(|found| found.is_some());
    // A replica may not have it yet.
    if !(is_there().await? || reader.turn_to_primary() && is_there().await?) {
        return Err(ServiceError::NotFound(assistant::Entity::description().name));
    }
    let vocabulary = Vocabulary::of(&reader, assistant);
    let fingerprint = vocabulary.fingerprint().await.map_err(unavailable)?;
    if fingerprint.values() > MAX_VALUES {
        let detail = format!("The assistant has more than {MAX_VALUES} values, which is too many to match.");
        return Err(too_many(detail, MAX_VALUES));
    }
    let key = (assistant, fingerprint);
    let lexicons = services.memory::<Lexicons>();
    let known = lexicons.0.get(&key);
    let rows = match &known {
        Some(_) => None,
        None => match values(&vocabulary).await? {
            Some(values) => Some((vocabulary.entities().await.map_err(unavailable)?, values)),
            None => {
                lexicons.0.insert(key, Err(TooLarge::Bytes));
                return Err(too_large(TooLarge::Bytes));
            }
        },
    };
    let work = move || {
        let ready = match (known, rows) {
            (Some(ready), _) => ready,
            // Of many who miss at once, one compiles and the others wait for it.
            (None, Some((entities, values))) => {
                lexicons.0.get_with(key, || Lexicon::compile(&entities, &values).map(Arc::new))
            }
            (None, None) => return Ok(Matches { mentions: Vec::new(), text_redacted: None }),
        };
        ready.map(|lexicon| find::mentions(&lexicon, &form.text))
    };
    tokio::task::spawn_blocking(work).await.map_err(ServiceError::internal)?.map_err(too_large)
}

/// The values of the vocabulary; `None` where their texts alone are more than a lexicon may be.
async fn values(vocabulary: &Vocabulary<'_, Reader<'_>>) -> Result<Option<Vec<value::Model>>, ServiceError> {
    let (mut all, mut bytes) = (Vec::new(), 0);
    for page in 0..MAX_VALUES / PAGE {
        let values = vocabulary.values(page * PAGE, PAGE).await.map_err(unavailable)?;
        let is_last = (values.len() as u64) < PAGE;
        let texts = values.iter().flat_map(|value| value.synonyms.0.iter().chain(&value.patterns.0));
        bytes += texts.map(String::len).sum::<usize>();
        if bytes > MOST_TEXT {
            return Ok(None);
        }
        all.extend(values);
        if is_last {
            break;
        }
    }
    Ok(Some(all))
}

fn too_large(why: TooLarge) -> ServiceError {
    match why {
        TooLarge::Patterns => {
            let detail = format!("The assistant has more than {MOST_PATTERNS} patterns, which is too many to match.");
            too_many(detail, MOST_PATTERNS as u64)
        }
        TooLarge::Bytes => {
            let detail = format!(
                "The assistant's values, synonyms and patterns take more than {MOST_BYTES} bytes of memory when they are \
                 made ready, which is too many to match; leave some out, or match fewer of them as if misspelt."
            );
            too_many(detail, MOST_BYTES as u64)
        }
    }
}

fn too_many(detail: String, most: u64) -> ServiceError {
    ServiceError::Conflict(Fault::in_parameter("assistant_id", Code::TooMany, detail).with("max", most).into())
}
