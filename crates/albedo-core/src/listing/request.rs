//! The query of a list, whole.

use crate::fault::{Code, Fault, Faults};
use crate::field::Field;

use super::cursor::Cursors;
use super::filter::{self, Filter, Operator};
use super::page::PageRequest;
use super::query;
use super::showing::{self, Selection, Showing, Shown};
use super::sort::{self, Direction, SortKey};

/// How much one query may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most filters.
    pub filters: usize,
    /// Most sort keys.
    pub sort_keys: usize,
    /// Most characters of the whole query, as sent; a cursor is not counted.
    pub query: usize,
    /// Most characters of `q`.
    pub search: usize,
}

impl Limits {
    /// The limits of every list.
    pub const ALL: Self = Self { filters: 30, sort_keys: 4, query: 2_000, search: 200 };
}

/// What can be asked of a list.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'s> {
    /// The field table, and what else a row can be shown with.
    pub shown: Shown<'s>,
    /// Whether its deleted rows can be listed, since they can be restored.
    pub restores: bool,
}

impl<'s, S: Into<Shown<'s>>> From<S> for Listed<'s> {
    fn from(shown: S) -> Self {
        Self { shown: shown.into(), restores: false }
    }
}

/// Whether all the rows of a list are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// To the last one, which takes the longer the more there are.
    Exact,
    /// Not at all.
    None,
}

impl Count {
    /// Each as clients write it.
    pub const ALL: [(&'static str, Self); 2] = [("exact", Self::Exact), ("none", Self::None)];
}

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    /// Which page; with a cursor, its size alone.
    pub page: PageRequest,
    /// Where the page begins, as an earlier one has told; empty for the first. `None` asks by number.
    pub cursor: Option<String>,
    /// Whether to count, where it was said.
    pub count: Option<Count>,
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// The order; empty means the resource's own.
    pub sort: Vec<SortKey>,
    /// A text that one of the searched fields must hold, in any case.
    pub search: Option<String>,
    /// Whether the deleted rows are asked for, in place of the others.
    pub deleted: bool,
    /// What is shown of each row.
    pub showing: Showing,
}

/// Reads the query of one row against what can be shown of it.
///
/// # Errors
/// All the faults: parameters, fields and relations that are unknown, with what is allowed.
pub fn read_row<'s>(shown: impl Into<Shown<'s>>, query: &str) -> Result<Showing, Faults> {
    let shown = shown.into();
    let mut showing = Showing::default();
    let mut faults = Faults::none();
    bounded_query(query.len())?;
    let pairs = query::pairs(query)?;
    let mut seen = Vec::new();
    for (name, value) in &pairs {
        if ["fields", "expand"].contains(&&**name) {
            if seen.contains(&name) {
                faults.add(twice(name));
                continue;
            }
            seen.push(name);
        }
        match &**name {
            "fields" => showing.fields = Selection::read(&shown, value, &mut faults),
            "expand" if !shown.relations.is_empty() => {
                showing.expand = showing::relations(&shown, value, &mut faults);
            }
            _ => {
                let part: String = name.chars().take(64).collect();
                let allowed = if shown.relations.is_empty() { vec!["fields"] } else { vec!["fields", "expand"] };
                let verb = if allowed.len() == 1 { "is" } else { "are" };
                let detail = format!("There is no such parameter; allowed {verb} {}.", allowed.join(", "));
                faults.add(Fault::in_parameter(part, Code::Unknown, detail).with("allowed", allowed));
            }
        }
    }
    faults.none_or(showing)
}

fn bounded_query(length: usize) -> Result<(), Fault> {
    if length > Limits::ALL.query {
        let detail = format!("The query may have at most {} characters.", Limits::ALL.query);
        return Err(Fault::in_parameter("", Code::TooLong, detail).with("max", Limits::ALL.query));
    }
    Ok(())
}

fn twice(name: &str) -> Fault {
    Fault::in_parameter(name, Code::Duplicate, "This parameter occurs twice.")
}

