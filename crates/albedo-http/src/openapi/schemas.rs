//! Schemas: JSON Schema (2020-12) out of field tables. What a table refuses, its schema refuses.

use albedo_core::field::{Field, Format, Kind};
use albedo_core::listing::PageRequest;
use albedo_core::scalar;
use albedo_engine::{MOST_RELATED, Served};
use albedo_entities::{Description, Expansion, Reach};
use serde_json::Value;
use utoipa::Number;
use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder, RefBuilder, SchemaType};
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, SchemaFormat, Type,
};

/// What a schema is for: answers are described, bodies are bounded as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Answer,
    Body,
}

/// Adds `City`, `CityPart`, `CreateCity`, `UpdateCity`, `CityPage` and `CityCursorPage`.
pub(super) fn add_resource(components: ComponentsBuilder, served: &Served) -> ComponentsBuilder {
    let resource = served.description;
    let Description { schema, methods, .. } = resource;
    let name = spaced(resource.name);
    let name = format!("{} {name}", article(&name));
    let mut components = components.schema(*schema, with_relations(view(resource.summary, shown(served)), resource));
    if methods.list || methods.get {
        components = components.schema(format!("{schema}Part"), part(served));
    }
    if methods.list {
        components = components.schema(format!("{schema}Page"), page(schema));
        components = components.schema(format!("{schema}CursorPage"), cursor_page(schema));
    }
    if methods.create {
        let what = format!("What makes {name}.");
        components = components.schema(format!("Create{schema}"), create_body(&what, (resource.create_fields)()));
    }
    if methods.update {
        let what = format!("What changes {name}: absent keeps, `null` clears.");
        components = components.schema(format!("Update{schema}"), update_body(&what, (resource.update_fields)()));
    }
    components
}

/// The schema of this name.
pub(super) fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

/// `refresh_token` as people write it.
pub(super) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// The indefinite article: `u` opens words such as user more often than words such as umbrella.
pub(super) fn article(name: &str) -> &'static str {
    if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// A row as clients see it. Other properties are not excluded: the API grows by adding them.
pub(super) fn view(description: &str, fields: impl Iterator<Item = &'static Field>) -> ObjectBuilder {
    fields.filter(|field| field.uses.view).fold(ObjectBuilder::new().description(Some(description)), |object, field| {
        object.property(field.name, of(field, Side::Answer)).required(field.name)
    })
}

/// A row of which some fields were asked for.
fn part(served: &Served) -> ObjectBuilder {
    let what = format!("The fields of a {} that `fields` asked for, and its id.", spaced(served.description.name));
    let object = shown(served).fold(ObjectBuilder::new().description(Some(what)), |object, field| {
        let object = object.property(field.name, of(field, Side::Answer));
        if field.name == "id" { object.required(field.name) } else { object }
    });
    with_relations(object, served.description)
}

/// The fields of a row, and what is computed of it.
fn shown(served: &Served) -> impl Iterator<Item = &'static Field> {
    served.description.fields.iter().filter(|field| field.uses.view).chain(served.computed)
}

/// The rows that `expand` shows with a row.
fn with_relations(object: ObjectBuilder, resource: &Description) -> ObjectBuilder {
    resource
        .expansions
        .iter()
        .fold(object, |object, relation| object.property(relation.name, related(resource, relation)))
}

fn related(resource: &Description, relation: &Expansion) -> RefOr<Schema> {
    let what = format!("{} Shown with `expand={}`.", relation.summary, relation.name);
    let row = (relation.target)().schema;
    let is_parent = |column| resource.parent.as_ref().is_some_and(|parent| parent.column == column);
    match relation.reach {
        Reach::One { column } if is_parent(column) => {
            RefBuilder::new().ref_location_from_schema_name(row).description(Some(what)).build().into()
        }
        // What a row refers to elsewhere may be out of sight.
        Reach::One { .. } => {
            let none = ObjectBuilder::new().schema_type(SchemaType::new(Type::Null));
            AnyOfBuilder::new().item(Ref::from_schema_name(row)).item(none).description(Some(what)).into()
        }
        Reach::Many => {
            let items =
                ArrayBuilder::new().items(Ref::from_schema_name(row)).max_items(usize::try_from(MOST_RELATED).ok());
            let items = items.description(Some("The first of them, in the order of their own list."));
            ObjectBuilder::new()
                .description(Some(what))
                .property("items", items)
                .property("total", count("How many there are.", 0, 2))
                .required("items")
                .required("total")
                .into()
        }
    }
}

