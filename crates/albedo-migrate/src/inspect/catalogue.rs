//! PostgreSQL's catalogue in the server's own words: every object of the current schema with the text that makes it.
//!
//! [`postgres`](super::postgres) reads the same as values that operations can be computed from. Here nothing is
//! understood, so nothing is lost: what is written down from this loads again, and two of these can be held against each
//! other. What belongs to an extension is left to its extension.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::error::{Error, Result};

/// Everything of a schema, each list in the order of its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    pub(crate) extensions: Vec<String>,
    pub(crate) enums: Vec<Named>,
    pub(crate) sequences: Vec<Sequence>,
    pub(crate) functions: Vec<Function>,
    /// The text is what stands before and after the brackets: `UNLOGGED`, `WITH (...)`.
    pub(crate) tables: Vec<TableWords>,
    pub(crate) columns: Vec<Part>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) indexes: Vec<Part>,
    pub(crate) views: Vec<View>,
    pub(crate) triggers: Vec<Part>,
    pub(crate) comments: Vec<Comment>,
    /// What there is besides, in words: it can be neither written down nor compared.
    pub(crate) beyond: Vec<String>,
}

/// Something with a name and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Something of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The table and column it goes with.
    pub(crate) owner: Option<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name with the types it takes.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Whether it takes or returns rows of a table.
    pub(crate) needs_tables: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableWords {
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Constraint {
    pub(crate) part: Part,
    /// Whether it may stand in CREATE TABLE: it names no other table, and all rows have been held against it.
    pub(crate) inline: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) materialized: bool,
    /// The views it reads.
    pub(crate) reads: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// `TABLE "books"`, as it stands behind COMMENT ON.
    pub(crate) on: String,
    pub(crate) table: Option<String>,
    pub(crate) text: String,
}

/// What an extension has brought along; `{0}` is the object's number.
const OWN: &str = "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = {0} AND e.deptype = 'e')";

const EXTENSIONS: &str = "SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1";

const ENUMS: &str = "
SELECT t.typname::text, (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = quote_ident(current_schema())::regnamespace AND {own:t.oid} ORDER BY 1";

const SEQUENCES: &str = "
SELECT c.relname::text,
       format('AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END),
       t.relname::text, a.attname::text
FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
LEFT JOIN pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND {own:c.oid}
  AND NOT EXISTS (SELECT 1 FROM pg_depend i WHERE i.objid = c.oid AND i.deptype = 'i')
ORDER BY 1";

const FUNCTIONS: &str = r"
SELECT format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), regexp_replace(pg_get_functiondef(p.oid), '^(CREATE OR REPLACE [A-Z]+ )' || regexp_replace(quote_ident(current_schema()), '([^a-zA-Z0-9_])', '\\\1', 'g') || '[.]', '\1'),
       EXISTS (SELECT 1 FROM pg_type t WHERE t.oid = ANY (p.prorettype || p.proargtypes::oid[]) AND t.typrelid <> 0)::text
FROM pg_proc p WHERE p.pronamespace = quote_ident(current_schema())::regnamespace AND p.prokind IN ('f', 'p') AND {own:p.oid} ORDER BY 1";

const TABLES: &str = "
SELECT c.relname::text, CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' ELSE '' END,
       coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
FROM pg_class c WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r' AND {own:c.oid} ORDER BY 1";

const COLUMNS: &str = "
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || quote_ident(l.collname) ELSE '' END
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE WHEN a.attidentity = 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE '' END
       || coalesce((SELECT format(' (START WITH %s INCREMENT BY %s)', s.seqstart, s.seqincrement) FROM pg_depend i JOIN pg_sequence s ON s.seqrelid = i.objid
                    WHERE i.refobjid = c.oid AND i.refobjsubid = a.attnum AND i.deptype = 'i' AND (s.seqstart <> 1 OR s.seqincrement <> 1)), '')
       || CASE WHEN a.attgenerated = 's' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
               WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') VIRTUAL'
               ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r' AND {own:c.oid}
ORDER BY c.relname, a.attnum";

const CONSTRAINTS: &str = "
SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid), (k.contype <> 'f' AND k.convalidated)::text
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r' AND k.contype IN ('p', 'u', 'c', 'f', 'x') AND {own:c.oid}
ORDER BY c.relname, array_position(ARRAY['p', 'u', 'x', 'c', 'f'], k.contype::text), k.conname";

