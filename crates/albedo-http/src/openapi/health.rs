//! Is it there, does it live, can it work.

use albedo_core::database::Backend;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::{ComponentsBuilder, HttpMethod, ObjectBuilder, Paths, Type};

use super::operations::answer;
use super::problems::{Refusal, refuse};
use super::public;
use super::schemas::{text, typed};

/// The tag of these operations.
pub(super) const TAG: &str = "health";

/// Adds the answers.
pub(super) fn add_schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    let health = ObjectBuilder::new()
        .description(Some("What runs here."))
        .property("status", one_of("It answers.", &["ok"]))
        .property("version", text("The version of Albedo.", env!("CARGO_PKG_VERSION")))
        .property("database", one_of("The kind of database.", &[Backend::Sqlite.name(), Backend::Postgres.name()]))
        .required("status")
        .required("version")
        .required("database");
    let live = ObjectBuilder::new()
        .description(Some("The process answers."))
        .property("status", one_of("It answers.", &["ok"]))
        .required("status");
    let ready = ObjectBuilder::new()
        .description(Some("Whether requests can be served."))
        .property(
            "status",
            one_of(
                "Whether all of it is ready, and stays so; degraded is ready, and slower.",
                &["ok", "degraded", "unavailable", "stopping"],
            ),
        )
        .property("database", one_of("Whether the database answers.", &["ok", "unavailable"]))
        .property(
            "schema",
            one_of("Whether the database has the schema that this version wants.", &["ok", "behind", "unknown"]),
        )
        .property(
            "replicas",
            one_of(
                "Whether replicas of the database can be read from: all of them, some, none; absent where there are none.",
                &["ok", "degraded", "unavailable"],
            ),
        )
        .property("redis", one_of("Whether Redis can be used; absent where there is none.", &["ok", "unavailable"]))
        .required("status")
        .required("database")
        .required("schema");
    components.schema("Health", health).schema("Liveness", live).schema("Readiness", ready)
}

/// Adds the operations.
pub(super) fn add(paths: &mut Paths) {
    let ready =
        operation("ready", "Check readiness", "Whether the database answers and has the right schema.", "Readiness")
            .response("503", answer("Not ready; the part that is not is named.", &[], Some("Readiness")));
    let health = operation("get", "Tell what runs here", "Asks nobody, so it costs nothing.", "Health");
    let live = operation("live", "Check liveness", "Answers as long as the process does.", "Liveness");
    let operations: [(&str, Operation); 3] =
        [("/api/health", health.build()), ("/api/health/live", live.build()), ("/api/health/ready", ready.build())];
    for (path, operation) in operations {
        paths.add_path_operation(path, vec![HttpMethod::Get], operation);
    }
}

fn operation(name: &str, summary: &str, description: &str, schema: &str) -> OperationBuilder {
    let operation = public(OperationBuilder::new())
        .operation_id(Some(format!("{TAG}.{name}")))
        .tag(TAG)
        .summary(Some(summary))
        .description(Some(description))
        .response("200", answer("It is.", &[], Some(schema)));
    refuse(operation, &[Refusal::NotAcceptable, Refusal::Failure])
}

fn one_of(description: &str, words: &[&str]) -> ObjectBuilder {
    typed(Type::String, None)
        .description(Some(description))
        .enum_values(Some(words.iter().copied()))
        .examples(words.first().copied())
}
