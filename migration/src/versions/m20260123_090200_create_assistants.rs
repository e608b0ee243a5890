//! Creates the assistants.

use sea_orm_migration::prelude::*;

use crate::naming;

/// Creates the assistants.
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
            .table("assistants")
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("owner_id").uuid().not_null())
            .col(ColumnDef::new("name").string_len(256).not_null())
            .col(ColumnDef::new("description").string_len(512).null())
            .col(ColumnDef::new("language").string_len(35).not_null().default("en"))
            .col(ColumnDef::new("time_zone").string_len(64).not_null().default("UTC"))
            .col(ColumnDef::new("instructions").text().null())
            .col(ColumnDef::new("model").string_len(64).null())
            .col(ColumnDef::new("temperature").double().null())
            .col(ColumnDef::new("status").string_len(32).not_null().default("draft"))
            .col(ColumnDef::new("metadata").json().not_null())
            .col(ColumnDef::new("version").big_integer().not_null().default(1))
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .primary_key(&mut naming::primary_key("assistants"))
            .index(&mut naming::unique("assistants", &["owner_id", "name"]))
            .foreign_key(&mut naming::foreign_key("assistants", "owner_id", "users", ForeignKeyAction::Restrict))
            .check(naming::check("assistants", "temperature", Expr::col("temperature").between(0.0, 2.0)))
            .check(naming::check("assistants", "status", Expr::col("status").is_in(["draft", "active", "archived"])))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(naming::index("assistants", &["owner_id", "id"])).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("assistants").to_owned()).await
    }
}
