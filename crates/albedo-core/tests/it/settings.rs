//! Settings as people write them: in a file, in the environment, and wrong.

use std::{fs, net::Ipv4Addr, time::Duration};

use albedo_core::settings::{
    Environment, LogFormat, Preset, Registration, Settings, SettingsError, Sources, variables,
};
use secrecy::ExposeSecret;
use tempfile::TempDir;

const SECRET: &str = "7hFq2LkX9vRb4TzN8mWc1YpD6sGj3KeA";
const OTHER_SECRET: &str = "Zt5Vd8Qy1Mw4Jn7Cb0Lx3Hg6Rk9PfSaU";

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load(&Sources::new(Some(file), environment))
}

fn faults(file: &str, environment: &[(&str, &str)]) -> Vec<String> {
    load(file, environment).unwrap_err().faults().to_vec()
}

/// The only fault there is.
fn fault(file: &str, environment: &[(&str, &str)]) -> String {
    let faults = faults(file, environment);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.concat()
}

fn secret_file(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("secret");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn nothing_set_gives_a_server_to_try() {
    let settings = Settings::load(&Sources::new(None, [])).unwrap();
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.server.host, Ipv4Addr::LOCALHOST);
    assert_eq!(settings.server.port, 4000);
    assert_eq!(settings.server.max_body_bytes, 262_144);
    assert!(settings.server.workers >= 1);
    assert_eq!(settings.database.url.expose_secret(), "sqlite://albedo.db?mode=rwc");
    assert!((2..=4).contains(&settings.database.connections_per_worker));
    assert!(settings.database.migrate_on_start);
    assert_eq!(settings.security.access_token_ttl, Duration::from_secs(900));
    assert_eq!(settings.security.refresh_absolute, Duration::from_secs(30 * 86_400));
    assert_eq!(settings.security.registration, Registration::Open);
    assert_eq!(settings.telemetry.format, LogFormat::Auto);
    assert!(settings.first_admin.is_none());
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let file = "[server]\nport = 5000\nhead_seconds = 2.5\n[telemetry]\nfilter = 'warn'";
    let settings = load(file, &[("ALBEDO_PORT", "6000")]).unwrap();
    assert_eq!(settings.server.port, 6000);
    assert_eq!(settings.server.head_timeout, Duration::from_millis(2500));
    assert_eq!(settings.telemetry.filter, "warn");
    assert_eq!(settings.server.body_timeout, Duration::from_secs(10));
}

#[test]
fn a_variable_set_to_nothing_is_not_set() {
    assert_eq!(load("", &[("ALBEDO_PORT", "")]).unwrap().server.port, 4000);
    assert!(load("", &[("ALBEDO_JWT_SECRET", "")]).unwrap().security.jwt_secret_is_random);
}

#[test]
fn every_default_in_the_table_is_allowed_and_is_what_holds() {
    let mut file = String::new();
    let mut environment = Vec::new();
    for variable in variables() {
        let (Preset::Text(text), Some(key)) = (variable.default, variable.key) else { continue };
        file.push_str(&format!("{key} = '{text}'\n"));
        environment.push((variable.name, text));
    }
    let secret = ("ALBEDO_JWT_SECRET", SECRET);
    let expected = format!("{:?}", load("", &[secret]).unwrap());
    assert_eq!(format!("{:?}", load(&file, &[secret]).unwrap()), expected);
    environment.push(secret);
    assert_eq!(format!("{:?}", load("", &environment).unwrap()), expected);
}

#[test]
fn all_faults_are_told_at_once_and_each_by_its_name() {
    let file = "[server]\nworkers = 0\nprot = 1\n[database]\nmigrate_on_start = 'perhaps'";
    let told = faults(
        file,
        &[
            ("ALBEDO_HOST", "localhost"),
            ("ALBEDO_PORT", "70000"),
            ("ALBEDO_ENV", "staging"),
            ("ALBEDO_LOG_FROMAT", "json"),
            ("ALBEDO_REGISTRATION", "maybe"),
            ("DATABASE_URL", "mysql://root:hunter2@db/albedo"),
        ],
    );
    assert_eq!(
        told,
        [
            "ALBEDO_LOG_FROMAT: is not a setting; did you mean ALBEDO_LOG_FORMAT?",
            "server.prot in albedo.toml: is not a setting; did you mean server.port?",
            "ALBEDO_ENV (environment in albedo.toml): must be development or production, not \"staging\"",
            "ALBEDO_HOST (server.host in albedo.toml): must be an IP address such as 127.0.0.1 or ::, not \"localhost\"",
            "ALBEDO_PORT (server.port in albedo.toml): must be a whole number from 0 to 65535, not \"70000\"",
            "server.workers in albedo.toml (ALBEDO_WORKERS): must be a whole number from 1 to 512, not \"0\"",
            "DATABASE_URL (database.url in albedo.toml): must be a URL that begins with sqlite:, postgres://, postgresql://",
            "database.migrate_on_start in albedo.toml (ALBEDO_MIGRATE_ON_START): must be true or false, not \"perhaps\"",
            "ALBEDO_JWT_SECRET (security.jwt_secret in albedo.toml): is missing; make one with: openssl rand -base64 48",
            "ALBEDO_REGISTRATION (security.registration in albedo.toml): must be open or closed, not \"maybe\"",
        ]
    );
    let shown = load(file, &[("ALBEDO_PORT", "x")]).unwrap_err().to_string();
    assert!(shown.starts_with("4 settings are wrong:\n  - server.prot"), "{shown}");
}

