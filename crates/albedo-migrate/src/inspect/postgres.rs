//! PostgreSQL's catalogue as a schema value: four questions, whatever the number of tables.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::schema::{
    Action, Check, Column, ColumnType, DefaultValue, Deferrable, EnumType, ForeignKey, Generated, Identity, Index,
    IndexColumn, IndexKey, PrimaryKey, Schema, Table, Unique,
};

const COLUMNS: &str = "
SELECT c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.attcollation <> t.typcollation THEN l.collname END, col_description(c.oid, a.attnum),
       CASE WHEN t.typtype = 'e' THEN t.typname END
FROM pg_class c
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY c.relname, a.attnum";

const CONSTRAINTS: &str = "
SELECT c.relname, k.conname, k.contype::text, pg_get_expr(k.conbin, k.conrelid), f.relname, k.confdeltype::text, k.confupdtype::text,
       k.condeferrable, k.condeferred,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, i) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, i) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_class f ON f.oid = k.confrelid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND k.contype IN ('p', 'u', 'c', 'f')
ORDER BY c.relname, k.conname";

const INDEXES: &str = "
SELECT c.relname, i.relname, x.indisunique, m.amname, pg_get_expr(x.indpred, x.indrelid), x.indnkeyatts,
       ARRAY(SELECT pg_get_indexdef(x.indexrelid, n::int, true) FROM generate_series(1, x.indnatts) n ORDER BY n),
       ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY u(n, i) LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.n AND u.n > 0 ORDER BY u.i),
       x.indoption::int2[],
       coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::bool, false)
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_am m ON m.oid = i.relam
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname, i.relname";

const ENUMS: &str = "
SELECT t.typname, ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_type t
WHERE t.typtype = 'e' AND t.typnamespace = quote_ident(current_schema())::regnamespace
ORDER BY t.typname";

/// Reads the current schema.
///
/// # Errors
/// When the catalogue cannot be read.
pub async fn schema<C: ConnectionTrait>(connection: &C) -> Result<Schema> {
    let mut schema = Schema::new();
    for row in ask(connection, ENUMS).await? {
        let name = row.text(0).unwrap_or_default();
        schema.enums.insert(name.clone(), EnumType { name, values: row.texts(1).into_iter().flatten().collect() });
    }
    for row in ask(connection, COLUMNS).await? {
        let name = row.text(0).unwrap_or_default();
        let table =
            schema.tables.entry(name.clone()).or_insert_with(|| Table { comment: row.text(1), ..Table::new(name) });
        if let Some(column) = column(&row) {
            table.columns.push(column);
        }
    }
    for row in ask(connection, CONSTRAINTS).await? {
        if let Some(table) = schema.tables.get_mut(&row.text(0).unwrap_or_default()) {
            constrain(table, &row);
        }
    }
    for row in ask(connection, INDEXES).await? {
        if let Some(table) = schema.tables.get_mut(&row.text(0).unwrap_or_default()) {
            table.indexes.push(index(&row));
        }
    }
    Ok(schema)
}

/// One row as the JSON array PostgreSQL makes of it: one way to read names, arrays and NULLs.
struct Row(Vec<Value>);

impl Row {
    fn text(&self, at: usize) -> Option<String> {
        self.0.get(at).and_then(Value::as_str).map(str::to_owned)
    }

    fn is(&self, at: usize) -> bool {
        self.0.get(at).and_then(Value::as_bool).unwrap_or(false)
    }

    fn number(&self, at: usize) -> usize {
        self.0.get(at).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }

    fn list(&self, at: usize) -> &[Value] {
        self.0.get(at).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, at: usize) -> Vec<Option<String>> {
        self.list(at).iter().map(|value| value.as_str().map(str::to_owned)).collect()
    }
}

async fn ask<C: ConnectionTrait>(connection: &C, question: &str) -> Result<Vec<Row>> {
    // to_jsonb of a row names its columns; numbered names keep their order and may repeat in the question.
    let count = match question {
        COLUMNS | CONSTRAINTS => 11,
        INDEXES => 10,
        _ => 2,
    };
    let names: Vec<String> = (0..count).map(|number| format!("c{number}")).collect();
    let names = names.join(", ");
    let sql = format!("SELECT jsonb_build_array({names})::text FROM ({question}) AS q({names})");
    let failed = |error: sea_orm::DbErr| Error::failed("PostgreSQL's catalogue cannot be read").because(error);
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.map_err(failed)?;
    rows.iter()
        .map(|row| {
            let text: String = row.try_get_by_index(0).map_err(failed)?;
            serde_json::from_str(&text)
                .map(Row)
                .map_err(|error| Error::failed("PostgreSQL's catalogue holds an odd row").because(error))
        })
        .collect()
}

fn column(row: &Row) -> Option<Column> {
    let name = row.text(2)?;
    let said = row.text(3).unwrap_or_default();
    let column_type = match row.text(10) {
        Some(name) => ColumnType::Enum(name),
        None => type_of(&said),
    };
    let expression = row.text(5);
    let generated = row.text(7).filter(|kind| !kind.is_empty());
    let identity = match row.text(6).as_deref() {
        Some("d") => Some(Identity::ByDefault),
        Some("a") => Some(Identity::Always),
        _ => None,
    };
    Some(Column {
        nullable: !row.is(4),
        identity,
        generated: generated
            .as_ref()
            .map(|kind| Generated { expression: expression.clone().unwrap_or_default(), stored: kind == "s" }),
        default: if generated.is_some() {
            None
        } else {
            expression.as_deref().map(|said| default_of(said, &column_type))
        },
        collation: row.text(8),
        comment: row.text(9),
        ..Column::new(name, column_type)
    })
}

