//! The rules of assistants, entities and values: languages, time zones, patterns, and when two values are one.

use std::time::{Duration, Instant};

use albedo_entities::{assistant, entity, value};
use albedo_services::{Access, CrudService};
use albedo_testing::on_both_databases;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{World, told};

/// The values of a new entity of this kind, whose parents are returned to live as long.
async fn parents(world: &World, kind: &str) -> Vec<Uuid> {
    let name = format!("for {kind}");
    let assistant = world.of::<assistant::Entity>().create(json!({"name": name})).await.unwrap().identity.id;
    let entities: CrudService<'_, entity::Entity> =
        CrudService::of(&world.services, &world.caller, Access::Write, vec![assistant]).unwrap();
    let entity = entities.create(json!({"name": "it", "kind": kind})).await.unwrap().identity.id;
    vec![assistant, entity]
}

fn values<'w>(world: &'w World, parents: &[Uuid]) -> CrudService<'w, value::Entity> {
    CrudService::of(&world.services, &world.caller, Access::Write, parents.to_vec()).unwrap()
}

on_both_databases! {
    async fn languages_and_time_zones_exist(database: TestDatabase) {
        let world = World::build(database).await;
        let assistants = world.of::<assistant::Entity>();
        for (number, (language, time_zone)) in
            [("en", "UTC"), ("pt-BR", "America/Sao_Paulo"), ("zh-Hant-TW", "Asia/Taipei"), ("sl-rozaj", "Etc/GMT+5")]
                .into_iter()
                .enumerate()
        {
            let body = json!({"name": format!("{number}"), "language": language, "time_zone": time_zone});
            let made = assistants.create(body).await.unwrap();
            let made: Value = serde_json::from_slice(&made.body).unwrap();
            assert_eq!((&made["language"], &made["time_zone"]), (&json!(language), &json!(time_zone)));
        }
        for (language, time_zone) in [("", ""), ("english", "europe-lisbon"), ("e", "+01:00"), ("en_GB", "Mars/Base")] {
            let outcome = assistants.create(json!({"name": "x", "language": language, "time_zone": time_zone})).await;
            let told = told(outcome);
            assert!(told.contains(&"/time_zone InvalidFormat".to_owned()), "{time_zone}: {told:?}");
            // `english` is well-formed: five to eight letters may be registered one day.
            assert_eq!(told.contains(&"/language InvalidFormat".to_owned()), language != "english", "{language}: {told:?}");
        }
    }

    async fn two_values_are_one_in_any_case(database: TestDatabase) {
        let world = World::build(database).await;
        let parents = parents(&world, "list").await;
        let values = values(&world, &parents);
        for (first, same) in [
            ("Straße", &["STRASSE", "strasse", "Straſse"][..]),
            ("ΟΔΟΣ", &["οδος", "οδοσ"]),
            ("Ångström", &["ångström", "\u{212B}ngström"]),
            ("ﬀ", &["FF", "ff"]),
            ("🚀", &["🚀"]),
        ] {
            values.create(json!({"value": first})).await.unwrap();
            for same in same {
                assert_eq!(told(values.create(json!({"value": same})).await), ["/value Taken"], "{same}");
            }
        }
        // Turkish rules would fold these with `i`; nobody says that the values are Turkish.
        for other in ["i", "ı", "é", "e\u{301}", "strase", " 🚀"] {
            values.create(json!({"value": other})).await.unwrap();
        }
    }

    async fn values_fit_the_kind_of_their_entity(database: TestDatabase) {
        let world = World::build(database).await;
        let (lists, patterns) = (parents(&world, "list").await, parents(&world, "pattern").await);
        let (lists, patterns) = (values(&world, &lists), values(&world, &patterns));
        let both = json!({"value": "x", "synonyms": ["x"], "patterns": ["x"]});
        assert_eq!(told(lists.create(both.clone()).await), ["/patterns Contradiction"]);
        assert_eq!(told(patterns.create(both).await), ["/synonyms Contradiction"]);
        lists.create(json!({"value": "a", "synonyms": ["x"], "patterns": []})).await.unwrap();
        patterns.create(json!({"value": "a", "synonyms": [], "patterns": ["x"]})).await.unwrap();
    }

    async fn patterns_run_in_linear_time_and_are_small(database: TestDatabase) {
        let world = World::build(database).await;
        let parents = parents(&world, "pattern").await;
        let values = values(&world, &parents);
        let sent = |patterns: Value| json!({"value": "x", "patterns": patterns});
        let wrong = ["(?=a)", "(?<!a)b", "(a)\\1", "(", "[z-a]", "((\\w{50}){50}){50}", "\\w{999}", "a{1000000}"];
        let expected: Vec<_> = (0..wrong.len()).map(|at| format!("/patterns/{at} InvalidFormat")).collect();
        assert_eq!(told(values.create(sent(json!(wrong))).await), expected);
        assert_eq!(told(values.create(sent(json!(["a".repeat(129)]))).await), ["/patterns/0 TooLong"]);
        assert_eq!(told(values.create(sent(json!([""]))).await), ["/patterns/0 TooShort"]);
        assert_eq!(told(values.create(sent(json!(vec!["a"; 21]))).await), ["/patterns TooMany"]);
        // The most and the largest that anybody can send are looked through in no time.
        let large = format!("{}{}", "\\w{9}".repeat(21), "aa");
        let started = Instant::now();
        let outcome = values.create(sent(json!(vec![large; 20]))).await;
        assert!(started.elapsed() < Duration::from_secs(5), "{:?} {outcome:?}", started.elapsed());
    }
}
