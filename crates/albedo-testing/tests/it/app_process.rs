//! A process runs where and how the test says, and tells how it ended.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::PathBuf,
    time::Duration,
};

use albedo_testing::{AppProcess, Signal, StillRunning};

const SOON: Duration = Duration::from_secs(10);

/// This very test binary, told to run one of the functions below as a program.
fn this_binary() -> PathBuf {
    std::env::current_exe().unwrap()
}

#[test]
#[ignore = "a program for the test below"]
fn the_server() {
    let Ok(port) = std::env::var("ALBEDO_PORT") else { return };
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        BufReader::new(&stream).read_line(&mut String::new()).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

#[test]
fn a_server_has_started_once_it_answers() {
    let mut server =
        AppProcess::start(this_binary(), &["--exact", "app_process::the_server", "--ignored", "--nocapture"], &[]);
    assert_eq!(server.wait(Duration::from_millis(50)), Err(StillRunning));
    server.signal(Signal::SIGTERM).unwrap();
    assert_eq!(server.wait(SOON), Ok(128 + Signal::SIGTERM as i32));
}

#[test]
fn a_verb_gives_its_exit_code_and_its_words() {
    let mut verb = AppProcess::spawn("sh", &["-c", "echo out; echo error >&2; exit 3"], &[]);
    assert_eq!(verb.wait(SOON), Ok(3));
    assert_eq!(verb.output(), "out\nerror");
}

#[test]
fn a_program_that_is_not_there_ends_as_a_shell_says_it() {
    let mut missing = AppProcess::spawn("/no/such/program", &[], &[]);
    assert_eq!(missing.wait(SOON), Ok(127));
    assert!(missing.output().contains("/no/such/program"), "{}", missing.output());
}

#[test]
fn nothing_of_the_environment_but_what_the_test_gives_reaches_it() {
    let mut verb = AppProcess::spawn("sh", &["-c", "echo \"$CARGO_MANIFEST_DIR,$GIVEN\"; pwd"], &[("GIVEN", "yes")]);
    let directory = verb.directory().display().to_string();
    assert_eq!(verb.wait(SOON), Ok(0));
    assert_eq!(verb.output(), format!(",yes\n{directory}"));
}

#[test]
#[should_panic(expected = "no settings")]
fn a_server_that_gives_up_is_told_with_its_words() {
    let _server = AppProcess::start("sh", &["-c", "echo no settings; exit 1"], &[]);
}
