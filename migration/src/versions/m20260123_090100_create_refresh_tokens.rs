//! Creates the refresh tokens.

use sea_orm_migration::prelude::*;

use crate::naming;

/// Creates the refresh tokens.
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
            .table("refresh_tokens")
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("user_id").uuid().not_null())
            .col(ColumnDef::new("family_id").uuid().not_null())
            .col(ColumnDef::new("token_hash").char_len(64).not_null())
            .col(ColumnDef::new("logged_in_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("expires_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("used_at").timestamp_with_time_zone().null())
            .col(ColumnDef::new("sibling_at").timestamp_with_time_zone().null())
            .col(ColumnDef::new("revoked_at").timestamp_with_time_zone().null())
            .col(ColumnDef::new("user_agent").string_len(256).null())
            .col(ColumnDef::new("ip").string_len(45).null())
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .primary_key(&mut naming::primary_key("refresh_tokens"))
            .index(&mut naming::unique("refresh_tokens", &["token_hash"]))
            .foreign_key(&mut naming::foreign_key("refresh_tokens", "user_id", "users", ForeignKeyAction::Cascade))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(naming::index("refresh_tokens", &["family_id"])).await?;
        manager.create_index(naming::index("refresh_tokens", &["user_id"])).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("refresh_tokens").to_owned()).await
    }
}