#[test]
fn values_of_the_wrong_kind_are_faults() {
    for (file, expected) in [
        ("server = 5", "server in albedo.toml: is not a setting"),
        ("[server]\nport = [1]", "must be a single value"),
        ("[server]\nport = {a = 1}", "must be a single value"),
        ("[server]\nport = true", "must be a whole number from 0 to 65535, not \"true\""),
        ("[server]\nport = 4000.5", "not \"4000.5\""),
        ("[server]\nhead_seconds = 'NaN'", "must be a number of seconds from 0.1 to 300"),
        ("[server]\nhead_seconds = -1", "must be a number of seconds from 0.1 to 300"),
        ("[server]\nhost = ''", "must be an IP address"),
        ("[telemetry]\nfilter = 'albedo=loud'", "must be a level"),
        ("[security]\nissuer = '  '", "must be 1 to 200 characters"),
    ] {
        let fault = fault(file, &[]);
        assert!(fault.contains(expected), "{file}: {fault}");
    }
}

#[test]
fn without_redis_answers_are_kept_for_two_seconds_and_with_it_for_minutes() {
    let settings = load("", &[]).unwrap();
    assert!(settings.redis.is_none() && settings.cache.enabled);
    assert_eq!((settings.cache.time_to_live, settings.cache.bytes), (Duration::from_secs(2), 64 << 20));
    let settings = load("[redis]\nurl = 'redis://localhost'", &[]).unwrap();
    assert_eq!(settings.redis.unwrap().place, "localhost:6379");
    assert_eq!(settings.cache.time_to_live, Duration::from_secs(300));
    // A dead writer is waited for longer than any write takes, however long that may be here.
    let patient = load("", &[("ALBEDO_HANDLER_SECONDS", "100"), ("ALBEDO_CACHE", "off")]).unwrap();
    assert!(patient.cache.longest_write > Duration::from_secs(110) && !patient.cache.enabled);
}

#[test]
fn a_cache_that_cannot_be_is_told_without_showing_a_password() {
    for (variable, value, expected) in [
        ("REDIS_URL", "redis://ana:hunter2@one,two", "must be redis://user:password@host:port/0"),
        ("REDIS_URL", "memcached://one", "redis+cluster://host:port,host:port"),
        ("ALBEDO_CACHE", "yes", "must be on or off"),
        ("ALBEDO_CACHE_BYTES", "1000", "must be a whole number from 1048576"),
        ("ALBEDO_CACHE_SECONDS", "0", "must be a number of seconds from 0.1 to 86400"),
        ("ALBEDO_CACHE_NAMESPACE", "a:b", "must be 1 to 32 letters, digits, hyphens or underscores"),
    ] {
        let fault = fault("", &[(variable, value)]);
        assert!(fault.starts_with(variable) && fault.contains(expected) && !fault.contains("hunter2"), "{fault}");
    }
}

#[test]
fn replicas_are_a_list_of_a_postgresql_s() {
    let primary = ("DATABASE_URL", "postgres://ana:hunter2@db/albedo");
    let both = "postgres://ana:hunter2@one/albedo, postgresql://ana:hunter2@two/albedo";
    let settings = load("", &[primary, ("DATABASE_REPLICA_URLS", both)]).unwrap();
    let replicas = settings.database.replicas.unwrap();
    assert_eq!((replicas.urls.len(), replicas.longest_lag), (2, Duration::from_secs(5)));
    assert!(load("", &[primary]).unwrap().database.replicas.is_none());
    let wrong = "postgres://ana:hunter2@one/albedo, mysql://ana:hunter2@two";
    let place = "DATABASE_REPLICA_URLS (database.replica_urls in albedo.toml)";
    assert_eq!(
        faults("", &[("DATABASE_REPLICA_URLS", wrong)]),
        [
            format!("{place}: number 2 must begin with postgres:// or postgresql://"),
            format!("{place}: replicas are PostgreSQL's, and DATABASE_URL is another database")
        ]
    );
    let lag = fault("", &[primary, ("DATABASE_REPLICA_URLS", both), ("ALBEDO_REPLICA_LAG_SECONDS", "0")]);
    assert!(lag.starts_with("ALBEDO_REPLICA_LAG_SECONDS "), "{lag}");
}

