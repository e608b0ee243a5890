//! Create cities.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "1d97b2a60e8c",
    after: &["e84d15f3b7c6"],
    depends_on: &[],
    labels: &[],
    message: "create cities",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("cities", |table| {
        table.uuid("id").primary_key();
        table.string("name", 120).not_null();
        table.column("country_code", ColumnType::Char(Some(2))).not_null();
        table.big_integer("population");
        table.double("latitude");
        table.double("longitude");
        table.big_integer("version").not_null().default(1);
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["name"]);
        table.check("population", "population >= 0");
        table.check("latitude", "latitude BETWEEN -90 AND 90");
        table.check("longitude", "longitude BETWEEN -180 AND 180");
    });
}

fn down(op: &mut Operations) {
    op.drop_table("cities");
}
