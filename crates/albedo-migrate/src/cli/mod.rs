//! The command line, for any project.
//!
//! ```no_run
//! use albedo_migrate::cli::{self, Project};
//! # fn history() -> albedo_migrate::Result<albedo_migrate::History> { albedo_migrate::History::new([]) }
//!
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     cli::run(Project::new(history()).versions(concat!(env!("CARGO_MANIFEST_DIR"), "/versions"))).await
//! }
//! ```
//!
//! Every command is one function of a room below; this file only leads to it.

mod apply;
mod arguments;
mod ask;
mod autogenerate;
mod check;
mod compare;
mod context;
mod create;
mod draw;
mod erd;
mod info;
mod lint;
mod print;
mod project;
mod schema;
mod setup;
mod squash;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use arguments::{
    Arguments, ColorWhen, Command, DiffArguments, DumpArguments, MergeArguments, NewArguments, SqlArguments,
    SquashArguments,
};
pub use draw::GraphFormat;
pub use erd::{ErdArguments, ErdFormat};
pub use lint::LintArguments;
pub use print::Terminal;
pub use project::{Project, SeedFuture};

use crate::error::{Error, Result};
use context::Context;

/// Reads the program's arguments, does what they say, and prints what came of it.
///
/// The exit code is 0 when it is done, 1 when it failed, 2 for a faulty request, 3 when something is pending or has
/// drifted, 4 when another runner holds the lock.
pub async fn run(project: Project) -> ExitCode {
    let arguments = match Arguments::try_parse_from(std::env::args_os().map(counted_from_current)) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Clap knows where help and complaints go; a closed pipe is no reason to complain more.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut terminal = Terminal::standard(arguments.color);
    ExitCode::from(run_parsed(project, arguments, &mut terminal).await)
}

/// As [`run`], with arguments and a terminal of the caller's: for tests, and for programs with a command line of their
/// own. The first argument is the program's name. Returns the exit code.
pub async fn run_with<I, T>(project: Project, arguments: I, terminal: &mut Terminal) -> u8
where
    I: IntoIterator<Item = T>,
    T: Into<OsString>,
{
    match Arguments::try_parse_from(arguments.into_iter().map(|argument| counted_from_current(argument.into()))) {
        Ok(arguments) => {
            terminal.set_color(arguments.color);
            run_parsed(project, arguments, terminal).await
        }
        Err(error) => {
            terminal.complain(&error.to_string());
            u8::try_from(error.exit_code()).unwrap_or(2)
        }
    }
}

/// `-1` and `-3:current` look like options. They count from what is applied, so they are read as `current-1`, which
/// means the same and begins with a letter.
fn counted_from_current(argument: OsString) -> OsString {
    let counts = argument
        .to_str()
        .and_then(|text| text.strip_prefix('-'))
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if !counts {
        return argument;
    }
    let mut longer = OsString::from("current");
    longer.push(argument);
    longer
}

async fn run_parsed(project: Project, arguments: Arguments, terminal: &mut Terminal) -> u8 {
    let json = arguments.json;
    let done = match Context::new(project, &arguments) {
        Ok(context) => dispatch(&context, &arguments.command, terminal).await,
        Err(error) => Err(error),
    };
    let written = terminal.finish();
    let done = done.and_then(|code| match written {
        Ok(()) => Ok(code),
        Err(error) => {
            let told = format!("the answer could not be written: {error}");
            Err(Error::failed(told).hint("what the command did to databases and other files stands"))
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            terminal.error(&error, json);
            error.kind().exit_code()
        }
    }
}

async fn dispatch(context: &Context, command: &Command, terminal: &mut Terminal) -> Result<u8> {
    match command {
        Command::Create(wanted) => autogenerate::create(context, wanted, terminal).await,
        Command::CreateEmpty(new) => create::create_empty(context, new, terminal),
        Command::CreateBranch(new) => create::create_branch(context, new, terminal),
        Command::Merge(merge) => create::merge(context, merge, terminal),
        Command::Migrate { revisions, dry_run } => apply::migrate(context, revisions, *dry_run, terminal).await,
        Command::Up { num } => apply::up(context, *num, terminal).await,
        Command::Rollback { step, dry_run } => apply::rollback(context, *step, *dry_run, terminal).await,
        Command::Downgrade { revision, dry_run } => apply::downgrade(context, revision, *dry_run, terminal).await,
        Command::Redo { step } => apply::redo(context, *step, terminal).await,
        Command::Reset { confirm } => apply::reset(context, confirm.as_deref(), terminal).await,
        Command::Stamp { revisions, purge } => apply::stamp(context, revisions, *purge, terminal).await,
        Command::Sql(wanted) => apply::sql(context, wanted, terminal).await,
        Command::Lint(wanted) => lint::lint(context, wanted, terminal).await,
        Command::Check => check::check(context, terminal).await,
        Command::Verify => verify::verify(context, terminal).await,
        Command::Status => info::status(context, terminal).await,
        Command::Current { check_heads } => info::current(context, *check_heads, terminal).await,
        Command::History { range } => info::history(context, range.as_deref(), terminal).await,
        Command::Show { revision } => info::show(context, revision, terminal).await,
        Command::Heads => info::heads(context, terminal).await,
        Command::Branches => info::branches(context, terminal).await,
        Command::Graph { format } => info::graph(context, *format, terminal).await,
        Command::Erd(wanted) => erd::erd(context, wanted, terminal).await,
        Command::Setup => setup::setup(context, terminal).await,
        Command::SetupReset { confirm } => setup::setup_reset(context, confirm.as_deref(), terminal).await,
        Command::CreateDatabase => setup::create_database(context, terminal).await,
        Command::DropDatabase { confirm } => setup::drop_database(context, confirm.as_deref(), terminal).await,
        Command::ResetTables { confirm } => setup::reset_tables(context, confirm.as_deref(), terminal).await,
        Command::Prepare => setup::prepare(context, terminal).await,
        Command::Seed => setup::seed(context, terminal).await,
        Command::Diff(wanted) => compare::compare(context, wanted, terminal).await,
        Command::Squash(wanted) => squash::squash(context, wanted, terminal).await,
        Command::SchemaDump(wanted) => schema::write_down(context, wanted, terminal).await,
        Command::SchemaLoad { file } => schema::load(context, file, terminal).await,
        Command::Completions { shell } => {
            let mut text = Vec::new();
            let mut command = Arguments::command();
            let name = command.get_name().to_owned();
            clap_complete::generate(*shell, &mut command, name, &mut text);
            terminal.line(String::from_utf8_lossy(&text).trim_end());
            Ok(0)
        }
    }
}

/// What is missing when a command needs a folder of revisions and the project has none.
fn no_versions() -> Error {
    Error::usage("this project has no folder of revisions").hint("name it with --versions, or in Project::versions")
}
