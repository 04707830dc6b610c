//! The program as a person runs it, with nothing of the machine it runs on.

use crate::doors;
use crate::files::{Scratch, scratch};
use crate::filters;
use crate::process::Process;
use rustix::process::Signal;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A command that runs longer than this hangs; two slow cores and a debug build are allowed for.
const RUN_MAX: Duration = Duration::from_secs(120);
/// Columns of the terminal that the program believes in.
const COLUMNS: &str = "100";

/// A place to run the program at: a working folder and a home that are empty at first and stay for all its
/// runs, and an environment that holds only what is said here.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    place: Arc<Place>,
    environment: Vec<(OsString, OsString)>,
    input: Vec<u8>,
    terminal: bool,
    file_bytes_max: Option<u64>,
}

/// The folders of a program; they stay as long as it runs and its outcome is looked at.
#[derive(Debug)]
struct Place {
    folder: Scratch,
    home: Scratch,
}

/// A place to run `path`; the caller's crate knows it as `env!("CARGO_BIN_EXE_landfall")`.
pub fn program(path: impl Into<PathBuf>) -> Program {
    let place = Arc::new(Place { folder: scratch(), home: scratch() });
    Program {
        path: path.into(),
        place,
        environment: Vec::new(),
        input: Vec::new(),
        terminal: false,
        file_bytes_max: None,
    }
}

impl Program {
    /// The working folder.
    pub fn folder(&self) -> &Scratch {
        &self.place.folder
    }

    /// The home folder.
    pub fn home(&self) -> &Scratch {
        &self.place.home
    }

    /// Sets a variable for all runs from here on.
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.unset(&name);
        self.environment.push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Takes a variable away again.
    pub fn unset(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.environment.retain(|(known, _)| known != name.as_ref());
        self
    }

    /// What the runs from here on read on stdin; nothing at first.
    pub fn input(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.input = bytes.into();
        self
    }

    /// Whether the runs from here on have a terminal, which shows stdout and stderr together as the outcome's
    /// stdout; what they read on stdin is typed there.
    pub fn terminal(&mut self, terminal: bool) -> &mut Self {
        self.terminal = terminal;
        self
    }

    /// No file may grow beyond this: a write fails with "file too large", as on a full disk. `None` lifts it.
    pub fn file_bytes_max(&mut self, bytes: Option<u64>) -> &mut Self {
        self.file_bytes_max = bytes;
        self
    }

