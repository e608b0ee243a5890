//! What SQLite's stored texts declare, as schema values. Pure: it reads words, no database.

use super::column::{Column, DefaultValue, Generated, Identity};
use super::index::{Index, IndexColumn, IndexKey};
use super::stored::{Clause, ColumnText, Kind, Stored, StoredObject, TableText};
use super::table::{Action, Check, Deferrable, ForeignKey, PrimaryKey, Table, Unique};
use super::types::ColumnType;
use super::{Schema, table};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::lexer::{Token, TokenKind, tokens};

/// The schema that stored texts declare. Virtual tables are left out.
///
/// # Errors
/// When a stored text cannot be understood.
pub fn schema(stored: &Stored) -> Result<Schema> {
    let mut schema = Schema::new();
    for (name, sql) in &stored.tables {
        if tokens(sql).iter().take(3).any(|token| token.is("VIRTUAL")) {
            continue;
        }
        let mut table = table_of(name, &TableText::parse(name, sql)?);
        let mine = stored.indexes.iter().filter(|index| index.table.eq_ignore_ascii_case(name));
        table.indexes.extend(mine.map(index_of));
        schema.tables.insert(name.clone(), table);
    }
    Ok(schema)
}

fn table_of(name: &str, text: &TableText) -> Table {
    let option = |word: &str| tokens(&text.options).iter().any(|token| token.is(word));
    let mut table = Table { strict: option("STRICT"), without_rowid: option("WITHOUT"), ..Table::new(name) };
    for column in &text.columns {
        table.columns.push(column_of(column));
        for clause in &column.clauses {
            constrain(&mut table, clause, std::slice::from_ref(&column.name));
        }
    }
    for clause in &text.constraints {
        constrain(&mut table, clause, &clause.columns);
    }
    let key = table.primary_key.clone();
    for column in &mut table.columns {
        // An INTEGER PRIMARY KEY is never NULL, whatever is declared; other keys may be, by an old mistake of SQLite.
        if key.as_ref().is_some_and(|key| key.columns.iter().eq([&column.name]))
            && column.column_type == ColumnType::Integer
        {
            column.nullable = false;
        }
    }
    table
}

fn column_of(text: &ColumnText) -> Column {
    let mut column = Column::new(&text.name, type_of(&text.column_type));
    for clause in &text.clauses {
        let words = tokens(&clause.text);
        let last = words.last();
        match clause.kind {
            Kind::NotNull => column.nullable = false,
            Kind::Default => column.default = Some(default_of(&clause.text, &words)),
            Kind::Collate => column.collation = last.and_then(Token::name),
            Kind::PrimaryKey if words.iter().any(|token| token.is("AUTOINCREMENT")) => {
                column.identity = Some(Identity::ByDefault)
            }
            Kind::Generated => {
                let stored = last.is_some_and(|token| token.is("STORED"));
                column.generated = Some(Generated { expression: inside(&clause.text, &words), stored });
            }
            _ => {}
        }
    }
    column
}

fn constrain(table: &mut Table, clause: &Clause, columns: &[String]) {
    let (name, columns) = (clause.name.clone(), columns.to_vec());
    match clause.kind {
        Kind::PrimaryKey => table.primary_key = Some(PrimaryKey { name, columns }),
        Kind::Unique => table.uniques.push(Unique { name, columns, deferrable: None }),
        Kind::Check => {
            let expression = inside(&clause.text, &tokens(&clause.text));
            table.checks.push(Check { name, expression });
        }
        Kind::References | Kind::ForeignKey => table.foreign_keys.push(foreign_key_of(clause, name, columns)),
        _ => {}
    }
}

