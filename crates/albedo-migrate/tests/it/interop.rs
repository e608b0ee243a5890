//! Beside SeaORM's own runner: its migrations here, ours there, one table for both.

#![expect(elided_lifetimes_in_paths, reason = "SeaORM's trait leaves them out, and async-trait makes two things of it")]

use albedo_migrate::Dialect;
use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner, Script, script};
use rstest::rstest;
use sea_orm_migration::prelude::*;
use sea_orm_migration::{MigratorTraitSelf, async_trait};

use crate::support::{TestDatabase, texts, toy};

mod m20220101_000001_create_posts {
    use super::*;

    pub(super) struct Migration;

    impl MigrationName for Migration {
        fn name(&self) -> &'static str {
            "m20220101_000001_create_posts"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for Migration {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            let id = ColumnDef::new("id").integer().not_null().auto_increment().primary_key().to_owned();
            manager
                .create_table(Table::create().table("posts").col(id).col(ColumnDef::new("title").string()).to_owned())
                .await?;
            manager.get_connection().execute_unprepared("INSERT INTO posts (title) VALUES ('it''s old')").await?;
            Ok(())
        }

        async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            manager.drop_table(Table::drop().table("posts").to_owned()).await
        }
    }
}

mod m20220102_000001_index_posts {
    use super::*;

    pub(super) struct Migration;

    impl MigrationName for Migration {
        fn name(&self) -> &'static str {
            "m20220102_000001_index_posts"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for Migration {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            manager.create_index(Index::create().name("ix_posts_title").table("posts").col("title").to_owned()).await
        }

        async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            manager.drop_index(Index::drop().name("ix_posts_title").table("posts").to_owned()).await
        }
    }
}

struct Old;

impl MigratorTrait for Old {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20220101_000001_create_posts::Migration), Box::new(m20220102_000001_index_posts::Migration)]
    }
}

const NEW: albedo_migrate::Migration = albedo_migrate::Migration {
    id: "aaaabbbbcccc",
    after: &["m20220102_000001_index_posts"],
    depends_on: &[],
    labels: &[],
    message: "rate posts",
    up: |op| {
        op.add_column("posts", |table| {
            table.integer("stars").not_null().default(0);
        });
        op.add_check("posts", "stars", "stars <= 5");
    },
    down: |op| {
        op.drop_constraint("posts", "ck_posts_stars");
        op.drop_column("posts", "stars");
    },
};

fn adopted() -> History {
    History::builder().adopt(<Old as MigratorTrait>::migrations()).migrations([NEW]).build().unwrap()
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn an_existing_project_is_adopted_by_one_line(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let connection = database.connect().await;
    <Old as MigratorTrait>::up(&connection, Some(1)).await.unwrap();
    let history = adopted();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    let report = runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(report.done.len(), 2);
    assert_eq!(texts(&connection, "SELECT title || stars FROM posts").await, ["it's old0"]);
    assert_eq!(runner.run(&Goal::Rollback(2), |_| {}).await.unwrap().done.len(), 2);
    // And back to SeaORM's runner alone, which finds its own rows.
    assert_eq!(<Old as MigratorTrait>::get_applied_migrations(&connection).await.unwrap().len(), 1);
    <Old as MigratorTrait>::down(&connection, None).await.unwrap();
    assert!(!database.dump().contains("posts"));
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn both_runners_agree_on_one_database(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    let connection = database.connect().await;
    history.up(&connection, Some(5)).await.unwrap();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    assert_eq!(runner.state().await.unwrap().rows.len(), 5);
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert!(history.get_pending_migrations(&connection).await.unwrap().is_empty());
    let dump = database.dump();
    history.down(&connection, Some(8)).await.unwrap();
    assert!(runner.state().await.unwrap().rows.is_empty());
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(database.dump(), dump);
    history.refresh(&connection).await.unwrap();
    assert_eq!(database.dump(), dump);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn old_migrations_are_recorded_in_a_script(#[case] dialect: Dialect) {
    let (Some(online), Some(offline)) = (TestDatabase::new(dialect).await, TestDatabase::new(dialect).await) else {
        return;
    };
    let history = adopted();
    let mut runner = Runner::connect(&history, &online.url, Options::default()).await.unwrap();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    let wanted = Script {
        dialect,
        range: "".parse::<albedo_migrate::revision::Range>().unwrap(),
        down: false,
        limits: Options::default().limits(),
    };
    offline.feed(&script(&history, &wanted).await.unwrap()).unwrap();
    assert_eq!(offline.dump(), online.dump());
    assert_eq!(texts(&offline.connect().await, "SELECT title FROM posts").await, ["it's old"]);
}
