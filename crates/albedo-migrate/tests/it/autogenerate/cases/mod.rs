//! Everything that can differ, on both databases, with rows: generated, compiled, applied, taken back, applied again.
//!
//! The generated revisions are files beside this one and part of this program. They are compared with what the
//! generator writes now; `UPDATE_GENERATED=1 cargo test` writes them anew.

macro_rules! cases {
    ($($name:ident = $case:expr;)*) => {$(
        mod $name {
            use super::*;

            const CASE: Case = Case { name: stringify!($name), generated: generated::$name::MIGRATION, ..$case };

            #[test]
            fn the_file_is_what_the_generator_writes() {
                CASE.compare_file();
            }

            #[test]
            fn rustfmt_has_nothing_to_say() {
                CASE.is_formatted();
            }

            #[tokio::test]
            async fn on_sqlite() {
                CASE.replay(Dialect::Sqlite).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                CASE.replay(Dialect::Postgres).await;
            }
        }
    )*};
}

mod columns;
mod tables;
