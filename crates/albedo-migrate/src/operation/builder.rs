//! What `up` and `down` write to.

use std::ops::Range;

use super::alter::AlterColumnBuilder;
use super::keys::{ForeignKeyBuilder, IndexBuilder};
use super::tables::{TableBuilder, foreign_key, index};
use super::{ColumnChange, Constraint, OnlineFunction, OnlineFuture, Operation, RawSql};
use crate::dialect::Dialect;
use crate::schema::{Check, PrimaryKey, Unique, naming};
use sea_orm::DatabaseExecutor;

/// The list a migration fills.
#[derive(Clone, Debug, PartialEq)]
pub struct Operations {
    list: Vec<Operation>,
    transactional: bool,
    assurances: Vec<Assurance>,
}

/// Somebody's word that what follows does no harm here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assurance {
    /// Why it does none.
    pub reason: String,
    /// The operations it is given for, by their places in the list; empty when none follows.
    pub operations: Range<usize>,
}

impl Default for Operations {
    fn default() -> Self {
        Self { list: Vec::new(), transactional: true, assurances: Vec::new() }
    }
}

impl Operations {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The list a function fills.
    #[must_use]
    pub fn of(fill: impl FnOnce(&mut Self)) -> Self {
        let mut operations = Self::new();
        fill(&mut operations);
        operations
    }

    /// What has been written so far.
    #[must_use]
    pub fn list(&self) -> &[Operation] {
        &self.list
    }

    /// Whether all of it runs in one transaction.
    #[must_use]
    pub const fn is_transactional(&self) -> bool {
        self.transactional
    }

    /// `false` runs the operations one by one, each kept as soon as it is done. Needed for what a database refuses in a
    /// transaction (CREATE INDEX CONCURRENTLY, VACUUM). A run that dies in between goes on at the operation it had
    /// reached.
    pub fn transactional(&mut self, transactional: bool) {
        self.transactional = transactional;
    }

    /// Gives your word that the next operation does no harm here, and why; `lint` then says nothing about it. What runs is
    /// the same with it and without.
    ///
    /// ```
    /// # use albedo_migrate::prelude::*;
    /// # fn up(op: &mut Operations) {
    /// op.assured("a list of ten rows, read by nobody").drop_table("old_settings");
    /// # }
    /// ```
    pub fn assured(&mut self, reason: &str) -> &mut Self {
        let next = self.list.len();
        self.assurances.push(Assurance { reason: reason.to_owned(), operations: next..next });
        self
    }

    /// What somebody has given their word for.
    #[must_use]
    pub fn assurances(&self) -> &[Assurance] {
        &self.assurances
    }

    /// Any operation.
    pub fn push(&mut self, operation: Operation) {
        let place = self.list.len();
        self.list.push(operation);
        self.assure_until(place);
    }

    /// The word given last covers all that one call has written, beginning at this place.
    fn assure_until(&mut self, first: usize) {
        let end = self.list.len();
        let given = self.assurances.iter_mut().filter(|assurance| assurance.operations.start == first);
        given.for_each(|assurance| assurance.operations.end = end);
    }

    /// A new table.
    pub fn create_table(&mut self, name: &str, describe: impl FnOnce(&mut TableBuilder)) {
        let mut builder = TableBuilder::new(name);
        describe(&mut builder);
        self.push(Operation::CreateTable(builder.table));
    }

    /// A table goes, with its rows.
    pub fn drop_table(&mut self, name: &str) {
        self.push(Operation::DropTable { name: name.to_owned() });
    }

    /// A table gets another name.
    pub fn rename_table(&mut self, from: &str, to: &str) {
        self.push(Operation::RenameTable { from: from.to_owned(), to: to.to_owned() });
    }

    /// A remark on a table (PostgreSQL).
    pub fn comment_on_table(&mut self, table: &str, comment: &str) {
        self.push(Operation::CommentTable { table: table.to_owned(), comment: Some(comment.to_owned()) });
    }

    /// A table has no remark any more.
    pub fn drop_comment_on_table(&mut self, table: &str) {
        self.push(Operation::CommentTable { table: table.to_owned(), comment: None });
    }

    /// Constraints and indexes for a table that is there, described as in [`create_table`](Self::create_table): for
    /// those that the shorter words below cannot say.
    pub fn add_to_table(&mut self, table: &str, describe: impl FnOnce(&mut TableBuilder)) {
        self.add_column(table, describe);
    }

