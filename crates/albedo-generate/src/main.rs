//! `make new-resource` and `make destroy-resource`: reads what was asked for, and tells what came of it.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use albedo_generate::{Error, Request, Undone, Workspace};
use clap::{Args, Parser};

/// Write a new resource into the workspace, or take one out again.
#[derive(Debug, Parser)]
#[command(name = "albedo-generate")]
enum Command {
    /// Write a resource: entity, rules, route, revision, tests.
    New(New),
    /// Take a resource away that was written so.
    Destroy(Destroy),
}

#[derive(Args, Debug)]
struct New {
    /// Its name: singular, as in `river_bank`.
    name: String,
    /// Its fields, as in 'name:string{120}!^ length:bigint{0..} kind:choice(river,canal)=river city:references:cities'.
    ///
    /// Types: string text integer bigint double boolean uuid datetime json texts choice(a,b) references:table. Behind them
    /// {120} or {1..120} bounds a text, {0..100} a number. Marks: ! has to be sent, ^ is unique, ? may be empty, as
    /// without a mark. =value is what a create without it means.
    #[arg(long, default_value = "")]
    fields: String,
    /// The resource above it: the singular.
    #[arg(long, value_name = "NAME")]
    parent: Option<String>,
    /// Each row belongs to the user who made it.
    #[arg(long)]
    owner: bool,
    /// Its plural, where English has one of its own.
    #[arg(long)]
    plural: Option<String>,
    /// How many seconds lists are kept by the cache.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(..=86_400))]
    cache_ttl: Option<u32>,
    /// Refuse changes without If-Match.
    #[arg(long)]
    require_if_match: bool,
    /// Deleted rows stay, out of sight, and can be restored.
    #[arg(long)]
    soft_delete: bool,
    /// Each write leaves an audit event.
    #[arg(long)]
    audit: bool,
    /// Print a diff and write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
struct Destroy {
    /// Its name: singular.
    name: String,
    /// Also when files were edited since, or the database has its table.
    #[arg(long)]
    force: bool,
    /// Print a diff and write nothing.
    #[arg(long)]
    dry_run: bool,
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(text) => {
            let mut out = io::stdout();
            match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                // Whoever closes the pipe has read enough.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    let _ = writeln!(io::stderr(), "done, but what was done could not be written here: {error}");
                    ExitCode::FAILURE
                }
                _ => ExitCode::SUCCESS,
            }
        }
        Err(error) => {
            let refused = matches!(error, Error::Refused(_));
            let opening = if refused { "nothing was changed:\n" } else { "" };
            let _ = writeln!(io::stderr(), "{opening}{error}");
            ExitCode::from(if refused { 2 } else { 1 })
        }
    }
}

fn run(command: Command) -> Result<String, Error> {
    let workspace = Workspace::around(Path::new("."))?;
    let only_look = command.is_dry();
    let recovered = albedo_generate::recover(&workspace, only_look)?;
    // At once and not with the answer, which is another one where the command fails.
    let _ = write!(io::stderr(), "{}", told(&recovered, only_look));
    let mut text = String::new();
    match command {
        Command::New(New {
            name,
            fields,
            parent,
            owner,
            plural,
            cache_ttl,
            require_if_match,
            soft_delete,
            audit,
            dry_run,
        }) => {
            let request =
                Request { name, plural, fields, parent, owner, cache_ttl, require_if_match, soft_delete, audit };
            if dry_run {
                text += &albedo_generate::preview(&workspace, &request)?;
                text += "\nNothing was written. The revision follows from the entity, so it is made with it: leave DRY_RUN out.\n";
                return Ok(text);
            }
            let made = albedo_generate::make(&workspace, &request)?;
            tell_files(&mut text, &made.files, "new", "line");
            let _ = write!(text, "\nIts revision, which is not applied yet:\n\n{}", indented(&made.revision));
            let _ = writeln!(text, "\n/api/v1{} is there. Next:", made.path);
            tell_steps(&mut text, &made.next);
        }
        Command::Destroy(Destroy { name, force, dry_run }) => {
            if dry_run {
                text += &albedo_generate::preview_destroy(&workspace, &name, force)?;
                text += "\nNothing was taken away.\n";
                return Ok(text);
            }
            let gone = albedo_generate::destroy(&workspace, &name, force)?;
            tell_files(&mut text, &gone.files, "gone", "line");
            let _ = writeln!(text, "\nNext:");
            tell_steps(&mut text, &gone.next);
        }
    }
    Ok(text)
}

impl Command {
    fn is_dry(&self) -> bool {
        match self {
            Self::New(new) => new.dry_run,
            Self::Destroy(destroy) => destroy.dry_run,
        }
    }
}

/// What has become of a run that was broken off, file by file.
fn told(undone: &Undone, only_look: bool) -> String {
    let (will, edited) = if only_look {
        ("a run without DRY_RUN puts back", "edited since, it will be left alone; take out what is not yours")
    } else {
        ("put back", "edited since and left alone; take out what is not yours")
    };
    let back = undone.back.iter().map(|path| format!("  {path}: {will}\n"));
    let left = undone.left.iter().map(|path| format!("  {path}: {edited}\n"));
    let since = undone.revisions.iter().map(|path| format!("  {path}: new since; remove it if nobody else made it\n"));
    let files: String = back.chain(left).chain(since).collect();
    if files.is_empty() { files } else { format!("An earlier run was broken off:\n{files}") }
}

fn tell_files(text: &mut String, files: &[(String, bool)], whole: &str, part: &str) {
    for (path, is_whole) in files {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {:<5} {path}", if *is_whole { whole } else { part });
    }
}

fn tell_steps(text: &mut String, steps: &[(String, String)]) {
    for (command, reason) in steps {
        let _ = writeln!(text, "  {command}\n      {reason}");
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}