fn foreign_key_of(clause: &Clause, name: Option<String>, columns: Vec<String>) -> ForeignKey {
    let words = tokens(&clause.text);
    let at = words.iter().position(|token| token.is("REFERENCES")).map_or(0, |at| at + 1);
    let rest = words.get(at..).unwrap_or_default();
    let referred = if rest.get(1).is_some_and(|token| token.is_sign('(')) {
        rest.iter().skip(2).take_while(|token| !token.is_sign(')')).filter_map(Token::name).collect()
    } else {
        Vec::new()
    };
    let action = |event: &str| {
        let at = rest.windows(2).position(|pair| matches!(pair, [on, word] if on.is("ON") && word.is(event)))?;
        let (first, second) = (rest.get(at + 2)?, rest.get(at + 3));
        Some(match first.text.to_ascii_uppercase().as_str() {
            "CASCADE" => Action::Cascade,
            "RESTRICT" => Action::Restrict,
            "SET" if second.is_some_and(|word| word.is("NULL")) => Action::SetNull,
            "SET" => Action::SetDefault,
            _ => Action::NoAction,
        })
    };
    let has = |word: &str| rest.iter().any(|token| token.is(word));
    let deferrable = match (has("DEFERRABLE") && !has("NOT"), has("DEFERRED")) {
        (true, true) => Some(Deferrable::InitiallyDeferred),
        (true, false) => Some(Deferrable::InitiallyImmediate),
        _ => None,
    };
    table::ForeignKey {
        name,
        columns,
        references: rest.first().and_then(Token::name).unwrap_or_default(),
        referred,
        on_delete: action("DELETE").unwrap_or_default(),
        on_update: action("UPDATE").unwrap_or_default(),
        deferrable,
    }
}

