//! Running a program and seeing what it cost.

use super::proc;
use crate::failure::Failure;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often a running program's memory is looked at. The kernel keeps the peak, so only what a program takes
/// in its last moments is missed.
const LOOK: Duration = Duration::from_millis(10);

/// Lines of a failed program's words that are repeated.
const LAST_LINES: usize = 15;

/// What running something cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Time on the wall clock, from start to end of the process.
    pub wall: Duration,
    /// CPU time of the process.
    pub client: Duration,
    /// CPU time of the server meanwhile, its background processes included.
    pub server: Duration,
    /// Most memory that was resident, in KiB.
    pub peak_kib: u64,
}

impl Cost {
    /// CPU time of client and server.
    pub fn cpu(&self) -> Duration {
        self.client + self.server
    }
}

/// How a program ended, and what it wrote on stdout.
#[derive(Debug)]
pub struct Ended {
    /// What it cost.
    pub cost: Cost,
    /// What it wrote.
    pub stdout: String,
}

/// Runs a program to its end. `good` are the exit statuses that mean success; `server` is asked for the CPU
/// time of the server so far. What the program writes goes to files in `folder`, so that no pipe holds it up.
pub fn run(
    command: &mut Command,
    folder: &Path,
    good: &[i32],
    server: &dyn Fn() -> Duration,
) -> Result<Ended, Failure> {
    let said = folder.join("stdout");
    let complained = folder.join("stderr");
    let file = |path: &Path| {
        File::create(path).map_err(|e| Failure::failed(format_args!("{}: {e}", path.display())))
    };
    command.stdin(Stdio::null()).stdout(file(&said)?).stderr(file(&complained)?);
    let name = command.get_program().to_string_lossy().into_owned();
    let wrong = |e: std::io::Error| Failure::failed(format_args!("{name}: {e}"));

    let before = server();
    let began = Instant::now();
    let mut child = command.spawn().map_err(wrong)?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Failure::failed("a process without a number"))?;
    let number = pid.as_raw_nonzero().get();
    let (ended, watch) = mpsc::channel::<()>();
    let (wall, peak_kib) = std::thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let mut peak = 0;
            while watch.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                peak = proc::peak_kib(number).unwrap_or(0).max(peak);
            }
            peak
        });
        // The process stays to be looked at until it is waited for below.
        let waited = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        let wall = began.elapsed();
        drop(ended);
        waited.map(|_| (wall, watcher.join().unwrap_or(0)))
    })
    .map_err(|e| wrong(e.into()))?;
    let client = proc::stat(number).map(|stat| stat.own + stat.children).unwrap_or_default();
    let status = child.wait().map_err(wrong)?;
    let server = server().saturating_sub(before);

    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    if !status.code().is_some_and(|code| good.contains(&code)) {
        let words = read(&complained);
        let lines: Vec<&str> = words.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n  ");
        return Err(Failure::failed(format_args!("{} ended with {status}:\n  {last}", line(command))));
    }
    Ok(Ended { cost: Cost { wall, client, server, peak_kib }, stdout: read(&said) })
}

/// A command as a person would type it, its program by its bare name.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, good: &[i32]) -> Result<Ended, Failure> {
        let folder = testkit::scratch();
        run(Command::new("sh").args(["-c", script]), folder.path(), good, &|| Duration::ZERO)
    }

    #[test]
    fn a_busy_program_costs_time_cpu_and_memory() {
        let ended = shell("i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo done", &[0]).unwrap();
        assert_eq!(ended.stdout, "done\n");
        assert!(ended.cost.wall > Duration::ZERO && ended.cost.peak_kib > 0);
        assert!(ended.cost.client > Duration::ZERO, "the time of a process that has ended is still there");
    }

    #[test]
    fn an_exit_status_that_is_not_good_repeats_what_the_program_said() {
        assert!(shell("exit 3", &[0, 3]).is_ok());
        let failure = shell("echo first >&2; echo the reason >&2; exit 3", &[0]).unwrap_err();
        assert!(failure.words().unwrap_or_default().contains("the reason"), "{failure:?}");
    }
}
