//! A PostgreSQL server for one run of the tests, on a free port, in a temporary folder, gone with the process.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

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
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
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
    let folder = tempfile::Builder::new().prefix("migrate-pg-").tempdir().unwrap().keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let user = other_user();
    let command = |program: &Path| {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C");
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        command
    };
    if let Some((uid, gid)) = user {
        chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let data = folder.join("data");
    let made = command(&binaries.join("initdb"))
        .args(["-A", "trust", "--no-sync", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // The shell waits for the end of its input, which is the end of the test process.
    let keep = "\"$@\" & server=$!; cat > /dev/null; kill -QUIT $server; wait $server; rm -rf \"$0\"";
    let keeper = command(Path::new("/bin/sh"))
        .args(["-c", keep])
        .arg(&folder)
        .arg(binaries.join("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k"])
        .arg(&folder)
        .args(["-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(std::env::temp_dir().join(format!("migrate-pg-{port}.log"))).unwrap())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    // The engine itself waits out the moments in which a server that listens is not ready yet.
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "PostgreSQL did not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = std::fs::remove_file(std::env::temp_dir().join(format!("migrate-pg-{port}.log")));
    Server { url: format!("postgres://postgres@127.0.0.1:{port}"), _keeper: keeper }
}
