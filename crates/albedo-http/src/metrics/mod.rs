//! Figures for Prometheus: what is counted, and how it is told.
//!
//! Requests are counted as they are answered; everything else is known elsewhere already and read when somebody asks. Labels
//! come from closed lists (routes as they are declared, known methods, statuses), so clients cannot make new series.

mod process;
mod serve;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use albedo_core::cache::Cache;
use albedo_core::database::{Database, PoolFigures, ReadFigures, ReplicaState, Replicas};
use albedo_core::redis::Redis;
use prometheus::{
    Error, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use process::ProcessFigures;
pub(crate) use serve::{configure, server};

use crate::limits::Limits;
use crate::middleware::InFlight;

/// Bounds of the buckets in seconds: around the tenth of a millisecond that a kept answer takes, up to the handler's deadline.
const BUCKETS: [f64; 14] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// A route as it was declared, such as `/api/v1/cities/{city_id}`; the value that a request carries to be counted by.
#[derive(Clone, Debug)]
pub(crate) struct RouteTemplate(pub(crate) String);

/// All figures of the process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    connections: IntGaugeVec,
    waiting: IntGaugeVec,
    statements: IntCounterVec,
    refused: IntCounterVec,
    cached: IntCounterVec,
    cache_bytes: IntGauge,
    redis_up: IntGauge,
    reads: IntCounterVec,
    replica_lag: GaugeVec,
    replica_up: IntGaugeVec,
    process: ProcessFigures,
    /// Held while figures are brought up to date and told, so that two who ask at once are not told a mixture.
    sources: Mutex<Sources>,
}

/// Where figures are read that others keep.
struct Sources {
    in_flight: InFlight,
    cache: Cache,
    databases: Vec<Database>,
}

