//! The five operations of a resource, out of its description. What the controllers in `controllers/crud.rs` can answer
//! stands here, no more and no less.

use albedo_core::fault::{Code, Fault};
use albedo_core::field::Field;
use albedo_engine::VerbDescription;
use albedo_entities::{Description, Role};
use serde_json::{Map, Value};
use utoipa::openapi::link::{Link, LinkBuilder};
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{ContentBuilder, HttpMethod, Paths, Required, Response, ResponseBuilder};

use super::headers::{self, Answered};
use super::parameters;
use super::problems::{Refusal, refuse};
use super::schemas::{article, json, pages, reference, row, spaced};
use super::{PREFIX, signed_in};
use crate::controllers::Resource;
use crate::extract::{JSON, MERGE_PATCH};

/// One resource among all.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) resource: &'static Description,
    /// What is computed of its rows.
    pub(super) computed: &'static [Field],
    pub(super) verbs: &'a [VerbDescription],
    pub(super) all: &'a [Resource],
}

impl<'a> Subject<'a> {
    pub(super) const fn of(resource: &Resource, verbs: &'a [VerbDescription], all: &'a [Resource]) -> Self {
        Self { resource: resource.description, computed: resource.computed, verbs, all }
    }
}

/// Adds the paths of all resources.
pub(super) fn add(paths: &mut Paths, all: &[Resource]) {
    for resource in all {
        Subject::of(resource, &resource.verbs(), all).add(paths);
    }
}

/// The name of an operation, unique in the document.
fn operation_id(resource: &Description, verb: &str) -> String {
    format!("{}.{verb}", resource.tag)
}

