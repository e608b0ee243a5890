//! Several servers of Redis that belong together: a cluster, and a primary with its replica and a sentinel.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    Redis,
    keeper::Keeper,
    redis::{ask, keep, program},
    service,
};

/// How long servers may take to agree.
const PATIENCE: Duration = Duration::from_secs(60);
/// All keys of a cluster.
const SLOTS: usize = 16_384;

/// Three servers that share the keys.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// A cluster for one test; `None` where Redis is not installed and not required.
    ///
    /// # Panics
    /// If it does not come together.
    #[must_use]
    pub fn start() -> Option<Self> {
        let mut nodes = Vec::new();
        let mut buses = Vec::new();
        for _ in 0..3 {
            // The port between servers is ten thousand above the other one if nobody says so, which may be past the end.
            let bus = service::free_port().expect("the loopback has a free port").to_string();
            let settings = ["--cluster-enabled", "yes", "--cluster-port", &bus, "--cluster-node-timeout", "2000"];
            nodes.push(Redis::start_with(&settings)?);
            buses.push(bus);
        }
        let share = SLOTS.div_ceil(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            let (first, last) = (place * share, ((place + 1) * share).min(SLOTS) - 1);
            node.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(place + 1).to_string()]);
            node.ask(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]);
            for (other, bus) in nodes.iter().zip(&buses) {
                node.ask(&["CLUSTER", "MEET", "127.0.0.1", &other.port().to_string(), bus]);
            }
        }
        let whole = || {
            let told = |node: &Redis, words: &[&str], part: &str| node.ask(words).contains(part);
            nodes.iter().all(|node| {
                told(node, &["CLUSTER", "INFO"], "cluster_state:ok")
                    && told(node, &["CLUSTER", "INFO"], "cluster_known_nodes:3")
            })
        };
        wait_for("the cluster comes together", whole);
        Some(Self { nodes })
    }

    /// As `REDIS_URL` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        let nodes: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis+cluster://{}", nodes.join(","))
    }

    /// Its servers.
    #[must_use]
    pub fn nodes(&self) -> &[Redis] {
        &self.nodes
    }
}

/// A primary, its replica, and the sentinel that watches them.
#[derive(Debug)]
pub struct RedisSentinel {
    servers: Vec<Redis>,
    _sentinel: Keeper,
    port: u16,
}

impl RedisSentinel {
    /// All three for one test; `None` where Redis is not installed and not required.
    ///
    /// # Panics
    /// If they do not find each other.
    #[must_use]
    pub fn start() -> Option<Self> {
        let primary = Redis::start()?;
        let follow = primary.port().to_string();
        let replica = Redis::start_with(&["--replicaof", "127.0.0.1", &follow, "--repl-diskless-sync-delay", "0"])?;
        wait_for("the replica follows", || replica.ask(&["INFO", "replication"]).contains("master_link_status:up"));
        let port = service::free_port().expect("the loopback has a free port");
        let settings = format!(
            "printf '%s\\n' 'port {port}' 'bind 127.0.0.1' 'sentinel monitor mymaster 127.0.0.1 {follow} 1' \
             'sentinel down-after-milliseconds mymaster 1000' 'sentinel failover-timeout mymaster 3000' >sentinel.conf"
        );
        let sentinel =
            keep(&program()?, ["sentinel.conf", "--sentinel"].into_iter(), &settings).expect("the sentinel starts");
        wait_for("the sentinel knows the replica", || {
            ask(port, &[&["SENTINEL", "REPLICAS", "mymaster"]]).contains(&replica.port().to_string())
        });
        Some(Self { servers: vec![primary, replica], _sentinel: sentinel, port })
    }

    /// As `REDIS_URL` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:{}/mymaster", self.port)
    }

    /// Kills the server that was the primary at the start.
    pub fn kill_primary(&mut self) {
        if let Some(primary) = self.servers.first_mut() {
            primary.kill();
        }
    }
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}
