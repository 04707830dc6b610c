//! A client of PostgreSQL with the task that drives it.

use super::{Line, PLAIN, Stream, connector, dial, faults};
use base::Fault;
use rustls::ClientConfig;
use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::{CancelToken, Client, Config, Connection, Error};

/// Seconds that a cancellation may take; whoever cancels is about to stop anyway.
const CANCEL_SECONDS: u64 = 5;

/// Seconds that a session may take to say good-bye.
const CLOSE_SECONDS: u64 = 5;

/// A session at the server. It is a [`Client`] and ends when it is dropped.
///
/// Notices of the server are dropped: their texts may quote values.
#[derive(Debug)]
pub struct Session {
    client: Option<Client>,
    task: Option<JoinHandle<()>>,
    lost: Arc<OnceLock<Fault>>,
    cancel: Cancel,
    place: String,
}

impl Session {
    /// Logs in over a stream that is open already.
    pub(crate) async fn over(
        stream: Stream,
        config: &Config,
        line: Line,
        tls: Option<Arc<ClientConfig>>,
        place: String,
    ) -> Result<Self, Error> {
        let lost = Arc::new(OnceLock::new());
        let host = match (&line, &tls) {
            (Line::Net(name, _), Some(tls)) => connector(tls, name).ok(),
            _ => None,
        };
        let (client, task) = match host {
            Some(tls) => {
                let (client, connection) = config.connect_raw(stream, tls).await?;
                (client, tokio::spawn(drive(connection, lost.clone())))
            }
            None => {
                let (client, connection) = config.connect_raw(stream, PLAIN).await?;
                (client, tokio::spawn(drive(connection, lost.clone())))
            }
        };
        let cancel = Cancel { token: client.cancel_token(), line, tls };
        Ok(Self { client: Some(client), task: Some(task), lost, cancel, place })
    }

    /// Host and port, for messages.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// A handle that asks the server to end the statement that this session is running.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Why the session was lost, when it was and the server or the line gave a reason.
    pub fn lost(&self) -> Option<&Fault> {
        self.lost.get()
    }

    /// The fault for an error of this session: as [`super::fault`], but an error that only says "closed" is
    /// replaced by the reason for which the session was lost.
    pub fn fault(&self, error: &Error, doing: &str) -> Fault {
        match self.lost() {
            Some(lost) if error.is_closed() => lost.clone().at(doing),
            _ => faults::fault(error, doing),
        }
    }

    /// Ends the session in good order; dropping it breaks off.
    pub async fn close(mut self) {
        self.client = None;
        if let Some(task) = self.task.as_mut() {
            let _ = tokio::time::timeout(Duration::from_secs(CLOSE_SECONDS), task).await;
        }
    }
}

impl Deref for Session {
    type Target = Client;
    #[expect(clippy::expect_used, reason = "only `close` takes it, and consumes the session")]
    fn deref(&self) -> &Client {
        self.client.as_ref().expect("a session has its client until it is closed")
    }
}

impl DerefMut for Session {
    #[expect(clippy::expect_used, reason = "only `close` takes it, and consumes the session")]
    fn deref_mut(&mut self) -> &mut Client {
        self.client.as_mut().expect("a session has its client until it is closed")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// Drives a connection to its end and keeps the reason.
async fn drive<S, T>(mut connection: Connection<S, T>, lost: Arc<OnceLock<Fault>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        if let Err(error) = message {
            let fault = match error.as_db_error() {
                Some(db) => faults::of_server(db),
                None => faults::of_driver(&error),
            };
            let _ = lost.set(fault);
            return;
        }
    }
}

/// Asks a server to end what a session is running. The server does not say whether it did.
#[derive(Clone)]
pub struct Cancel {
    token: CancelToken,
    line: Line,
    tls: Option<Arc<ClientConfig>>,
}

impl std::fmt::Debug for Cancel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cancel").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Cancel {
    /// Sends the request.
    pub async fn send(&self) -> Result<(), Fault> {
        let sent = async {
            let stream = dial(&self.line).await?;
            let outcome = match (&self.line, &self.tls) {
                (Line::Net(name, _), Some(tls)) => {
                    self.token.cancel_query_raw(stream, connector(tls, name)?).await
                }
                _ => self.token.cancel_query_raw(stream, PLAIN).await,
            };
            outcome.map_err(|error| faults::fault(&error, "cancelling a statement"))
        };
        match tokio::time::timeout(Duration::from_secs(CANCEL_SECONDS), sent).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::retry("cancelling a statement: no answer from the server")),
        }
    }
}
