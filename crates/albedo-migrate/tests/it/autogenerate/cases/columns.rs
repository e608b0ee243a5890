//! Columns, their types and their values.

use crate::autogenerate::generated;
use crate::autogenerate::replay::Case;
use albedo_migrate::prelude::*;

cases! {
    columns_come = Case {
        before: |op| {
            op.create_table("teams", |table| {
                table.integer("id").primary_key();
            });
            op.create_table("users", |table| {
                table.integer("id").primary_key();
                table.string("name", 20);
            });
        },
        rows: "INSERT INTO teams VALUES (3); INSERT INTO users VALUES (1, 'Ada'), (2, 'Bo')",
        after: |op| {
            op.create_table("teams", |table| {
                table.integer("id").primary_key();
            });
            op.create_table("users", |table| {
                table.integer("id").primary_key();
                table.boolean("active").not_null().default(true);
                table.string("code", 20).not_null().unique();
                table.string("name", 20);
                table.integer("team_id").not_null().references("teams", "id").indexed();
                table.timestamp_with_time_zone("seen_at").not_null().default_now();
                table.text("shout").generated("upper(name)");
                table.text("note").default_expression("'a' || 'b'");
                table.check("code", "code <> ''");
            });
        },
        fills: &["users.code=('c' || id)", "users.team_id=3"],
        values: Some(("SELECT code FROM users ORDER BY id", &["c1", "c2"], &[])),
        ..Case::NONE
    };
    columns_go = Case {
        before: |op| {
            op.create_table("teams", |table| {
                table.uuid("id").primary_key();
            });
            op.create_table("users", |table| {
                table.integer("id").primary_key();
                table.string("email", 50).not_null().unique();
                table.uuid("team_id").not_null().references("teams", "id");
                table.integer("age").not_null();
                table.integer("double_age").generated("age * 2");
                table.json("data").not_null();
                table.timestamp_with_time_zone("at").not_null();
                table.check("age", "age >= 0");
                table.index(["age", "email"]).filter("age > 18");
            });
        },
        rows: "INSERT INTO teams VALUES ('00000000-0000-0000-0000-000000000001'); INSERT INTO users (id, email, team_id, age, data, at) VALUES (1, 'a', '00000000-0000-0000-0000-000000000001', 7, '{}', '2026-01-01 00:00:00+00:00'), (2, 'b', '00000000-0000-0000-0000-000000000001', 8, '{}', '2026-01-01 00:00:00+00:00')",
        after: |op| {
            op.create_table("teams", |table| {
                table.uuid("id").primary_key();
            });
            op.create_table("users", |table| {
                table.integer("id").primary_key();
            });
        },
        values: Some(("SELECT id FROM users ORDER BY id", &["1", "2"], &["1", "2"])),
        ..Case::NONE
    };
    types_change = Case {
        before: |op| op.create_table("t", |table| {
            table.integer("id").primary_key();
            table.integer("grows").not_null().default(3);
            table.big_integer("shrinks");
            table.string("cut", 50).default("x");
            table.text("counted");
            table.integer("spelled");
            table.text("truth");
            table.boolean("word");
            table.double("rounded");
            table.decimal("exact", 8, 2).default(0);
            table.json("data");
            table.uuid("key");
            table.date("day");
            table.integer("flag");
            table.index(["cut"]).filter("cut <> ''");
            table.check("grows", "grows > 0");
            table.integer("computed").generated("grows + 1");
        }),
        rows: "INSERT INTO t (id, grows, shrinks, cut, counted, spelled, truth, word, rounded, exact, data, key, day, flag) VALUES (1, 2, 3, 'abc', '12', 5, 'true', TRUE, 2.0, 1.25, '{\"a\":1}', '00000000-0000-0000-0000-000000000001', '2026-01-02', 1)",
        after: |op| op.create_table("t", |table| {
            table.integer("id").primary_key();
            table.big_integer("grows").not_null().default(3);
            table.integer("shrinks");
            table.string("cut", 10).default("x");
            table.integer("counted");
            table.text("spelled");
            table.boolean("truth");
            table.text("word");
            table.integer("rounded");
            table.decimal("exact", 12, 4).default(0);
            table.json_binary("data");
            table.text("key");
            table.date_time("day");
            table.boolean("flag");
            table.index(["cut"]).filter("cut <> ''");
            table.check("grows", "grows > 0");
            table.integer("computed").generated("grows + 1");
        }),
        values: Some((
            "SELECT cut || ' ' || counted || ' ' || spelled || ' ' || CASE WHEN truth IN (TRUE) THEN 'yes' END || ' ' || word || ' ' || CAST(rounded AS integer) || ' ' || key FROM t",
            &["abc 12 5 yes true 2 00000000-0000-0000-0000-000000000001"],
            &[],
        )),
        ..Case::NONE
    };
    keys_change_their_type = Case {
        before: |op| {
            op.create_table("teams", |table| {
                table.uuid("id").primary_key();
            });
            op.create_table("users", |table| {
                table.integer("id").primary_key();
                table.uuid("team_id").references("teams", "id").on_delete(Action::Cascade);
            });
        },
        rows: "INSERT INTO teams VALUES ('00000000-0000-0000-0000-000000000001'); INSERT INTO users VALUES (1, '00000000-0000-0000-0000-000000000001')",
        after: |op| {
            op.create_table("teams", |table| {
                table.text("id").primary_key();
            });
            op.create_table("users", |table| {
                table.big_integer("id").primary_key();
                table.text("team_id").references("teams", "id").on_delete(Action::Cascade);
            });
        },
        values: Some(("SELECT count(*) FROM users JOIN teams ON teams.id = users.team_id", &["1"], &["1"])),
        ..Case::NONE
    };
    nullability_and_defaults = Case {
        before: |op| op.create_table("t", |table| {
            table.integer("id").primary_key();
            table.text("a");
            table.text("b").not_null();
            table.integer("c").default(1);
            table.boolean("d").not_null().default(true);
            table.timestamp_with_time_zone("e").default_now();
            table.text("f").default("x");
            table.integer("g");
        }),
        rows: "INSERT INTO t (id, a, b) VALUES (1, NULL, 'b'), (2, 'a', 'b')",
        after: |op| op.create_table("t", |table| {
            table.integer("id").primary_key();
            table.text("a").not_null().default("y");
            table.text("b");
            table.integer("c").default(-2);
            table.boolean("d").not_null().default(false);
            table.timestamp_with_time_zone("e");
            table.text("f").default_expression("'x' || 'y'");
            table.integer("g").not_null().default(4);
        }),
        fills: &["t.a=it's", "t.g=4"],
        values: Some(("SELECT a || g FROM t ORDER BY id", &["it's4", "a4"], &[])),
        ..Case::NONE
    };
    enum_values_come = Case {
        before: |op| {
            op.create_enum("mood", ["sad", "glad"]);
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.enumeration("mood", "mood").not_null().default("sad");
            });
        },
        rows: "INSERT INTO t VALUES (1, 'sad'), (2, 'glad')",
        after: |op| {
            op.create_enum("mood", ["so so", "sad", "it's", "glad", "mad"]);
            op.create_enum("size", ["s"]);
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.enumeration("mood", "mood").not_null().default("sad");
                table.enumeration("size", "size");
            });
        },
        values: Some(("SELECT mood FROM t ORDER BY id", &["sad", "glad"], &["sad", "glad"])),
        ..Case::NONE
    };
    enum_values_go = Case {
        before: |op| {
            op.create_enum("mood", ["sad", "glad", "mad"]);
            op.create_enum("size", ["s"]);
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.enumeration("mood", "mood").not_null().default("mad").indexed();
                table.column("moods", ColumnType::Array(Box::new(ColumnType::Enum("mood".into()))));
                table.check("mood", "mood <> 'glad' OR id > 1");
                table.enumeration("size", "size");
            });
        },
        rows: "INSERT INTO t (id, mood) VALUES (1, 'sad'), (2, 'mad'), (3, 'glad')",
        after: |op| {
            op.create_enum("mood", ["glad", "sad"]);
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.enumeration("mood", "mood").not_null().default("glad").indexed();
                table.column("moods", ColumnType::Array(Box::new(ColumnType::Enum("mood".into()))));
                table.check("mood", "mood <> 'glad' OR id > 1");
            });
        },
        fills: &["mood.mad=sad"],
        values: Some(("SELECT mood FROM t ORDER BY id", &["sad", "sad", "glad"], &["sad", "sad", "glad"])),
        ..Case::NONE
    };
    enum_values_are_renamed_and_texts_become_enums = Case {
        before: |op| {
            op.create_enum("mood", ["sad", "glad"]);
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.enumeration("mood", "mood").not_null().default("sad");
                table.string("size", 10).not_null().default("s");
                table.check("size", "size IN ('s', 'm')");
            });
        },
        rows: "INSERT INTO t VALUES (1, 'sad', 's'), (2, 'glad', 'm')",
        after: |op| {
            op.create_enum("mood", ["unhappy", "glad"]);
            op.create_enum("size", ["s", "m"]);
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.enumeration("mood", "mood").not_null().default("unhappy");
                table.enumeration("size", "size").not_null().default("m");
            });
        },
        renames: &["mood.sad=unhappy"],
        values: Some(("SELECT CAST(mood AS text) || CAST(size AS text) FROM t ORDER BY id", &["unhappys", "gladm"], &["sads", "gladm"])),
        ..Case::NONE
    };
    computed_columns_change = Case {
        before: |op| op.create_table("t", |table| {
            table.integer("a").not_null();
            table.integer("changes").generated("a * 2").indexed();
            table.integer("stays_a_number").not_null().generated("a * 3");
            table.integer("becomes_computed");
        }),
        rows: "INSERT INTO t (a, becomes_computed) VALUES (1, 9), (2, 9)",
        after: |op| op.create_table("t", |table| {
            table.integer("a").not_null();
            table.integer("changes").generated("a * 5").indexed();
            table.integer("stays_a_number").not_null();
            table.integer("becomes_computed").generated("a + 1");
        }),
        values: Some((
            "SELECT changes + stays_a_number * 100 + becomes_computed * 10000 FROM t ORDER BY a",
            &["20305", "30610"],
            &[],
        )),
        ..Case::NONE
    };
    rows_are_numbered = Case {
        before: |op| {
            op.create_table("begins", |table| {
                table.integer("id").primary_key();
                table.text("a");
            });
            op.create_table("ends", |table| {
                table.big_integer("id").primary_key().auto_increment();
                table.text("a");
            });
        },
        rows: "INSERT INTO begins VALUES (7, 'x'); INSERT INTO ends (a) VALUES ('x')",
        after: |op| {
            op.create_table("begins", |table| {
                table.integer("id").primary_key().auto_increment();
                table.text("a");
            });
            op.create_table("ends", |table| {
                table.big_integer("id").primary_key();
                table.text("a");
            });
        },
        ..Case::NONE
    };
}