/// What stands between the first bracket and the one that closes it.
fn inside(text: &str, words: &[Token<'_>]) -> String {
    let mut depth = 0_i32;
    let mut open = None;
    for token in words {
        if token.is_sign('(') {
            depth += 1;
            open.get_or_insert(token.end);
        } else if token.is_sign(')') {
            depth -= 1;
            if depth == 0 {
                return text.get(open.unwrap_or(0)..token.start).unwrap_or_default().trim().to_owned();
            }
        }
    }
    String::new()
}

fn default_of(text: &str, words: &[Token<'_>]) -> DefaultValue {
    let value = words.get(1..).unwrap_or_default();
    match value {
        [one] if one.is("NULL") => DefaultValue::Null,
        [one] if one.is("TRUE") => DefaultValue::Boolean(true),
        [one] if one.is("FALSE") => DefaultValue::Boolean(false),
        [one] if one.is("CURRENT_TIMESTAMP") => DefaultValue::Now,
        [one] if one.kind == TokenKind::Number => DefaultValue::Number(one.text.to_owned()),
        [sign, one] if sign.is_sign('-') && one.kind == TokenKind::Number => {
            DefaultValue::Number(format!("-{}", one.text))
        }
        [one] if one.kind == TokenKind::Text => DefaultValue::Text(one.name().unwrap_or_default()),
        [first, ..] if first.is_sign('(') => DefaultValue::Expression(inside(text, words)),
        _ => DefaultValue::Expression(value.iter().map(|token| token.text).collect::<Vec<_>>().join(" ")),
    }
}

/// The type SeaORM or this crate spells so; any other stays word for word.
fn type_of(text: &str) -> ColumnType {
    let plain = text.to_ascii_lowercase();
    let (name, arguments) =
        plain.split_once('(').map_or((plain.as_str(), None), |(name, rest)| (name.trim(), Some(rest)));
    let numbers: Vec<u32> = arguments
        .map(|rest| rest.trim_end_matches(')').split(',').filter_map(|number| number.trim().parse().ok()).collect())
        .unwrap_or_default();
    match (name, numbers.as_slice()) {
        ("varchar", [length]) => return ColumnType::String(Some(*length)),
        ("char", [length]) => return ColumnType::Char(Some(*length)),
        ("real", [precision, scale]) => return ColumnType::Decimal(Some((*precision, *scale))),
        _ => {}
    }
    let known = [
        ColumnType::SmallInteger,
        ColumnType::Integer,
        ColumnType::Float,
        ColumnType::Double,
        ColumnType::Decimal(None),
        ColumnType::Boolean,
        ColumnType::Char(None),
        ColumnType::String(None),
        ColumnType::Text,
        ColumnType::Blob,
        ColumnType::Uuid,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::DateTime,
        ColumnType::Timestamp,
        ColumnType::TimestampWithTimeZone,
        ColumnType::Json,
        ColumnType::JsonBinary,
    ];
    known
        .into_iter()
        .find(|known| known.sql(Dialect::Sqlite) == plain)
        .unwrap_or_else(|| ColumnType::Custom(text.to_owned()))
}

fn index_of(object: &StoredObject) -> Index {
    let words = tokens(&object.sql);
    let open = words.iter().position(|token| token.is_sign('('));
    let mut index = Index {
        name: object.name.clone(),
        unique: words.get(1).is_some_and(|token| token.is("UNIQUE")),
        ..Index::default()
    };
    let Some(open) = open else { return index };
    let (mut depth, mut start, mut close) = (0_usize, open + 1, words.len());
    for (at, token) in words.iter().enumerate().skip(open) {
        match token.kind {
            TokenKind::Sign('(') => depth += 1,
            TokenKind::Sign(')') => depth -= 1,
            _ => {}
        }
        let ends = depth == 0;
        if ends || (depth == 1 && token.is_sign(',')) {
            index.columns.push(part_of(&object.sql, words.get(start..at).unwrap_or_default()));
            start = at + 1;
        }
        if ends {
            close = at;
            break;
        }
    }
    if let Some(condition) = words.get(close + 1).filter(|token| token.is("WHERE")) {
        index.predicate = object.sql.get(condition.end..).map(|text| text.trim().to_owned());
    }
    index
}

fn part_of(sql: &str, mut words: &[Token<'_>]) -> IndexColumn {
    let mut part = IndexColumn::column("");
    if let Some((last, rest)) = words.split_last()
        && (last.is("DESC") || last.is("ASC"))
    {
        part.descending = last.is("DESC");
        words = rest;
    }
    if let [rest @ .., word, collation] = words
        && word.is("COLLATE")
    {
        part.collation = collation.name();
        words = rest;
    }
    part.key = match words {
        [one] => IndexKey::Column(one.name().unwrap_or_default()),
        [first, .., last] => {
            let text = sql.get(first.start..last.end).unwrap_or_default();
            let wrapped =
                first.is_sign('(') && last.is_sign(')') && inside(text, &tokens(text)).len() + 2 >= text.len();
            IndexKey::Expression(if wrapped { inside(text, &tokens(text)) } else { text.to_owned() })
        }
        [] => IndexKey::Column(String::new()),
    };
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_with_its_expressions_and_its_condition() {
        let sql = "CREATE UNIQUE INDEX \"i x\" ON t (a DESC, lower(b), (c || 'd, e') COLLATE NOCASE ASC) WHERE a > 0 AND b <> 'x'";
        let index = index_of(&StoredObject { name: "i x".into(), table: "t".into(), sql: sql.into() });
        assert!(index.unique && index.columns[0].descending);
        assert_eq!(index.columns[1].key, IndexKey::Expression("lower(b)".into()));
        assert_eq!(index.columns[2].key, IndexKey::Expression("c || 'd, e'".into()));
        assert_eq!(index.columns[2].collation.as_deref(), Some("NOCASE"));
        assert_eq!(index.predicate.as_deref(), Some("a > 0 AND b <> 'x'"));
    }

    #[test]
    fn a_foreign_key_is_read_with_its_actions() {
        let mut stored = Stored::default();
        let sql = "CREATE TABLE t (a INT REFERENCES p ON DELETE SET NULL, b INT, CONSTRAINT k FOREIGN KEY (a, b) REFERENCES \"q r\" (x, y) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED)";
        stored.tables.insert("t".into(), sql.into());
        let schema = schema(&stored).unwrap();
        let keys = &schema.table("t").unwrap().foreign_keys;
        assert_eq!((keys[0].on_delete, keys[0].references.as_str()), (Action::SetNull, "p"));
        assert_eq!((keys[1].name.as_deref(), keys[1].referred.len()), (Some("k"), 2));
        assert_eq!(keys[1].deferrable, Some(Deferrable::InitiallyDeferred));
    }
}
