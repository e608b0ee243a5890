//! A throwaway HAProxy for one test, in front of servers of that test.

use std::{net::TcpStream, path::Path, thread, time::Duration};

use nix::sys::signal::Signal;

use crate::{
    keeper::{Charge, Keeper, User},
    service,
};

const INSTALL: &str =
    "apt-get install haproxy (Debian, Ubuntu), brew install haproxy (macOS), or put `haproxy` on the PATH";

/// An HAProxy of ours, ended when it is dropped or when this process ends.
#[derive(Debug)]
pub struct HaProxy {
    keeper: Keeper,
    port: u16,
}

impl HaProxy {
    /// One with these settings, in which `PORT` stands for the loopback port to listen on; `None` where HAProxy is not
    /// installed and not required.
    ///
    /// # Panics
    /// If it does not start, or is missing while `ALBEDO_TEST_SERVICES=required`.
    #[must_use]
    pub fn start(settings: &str) -> Option<Self> {
        let program = service::find_program("haproxy", &["/usr/sbin".into()]);
        service::start_or_leave_out("HAProxy", INSTALL, program.map(|program| move || run(&program, settings)))
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it has said so far: a line for each request.
    #[must_use]
    pub fn output(&self) -> String {
        self.keeper.said()
    }
}

fn run(program: &Path, settings: &str) -> Result<HaProxy, String> {
    let port = service::free_port().map_err(|error| error.to_string())?;
    let settings = settings.replace("PORT", &port.to_string());
    let keeper = Keeper::start(&Charge {
        program,
        arguments: ["-db", "-f", "haproxy.cfg"].iter().map(Into::into).collect(),
        environment: Vec::new(),
        prepare: &format!("cat > haproxy.cfg <<'END OF SETTINGS'\n{settings}\nEND OF SETTINGS\n"),
        stop: Signal::SIGKILL,
        user: User::Ourselves,
    })?;
    for _ in 0..300 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(HaProxy { keeper, port });
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(keeper.said())
}
