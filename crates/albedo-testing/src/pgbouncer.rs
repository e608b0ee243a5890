//! A throwaway pgbouncer for one test, in front of a PostgreSQL of ours.

use std::{net::TcpStream, path::Path, thread, time::Duration};

use nix::sys::signal::Signal;

use crate::{
    keeper::{Charge, Keeper, User},
    service,
};

const INSTALL: &str =
    "apt-get install pgbouncer (Debian, Ubuntu), brew install pgbouncer (macOS), or put `pgbouncer` on the PATH";

/// A pgbouncer of ours, ended when it is dropped or when this process ends.
#[derive(Debug)]
pub struct PgBouncer {
    keeper: Keeper,
    port: u16,
    database: String,
}

impl PgBouncer {
    /// One in front of the database at `url`, with `mode` for its `pool_mode`; `None` where pgbouncer is not installed and
    /// not required.
    ///
    /// # Panics
    /// If it does not start, or is missing while `ALBEDO_TEST_SERVICES=required`.
    #[must_use]
    pub fn start(url: &str, mode: &str) -> Option<Self> {
        let program = service::find_program("pgbouncer", &["/usr/sbin".into()]);
        service::start_or_leave_out("pgbouncer", INSTALL, program.map(|program| move || run(&program, url, mode)))
    }

    /// The URL of the same database through it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, self.database)
    }

    /// What it has said so far.
    #[must_use]
    pub fn output(&self) -> String {
        self.keeper.said()
    }
}

fn run(program: &Path, url: &str, mode: &str) -> Result<PgBouncer, String> {
    let port = service::free_port().map_err(|error| error.to_string())?;
    let (credentials, place) = url.trim_start_matches("postgres://").split_once('@').ok_or("the URL has no user")?;
    let (_, password) = credentials.split_once(':').ok_or("the URL has no password")?;
    let (server, database) = place.split_once('/').ok_or("the URL has no database")?;
    let (host, server_port) = server.split_once(':').ok_or("the URL has no port")?;
    // It lets everybody of this machine in, as far as the one database of one test.
    let settings = format!(
        "[databases]\n\
         {database} = host={host} port={server_port} dbname={database} user=postgres password={password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = {mode}\ndefault_pool_size = 20\nserver_reset_query = DISCARD ALL\n"
    );
    let keeper = Keeper::start(&Charge {
        program,
        arguments: vec!["pgbouncer.ini".into()],
        environment: Vec::new(),
        prepare: &format!("cat > pgbouncer.ini <<'END OF SETTINGS'\n{settings}END OF SETTINGS\n"),
        stop: Signal::SIGKILL,
        user: User::Unprivileged,
    })?;
    for _ in 0..300 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(PgBouncer { keeper, port, database: database.to_owned() });
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(keeper.said())
}
