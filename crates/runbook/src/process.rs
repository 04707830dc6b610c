//! The edge to processes: the only place that starts one.

use crate::model::Command;
use crate::ports::{Call, Ended, How, Runner};
use crate::tail::Tail;
use async_trait::async_trait;
use base::{Fault, Secret};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command as Process};

/// Bytes of output that are read at a time.
const READ_BYTES: usize = 8 * 1024;

/// How long a command that was asked to end may take to do so, before it is ended.
const GRACE: Duration = Duration::from_secs(5);

/// How long output is waited for after a command ended: what it left running may hold the pipe open for ever.
const DRAIN: Duration = Duration::from_millis(500);

/// Takes output as it comes, from several threads.
pub type Output = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// What a command sees of its surroundings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// All its variables.
    pub variables: BTreeMap<String, String>,
    /// What is masked where its output is recorded.
    pub secrets: Vec<Secret>,
}

/// Tells the surroundings anew for each command: a `.env` may have been edited since the last one.
pub type Look = Arc<dyn Fn() -> Surroundings + Send + Sync>;

/// Runs commands on this machine. They get nothing on their standard input, a process group of their own,
/// and the variables given here only.
pub struct ProcessRunner {
    dir: PathBuf,
    look: Look,
    output: Output,
}

impl ProcessRunner {
    /// A runner in this folder; `output` is handed all that commands write.
    pub fn new(dir: PathBuf, look: Look, output: Output) -> Self {
        Self { dir, look, output }
    }

    fn start(
        &self,
        command: &Command,
        variables: &BTreeMap<String, String>,
    ) -> Result<(Child, Group), Fault> {
        let shell = command.shell.word();
        let child = Process::new(shell)
            .args(command.shell.options())
            .arg(&command.script)
            .current_dir(&self.dir)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|e| Fault::stop(format!("cannot start {shell} in {}: {e}", self.dir.display())))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok((child, Group(group)))
    }
}

#[async_trait]
impl Runner for ProcessRunner {
    async fn run(&self, call: Call<'_>) -> Result<Ended, Fault> {
        let Surroundings { variables, secrets } = (self.look)();
        let (mut child, mut group) = self.start(call.command, &variables)?;
        let tail = Arc::new(Mutex::new(Tail::new(&secrets)));
        let readers = [
            child.stdout.take().map(|pipe| tokio::spawn(read(pipe, self.output.clone(), tail.clone()))),
            child.stderr.take().map(|pipe| tokio::spawn(read(pipe, self.output.clone(), tail.clone()))),
        ];
        let timeout = Duration::try_from(call.timeout).unwrap_or(Duration::ZERO);
        let waited = tokio::time::timeout(timeout, child.wait()).await;
        let lost = |e: std::io::Error| Fault::stop(format!("lost sight of a command: {e}"));
        let how = match waited {
            Ok(status) => ended(status.map_err(lost)?),
            Err(_) => {
                group.signal(Signal::TERM);
                if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                    group.signal(Signal::KILL);
                    child.wait().await.map_err(lost)?;
                }
                How::TimedOut
            }
        };
        group.0 = None;
        let handles: Vec<_> = readers.into_iter().flatten().collect();
        let stops: Vec<_> = handles.iter().map(tokio::task::JoinHandle::abort_handle).collect();
        let drained = async {
            for handle in handles {
                let _ = handle.await;
            }
        };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            stops.iter().for_each(tokio::task::AbortHandle::abort);
        }
        let output = call.output.then(|| tail.lock().unwrap_or_else(PoisonError::into_inner).text(&secrets));
        Ok(Ended { how, output })
    }
}

/// The processes of a command. When it is dropped before they ended, they are asked to end.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            // They may be gone already.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
    }
}

fn ended(status: ExitStatus) -> How {
    match (status.code(), status.signal()) {
        (Some(code), _) => How::Exited(code),
        (None, signal) => How::Killed(signal.unwrap_or_default()),
    }
}

async fn read(mut pipe: impl AsyncRead + Unpin, output: Output, tail: Arc<Mutex<Tail>>) {
    let mut buffer = vec![0; READ_BYTES];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        output(&buffer[..count]);
        tail.lock().unwrap_or_else(PoisonError::into_inner).push(&buffer[..count]);
    }
}

/// Whether a program of this name can be run: a path as it is, a bare name in one of the folders of `path`.
pub fn on_path(program: &str, path: &str) -> bool {
    let runs = |file: &Path| {
        std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    if program.contains('/') {
        return runs(Path::new(program));
    }
    std::env::split_paths(path).any(|dir| runs(&dir.join(program)))
}
