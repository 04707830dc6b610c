//! A child process that something else may signal while it runs, and that never outlives us.

use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// The helper that makes a server die with us.
pub(crate) fn setpriv() -> Option<&'static Path> {
    Some(Path::new("/usr/bin/setpriv")).filter(|path| path.is_file())
}

/// A server's program, killed when we die, in a bare environment, its words in `log`.
pub(crate) fn server(program: &Path, log: &Path) -> io::Result<Command> {
    let log = File::create(log)?;
    let mut command = match setpriv() {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", "--"]).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
    command.stdout(log.try_clone()?).stderr(log).process_group(0);
    Ok(command)
}

/// A running or finished child. A thread of its own starts it and waits for it, because "die with your
/// parent" means on Linux: with the *thread* that started you, and the thread of a test ends before the
/// process does.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    ended: Arc<Ended>,
}

#[derive(Debug, Default)]
struct Ended {
    status: Mutex<Option<ExitStatus>>,
    changed: Condvar,
}

impl Ended {
    fn lock(&self) -> MutexGuard<'_, Option<ExitStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// Starts `command`; `keep` gets the child's pipes in its hands first.
    pub(crate) fn start(
        mut command: Command,
        keep: impl FnOnce(&mut Child) + Send + 'static,
    ) -> io::Result<Self> {
        let ended = Arc::new(Ended::default());
        let (sender, receiver) = mpsc::sync_channel(1);
        let shared = Arc::clone(&ended);
        std::thread::Builder::new().name("keeper".into()).spawn(move || {
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(fault) => {
                    let name = command.get_program().to_string_lossy().into_owned();
                    let _ = sender.send(Err(io::Error::new(fault.kind(), format!("{name}: {fault}"))));
                    return;
                }
            };
            keep(&mut child);
            let _ = sender.send(Ok(child.id()));
            if let Ok(status) = child.wait() {
                *shared.lock() = Some(status);
                shared.changed.notify_all();
            }
        })?;
        let number = receiver.recv().map_err(|_| io::Error::other("the keeper of a process died"))??;
        let pid = i32::try_from(number).ok().and_then(Pid::from_raw);
        Ok(Self { pid: pid.ok_or_else(|| io::Error::other("a process without a number"))?, ended })
    }

    /// The process' number.
    pub(crate) fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        *self.ended.lock()
    }

    /// Sends a signal; nothing to do when it has ended.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        let status = self.ended.lock();
        if status.is_none() {
            kill_process(self.pid, signal)?;
        }
        Ok(())
    }

    /// Waits for its end; `None`: it still runs after `limit`.
    pub(crate) fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        let mut status = self.ended.lock();
        while status.is_none() {
            let left = limit.checked_sub(start.elapsed())?;
            status = self.ended.changed.wait_timeout(status, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *status
    }
}
