//! `albedo-api doctor` and `albedo-api health`, as an operator and a container run them.

use std::time::Duration;

use albedo_testing::{AppProcess, Backend, Redis, TestDatabase, on_both_databases};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
const SECRET: (&str, &str) = ("ALBEDO_JWT_SECRET", "hPq3vXk9ZrT5mWc8yLb2NfJd7GsQa4Ue6oKi");

fn run(verb: &str, environment: &[(&str, &str)]) -> (i32, String) {
    let mut process = AppProcess::spawn(PROGRAM, &[verb], environment);
    (process.wait(Duration::from_secs(30)).unwrap(), process.output())
}

/// The level of a subject's line, and the line below it, which says what to do.
fn line<'a>(report: &'a str, subject: &str) -> (&'a str, &'a str) {
    let mut lines = report.lines();
    let found = lines.find(|line| line.get(6..).is_some_and(|rest| rest.starts_with(subject)));
    let level = found.unwrap_or_else(|| panic!("{subject} is not in {report}")).split(' ').next().unwrap();
    (level, lines.next().unwrap_or_default())
}

on_both_databases! {
    async fn a_sound_installation_has_nothing_to_mend(database: TestDatabase) {
        let (code, report) = run("doctor", &[("DATABASE_URL", database.url()), SECRET]);
        assert_eq!(code, 0, "{report}");
        for subject in ["version", "settings", "secret", "database", "clock", "schema", "port"] {
            assert_eq!(line(&report, subject).0, "ok", "{subject} in {report}");
        }
        assert!(report.ends_with(" 0 to mend"), "{report}");
    }

    async fn a_database_that_was_never_migrated_is_told(database: TestDatabase) {
        let name = if database.url().starts_with("sqlite") { Backend::Sqlite } else { Backend::Postgres };
        let empty = TestDatabase::empty(name).await.unwrap();
        albedo_core::database::Connector::new(&settings(empty.url())).await.unwrap();
        let (code, report) = run("doctor", &[("DATABASE_URL", empty.url())]);
        let (level, next) = line(&report, "schema");
        assert!(code == 1 && level == "fail" && next.ends_with("-> make db-migrate"), "{report}");
        assert_eq!(line(&report, "secret").0, "warn");
    }
}

fn settings(url: &str) -> albedo_core::settings::DatabaseSettings {
    use albedo_core::settings::{Settings, Sources};
    Settings::load(&Sources::new(None, [("DATABASE_URL".to_owned(), url.to_owned())])).unwrap().database
}

#[test]
fn a_database_that_is_away_is_told_and_no_password_with_it() {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("postgres://ada:hunter2@127.0.0.1:{port}/albedo_db");
    let (code, report) = run("doctor", &[("DATABASE_URL", &url)]);
    assert!(code == 1 && line(&report, "database").0 == "fail", "{report}");
    assert!(report.contains("albedo_db") && !report.contains("hunter2"), "{report}");
}

#[test]
fn a_redis_that_is_there_is_told_and_one_that_is_away_as_well() {
    let Some(redis) = Redis::start() else { return };
    let url = redis.url();
    let (code, report) = run("doctor", &[("REDIS_URL", &url)]);
    assert!(code == 0 && line(&report, "redis").0 == "ok" && report.contains("Redis "), "{report}");
    drop(redis);
    let (code, report) = run("doctor", &[("REDIS_URL", &url)]);
    assert!(code == 1 && line(&report, "redis").0 == "fail", "{report}");
}

#[test]
fn a_doctor_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("albedo.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let (code, report) = run("doctor", &[("DATABASE_URL", &url)]);
    assert!(code == 0 && line(&report, "database").0 == "warn", "{report}");
    assert!(!file.exists());
}

#[test]
fn weak_settings_are_told_with_what_to_do() {
    let environment = [
        ("ALBEDO_ENV", "production"),
        SECRET,
        ("ALBEDO_PASSWORD_MIN_LENGTH", "8"),
        ("ALBEDO_RATE_SIGN_IN", "off"),
        ("ALBEDO_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("ALBEDO_CORS_ORIGINS", "http://app.example.com"),
    ];
    let (_, report) = run("doctor", &environment);
    for subject in ["passwords", "rates", "proxies", "origins"] {
        let (level, next) = line(&report, subject);
        assert!(level == "warn" && next.contains("ALBEDO_"), "{subject} in {report}");
    }
    let (code, report) = run("doctor", &[("ALBEDO_RATE_USER", "often"), ("ALBEDO_CORS_ORIGINS", "*")]);
    assert_eq!((code, report.matches("fail ").count()), (1, 2), "{report}");
}

#[test]
fn health_is_what_the_server_says_of_itself() {
    let server = AppProcess::start(PROGRAM, &[], &[]);
    let port = server.port().to_string();
    // Behind an address that listens everywhere, as in a container.
    let everywhere = [("ALBEDO_HOST", "0.0.0.0"), ("ALBEDO_PORT", port.as_str())];
    assert_eq!(run("health", &everywhere), (0, String::new()));
    drop(server);
    let (code, said) = run("health", &everywhere);
    assert!(code == 1 && said.contains("does not answer"), "{said}");
}
