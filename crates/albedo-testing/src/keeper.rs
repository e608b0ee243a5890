//! Keepers: one process and its temporary directory, both gone when their owner is, however the owner goes.
//!
//! A destructor does not run on `kill -9` or in a `static`, so the owner is a pipe: a small shell starts the process as
//! its own child, then reads its standard input, which only we hold open. When we drop the [`Keeper`], end or are
//! killed, the read ends, and the shell stops that child by its pid and removes the directory. Until then the child
//! cannot be reaped by anyone else, so its pid is never that of a stranger.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid},
};

use crate::output::Output;

/// `$1` the signal that stops the process, `$2` a script that prepares the directory, the rest the process.
const SCRIPT: &str = r#"
signal=$1 prepare=$2; shift 2
# Nothing may end the keeper before its work is done, least of all SIGPIPE when nobody reads its words any more.
trap : HUP INT PIPE TERM

# In memory, if there is a gigabyte and nobody said otherwise: a new PostgreSQL database takes a fifth of the time
# there, and SQLite waits for no disk.
place=${TMPDIR:-/tmp}
if [ -z "${TMPDIR-}" ] && [ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')" -gt 1000000 ]; then
    place=/dev/shm
fi
directory=$(mktemp -d "$place/albedo-test.XXXXXX") || exit
trap 'cd / && rm -rf "$directory"' EXIT
cd "$directory" || exit

# In the foreground: when our owner goes in its midst, nothing may write behind the back of the removal.
sh -ec "$prepare" </dev/null 2>&1 || exit
# The process announces itself before it becomes the program: said by the keeper, its line could come after the first
# words of a program that is quick.
sh -c 'echo "$$:$0"; exec "$@"' "$directory" "$@" </dev/null 2>&1 &
process=$!
# From here on the process alone holds the output open: the end of the output is the end of the process.
exec >/dev/null 2>&1

read -r _
kill -s CONT "$process"
# Again and again: a process that has only just started may not listen yet, to SIGQUIT least of all, which a shell
# lets its background processes ignore.
while kill -s "$signal" "$process"; do sleep 0.1; done &
wait "$process"
"#;

/// What a keeper is to start. The environment holds `PATH`, `TMPDIR` and what is named here, nothing else: a
/// developer's own `DATABASE_URL` or `PGPORT` must not reach a test.
#[derive(Debug)]
pub(crate) struct Charge<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// A shell script that runs in the new directory before the program.
    pub(crate) prepare: &'a str,
    pub(crate) stop: Signal,
    pub(crate) user: User,
}

/// Who runs the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Ourselves,
    /// Somebody without rights, if we are root: PostgreSQL refuses to run as root.
    Unprivileged,
}

/// A running process with a directory of its own.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Child,
    lifeline: Option<ChildStdin>,
    output: Output,
    process: Pid,
    directory: PathBuf,
}

/// What is said before the first word of the program: `PID:DIRECTORY`.
fn read_announcement(line: &str) -> Option<(Pid, PathBuf)> {
    let (process, directory) = line.split_once(':')?;
    Some((Pid::from_raw(process.parse().ok()?), PathBuf::from(directory)))
}

impl Keeper {
    /// Starts the process; an error holds what was said until then.
    pub(crate) fn start(charge: &Charge<'_>) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "keeper", charge.stop.as_str().trim_start_matches("SIG"), charge.prepare]);
        command.arg(charge.program).args(&charge.arguments).env_clear();
        for inherited in ["PATH", "TMPDIR"] {
            command.envs(std::env::var_os(inherited).map(|value| (inherited, value)));
        }
        command.envs(charge.environment.iter().map(|(name, value)| (name, value)));
        // A group of its own: Ctrl-C in the terminal ends the tests, and then the keeper has its work to do.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/");
        if charge.user == User::Unprivileged && geteuid().is_root() {
            let (user, group) = unprivileged().map_err(|error| error.to_string())?;
            command.uid(user).gid(group);
        }
        let mut shell = command.spawn().map_err(|error| format!("sh: {error}"))?;
        let lifeline = shell.stdin.take();
        let output = Output::follow(shell.stdout.take().ok_or("sh has no output")?);
        match output.wait_for(Duration::from_secs(60), read_announcement) {
            Ok((process, directory)) => Ok(Self { shell, lifeline, output, process, directory }),
            Err(silence) => {
                drop(lifeline);
                Err(format!("{}: {silence:?}\n{}", charge.program.display(), output.text()))
            }
        }
    }

    pub(crate) fn output(&self) -> &Output {
        &self.output
    }

    /// What the program has said, without its announcement and the words of the preparation.
    pub(crate) fn said(&self) -> String {
        let announcement = format!("{}:{}", self.process, self.directory.display());
        let text = self.output.text();
        text.split_once(&announcement).map_or("", |(_, said)| said).trim_start().to_owned()
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.as_raw().unsigned_abs()
    }

    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill(self.process, signal)?)
    }

    /// Stops the process if it still runs, removes the directory, and gives the exit code: 128 + n after signal n.
    pub(crate) fn end(&mut self) -> io::Result<i32> {
        self.lifeline = None;
        let status = self.shell.wait()?;
        Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or_default())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Nobody is left who could do something about a shell that cannot be waited for.
        let _ = self.end();
    }
}

/// The user and group id of `postgres`, or else of `nobody`.
fn unprivileged() -> io::Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| user_ids(&users, name))
        .ok_or_else(|| io::Error::other("running as root, and /etc/passwd has neither postgres nor nobody"))
}

fn user_ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(program: &str, arguments: &[&str], prepare: &str) -> Result<Keeper, String> {
        Keeper::start(&Charge {
            program: Path::new(program),
            arguments: arguments.iter().map(OsString::from).collect(),
            environment: Vec::new(),
            prepare,
            stop: Signal::SIGTERM,
            user: User::Ourselves,
        })
    }

    #[test]
    fn the_process_and_its_directory_end_with_the_keeper() {
        let keeper = keep("sleep", &["600"], "touch prepared").unwrap();
        let (process, directory) = (keeper.process, keeper.directory().to_owned());
        assert!(directory.join("prepared").exists());
        assert_eq!(kill(process, None), Ok(()));
        drop(keeper);
        assert!(kill(process, None).is_err());
        assert!(!directory.exists());
    }

    #[test]
    fn the_exit_code_is_the_one_of_the_process() {
        let mut keeper = keep("sh", &["-c", "exit 7"], "").unwrap();
        assert!(keeper.output().ends(Duration::from_secs(5)));
        assert_eq!(keeper.end().unwrap(), 7);
    }

    #[test]
    fn a_stopped_process_is_ended_too() {
        let mut keeper = keep("sleep", &["600"], "").unwrap();
        keeper.signal(Signal::SIGSTOP).unwrap();
        assert_eq!(keeper.end().unwrap(), 128 + Signal::SIGTERM as i32);
    }

    #[test]
    fn a_failed_preparation_is_told_in_its_own_words() {
        let error = keep("sleep", &["600"], "echo no room left; exit 1").unwrap_err();
        assert!(error.contains("no room left"), "{error}");
    }

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "postgresql:x:1:1::/:\npostgres:x:101:104:admin:/var/lib:/bin/sh\n";
        assert_eq!(user_ids(users, "postgres"), Some((101, 104)));
        assert_eq!(user_ids(users, "nobody"), None);
    }
}