impl ListRequest {
    /// Whether to count: pages by number tell of how many, where nothing else is asked for, and walks do not.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.count.unwrap_or(if self.cursor.is_none() { Count::Exact } else { Count::None }) == Count::Exact
    }

    /// The order asked for, or the list's own.
    #[must_use]
    pub fn order(&self, own: &[(&'static Field, bool)]) -> Vec<SortKey> {
        if !self.sort.is_empty() {
            return self.sort.clone();
        }
        let direction = |descending| if descending { Direction::Descending } else { Direction::Ascending };
        own.iter().map(|(field, descending)| SortKey { field, direction: direction(*descending) }).collect()
    }
}

/// Reads the query of a list against the field table.
///
/// # Errors
/// All the faults: unknown parameters and operators with what is allowed, values of the wrong kind, limits.
pub fn read<'s>(listed: impl Into<Listed<'s>>, query: &str) -> Result<ListRequest, Faults> {
    let listed @ Listed { shown, restores } = listed.into();
    let fields = shown.fields;
    let cursor = query.split('&').find(|pair| pair.starts_with("cursor=")).map_or(0, |pair| 1 + pair.len());
    bounded_query(query.len().saturating_sub(cursor.min("&cursor=".len() + Cursors::MAX_LENGTH)))?;
    let mut request = ListRequest::default();
    let mut faults = Faults::none();
    let mut seen = Vec::new();
    let pairs = query::pairs(query)?;
    for (name, value) in &pairs {
        let single = SINGLE.contains(&&**name);
        if single && seen.contains(&name) {
            faults.add(twice(name));
            continue;
        }
        seen.push(name);
        match &**name {
            "page" => request.page.page = bounded("page", value, PageRequest::MAX_PAGE, &mut faults),
            "size" => request.page.size = bounded("size", value, PageRequest::MAX_SIZE, &mut faults),
            "cursor" => request.cursor = cursor_of(value, &mut faults),
            "count" => request.count = count(value, &mut faults),
            "fields" => request.showing.fields = Selection::read(&shown, value, &mut faults),
            "expand" if !shown.relations.is_empty() => {
                request.showing.expand = showing::relations(&shown, value, &mut faults);
            }
            "sort" => request.sort = sort::read(fields, Limits::ALL.sort_keys, value, &mut faults),
            "q" if fields.iter().any(|field| field.uses.search) => request.search = search(value, &mut faults),
            "deleted" if restores => request.deleted = is_deleted(value, &mut faults),
            _ => match filter_of(listed, name, value) {
                Ok(filter) => request.filters.push(filter),
                Err(fault) => faults.add(fault),
            },
        }
    }
    if request.cursor.is_some() && seen.iter().any(|name| *name == "page") {
        let detail = "page and cursor are two ways through a list; leave one of them out.";
        faults.add(Fault::in_parameter("page", Code::Contradiction, detail));
    }
    if request.filters.len() > Limits::ALL.filters {
        let detail = format!("At most {} filters are allowed.", Limits::ALL.filters);
        faults.add(Fault::in_parameter("", Code::TooMany, detail).with("max", Limits::ALL.filters));
    }
    faults.none_or(request)
}

/// What a list asks with itself, each once.
const SINGLE: [&str; 9] = ["page", "size", "cursor", "count", "fields", "expand", "sort", "q", "deleted"];

fn cursor_of(text: &str, faults: &mut Faults) -> Option<String> {
    if text.len() > Cursors::MAX_LENGTH {
        let detail = format!("No cursor has more than {} characters.", Cursors::MAX_LENGTH);
        faults.add(Fault::in_parameter("cursor", Code::TooLong, detail).with("max", Cursors::MAX_LENGTH));
    }
    Some(text.to_owned())
}

