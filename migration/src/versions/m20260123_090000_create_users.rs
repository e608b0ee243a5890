//! Creates the users.

use sea_orm_migration::prelude::*;

use crate::naming;

/// Creates the users.
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
            .table("users")
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("email").string_len(254).not_null())
            .col(ColumnDef::new("password_hash").text().not_null())
            .col(ColumnDef::new("full_name").string_len(256).null())
            .col(ColumnDef::new("role").string_len(32).not_null().default("editor"))
            .col(ColumnDef::new("is_active").boolean().not_null().default(true))
            .col(ColumnDef::new("email_verified_at").timestamp_with_time_zone().null())
            .col(ColumnDef::new("last_login_at").timestamp_with_time_zone().null())
            .col(ColumnDef::new("version").big_integer().not_null().default(1))
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .primary_key(&mut naming::primary_key("users"))
            .index(&mut naming::unique("users", &["email"]))
            .check(naming::check("users", "role", Expr::col("role").is_in(["viewer", "editor", "admin"])))
            .to_owned();
        manager.create_table(table).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("users").to_owned()).await
    }
}
