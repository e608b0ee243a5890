//! The machine: free disk, open files, and the port.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use albedo_core::settings::Settings;
use rustix::fs::statvfs;
use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::console::health;

const MIB: u64 = 1024 * 1024;
/// Below this a database may stop writing within the hour.
const LEAST_DISK: u64 = 256 * MIB;
/// Below this somebody should look.
const SCANT_DISK: u64 = 2048 * MIB;
/// Files beside client connections: the log, the listener, the runtime.
const OWN_FILES: u64 = 64;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![disk(&folder(settings)), files(settings)];
    findings.extend(port(settings));
    findings
}

/// Where rows are kept, or where we run.
fn folder(settings: &Settings) -> PathBuf {
    let file = settings.database.sqlite_file();
    let folder = file.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    folder.filter(|folder| folder.exists()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

fn disk(folder: &Path) -> Finding {
    let shown = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    match statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            judged_disk(free, &shown.display().to_string())
        }
        Err(error) => Finding::warn("disk", format!("{}: {error}", shown.display()), "df -h"),
    }
}

fn judged_disk(free: u64, place: &str) -> Finding {
    let detail = format!("{} MiB free at {place}", free / MIB);
    let next = "make room, or give the database a larger disk: df -h";
    match free {
        free if free < LEAST_DISK => Finding::fail("disk", detail, next),
        free if free < SCANT_DISK => Finding::warn("disk", detail, next),
        _ => Finding::ok("disk", detail),
    }
}

fn files(settings: &Settings) -> Finding {
    let server = &settings.server;
    let servers = 1 + settings.database.replicas.as_ref().map_or(0, |replicas| replicas.urls.len() as u64);
    let databases = u64::from(settings.database.connections_per_worker) * server.workers as u64 * servers;
    let needed = server.max_connections as u64 + databases + OWN_FILES;
    let Some(allowed) = getrlimit(Resource::Nofile).current else {
        return Finding::ok("files", "as many open files as it takes");
    };
    let detail = format!("{allowed} open files are allowed, and {needed} may be needed");
    if needed > allowed {
        return Finding::warn("files", detail, format!("ulimit -n {needed}, or lower ALBEDO_MAX_CONNECTIONS"));
    }
    Finding::ok("files", detail)
}

fn port(settings: &Settings) -> Option<Finding> {
    let server = &settings.server;
    if server.port == 0 {
        return None;
    }
    let address = SocketAddr::from((server.host, server.port));
    Some(match (TcpListener::bind(address), health::ask(server)) {
        (Ok(_), _) => Finding::ok("port", format!("{address} is free")),
        (Err(_), Ok(())) => Finding::ok("port", format!("a server answers at {address} and is ready")),
        (Err(error), Err(_)) => {
            let detail = format!("{address}: {error}, and what is there is no server that is ready");
            Finding::warn("port", detail, "set ALBEDO_PORT to one that is free: ss -ltnp")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_disk_that_fills_is_told_in_time() {
        for (free, level) in [(100 * MIB, Level::Fail), (1024 * MIB, Level::Warn), (4096 * MIB, Level::Ok)] {
            assert_eq!(judged_disk(free, "/").level, level, "{free}");
        }
    }
}