fn count(text: &str, faults: &mut Faults) -> Option<Count> {
    let known = Count::ALL.into_iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let allowed = Count::ALL.map(|(name, _)| name);
        let detail = format!("This must be one of {}.", allowed.join(", "));
        faults.add(Fault::in_parameter("count", Code::NotAChoice, detail).with("allowed", allowed.as_slice()));
    }
    known.map(|(_, count)| count)
}

fn bounded(name: &str, text: &str, max: u64, faults: &mut Faults) -> u64 {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fault = match text.parse::<u64>() {
        Ok(number) if digits && (1..=max).contains(&number) => return number,
        Ok(0) => Fault::in_parameter(name, Code::TooSmall, format!("{name} counts from 1.")).with("min", 1),
        // Digits that do not fit 64 bits are a number as well, only a larger one.
        _ if digits => Fault::in_parameter(name, Code::TooLarge, format!("{name} is at most {max}.")).with("max", max),
        _ => Fault::in_parameter(name, Code::WrongType, format!("{name} is a whole number from 1 to {max}.")),
    };
    faults.add(fault);
    1
}

fn search(text: &str, faults: &mut Faults) -> Option<String> {
    if text.chars().count() > Limits::ALL.search {
        let detail = format!("At most {} characters are allowed.", Limits::ALL.search);
        faults.add(Fault::in_parameter("q", Code::TooLong, detail).with("max", Limits::ALL.search));
    }
    (!text.is_empty()).then(|| text.to_owned())
}

/// Each as clients write it, with whether it means the deleted rows.
const DELETED: [(&str, bool); 2] = [("none", false), ("only", true)];

fn is_deleted(text: &str, faults: &mut Faults) -> bool {
    let known = DELETED.into_iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let allowed = DELETED.map(|(name, _)| name);
        let detail = format!("This must be one of {}.", allowed.join(", "));
        faults.add(Fault::in_parameter("deleted", Code::NotAChoice, detail).with("allowed", allowed.as_slice()));
    }
    known.is_some_and(|(_, deleted)| deleted)
}

fn filter_of(listed: Listed<'_>, parameter: &str, value: &str) -> Result<Filter, Fault> {
    let find = |name: &str| listed.shown.fields.iter().find(|field| field.uses.filter && field.name == name);
    // A field may itself hold two underscores, so the whole name is tried first.
    if let Some(field) = find(parameter) {
        return filter::read(field, Operator::Eq, parameter, value);
    }
    let (name, operator) = parameter
        .strip_suffix(']')
        .and_then(|parameter| parameter.split_once('['))
        .or_else(|| parameter.rsplit_once("__"))
        .ok_or_else(|| unknown_parameter(listed, parameter))?;
    let field = find(name).ok_or_else(|| unknown_parameter(listed, parameter))?;
    let operators = Operator::of(field.kind);
    let operator = operators.iter().find(|known| known.text() == operator).ok_or_else(|| {
        let allowed: Vec<_> = operators.iter().map(|operator| operator.text()).collect();
        let detail = format!("{name} knows the operators {}.", allowed.join(", "));
        Fault::in_parameter(parameter, Code::Unknown, detail).with("allowed", allowed)
    })?;
    filter::read(field, *operator, parameter, value)
}

fn unknown_parameter(Listed { shown, restores }: Listed<'_>, parameter: &str) -> Fault {
    let fields = shown.fields;
    let mut allowed = vec!["page", "size", "cursor", "count", "fields", "sort"];
    if !shown.relations.is_empty() {
        allowed.push("expand");
    }
    if fields.iter().any(|field| field.uses.search) {
        allowed.push("q");
    }
    if restores {
        allowed.push("deleted");
    }
    allowed.extend(fields.iter().filter(|field| field.uses.filter).map(|field| field.name));
    let detail = format!("There is no such parameter; allowed are {}.", allowed.join(", "));
    let shown: String = parameter.chars().take(64).collect();
    Fault::in_parameter(shown, Code::Unknown, detail).with("allowed", allowed)
}

#[cfg(test)]
mod tests;
