//! A SQLite table made anew with a few changes, and nothing lost on the way.
//!
//! The way SQLite's own manual gives: foreign keys off before the transaction, a new table, the rows copied, the old
//! one dropped, the new one renamed, indexes, triggers and views put back. Here the stored text of the table is edited,
//! so collations, checks, STRICT, AUTOINCREMENT and conflict clauses stay as they were written.

use super::edit::{Work, counts, has_hidden_rowid};
use super::sqlite::Edit;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::lexer::mentions;
use crate::schema::stored::{Kind, Stored, StoredObject, TableText};

const LITE: Dialect = Dialect::Sqlite;

/// Notes the rows that lack their parent before the revision, so that only new ones count against it.
pub const GUARD_BEFORE: [&str; 1] = [
    "CREATE TEMP TABLE _orphans_before AS SELECT \"table\" AS child, rowid AS row, parent FROM pragma_foreign_key_check",
];

/// Fails when a row lacks its parent that had one before; then makes SQLite read every view and trigger once more.
///
/// Renaming any table makes SQLite check the whole schema. The name of the constraint is what a person reads.
pub const GUARD_AFTER: [&str; 7] = [
    "CREATE TEMP TABLE _orphans_after (none INTEGER CONSTRAINT \"rows would be left without the row their foreign key names\" CHECK (none = 1))",
    "INSERT INTO _orphans_after SELECT 0 FROM (SELECT \"table\", rowid, parent FROM pragma_foreign_key_check EXCEPT SELECT child, row, parent FROM _orphans_before)",
    "DROP TABLE temp._orphans_after",
    "DROP TABLE temp._orphans_before",
    "CREATE TABLE _schema_check (x)",
    "ALTER TABLE _schema_check RENAME TO _schema_checked",
    "DROP TABLE _schema_checked",
];

/// The statements that make the edits on one table.
///
/// # Errors
/// When the table, a column or a constraint is not there, or the stored text cannot be understood.
pub fn statements(stored: &Stored, table: &str, edits: &[Edit]) -> Result<Vec<String>> {
    let (table, sql) = stored.table(table).ok_or_else(|| {
        Error::failed(format!("the table {table} is not there")).hint("`verify` compares history and database")
    })?;
    let text = TableText::parse(table, sql)?;
    if let [Edit::DropColumn(name)] = edits
        && is_plain(stored, table, &text, name)
    {
        return Ok(vec![format!("ALTER TABLE {} DROP COLUMN {}", LITE.quote(table), LITE.quote(name))]);
    }
    let mut work = Work::new(table, text);
    for edit in edits {
        work.edit(edit)?;
    }
    Ok(work.statements(stored))
}

/// Whether nothing but its own type, default and collation depends on the column: then SQLite drops it natively.
fn is_plain(stored: &Stored, table: &str, text: &TableText, name: &str) -> bool {
    let plain = |kind| matches!(kind, Kind::NotNull | Kind::Null | Kind::Default | Kind::Collate);
    let own = text
        .column(name)
        .is_some_and(|column| column.clauses.iter().all(|clause| plain(clause.kind) && clause.name.is_none()));
    let others =
        text.columns.iter().filter(|column| !column.name.eq_ignore_ascii_case(name)).flat_map(|column| &column.clauses);
    let mut inside = others.chain(&text.constraints).map(|clause| clause.text.as_str());
    let around = stored
        .indexes
        .iter()
        .filter(|index| index.table.eq_ignore_ascii_case(table))
        .chain(&stored.triggers)
        .chain(&stored.views);
    own && text.columns.len() > 1
        && !inside.any(|text| mentions(text, name))
        && !around.clone().any(|object| mentions(&object.sql, name))
}

impl Work<'_> {
    fn statements(&self, stored: &Stored) -> Vec<String> {
        let mut new = format!("_new_{}", self.table);
        while stored.table(&new).is_some() {
            new.push('_');
        }
        let (views, triggers) = affected(stored, self.table);
        let drop = |what: &str, object: &StoredObject| format!("DROP {what} {}", LITE.quote(&object.name));
        let mut list: Vec<String> = triggers.iter().map(|trigger| drop("TRIGGER", trigger)).collect();
        list.extend(views.iter().rev().map(|view| drop("VIEW", view)));
        list.push(self.text.create(&new));
        list.push(self.copy(&new));
        if self.was_counting && counts(&self.text) {
            list.extend(carry_counter(self.table, &new));
        }
        list.push(format!("DROP TABLE {}", LITE.quote(self.table)));
        list.push(format!("ALTER TABLE {} RENAME TO {}", LITE.quote(&new), LITE.quote(self.table)));
        let mine = stored.indexes.iter().filter(|index| index.table.eq_ignore_ascii_case(self.table));
        let kept = mine.filter(|index| !self.dropped.iter().any(|column| mentions_column(&index.sql, column)));
        list.extend(kept.chain(views).chain(triggers).map(|object| object.sql.clone()));
        list
    }

    fn copy(&self, new: &str) -> String {
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        if self.keeps_rowid && has_hidden_rowid(&self.text) {
            columns.push("rowid".to_owned());
            values.push("rowid".to_owned());
        }
        for (column, value) in &self.values {
            columns.push(LITE.quote(column));
            values.push(value.clone());
        }
        format!(
            "INSERT INTO {} ({})\n    SELECT {}\n    FROM {}",
            LITE.quote(new),
            columns.join(", "),
            values.join(", "),
            LITE.quote(self.table)
        )
    }
}