const INDEXES: &str = "
SELECT c.relname::text, i.relname::text, pg_get_indexdef(x.indexrelid, 0, true)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'm') AND {own:c.oid}
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY 1, 2";

const VIEWS: &str = "
SELECT v.relname::text, coalesce(' WITH (' || array_to_string(v.reloptions, ', ') || ')', '') || ' AS' || chr(10) || rtrim(pg_get_viewdef(v.oid, true), '; '), (v.relkind = 'm')::text,
       array_to_string(ARRAY(SELECT DISTINCT r.relname::text FROM pg_rewrite w JOIN pg_depend d ON d.objid = w.oid AND d.classid = 'pg_rewrite'::regclass
             JOIN pg_class r ON r.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
             WHERE w.ev_class = v.oid AND r.oid <> v.oid AND r.relkind IN ('v', 'm')), chr(10))
FROM pg_class v WHERE v.relnamespace = quote_ident(current_schema())::regnamespace AND v.relkind IN ('v', 'm') AND {own:v.oid} ORDER BY 1";

const TRIGGERS: &str = "
SELECT c.relname::text, g.tgname::text, pg_get_triggerdef(g.oid, true)
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT g.tgisinternal AND {own:c.oid} ORDER BY 1, 2";

const COMMENTS: &str = "
SELECT CASE WHEN d.objsubid > 0 THEN format('COLUMN %I.%I', c.relname, a.attname)
            ELSE format('%s %I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'i' THEN 'INDEX' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname) END,
       CASE WHEN c.relkind = 'r' THEN c.relname::text END, d.description
FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND {own:c.oid}
UNION ALL
SELECT format('CONSTRAINT %I ON %I', k.conname, c.relname), c.relname::text, d.description
FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid AND d.classoid = 'pg_constraint'::regclass JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND {own:c.oid}
UNION ALL
SELECT format('TYPE %I', t.typname), NULL, d.description
FROM pg_description d JOIN pg_type t ON t.oid = d.objoid AND d.classoid = 'pg_type'::regclass
WHERE t.typnamespace = quote_ident(current_schema())::regnamespace AND t.typtype = 'e' AND {own:t.oid}
UNION ALL
SELECT format('%s %I(%s)', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.proname, pg_get_function_identity_arguments(p.oid)), NULL, d.description
FROM pg_description d JOIN pg_proc p ON p.oid = d.objoid AND d.classoid = 'pg_proc'::regclass
WHERE p.pronamespace = quote_ident(current_schema())::regnamespace AND p.prokind IN ('f', 'p') AND {own:p.oid}
ORDER BY 1";

/// What the other questions do not ask for. Whoever adds a kind to them takes it out here.
const BEYOND: &str = "
SELECT 'the partitioned table ' || c.relname FROM pg_class c WHERE c.relkind = 'p' AND c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the foreign table ' || c.relname FROM pg_class c WHERE c.relkind = 'f' AND c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the type ' || c.relname FROM pg_class c WHERE c.relkind = 'c' AND c.relnamespace = quote_ident(current_schema())::regnamespace AND {own:c.reltype}
UNION ALL SELECT 'the inheritance of ' || c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the partition ' || c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relispartition AND c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the domain ' || t.typname FROM pg_type t WHERE t.typtype = 'd' AND t.typnamespace = quote_ident(current_schema())::regnamespace AND {own:t.oid}
UNION ALL SELECT 'the range type ' || t.typname FROM pg_type t WHERE t.typtype = 'r' AND t.typnamespace = quote_ident(current_schema())::regnamespace AND {own:t.oid}
UNION ALL SELECT 'the aggregate ' || p.proname FROM pg_proc p WHERE p.prokind IN ('a', 'w') AND p.pronamespace = quote_ident(current_schema())::regnamespace AND {own:p.oid}
UNION ALL SELECT 'the policy ' || p.polname || ' of ' || c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'row security on ' || c.relname FROM pg_class c WHERE c.relrowsecurity AND c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the rule ' || r.rulename || ' on ' || c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN' AND c.relnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the statistics ' || s.stxname FROM pg_statistic_ext s WHERE s.stxnamespace = quote_ident(current_schema())::regnamespace
UNION ALL SELECT 'the collation ' || l.collname FROM pg_collation l WHERE l.collnamespace = quote_ident(current_schema())::regnamespace AND {own:l.oid}
UNION ALL SELECT 'the operator ' || o.oprname FROM pg_operator o WHERE o.oprnamespace = quote_ident(current_schema())::regnamespace AND {own:o.oid}
UNION ALL SELECT 'the index ' || i.relname || ', which is not valid' FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE NOT x.indisvalid AND i.relnamespace = quote_ident(current_schema())::regnamespace
ORDER BY 1";

/// Reads the current schema.
///
/// # Errors
/// When the catalogue cannot be read.
pub async fn catalogue<C: ConnectionTrait>(connection: &C) -> Result<Catalogue> {
    let part = |row: &Row| Part { table: row.text(0), name: row.text(1), text: settled(&row.text(2)) };
    Ok(Catalogue {
        extensions: ask(connection, EXTENSIONS, 1, |row| row.text(0)).await?,
        enums: ask(connection, ENUMS, 2, |row| Named { name: row.text(0), text: row.text(1) }).await?,
        sequences: ask(connection, SEQUENCES, 4, |row| Sequence {
            name: row.text(0),
            text: row.text(1),
            owner: row.some(2).zip(row.some(3)),
        })
        .await?,
        functions: ask(connection, FUNCTIONS, 3, |row| Function {
            name: row.text(0),
            text: row.text(1).trim_end().to_owned(),
            needs_tables: row.is(2),
        })
        .await?,
        tables: ask(connection, TABLES, 3, |row| TableWords {
            name: row.text(0),
            before: row.text(1),
            after: row.text(2),
        })
        .await?,
        columns: ask(connection, COLUMNS, 3, part).await?,
        constraints: ask(connection, CONSTRAINTS, 4, |row| Constraint { part: part(row), inline: row.is(3) }).await?,
        indexes: ask(connection, INDEXES, 3, part).await?,
        views: ask(connection, VIEWS, 4, |row| View {
            name: row.text(0),
            text: settled(&row.text(1)),
            materialized: row.is(2),
            reads: row.text(3).lines().map(str::to_owned).collect(),
        })
        .await?,
        triggers: ask(connection, TRIGGERS, 3, part).await?,
        comments: ask(connection, COMMENTS, 3, |row| Comment {
            on: row.text(0),
            table: row.some(1),
            text: row.text(2),
        })
        .await?,
        beyond: ask(connection, BEYOND, 1, |row| row.text(0)).await?,
    })
}

/// PostgreSQL says one thing in two ways: `x IN ('a', 'b')` on a varchar is told as `(ARRAY['a'::varchar, ...])::text[]`,
/// and once that text has been loaded again as `ARRAY[('a'::varchar)::text, ...]`. The second stays as it is, so that a
/// database made of a dump equals the one it was written from.
fn settled(text: &str) -> String {
    let mut text = text.to_owned();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("ARRAY[")).map(|at| at + from) {
        from = at + "ARRAY[".len();
        if let Some((whole, casts)) = with_casts_inside(&text, at) {
            text.replace_range(whole, &casts);
        }
    }
    text
}

