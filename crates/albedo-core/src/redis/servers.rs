//! The servers behind a URL: how to get a connection for commands, and where the keys live.

use std::time::Duration;

use deadpool_redis::{
    PoolError, Runtime, Timeouts, cluster,
    redis::{
        AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisError,
        RedisResult, TlsMode, Value, cmd, sentinel::SentinelClient, sentinel::SentinelNodeConnectionInfo,
        sentinel::SentinelServerType,
    },
    sentinel,
};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use super::{LANES, lane::Lane};
use crate::settings::{RedisSettings, Topology};

/// Longest time that a connection may take to be made.
const CONNECT: Duration = Duration::from_millis(1000);
/// Longest time that the watch waits for an answer, unless even requests wait for longer.
const ANSWER: Duration = Duration::from_millis(500);

pub(super) struct Servers {
    /// Those that the URL names, in its order.
    named: Vec<ConnectionInfo>,
    /// How long a request waits for an answer.
    pub(super) wait: Duration,
    pools: Pools,
}

enum Pools {
    Single(deadpool_redis::Pool),
    Cluster(cluster::Pool),
    Sentinel(sentinel::Pool, Box<Mutex<SentinelClient>>),
}

impl Servers {
    pub(super) fn of(settings: &RedisSettings) -> RedisResult<Self> {
        let nodes = settings.nodes.iter().map(|node| node.expose_secret().into_connection_info());
        let named = nodes
            .map(|node| {
                let node = node?;
                // Changes are told by pushes, which the older protocol does not have.
                let redis = node.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
                Ok(node.set_redis_settings(redis))
            })
            .collect::<RedisResult<Vec<_>>>()?;
        let pools = match &settings.topology {
            Topology::Single => {
                let first = named.first().cloned().ok_or_else(without_runtime)?;
                Pools::Single(single(first, settings.wait)?)
            }
            Topology::Cluster => {
                let manager = cluster::Manager::new(named.clone(), false)?;
                let pool =
                    cluster::Pool::builder(manager).max_size(LANES).runtime(Runtime::Tokio1).timeouts(timeouts());
                Pools::Cluster(pool.build().map_err(|_| without_runtime())?)
            }
            Topology::Sentinel { primary } => sentinels(&named, primary)?,
        };
        Ok(Self { named, wait: settings.wait, pools })
    }

    /// A connection for commands.
    pub(super) async fn lane(&self) -> Result<Lane, PoolError> {
        match &self.pools {
            Pools::Single(pool) => pool.get().await.map(Lane::Single),
            Pools::Cluster(pool) => pool.get().await.map(Lane::Cluster),
            Pools::Sentinel(pool, _) => pool.get().await.map(Lane::Sentinel),
        }
    }

    /// Every server that holds keys and may be written to, in an order that only changes with them.
    pub(super) async fn primaries(&self) -> RedisResult<Vec<ConnectionInfo>> {
        match &self.pools {
            Pools::Single(_) => Ok(self.named.clone()),
            Pools::Sentinel(_, client) => {
                let client = client.lock().await.async_get_client().await?;
                Ok(vec![client.get_connection_info().clone()])
            }
            Pools::Cluster(_) => self.primaries_of_the_cluster().await,
        }
    }