impl Metrics {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// When two figures have one name, which a test would find.
    pub fn new(in_flight: InFlight, cache: Cache) -> Result<Self, Error> {
        let requests = IntCounterVec::new(
            Opts::new("albedo_http_requests_total", "Requests answered."),
            &["method", "route", "status"],
        )?;
        let durations = HistogramVec::new(
            HistogramOpts::new("albedo_http_request_duration_seconds", "Time from a request's head to its answer.")
                .buckets(BUCKETS.to_vec()),
            &["method", "route"],
        )?;
        let flying = IntGauge::new("albedo_http_requests_in_flight", "Requests under way.")?;
        let connections = IntGaugeVec::new(
            Opts::new("albedo_database_connections", "Open connections to the database."),
            &["pool", "state"],
        )?;
        let waiting = IntGaugeVec::new(
            Opts::new("albedo_database_requests_waiting", "Requests that wait for a connection."),
            &["pool"],
        )?;
        let statements = IntCounterVec::new(
            Opts::new(
                "albedo_database_statements_total",
                "Statements sent to the database, those that begin and end transactions among them.",
            ),
            &["pool"],
        )?;
        let refused =
            IntCounterVec::new(Opts::new("albedo_rate_limited_total", "Requests answered 429."), &["policy"])?;
        let cached = IntCounterVec::new(
            Opts::new(
                "albedo_cache_answers_total",
                "Answers by where they came from: near (the process), far (Redis), missed (the database, and stored), \
                 passed (the database, and not stored).",
            ),
            &["from"],
        )?;
        let cache_bytes = IntGauge::new("albedo_cache_bytes", "Memory that kept answers take.")?;
        let redis_up = IntGauge::new("albedo_redis_up", "1 while Redis can be used, 0 while it is away.")?;
        let reads = IntCounterVec::new(
            Opts::new(
                "albedo_database_reads_total",
                "Reads that a replica could serve by where they went: replica, primary, again (the primary, after the \
                 replica had failed or had nothing).",
            ),
            &["target"],
        )?;
        let replica_lag = GaugeVec::new(
            Opts::new("albedo_database_replica_lag_seconds", "How long ago the primary was where the replica is."),
            &["replica"],
        )?;
        let replica_up = IntGaugeVec::new(
            Opts::new("albedo_database_replica_up", "1 while a replica can be read from, 0 while it is left out."),
            &["replica"],
        )?;
        let build = IntGaugeVec::new(Opts::new("albedo_build_info", "Always 1; what runs here."), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        registry.register(Box::new(flying.clone()))?;
        registry.register(Box::new(connections.clone()))?;
        registry.register(Box::new(waiting.clone()))?;
        registry.register(Box::new(statements.clone()))?;
        registry.register(Box::new(refused.clone()))?;
        registry.register(Box::new(cached.clone()))?;
        registry.register(Box::new(cache_bytes.clone()))?;
        // Without Redis there is nothing that could be up.
        if cache.redis().is_some() {
            registry.register(Box::new(redis_up.clone()))?;
        }
        // Vectors without series tell nothing, so without replicas there is nothing of them.
        registry.register(Box::new(reads.clone()))?;
        registry.register(Box::new(replica_lag.clone()))?;
        registry.register(Box::new(replica_up.clone()))?;
        registry.register(Box::new(build))?;
        let process = ProcessFigures::register(&registry)?;
        let sources = Mutex::new(Sources { in_flight, cache, databases: Vec::new() });
        Ok(Self {
            registry,
            requests,
            durations,
            in_flight: flying,
            connections,
            waiting,
            statements,
            refused,
            cached,
            cache_bytes,
            redis_up,
            reads,
            replica_lag,
            replica_up,
            process,
            sources,
        })
    }

    /// Counts the connections of one more worker.
    pub(crate) fn watch(&self, database: Database) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).databases.push(database);
    }

    /// Counts a request that was answered; `route` is `None` where nothing is at its path.
    pub(crate) fn answered(&self, method: &Method, route: Option<&RouteTemplate>, status: StatusCode, took: Duration) {
        let (method, route) = (known(method), route.map_or("none", |route| route.0.as_str()));
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.durations.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// The figures in Prometheus's text format.
    ///
    /// # Errors
    /// When a figure cannot be written.
    pub fn tell(&self, limits: &Limits) -> Result<String, Error> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        self.in_flight.set(signed(sources.in_flight.now() as u64));
        let own = sources.databases.iter().map(Database::pool);
        self.set_pool("workers", own.fold(PoolFigures::default(), plus));
        if let Some(shared) = sources.databases.first().and_then(Database::shared_pool) {
            self.set_pool("writer", shared);
        }
        if let Some(replicas) = sources.databases.first().and_then(Database::replicas) {
            self.set_replicas(replicas);
        }
        for (policy, refused) in limits.refused() {
            raise(&self.refused, policy, refused);
        }
        let figures = sources.cache.figures();
        let answers =
            [("near", figures.near), ("far", figures.far), ("missed", figures.missed), ("passed", figures.passed)];
        for (from, answers) in answers {
            raise(&self.cached, from, answers);
        }
        self.cache_bytes.set(signed(figures.bytes));
        self.redis_up.set(i64::from(sources.cache.redis().is_some_and(Redis::is_up)));
        self.process.update();
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }

    fn set_replicas(&self, replicas: &Replicas) {
        let ReadFigures { replica, primary, again } = replicas.reads();
        for (target, reads) in [("replica", replica), ("primary", primary), ("again", again)] {
            raise(&self.reads, target, reads);
        }
        for figures in replicas.figures() {
            let up = i64::from(figures.state == ReplicaState::Usable);
            self.replica_up.with_label_values(&[figures.place.as_str()]).set(up);
            self.replica_lag.with_label_values(&[figures.place.as_str()]).set(figures.lag.as_secs_f64());
        }
    }

    fn set_pool(&self, pool: &str, figures: PoolFigures) {
        self.connections.with_label_values(&[pool, "idle"]).set(signed(figures.idle));
        self.connections.with_label_values(&[pool, "used"]).set(signed(figures.open.saturating_sub(figures.idle)));
        self.waiting.with_label_values(&[pool]).set(signed(figures.waiting));
        raise(&self.statements, pool, figures.statements);
    }
}

/// Brings a counter up to what somebody else has counted.
fn raise(counters: &IntCounterVec, label: &str, to: u64) {
    let counter = counters.with_label_values(&[label]);
    counter.inc_by(to.saturating_sub(counter.get()));
}

fn plus(left: PoolFigures, right: PoolFigures) -> PoolFigures {
    PoolFigures {
        open: left.open + right.open,
        idle: left.idle + right.idle,
        waiting: left.waiting + right.waiting,
        statements: left.statements + right.statements,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Methods that mean something here; anybody can make up others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use albedo_core::rate::RateLimiter;
    use albedo_core::settings::{Settings, Sources};

    use super::*;

    #[test]
    fn made_up_methods_and_paths_make_no_series() {
        let settings = Settings::load(&Sources::new(None, [])).unwrap();
        let cache = Cache::start(&settings.cache, None).unwrap();
        let metrics = Metrics::new(InFlight::new(1), cache).unwrap();
        let made_up = Method::from_bytes(b"BREW").unwrap();
        for _ in 0..3 {
            metrics.answered(&made_up, None, StatusCode::NOT_FOUND, Duration::from_millis(2));
        }
        let text = metrics.tell(&Limits::new(&settings.clients, RateLimiter::local())).unwrap();
        let line = "albedo_http_requests_total{method=\"other\",route=\"none\",status=\"404\"} 3";
        assert!(text.lines().any(|found| found == line), "{text}");
        assert!(!text.contains("BREW"), "{text}");
    }
}
