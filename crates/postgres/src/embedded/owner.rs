//! The process that runs the embedded server.

use super::backend::Backend;
use super::hub::{Hub, Inside, Waits};
use super::lock::Lock;
use super::{NAME, SOCKET, cache, cluster};
use crate::connect::{Line, Session, Stream};
use base::Fault;
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// Seconds that a client from outside waits for its turn before it is told who has it. A commit of the
/// largest batch takes a few seconds; a person in a transaction takes longer than anybody should wait for.
const OUTSIDE_WAIT_SECONDS: u64 = 60;

/// Seconds for the owner's own code, which waits for a person's transaction rather than fail a run, but not
/// for itself for ever.
const INSIDE_WAIT_SECONDS: u64 = 600;

/// Seconds that the server may take to stop. It takes a tenth of one, and some for the checkpoint after a
/// large load; one that works on a statement without end cannot be stopped at all, and goes with the process,
/// which loses nothing that was committed.
const STOP_SECONDS: u64 = 20;

/// Between two looks whether it has stopped.
const STOP_LOOK: Duration = Duration::from_millis(5);

/// Bytes of a path that a socket's address holds, with room for its end.
const SOCKET_PATH_MAX: usize = 100;

/// How a folder is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the owner is doing, for those who find the folder in use: `landfall move`. No secret may be in
    /// it.
    pub command: String,
    /// The extensions that `CREATE EXTENSION` is to find: all of [`super::EXTENSIONS`], or fewer for a start
    /// that is a tenth of a second faster.
    pub extensions: Vec<String>,
    /// How long a client from outside waits for its turn.
    pub outside_wait: Duration,
    /// How long the owner's own code does.
    pub inside_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            command: "landfall".into(),
            extensions: cluster::EXTENSIONS.iter().map(ToString::to_string).collect(),
            outside_wait: Duration::from_secs(OUTSIDE_WAIT_SECONDS),
            inside_wait: Duration::from_secs(INSIDE_WAIT_SECONDS),
        }
    }
}

/// A running embedded PostgreSQL. It serves the folder's socket until it is dropped, which ends all its
/// sessions, brings PostgreSQL to an orderly stop (if it comes to one within [`STOP_SECONDS`]), and gives the
/// folder back.
#[derive(Debug)]
pub struct Embedded {
    dir: PathBuf,
    socket: PathBuf,
    place: String,
    inside: Option<mpsc::UnboundedSender<Inside>>,
    lost: watch::Receiver<Option<Fault>>,
    thread: Option<JoinHandle<()>>,
    /// A folder for the socket, when the path of the project's is too long for one.
    _short: Option<TempDir>,
    /// Given back last; `None`: kept until the process ends, because its server could not be stopped.
    lock: Option<Box<Lock>>,
}

impl Embedded {
    /// Takes a project's `.landfall/` (made when it is missing) and starts PostgreSQL in it. Blocks about
    /// half a second; in async code call it through `spawn_blocking`, or use [`super::open_or_attach`].
    pub fn open(dir: &Path) -> Result<Self, Fault> {
        Self::open_with(dir, &Settings::default())
    }

