//! `albedo-api health`: the health check of a container whose image holds nothing but this program.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use albedo_core::settings::ServerSettings;

const PATIENCE: Duration = Duration::from_secs(3);
/// More than readiness ever says.
const LONGEST: u64 = 16 * 1024;

/// Whether the server is ready; the error tells what it says.
pub(super) fn ask(settings: &ServerSettings) -> Result<(), Box<dyn Error>> {
    let address = SocketAddr::from((reachable(settings.host), settings.port));
    let answer = exchange(address).map_err(|error| format!("{address} does not answer: {error}"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(format!("{address} is not ready: {body}").into()) }
}

/// A server that listens everywhere is asked on the loopback.
pub(super) fn reachable(host: IpAddr) -> IpAddr {
    match host {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

fn exchange(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /api/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer)
}
