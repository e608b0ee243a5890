//! A comparison under way: the schema as the operations so far would leave it.

use std::collections::BTreeSet;

use super::changes::{Change, Difference, Remark};
use super::hints::Hints;
use super::lens::Lens;
use crate::error::Result;
use crate::operation::Operation;
use crate::schema::{Schema, Table};

pub(super) struct Draft<'a> {
    /// The first schema with all operations applied.
    pub(super) now: Schema,
    pub(super) after: &'a Schema,
    pub(super) hints: &'a Hints,
    pub(super) lens: Lens,
    difference: Difference,
    /// Constraints and indexes whose change has been told: table and name.
    pub(super) told: BTreeSet<(String, String)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(before: &Schema, after: &'a Schema, hints: &'a Hints) -> Self {
        Self {
            now: before.clone(),
            after,
            hints,
            lens: hints.lens,
            difference: Difference::default(),
            told: BTreeSet::new(),
        }
    }

    pub(super) fn emit(&mut self, operation: Operation) -> Result<()> {
        self.now.apply(&operation)?;
        self.difference.operations.push(operation);
        Ok(())
    }

    /// An operation that loses rows or values.
    pub(super) fn emit_destructive(&mut self, operation: Operation, message: String) -> Result<()> {
        self.remark(Remark::Destructive { operation: self.difference.operations.len(), message });
        self.emit(operation)
    }

    pub(super) fn remark(&mut self, remark: Remark) {
        self.difference.remarks.push(remark);
    }

    pub(super) fn change(
        &mut self,
        of: &str,
        object: Option<&str>,
        what: &'static str,
        before: Option<String>,
        after: Option<String>,
    ) {
        let object = object.map(str::to_owned);
        self.difference.changes.push(Change { of: of.to_owned(), object, what, before, after });
    }

    /// The names of the tables that are in both.
    pub(super) fn common(&self) -> Vec<String> {
        self.now.tables.keys().filter(|name| self.after.tables.contains_key(*name)).cloned().collect()
    }

    /// A table as it is now and as it is to be.
    pub(super) fn pair(&self, name: &str) -> Option<(&Table, &'a Table)> {
        Some((self.now.table(name)?, self.after.table(name)?))
    }

    /// How many operations there are so far.
    pub(super) fn len(&self) -> usize {
        self.difference.operations.len()
    }

    pub(super) fn finish(self) -> Difference {
        self.difference
    }
}
