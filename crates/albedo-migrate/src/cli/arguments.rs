//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::draw::GraphFormat;
use super::erd::ErdArguments;
use super::lint::LintArguments;
use crate::dialect::Dialect;
use crate::diff::{Fill, Rename};

/// Migrations of the database.
#[derive(Clone, Debug, Parser)]
#[command(name = "db", about = "Migrations of the database", disable_help_subcommand = true, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The database, as sqlite://... or postgres://...
    #[arg(long, short = 'u', global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The schema of the database to work in (PostgreSQL).
    #[arg(long, short = 's', global = true, env = "DATABASE_SCHEMA", value_name = "SCHEMA")]
    pub database_schema: Option<String>,
    /// The folder of the revisions.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub versions: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Tell more.
    #[arg(long, short = 'v', global = true)]
    pub verbose: bool,
    /// When to print in colours.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: ColorWhen,
    /// The settings, when not migrate.toml beside the folder of the revisions.
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// A PostgreSQL server for scratch databases.
    #[arg(long, global = true, env = "SHADOW_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub shadow_url: Option<String>,
    /// How many seconds to wait for another runner; 60 when nothing is set.
    #[arg(long, global = true, value_name = "SECONDS")]
    pub lock_wait: Option<u64>,
    /// How many seconds one statement may wait for a table (PostgreSQL); 5 when nothing is set.
    #[arg(long, global = true, value_name = "SECONDS")]
    pub lock_timeout: Option<u64>,
    /// How many seconds one statement may take in all (PostgreSQL); without bounds when nothing is set.
    #[arg(long, global = true, value_name = "SECONDS")]
    pub statement_timeout: Option<u64>,
    /// How many seconds to try to reach the database; 30 when nothing is set.
    #[arg(long, global = true, value_name = "SECONDS")]
    pub connect_wait: Option<u64>,
}

