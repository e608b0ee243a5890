//! One connection that many requests share at once.
//!
//! It comes out of deadpool's pool and stays out for as long as the contact lasts: taking it anew for each command would
//! cost a round trip for the pool's own question whether it still lives, which the watch answers for all.

use deadpool_redis::{
    cluster, redis,
    redis::{Cmd, Pipeline, RedisResult, Value, aio::ConnectionLike},
    sentinel,
};
use futures_util::future::try_join_all;

/// A connection, kept out of its pool.
pub(super) enum Lane {
    Single(deadpool_redis::Connection),
    Cluster(cluster::Connection),
    Sentinel(sentinel::Connection),
}

impl Lane {
    /// Whether commands sent together run in the order in which they are sent.
    pub(super) const fn keeps_order(&self) -> bool {
        !matches!(self, Self::Cluster(_))
    }

    pub(super) async fn run(&self, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
        match self {
            Self::Single(connection) => together(redis::aio::MultiplexedConnection::clone(connection), commands).await,
            Self::Sentinel(connection) => {
                together(redis::aio::MultiplexedConnection::clone(connection), commands).await
            }
            Self::Cluster(connection) => {
                let shared: &redis::cluster_async::ClusterConnection = connection;
                try_join_all(commands.iter().map(|command| {
                    let mut connection = shared.clone();
                    async move { command.query_async::<Value>(&mut connection).await }
                }))
                .await
            }
        }
    }
}

/// Several commands in one packet; the first error is the outcome of all.
async fn together(mut connection: impl ConnectionLike, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
    if let [command] = commands {
        return Ok(vec![connection.req_packed_command(command).await?.extract_error()?]);
    }
    let mut pipeline = Pipeline::with_capacity(commands.len());
    for command in commands {
        pipeline.add_command(command.clone());
    }
    let values = connection.req_packed_commands(&pipeline, 0, commands.len()).await?;
    values.into_iter().map(|value| value.extract_error()).collect()
}
