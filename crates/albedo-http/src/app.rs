//! The application put together: database, schema, services, server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use albedo_core::cache::Cache;
use albedo_core::database::{ConnectError, Connector, Following};
use albedo_core::rate::RateLimiter;
use albedo_core::redis;
use albedo_core::settings::{FirstAdmin, MetricsPlace, Settings};
use albedo_engine::auth::AdminOutcome;
use albedo_engine::{ServiceError, Services, Shared};
use migration::MigrationError;
use secrecy::ExposeSecret;
use thiserror::Error;

use crate::documents::Documents;
use crate::limits::Limits;
use crate::metrics::{self, Metrics};
use crate::middleware::{InFlight, Spans, SpansError, around, cors, put_off};
use crate::routes::{Api, Misfit};
use crate::{openapi, routes};

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The schema cannot be brought up to date.
    #[error("the schema cannot be brought up to date")]
    Migration(#[from] MigrationError),
    /// The services cannot be started, or refuse the first admin.
    #[error("the first admin or the services: {0}")]
    Services(#[from] ServiceError),
    /// Redis cannot be used, whether it is there or not.
    #[error(transparent)]
    Redis(#[from] redis::StartError),
    /// The replicas of the database cannot be followed.
    #[error("the thread that follows the replicas of the database cannot start")]
    Replicas(#[source] io::Error),
    /// What shall be served does not fit together.
    #[error("the routes: {0}")]
    Routes(#[from] Misfit),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; set ALBEDO_HOST and ALBEDO_PORT to an address that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// The figures' own address cannot be listened on.
    #[error("cannot listen on {address} for figures; set ALBEDO_METRICS to an address that is free, to on, or to off")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// Spans cannot be sent.
    #[error(transparent)]
    Spans(#[from] SpansError),
    /// The figures cannot be counted.
    #[error("figures cannot be counted; set ALBEDO_METRICS=off to do without")]
    Counting(#[from] prometheus::Error),
}

/// A server that listens.
pub struct Application {
    server: Server,
    addresses: Vec<SocketAddr>,
    metrics: Option<(Server, Vec<SocketAddr>)>,
    connector: Connector,
    following: Option<Following>,
    in_flight: InFlight,
    spans: Option<web::Data<Spans>>,
}

impl Application {
    /// Connects, migrates, makes the first admin, and listens; requests are answered from [`Application::run`] on.
    ///
    /// # Errors
    /// What is missing, and what to do about it.
    pub async fn build(settings: Settings, api: Api) -> Result<Self, StartError> {
        api.check()?;
        let connector = Connector::new(&settings.database).await?;
        let database = connector.open().await?;
        tracing::info!(database = connector.backend().name(), place = connector.place(), "connected");
        if settings.database.migrate_on_start && migration::pending(&database).await? > 0 {
            let applied = migration::migrate(settings.database.url.expose_secret()).await?;
            tracing::info!(applied, "the schema is up to date now");
        }
        let following = connector.follow_replicas().map_err(StartError::Replicas)?;
        let ledger = connector.replicas().map(|replicas| Arc::clone(replicas.ledger()));
        let cache = Cache::start_with(&settings.cache, settings.redis.as_ref(), ledger)?;
        let limiter = match cache.redis() {
            Some(redis) => RateLimiter::in_redis(redis.clone(), &settings.cache.namespace),
            None => RateLimiter::local(),
        };
        let shared = Shared::start(settings.security.clone(), cache.clone())?;
        let shared = Arc::new(shared.serving(api.resources.iter().copied()));
        if let Some(admin) = &settings.first_admin {
            offer_admin(&Services::new(database.clone(), Arc::clone(&shared)), admin).await?;
        }
        drop(database);
        let limits = Limits::new(&settings.clients, limiter);
        let (data, metrics) = (web::Data::new(limits), measure(&settings, cache)?);
        let (server, addresses) = listen(&settings, api, data.clone(), metrics.clone(), connector.clone(), shared)?;
        let (in_flight, spans) = (metrics.in_flight.clone(), metrics.spans.clone());
        let metrics = match (settings.telemetry.metrics, metrics.counted) {
            (MetricsPlace::At(address), Some(metrics)) => {
                let served = metrics::server(address, metrics, data);
                Some(served.map_err(|cause| StartError::Metrics { address, cause })?)
            }
            _ => None,
        };
        Ok(Self { server, addresses, metrics, connector, following, in_flight, spans })
    }

    /// Where it listens; the port that was found, where 0 was asked for.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// Where Prometheus finds the figures, if they have an address of their own.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|(_, addresses)| addresses.first().copied())
    }

    /// Tells from elsewhere that the server is about to stop, and how many requests are under way.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.in_flight.clone()
    }

    /// Stops the server from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers requests until [`Application::handle`] stops it; requests under way are finished.
    ///
    /// # Errors
    /// When the server breaks.
    pub async fn run(self) -> io::Result<()> {
        let metrics = self.metrics.map(|(server, _)| {
            let handle = server.handle();
            actix_web::rt::spawn(server);
            handle
        });
        let outcome = self.server.await;
        // Figures are told to the end: a slow stop is worth seeing.
        if let Some(metrics) = metrics {
            metrics.stop(false).await;
        }
        if let Some(spans) = self.spans {
            // Waits for a collector, and must not do so where others are served.
            let _ = web::block(move || spans.end()).await;
        }
        drop(self.following);
        self.connector.close().await;
        outcome
    }
}

async fn offer_admin(services: &Services, admin: &FirstAdmin) -> Result<(), ServiceError> {
    match services.auth().ensure_admin(&admin.email, &admin.password).await? {
        AdminOutcome::Created | AdminOutcome::Promoted => tracing::info!(email = admin.email, "made the first admin"),
        AdminOutcome::AlreadyThere => {}
        AdminOutcome::AddressTaken => tracing::warn!(
            email = admin.email,
            "the address of the first admin belongs to somebody who is no admin; to make them one, run `make admin EMAIL={}`",
            admin.email
        ),
    }
    Ok(())
}

/// What bounds and counts requests.
#[derive(Clone)]
struct Measures {
    in_flight: InFlight,
    counted: Option<web::Data<Metrics>>,
    spans: Option<web::Data<Spans>>,
}

fn measure(settings: &Settings, cache: Cache) -> Result<Measures, StartError> {
    let in_flight = InFlight::new(settings.server.max_in_flight);
    let wanted = settings.telemetry.metrics != MetricsPlace::Off;
    let counted = wanted.then(|| Metrics::new(in_flight.clone(), cache)).transpose()?.map(web::Data::new);
    let spans = settings.telemetry.otlp_endpoint.as_deref().map(Spans::start).transpose()?.map(web::Data::new);
    Ok(Measures { in_flight, counted, spans })
}

fn listen(
    settings: &Settings,
    api: Api,
    limits: web::Data<Limits>,
    Measures { in_flight, counted, spans }: Measures,
    connector: Connector,
    shared: Arc<Shared>,
) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let documents = web::Data::new(Documents::new(openapi::json(&api)));
    let origins = settings.clients.cors_origins.clone();
    let beside = settings.telemetry.metrics == MetricsPlace::BesideApi;
    let settings = &settings.server;
    let data = web::Data::new(settings.clone());
    let server = HttpServer::new(move || {
        let (connector, shared, in_flight) = (connector.clone(), Arc::clone(&shared), in_flight.clone());
        let (watching, counted, spans, api) = (counted.clone(), counted.clone(), spans.clone(), api.clone());
        App::new()
            // Made on the worker's own thread: its database sockets then wake this worker and no other.
            .data_factory(move || {
                let (connector, shared, watching) = (connector.clone(), Arc::clone(&shared), watching.clone());
                async move {
                    let database = connector.open().await?;
                    if let Some(metrics) = watching {
                        metrics.watch(database.clone());
                    }
                    Ok::<_, ConnectError>(Services::new(database, shared))
                }
            })
            .app_data(data.clone())
            .app_data(documents.clone())
            .app_data(limits.clone())
            .app_data(web::Data::new(in_flight.clone()))
            .wrap(from_fn(put_off))
            .wrap(cors(&origins))
            .wrap(from_fn(move |request, next| around(in_flight.clone(), request, next)))
            .configure(move |config| {
                if let Some(metrics) = counted {
                    config.app_data(metrics);
                }
                if let Some(spans) = spans {
                    config.app_data(spans);
                }
                if beside {
                    metrics::configure(config);
                }
                routes::configure(config, &api);
            })
    });
    let address = SocketAddr::from((settings.host, settings.port));
    let server = server
        .workers(settings.workers)
        .max_connections(settings.max_connections.div_ceil(settings.workers))
        .client_request_timeout(settings.head_timeout)
        .keep_alive(settings.keep_alive)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals()
        .bind(address)
        .map_err(|cause| StartError::Listen { address, cause })?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
