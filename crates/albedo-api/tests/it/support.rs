//! A running server and clients of it: one line builds a test's world.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use albedo_api::routes;
use albedo_core::settings::{Settings, Sources};
use albedo_entities::Role;
use albedo_http::app::Application;
use albedo_http::routes::Api;
use albedo_testing::{Backend, TestDatabase};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// A password that nobody guesses.
pub(crate) const PASSWORD: &str = "violet anchor ribbon 42";
/// The first admin's address.
pub(crate) const ADMIN: &str = "root@example.com";

/// A server on a port and a database of its own; stops when dropped.
pub(crate) struct TestApp {
    address: SocketAddr,
    handle: ServerHandle,
    client: Client,
    // Dropped last: the server must be gone before its database is.
    database: Arc<TestDatabase>,
}

impl TestApp {
    /// With the settings of a development machine.
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, &[]).await
    }

    /// On SQLite, where the database plays no part.
    pub(crate) async fn on_sqlite(variables: &[(&str, &str)]) -> Self {
        Self::start_with(TestDatabase::create(Backend::Sqlite).await.unwrap(), variables).await
    }

    /// With these environment variables on top.
    pub(crate) async fn start_with(database: impl Into<Arc<TestDatabase>>, variables: &[(&str, &str)]) -> Self {
        Self::start_serving(database, routes::api(), variables).await
    }

    /// With more to serve than is served anyway.
    pub(crate) async fn start_serving(
        database: impl Into<Arc<TestDatabase>>,
        api: Api,
        variables: &[(&str, &str)],
    ) -> Self {
        let database = database.into();
        let own = [
            ("DATABASE_URL", database.url()),
            ("ALBEDO_PORT", "0"),
            ("ALBEDO_WORKERS", "2"),
            ("ALBEDO_ADMIN_EMAIL", ADMIN),
            ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
        ];
        let pairs = own.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = Settings::load(&Sources::new(None, pairs)).unwrap();
        let application = Application::build(settings, api).await.unwrap();
        let (address, handle) = (application.address().unwrap(), application.handle());
        // A server that breaks off says so here, and its clients are refused.
        tokio::spawn(async { application.run().await.unwrap() });
        Self { address, handle, client: Client::new(), database }
    }

    /// Its database, which replicas may share.
    pub(crate) fn database(&self) -> &Arc<TestDatabase> {
        &self.database
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The socket, for clients that speak no HTTP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request that nobody has signed.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// A new account, signed in.
    pub(crate) async fn user(&self, name: &str) -> TestUser<'_> {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD});
        let registered = self.request(Method::POST, "/api/v1/auth/register").json(&body).send().await.unwrap();
        assert_eq!(registered.status(), StatusCode::CREATED);
        self.sign_in(&email).await
    }

    /// A new account with this role, signed in; named after it.
    pub(crate) async fn user_as(&self, role: Role) -> TestUser<'_> {
        let user = self.user(role.text()).await;
        let id = user.read("/api/v1/users/me").await["id"].as_str().unwrap().to_owned();
        let changed = self.admin().await.patch(&format!("/api/v1/users/{id}"), json!({"role": role.text()})).await;
        assert_eq!(changed.status(), StatusCode::OK);
        user
    }

    /// The first admin, signed in.
    pub(crate) async fn admin(&self) -> TestUser<'_> {
        self.sign_in(ADMIN).await
    }

    /// Somebody who has an account, signed in.
    pub(crate) async fn sign_in(&self, email: &str) -> TestUser<'_> {
        let body = json!({"email": email, "password": PASSWORD});
        let granted = self.request(Method::POST, "/api/v1/auth/login").json(&body).send().await.unwrap();
        assert_eq!(granted.status(), StatusCode::OK);
        let grant: Value = granted.json().await.unwrap();
        let text = |name: &str| grant[name].as_str().unwrap().to_owned();
        TestUser { app: self, token: text("access_token"), refresh_token: text("refresh_token") }
    }

    /// How many statements the database was sent until now, where `ALBEDO_METRICS` is on.
    pub(crate) async fn statements(&self) -> f64 {
        let told = self.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
        let lines = told.lines().filter(|line| line.starts_with("albedo_database_statements_total{"));
        lines.filter_map(|line| line.rsplit(' ').next()).map(|value| value.parse::<f64>().unwrap()).sum()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The command is sent by the call; the future only waits for its end.
        drop(self.handle.stop(false));
    }
}

/// Somebody who is signed in.
pub(crate) struct TestUser<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

impl TestUser<'_> {
    /// A request in their name.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path).json(&body).send().await.unwrap()
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Response {
        self.request(Method::PATCH, path).json(&body).send().await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send().await.unwrap()
    }

    /// The body of a `GET` that succeeds.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// The row that a `POST` makes.
    pub(crate) async fn create(&self, path: &str, body: Value) -> Value {
        let response = self.post(path, body).await;
        assert_eq!(response.status(), StatusCode::CREATED, "{path}");
        response.json().await.unwrap()
    }
}

/// A header as text.
pub(crate) fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The places and codes of a problem's faults, after checking that it is a whole problem with this status.
pub(crate) async fn faults(response: Response, status: StatusCode) -> Vec<(String, String)> {
    assert_eq!(response.status(), status);
    assert_eq!(header(&response, "content-type"), Some("application/problem+json"));
    let request_id = header(&response, "x-request-id").unwrap().to_owned();
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["request_id"], request_id.as_str());
    for name in ["type", "title", "detail", "instance"] {
        assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{name} in {problem}");
    }
    assert_own_words(&problem);
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let place = |error: &Value| {
        let place = ["pointer", "parameter", "header"].iter().find_map(|name| error[name].as_str()).unwrap().to_owned();
        (place, error["code"].as_str().unwrap().to_owned())
    };
    errors.iter().map(place).collect()
}

/// What a driver, a library or Rust would say, and we never do.
const FOREIGN_WORDS: [&str; 20] = [
    "expected ",
    "invalid type",
    "missing field",
    "unknown field",
    "unknown variant",
    "serde",
    "sqlx",
    "sea_orm",
    "SQLite",
    "sqlite",
    "ostgres",
    "UNIQUE",
    "FOREIGN",
    "constraint",
    "violates",
    "panicked",
    "unwrap",
    "albedo",
    ".rs",
    "::",
];

/// Checks that nobody speaks in an answer but us: nothing of the driver's or of Rust's wording in any of its texts.
pub(crate) fn assert_own_words(problem: &Value) {
    match problem {
        Value::String(text) => {
            let foreign = FOREIGN_WORDS.iter().find(|word| text.contains(*word));
            assert_eq!(foreign, None, "{text}");
        }
        Value::Array(items) => items.iter().for_each(assert_own_words),
        // The client's own words come back in these two.
        Value::Object(fields) => {
            let said = fields.iter().filter(|(name, _)| !matches!(&***name, "instance" | "request_id"));
            said.for_each(|(_, value)| assert_own_words(value));
        }
        _ => {}
    }
}
