//! One throwaway Redis per test process, or one of its own for a test that means to hurt it.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use nix::sys::signal::Signal;

use crate::{
    keeper::{Charge, Keeper, User},
    service,
    tls::{self, AUTHORITY, CERTIFICATE, KEY},
};

const INSTALL: &str = "apt-get install redis-server (Debian, Ubuntu), brew install redis (macOS), \
                       or put `redis-server` on the PATH";

/// A Redis server of ours, ended when it is dropped or when this process ends. It keeps nothing on disk.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    settings: Vec<String>,
    keeper: Option<Keeper>,
    port: u16,
    scheme: &'static str,
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
        Self::start_with(&[])
    }

    /// The same, with these settings on its command line.
    ///
    /// # Panics
    /// As [`Redis::shared`].
    #[must_use]
    pub fn start_with(settings: &[&str]) -> Option<Self> {
        let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
        service::start_or_leave_out(
            "Redis",
            INSTALL,
            program().map(|program| {
                move || {
                    let port = service::free_port().map_err(|error| error.to_string())?;
                    let keeper = Some(run(&program, port, &settings)?);
                    Ok(Self { program: program.clone(), settings: settings.clone(), keeper, port, scheme: "redis" })
                }
            }),
        )
    }

    /// A server that speaks TLS alone, with a certificate of an authority of its own.
    ///
    /// # Panics
    /// As [`Redis::shared`].
    #[must_use]
    pub fn start_with_tls() -> Option<Self> {
        let start = |program: PathBuf| {
            let port = service::free_port().map_err(|error| error.to_string())?;
            let number = port.to_string();
            let words = ["--port", "0", "--tls-port", &number, "--bind", "127.0.0.1", "--tls-auth-clients", "no"];
            let files = ["--tls-ca-cert-file", AUTHORITY, "--tls-cert-file", CERTIFICATE, "--tls-key-file", KEY];
            let keeper = keep(&program, words.into_iter().chain(files), tls::PREPARE)?;
            Ok(Self { program, settings: Vec::new(), keeper: Some(keeper), port, scheme: "rediss" })
        };
        service::start_or_leave_out("Redis", INSTALL, program().map(|program| move || start(program.clone())))
    }

    /// The certificate of the authority behind a server that speaks TLS.
    ///
    /// # Panics
    /// If it was killed.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.keeper.as_ref().expect("the server runs").directory().join(AUTHORITY)
    }

    /// Its URL, without a database number.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// The loopback port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server.
    ///
    /// # Panics
    /// If it was killed.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.keeper.as_ref().expect("the server runs").process_id()
    }

    /// Sends the server a signal.
    ///
    /// # Errors
    /// If it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        self.keeper.as_ref().ok_or(io::ErrorKind::NotFound)?.signal(signal)
    }

    /// Kills the server, with all that it holds.
    pub fn kill(&mut self) {
        self.keeper = None;
    }

    /// Starts it again, empty, on the same port.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_again(&mut self) {
        self.keeper = Some(run(&self.program, self.port, &self.settings).expect("Redis starts again"));
    }

    /// What the server answers to a command, as it stands on the wire.
    ///
    /// # Panics
    /// If it does not answer.
    pub fn ask(&self, command: &[&str]) -> String {
        ask(self.port, &[command])
    }

    /// The same after another command on the same connection, such as `AUTH`.
    ///
    /// # Panics
    /// If it does not answer.
    pub fn ask_after(&self, first: &[&str], command: &[&str]) -> String {
        ask(self.port, &[first, command])
    }
}

pub(crate) fn program() -> Option<PathBuf> {
    service::find_program("redis-server", &[])
}

/// All answers to some commands; the last one makes the server hang up.
pub(crate) fn ask(port: u16, commands: &[&[&str]]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("Redis listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout can be set");
    let mut said = Vec::new();
    for command in commands.iter().copied().chain([["QUIT"].as_slice()]) {
        said.extend(format!("*{}\r\n", command.len()).into_bytes());
        for word in command {
            said.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
        }
    }
    stream.write_all(&said).expect("Redis hears");
    let mut answers = Vec::new();
    // Redis may have hung up on its own.
    let _ = stream.read_to_end(&mut answers);
    String::from_utf8_lossy(&answers).into_owned()
}

fn run(program: &Path, port: u16, more: &[String]) -> Result<Keeper, String> {
    let port = port.to_string();
    let settings = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    keep(program, settings.into_iter().chain(more.iter().map(String::as_str)), "")
}

/// Starts the program with these words and waits until it listens.
pub(crate) fn keep<'w>(program: &Path, words: impl Iterator<Item = &'w str>, prepare: &str) -> Result<Keeper, String> {
    let keeper = Keeper::start(&Charge {
        program,
        arguments: words.map(Into::into).collect(),
        environment: Vec::new(),
        prepare,
        stop: Signal::SIGKILL,
        user: User::Unprivileged,
    })?;
    let ready =
        |line: &str| (line.contains("eady to accept connections") || line.contains("Sentinel ID")).then_some(());
    match keeper.output().wait_for(Duration::from_secs(30), ready) {
        Ok(()) => Ok(keeper),
        Err(silence) => Err(format!("{silence:?}\n{}", keeper.output().text())),
    }
}
