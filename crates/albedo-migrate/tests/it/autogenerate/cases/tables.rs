//! Tables, their keys, constraints, indexes and names.

use crate::autogenerate::generated;
use crate::autogenerate::replay::Case;
use albedo_migrate::prelude::*;

cases! {
    tables_come = Case {
        before: |_| {},
        after: |op| {
            op.create_enum("mood", ["sad", "glad"]);
            op.create_table("order", |table| {
                table.integer("id").primary_key().auto_increment();
                table.string("Group", 20).not_null().default("it's \"x\"").comment("reserved");
                table.column("code", ColumnType::Char(Some(2)));
                table.decimal("price", 10, 2).not_null().default(0);
                table.double("rate").default(1.5);
                table.big_integer("big").default(5_000_000_000_i64);
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
            op.create_table("hens", |table| {
                table.uuid("id").primary_key();
                table.uuid("egg_id").references("eggs", "id").on_delete(Action::SetNull);
                table.uuid("mother_id").references("hens", "id").on_delete(Action::Cascade).indexed();
                table.enumeration("mood", "mood").not_null().default("sad");
            });
            op.create_table("eggs", |table| {
                table.uuid("id").primary_key();
                table.uuid("hen_id").not_null().references("hens", "id");
                table.json("data");
                table.column("tags", ColumnType::Array(Box::new(ColumnType::Text)));
            });
            op.create_table("pairs", |table| {
                table.integer("b").not_null();
                table.integer("a").not_null();
                table.primary_key(["a", "b"]);
            });
            op.create_table("uses", |table| {
                table.integer("x");
                table.integer("y");
                table.foreign_key(["x", "y"], "pairs", ["a", "b"]).on_update(Action::Cascade).deferrable(Deferrable::InitiallyImmediate);
            });
        },
        ..Case::NONE
    };
    tables_go = Case {
        before: |op| {
            op.create_table("teams", |table| {
                table.integer("id").primary_key();
                table.integer("boss_id").references("users", "id");
            });
            op.create_table("users", |table| {
                table.integer("id").primary_key();
                table.integer("team_id").references("teams", "id").on_delete(Action::Cascade);
            });
            op.create_table("stays", |table| {
                table.integer("id").primary_key();
                table.integer("user_id").references("users", "id");
            });
        },
        rows: "INSERT INTO teams VALUES (1, NULL); INSERT INTO users VALUES (1, 1); UPDATE teams SET boss_id = 1; INSERT INTO stays VALUES (1, 1); UPDATE stays SET user_id = NULL",
        after: |op| op.create_table("stays", |table| {
            table.integer("id").primary_key();
            table.integer("user_id");
        }),
        values: Some(("SELECT id FROM stays", &["1"], &["1"])),
        ..Case::NONE
    };
    primary_keys_change = Case {
        before: |op| {
            op.create_table("grows", |table| {
                table.integer("a").primary_key();
                table.integer("b").not_null();
            });
            op.create_table("gets_one", |table| {
                table.text("a");
            });
            op.create_table("named", |table| {
                table.integer("a").not_null();
                table.primary_key_named("old name", ["a"]);
            });
        },
        rows: "INSERT INTO grows VALUES (1, 1); INSERT INTO gets_one VALUES ('x'); INSERT INTO named VALUES (1)",
        after: |op| {
            op.create_table("grows", |table| {
                table.integer("a").not_null();
                table.integer("b").not_null();
                table.primary_key(["a", "b"]);
            });
            op.create_table("gets_one", |table| {
                table.text("a").primary_key();
            });
            op.create_table("named", |table| {
                table.integer("a").primary_key();
            });
        },
        fills: &["gets_one.a=none"],
        ..Case::NONE
    };
    uniques_change = Case {
        before: |op| op.create_table("t", |table| {
            table.integer("a").unique();
            table.integer("b");
            table.integer("c");
            table.unique(["a", "b"]);
            table.unique(["b", "c"]).name("odd one");
            table.unique(["c"]).name("changes its columns");
        }),
        rows: "INSERT INTO t VALUES (1, 2, 3), (4, 5, 6)",
        after: |op| op.create_table("t", |table| {
            table.integer("a");
            table.integer("b").unique();
            table.integer("c");
            table.unique(["b", "c"]);
            table.unique(["c", "a"]).name("changes its columns");
            table.unique(["a", "b"]).deferrable(Deferrable::InitiallyImmediate);
        }),
        ..Case::NONE
    };
    indexes_change = Case {
        before: |op| op.create_table("t", |table| {
            table.integer("a").indexed();
            table.text("b");
            table.text("c");
            table.index(["b"]).filter("a > 0");
            table.index([]).name("by lower").expression("lower(b)");
            table.index(["a", "b"]);
            table.index(["c"]).include(["a"]);
            table.index(["b", "c"]).name("old name");
            table.index(["c", "a"]);
        }),
        rows: "INSERT INTO t VALUES (1, 'x', 'y'), (2, 'z', 'w')",
        after: |op| op.create_table("t", |table| {
            table.integer("a");
            table.text("b");
            table.text("c");
            table.index(["b"]).filter("a > 1");
            table.index([]).name("by lower").expression("upper(b)").reversed();
            table.index(["a", "b"]).unique();
            table.index(["c"]).include(["a", "b"]);
            table.index(["b", "c"]);
            table.index(["c"]).name("ix_t_c_a").descending("a").column("b");
            table.index(["a"]).name("hashed").using("hash");
        }),
        ..Case::NONE
    };
    foreign_keys_change = Case {
        before: |op| {
            op.create_table("one", |table| {
                table.integer("id").primary_key();
                table.integer("code").unique();
            });
            op.create_table("other", |table| {
                table.integer("id").primary_key();
            });
            op.create_table("child", |table| {
                table.integer("a").references("one", "id").on_delete(Action::Cascade);
                table.integer("b").references("one", "id");
                table.integer("c");
                table.integer("d").references("one", "code");
            });
        },
        rows: "INSERT INTO one VALUES (1, 1); INSERT INTO other VALUES (1); INSERT INTO child VALUES (1, 1, 1, 1)",
        after: |op| {
            op.create_table("one", |table| {
                table.integer("id").primary_key();
                table.integer("code");
                table.unique(["code"]).name("another name");
            });
            op.create_table("other", |table| {
                table.integer("id").primary_key();
            });
            op.create_table("child", |table| {
                table.integer("a").references("one", "id").on_delete(Action::SetNull).on_update(Action::Cascade);
                table.integer("b").references("other", "id");
                table.integer("c");
                table.integer("d").references("one", "code");
                table.foreign_key(["c"], "one", ["id"]).deferrable(Deferrable::InitiallyDeferred);
            });
        },
        ..Case::NONE
    };
    checks_change = Case {
        before: |op| op.create_table("t", |table| {
            table.integer("a");
            table.string("kind", 10);
            table.check("a", "a BETWEEN 0 AND 10");
            table.check("kind", "kind IN ('x', 'y')");
            table.check_named("goes", "a <> 5");
            table.check_named("old name", "a <> 6");
        }),
        rows: "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        after: |op| op.create_table("t", |table| {
            table.integer("a");
            table.string("kind", 10);
            table.check("a", "a >= 0 AND a < 20");
            table.check("kind", "kind IN ('x', 'y', 'it''s')");
            table.check_named("new name", "a <> 6");
            table.check_named("comes", "length(kind) < 9 OR \"kind\" IS NULL");
        }),
        ..Case::NONE
    };
    comments_change = Case {
        before: |op| {
            op.create_table("t", |table| {
                table.integer("a").comment("old");
                table.integer("b").comment("goes");
                table.integer("c");
                table.comment("old");
            });
            op.create_table("u", |table| {
                table.integer("a");
                table.comment("goes");
            });
        },
        rows: "INSERT INTO t VALUES (1, 2, 3)",
        after: |op| {
            op.create_table("t", |table| {
                table.integer("a").comment("it's new");
                table.integer("b");
                table.integer("c").comment("comes");
                table.comment("it's new");
            });
            op.create_table("u", |table| {
                table.integer("a");
            });
        },
        ..Case::NONE
    };
    things_are_renamed = Case {
        before: |op| {
            op.create_table("users", |table| {
                table.integer("id").primary_key().auto_increment();
                table.string("nick", 20).not_null().unique();
                table.integer("boss").references("users", "id").indexed();
                table.check("nick", "nick <> ''");
                table.text("loud").generated("upper(nick)");
            });
            op.create_table("posts", |table| {
                table.integer("id").primary_key();
                table.integer("user_id").not_null().references("users", "id").on_delete(Action::Cascade);
            });
        },
        rows: "INSERT INTO users (nick, boss) VALUES ('Ada', NULL), ('Bo', 1); INSERT INTO posts VALUES (1, 1)",
        after: |op| {
            op.create_table("People", |table| {
                table.integer("id").primary_key().auto_increment();
                table.string("select", 20).not_null().unique();
                table.integer("boss").references("People", "id").indexed();
                table.check("select", "\"select\" <> ''");
                table.text("loud").generated("upper(\"select\")");
            });
            op.create_table("posts", |table| {
                table.integer("id").primary_key();
                table.integer("author_id").not_null().references("People", "id").on_delete(Action::Cascade);
            });
        },
        renames: &["users=People", "People.nick=select", "posts.user_id=author_id"],
        values: Some(("SELECT id FROM posts", &["1"], &["1"])),
        ..Case::NONE
    };
    long_names = Case {
        before: |op| op.create_table("a_table_with_a_name_that_is_rather_long_for_a_table", |table| {
            table.integer("id").primary_key();
            table.integer("a_column_with_a_long_name_too").unique();
            table.integer("another_column_with_a_long_name");
        }),
        rows: "INSERT INTO a_table_with_a_name_that_is_rather_long_for_a_table VALUES (1, 2, 3)",
        after: |op| op.create_table("a_table_with_a_name_that_is_rather_long_for_a_table", |table| {
            table.integer("id").primary_key();
            table.integer("a_column_with_a_long_name_too").indexed();
            table.integer("another_column_with_a_long_name").unique();
            table.unique(["a_column_with_a_long_name_too", "another_column_with_a_long_name"]);
            table.index(["another_column_with_a_long_name", "a_column_with_a_long_name_too"]).filter("another_column_with_a_long_name > 0 AND a_column_with_a_long_name_too > 0");
            table.check("another_column_with_a_long_name", "another_column_with_a_long_name IN (1, 2, 3, 4, 5, 6, 7, 8, 9)");
        }),
        ..Case::NONE
    };
}