    /// New columns, with the constraints and indexes that are said along with them.
    pub fn add_column(&mut self, table: &str, describe: impl FnOnce(&mut TableBuilder)) {
        let mut builder = TableBuilder::new(table);
        describe(&mut builder);
        let TableBuilder { table: described, fills } = builder;
        let first = self.list.len();
        for column in described.columns {
            let fill = fills.iter().find(|(name, _)| *name == column.name).map(|(_, fill)| fill.clone());
            self.push(Operation::AddColumn { table: table.to_owned(), column, fill });
        }
        let constraints = described
            .primary_key
            .into_iter()
            .map(Constraint::PrimaryKey)
            .chain(described.uniques.into_iter().map(Constraint::Unique))
            .chain(described.checks.into_iter().map(Constraint::Check))
            .chain(described.foreign_keys.into_iter().map(Constraint::ForeignKey));
        for constraint in constraints {
            self.push(Operation::AddConstraint { table: table.to_owned(), constraint, not_valid: false });
        }
        for index in described.indexes {
            self.push(Operation::CreateIndex { table: table.to_owned(), index, concurrently: false });
        }
        self.assure_until(first);
    }

    /// A column goes, with its values, and with the constraints and indexes that name it.
    pub fn drop_column(&mut self, table: &str, column: &str) {
        self.push(Operation::DropColumn { table: table.to_owned(), column: column.to_owned() });
    }

    /// A column gets another name.
    pub fn rename_column(&mut self, table: &str, from: &str, to: &str) {
        self.push(Operation::RenameColumn { table: table.to_owned(), from: from.to_owned(), to: to.to_owned() });
    }

