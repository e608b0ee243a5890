//! Creates the values of entities.

use sea_orm_migration::prelude::*;

use crate::naming;

/// Creates the values of entities.
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
            .table("entity_values")
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("entity_id").uuid().not_null())
            .col(ColumnDef::new("value").string_len(128).not_null())
            .col(ColumnDef::new("value_key").text().not_null())
            .col(ColumnDef::new("language").string_len(35).null())
            .col(ColumnDef::new("synonyms").json().not_null())
            .col(ColumnDef::new("patterns").json().not_null())
            .col(ColumnDef::new("position").integer().not_null().default(0))
            .col(ColumnDef::new("version").big_integer().not_null().default(1))
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .primary_key(&mut naming::primary_key("entity_values"))
            .index(&mut naming::unique("entity_values", &["entity_id", "value_key"]))
            .foreign_key(&mut naming::foreign_key("entity_values", "entity_id", "entities", ForeignKeyAction::Cascade))
            .check(naming::check("entity_values", "position", Expr::col("position").gte(0)))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(naming::index("entity_values", &["entity_id", "position", "id"])).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("entity_values").to_owned()).await
    }
}
