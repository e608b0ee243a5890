//! The rules: their names, how loud they are when nothing is set, and what to do instead.

use crate::settings::Level;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $id:literal $level:ident $recipe:literal;)*) => {
        /// Something that has hurt a database in use before.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {$(
            $(#[$doc])*
            $name,
        )*}

        /// The names of all rules, as settings and reports write them.
        pub const IDS: &[&str] = &[$($id),*];

        impl Rule {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in settings and reports.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// How loud it is when settings say nothing.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$name => Level::$level,)* }
            }

            /// What to do instead.
            #[must_use]
            pub const fn recipe(self) -> &'static str {
                match self { $(Self::$name => $recipe,)* }
            }
        }
    };
}

rules! {
    /// A table goes while the program that is running may still use it.
    DropTable "drop_table" Error
        "first release a program that does not use the table; then drop it, with op.assured(\"nobody has used it since ...\")";
    /// A column goes while the program that is running may still read it.
    DropColumn "drop_column" Error
        "first release a program whose entity lacks the column; then drop it, with op.assured(\"nobody has used it since ...\")";
    /// A table gets another name while the running program knows the old one.
    RenameTable "rename_table" Error
        "keep the name; or make a new table, write to both, copy, read from the new one, and drop the old one in a later release";
    /// A column gets another name while the running program knows the old one.
    RenameColumn "rename_column" Error
        "keep the column and rename only the field, by #[sea_orm(column_name = \"...\")]; or add a new column, write to both, copy, and drop the old one later";
    /// The table is rewritten while nobody may read it.
    ChangeType "change_type" Error
        "add a column of the new type, write to both, copy in small steps, read from the new one, and drop the old one in a later release";
    /// Values that are there may not fit the new type.
    NarrowType "narrow_type" Error
        "look for values that do not fit and mend them first; a check added not valid and validated later keeps new ones out meanwhile";
    /// All rows are read while nobody may write, and a single empty value makes it fail.
    SetNotNull "set_not_null" Error
        "in a revision before this one: op.transactional(false), op.add_check_not_valid(table, name, \"column IS NOT NULL\"), fill the rows, op.validate_constraint; PostgreSQL then reads nothing here";
    /// Rows that are there have no value for it.
    AddNotNullColumn "add_not_null_column" Error
        "give the column a default, or .fill(\"...\"), or let it be empty first";
    /// An index is built while nobody may write, and it fails on the first pair of equal rows.
    AddUnique "add_unique" Error
        "look for equal rows first; then in a revision with op.transactional(false): op.create_index(table, [...]).unique().concurrently()";
    /// An index is built while nobody may read or write.
    AddPrimaryKey "add_primary_key" Error
        "build a unique index concurrently in a revision before this one, then op.execute_on(Dialect::Postgres, \"ALTER TABLE ... ADD PRIMARY KEY USING INDEX ...\")";
    /// Writing stops until the index is built.
    IndexNotConcurrent "index_not_concurrent" Error
        "op.create_index(...).concurrently() in a revision with op.transactional(false); `lint --fix` does so";
    /// PostgreSQL refuses it.
    ConcurrentInTransaction "concurrent_in_transaction" Error
        "begin the function with op.transactional(false), and keep other operations in revisions of their own";
    /// Writing to both tables stops while all rows are looked up.
    ValidatingForeignKey "validating_foreign_key" Error
        "op.add_foreign_key(...).not_valid(), then op.validate_constraint, in a revision with op.transactional(false); `lint --fix` does so";
    /// Reading and writing stop while all rows are checked.
    ValidatingCheck "validating_check" Error
        "op.add_check_not_valid(...), then op.validate_constraint, in a revision with op.transactional(false); `lint --fix` does so";
    /// The lock that NOT VALID takes for a moment is held until all rows are checked.
    ValidatedInTransaction "validated_in_transaction" Error
        "begin the function with op.transactional(false), or validate in a revision after this one";
    /// Rows that were there may break the constraint for ever.
    NeverValidated "never_validated" Warn
        "op.validate_constraint in this revision, with op.transactional(false), or in a later one";
    /// Every row gets a value of its own, so the table is rewritten while nobody may read it.
    VolatileDefault "volatile_default" Error
        "add the column without the default, set the default by op.alter_column in the same revision, and fill the rows in small steps later";
    /// Every row gets a number, so the table is rewritten while nobody may read it.
    IdentityColumn "identity_column" Error
        "add a plain column, fill it in small steps, and make it an identity in a later revision";
    /// Every row gets a value, so the table is rewritten while nobody may read it.
    StoredColumn "stored_column" Error
        "compute the value in a view or in the program; or add a plain column, keep it up to date by a trigger, and fill the rows in small steps";
    /// PostgreSQL refuses a new enum value before the transaction that adds it is committed.
    EnumValueUsed "enum_value_used" Error
        "add the value in a revision of its own, and use it in the next one";
    /// The program that is running still writes the old name.
    RenameEnumValue "rename_enum_value" Warn
        "add a new value, write that, change the rows, and leave the old one unused";
    /// The locks of a change of structure are held while rows are changed.
    MixedBackfill "mixed_backfill" Warn
        "change the structure in one revision and the rows in the next one, in small steps where there are many";
    /// A statement that waits for a table holds up all that come after it.
    NoLockTimeout "no_lock_timeout" Warn
        "say --lock-timeout or timeouts.lock in migrate.toml; before raw SQL without a transaction: op.execute_on(Dialect::Postgres, \"SET lock_timeout = '5s'\")";
    /// It holds a lock under which nobody may read or write, for as long as the table is large.
    LockingSql "locking_sql" Error
        "use the form that does not lock (REINDEX CONCURRENTLY, REFRESH ... CONCURRENTLY), delete rows in small steps, or run it by hand at a quiet time";
    /// It cannot be taken back.
    NoDown "no_down" Warn
        "write `down`; where there is no way back, op.irreversible(\"why\")";
    /// SQLite copies the whole table, and nobody may write meanwhile.
    SqliteRebuild "sqlite_rebuild" Warn
        "fine for a table that is copied in a moment; gather the changes of one table in one revision, since it is copied once for each";
    /// Somebody's word is given for something that no rule speaks of.
    UnusedAssurance "unused_assurance" Warn
        "take the op.assured(...) away, or put it before the operation it is meant for";
    /// A word without a reason silences nothing.
    AssuranceWithoutReason "assurance_without_reason" Error
        "say why it does no harm: op.assured(\"the table has ten rows\")";
}
