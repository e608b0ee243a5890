//! The verbs of the program beside `serve`, as an operator types them.

use std::fs::File;
use std::process::{Command, Output, Stdio};

use albedo_testing::{AppProcess, Backend, TestDatabase};
use reqwest::Client;
use serde_json::{Value, json};

use crate::support::{ADMIN, PASSWORD};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
const SECRET: &str = "Yc2nq7TfKzWv4LsR9bXhJ6mDpGt3EaUo8kNi";

/// Runs the program in an empty folder with nothing but these variables.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().envs(environment.iter().copied()).current_dir(folder.path());
    command.output().unwrap()
}

fn text(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn routes_lists_what_is_served() {
    let output = run(&["routes", "--json"], &[]);
    let routes: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let found = |method: &str, path: &str| {
        let found = routes.iter().find(|route| route["method"] == method && route["path"] == path);
        found.unwrap_or_else(|| panic!("{method} {path} is not in {routes:?}")).clone()
    };
    assert_eq!(found("POST", "/api/v1/assistants")["token"], true);
    assert_eq!(found("PATCH", "/api/v1/assistants/{assistant_id}")["token"], true);
    assert_eq!(found("POST", "/api/v1/auth/login")["token"], false);
    assert_eq!(found("GET", "/docs")["token"], false);
    let (table, _) = text(&run(&["routes"], &[]));
    assert_eq!(table.lines().count(), routes.len() + 1, "{table}");
    assert!(table.starts_with("METHOD"), "{table}");
}

#[test]
fn a_reader_who_has_read_enough_is_no_fault_and_a_full_disk_is_one() {
    let started = |verb: &[&str], out: Stdio| {
        let mut command = Command::new(PROGRAM);
        command.args(verb).env_clear().current_dir(std::env::temp_dir()).stdout(out).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for verb in [&["routes"][..], &["routes", "--json"], &["settings"], &["openapi"], &["openapi", "--pretty"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let unread = started(verb, writer.into()).wait_with_output().unwrap();
        assert_eq!((unread.status.code(), &*text(&unread).1), (Some(0), ""), "{verb:?}");
        // A device of Linux alone.
        let Ok(full) = File::options().write(true).open("/dev/full") else { continue };
        let lost = started(verb, full.into()).wait_with_output().unwrap();
        assert!(lost.status.code() == Some(1) && text(&lost).1.starts_with("albedo-api: "), "{verb:?}: {lost:?}");
    }
}

#[test]
fn openapi_prints_the_document_and_tells_what_it_breaks_of_an_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("older.json");
    let against = |document: &str| {
        std::fs::write(&file, document).unwrap();
        run(&["openapi", "--against", file.to_str().unwrap()], &[])
    };
    let (pretty, _) = text(&run(&["openapi", "--pretty"], &[]));
    let mut document: Value = serde_json::from_slice(&run(&["openapi"], &[]).stdout).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&pretty).unwrap(), document);

    let same = against(&pretty);
    assert_eq!((same.status.code(), text(&same)), (Some(0), (String::new(), String::new())));
    document["paths"]["/api/v1/moons"] = json!({"get": {"operationId": "moons.list", "responses": {}}});
    let broken = against(&document.to_string());
    assert_eq!((broken.status.code(), &*text(&broken).0), (Some(1), "GET /api/v1/moons: is gone\n"));
    for no_document in ["[]", "{}", "openapi: 3.1.0"] {
        let refused = against(no_document);
        let (_, told) = text(&refused);
        assert!(refused.status.code() == Some(1) && told.contains("older.json is no "), "{told}");
    }
}

