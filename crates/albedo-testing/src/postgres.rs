//! One throwaway PostgreSQL per test process, or one of its own for a test that means to hurt it.

use std::{ffi::OsString, fs, io, path::PathBuf, sync::OnceLock, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use uuid::Uuid;

use crate::{
    keeper::{Charge, Keeper, User},
    service, tls,
};

const INSTALL: &str = "apt-get install postgresql (Debian, Ubuntu), brew install postgresql@17 (macOS), \
                       or put `initdb` and `postgres` on the PATH";

/// Makes the cluster. Where ICU is built in, texts sort as people sort them, like on most servers in production: a
/// query that relies on the order of bytes shall fail here rather than there.
const PREPARE: &str = r#"
printf %s "$PASSWORD" >password
case $("$INITDB" --help) in *--locale-provider*) set -- --locale-provider=icu --icu-locale=en-US ;; esac
"$INITDB" --pgdata=data --username=postgres --auth=password --pwfile=password --encoding=UTF8 --locale=C --no-sync "$@"
"#;

/// Copies a running server, and follows it.
const PREPARE_REPLICA: &str = r#"
PGPASSWORD=$PASSWORD "$BASEBACKUP" --pgdata=data --host=127.0.0.1 --port="$PRIMARY_PORT" --username=postgres \
    --wal-method=stream --write-recovery-conf --checkpoint=fast --no-sync
"#;

/// What a server needs that others follow, and what its replicas need as well.
const FOLLOWED: &[&str] = &[
    "wal_level=replica",
    "max_wal_senders=8",
    "wal_keep_size=512MB",
    "max_wal_size=1GB",
    // A commit that is answered is on its way to the replicas.
    "synchronous_commit=on",
    "wal_receiver_timeout=5s",
    "wal_retrieve_retry_interval=200ms",
];

/// Fast because nothing in it needs to outlive us, roomy because tests run side by side. Of the log, only what concerns
/// the server as a whole.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "dynamic_shared_memory_type=mmap",
    "unix_socket_directories=",
    "max_connections=500",
    "shared_buffers=64MB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "min_wal_size=32MB",
    "max_wal_size=64MB",
    "autovacuum=off",
    "log_checkpoints=off",
    "log_min_messages=log",
];

/// A PostgreSQL server of ours, ended when it is dropped or when this process ends.
#[derive(Debug)]
pub struct Postgres {
    keeper: Keeper,
    password: String,
    port: u16,
}

impl Postgres {
    /// The server that all tests of this process share; `None` where PostgreSQL is not installed and not required.
    ///
    /// # Panics
    /// If it does not start, or is missing while `ALBEDO_TEST_SERVICES=required`.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server for one test alone, which may stop or kill it.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    #[must_use]
    pub fn start() -> Option<Self> {
        service::start_or_leave_out("PostgreSQL", INSTALL, programs().map(|programs| move || run(&programs, &[])))
    }

    /// [`Postgres::start`], as a server with a certificate of an authority of its own.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    #[must_use]
    pub fn start_with_tls() -> Option<Self> {
        let settings = ["ssl=on", "ssl_cert_file=../server.pem", "ssl_key_file=../server.key"];
        let prepare = format!("{}{PREPARE}", tls::PREPARE);
        let start = |programs: Programs| made(&programs, &settings, &prepare);
        service::start_or_leave_out("PostgreSQL", INSTALL, programs().map(|_| || start(programs().ok_or("gone")?)))
    }

