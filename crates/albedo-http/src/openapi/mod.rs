//! The OpenAPI document (3.1), built once at start from the values that the router reads.
//!
//! [`operations`] makes the operations of a resource out of its description, [`schemas`] makes JSON Schema out of
//! field tables. [`own`] does so for routes of one's own. What is
//! neither stands in [`accounts`] and [`health`]. What is added to the router appears here by itself. [`breaking`] holds two documents against each other.

mod accounts;
pub mod breaking;
mod bulk;
mod headers;
mod health;
mod limits;
mod operations;
mod own;
mod parameters;
mod problems;
mod refusals;
mod schemas;
mod verbs;

use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ComponentsBuilder, Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, OpenApiVersion, Paths,
    SecurityRequirement, Server, Tag,
};

use crate::controllers::Resource;
use crate::routes::Api;

pub use self::schemas::{text, typed};

/// The path above all resources.
const PREFIX: &str = "/api/v1";

const ABOUT: &str = "\
A catalogue of **assistants** and the **entities** they understand.

- **Signing in.** `POST /api/v1/auth/login` gives an access token for `Authorization: Bearer`; `Authorize` in Swagger UI \
does the same. Rows of other owners answer 404, as if they were not there.
- **Lists** answer `items`, `total`, `page`, `size` and `pages`, with a `Link` header; or, with `cursor=`, `items`, `size` and the \
addresses `next` and `prev`, which lead through a list of any length without a gap. `fields=name,created_at` shows those alone, of lists and of rows; `expand=` shows other rows with them. Filters are `field=value` and \
`field__op=value`, or `field[op]=value`; `sort=-name,created_at` sorts. At most 30 filters and 2,000 characters of \
query.
- **Changes** are JSON merge patches (RFC 7396): absent keeps, `null` clears. `ETag` is the state of a row, and of all that an answer shows beside it; with \
`If-Match` a change is made only if the row is still in that state.
- **Deletes** are for good, but where a resource has `restore`: there a deleted row is out of sight with all beneath it, \
`deleted=only` lists it, and its name is free meanwhile.
- **Retries.** A `POST` that writes rows takes an `Idempotency-Key`: sent again, it answers what it answered the first time, \
with `Idempotency-Replayed: true`, and writes nothing. `dry_run=true` does all that a write does, rules and constraints \
included, and undoes it.
- **Bulks.** `POST` to a list's `bulk` makes up to 100 creates, changes and deletes as a whole, and tells faults by their \
operation, as in `/operations/57/body/name`.
- **Refusals** are `application/problem+json` (RFC 9457), with all that is wrong in `errors` and a closed list of codes.
- **Rates.** Where the operator has set them, requests are counted for their user, or for their address where nobody has \
signed them; `RateLimit` tells what is left, and one too many is 429 with `Retry-After`.
- **Times** are RFC 3339 in UTC with microseconds. Fields that an operation does not know are refused.
- **Every answer** has `X-Request-Id`: the one that was sent, or a new one.
";

/// The document of what is served, in its order.
#[must_use]
pub fn document(api: &Api) -> OpenApi {
    let resources = &api.resources;
    let mut paths = Paths::new();
    accounts::add(&mut paths);
    operations::add(&mut paths, resources);
    own::add(&mut paths, api);
    health::add(&mut paths);
    limits::add(&mut paths);
    OpenApiBuilder::new()
        .openapi(OpenApiVersion::Version31)
        .info(info())
        .servers(Some([Server::new("/")]))
        .tags(Some(tags(resources)))
        .paths(paths)
        .components(Some(components(api)))
        .build()
}

/// [`document`] as JSON; the same bytes for the same API.
#[must_use]
pub fn json(api: &Api) -> Vec<u8> {
    // Texts, finite numbers and maps with text for keys: nothing in it can fail to be written.
    serde_json::to_vec(&document(api)).unwrap_or_default()
}

/// [`json`] for people and for version control: a line for each value.
#[must_use]
pub fn pretty_json(api: &Api) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(&document(api)).unwrap_or_default();
    json.push(b'\n');
    json
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Albedo API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build()))
        .build()
}

fn tags(resources: &[Resource]) -> Vec<Tag> {
    let resources = resources.iter().map(|resource| (resource.description.tag, resource.description.summary));
    let fixed = [
        (accounts::TAG, "Signing in and out, and one's own account."),
        (health::TAG, "Whether the server is there, lives, and can work."),
    ];
    let [first, last] = fixed;
    let all = [first].into_iter().chain(resources).chain([last]);
    all.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build()).collect()
}

fn components(api: &Api) -> Components {
    let resources = &api.resources;
    let components = headers::add(problems::add(
        ComponentsBuilder::new(),
        resources.iter().any(|resource| resource.description.require_if_match),
    ));
    let components = accounts::add_schemas(health::add_schemas(components));
    let components = resources.iter().fold(components, |components, resource| {
        bulk::add_schemas(schemas::add_resource(components, resource), resource.description)
    });
    let components = resources.iter().fold(components, verbs::add_schemas);
    let components = api.own.iter().fold(components, own::add_schemas);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token."))
        .build();
    let form = Password::new(accounts::TOKEN_PATH, Scopes::new());
    let form =
        OAuth2::with_description([Flow::Password(form)], "Email address and password; the client fields stay empty.");
    components
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("password", SecurityScheme::OAuth2(form))
        .build()
}

/// An operation for those who have signed in, either way.
fn signed_in(operation: OperationBuilder) -> OperationBuilder {
    let none: [&str; 0] = [];
    operation.securities(Some([SecurityRequirement::new("bearer", none), SecurityRequirement::new("password", none)]))
}

/// An operation for everybody.
fn public(operation: OperationBuilder) -> OperationBuilder {
    operation.securities(Some([]))
}