    /// As [`Embedded::open`], with settings.
    pub fn open_with(dir: &Path, settings: &Settings) -> Result<Self, Fault> {
        let unusable = |error: std::io::Error| {
            Fault::usage(format!("{} cannot be used: {}", dir.display(), error.kind()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unusable)?;
        let dir = dir.canonicalize().map_err(unusable)?;
        let mut lock = Lock::take(&dir, &settings.command)?;
        cache::check(cache::folder().as_deref(), &dir)?;
        let (short, socket) = if dir.join(SOCKET).as_os_str().len() <= SOCKET_PATH_MAX {
            (None, dir.join(SOCKET))
        } else {
            let short = private_folder()?;
            let socket = short.path().join(SOCKET);
            (Some(short), socket)
        };
        let (inside, jobs) = mpsc::unbounded_channel();
        let (tell, lost) = watch::channel(None);
        let (ready, started) = std::sync::mpsc::channel();
        let owner = Owner {
            root: dir.join("pgdata"),
            socket: socket.clone(),
            extensions: settings.extensions.clone(),
            waits: Waits { inside: settings.inside_wait, outside: settings.outside_wait },
        };
        let thread = std::thread::Builder::new()
            .name("embedded-postgres".into())
            .spawn(move || owner.run(jobs, tell, &ready))
            .map_err(|error| {
                Fault::stop(format!("no thread for the embedded PostgreSQL: {}", error.kind()))
            })?;
        let outcome =
            started.recv().unwrap_or_else(|_| Err(Fault::bug("the embedded PostgreSQL broke at its start")));
        if let Err(fault) = outcome {
            let _ = thread.join();
            return Err(fault);
        }
        let place = format!("the embedded PostgreSQL in {}", dir.display());
        let (inside, thread) = (Some(inside), Some(thread));
        lock.publish(&dir, &socket)?;
        let lock = Some(Box::new(lock));
        Ok(Self { dir, socket, place, inside, lost, thread, _short: short, lock })
    }

    /// A session for the owner's own code; `role` (`landfall move`) names it for those who wait for it.
    pub async fn connect(&self, role: &str) -> Result<Session, Fault> {
        let no_pair =
            |error: std::io::Error| Fault::stop(format!("connecting to {}: {}", self.place, error.kind()));
        let (ours, theirs) = Inside::pair().map_err(no_pair)?;
        ours.set_nonblocking(true).map_err(no_pair)?;
        let stream = UnixStream::from_std(ours).map_err(no_pair)?;
        match &self.inside {
            Some(inside) if inside.send(theirs).is_ok() => {
                log_in(stream, &self.socket, &self.place, role).await
            }
            _ => Err(self.lost_reason()),
        }
    }

    /// The address for other tools: `psql "$(landfall db url)"`.
    pub fn url(&self) -> String {
        url(&self.socket)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The socket on which others are served.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Waits until PostgreSQL is gone, and says why. The socket is served all the time, whether anybody waits
    /// here or not; to stop serving, drop the owner.
    pub async fn serve(&self) -> Fault {
        let mut lost = self.lost.clone();
        let _ = lost.wait_for(Option::is_some).await;
        self.lost_reason()
    }

    fn lost_reason(&self) -> Fault {
        match &*self.lost.borrow() {
            Some(fault) => fault.clone().at(&self.place),
            None => Fault::retry(format!("{} has stopped", self.place)),
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.inside = None;
        let Some(thread) = self.thread.take() else { return };
        let begin = Instant::now();
        while !thread.is_finished() && begin.elapsed() < Duration::from_secs(STOP_SECONDS) {
            std::thread::park_timeout(STOP_LOOK);
        }
        if thread.is_finished() {
            let _ = thread.join();
        } else {
            std::mem::forget(self.lock.take());
        }
    }
}

/// Logs in to the multiplexer over a stream.
pub(super) async fn log_in(
    stream: UnixStream,
    socket: &Path,
    place: &str,
    role: &str,
) -> Result<Session, Fault> {
    let mut config = Config::new();
    config.user(NAME).dbname(NAME).ssl_mode(SslMode::Disable).application_name(role);
    let line = Line::Socket(socket.to_owned());
    Session::over(Stream::Socket(stream), &config, line, None, place.to_owned())
        .await
        .map_err(|error| crate::connect::fault(&error, &format!("connecting to {place}")))
}

/// The address of a socket in libpq's form.
pub(super) fn url(socket: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt;
    let folder = socket.parent().unwrap_or_else(|| Path::new("/"));
    let mut url = format!("postgresql://{NAME}@/{NAME}?host=");
    for byte in folder.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                url.push(char::from(*byte))
            }
            _ => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url + "&port=5432"
}

/// A folder with a short path that only this user can enter.
fn private_folder() -> Result<TempDir, Fault> {
    tempfile::Builder::new()
        .prefix("landfall-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|error| Fault::stop(format!("no temporary folder for a socket: {}", error.kind())))
}

/// The thread of the server.
struct Owner {
    root: PathBuf,
    socket: PathBuf,
    extensions: Vec<String>,
    waits: Waits,
}

impl Owner {
    /// A socket for `pglite-oxide`'s own server, in the data folder if its path is short enough.
    fn door(&self) -> Result<(Option<TempDir>, PathBuf), Fault> {
        let door = self.root.join("door").join(SOCKET);
        if door.as_os_str().len() <= SOCKET_PATH_MAX {
            return Ok((None, door));
        }
        let short = private_folder()?;
        let door = short.path().join(SOCKET);
        Ok((Some(short), door))
    }

    fn run(
        self,
        jobs: mpsc::UnboundedReceiver<Inside>,
        lost: watch::Sender<Option<Fault>>,
        ready: &std::sync::mpsc::Sender<Result<(), Fault>>,
    ) {
        let started = self.door().and_then(|(short, door)| {
            let server = cluster::start(&self.root, &door, &self.extensions)?;
            Ok((short, door, server))
        });
        // The folder of the server's own socket must outlive the server.
        let (_short, door, server) = match started {
            Ok(started) => started,
            Err(fault) => return drop(ready.send(Err(fault))),
        };
        let base = cluster::base(&self.root);
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(async {
                let opened = Backend::open(&door, 1).await.and_then(|backend| {
                    let listener = listen(&self.socket)?;
                    Ok((Hub::new(backend, &base, door.clone(), self.waits, lost), listener))
                });
                match opened {
                    Ok((hub, listener)) => {
                        let _ = ready.send(Ok(()));
                        Arc::new(hub).run(listener, jobs).await;
                    }
                    Err(fault) => drop(ready.send(Err(fault))),
                }
            }),
            Err(error) => {
                drop(ready.send(Err(Fault::stop(format!(
                    "no runtime for the embedded PostgreSQL: {}",
                    error.kind()
                )))));
            }
        }
        let _ = std::fs::remove_file(&self.socket);
        // Its session is closed by now; this waits for PostgreSQL's shutdown checkpoint.
        drop(server);
        if let Ok(folder) = std::fs::File::open(&base) {
            let _ = rustix::fs::syncfs(folder);
        }
    }
}

fn listen(socket: &Path) -> Result<UnixListener, Fault> {
    let failed = |error: std::io::Error| {
        Fault::stop(format!("the socket {} cannot be made: {}", socket.display(), error.kind()))
    };
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(socket).map_err(failed)?;
    // Until here the folder's own rights keep others out.
    std::fs::set_permissions(socket, Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}