#[test]
fn limits_that_contradict_each_other_are_faults() {
    for (variable, value, other) in [
        ("ALBEDO_DATABASE_STATEMENT_SECONDS", "5", "ALBEDO_HANDLER_SECONDS"),
        ("ALBEDO_DATABASE_LOCK_SECONDS", "4.5", "ALBEDO_DATABASE_STATEMENT_SECONDS"),
        ("ALBEDO_REFRESH_IDLE_SECONDS", "2592001", "ALBEDO_REFRESH_ABSOLUTE_SECONDS"),
    ] {
        let fault = fault("", &[(variable, value)]);
        assert!(fault.starts_with(variable) && fault.contains(other), "{fault}");
    }
}

#[test]
fn production_needs_a_secret_and_development_makes_one_up() {
    assert!(fault("", &[("ALBEDO_ENV", "production")]).starts_with("ALBEDO_JWT_SECRET"));
    let production = load("", &[("ALBEDO_ENV", "production"), ("ALBEDO_JWT_SECRET", SECRET)]).unwrap();
    assert!(!production.security.jwt_secret_is_random);
    let (one, other) = (load("", &[]).unwrap(), load("", &[]).unwrap());
    assert!(one.security.jwt_secret_is_random);
    assert_ne!(one.security.jwt_secret.expose_secret(), other.security.jwt_secret.expose_secret());
}

#[test]
fn weak_secrets_are_refused_without_being_told() {
    for (weak, expected) in [
        ("h7Gq2", "has 5 bytes and needs 32"),
        ("abcdabcdabcdabcdabcdabcdabcdabcdabcd", "has 4 different characters and needs 5"),
        ("please-CHANGE-me-7hFq2LkX9vRb4TzN8mWc", "looks like a placeholder"),
        ("my-super-secret-7hFq2LkX9vRb4TzN8mWc", "looks like a placeholder"),
    ] {
        let told = fault("", &[("ALBEDO_JWT_SECRET", weak)]);
        assert!(told.contains(expected) && !told.contains(weak), "{told}");
        let previous = format!("{SECRET},{weak}");
        let told = fault("", &[("ALBEDO_JWT_PREVIOUS_SECRETS", &previous)]);
        assert!(told.contains(&format!("number 2 {expected}")) && !told.contains(weak), "{told}");
    }
}

#[test]
fn previous_secrets_are_a_list() {
    let exposed = |settings: Settings| {
        let secrets = settings.security.jwt_previous_secrets;
        secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect::<Vec<_>>()
    };
    let both = format!("{SECRET}, {OTHER_SECRET}");
    let in_environment = load("", &[("ALBEDO_JWT_PREVIOUS_SECRETS", &both)]).unwrap();
    assert_eq!(exposed(in_environment), [SECRET, OTHER_SECRET]);
    let in_file = load(&format!("[security]\njwt_previous_secrets = ['{SECRET}', '{OTHER_SECRET}']"), &[]).unwrap();
    assert_eq!(exposed(in_file), [SECRET, OTHER_SECRET]);
}

#[test]
fn secrets_may_lie_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, &format!("{SECRET}\n"));
    let by_variable = load("", &[("ALBEDO_JWT_SECRET_FILE", &path)]).unwrap();
    assert_eq!(by_variable.security.jwt_secret.expose_secret(), SECRET);
    let file = format!("[security]\njwt_secret_file = '{path}'");
    assert_eq!(load(&file, &[]).unwrap().security.jwt_secret.expose_secret(), SECRET);
    let over_file = load(&file, &[("ALBEDO_JWT_SECRET", OTHER_SECRET)]).unwrap();
    assert_eq!(over_file.security.jwt_secret.expose_secret(), OTHER_SECRET);
    let url = secret_file(&folder, "postgres://albedo:hunter2@db/albedo");
    let url = load("[database]\nurl = 'sqlite://other.db'", &[("DATABASE_URL_FILE", &url)]).unwrap();
    assert_eq!(url.database.url.expose_secret(), "postgres://albedo:hunter2@db/albedo");
}

#[test]
fn a_secret_given_twice_or_in_a_missing_file_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, SECRET);
    let twice = fault("", &[("ALBEDO_JWT_SECRET", SECRET), ("ALBEDO_JWT_SECRET_FILE", &path)]);
    assert!(twice.ends_with("is set, and so is ALBEDO_JWT_SECRET_FILE; keep one"), "{twice}");
    let twice = fault(&format!("[security]\njwt_secret = '{SECRET}'\njwt_secret_file = '{path}'"), &[]);
    assert!(twice.ends_with("is set, and so is security.jwt_secret_file; keep one"), "{twice}");
    let missing = fault("", &[("ALBEDO_JWT_SECRET_FILE", "/nowhere/secret")]);
    assert!(
        missing.contains("the file \"/nowhere/secret\" that ALBEDO_JWT_SECRET_FILE names cannot be read"),
        "{missing}"
    );
}

