//! Parameters of paths, queries and headers.

use albedo_core::claim::Claim;
use albedo_core::field::{Field, Kind};
use albedo_core::listing::{Count, Cursors, Limits, MAX_VALUES, Operator, PageRequest};
use albedo_entities::Description;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, RefOr, Required, Schema, Type};

use super::operations::Subject;
use super::schemas::{in_body, json, spaced, typed, value};

/// An id for examples.
pub(super) const EXAMPLE_ID: &str = "01a20674-1715-76ed-8847-8036cb1fa3c5";

/// Entity tags in a condition: `*`, or a list of them.
pub(super) const CONDITION: &str = r#"^(\*|(W/)?"[^",]*"( *, *(W/)?"[^",]*")*)$"#;

/// The ids of the parents in the path, outermost first.
pub(super) fn parents(resource: &Description) -> Vec<Parameter> {
    let mut parents: Vec<_> = resource.parents().map(id).collect();
    parents.reverse();
    parents
}

/// The id of one row.
pub(super) fn id(resource: &Description) -> Parameter {
    ParameterBuilder::new()
        .name(resource.parameter())
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(format!("Which {}.", spaced(resource.name))))
        .schema(Some(typed(Type::String, Some("uuid")).examples([EXAMPLE_ID])))
        .build()
}

/// `If-None-Match`, for those who have a row already.
pub(super) fn if_none_match() -> Parameter {
    condition("If-None-Match", "`*`, or entity tags that the client has; 304 answers where one is the current one.")
}

/// `If-Match`, for those who change what they have seen and nothing else.
pub(super) fn if_match(required: bool) -> Parameter {
    let mut parameter =
        condition("If-Match", "`*`, or entity tags that the row may have; 412 answers where none is the current one.");
    parameter.required = if required { Required::True } else { Required::False };
    parameter
}

/// The parameters of a query that is told by a table of fields.
pub(super) fn asked(fields: &[Field]) -> impl Iterator<Item = Parameter> {
    fields.iter().filter(|field| field.uses.create).map(|field| {
        let required = if field.required { Required::True } else { Required::False };
        let parameter = of_query(field.name, field.description, in_body(field)).required(required);
        let is_list = matches!(field.kind, Kind::Texts);
        if is_list { parameter.style(Some(ParameterStyle::Form)).explode(Some(false)) } else { parameter }.build()
    })
}

/// `dry_run`, for those who want to know first.
pub(super) fn dry_run() -> Parameter {
    let description =
        "Whether to check everything, other rows and the database's own rules included, and keep nothing.";
    query("dry_run", description, typed(Type::Boolean, None).default(Some(false.into())))
}

/// `Idempotency-Key`, for those who may have to ask twice.
pub(super) fn idempotency_key() -> Parameter {
    let description = "A name for this write, such as a UUID. Whoever sends the same request again with the same key gets the \
        first one's answer, and nothing is written twice. Refusals keep no key.";
    let schema = typed(Type::String, None).min_length(Some(1)).max_length(Some(Claim::LONGEST_KEY));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema.pattern(Some("^[!-~]+$")).examples(["8e03978e-40d5-43dd-bc93-6894a57f9324"])))
        .build()
}

fn condition(name: &str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(typed(Type::String, None).pattern(Some(CONDITION)).examples(["\"3\""])))
        .build()
}

/// What a list may be asked for.
pub(super) fn list(subject: Subject<'_>) -> Vec<Parameter> {
    let resource = subject.resource;
    let mut parameters = vec![
        query("page", "Which page, from 1. A page past the end is empty.", number(PageRequest::MAX_PAGE, 1)),
        query("size", "How many rows a page has.", number(PageRequest::MAX_SIZE, PageRequest::DEFAULT_SIZE)),
        cursor(),
        count(),
    ];
    parameters.extend(shown(subject));
    parameters.extend(sort(resource));
    parameters.extend(search(resource));
    parameters.extend(deleted(resource));
    let filtered = resource.fields.iter().filter(|field| field.uses.filter);
    parameters
        .extend(filtered.flat_map(|field| Operator::of(field.kind).iter().map(|operator| filter(field, *operator))));
    parameters
}

/// What is shown of a row: its fields, and what relations lead to.
pub(super) fn shown(subject: Subject<'_>) -> Vec<Parameter> {
    [Some(fields(subject)), expand(subject.resource)].into_iter().flatten().collect()
}

/// The fields to show.
pub(super) fn fields(Subject { resource, computed, .. }: Subject<'_>) -> Parameter {
    let shown = resource.fields.iter().filter(|field| field.uses.view).chain(computed);
    let names: Vec<_> = shown.map(|field| field.name).collect();
    let name = typed(Type::String, None).enum_values(Some(names)).examples(["id"]);
    several(
        "fields",
        "The fields to show, separated by commas; all of them if absent. The id is always shown.",
        name,
        1,
        None,
    )
}

fn expand(resource: &Description) -> Option<Parameter> {
    let names: Vec<_> = resource.expansions.iter().map(|relation| relation.name).collect();
    let example = *names.first()?;
    let each = resource.expansions.iter().map(|relation| format!("`{}`: {}", relation.name, relation.summary));
    let description = format!(
        "Other rows to show with it, separated by commas. {} What somebody may not see is not shown.",
        each.collect::<Vec<_>>().join(" ")
    );
    let name = typed(Type::String, None).enum_values(Some(names)).examples([example]);
    Some(several("expand", &description, name, 1, None))
}