#[test]
fn settings_tells_origins_hides_secrets_and_fails_on_what_is_wrong() {
    let output = run(&["settings"], &[("ALBEDO_PORT", "4001"), ("ALBEDO_JWT_SECRET", SECRET)]);
    let (table, _) = text(&output);
    assert!(output.status.success() && !table.contains(SECRET), "{table}");
    let row = |name: &str| {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("ALBEDO_PORT "), ["ALBEDO_PORT", "environment", "4001"]);
    assert_eq!(row("ALBEDO_HOST "), ["ALBEDO_HOST", "default", "127.0.0.1"]);
    assert_eq!(row("ALBEDO_JWT_SECRET "), ["ALBEDO_JWT_SECRET", "environment", "(hidden)"]);

    let wrong = run(&["settings", "--json"], &[("ALBEDO_PORT", "no")]);
    assert_eq!(wrong.status.code(), Some(1));
    let told: Vec<Value> = serde_json::from_slice(&wrong.stdout).unwrap();
    let port = told.iter().find(|setting| setting["name"] == "ALBEDO_PORT").unwrap();
    assert_eq!((&port["origin"], &port["value"]), (&json!("environment"), &json!("no")));
    assert!(text(&wrong).1.contains("ALBEDO_PORT"), "{wrong:?}");
}

#[tokio::test]
async fn an_issued_token_is_a_login() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::create(backend).await else { continue };
        let environment = [
            ("DATABASE_URL", database.url()),
            ("ALBEDO_JWT_SECRET", SECRET),
            ("ALBEDO_ADMIN_EMAIL", ADMIN),
            ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
        ];
        let process = AppProcess::start(PROGRAM, &[], &environment);
        let issued = run(&["token", "issue", "--email", &ADMIN.to_uppercase()], &environment);
        let (token, fault) = text(&issued);
        assert!(issued.status.success(), "{fault}");
        let me = Client::new().get(format!("{}/api/v1/users/me", process.url())).bearer_auth(token.trim());
        assert_eq!(me.send().await.unwrap().json::<Value>().await.unwrap()["email"], ADMIN);

        let whole = run(&["token", "issue", "--json", "--email", ADMIN], &environment);
        let grant: Value = serde_json::from_slice(&whole.stdout).unwrap();
        let refresh = Client::new()
            .post(format!("{}/api/v1/auth/refresh", process.url()))
            .json(&json!({"refresh_token": grant["refresh_token"]}));
        assert_eq!(refresh.send().await.unwrap().status(), 200);

        let nobody = run(&["token", "issue", "--email", "nobody@example.com"], &environment);
        assert_eq!(nobody.status.code(), Some(1));
        assert!(text(&nobody).1.contains("nobody active has the address"), "{nobody:?}");
    }
}

#[test]
fn a_token_that_no_server_would_take_is_not_issued() {
    let output = run(&["token", "issue", "--email", ADMIN], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).1.contains("ALBEDO_JWT_SECRET is not set"), "{output:?}");
}

#[tokio::test]
async fn an_admin_is_made_on_a_new_database_unless_nobody_but_the_db_command_migrates() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::empty(backend).await else { continue };
        let environment = [("DATABASE_URL", database.url()), ("ALBEDO_ADMIN_PASSWORD", PASSWORD)];
        let create =
            |more: &[(&str, &str)]| run(&["admin", "create", "--email", ADMIN], &[&environment[..], more].concat());
        let refused = create(&[("ALBEDO_MIGRATE_ON_START", "false")]);
        assert!(refused.status.code() == Some(1) && text(&refused).1.contains("make db-migrate"), "{refused:?}");
        let login = run(&["token", "issue", "--email", ADMIN], &[environment[0], ("ALBEDO_JWT_SECRET", SECRET)]);
        assert!(text(&login).1.contains("not up to date"), "nothing was migrated: {login:?}");

        let made = create(&[]);
        assert_eq!((made.status.code(), text(&made).0), (Some(0), format!("{ADMIN} is an admin.\n")), "{made:?}");
        let again = create(&[("ALBEDO_MIGRATE_ON_START", "false")]);
        assert_eq!(again.status.code(), Some(0), "{again:?}");
    }
}