/// When to print in colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// In a terminal, and when NO_COLOR is not set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// One command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Make a revision of what differs between the history and the entities
    Create(CreateArguments),
    /// Make an empty revision for SQL or data of your own
    CreateEmpty(NewArguments),
    /// Make a revision that branches off any other
    CreateBranch(NewArguments),
    /// Join several heads into one
    Merge(MergeArguments),
    /// Apply what is pending, up to all heads or to the revisions named
    #[command(alias = "upgrade")]
    Migrate {
        /// Where to go: an id, head, heads, +1, label@head
        #[arg(value_name = "REVISION")]
        revisions: Vec<String>,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Apply the next so many revisions, or all
    #[command(hide = true)]
    Up {
        /// How many
        #[arg(short, long)]
        num: Option<usize>,
    },
    /// Take back what was applied last
    #[command(alias = "down")]
    Rollback {
        /// How many revisions
        #[arg(long, short = 'n', alias = "num", default_value_t = 1, value_name = "N")]
        step: usize,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Take back everything that comes after a revision
    Downgrade {
        /// Where to go: an id, base, -1, label@base
        revision: String,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Take back what was applied last, and apply it again
    Redo {
        /// How many revisions
        #[arg(long, default_value_t = 1, value_name = "N")]
        step: usize,
    },
    /// Take everything back and apply it again
    #[command(alias = "refresh")]
    Reset {
        /// The database's name, which production asks for
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
    /// Write down what the database holds without running anything
    Stamp {
        /// What it holds: ids, heads, base
        #[arg(required = true, value_name = "REVISION")]
        revisions: Vec<String>,
        /// Forget first what is written down now
        #[arg(long)]
        purge: bool,
    },
    /// Print the SQL instead of running it
    Sql(SqlArguments),
    /// Exit with 3 when the entities and what the revisions make differ
    Check,
    /// Check everything: graph, checksums, a replay on each database, entities, the live database
    Verify,
    /// Tell what may hurt a database in use, and the safe way
    Lint(LintArguments),
    /// Show every revision and whether it is applied
    Status,
    /// Show the revisions the database is at
    Current {
        /// Exit with 3 unless they are the heads
        #[arg(long)]
        check_heads: bool,
    },
    /// List the revisions, the newest first
    History {
        /// From where to where: A:B, -3:current, A:
        #[arg(long, short, value_name = "A:B")]
        range: Option<String>,
    },
    /// Show one revision and what it does
    Show {
        /// Which
        revision: String,
    },
    /// List the revisions nothing comes after
    Heads,
    /// List the revisions where the history divides
    Branches,
    /// Draw the history
    Graph {
        /// As what
        #[arg(long, value_enum, default_value = "text")]
        format: GraphFormat,
    },
    /// Draw the tables and their foreign keys
    Erd(ErdArguments),
    /// Make the database and apply everything
    Setup,
    /// Drop all tables and apply everything
    #[command(alias = "fresh")]
    SetupReset {
        /// The database's name, which production asks for
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
    /// Make the database
    CreateDatabase,
    /// Drop the database
    DropDatabase {
        /// The database's name, which production asks for
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
    /// Drop all tables, the version tables included
    ResetTables {
        /// The database's name, which production asks for
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
    /// Make the database if it is missing, apply what is pending, and seed a new one
    Prepare,
    /// Fill the database with the project's first rows
    Seed,
    /// Put one revision in the place of a range
    Squash(SquashArguments),
    /// Tell what differs between two schemas
    Diff(DiffArguments),
    /// Write the schema down as SQL text
    SchemaDump(DumpArguments),
    /// Make a new database of a schema that was written down
    SchemaLoad {
        /// What `schema-dump` has written
        file: PathBuf,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// A new revision that is filled in.
#[derive(Clone, Debug, Args)]
pub struct CreateArguments {
    /// The revision
    #[command(flatten)]
    pub new: NewArguments,
    /// What has another name now: old_table=new_table, table.old_column=new_column, enum.old_value=new_value
    #[arg(long, value_name = "OLD=NEW")]
    pub rename: Vec<Rename>,
    /// What rows get that are there already: table.column=value; or enum.value_that_goes=value_that_stays
    #[arg(long, value_name = "TABLE.COLUMN=VALUE")]
    pub fill: Vec<Fill>,
    /// Write it down also when it loses rows or values
    #[arg(long)]
    pub allow_destructive: bool,
    /// Leave out what raw SQL and older migrations do, instead of replaying them in a scratch database
    #[arg(long)]
    pub offline: bool,
    /// Print the file instead of writing it
    #[arg(long)]
    pub dry_run: bool,
}

/// A new revision.
#[derive(Clone, Debug, Args)]
pub struct NewArguments {
    /// What it does, in a few words
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it comes after, when not the head
    #[arg(long, value_name = "REVISION")]
    pub parent: Vec<String>,
    /// Allow a parent that is no head
    #[arg(long)]
    pub splice: bool,
    /// A name for the branch that begins here
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// A revision of another lineage that must be there first
    #[arg(long, value_name = "REVISION")]
    pub depends_on: Vec<String>,
    /// Its id, when not twelve digits by chance
    #[arg(long)]
    pub id: Option<String>,
}

/// Heads to be joined.
#[derive(Clone, Debug, Args)]
pub struct MergeArguments {
    /// Two or more revisions; all heads when none is named
    #[arg(value_name = "REVISION")]
    pub revisions: Vec<String>,
    /// What the new revision is called
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
    /// A name for the branch that begins here
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// Its id, when not twelve digits by chance
    #[arg(long)]
    pub id: Option<String>,
}

/// A script.
#[derive(Clone, Debug, Args)]
pub struct SqlArguments {
    /// Up to where, or from where to where: B, A:B; current asks the database
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Down from B to A instead of up
    #[arg(long)]
    pub down: bool,
    /// For which database, when not the project's
    #[arg(long, value_name = "sqlite|postgres")]
    pub dialect: Option<Dialect>,
    /// Into this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Several revisions to be one.
#[derive(Clone, Debug, Args)]
pub struct SquashArguments {
    /// From where to where, both included: FIRST:LAST
    #[arg(value_name = "FIRST:LAST")]
    pub range: String,
    /// What the new revision is called
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
    /// Keep raw SQL of the range, in its order
    #[arg(long, conflicts_with = "without_data")]
    pub keep_data: bool,
    /// Leave raw SQL and functions of the range out
    #[arg(long)]
    pub without_data: bool,
    /// Prove it on this database alone, when not on both
    #[arg(long, value_name = "sqlite|postgres")]
    pub dialect: Option<Dialect>,
    /// Print the file, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Two schemas: entities, history, history@REVISION, database, a URL, or a file of SQL.
#[derive(Clone, Debug, Args)]
pub struct DiffArguments {
    /// What is there: entities, history, history@REVISION, database, a URL, a .sql file
    #[arg(value_name = "FROM")]
    pub from: String,
    /// What is wanted, told likewise
    #[arg(value_name = "TO")]
    pub to: String,
    /// In the words of which database, when neither side has its own
    #[arg(long, value_name = "sqlite|postgres")]
    pub dialect: Option<Dialect>,
}

/// A schema to be written down: that of the database, when nothing is said.
#[derive(Clone, Debug, Args)]
pub struct DumpArguments {
    /// What the revisions make, replayed in a scratch database
    #[arg(long)]
    pub history: bool,
    /// The same, up to this revision
    #[arg(long, value_name = "REVISION")]
    pub revision: Option<String>,
    /// In which kind of database, when not the project's
    #[arg(long, value_name = "sqlite|postgres")]
    pub dialect: Option<Dialect>,
    /// Into this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