    /// A column changes; the returned words say how.
    pub fn alter_column(&mut self, table: &str, column: &str) -> AlterColumnBuilder<'_> {
        self.push(Operation::AlterColumn {
            table: table.to_owned(),
            column: column.to_owned(),
            change: ColumnChange::default(),
        });
        let change = match self.list.last_mut() {
            Some(Operation::AlterColumn { change, .. }) => Some(change),
            _ => None,
        };
        AlterColumnBuilder { change }
    }

    /// A primary key for a table that has none.
    pub fn add_primary_key<const N: usize>(&mut self, table: &str, columns: [&str; N]) {
        let key = PrimaryKey { name: Some(naming::primary_key(table)), columns: columns.map(str::to_owned).to_vec() };
        self.add_constraint(table, Constraint::PrimaryKey(key));
    }

    /// No two rows are alike in these columns from now on.
    pub fn add_unique<const N: usize>(&mut self, table: &str, columns: [&str; N]) {
        let name = Some(naming::unique(table, &columns));
        let unique = Unique { name, columns: columns.map(str::to_owned).to_vec(), deferrable: None };
        self.add_constraint(table, Constraint::Unique(unique));
    }

    /// What must hold for every row from now on. The name is short: the table's comes before it.
    pub fn add_check(&mut self, table: &str, name: &str, expression: &str) {
        let check = Check { name: Some(naming::check(table, name)), expression: expression.to_owned() };
        self.add_constraint(table, Constraint::Check(check));
    }

    /// As [`add_check`](Self::add_check), the rows that are there left unread until
    /// [`validate_constraint`](Self::validate_constraint) (PostgreSQL).
    pub fn add_check_not_valid(&mut self, table: &str, name: &str, expression: &str) {
        let check = Check { name: Some(naming::check(table, name)), expression: expression.to_owned() };
        self.add_constraint_not_valid(table, Constraint::Check(check));
    }

    /// These columns name a row of another table from now on.
    pub fn add_foreign_key<const N: usize>(
        &mut self,
        table: &str,
        columns: [&str; N],
        references: &str,
        referred: [&str; N],
    ) -> ForeignKeyBuilder<'_> {
        self.add_constraint(table, Constraint::ForeignKey(foreign_key(table, &columns, references, &referred)));
        match self.list.last_mut() {
            Some(Operation::AddConstraint { constraint: Constraint::ForeignKey(key), not_valid, .. }) => {
                ForeignKeyBuilder { key: Some(key), not_valid: Some(not_valid) }
            }
            _ => ForeignKeyBuilder { key: None, not_valid: None },
        }
    }

    /// Any constraint, the rows that are there included.
    pub fn add_constraint(&mut self, table: &str, constraint: Constraint) {
        self.push(Operation::AddConstraint { table: table.to_owned(), constraint, not_valid: false });
    }

    /// Any check or foreign key, the rows that are there left unread until
    /// [`validate_constraint`](Self::validate_constraint) (PostgreSQL).
    pub fn add_constraint_not_valid(&mut self, table: &str, constraint: Constraint) {
        self.push(Operation::AddConstraint { table: table.to_owned(), constraint, not_valid: true });
    }

    /// Reads the rows that are there against a constraint (PostgreSQL).
    pub fn validate_constraint(&mut self, table: &str, name: &str) {
        self.push(Operation::ValidateConstraint { table: table.to_owned(), name: name.to_owned() });
    }

    /// A constraint goes.
    pub fn drop_constraint(&mut self, table: &str, name: &str) {
        self.push(Operation::DropConstraint { table: table.to_owned(), name: name.to_owned() });
    }

    /// A constraint gets another name.
    pub fn rename_constraint(&mut self, table: &str, from: &str, to: &str) {
        self.push(Operation::RenameConstraint { table: table.to_owned(), from: from.to_owned(), to: to.to_owned() });
    }

    /// A new index; the returned words say more about it.
    pub fn create_index<const N: usize>(&mut self, table: &str, columns: [&str; N]) -> IndexBuilder<'_> {
        self.push(Operation::CreateIndex {
            table: table.to_owned(),
            index: index(table, &columns),
            concurrently: false,
        });
        match self.list.last_mut() {
            Some(Operation::CreateIndex { index, concurrently, .. }) => {
                IndexBuilder { index: Some(index), concurrently: Some(concurrently) }
            }
            _ => IndexBuilder { index: None, concurrently: None },
        }
    }

    /// An index goes.
    pub fn drop_index(&mut self, table: &str, name: &str) {
        self.push(Operation::DropIndex { table: table.to_owned(), name: name.to_owned(), concurrently: false });
    }

    /// An index goes without stopping writes (PostgreSQL); needs `op.transactional(false)`.
    pub fn drop_index_concurrently(&mut self, table: &str, name: &str) {
        self.push(Operation::DropIndex { table: table.to_owned(), name: name.to_owned(), concurrently: true });
    }

    /// An index gets another name.
    pub fn rename_index(&mut self, table: &str, from: &str, to: &str) {
        self.push(Operation::RenameIndex { table: table.to_owned(), from: from.to_owned(), to: to.to_owned() });
    }

    /// A new enum type.
    pub fn create_enum<const N: usize>(&mut self, name: &str, values: [&str; N]) {
        self.push(Operation::CreateEnum { name: name.to_owned(), values: values.map(str::to_owned).to_vec() });
    }

    /// An enum type goes.
    pub fn drop_enum(&mut self, name: &str) {
        self.push(Operation::DropEnum { name: name.to_owned() });
    }

    /// An enum type gets another name.
    pub fn rename_enum(&mut self, from: &str, to: &str) {
        self.push(Operation::RenameEnum { from: from.to_owned(), to: to.to_owned() });
    }

    /// An enum type gets one more value, at the end.
    pub fn add_enum_value(&mut self, name: &str, value: &str) {
        self.push(Operation::AddEnumValue { name: name.to_owned(), value: value.to_owned(), before: None });
    }

    /// An enum type gets one more value, which sorts before another.
    pub fn add_enum_value_before(&mut self, name: &str, value: &str, before: &str) {
        let before = Some(before.to_owned());
        self.push(Operation::AddEnumValue { name: name.to_owned(), value: value.to_owned(), before });
    }

    /// A value of an enum type gets another name.
    pub fn rename_enum_value(&mut self, name: &str, from: &str, to: &str) {
        self.push(Operation::RenameEnumValue { name: name.to_owned(), from: from.to_owned(), to: to.to_owned() });
    }

    /// SQL for every database.
    pub fn execute(&mut self, sql: &str) {
        self.push(Operation::Execute(RawSql { text: sql.to_owned(), only: None }));
    }

    /// SQL for one database; the other one does nothing here.
    pub fn execute_on(&mut self, dialect: Dialect, sql: &str) {
        self.push(Operation::Execute(RawSql { text: sql.to_owned(), only: Some(dialect) }));
    }

    /// A data step in Rust, on the migration's own transaction. Offline SQL has a remark in its place.
    pub fn online(&mut self, name: &str, run: for<'c> fn(&'c DatabaseExecutor<'c>) -> OnlineFuture<'c>) {
        self.push(Operation::Online(OnlineFunction { name: name.to_owned(), run }));
    }

    /// Says that this direction cannot be gone, and why. The runner stops here before anything is changed.
    pub fn irreversible(&mut self, reason: &str) {
        self.push(Operation::Irreversible { reason: reason.to_owned() });
    }
}
