//! A primary, a replica of it, and servers that know both.

use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Postgres};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{ADMIN, PASSWORD};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
const SECRET: &str = "7hFq2LkX9vRb4TzN8mWc1YpD6sGj3KeA";

/// A primary and its replica.
pub(super) struct Pair {
    pub(super) primary: Postgres,
    pub(super) replica: Postgres,
}

impl Pair {
    pub(super) fn start(replica: &[&str]) -> Option<Self> {
        let primary = Postgres::start_followed()?;
        let replica = primary.replica(replica);
        Some(Self { primary, replica })
    }

    /// A server that reads from the replica.
    pub(super) async fn serve(&self, settings: &[(&str, &str)]) -> Server {
        let replica = self.replica.url("postgres");
        Server::start(&self.primary.url("postgres"), &replica, settings).await
    }

    pub(super) async fn on_replica(&self, sql: &str) {
        connect(&self.replica).await.execute_unprepared(sql).await.unwrap();
    }
}

pub(super) async fn connect(server: &Postgres) -> DatabaseConnection {
    sea_orm::Database::connect(server.url("postgres")).await.unwrap()
}

/// A server, and its first admin.
pub(super) struct Server {
    pub(super) process: AppProcess,
    client: Client,
    token: String,
}

impl Server {
    pub(super) async fn start(primary: &str, replicas: &str, settings: &[(&str, &str)]) -> Self {
        let environment = [
            ("DATABASE_URL", primary),
            ("DATABASE_REPLICA_URLS", replicas),
            ("ALBEDO_WORKERS", "2"),
            ("ALBEDO_METRICS", "on"),
            ("ALBEDO_JWT_SECRET", SECRET),
            ("ALBEDO_ADMIN_EMAIL", ADMIN),
            ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
        ];
        let process = AppProcess::start(PROGRAM, &[], &[&environment, settings].concat());
        let client = Client::new();
        let login = json!({"email": ADMIN, "password": PASSWORD});
        let login = client.post(format!("{}/api/v1/auth/login", process.url())).json(&login);
        let grant: Value = login.send().await.unwrap().json().await.unwrap();
        let token = grant["access_token"].as_str().unwrap().to_owned();
        Self { process, client, token }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.process.url())).bearer_auth(&self.token)
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}: {}", self.process.output());
        answer.json().await.unwrap()
    }

    /// The path of a new row.
    pub(super) async fn create(&self, list: &str, body: &Value) -> String {
        let answer = self.request(Method::POST, list).json(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let row: Value = answer.json().await.unwrap();
        format!("{list}/{}", row["id"].as_str().unwrap())
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Value {
        let answer = self.request(Method::PATCH, path).json(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    pub(super) async fn ready(&self) -> Value {
        self.request(Method::GET, "/api/health/ready").send().await.unwrap().json().await.unwrap()
    }

    /// Waits until readiness says this of the replicas.
    pub(super) async fn until_replicas(&self, are: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let ready = self.ready().await;
            if ready["replicas"] == are {
                return;
            }
            assert!(Instant::now() < deadline, "{ready}: {}", self.process.output());
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many reads went to this target.
    pub(super) async fn reads(&self, target: &str) -> u64 {
        let told = self.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
        let line = format!("albedo_database_reads_total{{target=\"{target}\"}} ");
        told.lines().find_map(|found| found.strip_prefix(&line)).unwrap().parse().unwrap()
    }
}

/// How many connections of servers have last asked a replica for rows of this table.
pub(super) async fn asked(replica: &Postgres, table: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'albedo' AND query LIKE '%FROM \"{table}\"%'"
    );
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = connect(replica).await.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
