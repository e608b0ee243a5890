//! Which Redis, and how it stands: one server, a cluster, or sentinels that know the primary.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    reader::{Read, Reader},
    variables as var,
};

/// How a `REDIS_URL` may begin; `rediss` is Redis over TLS.
const SCHEMES: [(&str, &str, Standing); 6] = [
    ("redis", "redis", Standing::Alone),
    ("rediss", "rediss", Standing::Alone),
    ("redis+cluster", "redis", Standing::Cluster),
    ("rediss+cluster", "rediss", Standing::Cluster),
    ("redis+sentinel", "redis", Standing::Sentinel),
    ("rediss+sentinel", "rediss", Standing::Sentinel),
];

const ALLOWED: &str = "redis://user:password@host:port/0, redis+cluster://host:port,host:port or \
     redis+sentinel://host:port,host:port/name-of-the-primary (rediss for TLS; special characters in the password as %XX)";

/// The name that sentinels give a primary when nobody says another.
const USUAL_PRIMARY: &str = "mymaster";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Alone,
    Cluster,
    Sentinel,
}

/// Where Redis is.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// How its servers stand to each other.
    pub topology: Topology,
    /// One URL for each server that is named, `redis://` or `rediss://`; a secret, since it may hold a password. Of
    /// sentinels these are the sentinels, with the credentials of the servers behind them.
    pub nodes: Vec<SecretString>,
    /// Hosts and ports, for the log and for messages; never a password.
    pub place: String,
    /// How long a request waits for an answer.
    pub wait: Duration,
}

/// How the servers of Redis stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topology {
    /// One server.
    Single,
    /// A cluster, of which some servers are named.
    Cluster,
    /// Sentinels that know the primary.
    Sentinel {
        /// Their name for it.
        primary: String,
    },
}

impl RedisSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Option<Self>> {
        let (url, wait) = (reader.secret(&var::REDIS_URL), reader.seconds(&var::REDIS_WAIT, 0.005..=10.0));
        let (Some(url), wait) = (url?, wait?) else { return Ok(None) };
        match Self::parse(url.expose_secret().trim(), wait) {
            Some(settings) => Ok(Some(settings)),
            None => Err(reader.fault(&var::REDIS_URL, format_args!("must be {ALLOWED}"))),
        }
    }

    /// The settings behind a URL; `None` where it cannot be read.
    #[must_use]
    pub fn parse(url: &str, wait: Duration) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (_, plain, standing) = SCHEMES.iter().find(|(known, ..)| *known == scheme)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
        let hosts: Vec<&str> = hosts.split(',').map(str::trim).collect();
        let (topology, database) = match standing {
            Standing::Alone => (Topology::Single, path),
            Standing::Cluster => (Topology::Cluster, path),
            Standing::Sentinel => {
                let (primary, database) = path.split_once('/').unwrap_or((path, ""));
                let primary = if primary.is_empty() { USUAL_PRIMARY } else { primary };
                (Topology::Sentinel { primary: primary.to_owned() }, database)
            }
        };
        // A cluster has one database; the number of another's is a number.
        let fits = match standing {
            Standing::Alone => hosts.len() == 1,
            Standing::Cluster => database.is_empty(),
            Standing::Sentinel => true,
        };
        if !fits || !(database.is_empty() || database.parse::<u8>().is_ok()) {
            return None;
        }
        let usual_port = if *standing == Standing::Sentinel { 26379 } else { 6379 };
        let (mut nodes, mut places) = (Vec::new(), Vec::new());
        for host in hosts {
            let at = if credentials.is_empty() { String::new() } else { format!("{credentials}@") };
            let mut node = Url::parse(&format!("{plain}://{at}{host}")).ok()?;
            let name = node.host_str().filter(|name| !name.is_empty())?.to_owned();
            if node.path().len() > 1 || node.query().is_some() || node.fragment().is_some() {
                return None;
            }
            let port = node.port().unwrap_or(usual_port);
            node.set_port(Some(port)).ok()?;
            node.set_path(database);
            nodes.push(SecretString::from(node.to_string()));
            places.push(format!("{name}:{port}"));
        }
        Some(Self { topology, nodes, place: places.join(", "), wait })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<(Topology, Vec<String>, String)> {
        let settings = RedisSettings::parse(url, Duration::ZERO)?;
        let nodes = settings.nodes.iter().map(|node| node.expose_secret().to_owned()).collect();
        Some((settings.topology, nodes, settings.place))
    }

    #[test]
    fn one_server_a_cluster_and_sentinels_are_told_by_the_scheme() {
        let nodes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            read("rediss://ana:p%40ss@cache.example/2"),
            Some((Topology::Single, nodes(&["rediss://ana:p%40ss@cache.example:6379/2"]), "cache.example:6379".into()))
        );
        assert_eq!(
            read("redis+cluster://:pw@a:7000,b:7001"),
            Some((Topology::Cluster, nodes(&["redis://:pw@a:7000", "redis://:pw@b:7001"]), "a:7000, b:7001".into()))
        );
        let primary = |name: &str| Topology::Sentinel { primary: name.to_owned() };
        assert_eq!(
            read("redis+sentinel://a,[::1]:26380/main/1"),
            Some((
                primary("main"),
                nodes(&["redis://a:26379/1", "redis://[::1]:26380/1"]),
                "a:26379, [::1]:26380".into()
            ))
        );
        assert_eq!(read("redis+sentinel://a").map(|read| read.0), Some(primary("mymaster")));
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        for url in [
            "",
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis://a,b",
            "redis://a/x",
            "redis://a:99999",
            "redis+cluster://a/1",
            "redis://a/1?protocol=resp3",
        ] {
            assert!(read(url).is_none(), "{url}");
        }
    }
}