    /// The certificate of the authority behind a server that speaks TLS.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.keeper.directory().join(tls::AUTHORITY)
    }

    /// [`Postgres::start`], as a server that replicas may follow.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    #[must_use]
    pub fn start_followed() -> Option<Self> {
        service::start_or_leave_out("PostgreSQL", INSTALL, programs().map(|programs| move || run(&programs, FOLLOWED)))
    }

    /// A streaming replica of this server, which must be one that may be followed; `settings` as in `recovery_min_apply_delay=1s`.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn replica(&self, settings: &[&str]) -> Self {
        let replica = || {
            let programs = programs().ok_or("the programs of PostgreSQL are gone")?;
            copy(&programs, self, &[FOLLOWED, settings].concat())
        };
        service::start_or_leave_out("a replica", INSTALL, Some(replica)).expect("its programs are there")
    }

    /// The URL of one of its databases; `postgres` is always there.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The loopback port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the postmaster.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.keeper.process_id()
    }

    /// Sends a signal to the postmaster and to every process that serves a connection or a purpose of its own.
    ///
    /// # Errors
    /// If the postmaster is gone.
    pub fn signal_all(&self, signal: Signal) -> io::Result<()> {
        for process in self.children()? {
            // One that has just ended needs no signal.
            let _ = kill(process, signal);
        }
        self.signal(signal)
    }

    /// Kills a process that serves a connection, as the system does when memory is short: the server ends all others and
    /// starts anew by itself, with all that was committed.
    ///
    /// # Errors
    /// If nobody is connected.
    pub fn crash(&self) -> io::Result<()> {
        let serves = |process: &Pid| {
            let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
            line.contains("127.0.0.1(")
        };
        let victim = self.children()?.into_iter().find(serves).ok_or(io::ErrorKind::NotFound)?;
        Ok(kill(victim, Signal::SIGKILL)?)
    }

    fn children(&self) -> io::Result<Vec<Pid>> {
        let postmaster = self.process_id();
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?;
        Ok(children.split_whitespace().filter_map(|child| child.parse().ok()).map(Pid::from_raw).collect())
    }

    /// Sends the postmaster a signal.
    ///
    /// # Errors
    /// If it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        self.keeper.signal(signal)
    }
}

/// Where it is beside the PATH, and what it is called there: on Debian, and where Homebrew has put it.
const HOMES: [(&str, &str); 3] =
    [("/usr/lib/postgresql", ""), ("/opt/homebrew/opt", "postgresql@"), ("/usr/local/opt", "postgresql@")];

struct Programs {
    initdb: PathBuf,
    postgres: PathBuf,
    basebackup: Option<PathBuf>,
}

fn programs() -> Option<Programs> {
    let places = HOMES.iter().flat_map(|(parent, name)| service::versioned_folders(parent.as_ref(), name));
    let folders: Vec<PathBuf> = places.collect();
    let find = |name| service::find_program(name, &folders);
    Some(Programs { initdb: find("initdb")?, postgres: find("postgres")?, basebackup: find("pg_basebackup") })
}

fn run(programs: &Programs, settings: &[&str]) -> Result<Postgres, String> {
    made(programs, settings, PREPARE)
}

fn made(programs: &Programs, settings: &[&str], prepare: &str) -> Result<Postgres, String> {
    // Other people of this machine reach the port too: the superuser of a database may run any program.
    let password = Uuid::now_v7().simple().to_string();
    let environment = vec![("INITDB".into(), programs.initdb.clone().into())];
    start(programs, password, settings, prepare, environment)
}

fn copy(programs: &Programs, primary: &Postgres, settings: &[&str]) -> Result<Postgres, String> {
    let basebackup = programs.basebackup.clone().ok_or("pg_basebackup is missing")?;
    let environment =
        vec![("BASEBACKUP".into(), basebackup.into()), ("PRIMARY_PORT".into(), primary.port.to_string().into())];
    start(programs, primary.password.clone(), settings, PREPARE_REPLICA, environment)
}

fn start(
    programs: &Programs,
    password: String,
    settings: &[&str],
    prepare: &str,
    mut environment: Vec<(OsString, OsString)>,
) -> Result<Postgres, String> {
    let port = service::free_port().map_err(|error| error.to_string())?;
    let mut arguments = vec!["-D".into(), "data".into(), "-p".into(), port.to_string().into()];
    for setting in SETTINGS.iter().chain(settings) {
        arguments.extend(["-c".into(), setting.into()]);
    }
    environment.extend([("PASSWORD".into(), password.clone().into()), ("LC_ALL".into(), "C".into())]);
    let keeper = Keeper::start(&Charge {
        program: &programs.postgres,
        arguments,
        environment,
        prepare,
        stop: Signal::SIGQUIT,
        user: User::Unprivileged,
    })?;
    let ready = |line: &str| line.contains("ready to accept").then_some(());
    match keeper.output().wait_for(Duration::from_secs(60), ready) {
        Ok(()) => Ok(Postgres { keeper, password, port }),
        Err(silence) => Err(format!("{silence:?}\n{}", keeper.output().text())),
    }
}
