//! The other direction: our revisions under SeaORM's own runner.
//!
//! `sea-orm-cli migrate up`, `down` and `status` then agree with ours, since both keep the same table. SeaORM's runner
//! knows a list and no graph, takes no lock and writes the version row itself.

use std::sync::Arc;

use sea_orm::{DatabaseExecutor, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager};

use super::options::Options;
use super::runner::alone;
use super::session::Session;
use super::step::Job;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::{Body, History};
use crate::revision::{Direction, Node, NodeSet, Step};

impl MigratorTraitSelf for History {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        self.to_seaorm()
    }
}

impl History {
    /// Every revision as SeaORM's own runner takes it, each after all it needs.
    #[must_use]
    pub fn to_seaorm(&self) -> Vec<Box<dyn MigrationTrait>> {
        let history = Arc::new(self.clone());
        let order = self.graph().order().iter();
        order
            .map(|node| Box::new(Lent { history: Arc::clone(&history), node: *node }) as Box<dyn MigrationTrait>)
            .collect()
    }
}

/// A revision of ours, lent to SeaORM's runner.
struct Lent {
    history: Arc<History>,
    node: Node,
}

impl MigrationName for Lent {
    fn name(&self) -> &str {
        &self.history.graph().revision(self.node).stem
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves it out, and async-trait makes two different things of it"
)]
#[async_trait::async_trait]
impl MigrationTrait for Lent {
    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        self.run(manager, Direction::Up).await
    }

    async fn down(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        self.run(manager, Direction::Down).await
    }

    /// In SeaORM's transaction on both databases, so that the version row stands and falls with the revision. A revision
    /// that rebuilds SQLite tables must begin its own, since foreign keys are switched off before it.
    fn use_transaction(&self) -> Option<bool> {
        match self.history.body(self.node) {
            Ok(Body::Old(old)) => old.use_transaction(),
            _ => Some(!self.begins_its_own()),
        }
    }
}

impl Lent {
    fn job<'j>(&'j self, direction: Direction, applied: &'j NodeSet) -> Job<'j> {
        let step = Step { node: self.node, direction };
        Job { history: &self.history, step, rows: Vec::new(), applied, writes_row: false }
    }

    fn begins_its_own(&self) -> bool {
        let none = NodeSet::new();
        [Direction::Up, Direction::Down].into_iter().any(|direction| {
            let job = self.job(direction, &none);
            job.is_loose() || job.rebuilds()
        })
    }

    async fn run(&self, manager: &SchemaManager<'_>, direction: Direction) -> std::result::Result<(), DbErr> {
        if let Ok(Body::Old(old)) = self.history.body(self.node) {
            return match direction {
                Direction::Up => old.up(manager).await,
                Direction::Down => old.down(manager).await,
            };
        }
        self.try_run(manager.get_connection(), direction).await.map_err(|error| DbErr::Migration(error.report()))
    }

    async fn try_run(&self, executor: &DatabaseExecutor<'_>, direction: Direction) -> Result<()> {
        // SeaORM's runner goes along the list, so what stands before this revision is there.
        let order = self.history.graph().order();
        let mut applied: NodeSet = order.iter().copied().take_while(|node| *node != self.node).collect();
        if direction == Direction::Down {
            applied.insert(self.node);
        }
        let job = self.job(direction, &applied);
        if self.begins_its_own() {
            let DatabaseExecutor::Connection(connection) = executor else {
                return Err(Error::failed("this revision begins its own transaction and was given one")
                    .hint("pass the connection itself to SeaORM's migrator"));
            };
            let (dialect, connection) = alone(connection)?;
            let mut session = Session::online(connection, dialect, Options::default().limits());
            return job.run(&mut session).await.map(|_| ());
        }
        let dialect = match sea_orm::ConnectionTrait::get_database_backend(executor) {
            DbBackend::Sqlite => Dialect::Sqlite,
            _ => Dialect::Postgres,
        };
        job.check(dialect)?;
        job.body(&mut Session::within(executor, dialect)).await
    }
}
