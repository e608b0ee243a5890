//! Creates the entities.

use sea_orm_migration::prelude::*;

use crate::naming;

/// Creates the entities.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // SeaORM would run it without a transaction on SQLite.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("entities")
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("assistant_id").uuid().not_null())
            .col(ColumnDef::new("name").string_len(64).not_null())
            .col(ColumnDef::new("description").string_len(512).null())
            .col(ColumnDef::new("kind").string_len(32).not_null())
            .col(ColumnDef::new("fuzzy_match").boolean().not_null().default(false))
            .col(ColumnDef::new("case_sensitive").boolean().not_null().default(false))
            .col(ColumnDef::new("sensitive").boolean().not_null().default(false))
            .col(ColumnDef::new("metadata").json().not_null())
            .col(ColumnDef::new("version").big_integer().not_null().default(1))
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .primary_key(&mut naming::primary_key("entities"))
            .index(&mut naming::unique("entities", &["assistant_id", "name"]))
            .foreign_key(&mut naming::foreign_key("entities", "assistant_id", "assistants", ForeignKeyAction::Cascade))
            .check(naming::check("entities", "kind", Expr::col("kind").is_in(["list", "pattern"])))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(naming::index("entities", &["assistant_id", "id"])).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("entities").to_owned()).await
    }
}
