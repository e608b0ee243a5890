//! One test body, two tests: on SQLite and on PostgreSQL.

use std::time::Duration;

use tokio::runtime;

use crate::{Backend, TestDatabase};

/// Writes each function as two tests, `name::on_sqlite` and `name::on_postgres`, each with a migrated database of its
/// own and a tokio runtime.
///
/// ```
/// use albedo_testing::on_both_databases;
///
/// on_both_databases! {
///     async fn a_page_past_the_end_is_empty(database: TestDatabase) {
///         assert!(database.url().contains("://"));
///     }
/// }
/// ```
///
/// Attributes of the function, `#[ignore]` for one, go to both tests.
#[macro_export]
macro_rules! on_both_databases {
    // `cfg(test)` says nothing new to the compiler, and tells clippy that the body may unwrap like any test.
    ($($(#[$attribute:meta])* async fn $name:ident($database:ident: TestDatabase) $body:block)+) => {$(
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from around it")]
            use super::*;

            async fn body($database: $crate::TestDatabase) $body

            $(#[$attribute])*
            #[test]
            fn on_sqlite() {
                $crate::run_on($crate::Backend::Sqlite, body);
            }

            $(#[$attribute])*
            #[test]
            fn on_postgres() {
                $crate::run_on($crate::Backend::Postgres, body);
            }
        }
    )+};
}

/// Runs a test body on a database of that kind, or leaves it out where there is none; for [`on_both_databases!`].
///
/// # Panics
/// As the body does.
#[doc(hidden)]
pub fn run_on<F: Future<Output = ()>>(backend: Backend, body: impl FnOnce(TestDatabase) -> F) {
    // Two threads, so that what a body spawns really runs beside it.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    runtime.block_on(async {
        if let Some(database) = TestDatabase::create(backend).await {
            Box::pin(body(database)).await;
        }
    });
    // A forgotten blocking task shall not hold up the test process.
    runtime.shutdown_timeout(Duration::from_secs(5));
}