/// A whole row, or a part of it where one is asked for.
pub(super) fn row(schema: &str) -> RefOr<Schema> {
    let rows = [schema.to_owned(), format!("{schema}Part")];
    rows.into_iter().fold(AnyOfBuilder::new(), |rows, name| rows.item(Ref::from_schema_name(name))).into()
}

/// A body that makes something.
pub(super) fn create_body(description: &str, fields: &[Field]) -> ObjectBuilder {
    let sent = fields.iter().filter(|field| field.uses.create);
    sent.fold(closed(description), |object, field| {
        let object = object.property(field.name, of(field, Side::Body));
        if field.required { object.required(field.name) } else { object }
    })
}

/// A JSON merge patch.
fn update_body(description: &str, fields: &[Field]) -> ObjectBuilder {
    let sent = fields.iter().filter(|field| field.uses.update);
    // A patch that leaves a field out keeps it: a default would say otherwise.
    sent.fold(closed(description), |object, field| {
        object.property(field.name, of(&Field { default: None, ..*field }, Side::Body))
    })
}

fn closed(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
}

/// A page by number.
fn page(schema: &str) -> ObjectBuilder {
    rows("One page of a list, by its number.", schema)
        .property("total", count("Rows on all pages; absent with `count=none`.", 0, 120))
        .property("page", count("The page asked for.", 1, 1))
        .property("size", size())
        .property("pages", count("How many pages there are; absent with `count=none`.", 0, 3))
        .required("page")
        .required("size")
}

/// A page by cursor.
fn cursor_page(schema: &str) -> ObjectBuilder {
    let address = |description: &str, example: Value| {
        let kind = SchemaType::from_iter([Type::String, Type::Null]);
        let format = SchemaFormat::Custom("uri-reference".to_owned());
        let schema = ObjectBuilder::new().schema_type(kind).format(Some(format));
        schema.description(Some(description)).examples([example])
    };
    let next = "/api/v1/cities?size=50&cursor=SNV2Uz1pDq0bW1cC0kVkKwEABQGiBnQXFXbtiEeANssfo8U";
    rows("One page of a list, by a cursor.", schema)
        .property("total", count("Rows of the whole list; only with `count=exact`.", 0, 120))
        .property("size", size())
        .property("next", address("Address of the page after this one, `null` after the last.", next.into()))
        .property("prev", address("Address of the page before this one, `null` before the first.", Value::Null))
        .required("size")
        .required("next")
        .required("prev")
}

fn rows(description: &str, schema: &str) -> ObjectBuilder {
    let items = ArrayBuilder::new().items(row(schema)).description(Some("The rows."));
    let items = items.max_items(usize::try_from(PageRequest::MAX_SIZE).ok());
    ObjectBuilder::new().description(Some(description)).property("items", items).required("items")
}

fn size() -> ObjectBuilder {
    count("The size asked for.", 1, 50).maximum(Some(PageRequest::MAX_SIZE))
}

/// Either page: by number, or by cursor where one is asked for.
pub(super) fn pages(schema: &str) -> RefOr<Schema> {
    let pages = [format!("{schema}Page"), format!("{schema}CursorPage")];
    pages.into_iter().fold(OneOfBuilder::new(), |pages, name| pages.item(Ref::from_schema_name(name))).into()
}

fn count(description: &str, least: i64, example: i64) -> ObjectBuilder {
    typed(Type::Integer, Some("int64")).description(Some(description)).minimum(Some(least)).examples([example])
}

/// A schema of one type and perhaps a format.
pub fn typed(kind: Type, format: Option<&str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind).format(format.map(|format| SchemaFormat::Custom(format.to_owned())))
}

/// A text with a description and an example.
pub fn text(description: &str, example: &str) -> ObjectBuilder {
    typed(Type::String, None).description(Some(description)).examples([example])
}