    /// Runs to the end. Panics when it hangs.
    #[must_use = "look at how it ended"]
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        self.spawn(arguments).finish()
    }

    /// Starts; it is killed when the result is dropped.
    #[track_caller]
    pub fn spawn<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Running {
        let mut command = self.command();
        if self.terminal {
            // util-linux' `script` makes the terminal; its own words stay out of it.
            let words = std::iter::once(self.path.clone().into_os_string());
            let words = words.chain(arguments.into_iter().map(|word| word.as_ref().to_owned()));
            let line: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
            command.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
        } else {
            command.args(arguments);
        }
        command.process_group(0);
        let (stdout, stderr) = (Arc::<Output>::default(), Arc::<Output>::default());
        let (out, err, input) = (Arc::clone(&stdout), Arc::clone(&stderr), self.input.clone());
        // Threads empty the pipes, so that a full one never blocks the program.
        let connect = move |child: &mut Child| {
            if let Some(mut pipe) = child.stdin.take() {
                std::thread::spawn(move || pipe.write_all(&input));
            }
            out.collect(child.stdout.take());
            err.collect(child.stderr.take());
        };
        let process = Process::start(command, connect).unwrap_or_else(|fault| panic!("{fault}"));
        Running { process, stdout, stderr, place: Arc::clone(&self.place) }
    }

    fn command(&self) -> Command {
        let mut command = match self.file_bytes_max {
            Some(bytes) => {
                // Without the signal a write gives an error, which is what a full disk gives.
                let mut command = Command::new("/usr/bin/env");
                command.args(["--ignore-signal=XFSZ", "/usr/bin/prlimit", &format!("--fsize={bytes}"), "--"]);
                command.arg(&self.path);
                command
            }
            None if self.terminal => Command::new("/usr/bin/script"),
            None => Command::new(&self.path),
        };
        command
            .env_clear()
            .env("PATH", doors::variable("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()))
            .env("HOME", self.place.home.path())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("COLUMNS", COLUMNS)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.place.folder.path())
            .stdin(if self.input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What came out of one pipe so far.
#[derive(Debug, Default)]
struct Output {
    state: Mutex<Written>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    closed: bool,
}

impl Output {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn collect(self: &Arc<Self>, pipe: Option<impl Read + Send + 'static>) {
        let output = Arc::clone(self);
        std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            if let Some(mut pipe) = pipe {
                while let Ok(length @ 1..) = pipe.read(&mut chunk) {
                    output.lock().bytes.extend_from_slice(&chunk[..length]);
                    output.changed.notify_all();
                }
            }
            output.lock().closed = true;
            output.changed.notify_all();
        });
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).into_owned()
    }

    fn holds(&self, text: &str) -> bool {
        holds(&self.lock().bytes, text)
    }

    /// Waits until the pipe is closed or `done` says so; false: [`RUN_MAX`] has passed.
    fn wait(&self, done: impl Fn(&[u8]) -> bool) -> bool {
        let start = Instant::now();
        let mut state = self.lock();
        while !state.closed && !done(&state.bytes) {
            let Some(left) = RUN_MAX.checked_sub(start.elapsed()) else { return false };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len().max(1)).any(|part| part == text.as_bytes())
}

/// The program at work.
#[derive(Debug)]
pub struct Running {
    process: Process,
    stdout: Arc<Output>,
    stderr: Arc<Output>,
    place: Arc<Place>,
}

impl Running {
    /// Its process' number.
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// Waits until stdout holds `text`. Panics when it ends or hangs without it.
    #[track_caller]
    pub fn wait_for_stdout(&self, text: &str) {
        self.wait_for(&self.stdout, text);
    }

    /// The first line of stdout. Panics when it ends or hangs without one.
    #[track_caller]
    pub fn first_line(&self) -> String {
        self.wait_for_stdout("\n");
        self.stdout.text().lines().next().unwrap_or_default().to_owned()
    }

    /// Waits until stderr holds `text`. Panics when it ends or hangs without it.
    #[track_caller]
    pub fn wait_for_stderr(&self, text: &str) {
        self.wait_for(&self.stderr, text);
    }

    #[track_caller]
    fn wait_for(&self, output: &Output, text: &str) {
        output.wait(|bytes| holds(bytes, text));
        assert!(output.holds(text), "it never wrote {text:?}\n{}", self.so_far());
    }

    /// SIGINT, as Ctrl-C sends it.
    pub fn interrupt(&self) {
        let _ = self.process.signal(Signal::INT);
    }

    /// SIGTERM, as a service manager sends it.
    pub fn terminate(&self) {
        let _ = self.process.signal(Signal::TERM);
    }

    /// `kill -9`; what it had written until then.
    #[must_use = "look at how it ended"]
    #[track_caller]
    pub fn kill(self) -> Outcome {
        let _ = self.process.signal(Signal::KILL);
        self.finish()
    }

    /// Waits for its end. Panics when it hangs.
    #[must_use = "look at how it ended"]
    #[track_caller]
    pub fn finish(self) -> Outcome {
        let Some(status) = self.process.wait(RUN_MAX) else {
            panic!("it still runs after {} s\n{}", RUN_MAX.as_secs(), self.so_far());
        };
        let complete = self.stdout.wait(|_| false) && self.stderr.wait(|_| false);
        assert!(complete, "it ended, but left a process that holds its output open\n{}", self.so_far());
        let place = Arc::clone(&self.place);
        Outcome { status, stdout: self.stdout.text(), stderr: self.stderr.text(), place }
    }

    fn so_far(&self) -> String {
        format!("--- stdout\n{}\n--- stderr\n{}", self.stdout.text(), self.stderr.text())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.signal(Signal::KILL);
    }
}

/// How a run ended. What gives one is `must_use`: a test that looks at nothing proves nothing.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The status as the system gives it.
    pub status: ExitStatus,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr.
    pub stderr: String,
    place: Arc<Place>,
}

impl Outcome {
    /// The exit status; `None`: a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Panics, with all output, unless the exit status is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert!(self.code() == Some(code), "expected exit status {code}\n{self}");
        self
    }

    /// Status, stdout and stderr for a snapshot, without what differs from run to run.
    pub fn snapshot(&self) -> String {
        let text = filters::without_path(&self.to_string(), self.place.folder.path(), "[DIR]");
        let text = filters::without_path(&text, self.place.home.path(), "[HOME]");
        filters::steady(&text)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => writeln!(f, "status: {code}")?,
            (None, signal) => writeln!(f, "signal: {}", signal.unwrap_or_default())?,
        }
        write!(f, "--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}

#[cfg(test)]
mod tests;
