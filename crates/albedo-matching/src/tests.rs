//! Finding, as a function of a vocabulary and a text.

use albedo_entities::entity::{self, EntityKind};
use albedo_entities::json::{Metadata, Texts};
use albedo_entities::value;
use chrono::Utc;
use uuid::Uuid;

use crate::lexicon::{Lexicon, MOST_BYTES, TooLarge};
use crate::{Matches, Source, find};

/// An entity and its values; each value with its synonyms or patterns.
struct Entity {
    row: entity::Model,
    values: Vec<(&'static str, Vec<&'static str>)>,
}

fn entity(name: &str, kind: EntityKind, values: Vec<(&'static str, Vec<&'static str>)>) -> Entity {
    let now = Utc::now();
    let row = entity::Model {
        id: Uuid::now_v7(),
        assistant_id: Uuid::nil(),
        name: name.to_owned(),
        description: None,
        kind,
        fuzzy_match: false,
        case_sensitive: false,
        sensitive: false,
        metadata: Metadata::default(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    Entity { row, values }
}

impl Entity {
    fn rows(&self) -> Vec<value::Model> {
        let row = |(position, (value, texts)): (usize, &(&str, Vec<&str>))| {
            let texts = Texts(texts.iter().map(ToString::to_string).collect());
            let list = self.row.kind == EntityKind::List;
            value::Model {
                id: Uuid::now_v7(),
                entity_id: self.row.id,
                value: value.to_string(),
                value_key: value.to_lowercase(),
                language: None,
                synonyms: if list { texts.clone() } else { Texts::default() },
                patterns: if list { Texts::default() } else { texts },
                position: i32::try_from(position).unwrap(),
                version: 1,
                created_at: self.row.created_at,
                updated_at: self.row.updated_at,
            }
        };
        self.values.iter().enumerate().map(row).collect()
    }
}

fn cities() -> Entity {
    entity(
        "city",
        EntityKind::List,
        vec![("Porto", vec!["Oporto", "Invicta"]), ("Porto Alegre", vec![]), ("Łódź", vec![])],
    )
}

fn references() -> Entity {
    entity("booking_ref", EntityKind::Pattern, vec![("reference", vec!["[A-Z]{2}-[0-9]{4}"])])
}

fn found(entities: &[Entity], text: &str) -> Matches {
    find::mentions(&compiled(entities).unwrap(), text)
}

fn compiled(entities: &[Entity]) -> Result<Lexicon, TooLarge> {
    let rows: Vec<_> = entities.iter().map(|entity| entity.row.clone()).collect();
    let values: Vec<_> = entities.iter().flat_map(Entity::rows).collect();
    Lexicon::compile(&rows, &values)
}

/// Entity, value, said, and where.
fn told(matches: &Matches) -> Vec<(&str, &str, &str, usize, usize)> {
    let mentions = matches.mentions.iter();
    mentions.map(|found| (&*found.entity, &*found.value, &*found.text, found.start, found.end)).collect()
}

#[test]
fn synonyms_and_patterns_are_found_where_they_stand() {
    let matches = found(&[cities(), references()], "Two tickets to Oporto, ref AB-1234");
    let expected = [("city", "Porto", "Oporto", 15, 21), ("booking_ref", "AB-1234", "AB-1234", 27, 34)];
    assert_eq!(told(&matches), expected);
    let sources: Vec<_> = matches.mentions.iter().map(|found| (found.source, found.confidence)).collect();
    assert_eq!(sources, [(Source::Synonym, 1.0), (Source::Pattern, 1.0)]);
    assert_eq!(matches.text_redacted, None);
}

#[test]
fn the_longest_match_wins() {
    assert_eq!(told(&found(&[cities()], "to PORTO ALEGRE")), [("city", "Porto Alegre", "PORTO ALEGRE", 3, 15)]);
}

#[test]
fn a_term_ends_where_a_word_ends() {
    assert_eq!(told(&found(&[cities()], "portobello, airporto")), []);
    assert_eq!(told(&found(&[cities()], "(porto)")), [("city", "Porto", "porto", 1, 6)]);
}

#[test]
fn places_count_letters_and_not_bytes() {
    assert_eq!(told(&found(&[cities()], "🚆 né à ŁÓDŹ!")), [("city", "Łódź", "ŁÓDŹ", 7, 11)]);
}

#[test]
fn case_counts_where_the_entity_says_so() {
    let mut cities = cities();
    cities.row.case_sensitive = true;
    assert_eq!(told(&found(&[cities], "porto Porto")), [("city", "Porto", "Porto", 6, 11)]);
    let mut strict = references();
    assert_eq!(found(&[references()], "ab-1234").mentions.len(), 1);
    strict.row.case_sensitive = true;
    assert_eq!(found(&[strict], "ab-1234").mentions.len(), 0);
}

#[test]
fn misspelt_terms_are_found_where_the_entity_forgives_and_are_less_sure() {
    assert_eq!(found(&[cities()], "to Prto").mentions.len(), 0);
    let mut forgiving = cities();
    forgiving.row.fuzzy_match = true;
    let matches = found(&[forgiving], "to Prto Alegr now");
    assert_eq!(told(&matches), [("city", "Porto Alegre", "Prto Alegr", 3, 13)]);
    let confidence = matches.mentions.first().unwrap().confidence;
    assert!(confidence > 0.8 && confidence < 1.0, "{confidence}");
}

#[test]
fn what_is_sensitive_is_redacted_and_nothing_else() {
    let mut secret = references();
    secret.row.sensitive = true;
    let matches = found(&[cities(), secret], "ref AB-1234 to Porto, not CD-5678.");
    assert_eq!(matches.text_redacted.as_deref(), Some("ref [booking_ref] to Porto, not [booking_ref]."));
    assert_eq!(matches.mentions.len(), 3);
}

#[test]
fn an_empty_vocabulary_or_text_finds_nothing() {
    assert_eq!(found(&[], "Porto"), Matches { mentions: vec![], text_redacted: None });
    assert_eq!(found(&[cities(), references()], ""), Matches { mentions: vec![], text_redacted: None });
    let empty = entity("nothing", EntityKind::Pattern, vec![("x", vec!["x*"])]);
    assert_eq!(told(&found(&[empty], "a b")), []);
}

#[test]
fn a_greedy_vocabulary_ends_in_bounded_time_and_size() {
    let greedy = entity("all", EntityKind::Pattern, vec![("x", vec![".", "(?s).*"])]);
    let text = "a ".repeat(5_000);
    assert_eq!(found(&[greedy], &text).mentions.len(), 1, "the whole text is the longest");
    let single = entity("all", EntityKind::Pattern, vec![("x", vec!["."])]);
    assert_eq!(found(&[single], &text).mentions.len(), 1_000);
}

#[test]
fn a_vocabulary_beyond_its_memory_is_refused_before_it_takes_more() {
    let of = |kind, values: usize, texts: Vec<&'static str>| entity("all", kind, vec![("x", texts); values]);
    let refused = |entity: Entity| compiled(&[entity]).unwrap_err();
    let large = of(EntityKind::Pattern, 10_000, vec![r"\w{5}"; 20]);
    assert_eq!(refused(large), TooLarge::Bytes, "200,000 patterns would take minutes and gigabytes");
    assert_eq!(refused(of(EntityKind::Pattern, 101, vec!["x"; 20])), TooLarge::Patterns);
    assert!(compiled(&[of(EntityKind::Pattern, 100, vec!["x"; 20])]).is_ok());

    let long = "sixty-four letters, as many as a synonym of a value may ever have";
    let mut terms = of(EntityKind::List, 700, vec![long; 100]);
    assert_eq!(refused(of(EntityKind::List, 700, vec![long; 100])), TooLarge::Bytes);
    terms.values.truncate(100);
    let taken = compiled(&[terms]).unwrap().bytes();
    assert!(taken > 100 * 100 * long.len() && taken < MOST_BYTES, "{taken}");
}

#[test]
fn a_pattern_of_any_case_weighs_what_it_takes() {
    let weight = |pattern| compiled(&[entity("all", EntityKind::Pattern, vec![("x", vec![pattern])])]).unwrap().bytes();
    assert!(weight("[A-Z]{2}-[0-9]{4}") < 16 * 1024);
    assert!(weight(r"\w{5}") > 128 * 1024);
}
