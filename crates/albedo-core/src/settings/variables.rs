//! The one table of settings: name, place in the file, default and meaning.
//!
//! The loader takes every name and every default from here and documentation prints it, so neither can tell of a
//! variable that the other does not know. No value is read or checked in this file.

/// One setting: where it may be written, what it is without that, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable {
    /// The environment variable.
    pub name: &'static str,
    /// The dotted key in `albedo.toml`; absent for what only the environment can say.
    pub key: Option<&'static str>,
    /// What holds when neither the environment nor the file says anything.
    pub default: Preset,
    /// Whether the value is never shown, and may be read from the file named by [`Variable::file_name`].
    pub secret: bool,
    /// One sentence for the people who run the server, with the unit and the range.
    pub meaning: &'static str,
}

/// What a setting is when nobody sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// This text, read by the same rules as a text from the environment.
    Text(&'static str),
    /// Worked out at start, from the machine or from other settings; the text says how.
    Computed(&'static str),
    /// Nothing: the setting is optional.
    Nothing,
}

impl Variable {
    /// The variable that names a file holding the secret, for secrets alone: `ALBEDO_JWT_SECRET_FILE`.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        self.secret.then(|| format!("{}_FILE", self.name))
    }

    /// The key in `albedo.toml` that names a file holding the secret: `security.jwt_secret_file`.
    #[must_use]
    pub fn file_key(&self) -> Option<String> {
        self.key.filter(|_| self.secret).map(|key| format!("{key}_file"))
    }
}

/// Every setting there is, in the order a reader wants them.
#[must_use]
pub fn variables() -> &'static [Variable] {
    ALL
}

const fn plain(name: &'static str, key: &'static str, default: Preset, meaning: &'static str) -> Variable {
    Variable { name, key: Some(key), default, secret: false, meaning }
}

const fn secret(name: &'static str, key: &'static str, default: Preset, meaning: &'static str) -> Variable {
    Variable { name, key: Some(key), default, secret: true, meaning }
}

// A constant and its line in the list are written once: a setting that is read but not listed cannot exist.
macro_rules! table {
    ($($constant:ident = $variable:expr;)+) => {
        $(pub(super) const $constant: Variable = $variable;)+
        const ALL: &[Variable] = &[$($constant),+];
    };
}

use Preset::{Computed, Nothing, Text};

