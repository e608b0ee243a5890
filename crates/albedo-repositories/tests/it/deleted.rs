//! Rows that are deleted and stay: out of every query, back with a restore, gone with a purge.

use albedo_entities::{assistant, entity};
use albedo_repositories::{DeletedRows, Purged, Repository, RepositoryError, Scope};
use albedo_testing::on_both_databases;
use chrono::TimeDelta;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait};

use crate::rows::{assistant, entity, now, owner};

fn of_assistants(gone: u64) -> Purged {
    Purged { table: "assistants", gone, in_use: 0 }
}

on_both_databases! {
    async fn a_deleted_row_is_there_for_a_restore_alone(database: TestDatabase) {
        let database = database.open().await;
        let (ada, eve) = (owner(&database, "ada").await, owner(&database, "eve").await);
        let living = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let deleted = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]).deleted());
        let made = living.insert(assistant("Desk"), now()).await.unwrap();
        let below = Repository::<entity::Entity>::on(database.write(), Scope::of(ada, vec![made.id]));
        let child = below.insert(entity("city"), now()).await.unwrap();
        assert_eq!(deleted.restore(made.id, None, now()).await.unwrap(), None, "it lives");
        assert!(living.delete(made.id, Some(1), now()).await.unwrap());
        assert_eq!((living.find(made.id).await.unwrap(), living.all(9).await.unwrap()), (None, vec![]));
        assert!(!living.delete(made.id, None, now()).await.unwrap());
        assert_eq!((below.find(child.id).await.unwrap(), below.parent_exists().await.unwrap()), (None, false));
        assert!(!below.delete(child.id, None, now()).await.unwrap());

        let found = deleted.find(made.id).await.unwrap().unwrap();
        assert_eq!((found.version, found.deleted_at, found.updated_at), (2, Some(now()), now()));
        let hers = Repository::<assistant::Entity>::on(database.write(), Scope::of(eve, vec![]).deleted());
        assert_eq!((hers.find(made.id).await.unwrap(), hers.restore(made.id, None, now()).await.unwrap()), (None, None));
        assert_eq!(deleted.restore(made.id, Some(1), now()).await.unwrap(), None, "it is in another state");
        let back = deleted.restore(made.id, Some(2), now()).await.unwrap().unwrap();
        assert_eq!((back.version, back.deleted_at), (3, None));
        assert_eq!((living.find(made.id).await.unwrap(), below.find(child.id).await.unwrap()), (Some(back), Some(child)));
    }

    async fn a_name_is_free_once_its_row_is_deleted_and_taken_for_its_return(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let living = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let deleted = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]).deleted());
        let mut ids = Vec::new();
        for _ in 0..2 {
            let made = living.insert(assistant("Desk"), now()).await.unwrap();
            let told = living.insert(assistant("Desk"), now()).await;
            assert!(matches!(told, Err(RepositoryError::Taken { columns: ["owner_id", "name"] })), "{told:?}");
            assert!(living.delete(made.id, None, now()).await.unwrap());
            ids.push(made.id);
        }
        deleted.restore(ids[0], None, now()).await.unwrap().unwrap();
        let told = deleted.restore(ids[1], None, now()).await;
        assert!(matches!(told, Err(RepositoryError::Taken { columns: ["owner_id", "name"] })), "{told:?}");
    }

    async fn a_purge_ends_what_was_deleted_before_and_nothing_else(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let living = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let old = now() - TimeDelta::days(40);
        for (name, deleted) in [("living", None), ("old", Some(old)), ("new", Some(now()))] {
            let made = living.insert(assistant(name), old).await.unwrap();
            let below = Repository::<entity::Entity>::on(database.write(), Scope::of(ada, vec![made.id]));
            below.insert(entity("city"), old).await.unwrap();
            if let Some(time) = deleted {
                assert!(living.delete(made.id, None, time).await.unwrap());
            }
        }
        let rows = DeletedRows::on(database.write());
        for expected in [1, 0] {
            assert_eq!(rows.purge_before(now() - TimeDelta::days(30)).await.unwrap(), [of_assistants(expected)]);
        }
        assert_eq!(entity::Entity::find().count(database.read()).await.unwrap(), 2, "it took along what hung below it");
        rows.purge_of(ada).await.unwrap();
        assert_eq!(assistant::Entity::find().count(database.read()).await.unwrap(), 1);
        assert_eq!(living.all(9).await.unwrap()[0].name, "living");
    }

    async fn a_purge_leaves_what_others_refer_to_and_goes_on(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let living = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let column = if database.write().get_database_backend() == DbBackend::Sqlite { "uuid_text" } else { "uuid" };
        let holds = format!("CREATE TABLE holds (assistant_id {column} NOT NULL REFERENCES assistants (id))");
        database.write().execute_unprepared(&holds).await.unwrap();
        for number in 0..5 {
            let row = living.insert(assistant(&format!("{number}")), now()).await.unwrap();
            if number % 2 == 1 {
                let held = Query::insert().into_table("holds").columns(["assistant_id"]).values_panic([row.id.into()]).take();
                database.write().execute(&held).await.unwrap();
            }
            assert!(living.delete(row.id, None, now()).await.unwrap());
        }
        let later = now() + TimeDelta::seconds(1);
        for gone in [3, 0] {
            let purged = DeletedRows::on(database.write()).purge_before(later).await.unwrap();
            assert_eq!(purged, [Purged { in_use: 2, ..of_assistants(gone) }]);
        }
    }

    async fn a_purge_of_many_goes_on_until_none_is_left(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let living = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        for number in 0..1_203 {
            let row = living.insert(assistant(&format!("{number}")), now()).await.unwrap();
            assert!(living.delete(row.id, None, now()).await.unwrap());
        }
        let later = now() + TimeDelta::seconds(1);
        assert_eq!(DeletedRows::on(database.write()).purge_before(later).await.unwrap(), [of_assistants(1_203)]);
    }
}