fn cursor() -> Parameter {
    let description = "Walks through the list at the same cost however far in: empty to begin, then as `next` and `prev` have \
        it. A cursor is good for one list, with its filters, search, sort and user; `size` may change. Not beside `page`.";
    let text = typed(Type::String, None).pattern(Some("^[A-Za-z0-9_-]*$")).max_length(Some(Cursors::MAX_LENGTH));
    query("cursor", description, text.examples([""]))
}

fn count() -> Parameter {
    let description = "Whether to count all rows, which takes the longer the more there are: pages by number do where \
        nothing is said, walks by cursor do not.";
    let names = Count::ALL.map(|(name, _)| name);
    query("count", description, typed(Type::String, None).enum_values(Some(names)).examples(["none"]))
}

fn number(most: u64, default: u64) -> ObjectBuilder {
    typed(Type::Integer, Some("int64")).minimum(Some(1)).maximum(Some(most)).default(Some(default.into()))
}

fn sort(resource: &Description) -> Option<Parameter> {
    let names = resource.fields.iter().filter(|field| field.uses.sort).map(|field| field.name);
    let keys: Vec<_> = names.flat_map(|name| [name.to_owned(), format!("-{name}")]).collect();
    let example = keys.get(1)?.clone();
    let key = typed(Type::String, None).enum_values(Some(keys)).examples([example]);
    let most = Limits::ALL.sort_keys;
    let description = format!(
        "Up to {most} fields to sort by, each once, separated by commas; a minus turns the order. Empty values come \
         last, and the id breaks ties, going the way of the last field. {}",
        default_order(resource)
    );
    Some(several("sort", &description, key, 1, most))
}

fn default_order(resource: &Description) -> String {
    let keys = resource.default_sort.iter().map(|(field, descending)| {
        let minus = if *descending { "-" } else { "" };
        format!("`{minus}{}`", field.name)
    });
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        "Rows come in the order of their making where nothing is asked for.".to_owned()
    } else {
        format!("Rows come by {} where nothing is asked for.", keys.join(", "))
    }
}

fn search(resource: &Description) -> Option<Parameter> {
    let searched = resource.fields.iter().filter(|field| field.uses.search);
    let names: Vec<_> = searched.map(|field| format!("`{}`", field.name)).collect();
    if names.is_empty() {
        return None;
    }
    let description = format!("A text that one of {} holds, in any case.", names.join(", "));
    Some(query("q", &description, typed(Type::String, None).max_length(Some(Limits::ALL.search))))
}

fn deleted(resource: &Description) -> Option<Parameter> {
    let description = "`only` lists the deleted rows, which can be restored, in place of the others.";
    let schema = typed(Type::String, None).enum_values(Some(["none", "only"])).default(Some("none".into()));
    resource.restores().then(|| query("deleted", description, schema))
}

/// The parameter of one field and one operator.
fn filter(field: &Field, operator: Operator) -> Parameter {
    let name = match operator {
        Operator::Eq => field.name.to_owned(),
        _ => format!("{}__{}", field.name, operator.text()),
    };
    let one = || value(field.kind).examples(json(field.example));
    match operator {
        Operator::Eq => query(&name, field.description, one()),
        Operator::Ne => query(&name, "Any other value, or none.", one()),
        Operator::In => several(&name, "One of these.", listed(field), 1, MAX_VALUES),
        Operator::NotIn => several(&name, "None of these.", listed(field), 1, MAX_VALUES),
        Operator::Contains => query(&name, "Holds this text.", one()),
        Operator::Icontains => query(&name, "Holds this text, in any case.", one()),
        Operator::StartsWith => query(&name, "Begins with this text.", one()),
        Operator::EndsWith => query(&name, "Ends with this text.", one()),
        Operator::IsNull => query(&name, "Has no value (`true`) or has one (`false`).", typed(Type::Boolean, None)),
        Operator::Gt => query(&name, "More than this.", one()),
        Operator::Gte => query(&name, "This or more.", one()),
        Operator::Lt => query(&name, "Less than this.", one()),
        Operator::Lte => query(&name, "This or less.", one()),
        Operator::Between => several(&name, "From the first to the second, both included.", listed(field), 2, 2),
    }
}

/// A value among others: a comma ends it, so a text cannot hold one.
fn listed(field: &Field) -> ObjectBuilder {
    match field.kind {
        Kind::Text => value(field.kind).pattern(Some("^[^,]*$")),
        _ => value(field.kind),
    }
}

fn query(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    of_query(name, description, schema).build()
}

/// A parameter with values between commas.
fn several(
    name: &str,
    description: &str,
    item: impl Into<ArrayItems>,
    least: usize,
    most: impl Into<Option<usize>>,
) -> Parameter {
    let schema = ArrayBuilder::new().items(item).min_items(Some(least)).max_items(most.into());
    of_query(name, description, schema).style(Some(ParameterStyle::Form)).explode(Some(false)).build()
}

fn of_query(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}