table! {
    SETTINGS = Variable { key: None, ..plain("ALBEDO_SETTINGS", "", Text("albedo.toml"),
        "The settings file; the default one may be missing, a named one may not.") };
    ENVIRONMENT = plain("ALBEDO_ENV", "environment", Text("development"),
        "development or production; production refuses to start with missing or weak secrets.");

    HOST = plain("ALBEDO_HOST", "server.host", Text("127.0.0.1"),
        "Address to listen on; 0.0.0.0 or :: for all of them.");
    PORT = plain("ALBEDO_PORT", "server.port", Text("4000"),
        "Port to listen on; 0 lets the system choose a free one.");
    WORKERS = plain("ALBEDO_WORKERS", "server.workers", Computed("one for each core"),
        "Worker threads, 1 to 512.");
    MAX_BODY_BYTES = plain("ALBEDO_MAX_BODY_BYTES", "server.max_body_bytes", Text("262144"),
        "Largest request body in bytes, 1024 to 67108864.");
    IDEMPOTENCY_HOURS = plain("ALBEDO_IDEMPOTENCY_HOURS", "server.idempotency_hours", Text("24"),
        "Hours that the answer to a write with an Idempotency-Key is kept for retries, 1 to 720.");
    MAX_CONNECTIONS = plain("ALBEDO_MAX_CONNECTIONS", "server.max_connections", Text("900"),
        "Open connections of the whole process, 1 to 1000000; keep it below the limit of open files (ulimit -n).");
    MAX_IN_FLIGHT = plain("ALBEDO_MAX_IN_FLIGHT", "server.max_in_flight", Text("256"),
        "Requests worked on at a time by the whole process, 1 to 1000000; further ones are answered 503.");
    HEAD_TIMEOUT = plain("ALBEDO_HEAD_SECONDS", "server.head_seconds", Text("5"),
        "Seconds a client has to send the head of a request.");
    BODY_TIMEOUT = plain("ALBEDO_BODY_SECONDS", "server.body_seconds", Text("10"),
        "Seconds a client has to send the body of a request.");
    HANDLER_TIMEOUT = plain("ALBEDO_HANDLER_SECONDS", "server.handler_seconds", Text("5"),
        "Seconds the server has to answer a request.");
    KEEP_ALIVE = plain("ALBEDO_KEEP_ALIVE_SECONDS", "server.keep_alive_seconds", Text("30"),
        "Seconds an idle connection stays open; 0 closes it after each answer.");
    DRAIN = plain("ALBEDO_DRAIN_SECONDS", "server.drain_seconds", Computed("5 in production, otherwise 0"),
        "Seconds that the server still answers once it is told to stop, while readiness sends load balancers away; 0 to 300.");
    SHUTDOWN_TIMEOUT = plain("ALBEDO_SHUTDOWN_SECONDS", "server.shutdown_seconds", Text("30"),
        "Seconds that requests in flight have to end after that.");

    TRUSTED_PROXIES = plain("ALBEDO_TRUSTED_PROXIES", "clients.trusted_proxies", Nothing,
        "Networks whose X-Forwarded-For is believed, separated by commas, as in 10.0.0.0/8,::1; nobody's without it.");
    CORS_ORIGINS = plain("ALBEDO_CORS_ORIGINS", "clients.cors_origins", Nothing,
        "Origins whose pages may call, separated by commas, as in https://app.example.com; no page of others without it.");
    RATE_USER = plain("ALBEDO_RATE_USER", "clients.rate_user", Computed("3000/m in production, otherwise off"),
        "Requests of one user: a number by s, m or h as in 3000/m, or off; further ones are answered 429.");
    RATE_ADDRESS = plain("ALBEDO_RATE_ADDRESS", "clients.rate_address", Computed("600/m in production, otherwise off"),
        "Requests of one address that nobody has signed, as ALBEDO_RATE_USER; for IPv6, of one /64 network.");
    RATE_SIGN_IN = plain("ALBEDO_RATE_SIGN_IN", "clients.rate_sign_in", Computed("20/m in production, otherwise off"),
        "Times that one address may register, sign in or change a password, as ALBEDO_RATE_USER.");

    DATABASE_URL = secret("DATABASE_URL", "database.url", Text("sqlite://albedo.db?mode=rwc"),
        "The database: sqlite://path?mode=rwc, or postgres://user:password@host:port/name.");
    DATABASE_REPLICA_URLS = secret("DATABASE_REPLICA_URLS", "database.replica_urls", Nothing,
        "Streaming replicas of a PostgreSQL in DATABASE_URL that reads may go to, separated by commas, each as DATABASE_URL and each one server.");
    REPLICA_LAG = plain("ALBEDO_REPLICA_LAG_SECONDS", "database.replica_lag_seconds", Text("5"),
        "Seconds that a replica may be behind, 0.1 to 3600; one that is further behind is not read from.");
    DATABASE_CONNECTIONS = plain("ALBEDO_DATABASE_CONNECTIONS", "database.connections_per_worker",
        Computed("8 shared by all workers, from 2 to 4 each"), "Connections of one worker, 1 to 100; as many to each replica.");
    DATABASE_ACQUIRE = plain("ALBEDO_DATABASE_ACQUIRE_SECONDS", "database.acquire_seconds", Text("1"),
        "Seconds a request waits for a free connection.");
    DATABASE_STATEMENT = plain("ALBEDO_DATABASE_STATEMENT_SECONDS", "database.statement_seconds", Text("4"),
        "Seconds one statement may run on PostgreSQL; less than ALBEDO_HANDLER_SECONDS.");
    DATABASE_LOCK = plain("ALBEDO_DATABASE_LOCK_SECONDS", "database.lock_seconds", Text("2"),
        "Seconds one statement may wait for a lock; no more than ALBEDO_DATABASE_STATEMENT_SECONDS.");
    DATABASE_ATTEMPTS = plain("ALBEDO_DATABASE_CONNECT_ATTEMPTS", "database.connect_attempts", Text("8"),
        "Times to try a database that does not answer yet at start, 1 to 100.");
    DATABASE_BACKOFF = plain("ALBEDO_DATABASE_CONNECT_BACKOFF_SECONDS", "database.connect_backoff_seconds",
        Text("0.25"), "Seconds before the second try at start; doubles with each further one, up to 5.");
    MIGRATE_ON_START = plain("ALBEDO_MIGRATE_ON_START", "database.migrate_on_start", Text("true"),
        "true or false: whether the server brings the schema up to date before it listens.");

    REDIS_URL = secret("REDIS_URL", "redis.url", Nothing,
        "Redis, which several replicas share: redis://user:password@host:port/0, redis+cluster://host:port,host:port, or redis+sentinel://host:port,host:port/name-of-the-primary; rediss for TLS. Redis 6.2 or newer.");
    REDIS_WAIT = plain("ALBEDO_REDIS_WAIT_SECONDS", "redis.wait_seconds", Text("0.05"),
        "Seconds a request waits for an answer of Redis, 0.005 to 10; then the database does the work.");
    CACHE = plain("ALBEDO_CACHE", "cache.enabled", Text("on"),
        "on or off: whether answers are kept, in the process and in Redis where there is one.");
    CACHE_BYTES = plain("ALBEDO_CACHE_BYTES", "cache.bytes", Text("67108864"),
        "Bytes of memory that kept answers may take, 1048576 to 68719476736.");
    CACHE_TTL = plain("ALBEDO_CACHE_SECONDS", "cache.seconds", Computed("300 with Redis, 2 without"),
        "Seconds that an answer is kept at most, 0.1 to 86400; without Redis, others' writes are seen only after them.");
    CACHE_NAMESPACE = plain("ALBEDO_CACHE_NAMESPACE", "cache.namespace", Text("albedo"),
        "What all keys in Redis begin with: the same for all replicas, another one for another installation.");

    JWT_SECRET = secret("ALBEDO_JWT_SECRET", "security.jwt_secret",
        Computed("a random one at each start; production refuses to start without it"),
        "The secret that all signing keys come from: 32 bytes or more, at random (openssl rand -base64 48).");
    JWT_PREVIOUS_SECRETS = secret("ALBEDO_JWT_PREVIOUS_SECRETS", "security.jwt_previous_secrets", Nothing,
        "Earlier secrets, separated by commas: tokens signed with them stay good until they expire.");
    JWT_ISSUER = plain("ALBEDO_JWT_ISSUER", "security.issuer", Text("albedo"),
        "The iss of access tokens, up to 200 characters.");
    JWT_AUDIENCE = plain("ALBEDO_JWT_AUDIENCE", "security.audience", Text("albedo-api"),
        "The aud of access tokens, up to 200 characters.");
    ACCESS_TOKEN_TTL = plain("ALBEDO_ACCESS_TOKEN_SECONDS", "security.access_token_seconds", Text("900"),
        "Seconds an access token lives, 10 to 3600.");
    REFRESH_IDLE = plain("ALBEDO_REFRESH_IDLE_SECONDS", "security.refresh_idle_seconds", Text("604800"),
        "Seconds after which an unused refresh token ends (7 days).");
    REFRESH_ABSOLUTE = plain("ALBEDO_REFRESH_ABSOLUTE_SECONDS", "security.refresh_absolute_seconds", Text("2592000"),
        "Seconds after which people must log in again, however often they refresh (30 days).");
    REFRESH_GRACE = plain("ALBEDO_REFRESH_GRACE_SECONDS", "security.refresh_grace_seconds", Text("10"),
        "Seconds in which a repeated refresh counts as a retry and not as theft; 0 turns it off, 60 at most.");
    PASSWORD_MIN_LENGTH = plain("ALBEDO_PASSWORD_MIN_LENGTH", "security.password_min_length", Text("15"),
        "Characters a new password needs, 8 to 128.");
    HASH_THREADS = plain("ALBEDO_HASH_THREADS", "security.hash_threads", Computed("half the cores, at least one"),
        "Threads that hash passwords, 1 to 64; each holds 19 MiB.");
    HASH_QUEUE = plain("ALBEDO_HASH_QUEUE", "security.hash_queue", Text("32"),
        "Passwords that may wait to be hashed, 1 to 10000; further logins are answered 503.");
    HASH_WAIT = plain("ALBEDO_HASH_WAIT_SECONDS", "security.hash_wait_seconds", Text("2"),
        "Seconds a login waits for its password to be hashed.");
    REGISTRATION = plain("ALBEDO_REGISTRATION", "security.registration", Text("open"),
        "open or closed: whether anyone may register.");

    LOG = plain("ALBEDO_LOG", "telemetry.filter", Text("info,actix_server=warn,sea_orm_migration=warn"),
        "What is logged: a level (error, warn, info, debug, trace), or targets as in info,albedo_http=debug.");
    LOG_FORMAT = plain("ALBEDO_LOG_FORMAT", "telemetry.format", Text("auto"),
        "pretty, json, or auto: pretty in a terminal and json elsewhere.");

    METRICS = plain("ALBEDO_METRICS", "telemetry.metrics", Text("off"),
        "Figures for Prometheus: off, on for /metrics beside the API, or an address of their own as in 0.0.0.0:9400.");

    OTLP_ENDPOINT = plain("ALBEDO_OTLP_ENDPOINT", "telemetry.otlp_endpoint", Nothing,
        "Collector for traces as in http://127.0.0.1:4318, for programs built with --features otlp; no traces without it.");

    ADMIN_EMAIL = plain("ALBEDO_ADMIN_EMAIL", "first_admin.email", Nothing,
        "Address of the admin to create at start; goes with ALBEDO_ADMIN_PASSWORD.");
    ADMIN_PASSWORD = secret("ALBEDO_ADMIN_PASSWORD", "first_admin.password", Nothing,
        "Password of the admin to create at start; goes with ALBEDO_ADMIN_EMAIL.");
}
