//! A database for each test, copied from a template that is migrated once per process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
};

use albedo_core::{
    database::{Backend, Connector, Database},
    settings::{Settings, Sources},
};
use nix::sys::signal::Signal;
use sea_orm::{ConnectOptions, ConnectionTrait, DbErr};
use tokio::runtime;
use uuid::Uuid;

use crate::{
    Postgres,
    keeper::{Charge, Keeper, User},
};

const TEMPLATE: &str = "albedo_template";

/// A database of one test, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    backend: Backend,
    url: String,
    place: Place,
}

/// What there is to remove at the end.
#[derive(Debug)]
enum Place {
    File(PathBuf),
    Named(&'static Postgres, String),
}

impl TestDatabase {
    /// A migrated database without rows; `None` where PostgreSQL is not installed and not required.
    ///
    /// # Panics
    /// If it cannot be made.
    pub async fn create(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => Some(Self::sqlite(Some(sqlite_template()))),
            Backend::Postgres => {
                let server = Postgres::shared()?;
                Some(Self::postgres(server, postgres_template(server)).await)
            }
        }
    }

    /// A database without tables; `None` as for [`TestDatabase::create`].
    ///
    /// # Panics
    /// If it cannot be made.
    pub async fn empty(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => Some(Self::sqlite(None)),
            Backend::Postgres => Some(Self::postgres(Postgres::shared()?, "template0").await),
        }
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The URL to reach it, as `DATABASE_URL` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A handle on it, such as each worker of a server has.
    ///
    /// # Panics
    /// If it cannot be reached.
    pub async fn open(&self) -> Database {
        let sources = Sources::new(None, [("DATABASE_URL".to_owned(), self.url.clone())]);
        let settings = Settings::load(&sources).expect("the URL of a test database is good");
        let connector = Connector::new(&settings.database).await.expect("the test database answers");
        connector.open().await.expect("the test database answers again")
    }

    fn sqlite(template: Option<&Path>) -> Self {
        let file = sqlite_directory().join(format!("{}.db", fresh_name()));
        if let Some(template) = template {
            fs::copy(template, &file).expect("the template is copied");
        }
        Self { backend: Backend::Sqlite, url: sqlite_url(&file), place: Place::File(file) }
    }

    async fn postgres(server: &'static Postgres, template: &str) -> Self {
        let name = fresh_name();
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        execute(&server.url("postgres"), &create).await.expect("the template is copied");
        Self { backend: Backend::Postgres, url: server.url(&name), place: Place::Named(server, name) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::File(file) => {
                for suffix in ["", "-wal", "-shm", "-journal"] {
                    let mut name = file.clone().into_os_string();
                    name.push(suffix);
                    // Most of them are not there; and the whole directory goes with the process.
                    let _ = fs::remove_file(name);
                }
            }
            Place::Named(server, name) => {
                let (url, sql) = (server.url("postgres"), format!("DROP DATABASE {name} WITH (FORCE)"));
                // On a thread of its own, since a destructor cannot wait for a query. Nobody waits for the thread
                // either: the whole server goes with the process.
                thread::spawn(move || block_on(execute(&url, &sql)));
            }
        }
    }
}

fn sqlite_template() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let (migrated, template) = (sqlite_directory().join("migrated.db"), sqlite_directory().join("template.db"));
        on_a_thread_of_its_own(async {
            let url = sqlite_url(&migrated);
            migration::migrate(&url).await.expect("the SQLite template is migrated");
            // A copy by the database itself: the file alone may still lack what stands in the write-ahead log.
            execute(&url, &format!("VACUUM INTO '{}'", template.display())).await
        })
        .expect("the SQLite template is written");
        template
    })
}

fn postgres_template(server: &'static Postgres) -> &'static str {
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        on_a_thread_of_its_own(async {
            let url = server.url("postgres");
            execute(&url, &format!("CREATE DATABASE {TEMPLATE} TEMPLATE template0")).await?;
            migration::migrate(&server.url(TEMPLATE)).await.expect("the PostgreSQL template is migrated");
            // A template with a guest cannot be copied, so none may come and the last ones have to leave.
            execute(&url, &format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")).await?;
            let guests = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{TEMPLATE}'");
            execute(&url, &guests).await
        })
        .expect("the PostgreSQL template is made");
    });
    TEMPLATE
}

/// The directory of this process's SQLite files. Its keeper removes it when the process is gone, however it went.
fn sqlite_directory() -> &'static Path {
    static DIRECTORY: OnceLock<Keeper> = OnceLock::new();
    let keeper = DIRECTORY.get_or_init(|| {
        let nothing_to_run = Charge {
            program: Path::new("true"),
            arguments: Vec::new(),
            environment: Vec::new(),
            prepare: "",
            stop: Signal::SIGTERM,
            user: User::Ourselves,
        };
        Keeper::start(&nothing_to_run).expect("a temporary directory is made")
    });
    keeper.directory()
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn fresh_name() -> String {
    format!("test_{}", Uuid::now_v7().simple())
}

async fn execute(url: &str, sql: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await?;
    connection.execute_unprepared(sql).await?;
    connection.close().await
}

/// Waits for `work` without the runtime of the caller, which may be one that must not be blocked by another.
fn on_a_thread_of_its_own<T: Send>(work: impl Future<Output = T> + Send) -> T {
    thread::scope(|scope| scope.spawn(|| block_on(work)).join().expect("the thread ends without a panic"))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts").block_on(work)
}
