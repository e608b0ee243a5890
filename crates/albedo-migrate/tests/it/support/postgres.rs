//! A PostgreSQL server for one run of the tests, on a free port, in a temporary folder, gone with the process.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// `$1` initdb, `$2` the port, the rest the server without its folder. The end of its input is the end of the test's
/// process, however that ends; then the server goes, and then the folder.
const KEEPER: &str = r#"
initdb=$1 port=$2; shift 2
# Nothing ends the keeper before its work is done.
trap : HUP INT PIPE TERM
# In memory, if there is a gigabyte and nobody said otherwise: there a new cluster takes a fifth of the time.
place=${TMPDIR:-/tmp}
if [ -z "${TMPDIR-}" ] && [ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')" -gt 1000000 ]; then
    place=/dev/shm
fi
folder=$(mktemp -d "$place/migrate-pg.XXXXXX") || exit
trap 'cd / && rm -rf "$folder"' EXIT
cd "$folder" || exit
"$initdb" -A trust --no-sync -U postgres -E UTF8 --locale=C -D data </dev/null >log 2>&1 || { cat log; exit; }
"$@" -D data -p "$port" -k "$folder" </dev/null >log 2>&1 &
server=$!
# Its own word for it: whoever answers on the port may be somebody else.
until grep -q ready data/postmaster.pid 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat log; exit; }
    sleep 0.05
done
echo ready
exec >/dev/null 2>&1
read -r _
# Again and again: a process that a shell starts behind itself ignores SIGQUIT until it has a handler of its own.
while kill -QUIT "$server"; do sleep 0.1; done &
wait "$server"
"#;

struct Server {
    url: String,
    /// Its end of the pipe keeps the server alive: when this process dies, however it dies, the pipe closes.
    _keeper: Child,
}

/// The server's URL without a database; `None` when PostgreSQL is not installed.
pub(crate) fn server() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        return Some(url);
    }
    let server = SERVER.get_or_init(|| {
        let started = binaries().map(|binaries| start(&binaries));
        if started.is_none() {
            assert!(
                std::env::var("ALBEDO_TEST_SERVICES").as_deref() != Ok("required"),
                "PostgreSQL is required by ALBEDO_TEST_SERVICES and not installed"
            );
            eprintln!("!!! SKIPPED: there is no PostgreSQL on this machine, so nothing was tested on it");
        }
        started
    });
    server.as_ref().map(|server| server.url.clone())
}

fn binaries() -> Option<PathBuf> {
    folders().into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// `psql`, `pg_dump` and their like, wherever PostgreSQL has been put.
pub(crate) fn tool(name: &str) -> PathBuf {
    folders().into_iter().map(|folder| folder.join(name)).find(|tool| tool.exists()).unwrap_or_else(|| name.into())
}

/// The PATH, and where Debian and Homebrew keep the versions of PostgreSQL.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    for (home, name) in
        [("/usr/lib/postgresql", ""), ("/opt/homebrew/opt", "postgresql@"), ("/usr/local/opt", "postgresql@")]
    {
        let versions = std::fs::read_dir(home).into_iter().flatten().flatten();
        let ours = versions.filter(|version| version.file_name().to_string_lossy().starts_with(name));
        folders.extend(ours.map(|version| version.path().join("bin")));
    }
    folders
}

/// PostgreSQL refuses to run as root, so root lends it another user.
fn other_user() -> Option<(u32, u32)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let is_root = status.lines().any(|line| line.starts_with("Uid:\t0\t"));
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut parts = line.split(':').skip(2);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    if is_root { find("postgres").or_else(|| find("nobody")) } else { None }
}

fn start(binaries: &Path) -> Server {
    // Somebody else may take the port between the look and the start, so once is not enough.
    try_start(binaries)
        .or_else(|_| try_start(binaries))
        .unwrap_or_else(|said| panic!("PostgreSQL did not start: {said}"))
}

fn try_start(binaries: &Path) -> Result<Server, String> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", KEEPER, "keeper"]).arg(binaries.join("initdb")).arg(port.to_string());
    command.arg(binaries.join("postgres")).args(["-h", "127.0.0.1"]);
    command.args(["-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB"]);
    command.args(["-c", "dynamic_shared_memory_type=mmap", "-c", "autovacuum=off"]);
    // A group of its own: Ctrl-C, or a runner that is out of patience, ends the tests and not the keeper.
    command.current_dir("/").env("LC_ALL", "C").process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
    if let Some((uid, gid)) = other_user() {
        command.uid(uid).gid(gid);
    }
    let mut keeper = command.spawn().unwrap();
    let mut output = BufReader::new(keeper.stdout.take().unwrap());
    let mut said = String::new();
    output.read_line(&mut said).unwrap();
    if said.trim() != "ready" {
        output.read_to_string(&mut said).unwrap();
        keeper.wait().unwrap();
        return Err(said);
    }
    Ok(Server { url: format!("postgres://postgres@127.0.0.1:{port}"), _keeper: keeper })
}
