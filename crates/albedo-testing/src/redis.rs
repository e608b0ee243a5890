//! One throwaway Redis per test process, or one of its own for a test that means to hurt it.

use std::{io, path::Path, sync::OnceLock, time::Duration};

use nix::sys::signal::Signal;

use crate::{
    keeper::{Charge, Keeper, User},
    service,
};

const INSTALL: &str = "apt-get install redis-server (Debian, Ubuntu), brew install redis (macOS), \
                       or put `redis-server` on the PATH";

/// A Redis server of ours, ended when it is dropped or when this process ends. It keeps nothing on disk.
#[derive(Debug)]
pub struct Redis {
    keeper: Keeper,
    port: u16,
}

impl Redis {
    /// The server that all tests of this process share; `None` where Redis is not installed and not required.
    ///
    /// # Panics
    /// If it does not start, or is missing while `ALBEDO_TEST_SERVICES=required`.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Redis>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server for one test alone, which may stop, flush or kill it.
    ///
    /// # Panics
    /// As [`Redis::shared`].
    #[must_use]
    pub fn start() -> Option<Self> {
        let program = service::find_program("redis-server", &[]);
        service::start_or_leave_out("Redis", INSTALL, program.map(|program| move || run(&program)))
    }

    /// Its URL, without a database number.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The loopback port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.keeper.process_id()
    }

    /// Sends the server a signal.
    ///
    /// # Errors
    /// If it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        self.keeper.signal(signal)
    }
}

fn run(program: &Path) -> Result<Redis, String> {
    let port = service::free_port().map_err(|error| error.to_string())?;
    let settings = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    let keeper = Keeper::start(&Charge {
        program,
        arguments: settings.iter().map(Into::into).collect(),
        environment: Vec::new(),
        prepare: "",
        stop: Signal::SIGKILL,
        user: User::Unprivileged,
    })?;
    let ready = |line: &str| line.contains("eady to accept connections").then_some(());
    match keeper.output().wait_for(Duration::from_secs(30), ready) {
        Ok(()) => Ok(Redis { keeper, port }),
        Err(silence) => Err(format!("{silence:?}\n{}", keeper.output().text())),
    }
}
