//! Creates the cities.

use sea_orm_migration::prelude::*;

use crate::naming;

/// Creates the cities.
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
            .table("cities")
            .col(ColumnDef::new("id").uuid().not_null())
            .col(ColumnDef::new("name").string_len(120).not_null())
            .col(ColumnDef::new("country_code").char_len(2).not_null())
            .col(ColumnDef::new("population").big_integer().null())
            .col(ColumnDef::new("latitude").double().null())
            .col(ColumnDef::new("longitude").double().null())
            .col(ColumnDef::new("version").big_integer().not_null().default(1))
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .primary_key(&mut naming::primary_key("cities"))
            .index(&mut naming::unique("cities", &["name"]))
            .check(naming::check("cities", "population", Expr::col("population").gte(0)))
            .check(naming::check("cities", "latitude", Expr::col("latitude").between(-90.0, 90.0)))
            .check(naming::check("cities", "longitude", Expr::col("longitude").between(-180.0, 180.0)))
            .to_owned();
        manager.create_table(table).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("cities").to_owned()).await
    }
}
