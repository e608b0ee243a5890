//! The servers answer, and are gone when they are no longer needed.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use albedo_testing::{Postgres, Redis, Signal};

fn says_pong(redis: &Redis) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port()))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG\r\n")
}

#[test]
fn redis_answers_a_ping() {
    let Some(redis) = Redis::shared() else { return };
    assert!(says_pong(redis).unwrap());
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
}

#[test]
fn a_server_of_ones_own_may_be_killed() {
    let Some(redis) = Redis::start() else { return };
    redis.signal(Signal::SIGKILL).unwrap();
    while says_pong(&redis).is_ok() {}
}

#[test]
fn a_dropped_server_no_longer_listens() {
    let Some(postgres) = Postgres::start() else { return };
    let port = postgres.port();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(postgres);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