    /// Any of the servers knows all of them; the first that answers tells.
    async fn primaries_of_the_cluster(&self) -> RedisResult<Vec<ConnectionInfo>> {
        let mut last = without_runtime();
        for node in &self.named {
            match slots(node, self.wait).await {
                Ok(value) => {
                    let mut found: Vec<_> = owners(&value, node).collect();
                    found.sort_by_key(|node| node.addr().to_string());
                    found.dedup_by_key(|node| node.addr().to_string());
                    return Ok(found);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// How long a connection is waited for, where a request waits for an answer for so long.
pub(super) fn patience(wait: Duration) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(ANSWER.max(wait)))
}

const fn timeouts() -> Timeouts {
    Timeouts { wait: Some(Duration::from_millis(20)), create: Some(CONNECT), recycle: Some(Duration::from_millis(50)) }
}

fn single(server: ConnectionInfo, wait: Duration) -> RedisResult<deadpool_redis::Pool> {
    let manager = deadpool_redis::Manager::new_with_config(server, patience(wait))?;
    let pool = deadpool_redis::Pool::builder(manager).max_size(LANES).runtime(Runtime::Tokio1).timeouts(timeouts());
    pool.build().map_err(|_| without_runtime())
}

/// The credentials and the database belong to the servers behind the sentinels; sentinels are asked without.
fn sentinels(named: &[ConnectionInfo], primary: &str) -> RedisResult<Pools> {
    let ask: Vec<_> = named.iter().map(|node| node.addr().clone().into_connection_info()).collect::<Result<_, _>>()?;
    let behind = named.first().cloned().ok_or_else(without_runtime)?;
    let tls = matches!(behind.addr(), ConnectionAddr::TcpTls { .. });
    let redis = behind.redis_settings();
    let node = sentinel::SentinelNodeConnectionInfo {
        tls_mode: tls.then_some(sentinel::TlsMode::Secure),
        redis_connection_info: Some(deadpool_redis::RedisConnectionInfo {
            db: redis.db(),
            username: redis.username().map(ToOwned::to_owned),
            password: redis.password().map(ToOwned::to_owned),
            protocol: deadpool_redis::ProtocolVersion::RESP3,
        }),
    };
    let kind = sentinel::SentinelServerType::Master;
    let manager = sentinel::Manager::new(ask.clone(), primary.to_owned(), Some(node), kind)?;
    let pool = sentinel::Pool::builder(manager).max_size(LANES).runtime(Runtime::Tokio1).timeouts(timeouts());
    let node = {
        let node = SentinelNodeConnectionInfo::default().set_redis_connection_info(redis.clone());
        if tls { node.set_tls_mode(TlsMode::Secure) } else { node }
    };
    let client = SentinelClient::build(ask, primary, Some(node), SentinelServerType::Master)?;
    Ok(Pools::Sentinel(pool.build().map_err(|_| without_runtime())?, Box::new(Mutex::new(client))))
}

async fn slots(node: &ConnectionInfo, wait: Duration) -> RedisResult<Value> {
    let config = patience(wait);
    let mut connection = Client::open(node.clone())?.get_multiplexed_async_connection_with_config(&config).await?;
    cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await
}

/// The owner of each range of slots. One that names no host is the one that was asked.
fn owners<'v>(slots: &'v Value, asked: &ConnectionInfo) -> impl Iterator<Item = ConnectionInfo> + use<'v> {
    let asked = asked.clone();
    let ranges = if let Value::Array(ranges) = slots { ranges.as_slice() } else { &[] };
    ranges.iter().filter_map(move |range| {
        let Value::Array(range) = range else { return None };
        let Some(Value::Array(owner)) = range.get(2) else { return None };
        let host = match owner.first()? {
            Value::BulkString(host) => String::from_utf8_lossy(host).into_owned(),
            Value::SimpleString(host) => host.clone(),
            _ => String::new(),
        };
        let Some(Value::Int(port)) = owner.get(1) else { return None };
        Some(at(&asked, &host, u16::try_from(*port).ok()?))
    })
}

fn at(asked: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let named = !host.is_empty() && host != "?";
    let addr = match asked.addr().clone() {
        ConnectionAddr::Tcp(own, _) => ConnectionAddr::Tcp(if named { host.to_owned() } else { own }, port),
        ConnectionAddr::TcpTls { host: own, insecure, tls_params, .. } => {
            let host = if named { host.to_owned() } else { own };
            ConnectionAddr::TcpTls { host, port, insecure, tls_params }
        }
        other => other,
    };
    asked.clone().set_addr(addr)
}

/// What a pool without a runtime, or a cluster without a server, would fail with; neither can be made here.
fn without_runtime() -> RedisError {
    RedisError::from((deadpool_redis::redis::ErrorKind::InvalidClientConfig, "no server is named"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_a_cluster_without_a_host_is_the_one_that_was_asked() {
        let node = |host: &[u8], port| Value::Array(vec![Value::BulkString(host.to_vec()), Value::Int(port)]);
        let range = |owner| Value::Array(vec![Value::Int(0), Value::Int(1), owner, node(b"replica", 1)]);
        let slots = Value::Array(vec![range(node(b"10.0.0.1", 7000)), range(node(b"", 7001))]);
        let asked = "redis://seed:6379".into_connection_info().unwrap();
        let found: Vec<_> = owners(&slots, &asked).map(|node| node.addr().to_string()).collect();
        assert_eq!(found, ["10.0.0.1:7000", "seed:7001"]);
    }
}
