//! A schema with one of everything that a database can hold, made by hand and by revisions.

use albedo_migrate::Dialect;
use albedo_migrate::prelude::*;

/// What no operation says, and a database may hold all the same.
pub(crate) const BY_HAND: [(Dialect, &str); 2] = [
    (
        Dialect::Sqlite,
        "CREATE TABLE strict_ones (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL COLLATE NOCASE, UNIQUE (name)) STRICT;
         CREATE VIRTUAL TABLE notes USING fts5(body);
         CREATE VIEW a_view AS SELECT * FROM b_view; -- a view upon a view
         CREATE VIEW b_view AS SELECT id, name FROM strict_ones;
         CREATE TRIGGER ones_ai AFTER INSERT ON strict_ones BEGIN INSERT INTO notes (body) VALUES (new.name); END;
         CREATE INDEX ix_lower ON strict_ones (lower(name) DESC) WHERE id > 3;",
    ),
    (
        Dialect::Postgres,
        "CREATE SEQUENCE own_numbers START WITH 7;
         CREATE FUNCTION doubled(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x * 2';
         CREATE TABLE ones (id int DEFAULT nextval('own_numbers') PRIMARY KEY, \"Odd Name\" text COLLATE \"C\", n int DEFAULT doubled(3),
             span int4range, EXCLUDE USING gist (span WITH &&)) WITH (fillfactor = 70);
         ALTER SEQUENCE own_numbers OWNED BY ones.id;
         ALTER TABLE ones ADD CONSTRAINT late CHECK (n > 0) NOT VALID;
         CREATE UNLOGGED TABLE counters (n int);
         CREATE TABLE twos (id int PRIMARY KEY, one_id int REFERENCES ones (id) DEFERRABLE INITIALLY DEFERRED);
         ALTER TABLE ones ADD COLUMN two_id int REFERENCES twos (id);
         CREATE FUNCTION first_one() RETURNS ones LANGUAGE sql AS 'SELECT * FROM ones LIMIT 1';
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.n := 1; RETURN new; END; $$;
         CREATE TRIGGER ones_touch BEFORE UPDATE ON ones FOR EACH ROW EXECUTE FUNCTION touch();
         CREATE TABLE kinds (kind varchar(9) CHECK (kind IN ('a', 'b, c')), kinds text[] DEFAULT ARRAY['x']::varchar[]);
         CREATE INDEX ix_kinds ON kinds (kind) WHERE kind IN ('a', 'd');
         CREATE VIEW kinds_view AS SELECT kind FROM kinds WHERE kind NOT IN ('a', 'e');
         CREATE VIEW z_view AS SELECT id, n FROM ones;
         CREATE VIEW a_view AS SELECT id FROM z_view;
         CREATE MATERIALIZED VIEW sums AS SELECT sum(n) AS total FROM ones;
         CREATE UNIQUE INDEX ix_sums ON sums (total);
         CREATE INDEX ix_lower ON ones (lower(\"Odd Name\") DESC NULLS LAST) INCLUDE (n) WHERE n > 3;
         COMMENT ON TABLE ones IS 'it''s odd';
         COMMENT ON COLUMN ones.n IS 'a number';
         COMMENT ON CONSTRAINT late ON ones IS 'later';
         COMMENT ON FUNCTION doubled(int) IS 'twice'",
    ),
];

fn by_hand(op: &mut Operations) {
    for (dialect, sql) in BY_HAND {
        op.execute_on(dialect, sql);
    }
}

/// The small history, and then all of that.
pub(crate) fn history() -> History {
    let last = Migration {
        id: "by_hand",
        after: &["renamed"],
        depends_on: &[],
        labels: &[],
        message: "one of everything",
        up: by_hand,
        down: |op| op.irreversible("nobody needs it back"),
    };
    History::new(super::toy::list().into_iter().chain([last])).unwrap()
}
