//! The entities against the migrated tables: the same columns, of the same types, empty or not, unique and referring alike.

use std::collections::BTreeSet;

use albedo_entities::{assistant, audit_event, city, entity, refresh_token, registry, user, value};
use albedo_testing::{TestDatabase, on_both_databases};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Schema, Statement};

const TABLES: [&str; 7] =
    ["users", "refresh_tokens", "assistants", "entities", "entity_values", "cities", "audit_events"];

/// The texts of every row that a query answers.
async fn rows(database: &impl ConnectionTrait, columns: &[&str], sql: String) -> BTreeSet<Vec<String>> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.unwrap();
    let texts = |row: sea_orm::QueryResult| -> Vec<String> {
        columns.iter().map(|column| row.try_get::<Option<String>>("", column).unwrap().unwrap_or_default()).collect()
    };
    rows.into_iter().map(texts).collect()
}

/// Name, type, length and emptiness of every column.
async fn columns(database: &impl ConnectionTrait, table: &str) -> BTreeSet<Vec<String>> {
    let sql = match database.get_database_backend() {
        DbBackend::Postgres => format!(
            "SELECT column_name::text AS name, udt_name::text AS type, is_nullable::text AS empty, \
             character_maximum_length::text AS length FROM information_schema.columns WHERE table_name = '{table}'"
        ),
        _ => format!(
            "SELECT name, lower(type) AS type, CASE WHEN \"notnull\" THEN 'NO' ELSE 'YES' END AS empty, NULL AS length \
             FROM pragma_table_info('{table}')"
        ),
    };
    rows(database, &["name", "type", "empty", "length"], sql).await
}

/// The columns of every unique key, partial ones too, and every column that refers to another table, with that table.
async fn constraints(database: &impl ConnectionTrait, table: &str) -> BTreeSet<Vec<String>> {
    let sql = match database.get_database_backend() {
        // By their names: answers tell the field of a violated constraint by it.
        DbBackend::Postgres => format!(
            "SELECT conname::text AS name FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype = 'f' \
             UNION SELECT indexrelid::regclass::text FROM pg_index \
             WHERE indrelid = '{table}'::regclass AND indisunique AND NOT indisprimary"
        ),
        _ => format!(
            "SELECT 'uq_{table}_' || (SELECT group_concat(name, '_') FROM \
                (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)) AS name \
             FROM pragma_index_list('{table}') AS list WHERE origin <> 'pk' AND \"unique\" \
             UNION SELECT 'fk_{table}_' || \"from\" FROM pragma_foreign_key_list('{table}')"
        ),
    };
    rows(database, &["name"], sql).await
}

async fn create<E: EntityTrait>(database: &impl ConnectionTrait, entity: E) {
    let table = Schema::new(database.get_database_backend()).create_table_from_entity(entity);
    database.execute(&table).await.unwrap();
}

on_both_databases! {
    async fn the_entities_are_the_tables(database: TestDatabase) {
        let (migrated, empty) = (database.open().await, TestDatabase::empty(database.backend()).await.unwrap());
        let described = empty.open().await;
        create(described.write(), user::Entity).await;
        create(described.write(), refresh_token::Entity).await;
        create(described.write(), assistant::Entity).await;
        create(described.write(), entity::Entity).await;
        create(described.write(), value::Entity).await;
        create(described.write(), city::Entity).await;
        create(described.write(), audit_event::Entity).await;
        for table in TABLES {
            let (migrated, described) = (columns(migrated.read(), table).await, columns(described.read(), table).await);
            assert!(!migrated.is_empty(), "{table} is not there");
            assert_eq!(migrated, described, "{table}");
        }
    }

    async fn every_column_that_is_named_is_there(database: TestDatabase) {
        let migrated = database.open().await;
        for description in registry::resources() {
            let there = columns(migrated.read(), (description.table)()).await;
            let sorts = description.default_sort.iter().map(|(field, _)| field.name);
            let named = description.fields.iter().map(|field| field.name).chain(sorts);
            let named = named.chain(description.unique.iter().copied().flatten().copied());
            let named = named.chain(description.references.iter().map(|reference| reference.column));
            let named = named.chain(description.owner).chain(description.parent.iter().map(|parent| parent.column));
            for name in named {
                let found = there.iter().any(|column| column.first().is_some_and(|column| column == name));
                assert!(found, "{} has no column {name}", description.name);
            }
        }
    }

    async fn every_constraint_is_declared_and_every_declared_one_is_there(database: TestDatabase) {
        let migrated = database.open().await;
        for description in registry::resources() {
            let table = (description.table)();
            let unique = description.unique.iter().map(|columns| format!("uq_{table}_{}", columns.join("_")));
            let references = description.references.iter().map(|reference| format!("fk_{table}_{}", reference.column));
            let declared: BTreeSet<_> = unique.chain(references).map(|name| vec![name]).collect();
            assert_eq!(constraints(migrated.read(), table).await, declared, "{table}");
        }
    }
}