/// An AUTOINCREMENT counter may be past the largest row: numbers of deleted rows are not given again.
fn carry_counter(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (LITE.text(old), LITE.text(new));
    vec![
        format!("DELETE FROM sqlite_sequence WHERE name = {new}"),
        format!("INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {old}"),
    ]
}

fn mentions_column(sql: &str, column: &str) -> bool {
    // What stands before the first bracket is the index and its table, which may be called like a column.
    sql.find('(').and_then(|open| sql.get(open..)).is_some_and(|body| mentions(body, column))
}

/// The views that read the table, directly or through another view, and the triggers that name the table or one of
/// those views. SQLite refuses to rename a table while a view or trigger names one that is not there.
fn affected<'s>(stored: &'s Stored, table: &str) -> (Vec<&'s StoredObject>, Vec<&'s StoredObject>) {
    let mut names = vec![table.to_owned()];
    let mut views: Vec<&StoredObject> = Vec::new();
    loop {
        let more: Vec<&StoredObject> = stored
            .views
            .iter()
            .filter(|view| !views.iter().any(|known| known.name == view.name))
            .filter(|view| names.iter().any(|name| mentions(&view.sql, name)))
            .collect();
        if more.is_empty() {
            break;
        }
        names.extend(more.iter().map(|view| view.name.clone()));
        views.extend(more);
    }
    let views = stored.views.iter().filter(|view| views.iter().any(|known| known.name == view.name)).collect();
    let touched = |trigger: &&StoredObject| {
        names.iter().any(|name| trigger.table.eq_ignore_ascii_case(name) || mentions(&trigger.sql, name))
    };
    (views, stored.triggers.iter().filter(touched).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{ColumnChange, Constraint};
    use crate::schema::{ColumnType, Unique};

    fn stored() -> Stored {
        let object = |name: &str, table: &str, sql: &str| StoredObject {
            name: name.into(),
            table: table.into(),
            sql: sql.into(),
        };
        Stored {
            tables: [("t".to_owned(), "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE CHECK (a <> ''), b INT, c INT)".to_owned())].into(),
            indexes: vec![object("ix_a", "t", "CREATE INDEX ix_a ON t (lower(a)) WHERE b > 0"), object("ix_c", "t", "CREATE INDEX ix_c ON t (c)")],
            triggers: vec![object("tr", "other", "CREATE TRIGGER tr AFTER INSERT ON other BEGIN DELETE FROM v2; END")],
            views: vec![object("v1", "v1", "CREATE VIEW v1 AS SELECT a FROM t"), object("v2", "v2", "CREATE VIEW v2 AS SELECT * FROM v1"), object("v3", "v3", "CREATE VIEW v3 AS SELECT 1")],
        }
    }

    #[test]
    fn everything_that_hangs_on_the_table_is_put_back() {
        let edits = [
            Edit::AlterColumn(
                "b".into(),
                ColumnChange {
                    column_type: Some(ColumnType::Text),
                    nullable: Some(false),
                    fill: Some("'x'".into()),
                    ..ColumnChange::default()
                },
            ),
            Edit::DropColumn("c".into()),
            Edit::AddConstraint(Constraint::Unique(Unique {
                name: Some("uq".into()),
                columns: vec!["a".into()],
                deferrable: None,
            })),
        ];
        insta::assert_snapshot!(statements(&stored(), "T", &edits).unwrap().join(";\n"), @r#"
        DROP TRIGGER "tr";
        DROP VIEW "v2";
        DROP VIEW "v1";
        CREATE TABLE "_new_t" (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            a TEXT COLLATE NOCASE CHECK (a <> ''),
            b text NOT NULL,
            CONSTRAINT "uq" UNIQUE ("a")
        );
        INSERT INTO "_new_t" ("id", "a", "b")
            SELECT "id", "a", coalesce("b", ('x'))
            FROM "t";
        DELETE FROM sqlite_sequence WHERE name = '_new_t';
        INSERT INTO sqlite_sequence (name, seq) SELECT '_new_t', seq FROM sqlite_sequence WHERE name = 't';
        DROP TABLE "t";
        ALTER TABLE "_new_t" RENAME TO "t";
        CREATE INDEX ix_a ON t (lower(a)) WHERE b > 0;
        CREATE VIEW v1 AS SELECT a FROM t;
        CREATE VIEW v2 AS SELECT * FROM v1;
        CREATE TRIGGER tr AFTER INSERT ON other BEGIN DELETE FROM v2; END
        "#);
    }

    #[test]
    fn a_column_nothing_depends_on_is_dropped_natively() {
        let mut plain = stored();
        plain.indexes.clear();
        let list = statements(&plain, "t", &[Edit::DropColumn("c".into())]).unwrap();
        assert_eq!(list, ["ALTER TABLE \"t\" DROP COLUMN \"c\""]);
    }

    #[test]
    fn a_constraint_that_is_not_there_is_told_with_those_that_are() {
        let error = statements(&stored(), "t", &[Edit::DropConstraint("nope".into())]).unwrap_err();
        assert!(error.report().contains("none with a name"));
    }
}
