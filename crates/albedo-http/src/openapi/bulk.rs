//! The bulk of a resource: its operation, and the schemas of its operations and results.

use albedo_core::fault::{Code, Fault};
use albedo_engine::crud::Crud;
use albedo_entities::Description;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, OneOfBuilder};
use utoipa::openapi::{ArrayBuilder, ComponentsBuilder, ObjectBuilder, RefOr, Schema, Type};

use super::headers::Answered;
use super::operations::{Subject, answer, body, with_parameters};
use super::parameters::{self, EXAMPLE_ID};
use super::problems::refuse_with;
use super::refusals::{conflict, instance};
use super::schemas::{self, reference, spaced, typed};
use crate::extract::JSON;

/// No bulk has more operations.
const MOST: usize = Crud::MOST_OPERATIONS;

impl Subject<'_> {
    pub(super) fn bulk_path(self) -> String {
        format!("{}/bulk", self.list_path())
    }

    pub(super) fn bulk(self) -> Operation {
        let names = spaced(self.resource.tag);
        let summary = format!("Write many {names}");
        let description = format!(
            "All operations are made in their order, or none: at most {MOST}, and no row twice. It counts as one request. {}",
            self.write_note()
        );
        let schema = self.resource.schema;
        let answered = [Answered::IdempotencyReplayed, Answered::DryRun];
        let done = answer(
            "What each operation was answered, in their order.",
            &answered,
            Some(&format!("Bulk{schema}Results")),
        );
        let operation = self.operation("bulk", &summary, &description).response("200", done);
        let operation = with_parameters(operation, parameters::parents(self.resource));
        let operation = operation.parameter(parameters::idempotency_key());
        let operation = operation.parameter(parameters::dry_run());
        let operation =
            operation.request_body(Some(body(&format!("Bulk{schema}"), &[JSON], Some(&self.bulk_example()))));
        let operation = self.refuse_body(operation, &self.bulk_path());
        let operation = if self.resource.parent.is_some() { self.refuse_missing_parent(operation) } else { operation };
        let detail = format!("There is no such {}, or it is not yours.", spaced(self.resource.name));
        let fault = Fault::at("/operations/1/id", Code::NotFound, detail);
        let against = "Rows are missing, in another state than `if_match` says, or in the way of operations.";
        let operation = refuse_with(operation, conflict(against, &instance(&self.bulk_path()), Some(fault)));
        let fault = Fault::at("/operations/0/body", Code::Required, "This field is required.");
        let operation = self.refuse_values_or_key(operation, &self.bulk_path(), Some(fault));
        self.refuse_role(operation, self.resource.write).build()
    }

    /// One of each.
    fn bulk_example(self) -> Value {
        let methods = self.resource.methods;
        let sent = (self.resource.create_fields)().iter().filter(|field| field.uses.create && field.required);
        let created = sent.filter_map(|field| Some((field.name.to_owned(), schemas::json(field.example)?)));
        let created = json!({"op": "create", "body": created.collect::<Map<_, _>>()});
        let updated = json!({"op": "update", "id": EXAMPLE_ID, "if_match": "\"3\"", "body": self.patch_example()});
        let deleted = json!({"op": "delete", "id": "01a20674-1715-76ed-8847-8036cb1fa3c6", "if_match": "\"1\""});
        let all = [(methods.create, created), (methods.update, updated), (methods.delete, deleted)];
        json!({"operations": all.into_iter().filter(|(served, _)| *served).map(|(_, one)| one).collect::<Vec<_>>()})
    }
}

/// Adds `BulkCity` and `BulkCityResults`.
pub(super) fn add_schemas(components: ComponentsBuilder, resource: &Description) -> ComponentsBuilder {
    if !resource.methods.writes() {
        return components;
    }
    let name = resource.schema;
    components
        .schema(format!("Bulk{name}"), operations(resource))
        .schema(format!("Bulk{name}Results"), results(resource))
}

fn operations(resource: &Description) -> ObjectBuilder {
    let (name, methods) = (resource.schema, resource.methods);
    let create = || named("create").property("body", reference(&format!("Create{name}"))).required("body");
    let update =
        || about(named("update"), resource).property("body", reference(&format!("Update{name}"))).required("body");
    let delete = || about(named("delete"), resource);
    let mut one = OneOfBuilder::new();
    for operation in [methods.create.then(create), methods.update.then(update), methods.delete.then(delete)] {
        one = operation.into_iter().fold(one, OneOfBuilder::item);
    }
    let list = ArrayBuilder::new().items(RefOr::T(Schema::OneOf(one.build()))).min_items(Some(1)).max_items(Some(MOST));
    closed(&format!("Operations on {}, made as a whole.", spaced(resource.tag)))
        .property("operations", list.description(Some("What is done, in this order.")))
        .required("operations")
}

fn results(resource: &Description) -> ObjectBuilder {
    let status = typed(Type::Integer, Some("int32"))
        .description(Some("As of the operation alone."))
        .enum_values(Some([200, 201, 204]));
    let id = typed(Type::String, Some("uuid")).description(Some("Which row.")).examples([EXAMPLE_ID]);
    let etag = schemas::text("State of the row; absent where it is gone.", "\"3\"");
    let one = ObjectBuilder::new()
        .property("status", status.examples([201]))
        .property("id", id)
        .property("etag", etag)
        .property("body", reference(resource.schema))
        .required("status")
        .required("id");
    let list = ArrayBuilder::new().items(one).max_items(Some(MOST)).description(Some("One for each operation."));
    ObjectBuilder::new()
        .description(Some(format!("What became of operations on {}.", spaced(resource.tag))))
        .property("results", list)
        .required("results")
}

/// An operation of this name.
fn named(name: &str) -> ObjectBuilder {
    let op = typed(Type::String, None).enum_values(Some([name])).description(Some("What is done.")).examples([name]);
    closed(&format!("One {name}.")).property("op", op).required("op")
}

/// An operation on a row that is there.
fn about(operation: ObjectBuilder, resource: &Description) -> ObjectBuilder {
    let id = typed(Type::String, Some("uuid")).description(Some("Which row.")).examples([EXAMPLE_ID]);
    let tags = schemas::text("As the header `If-Match`.", "\"3\"").pattern(Some(parameters::CONDITION));
    let operation = operation.property("id", id).required("id").property("if_match", tags);
    if resource.require_if_match { operation.required("if_match") } else { operation }
}

fn closed(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
}