impl Subject<'_> {
    fn add(self, paths: &mut Paths) {
        let methods = self.resource.methods;
        let list = [
            methods.list.then(|| (HttpMethod::Get, self.list())),
            methods.create.then(|| (HttpMethod::Post, self.create())),
        ];
        let row = [
            methods.get.then(|| (HttpMethod::Get, self.get())),
            methods.update.then(|| (HttpMethod::Patch, self.update())),
            methods.delete.then(|| (HttpMethod::Delete, self.delete())),
        ];
        add_path(paths, &self.list_path(), list.into_iter().flatten());
        add_path(paths, &self.row_path(), row.into_iter().flatten());
        if methods.writes() {
            add_path(paths, &self.bulk_path(), [(HttpMethod::Post, self.bulk())].into_iter());
        }
        if self.resource.restores() {
            let path = format!("{}/restore", self.row_path());
            add_path(paths, &path, [(HttpMethod::Post, self.restore(&path))].into_iter());
        }
        for verb in self.verbs {
            let path = format!("{}/{}", self.row_path(), verb.name);
            add_path(paths, &path, [(HttpMethod::Post, self.act(verb, &path))].into_iter());
        }
    }

    fn list(self) -> Operation {
        let summary = format!("List {}", spaced(self.resource.tag));
        let description = format!(
            "{} A filter is `field=value` or `field__op=value`; `field[op]=value` means the same. All of them must hold.",
            self.visibility()
        );
        let pages = ContentBuilder::new().schema(Some(pages(self.resource.schema))).build();
        let page = ResponseBuilder::new().description("One page: by cursor where one is asked for, else by number.");
        let page = headers::with(page, &[Answered::Link]).content(JSON, pages);
        let operation = self.operation("list", &summary, &description).response("200", page);
        let operation = with_parameters(operation, parameters::parents(self.resource));
        let operation = with_parameters(operation, parameters::list(self));
        let fault = Fault::in_parameter("size", Code::TooLarge, "size is at most 200.").with("max", 200);
        let operation = self.refuse_request(operation, "A parameter is wrong.", &self.list_path(), fault);
        let operation = if self.resource.parent.is_some() { self.refuse_missing_parent(operation) } else { operation };
        self.refuse_role(refuse(operation, &[Refusal::NotAcceptable]), self.resource.read).build()
    }

    fn create(self) -> Operation {
        let name = spaced(self.resource.name);
        let summary = format!("Create {} {name}", article(&name));
        let created = ResponseBuilder::new().description(format!("The new {name}."));
        let answered = [Answered::Location, Answered::ETag, Answered::IdempotencyReplayed, Answered::DryRun];
        let created = headers::with(created, &answered);
        let created = created.content(JSON, content(self.resource.schema, None));
        let created = self.links().into_iter().fold(created, |created, (name, link)| created.link(name, link));
        let operation = self.operation("create", &summary, self.write_note()).response("201", created);
        let operation = with_parameters(operation, parameters::parents(self.resource));
        let operation = operation.parameter(parameters::idempotency_key());
        let operation = operation.parameter(parameters::dry_run());
        let operation = operation.request_body(Some(body(&format!("Create{}", self.resource.schema), &[JSON], None)));
        let operation = self.refuse_body(operation, &self.list_path());
        let operation = if self.resource.parent.is_some() { self.refuse_missing_parent(operation) } else { operation };
        let operation =
            if self.create_conflicts() { self.refuse_taken(operation, &self.list_path()) } else { operation };
        let required = (self.resource.create_fields)().iter().find(|field| field.uses.create && field.required);
        let fault = required.map(|field| Fault::in_field(field.name, Code::Required, "This field is required."));
        let operation = self.refuse_values_or_key(operation, &self.list_path(), fault);
        self.refuse_role(operation, self.resource.write).build()
    }

    fn get(self) -> Operation {
        let name = spaced(self.resource.name);
        let summary = format!("Get {} {name}", article(&name));
        let row = ContentBuilder::new().schema(Some(row(self.resource.schema))).build();
        let found = ResponseBuilder::new().description(format!("The {name}, or the fields of it that were asked for."));
        let found = headers::with(found, &[Answered::ETag]).content(JSON, row);
        let unchanged = answer("The client has it already, as `If-None-Match` says.", &[Answered::ETag], None);
        let operation = self.operation("get", &summary, &self.visibility());
        let operation = operation.response("200", found).response("304", unchanged);
        let operation = self.with_row_parameters(operation);
        let operation = with_parameters(operation, parameters::shown(self)).parameter(parameters::if_none_match());
        let operation = self.refuse_row(operation, "A parameter or `If-None-Match` is wrong.");
        self.refuse_role(refuse(operation, &[Refusal::NotAcceptable]), self.resource.read).build()
    }

    fn update(self) -> Operation {
        let name = spaced(self.resource.name);
        let summary = format!("Change {} {name}", article(&name));
        let answered = [Answered::ETag, Answered::DryRun];
        let changed = answer(&format!("The changed {name}."), &answered, Some(self.resource.schema));
        let operation = self.operation("update", &summary, self.write_note()).response("200", changed);
        let operation = self.with_row_parameters(operation);
        let operation = operation.parameter(parameters::if_match(self.resource.require_if_match));
        let operation = operation.parameter(parameters::dry_run());
        let schema = format!("Update{}", self.resource.schema);
        let operation = operation.request_body(Some(body(&schema, &[MERGE_PATCH, JSON], Some(&self.patch_example()))));
        let operation = self.refuse_body(operation, &self.row_path());
        let operation = self.refuse_missing_row(operation);
        let operation =
            if self.update_conflicts() { self.refuse_taken(operation, &self.row_path()) } else { operation };
        let never_null = self.updated().find(|field| !field.nullable);
        let fault =
            never_null.map(|field| Fault::in_field(field.name, Code::NullNotAllowed, "This field always has a value."));
        let operation = self.refuse_values(operation, &self.row_path(), fault);
        self.refuse_role(self.refuse_state(operation), self.resource.write).build()
    }

    fn delete(self) -> Operation {
        let name = spaced(self.resource.name);
        let summary = format!("Delete {} {name}", article(&name));
        let kept = if self.resource.restores() { " It stays among the deleted ones and can be restored." } else { "" };
        let operation = self.operation("delete", &summary, &format!("{}{kept}", self.write_note()));
        let operation = operation.response("204", answer("It is gone.", &[Answered::DryRun], None));
        let operation = self.with_row_parameters(operation);
        let operation = operation.parameter(parameters::if_match(self.resource.require_if_match));
        let operation = operation.parameter(parameters::dry_run());
        let operation = self.refuse_row(operation, "A parameter or `If-Match` is wrong.");
        let operation = if self.is_referred_to() { self.refuse_in_use(operation) } else { operation };
        self.refuse_role(self.refuse_state(operation), self.resource.write).build()
    }

    pub(super) fn operation(self, verb: &str, summary: &str, description: &str) -> OperationBuilder {
        signed_in(OperationBuilder::new())
            .operation_id(Some(operation_id(self.resource, verb)))
            .tag(self.resource.tag)
            .summary(Some(summary))
            .description(Some(description))
    }

    pub(super) fn list_path(self) -> String {
        format!("{PREFIX}{}", self.resource.path)
    }

    pub(super) fn row_path(self) -> String {
        format!("{PREFIX}{}/{{{}}}", self.resource.path, self.resource.parameter())
    }

    pub(super) fn with_row_parameters(self, operation: OperationBuilder) -> OperationBuilder {
        with_parameters(operation, parameters::parents(self.resource)).parameter(parameters::id(self.resource))
    }

    fn visibility(self) -> String {
        let summary = self.resource.summary;
        if self.resource.is_owned() { format!("{summary} Only the caller's own are seen.") } else { summary.to_owned() }
    }

    pub(super) const fn write_note(self) -> &'static str {
        note(self.resource.write)
    }

    /// Where a new row leads: to its own operations, and to the lists below it.
    fn links(self) -> Vec<(String, Link)> {
        let own = [
            ("get", self.resource.methods.get),
            ("update", self.resource.methods.update),
            ("delete", self.resource.methods.delete),
        ];
        let own = own.into_iter().filter(|(_, served)| *served).map(|(verb, _)| (self.resource, verb));
        let own = own.chain(self.verbs.iter().map(|verb| (self.resource, verb.name)));
        let is_below =
            |other: &&Description| other.parents().next().is_some_and(|parent| parent.name == self.resource.name);
        let below = self.all.iter().map(|served| served.description).filter(is_below).flat_map(|child| {
            let verbs = [("list", child.methods.list), ("create", child.methods.create)];
            verbs.into_iter().filter(|(_, served)| *served).map(move |(verb, _)| (child, verb))
        });
        let linked = own.chain(below).map(|(target, verb)| {
            let link = LinkBuilder::new().operation_id(operation_id(target, verb));
            let link = link.parameter(self.resource.parameter(), "$response.body#/id");
            let link = self.resource.parents().fold(link, |link, parent| {
                link.parameter(parent.parameter(), format!("$request.path.{}", parent.parameter()))
            });
            (operation_id(target, verb), link.build())
        });
        linked.collect()
    }

    /// The fields that a patch may change.
    pub(super) fn updated(self) -> impl Iterator<Item = &'static Field> {
        (self.resource.update_fields)().iter().filter(|field| field.uses.update)
    }

    /// One value that changes, one that is cleared.
    pub(super) fn patch_example(self) -> Value {
        let changed = self.updated().find_map(|field| Some((field.name.to_owned(), json(field.example)?)));
        let cleared = self.updated().find(|field| field.nullable).map(|field| (field.name.to_owned(), Value::Null));
        Value::Object(cleared.into_iter().chain(changed).collect::<Map<_, _>>())
    }
}

