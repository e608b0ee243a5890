//! A small history that uses most of what there is: tables, keys, a branch, a merge, rebuilds, enums, data.

use albedo_migrate::prelude::*;
use sea_orm::ConnectionTrait;

const fn migration(
    id: &'static str,
    after: &'static [&'static str],
    up: fn(&mut Operations),
    down: fn(&mut Operations),
) -> Migration {
    Migration { id, after, depends_on: &[], labels: &[], message: id, up, down }
}

pub(crate) fn list() -> Vec<Migration> {
    vec![
        migration("authors", &[], authors, |op| op.drop_table("authors")),
        migration("books", &["authors"], books, |op| {
            op.drop_table("books");
            op.drop_enum("genre");
        }),
        migration("rows", &["books"], rows, |op| op.execute("DELETE FROM books; DELETE FROM authors;")),
        migration("names", &["rows"], names, |op| {
            op.rename_column("authors", "full_name", "name");
            op.drop_column("authors", "active");
        }),
        migration("tight", &["names"], tight, |op| {
            op.execute("UPDATE books SET price = price / 2");
            op.drop_constraint("books", "ck_books_cheap");
            op.alter_column("books", "title").column_type(ColumnType::String(Some(100))).null();
            op.drop_column("books", "isbn");
        }),
        migration("tags", &["names"], tags, |op| op.drop_table("tags")),
        migration(
            "joined",
            &["tight", "tags"],
            |op| op.add_unique("tags", ["name"]),
            |op| op.drop_constraint("tags", "uq_tags_name"),
        ),
        migration(
            "renamed",
            &["joined"],
            |op| {
                op.rename_table("tags", "labels");
                op.rename_index("books", "ix_books_title", "ix_books_by_title");
                op.rename_enum_value("genre", "novel", "fiction");
            },
            |op| {
                op.rename_enum_value("genre", "fiction", "novel");
                op.rename_index("books", "ix_books_by_title", "ix_books_title");
                op.rename_table("labels", "tags");
            },
        ),
    ]
}

pub(crate) fn history() -> History {
    History::new(list()).unwrap()
}

fn authors(op: &mut Operations) {
    op.create_table("authors", |table| {
        table.integer("id").primary_key().auto_increment();
        table.string("name", 80).not_null();
        table.timestamps();
    });
}

fn books(op: &mut Operations) {
    op.create_enum("genre", ["novel", "poem"]);
    op.create_table("books", |table| {
        table.integer("id").primary_key().auto_increment();
        table.integer("author_id").not_null().references("authors", "id").on_delete(Action::Cascade);
        table.string("title", 100);
        table.enumeration("genre", "genre").not_null().default("novel");
        table.decimal("price", 10, 2).not_null().default(0);
        table.boolean("sold").not_null().default(false);
        table.text("note").default_expression("'it' || '''s'");
        table.index(["title"]).filter("sold = false");
        table.check("price", "price >= 0");
        table.unique(["author_id", "title"]);
    });
}

pub(crate) fn rows(op: &mut Operations) {
    op.execute("INSERT INTO authors (id, name) VALUES (1, 'Ada'), (2, 'Bo')");
    op.execute(
        "INSERT INTO books (id, author_id, title, price) VALUES (1, 1, 'One', 5), (2, 1, NULL, 7), (3, 2, 'Two', 9)",
    );
}

fn names(op: &mut Operations) {
    op.rename_column("authors", "name", "full_name");
    op.add_column("authors", |table| {
        table.boolean("active").not_null().default(true);
    });
}

pub(crate) fn tight(op: &mut Operations) {
    op.add_column("books", |table| {
        table.string("isbn", 20).not_null().fill("'isbn-' || id").unique();
    });
    op.alter_column("books", "title").column_type(ColumnType::Text).not_null().fill("'untitled'");
    op.add_check("books", "cheap", "price < 1000");
    op.online("double the prices", |connection| {
        Box::pin(async move { connection.execute_unprepared("UPDATE books SET price = price * 2").await.map(|_| ()) })
    });
}

fn tags(op: &mut Operations) {
    op.create_table("tags", |table| {
        table.uuid("id").primary_key();
        table.string("name", 30).not_null();
        table.index([]).name("ix_tags_lower").expression("lower(name)");
    });
}
