//! A new database made of a dump in one step, and stamped by it.

use sea_orm::{ConnectionTrait, Statement};

use super::database_error::refused;
use super::options::Event;
use super::runner::Runner;
use super::session::Session;
use super::version_table::State;
use crate::dialect::Dialect;
use crate::dump::Dump;
use crate::error::{Error, Result};

impl Runner<'_> {
    /// Makes the schema of a dump in an empty database, in one transaction, with the rows that say what is applied.
    /// Returns how many revisions that is.
    ///
    /// # Errors
    /// When the database is not empty, the dump is of another kind of database or of another history, or a statement is
    /// refused; nothing is left behind then.
    pub async fn load(&mut self, dump: &Dump) -> Result<usize> {
        if dump.dialect != self.dialect {
            return Err(Error::usage(format!(
                "the dump is for {}, and the database is {}",
                dump.dialect, self.dialect
            ))
            .hint(format!("write one with `schema-dump --history --dialect {}`", self.dialect)));
        }
        let (applied, unknown) = self.history.applied(dump.revisions.iter().map(String::as_str));
        if let [first, ..] = unknown.as_slice() {
            return Err(Error::drift(format!("the dump stands for {}, and there is no such file", unknown.join(", ")))
                .on_revision(first)
                .hint("it is newer than these files, or of another project: fetch them, or write the dump anew"));
        }
        if let [(node, lacks), ..] = self.history.graph().unclosed(&applied).as_slice() {
            let graph = self.history.graph();
            return Err(Error::drift(format!(
                "the dump stands for {} without {}",
                graph.describe(*node),
                graph.describe(*lacks)
            ))
            .hint("the files have changed since: write it anew with `schema-dump`"));
        }
        let lock = self.lock(&mut |_: Event| {}).await?;
        let done = self.load_locked(dump).await;
        if let Some(lock) = lock {
            lock.release().await;
        }
        done
    }

    async fn load_locked(&mut self, dump: &Dump) -> Result<usize> {
        let mut session = Session::online(self.connection.clone(), self.dialect, self.options.limits());
        let done = self.load_within(&mut session, dump).await;
        if done.is_err() {
            // What the rollback says is of no use beside the error that led to it.
            let _ = session.rollback().await;
        }
        done
    }

    async fn load_within(&self, session: &mut Session<'_>, dump: &Dump) -> Result<usize> {
        session.begin(false).await?;
        let Some(executor) = session.executor() else { return Ok(0) };
        if let Some(first) = anything(&executor, self.dialect).await? {
            return Err(Error::usage(format!("the database is not empty: it holds {first}"))
                .hint("name a new one; `reset-tables` empties this one, and its rows are lost"));
        }
        executor.execute_unprepared(dump.body()).await.map_err(|error| {
            // The whole text is of no use in a message; the driver says what it stumbled over.
            let told = refused(error, "-- in the dump");
            told.hint("nothing was kept; was the file edited, or written by another version of the database?")
        })?;
        let state = State::read(&executor, self.dialect).await?;
        let mut rows: Vec<&str> = state.rows.iter().map(|row| row.version.as_str()).collect();
        let mut said: Vec<&str> = dump.revisions.iter().map(String::as_str).collect();
        rows.sort_unstable();
        said.sort_unstable();
        if rows != said {
            return Err(Error::failed("the rows of the dump are not those that its head names")
                .hint("it was edited by hand: write it anew with `schema-dump`"));
        }
        session.commit().await?;
        Ok(rows.len())
    }
}

/// The first thing in a database that should be empty.
async fn anything<C: ConnectionTrait>(connection: &C, dialect: Dialect) -> Result<Option<String>> {
    let sql = match dialect {
        Dialect::Sqlite => {
            "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT 1"
        }
        Dialect::Postgres => {
            "SELECT what FROM (\
             SELECT 'the relation ' || c.relname AS what, c.oid FROM pg_class c WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') \
             UNION ALL SELECT 'the type ' || t.typname, t.oid FROM pg_type t WHERE t.typnamespace = quote_ident(current_schema())::regnamespace AND t.typtype IN ('e', 'd', 'r') \
             UNION ALL SELECT 'the function ' || p.proname, p.oid FROM pg_proc p WHERE p.pronamespace = quote_ident(current_schema())::regnamespace\
             ) AS x WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = x.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 1"
        }
    };
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.map_err(|error| refused(error, sql))?;
    row.map(|row| row.try_get_by_index(0).map_err(|error| refused(error, sql))).transpose()
}
