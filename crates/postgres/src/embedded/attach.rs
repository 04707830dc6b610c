//! Sharing the embedded server of another process.

use super::lock;
use super::owner::{Embedded, Settings, log_in, url};
use crate::connect::Session;
use base::Fault;
use base::limits::LEASE_WAIT_SECONDS;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::UnixStream;

/// Seconds to wait for an owner that is starting; recovery after a crash included.
const START_SECONDS: u64 = 30;

/// Between two looks at it.
const PAUSE: Duration = Duration::from_millis(50);

/// The command of an owner that stays until a person ends it.
const SERVING: &str = "landfall db";

/// Times that [`open_or_attach`] goes around: an owner may end between the look at the lock and the
/// connection.
const ROUNDS: usize = 5;

/// The embedded server, run by this process or by another.
#[derive(Debug)]
pub enum Opened {
    /// By this one, with a session; keep it as long as any session is needed.
    Owner(Embedded, Box<Session>),
    /// By another one, with a session at it.
    Attached(Box<Session>),
}

impl Opened {
    /// The session.
    pub fn session(&self) -> &Session {
        match self {
            Self::Owner(_, session) | Self::Attached(session) => session,
        }
    }
}

/// Connects to the process that owns the project's `.landfall/`; `None` when there is none.
pub async fn attach(dir: &Path, role: &str) -> Result<Option<Session>, Fault> {
    let begin = Instant::now();
    loop {
        let Some(holder) = lock::holder(dir)? else { return Ok(None) };
        let socket = holder.as_ref().and_then(|holder| holder.socket.clone());
        if let Some(socket) = socket
            && let Ok(stream) = UnixStream::connect(&socket).await
        {
            let place = format!("the embedded PostgreSQL in {}", dir.display());
            return log_in(stream, &socket, &place, role).await.map(Some);
        }
        if begin.elapsed() > Duration::from_secs(START_SECONDS) {
            let who = holder.map_or_else(|| "another process".into(), |holder| holder.shown());
            return Err(Fault::stop(format!("{} is in use by {who}, which does not answer", dir.display()))
                .hint("wait until it is done, or stop it"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The address of the process that owns the project's `.landfall/`, for other tools; `None` when there is
/// none.
pub fn url_of_owner(dir: &Path) -> Result<Option<String>, Fault> {
    Ok(lock::holder(dir)?.flatten().and_then(|holder| holder.socket).map(|socket| url(&socket)))
}

/// Starts the embedded server, or connects to the process that runs it already.
pub async fn open_or_attach(dir: &Path, settings: &Settings, role: &str) -> Result<Opened, Fault> {
    let mut last = Fault::bug("nothing was tried");
    for _ in 0..ROUNDS {
        if let Some(session) = attach(dir, role).await? {
            return Ok(Opened::Attached(Box::new(session)));
        }
        let (path, with) = (dir.to_owned(), settings.clone());
        let opened = tokio::task::spawn_blocking(move || Embedded::open_with(&path, &with)).await;
        match opened {
            Ok(Ok(embedded)) => {
                let session = embedded.connect(role).await?;
                return Ok(Opened::Owner(embedded, Box::new(session)));
            }
            // Somebody was faster, most likely.
            Ok(Err(fault)) if fault.class == base::Class::Stop && lock::holder(dir)?.is_some() => {
                last = fault
            }
            Ok(Err(fault)) => return Err(fault),
            Err(_) => return Err(Fault::bug("the thread that opens the embedded PostgreSQL broke")),
        }
    }
    Err(last)
}

/// As [`open_or_attach`], for a command that writes: it would rather own the server than depend on a command
/// that only reads and soon ends, so it waits for that one. It attaches to an owner that serves
/// (`landfall db`) or writes itself.
pub async fn open_to_write(dir: &Path, settings: &Settings, role: &str) -> Result<Opened, Fault> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(LEASE_WAIT_SECONDS) {
        let Some(holder) = lock::holder(dir)? else { break };
        let serves = holder.is_some_and(|holder| holder.command.starts_with(SERVING));
        if serves || lock::is_written(dir)? {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    open_or_attach(dir, settings, role).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_send<T: Send>(_: &T) {}

    #[test]
    fn opening_can_move_between_threads() {
        let (dir, settings) = (Path::new("/nowhere"), Settings::default());
        is_send(&attach(dir, "x"));
        is_send(&open_or_attach(dir, &settings, "x"));
    }
}
