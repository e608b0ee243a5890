//! `all`, `find`, `insert`, `update` and `delete`, and the scope that none of them leaves.

use albedo_entities::{assistant, city, entity};
use albedo_repositories::{Repository, Scope, Users};
use albedo_testing::on_both_databases;
use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::rows::{assistant, city, entity, now, owner};

on_both_databases! {
    async fn a_new_row_gets_what_the_server_sets(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let rows = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let made = rows.insert(assistant("Desk"), now()).await.unwrap();
        assert_eq!((made.owner_id, made.version, made.created_at, made.updated_at), (ada, 1, now(), now()));
        assert_eq!(made.id.get_version_num(), 7);
        assert_eq!(rows.find(made.id).await.unwrap(), Some(made.clone()));
        let below = Repository::<entity::Entity>::on(database.write(), Scope::of(ada, vec![made.id]));
        assert_eq!(below.insert(entity("city"), now()).await.unwrap().assistant_id, made.id);
    }

    async fn a_change_raises_the_version_and_touches_nothing_else(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        let (made, other) =
            (rows.insert(city("Porto"), now()).await.unwrap(), rows.insert(city("Faro"), now()).await.unwrap());
        let change = city::ActiveModel { population: Set(Some(7)), ..Default::default() };
        let later = now() + TimeDelta::microseconds(1);
        let changed = rows.update(made.id, Some(1), change.clone(), later).await.unwrap().unwrap();
        assert_eq!(changed, city::Model { population: Some(7), version: 2, updated_at: later, ..made.clone() });
        assert_eq!(rows.update(made.id, Some(1), change.clone(), later).await.unwrap(), None, "the version is another");
        assert_eq!(rows.update(made.id, None, change, later).await.unwrap().unwrap().version, 3);
        assert_eq!(rows.find(other.id).await.unwrap(), Some(other));
    }

    async fn a_stronger_hash_of_the_same_password_is_no_change(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let users = Users::on(database.write());
        assert!(!users.strengthen(ada, "another", "strong").await.unwrap());
        assert!(users.strengthen(ada, "none", "strong").await.unwrap());
        let user = users.find(ada).await.unwrap().unwrap();
        assert_eq!((&*user.password_hash, user.version, user.updated_at), ("strong", 1, now()));
    }

    async fn nobody_sets_a_version_by_hand(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        let made = rows.insert(city::ActiveModel { version: Set(9), ..city("Porto") }, now()).await.unwrap();
        assert_eq!(made.version, 1);
        let change = city::ActiveModel { version: Set(9), ..Default::default() };
        assert_eq!(rows.update(made.id, None, change, now()).await.unwrap().unwrap().version, 2);
    }

    async fn a_delete_says_whether_there_was_something(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        let made = rows.insert(city("Porto"), now()).await.unwrap();
        assert!(!rows.delete(made.id, Some(2), now()).await.unwrap());
        assert!(rows.delete(made.id, Some(1), now()).await.unwrap());
        assert!(!rows.delete(made.id, None, now()).await.unwrap());
    }

    async fn the_first_rows_come_by_id(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        for name in ["c", "a", "b"] {
            rows.insert(city(name), now()).await.unwrap();
        }
        let names = |rows: Vec<city::Model>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(names(rows.all(10).await.unwrap()), ["c", "a", "b"]);
        assert_eq!(names(rows.all(2).await.unwrap()), ["c", "a"]);
    }

    async fn no_verb_reaches_out_of_its_scope(database: TestDatabase) {
        let database = database.open().await;
        let (ada, eve) = (owner(&database, "ada").await, owner(&database, "eve").await);
        let hers = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let made = hers.insert(assistant("Desk"), now()).await.unwrap();
        let other = hers.insert(assistant("Other"), now()).await.unwrap();
        let below = Repository::<entity::Entity>::on(database.write(), Scope::of(ada, vec![made.id]));
        let entity = below.insert(entity("city"), now()).await.unwrap();

        let foreign = Repository::<assistant::Entity>::on(database.write(), Scope::of(eve, vec![]));
        let change = assistant::ActiveModel { name: Set("Mine".to_owned()), ..Default::default() };
        assert_eq!(foreign.find(made.id).await.unwrap(), None);
        assert_eq!(foreign.update(made.id, None, change, now()).await.unwrap(), None);
        assert!(!foreign.delete(made.id, None, now()).await.unwrap());
        assert!(foreign.all(10).await.unwrap().is_empty());
        for scope in [Scope::of(eve, vec![made.id]), Scope::of(ada, vec![other.id]), Scope::of(ada, vec![])] {
            let rows = Repository::<entity::Entity>::on(database.write(), scope.clone());
            let change = entity::ActiveModel { name: Set("mine".to_owned()), ..Default::default() };
            assert_eq!(rows.parent_exists().await.unwrap(), scope == Scope::of(ada, vec![other.id]));
            assert_eq!(rows.find(entity.id).await.unwrap(), None);
            assert_eq!(rows.update(entity.id, None, change, now()).await.unwrap(), None);
            assert!(!rows.delete(entity.id, None, now()).await.unwrap());
        }
        assert_eq!((hers.find(made.id).await.unwrap(), below.find(entity.id).await.unwrap()), (Some(made), Some(entity)));
    }

    async fn a_locked_row_is_the_row_and_only_in_scope(database: TestDatabase) {
        let database = database.open().await;
        let (ada, eve) = (owner(&database, "ada").await, owner(&database, "eve").await);
        let rows = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        let made = rows.insert(assistant("Desk"), now()).await.unwrap();
        let transaction = database.begin_write().await.unwrap();
        let locked = |owner| Repository::<assistant::Entity>::on(&transaction, Scope::of(owner, vec![]));
        assert_eq!(locked(ada).lock(made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(locked(eve).lock(made.id).await.unwrap(), None);
    }
}
