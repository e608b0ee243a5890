//! Tables come.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "tables come", up, down };

fn up(op: &mut Operations) {
    op.create_enum("mood", ["sad", "glad"]);
    op.create_table("order", |table| {
        table.integer("id").primary_key().auto_increment();
        table.string("Group", 20).not_null().default("it's \"x\"").comment("reserved");
        table.column("code", ColumnType::Char(Some(2)));
        table.decimal("price", 10, 2).not_null().default(0);
        table.double("rate").default(1.5);
        table.big_integer("big").default(5000000000_i64);
        table.integer("twice").generated("id * 2");
        table.timestamps();
        table.unique(["Group", "code"]);
        table.unique(["big"]).name("only big").deferrable(Deferrable::InitiallyDeferred);
        table.check("price", "price >= 0");
        table.check_named("any name", "rate < 100");
        table.index(["code"]).descending("price").expression("lower(code)").unique().filter("price > 1");
        table.index(["price"]).include(["rate", "big"]);
        table.comment("what was ordered");
    });
    op.create_table("pairs", |table| {
        table.integer("b").not_null();
        table.integer("a").not_null();
        table.primary_key(["a", "b"]);
    });
    op.create_table("uses", |table| {
        table.integer("x");
        table.integer("y");
        table
            .foreign_key(["x", "y"], "pairs", ["a", "b"])
            .on_update(Action::Cascade)
            .deferrable(Deferrable::InitiallyImmediate);
    });
    op.create_table("eggs", |table| {
        table.uuid("id").primary_key();
        table.uuid("hen_id").not_null();
        table.json("data");
        table.column("tags", ColumnType::Array(Box::new(ColumnType::Text)));
    });
    op.create_table("hens", |table| {
        table.uuid("id").primary_key();
        table.uuid("egg_id").references("eggs", "id").on_delete(Action::SetNull);
        table.uuid("mother_id").references("hens", "id").on_delete(Action::Cascade).indexed();
        table.enumeration("mood", "mood").not_null().default("sad");
    });
    op.add_foreign_key("eggs", ["hen_id"], "hens", ["id"]);
}

fn down(op: &mut Operations) {
    op.drop_table("order");
    op.drop_table("uses");
    op.drop_table("pairs");
    op.drop_constraint("eggs", "fk_eggs_hen_id");
    op.drop_table("hens");
    op.drop_table("eggs");
    op.drop_enum("mood");
}
