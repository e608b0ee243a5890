//! What a rule writes stands or falls with the row, if it says so; if it forgot to, it is told.

use albedo_core::listing::ListRequest;
use albedo_entities::city;
use albedo_services::{Expected, ServiceError};
use albedo_testing::on_both_databases;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::parcel::{create_tables, heavy, light, was_committed};
use crate::world::{World, told};

/// How many rows a resource has.
macro_rules! total {
    ($world:ident, $entity:ty) => {
        $world.of::<$entity>().list(&ListRequest::default()).await.unwrap().total.unwrap()
    };
}

on_both_databases! {
    async fn what_an_atomic_rule_writes_stands_with_the_row(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        let made = parcels.create(json!({"label": "one"})).await.unwrap();
        assert_eq!((total!(world, heavy::Entity), total!(world, city::Entity)), (1, 1));
        assert!(was_committed(made.identity.id));
        let changed = parcels.update(made.identity.id, &Expected::Unsaid, json!({"label": "two"})).await.unwrap();
        assert_eq!(changed.identity.version, 2);
        assert_eq!(total!(world, city::Entity), 2);
    }

    async fn what_fails_after_the_row_takes_the_row_with_it(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        let outcome = parcels.create(json!({"label": "late fault"})).await;
        assert!(matches!(outcome, Err(ServiceError::Forbidden)), "{outcome:?}");
        assert_eq!((total!(world, heavy::Entity), total!(world, city::Entity)), (0, 0));

        let made = parcels.create(json!({"label": "stays"})).await.unwrap();
        let id = made.identity.id;
        let outcome = parcels.update(id, &Expected::Unsaid, json!({"label": "late fault"})).await;
        assert!(matches!(outcome, Err(ServiceError::Forbidden)), "{outcome:?}");
        let outcome = parcels.delete(id, &Expected::Any).await;
        assert!(matches!(outcome, Err(ServiceError::Forbidden)), "{outcome:?}");
        let kept = parcels.get(id).await.unwrap();
        assert_eq!((kept.view.label.as_str(), kept.identity.version), ("stays", 1));
        assert_eq!(total!(world, city::Entity), 1);

        // A conflict inside the transaction leaves nothing behind either, and the next one is free to begin.
        assert_eq!(told(parcels.create(json!({"label": "stays"})).await), ["/label Taken"]);
        parcels.create(json!({"label": "next"})).await.unwrap();
        assert_eq!(total!(world, heavy::Entity), 2);
    }

    async fn what_a_rule_writes_elsewhere_is_not_served_as_it_was(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let cities = async || {
            let page = world.of::<city::Entity>().list_bytes(&ListRequest::default(), "", &str::to_owned).await.unwrap();
            serde_json::from_slice::<Value>(&page.body).unwrap()["total"].clone()
        };
        let parcels = world.of::<heavy::Entity>();
        assert_eq!(cities().await, 0);
        parcels.create(json!({"label": "one"})).await.unwrap();
        assert_eq!(cities().await, 1);
        assert!(parcels.create(json!({"label": "late fault"})).await.is_err());
        assert_eq!(cities().await, 1);
    }

    async fn a_verb_is_a_transaction_and_its_row_may_stay_as_it_is(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let letters = world.of::<light::Entity>();
        let id = letters.create(json!({"label": "Porto"})).await.unwrap().identity.id;
        let done = letters.act("found", id, &Expected::Unsaid, Value::Null).await.unwrap();
        assert_eq!((done.identity.version, total!(world, city::Entity)), (1, 1));
        letters.update(id, &Expected::Unsaid, json!({"label": "late fault"})).await.unwrap();
        let outcome = letters.act("found", id, &Expected::Any, Value::Null).await;
        assert!(matches!(outcome, Err(ServiceError::Forbidden)), "{outcome:?}");
        assert_eq!(total!(world, city::Entity), 1);
    }

    async fn a_verb_is_followed_by_the_rules_of_a_change(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        let id = parcels.create(json!({"label": "one"})).await.unwrap().identity.id;
        parcels.act("relabel", id, &Expected::Unsaid, json!({"label": "two"})).await.unwrap();
        assert_eq!(total!(world, city::Entity), 2, "after_update writes one");
        let outcome = parcels.act("relabel", id, &Expected::Unsaid, json!({"label": "late fault"})).await;
        assert!(matches!(outcome, Err(ServiceError::Forbidden)), "{outcome:?}");
        assert_eq!(parcels.get(id).await.unwrap().view.label, "two");
    }

    async fn a_rule_that_writes_too_late_without_saying_so_is_told_loudly(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let outcome = world.of::<light::Entity>().create(json!({"label": "late"})).await;
        let Err(ServiceError::Internal(cause)) = &outcome else { panic!("{outcome:?}") };
        assert!(cause.to_string().contains("const ATOMIC: bool = true"), "{cause}");
        assert_eq!(total!(world, city::Entity), 0);
    }

    async fn a_rule_may_begin_a_transaction_before_the_row(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let letters = world.of::<light::Entity>();
        letters.create(json!({"label": "early"})).await.unwrap();
        assert_eq!(total!(world, city::Entity), 1);
        let nobody = Uuid::from_u128(1);
        assert_eq!(told(letters.create(json!({"label": "early too", "city_id": nobody})).await), ["/city_id NotFound"]);
        assert_eq!((total!(world, light::Entity), total!(world, city::Entity)), (1, 1));
    }

    async fn a_missing_reference_is_told_by_field_in_and_out_of_a_transaction(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let nobody = Uuid::from_u128(1);
        let body = || json!({"label": "x", "city_id": nobody});
        assert_eq!(told(world.of::<heavy::Entity>().create(body()).await), ["/city_id NotFound"]);
        assert_eq!(told(world.of::<light::Entity>().create(body()).await), ["/city_id NotFound"]);
        let parcel = world.of::<heavy::Entity>().create(json!({"label": "y"})).await.unwrap();
        let letter = world.of::<light::Entity>().create(json!({"label": "y"})).await.unwrap();
        let patch = || json!({"city_id": nobody});
        let parcels = world.of::<heavy::Entity>();
        assert_eq!(told(parcels.update(parcel.identity.id, &Expected::Any, patch()).await), ["/city_id NotFound"]);
        let letters = world.of::<light::Entity>();
        assert_eq!(told(letters.update(letter.identity.id, &Expected::Any, patch()).await), ["/city_id NotFound"]);
    }

    async fn states_that_are_expected_are_held_to(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let letters = world.of::<light::Entity>();
        let id = letters.create(json!({"label": "one"})).await.unwrap().identity.id;
        for (expected, passes) in [
            (Expected::Versions(vec![]), false),
            (Expected::Versions(vec![2, 3]), false),
            (Expected::Versions(vec![7, 1]), true),
            (Expected::Any, true),
            (Expected::Unsaid, true),
        ] {
            let outcome = letters.update(id, &expected, json!({"label": "one"})).await;
            assert_eq!(outcome.is_ok(), passes, "{expected:?}: {outcome:?}");
            assert!(passes || matches!(outcome, Err(ServiceError::Changed)));
        }
        assert!(matches!(letters.delete(id, &Expected::Versions(vec![1])).await, Err(ServiceError::Changed)));
        letters.delete(id, &Expected::Versions(vec![4])).await.unwrap();
        assert!(matches!(letters.get(id).await, Err(ServiceError::NotFound("letter"))));
    }
}
