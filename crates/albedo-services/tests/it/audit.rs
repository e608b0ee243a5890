//! The audit trail stands or falls with what it tells of.

use albedo_entities::audit_event::{self, AuditAction};
use albedo_services::Expected;
use albedo_testing::on_both_databases;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use crate::parcel::{create_tables, heavy};
use crate::world::World;

/// All events, in the order of their making.
async fn events(world: &World) -> Vec<audit_event::Model> {
    let events = audit_event::Entity::find().order_by_asc(audit_event::Column::Id);
    events.all(world.services.database().read()).await.unwrap()
}

on_both_databases! {
    async fn every_write_leaves_what_it_did_and_who_did_it(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        let id = parcels.create(json!({"label": "one"})).await.unwrap().identity.id;
        parcels.update(id, &Expected::Unsaid, json!({"label": "two"})).await.unwrap();
        parcels.update(id, &Expected::Unsaid, json!({})).await.unwrap();
        parcels.delete(id, &Expected::Any).await.unwrap();
        let events = events(&world).await;
        let told: Vec<_> = events.iter().map(|event| (event.action, event.version, json!(event.diff))).collect();
        let expected = [
            (AuditAction::Create, 1, json!({"label": [null, "one"]})),
            (AuditAction::Update, 2, json!({"label": ["one", "two"]})),
            (AuditAction::Delete, 2, json!({"label": ["two", null]})),
        ];
        assert_eq!(told, expected);
        for event in &events {
            assert_eq!((event.row_id, &*event.table), (id, "parcels"));
            assert_eq!((event.actor_id, event.session_id), (Some(world.caller.user), Some(world.caller.session)));
            assert_eq!(event.request_id.as_deref(), Some("request-7"));
        }
    }

    async fn a_verb_of_its_own_is_told_by_its_name(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        let id = parcels.create(json!({"label": "one"})).await.unwrap().identity.id;
        parcels.act("relabel", id, &Expected::Unsaid, json!({"label": "two"})).await.unwrap();
        let events = events(&world).await;
        let told: Vec<_> = events.iter().map(|event| (event.action, event.verb.as_deref(), event.version)).collect();
        assert_eq!(told, [(AuditAction::Create, None, 1), (AuditAction::Update, Some("relabel"), 2)]);
        assert_eq!(json!(events[1].diff), json!({"label": ["one", "two"]}));
    }

    async fn what_fails_after_the_row_takes_its_event_with_it(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        assert!(parcels.create(json!({"label": "late fault"})).await.is_err());
        let id = parcels.create(json!({"label": "stays"})).await.unwrap().identity.id;
        assert!(parcels.update(id, &Expected::Unsaid, json!({"label": "late fault"})).await.is_err());
        assert!(parcels.delete(id, &Expected::Any).await.is_err());
        assert!(parcels.create(json!({"label": "stays"})).await.is_err());
        let actions: Vec<_> = events(&world).await.iter().map(|event| event.action).collect();
        assert_eq!(actions, [AuditAction::Create]);
    }

    async fn what_was_before_is_what_the_change_has_found(database: TestDatabase) {
        create_tables(&database).await;
        let world = World::build(database).await;
        let parcels = world.of::<heavy::Entity>();
        let id = parcels.create(json!({"label": "0"})).await.unwrap().identity.id;
        let change = async |number: usize| {
            parcels.update(id, &Expected::Unsaid, json!({"label": format!("{number}")})).await.unwrap()
        };
        futures_util::future::join_all((1..=20).map(change)).await;
        // Each begins where the one before it has ended.
        let mut label = json!("0");
        for event in events(&world).await.iter().skip(1) {
            let [before, after] = event.diff.0["label"].clone().unwrap();
            assert_eq!(before, label, "{}", event.version);
            label = after;
        }
        assert_eq!(json!(parcels.get(id).await.unwrap().view.label), label);
    }
}
