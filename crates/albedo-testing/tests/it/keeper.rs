//! What a killed test process leaves behind: nothing.

use std::{
    fs,
    io::{Write, stdout},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    thread,
    time::{Duration, Instant},
};

use albedo_testing::{AppProcess, Backend, Postgres, Redis, Signal, TestDatabase};

const VICTIM: &str = "VICTIM";

#[tokio::test]
#[ignore = "a program for the test below"]
async fn the_victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let _file = TestDatabase::create(Backend::Sqlite).await;
    let _sleeper = AppProcess::spawn("sleep", &["600"], &[]);
    let ports = [Postgres::shared().map(Postgres::port), Redis::shared().map(Redis::port)];
    let ports: Vec<String> = ports.iter().flatten().map(u16::to_string).collect();
    println!("\nserving {}", ports.join(","));
    stdout().flush().unwrap();
    thread::sleep(Duration::from_secs(600));
}

/// A test process whose keepers put everything into its own directory, as the count of what is there tells.
fn victim() -> (AppProcess, impl Fn() -> usize) {
    let program = std::env::current_exe().unwrap().display().to_string();
    let script = "TMPDIR=$PWD exec \"$0\" --exact keeper::the_victim --ignored --nocapture";
    let victim = AppProcess::spawn("sh", &["-c", script, &program], &[(VICTIM, "yes")]);
    let directory = victim.directory().to_owned();
    // PostgreSQL runs as somebody else when we are root, and has to make its directory there too.
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    (victim, move || fs::read_dir(&directory).unwrap().count())
}

#[test]
fn a_killed_test_process_leaves_no_server_and_no_file() {
    let (victim, files) = victim();
    let ports = eventually("the victim serves", || {
        let output = victim.output();
        output.lines().find_map(|line| line.strip_prefix("serving")).map(|ports| ports.trim().to_owned())
    });
    assert!(files() >= 2);
    victim.signal(Signal::SIGKILL).unwrap();
    eventually("nothing is left", || (files() == 0).then_some(()));
    for port in ports.split(',').filter(|port| !port.is_empty()) {
        assert!(TcpStream::connect(("127.0.0.1", port.parse().unwrap())).is_err(), "port {port} is still served");
    }
}

#[test]
fn a_test_process_killed_while_its_servers_start_leaves_no_file() {
    for wait in [0, 50, 100, 200, 400, 600] {
        let (victim, files) = victim();
        eventually("the first keeper has begun", || (files() > 0).then_some(()));
        thread::sleep(Duration::from_millis(wait));
        victim.signal(Signal::SIGKILL).unwrap();
        // Several looks, since a directory may come after one that has gone.
        for _ in 0..5 {
            thread::sleep(Duration::from_millis(20));
            eventually("nothing is left", || (files() == 0).then_some(()));
        }
    }
}

fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
