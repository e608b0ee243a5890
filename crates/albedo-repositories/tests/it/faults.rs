//! What the database refuses, by column: the same on both, inside a transaction as well.

use albedo_entities::{assistant, city, entity, user};
use albedo_repositories::{Repository, RepositoryError, Scope};
use albedo_testing::on_both_databases;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::rows::{assistant, city, entity, now, owner};

on_both_databases! {
    async fn what_is_taken_is_told_by_its_columns(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let cities = Repository::<city::Entity>::on(database.write(), Scope::of(ada, vec![]));
        cities.insert(city("Porto"), now()).await.unwrap();
        let faro = cities.insert(city("Faro"), now()).await.unwrap();
        let change = city::ActiveModel { name: Set("Porto".to_owned()), ..Default::default() };
        let told = cities.update(faro.id, None, change, now()).await;
        assert!(matches!(told, Err(RepositoryError::Taken { columns: ["name"] })), "{told:?}");
        let assistants = Repository::<assistant::Entity>::on(database.write(), Scope::of(ada, vec![]));
        assistants.insert(assistant("Desk"), now()).await.unwrap();
        let told = assistants.insert(assistant("Desk"), now()).await;
        assert!(matches!(told, Err(RepositoryError::Taken { columns: ["owner_id", "name"] })), "{told:?}");
    }

    async fn a_missing_reference_is_told_by_its_column(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let nobody = Scope::of(ada, vec![Uuid::from_u128(1)]);
        let told = Repository::<entity::Entity>::on(database.write(), nobody.clone()).insert(entity("city"), now()).await;
        assert!(matches!(told, Err(RepositoryError::MissingReference { column: "assistant_id" })), "{told:?}");
        let transaction = database.begin_write().await.unwrap();
        let told = Repository::<entity::Entity>::on(&transaction, nobody).insert(entity("city"), now()).await;
        assert!(matches!(told, Err(RepositoryError::MissingReference { column: "assistant_id" })), "{told:?}");
        transaction.rollback().await.unwrap();
        let nobody = Repository::<assistant::Entity>::on(database.write(), Scope::of(Uuid::from_u128(1), vec![]));
        let told = nobody.insert(assistant("Desk"), now()).await;
        assert!(matches!(told, Err(RepositoryError::MissingReference { column: "owner_id" })), "{told:?}");
    }

    async fn who_is_referred_to_cannot_go(database: TestDatabase) {
        let database = database.open().await;
        let ada = owner(&database, "ada").await;
        let scope = Scope::of(ada, vec![]);
        Repository::<assistant::Entity>::on(database.write(), scope.clone()).insert(assistant("Desk"), now()).await.unwrap();
        let told = Repository::<user::Entity>::on(database.write(), scope).delete(ada, None, now()).await;
        assert!(matches!(told, Err(RepositoryError::InUse)), "{told:?}");
    }

    async fn a_value_that_the_table_refuses_is_told_by_its_column(database: TestDatabase) {
        let database = database.open().await;
        let rows = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        let few = city::ActiveModel { population: Set(Some(-1)), ..city("Porto") };
        let told = rows.insert(few, now()).await;
        assert!(matches!(told, Err(RepositoryError::Refused { column: Some("population") })), "{told:?}");
        let far = city::ActiveModel { latitude: Set(Some(90.5)), ..city("Porto") };
        let told = rows.insert(far, now()).await;
        assert!(matches!(told, Err(RepositoryError::Refused { column: Some("latitude") })), "{told:?}");
        let nameless = city::ActiveModel { country_code: Set("PT".to_owned()), ..Default::default() };
        let told = rows.insert(nameless, now()).await;
        assert!(matches!(told, Err(RepositoryError::Refused { .. })), "{told:?}");
    }
}
