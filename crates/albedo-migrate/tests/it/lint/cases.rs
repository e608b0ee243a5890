//! For each rule, revisions that it must tell of, and revisions that it must not.

use albedo_migrate::Dialect;
use albedo_migrate::lint::Rule;
use albedo_migrate::operation::TableBuilder;
use albedo_migrate::prelude::*;
use sea_orm::ConnectionTrait;

use super::Fill;

/// A column is added to the users.
fn add(op: &mut Operations, describe: fn(&mut TableBuilder)) {
    op.add_column("users", describe);
}

/// A table that is made in the same revision.
fn fresh(op: &mut Operations) {
    op.create_table("new", |table| {
        table.integer("a");
        table.integer("b");
    });
}

const PG: Dialect = Dialect::Postgres;

/// Each rule, what it must tell of, and what it must not.
pub(super) const CASES: &[(Rule, &[Fill], &[Fill])] = &[
    (
        Rule::DropTable,
        &[|op| op.drop_table("users"), |op| op.execute("DROP TABLE IF EXISTS users")],
        &[
            |op| {
                fresh(op);
                op.drop_table("new");
            },
            |op| op.drop_constraint("users", "pk_users"),
        ],
    ),
    (
        Rule::DropColumn,
        &[|op| op.drop_column("users", "note"), |op| op.execute("ALTER TABLE users DROP COLUMN note")],
        &[|op| {
            fresh(op);
            op.rename_table("new", "newer");
            op.drop_column("newer", "a");
        }],
    ),
    (
        Rule::RenameTable,
        &[|op| op.rename_table("users", "people"), |op| op.execute("alter table users rename to people")],
        &[|op| op.rename_index("users", "ix_users_name", "ix_users_by_name")],
    ),
    (
        Rule::RenameColumn,
        &[
            |op| op.rename_column("users", "note", "remark"),
            |op| op.execute("ALTER TABLE users RENAME COLUMN note TO remark"),
        ],
        &[
            |op| op.rename_constraint("users", "pk_users", "pk_people"),
            |op| op.execute("ALTER TABLE users RENAME CONSTRAINT pk_users TO pk_people"),
        ],
    ),
    (
        Rule::ChangeType,
        &[
            |op| {
                op.alter_column("users", "age").column_type(ColumnType::BigInteger);
            },
            |op| {
                op.alter_column("users", "name").column_type(ColumnType::Text).using("upper(name)");
            },
            |op| op.execute_on(PG, "ALTER TABLE users ALTER COLUMN age TYPE bigint"),
        ],
        &[
            |op| {
                op.alter_column("users", "name").column_type(ColumnType::String(Some(40)));
            },
            |op| {
                op.alter_column("users", "name").column_type(ColumnType::Text);
            },
        ],
    ),
    (
        Rule::NarrowType,
        &[
            |op| {
                op.alter_column("users", "name").column_type(ColumnType::String(Some(10)));
            },
            |op| {
                op.alter_column("users", "age").column_type(ColumnType::SmallInteger);
            },
        ],
        &[|op| {
            op.alter_column("users", "name").column_type(ColumnType::String(Some(21)));
        }],
    ),
    (
        Rule::SetNotNull,
        &[
            |op| {
                op.alter_column("users", "note").not_null();
            },
            |op| {
                op.add_check_not_valid("users", "note_given", "note IS NOT NULL");
                op.alter_column("users", "note").not_null();
            },
            |op| op.execute("ALTER TABLE users ALTER COLUMN note SET NOT NULL"),
        ],
        &[
            |op| {
                op.alter_column("users", "email").not_null();
            },
            |op| {
                op.alter_column("users", "note").null();
            },
            |op| {
                op.transactional(false);
                op.add_check_not_valid("users", "note_given", "note IS NOT NULL");
                op.validate_constraint("users", "ck_users_note_given");
                op.alter_column("users", "note").not_null();
            },
        ],
    ),
    (
        Rule::AddNotNullColumn,
        &[|op| {
            add(op, |table| {
                table.integer("size").not_null();
            });
        }],
        &[
            |op| {
                add(op, |table| {
                    table.integer("size");
                });
            },
            |op| {
                add(op, |table| {
                    table.integer("size").not_null().default(1);
                });
            },
            |op| {
                add(op, |table| {
                    table.integer("size").not_null().fill("age");
                });
            },
        ],
    ),
    (
        Rule::AddUnique,
        &[
            |op| op.add_unique("users", ["name"]),
            |op| {
                add(op, |table| {
                    table.integer("size").unique();
                });
            },
            |op| op.execute("ALTER TABLE users ADD CONSTRAINT u UNIQUE (name)"),
        ],
        &[
            |op| {
                op.transactional(false);
                op.create_index("users", ["name"]).name("uq").unique().concurrently();
            },
            |op| op.execute("ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX uq"),
        ],
    ),
    (
        Rule::AddPrimaryKey,
        &[|op| op.add_primary_key("users", ["id"])],
        &[|op| {
            fresh(op);
            op.add_primary_key("new", ["a"]);
        }],
    ),
    (
        Rule::IndexNotConcurrent,
        &[
            |op| {
                op.create_index("users", ["note"]);
            },
            |op| op.drop_index("users", "ix_users_name"),
            |op| op.execute("CREATE INDEX i ON users (note)"),
        ],
        &[
            |op| {
                op.transactional(false);
                op.create_index("users", ["note"]).concurrently();
                op.drop_index_concurrently("users", "ix_users_name");
            },
            |op| {
                fresh(op);
                op.create_index("new", ["a"]);
                op.execute("CREATE INDEX i ON new (a)");
            },
            |op| op.execute_on(Dialect::Sqlite, "CREATE INDEX i ON users (note)"),
        ],
    ),
    (
        Rule::ConcurrentInTransaction,
        &[
            |op| {
                op.create_index("users", ["note"]).concurrently();
            },
            |op| op.execute("CREATE INDEX CONCURRENTLY i ON users (note)"),
        ],
        &[
            |op| {
                op.transactional(false);
                op.create_index("users", ["note"]).concurrently();
            },
            |op| op.execute_on(PG, "REFRESH MATERIALIZED VIEW CONCURRENTLY sums"),
        ],
    ),
    (
        Rule::ValidatingForeignKey,
        &[
            |op| {
                op.add_foreign_key("users", ["team_id"], "teams", ["id"]);
            },
            |op| op.execute("ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams (id)"),
        ],
        &[
            |op| {
                op.add_foreign_key("users", ["team_id"], "teams", ["id"]).not_valid();
            },
            |op| {
                op.create_table("new", |table| {
                    table.integer("team_id").references("teams", "id");
                });
            },
        ],
    ),
    (
        Rule::ValidatingCheck,
        &[
            |op| op.add_check("users", "grown", "age > 17"),
            |op| op.execute("ALTER TABLE users ADD CONSTRAINT c CHECK (age > 17)"),
        ],
        &[
            |op| op.add_check_not_valid("users", "grown", "age > 17"),
            |op| op.execute("ALTER TABLE users ADD CONSTRAINT c CHECK (age > 17) NOT VALID"),
        ],
    ),
    (
        Rule::ValidatedInTransaction,
        &[|op| {
            op.add_check_not_valid("users", "grown", "age > 17");
            op.validate_constraint("users", "ck_users_grown");
        }],
        &[
            |op| {
                op.transactional(false);
                op.add_check_not_valid("users", "grown", "age > 17");
                op.validate_constraint("users", "ck_users_grown");
            },
            |op| op.validate_constraint("users", "ck_users_email_given"),
        ],
    ),
    (
        Rule::VolatileDefault,
        &[
            |op| {
                add(op, |table| {
                    table.uuid("key").default_expression("gen_random_uuid()");
                });
            },
            |op| {
                add(op, |table| {
                    table.text("key").default_expression("my_own(1)");
                });
            },
        ],
        &[
            |op| {
                add(op, |table| {
                    table.timestamp_with_time_zone("at").not_null().default_now();
                });
            },
            |op| {
                add(op, |table| {
                    table.text("key").default_expression("'a(' || lower('B')");
                });
            },
        ],
    ),
    (
        Rule::IdentityColumn,
        &[|op| {
            add(op, |table| {
                table.integer("number").auto_increment();
            });
        }],
        &[|op| {
            op.create_table("new", |table| {
                table.integer("id").primary_key().auto_increment();
            });
        }],
    ),
    (
        Rule::StoredColumn,
        &[|op| {
            add(op, |table| {
                table.integer("twice").generated("age * 2");
            });
        }],
        &[|op| {
            add(op, |table| {
                table.integer("twice").generated_virtual("age * 2");
            });
        }],
    ),
    (
        Rule::EnumValueUsed,
        &[
            |op| {
                op.add_enum_value("mood", "calm");
                op.alter_column("users", "mood").default("calm");
            },
            |op| {
                op.add_enum_value("mood", "calm");
                op.execute("UPDATE users SET mood = 'calm'");
            },
        ],
        &[
            |op| {
                op.add_enum_value("mood", "calm");
                op.execute("UPDATE users SET mood = 'glad'");
                op.alter_column("users", "note").default("calm");
            },
            |op| {
                op.create_enum("size", ["s"]);
                op.add_enum_value("size", "m");
                add(op, |table| {
                    table.enumeration("size", "size").default("m");
                });
            },
            |op| {
                op.transactional(false);
                op.add_enum_value("mood", "calm");
                op.execute("UPDATE users SET mood = 'calm'");
            },
        ],
    ),
    (
        Rule::RenameEnumValue,
        &[|op| op.rename_enum_value("mood", "sad", "blue")],
        &[|op| {
            op.create_enum("size", ["s"]);
            op.rename_enum_value("size", "s", "m");
        }],
    ),
    (
        Rule::MixedBackfill,
        &[
            |op| {
                op.execute("UPDATE users SET age = 1");
                add(op, |table| {
                    table.integer("size");
                });
            },
            |op| {
                add(op, |table| {
                    table.integer("size").not_null().fill("1");
                });
            },
            |op| {
                op.rename_column("users", "note", "remark");
                op.online("fill", |connection| {
                    Box::pin(async move { connection.execute_unprepared("SELECT 1").await.map(|_| ()) })
                });
            },
        ],
        &[
            |op| op.execute("UPDATE users SET age = 1"),
            |op| {
                fresh(op);
                op.execute("INSERT INTO new VALUES (1, 2)");
            },
            |op| {
                op.transactional(false);
                add(op, |table| {
                    table.integer("size");
                });
                op.execute("UPDATE users SET size = 1");
            },
        ],
    ),
    (
        Rule::NoLockTimeout,
        &[|op| {
            op.transactional(false);
            op.execute_on(PG, "ALTER TABLE users SET (fillfactor = 70)");
        }],
        &[
            |op| op.execute_on(PG, "ALTER TABLE users SET (fillfactor = 70)"),
            |op| {
                op.transactional(false);
                op.execute_on(PG, "SET lock_timeout = '5s'");
                op.execute_on(PG, "ALTER TABLE users SET (fillfactor = 70)");
            },
            |op| {
                op.transactional(false);
                op.execute_on(Dialect::Sqlite, "DROP INDEX ix_users_name");
            },
        ],
    ),
    (
        Rule::LockingSql,
        &[|op| op.execute("VACUUM FULL users"), |op| op.execute("SELECT 1; TRUNCATE users")],
        &[
            |op| op.execute("VACUUM users"),
            |op| op.execute("DELETE FROM users WHERE id = 1"),
            |op| op.execute("CREATE FUNCTION f() RETURNS void AS $$ BEGIN TRUNCATE users; END $$ LANGUAGE plpgsql"),
        ],
    ),
    (
        Rule::SqliteRebuild,
        &[
            |op| op.add_check("users", "grown", "age > 17"),
            |op| {
                op.alter_column("users", "note").not_null().fill("''");
            },
            |op| op.drop_column("users", "name"),
        ],
        &[
            |op| op.drop_column("users", "note"),
            |op| {
                add(op, |table| {
                    table.integer("size");
                });
            },
            |op| op.rename_column("users", "note", "remark"),
            |op| {
                fresh(op);
                op.add_check("new", "a", "a > 0");
            },
        ],
    ),
    (
        Rule::UnusedAssurance,
        &[
            |op| op.assured("nobody minds").comment_on_table("users", "people"),
            |op| {
                op.drop_column("users", "note");
                op.assured("too late");
            },
        ],
        &[|op| op.assured("nobody reads it").drop_column("users", "note")],
    ),
    (
        Rule::AssuranceWithoutReason,
        &[|op| op.assured(" ").drop_column("users", "note")],
        &[|op| op.assured("nobody reads it").drop_column("users", "note")],
    ),
];
