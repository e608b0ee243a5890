//! A built server as its users have it: a process with its own directory, environment and port.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::{
    keeper::{Charge, Keeper, User},
    service,
};

/// How long a server may take until it answers, migrations on a busy machine included.
const PATIENCE: Duration = Duration::from_secs(60);

/// The process has not ended in the time given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillRunning;

/// A running program, ended when this is dropped or when the test process ends.
///
/// It runs in an empty directory, which is removed at its end, and sees `PATH`, `TMPDIR`, `ALBEDO_HOST`, `ALBEDO_PORT`
/// and what the test gives it.
#[derive(Debug)]
pub struct AppProcess {
    keeper: Keeper,
    port: u16,
}

impl AppProcess {
    /// Starts a server and waits until `GET /api/health/live` answers 200 on the port given to it.
    ///
    /// # Panics
    /// If it does not come to that, with everything that it said.
    #[must_use]
    pub fn start(program: impl AsRef<Path>, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::spawn(program, arguments, environment).until_live()
    }

    /// [`AppProcess::start`] on a port that an earlier one has left, where others expect a server.
    ///
    /// # Panics
    /// As [`AppProcess::start`].
    #[must_use]
    pub fn start_at(port: u16, program: impl AsRef<Path>, environment: &[(&str, &str)]) -> Self {
        Self::spawn_at(port, program.as_ref(), &[], environment).until_live()
    }

    fn until_live(self) -> Self {
        let deadline = Instant::now() + PATIENCE;
        while !is_live(self.port) {
            let ended = self.keeper.output().ends(Duration::from_millis(10));
            assert!(!ended && Instant::now() < deadline, "the server does not answer; it said:\n{}", self.output());
        }
        self
    }

    /// Starts a program without waiting for anything: a verb that does its work and ends, or a start that shall fail.
    /// One that is not there ends with 127 and a word of the shell.
    ///
    /// # Panics
    /// If nothing can be started at all.
    #[must_use]
    pub fn spawn(program: impl AsRef<Path>, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let port = service::free_port().expect("the loopback has a free port");
        Self::spawn_at(port, program.as_ref(), arguments, environment)
    }

    fn spawn_at(port: u16, program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let port_text = port.to_string();
        let own = [("ALBEDO_HOST", "127.0.0.1"), ("ALBEDO_PORT", port_text.as_str())];
        let keeper = Keeper::start(&Charge {
            program,
            arguments: arguments.iter().map(Into::into).collect(),
            environment: own.iter().chain(environment).map(|(name, value)| (name.into(), value.into())).collect(),
            prepare: "",
            stop: Signal::SIGKILL,
            user: User::Ourselves,
        });
        Self { keeper: keeper.expect("the program starts"), port }
    }

    /// Where it serves, without a slash at the end: `http://127.0.0.1:41234`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it was told to listen on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.keeper.process_id()
    }

    /// The directory it runs in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.keeper.directory()
    }

    /// What it has said so far, standard output and standard error as they came.
    #[must_use]
    pub fn output(&self) -> String {
        self.keeper.said()
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// If it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        self.keeper.signal(signal)
    }

    /// Waits for its end and gives the exit code: 128 + n if signal n ended it. Its directory is gone then.
    ///
    /// # Errors
    /// [`StillRunning`] after that time; it goes on.
    ///
    /// # Panics
    /// If its keeper was killed.
    pub fn wait(&mut self, within: Duration) -> Result<i32, StillRunning> {
        if !self.keeper.output().ends(within) {
            return Err(StillRunning);
        }
        Ok(self.keeper.end().expect("the keeper tells the exit code"))
    }
}

/// Whether the server says that it is up. Plain sockets do: an HTTP client would be this crate's largest dependency.
fn is_live(port: u16) -> bool {
    ask(port).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

fn ask(port: u16) -> io::Result<String> {
    let mut stream =
        TcpStream::connect(("127.0.0.1", port)).inspect_err(|_| thread::sleep(Duration::from_millis(5)))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut head = [0; 13];
    stream.read_exact(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}