fn type_of(said: &str) -> ColumnType {
    if let Some(element) = said.strip_suffix("[]") {
        return ColumnType::Array(Box::new(type_of(element)));
    }
    let (name, rest) = said.split_once('(').map_or((said, ""), |(name, rest)| (name, rest));
    let numbers: Vec<u32> = rest.split([',', ')']).filter_map(|number| number.trim().parse().ok()).collect();
    match (name, numbers.as_slice()) {
        ("smallint", _) => ColumnType::SmallInteger,
        ("integer", _) => ColumnType::Integer,
        ("bigint", _) => ColumnType::BigInteger,
        ("real", _) => ColumnType::Float,
        ("double precision", _) => ColumnType::Double,
        ("numeric", [precision, scale]) => ColumnType::Decimal(Some((*precision, *scale))),
        ("numeric", _) => ColumnType::Decimal(None),
        ("boolean", _) => ColumnType::Boolean,
        ("character varying", numbers) => ColumnType::String(numbers.first().copied()),
        ("character", numbers) => ColumnType::Char(numbers.first().copied()),
        ("text", _) => ColumnType::Text,
        ("bytea", _) => ColumnType::Blob,
        ("uuid", _) => ColumnType::Uuid,
        ("date", _) => ColumnType::Date,
        ("time without time zone", []) => ColumnType::Time,
        ("timestamp without time zone", []) => ColumnType::DateTime,
        ("timestamp with time zone", []) => ColumnType::TimestampWithTimeZone,
        ("json", _) => ColumnType::Json,
        ("jsonb", _) => ColumnType::JsonBinary,
        ("interval", []) => ColumnType::Interval,
        ("inet", _) => ColumnType::Inet,
        ("cidr", _) => ColumnType::Cidr,
        ("macaddr", _) => ColumnType::MacAddr,
        _ => ColumnType::Custom(said.to_owned()),
    }
}

/// `'x'::character varying` is the text x, `0` a number, `now()` the moment; anything else stays word for word.
fn default_of(said: &str, column_type: &ColumnType) -> DefaultValue {
    let bare = said.split("::").next().unwrap_or(said).trim_matches(['(', ')']);
    let is_number = !bare.is_empty() && bare.trim_start_matches('-').chars().all(|c| c.is_ascii_digit() || c == '.');
    match said {
        "true" => return DefaultValue::Boolean(true),
        "false" => return DefaultValue::Boolean(false),
        "CURRENT_TIMESTAMP" | "now()" => return DefaultValue::Now,
        _ if said.starts_with("NULL") => return DefaultValue::Null,
        _ if is_number => return DefaultValue::Number(bare.to_owned()),
        _ => {}
    }
    let quoted = said.strip_prefix('\'').and_then(|rest| {
        let end = rest.replace("''", "\u{1}\u{1}").find('\'')?;
        let (text, cast) = (rest.get(..end)?, rest.get(end + 1..)?);
        (cast.is_empty() || (cast.starts_with("::") && !cast.contains('('))).then(|| text.replace("''", "'"))
    });
    let is_text = !matches!(
        column_type,
        ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::Float
            | ColumnType::Double
            | ColumnType::Decimal(_)
    );
    match quoted {
        // A negative number is said as a text that is cast.
        Some(text) if is_text => DefaultValue::Text(text),
        Some(number) => DefaultValue::Number(number),
        None => DefaultValue::Expression(said.to_owned()),
    }
}

fn constrain(table: &mut Table, row: &Row) {
    let name = row.text(1);
    let columns: Vec<String> = row.texts(9).into_iter().flatten().collect();
    let deferrable = match (row.is(7), row.is(8)) {
        (true, true) => Some(Deferrable::InitiallyDeferred),
        (true, false) => Some(Deferrable::InitiallyImmediate),
        _ => None,
    };
    match row.text(2).as_deref() {
        Some("p") => table.primary_key = Some(PrimaryKey { name, columns }),
        Some("u") => table.uniques.push(Unique { name, columns, deferrable }),
        Some("c") => table.checks.push(Check { name, expression: row.text(3).unwrap_or_default() }),
        _ => table.foreign_keys.push(ForeignKey {
            name,
            columns,
            references: row.text(4).unwrap_or_default(),
            referred: row.texts(10).into_iter().flatten().collect(),
            on_delete: action(row.text(5).as_deref()),
            on_update: action(row.text(6).as_deref()),
            deferrable,
        }),
    }
}

fn action(code: Option<&str>) -> Action {
    match code {
        Some("r") => Action::Restrict,
        Some("c") => Action::Cascade,
        Some("n") => Action::SetNull,
        Some("d") => Action::SetDefault,
        _ => Action::NoAction,
    }
}

fn index(row: &Row) -> Index {
    let keys = row.number(5);
    let names = row.texts(7);
    let texts = row.texts(6);
    let options: Vec<u64> = row.list(8).iter().map(|value| value.as_u64().unwrap_or(0)).collect();
    let columns = (0..keys).map(|at| {
        let key = match names.get(at).cloned().flatten() {
            Some(name) => IndexKey::Column(name),
            None => {
                let text = texts.get(at).cloned().flatten().unwrap_or_default();
                let bare = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(str::to_owned);
                IndexKey::Expression(bare.unwrap_or(text))
            }
        };
        // The first bit says that the largest comes first.
        let descending = options.get(at).is_some_and(|bits| bits & 1 == 1);
        IndexColumn { key, descending, operator_class: None, collation: None }
    });
    Index {
        name: row.text(1).unwrap_or_default(),
        columns: columns.collect(),
        unique: row.is(2),
        predicate: row.text(4),
        include: names.iter().skip(keys).flatten().cloned().collect(),
        method: row.text(3).filter(|method| method != "btree"),
        nulls_not_distinct: row.is(9),
    }
}
