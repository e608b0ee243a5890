//! Chromium without a window, with every host but this one out of reach.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use serde_json::json;
use tempfile::TempDir;

use crate::page::Page;
use crate::pipe::Pipe;

/// Set to `required`, a missing browser fails the tests instead of leaving them out.
const SWITCH: &str = "ALBEDO_TEST_SERVICES";

static TOLD: Once = Once::new();

const PROGRAMS: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const ARGUMENTS: [&str; 12] = [
    "--headless",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // Tests run as root in containers, where the sandbox does not.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1400,1000",
];

pub(crate) struct Browser {
    process: Child,
    pipe: Option<Pipe>,
    profile: TempDir,
}

impl Browser {
    /// A fresh one; none where none is installed, which one loud line says, or a failure where the tests must have it.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = PROGRAMS.iter().find_map(|name| found(name)) else {
            let missing = "Chromium is not installed: apt-get install chromium, or run scripts/install-test-services";
            assert!(env::var(SWITCH).as_deref() != Ok("required"), "{missing} ({SWITCH}=required)");
            TOLD.call_once(|| {
                // Past the capture of the test harness, which shows nothing of a test that passes.
                let line = format!("\n!!! TESTS LEFT OUT: {missing}; {SWITCH}=required makes this a failure\n");
                let _ = writeln!(io::stderr(), "{line}");
            });
            return None;
        };
        let profile = TempDir::new().unwrap();
        // The browser reads commands from descriptor 3 and answers on 4; a shell can put pipes there.
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#])
            .arg(program)
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = Pipe::new(process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Some(Self { process, pipe: Some(pipe), profile })
    }

    /// A page at this address.
    pub(crate) fn open(mut self, url: &str) -> Page {
        let mut pipe = self.pipe.take().expect("a browser opens one page");
        let target = pipe.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attached =
            pipe.call(None, "Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        Page::open(self, pipe, session, url)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without its pipe it ends by itself, children and all; that it has the profile open no more shows it.
        drop(self.pipe.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.process.try_wait().is_ok_and(|status| status.is_none()) {
            if Instant::now() > deadline {
                let _: io::Result<()> = self.process.kill();
                let _ = self.process.wait();
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = std::fs::remove_dir_all(self.profile.path());
    }
}

fn found(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Joining an absolute path leaves that path.
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