/// One value of a kind, as queries hold them; without bounds, since a filter may ask for what no row can have.
pub(super) fn value(kind: Kind) -> ObjectBuilder {
    match kind {
        Kind::Text | Kind::Object | Kind::Texts => typed(Type::String, None),
        Kind::Choice(choices) => typed(Type::String, None).enum_values(Some(choices.iter().copied())),
        Kind::Integer32 => typed(Type::Integer, Some("int32")).minimum(Some(i32::MIN)).maximum(Some(i32::MAX)),
        Kind::Integer64 => typed(Type::Integer, Some("int64")).minimum(Some(i64::MIN)).maximum(Some(i64::MAX)),
        Kind::Number => typed(Type::Number, Some("double")),
        Kind::Boolean => typed(Type::Boolean, None),
        Kind::Uuid => typed(Type::String, Some("uuid")),
        Kind::Time => typed(Type::String, Some("date-time")),
    }
}

/// A value as clients send it, with its bounds.
pub(super) fn in_body(field: &Field) -> RefOr<Schema> {
    of(field, Side::Body)
}

fn of(field: &Field, side: Side) -> RefOr<Schema> {
    match field.kind {
        Kind::Texts => texts(field, side),
        Kind::Object => object(field),
        _ => single(field, side),
    }
}

fn single(field: &Field, side: Side) -> RefOr<Schema> {
    let bounds = &field.bounds;
    let mut schema = match side {
        Side::Body => value(field.kind),
        // What is stored is within its bits; 19 digits of proof would only be in the reader's way.
        Side::Answer => value(field.kind).minimum(None::<i64>).maximum(None::<i64>),
    };
    if let Some(choices) = field.choices() {
        let null = field.nullable.then_some(Value::Null);
        schema = schema.enum_values(Some(choices.iter().map(|choice| Value::from(*choice)).chain(null)));
    }
    if let Some(format) = bounds.format {
        let name = match format {
            Format::Email => "email",
            Format::Url => "uri",
            Format::Password => "password",
        };
        schema = schema.format(Some(SchemaFormat::Custom(name.to_owned())));
    }
    if let Some(min) = bounds.min {
        schema = schema.minimum(Some(number(min)));
    }
    if let Some(max) = bounds.max {
        schema = schema.maximum(Some(number(max)));
    }
    schema
        .schema_type(nullable(kind_type(field.kind), field.nullable))
        .min_length(bounds.min_len)
        .max_length(bounds.max_len)
        .pattern(bounds.pattern.map(|pattern| pattern.source()))
        .description(Some(field.description))
        .default(json(field.default))
        .examples(json(field.example))
        .into()
}

fn object(field: &Field) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(nullable(Type::Object, field.nullable))
        .max_properties(field.bounds.max_items)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
        .description(Some(field.description))
        .default(json(field.default))
        .examples(json(field.example))
        .into()
}

fn texts(field: &Field, side: Side) -> RefOr<Schema> {
    let item = typed(Type::String, None).max_length(field.bounds.item_max_len);
    let item = if side == Side::Body { item.min_length(Some(1)) } else { item };
    ArrayBuilder::new()
        .schema_type(nullable(Type::Array, field.nullable))
        .items(item)
        .max_items(field.bounds.max_items)
        .description(Some(field.description))
        .default(json(field.default))
        .examples(json(field.example))
        .into()
}

const fn kind_type(kind: Kind) -> Type {
    match kind {
        Kind::Text | Kind::Choice(_) | Kind::Uuid | Kind::Time => Type::String,
        Kind::Integer32 | Kind::Integer64 => Type::Integer,
        Kind::Number => Type::Number,
        Kind::Boolean => Type::Boolean,
        Kind::Object => Type::Object,
        Kind::Texts => Type::Array,
    }
}

fn nullable(kind: Type, nullable: bool) -> SchemaType {
    if nullable { SchemaType::from_iter([kind, Type::Null]) } else { SchemaType::new(kind) }
}

fn number(bound: f64) -> Number {
    scalar::number(bound).as_i64().map_or_else(|| Number::from(bound), Number::from)
}

/// The JSON text of a field table; `#[resource]` has seen to it that it is JSON.
pub(super) fn json(text: Option<&str>) -> Option<Value> {
    text.and_then(|text| serde_json::from_str(text).ok())
}