/// The place of a list that is cast as a whole, and the list with each of its parts cast.
fn with_casts_inside(text: &str, at: usize) -> Option<(std::ops::Range<usize>, String)> {
    let open = at + "ARRAY[".len();
    let (mut depth, mut begins, mut parts, mut end) = (1_usize, open, Vec::new(), None);
    // Quotes of both kinds are doubled inside of themselves, so that each pair opens and closes by itself.
    let mut quote = None;
    for (offset, c) in text.get(open..)?.char_indices() {
        let here = open + offset;
        match (quote, c) {
            (Some(sign), c) if sign == c => quote = None,
            (Some(_), _) => continue,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if quote.is_none() && (depth == 0 || (depth == 1 && c == ',')) {
            parts.push(text.get(begins..here)?.trim().to_owned());
            begins = here + c.len_utf8();
        }
        if depth == 0 {
            end = Some(here + c.len_utf8());
            break;
        }
    }
    let end = end?;
    let wrapped = text.get(..at)?.ends_with('(') && text.get(end..)?.starts_with(")::");
    let (start, end) = if wrapped { (at - 1, end + 1) } else { (at, end) };
    let name = text.get(end..)?.strip_prefix("::")?.split_once("[]").map(|(name, _)| name)?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '"' | '.');
    if name.is_empty() || !name.chars().all(plain) || parts.iter().all(String::is_empty) {
        return None;
    }
    let each = |part: &String| if wrapped { format!("({part})::{name}") } else { format!("{part}::{name}") };
    let list: Vec<String> = parts.iter().map(each).collect();
    Some((start..end + "::".len() + name.len() + "[]".len(), format!("ARRAY[{}]", list.join(", "))))
}