/// Who may do what takes this role.
pub(super) const fn note(least: Role) -> &'static str {
    match least {
        Role::Viewer => "Every role may do this.",
        Role::Editor => "Takes the role editor or admin.",
        Role::Admin => "Takes the role admin.",
    }
}

fn add_path(paths: &mut Paths, path: &str, operations: impl Iterator<Item = (HttpMethod, Operation)>) {
    for (method, operation) in operations {
        paths.add_path_operation(path, vec![method], operation);
    }
}

pub(super) fn with_parameters(
    operation: OperationBuilder,
    parameters: Vec<utoipa::openapi::path::Parameter>,
) -> OperationBuilder {
    parameters.into_iter().fold(operation, OperationBuilder::parameter)
}

/// An answer with a body of this schema, or with none.
pub(super) fn answer(description: &str, headers: &[Answered], schema: Option<&str>) -> Response {
    let response = headers::with(ResponseBuilder::new().description(description), headers);
    match schema {
        Some(schema) => response.content(JSON, content(schema, None)).build(),
        None => response.build(),
    }
}

fn content(schema: &str, example: Option<Value>) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(reference(schema))).example(example).build()
}

/// A body of this schema in these media types.
pub(super) fn body(schema: &str, media_types: &[&str], example: Option<&Value>) -> RequestBody {
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let media_types = media_types.iter();
    media_types.fold(body, |body, media_type| body.content(*media_type, content(schema, example.cloned()))).build()
}
