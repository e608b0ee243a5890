//! Finding the programs of a service, and what happens where they are missing.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Set to `required`, a missing service fails the tests that need it instead of leaving them out.
const SWITCH: &str = "ALBEDO_TEST_SERVICES";

/// How often a service is started anew because somebody took its port between our look and its own.
const ATTEMPTS: usize = 3;

/// The service, unless its programs are missing: then a loud line, or a panic where services are required.
///
/// # Panics
/// If the service is there and does not start.
pub(crate) fn start_or_leave_out<T>(
    name: &'static str,
    install: &str,
    programs: Option<impl Fn() -> Result<T, String>>,
) -> Option<T> {
    let Some(start) = programs else {
        let missing = format!("{name} is not installed: {install}");
        assert!(env::var(SWITCH).as_deref() != Ok("required"), "{missing} ({SWITCH}=required)");
        if first_time(name) {
            // Past the capture of the test harness, which shows nothing of a test that passes.
            let _ = writeln!(io::stderr(), "\n!!! TESTS LEFT OUT: {missing}; {SWITCH}=required makes this a failure\n");
        }
        return None;
    };
    let mut failure = String::new();
    for _ in 0..ATTEMPTS {
        match start() {
            Ok(service) => return Some(service),
            Err(error) => failure = error,
        }
    }
    panic!("{name} does not start, tried {ATTEMPTS} times: {failure}")
}

fn first_time(name: &'static str) -> bool {
    static TOLD: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(name)
}

/// A program on the PATH, or else in one of the other folders.
pub(crate) fn find_program(name: &str, elsewhere: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).chain(elsewhere.iter().cloned());
    folders.find_map(|folder| Some(folder.join(name)).filter(|program| program.is_file()))
}

/// The `bin` folders of numbered versions, newest first, of what has this name before its number: Debian keeps its
/// PostgreSQL in `/usr/lib/postgresql/15/bin`, Homebrew in `/opt/homebrew/opt/postgresql@17/bin`.
pub(crate) fn versioned_folders(parent: &Path, name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_prefix(name)?.parse().ok();
    let mut versions: Vec<u32> = entries.filter_map(version).collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.iter().map(|version| parent.join(format!("{name}{version}")).join("bin")).collect()
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let parent = env::temp_dir().join(format!("albedo-versions-{}", uuid::Uuid::now_v7().simple()));
        for version in ["9", "15", "16-old", "10", "sql@9", "sql@17", "sql", "my-sql@18"] {
            fs::create_dir_all(parent.join(version)).unwrap();
        }
        let (numbers, named) = (versioned_folders(&parent, ""), versioned_folders(&parent, "sql@"));
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(numbers, ["15", "10", "9"].map(|version| parent.join(version).join("bin")));
        assert_eq!(named, ["sql@17", "sql@9"].map(|version| parent.join(version).join("bin")));
    }

    #[test]
    fn a_program_outside_of_the_path_is_found_elsewhere() {
        let bin = Path::new("/usr/lib/albedo/bin");
        assert_eq!(find_program("albedo-no-such-program", &[bin.to_owned()]), None);
        assert!(find_program("sh", &[]).is_some());
    }

    #[test]
    fn a_service_that_fails_once_is_started_again() {
        let tries = std::cell::Cell::new(0);
        let start = || {
            tries.set(tries.get() + 1);
            if tries.get() == 1 { Err("port taken".to_owned()) } else { Ok("running") }
        };
        assert_eq!(start_or_leave_out("Nothing", "nothing to do", Some(start)), Some("running"));
    }
}