/// One row of texts.
struct Row(Vec<Option<String>>);

impl Row {
    fn some(&self, at: usize) -> Option<String> {
        self.0.get(at).cloned().flatten()
    }

    fn text(&self, at: usize) -> String {
        self.some(at).unwrap_or_default()
    }

    fn is(&self, at: usize) -> bool {
        self.text(at) == "true"
    }
}

async fn ask<C: ConnectionTrait, T>(
    connection: &C,
    question: &str,
    columns: usize,
    read: impl Fn(&Row) -> T,
) -> Result<Vec<T>> {
    let failed = |error: sea_orm::DbErr| Error::failed("PostgreSQL's catalogue cannot be read").because(error);
    let statement = Statement::from_string(DbBackend::Postgres, with_own(question));
    let row = |row: &QueryResult| {
        (0..columns).map(|at| row.try_get_by_index::<Option<String>>(at)).collect::<Result<Vec<_>, _>>().map(Row)
    };
    let rows = connection.query_all_raw(statement).await.map_err(failed)?;
    rows.iter().map(|found| row(found).map(|row| read(&row)).map_err(failed)).collect()
}

/// `{own:c.oid}` becomes the condition that no extension has brought `c.oid`.
fn with_own(question: &str) -> String {
    let mut text = String::new();
    for (index, part) in question.split("{own:").enumerate() {
        match part.split_once('}').filter(|_| index > 0) {
            Some((object, rest)) => {
                text.push_str(&OWN.replace("{0}", object));
                text.push_str(rest);
            }
            None => text.push_str(part),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_cast_is_told_as_it_is_after_a_load() {
        for (one, other) in [
            (
                "CHECK (((kind)::text = ANY ((ARRAY['a, b'::character varying, 'c'::character varying])::text[])))",
                "CHECK (((kind)::text = ANY (ARRAY[('a, b'::character varying)::text, ('c'::character varying)::text])))",
            ),
            (
                "WHERE kind::text = ANY (ARRAY['a]'::character varying, f(1, 2)]::text[])",
                "WHERE kind::text = ANY (ARRAY['a]'::character varying::text, f(1, 2)::text])",
            ),
            ("DEFAULT ARRAY[1, 2]", "DEFAULT ARRAY[1, 2]"),
            ("DEFAULT ARRAY[]::text[]", "DEFAULT ARRAY[]::text[]"),
            ("'ARRAY['", "'ARRAY['"),
        ] {
            assert_eq!(settled(one), other);
            assert_eq!(settled(other), other, "it settles");
        }
    }
}