#[test]
fn the_first_admin_is_whole_or_absent() {
    let email = ("ALBEDO_ADMIN_EMAIL", "ana@example.com");
    let password = ("ALBEDO_ADMIN_PASSWORD", "seven wet seals juggle");
    let admin = load("", &[email, password]).unwrap().first_admin.unwrap();
    assert_eq!((admin.email.as_str(), admin.password.expose_secret()), (email.1, password.1));
    assert!(fault("", &[email]).contains("is missing while ALBEDO_ADMIN_EMAIL is set"));
    assert!(fault("", &[password]).contains("is missing while ALBEDO_ADMIN_PASSWORD is set"));
    let short = fault("", &[email, ("ALBEDO_ADMIN_PASSWORD", "hunter2")]);
    assert!(short.contains("must have 15 characters or more") && !short.contains("hunter2"), "{short}");
    assert!(fault("", &[("ALBEDO_ADMIN_EMAIL", "ana"), password]).contains("must be an email address"));
}

#[test]
fn names_that_nobody_reads_are_faults() {
    assert!(load("", &[("ALBEDO_TEST_SERVICES", "required"), ("REDIS_URL", "redis://x"), ("PATH", "/bin")]).is_ok());
    assert_eq!(fault("", &[("ALBEDO_FOO", "1")]), "ALBEDO_FOO: is not a setting");
    assert_eq!(
        fault("", &[("ALBEDO_JWT_SECRETS", SECRET)]),
        "ALBEDO_JWT_SECRETS: is not a setting; did you mean ALBEDO_JWT_SECRET?"
    );
    assert_eq!(
        faults("databse = 'x'\n[security]\nhash_thread = 2\n[security.deep]\nissuer = 'x'", &[]),
        [
            "databse in albedo.toml: is not a setting",
            "security.deep.issuer in albedo.toml: is not a setting",
            "security.hash_thread in albedo.toml: is not a setting; did you mean security.hash_threads?",
        ]
    );
}

#[test]
fn a_broken_file_is_told_by_its_line_without_showing_it() {
    let told = fault("[security]\njwt_secret = '7hFq2LkX9vRb4TzN8mWc1YpD6sGj3KeA\n", &[]);
    assert!(told.starts_with("albedo.toml: is not TOML: TOML parse error at line 2"), "{told}");
    assert!(!told.contains("7hFq"), "{told}");
}

#[test]
fn no_secret_is_ever_shown() {
    let environment = [
        ("ALBEDO_JWT_SECRET", SECRET),
        ("ALBEDO_JWT_PREVIOUS_SECRETS", OTHER_SECRET),
        ("DATABASE_URL", "postgres://albedo:hunter2@db/albedo"),
        ("REDIS_URL", "redis+sentinel://ana:hunter3@one,two/main"),
        ("ALBEDO_ADMIN_EMAIL", "ana@example.com"),
        ("ALBEDO_ADMIN_PASSWORD", "seven wet seals juggle"),
    ];
    let settings = format!("{:?}", load("", &environment).unwrap());
    let sources = Sources::new(None, environment.map(|(name, value)| (name.to_owned(), value.to_owned())));
    for shown in [settings, format!("{sources:?}")] {
        for secret in [SECRET, OTHER_SECRET, "hunter2", "hunter3", "seven wet seals"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn files_that_people_start_from_name_settings_that_exist() {
    let files = [
        (".env.example", include_str!("../../../../.env.example")),
        ("docker/compose.yml", include_str!("../../../../docker/compose.yml")),
        ("docker/compose.cluster.yml", include_str!("../../../../docker/compose.cluster.yml")),
        ("docker/Dockerfile", include_str!("../../../../docker/Dockerfile")),
        ("docker/README.md", include_str!("../../../../docker/README.md")),
        ("README.md", include_str!("../../../../README.md")),
    ];
    // Of Docker Compose alone; the server never sees them.
    let others = ["ALBEDO_IMAGE", "ALBEDO_PUBLISH"];
    let known: Vec<_> = variables().iter().flat_map(|known| [Some(known.name.to_owned()), known.file_name()]).collect();
    for (file, text) in files {
        let words = text.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
        for word in words.filter(|word| word.starts_with("ALBEDO_") && !others.contains(word)) {
            let shortened = word.strip_prefix("ALBEDO_").is_some_and(str::is_empty);
            assert!(shortened || known.contains(&Some(word.to_owned())), "{word} in {file} is no setting");
        }
    }
}
