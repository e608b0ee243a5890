//! Everything that may differ between two installations, read once at start.
//!
//! Defaults, then `albedo.toml`, then the environment; a later one wins. Only `main` and tests call in; everyone else
//! is handed the struct of his subject. Every fault is told at once, and no secret in any of them.

mod admin;
mod cache;
mod clients;
mod database;
mod reader;
mod redis;
mod security;
mod server;
mod sources;
mod telemetry;
mod told;
mod unknown;
mod variables;

use std::fmt;

pub(crate) use self::database::schemes;
pub use self::{
    admin::FirstAdmin,
    cache::CacheSettings,
    clients::ClientSettings,
    database::{DATABASE_SCHEMES, DatabaseSettings, ReplicaSettings},
    redis::{RedisSettings, Topology},
    security::{Registration, SecuritySettings},
    server::ServerSettings,
    sources::Sources,
    telemetry::{LogFormat, MetricsPlace, TelemetrySettings},
    told::{Origin, Told, told},
    variables::{Preset, Variable, variables},
};

use self::{reader::Reader, variables as var};

/// All settings of one process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How strict the start is.
    pub environment: Environment,
    /// The HTTP server.
    pub server: ServerSettings,
    /// Who may call, and how often.
    pub clients: ClientSettings,
    /// The database.
    pub database: DatabaseSettings,
    /// Redis, for several replicas; one alone does without.
    pub redis: Option<RedisSettings>,
    /// The cache of answers.
    pub cache: CacheSettings,
    /// Logins, tokens and passwords.
    pub security: SecuritySettings,
    /// The log.
    pub telemetry: TelemetrySettings,
    /// The admin to create at start.
    pub first_admin: Option<FirstAdmin>,
}

/// How strict the start is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Starts with what it has.
    Development,
    /// Refuses to start with a missing secret.
    Production,
}

impl Settings {
    /// The settings these sources give.
    ///
    /// # Errors
    /// Every fault of every setting, each by its name, and names that are no setting.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(sources);
        let environment = reader.required(&var::ENVIRONMENT, "development or production", |text| match text {
            "development" => Some(Environment::Development),
            "production" => Some(Environment::Production),
            _ => None,
        });
        let server = ServerSettings::read(&mut reader, environment);
        let clients = ClientSettings::read(&mut reader, environment);
        let database = DatabaseSettings::read(&mut reader, server.as_ref().map_err(|noted| *noted));
        let redis = RedisSettings::read(&mut reader);
        let cache = CacheSettings::read(
            &mut reader,
            redis.as_ref().map_err(|noted| *noted),
            server.as_ref().map_err(|noted| *noted),
            database.as_ref().map_err(|noted| *noted),
        );
        let security = SecuritySettings::read(&mut reader, environment);
        let telemetry = TelemetrySettings::read(&mut reader);
        let first_admin = FirstAdmin::read(&mut reader, security.as_ref().map_err(|noted| *noted));
        let read = || {
            Ok(Self {
                environment: environment?,
                server: server?,
                clients: clients?,
                database: database?,
                redis: redis?,
                cache: cache?,
                security: security?,
                telemetry: telemetry?,
                first_admin: first_admin?,
            })
        };
        let read = read();
        reader.finish(read)
    }
}

/// Why the settings cannot be used: every fault, one a line, none with a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    faults: Vec<String>,
}

impl SettingsError {
    /// The faults, each naming its variable and what is allowed.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.len() {
            1 => write!(f, "1 setting is wrong:")?,
            several => write!(f, "{several} settings are wrong:")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

impl std::error::Error for SettingsError {}
