//! What the clients of the embedded server share: its session, and the queue for it.

use super::backend::Backend;
use super::client;
use super::durable::Durable;
use base::Fault;
use bytes::Bytes;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

/// The multiplexer.
#[derive(Debug)]
pub(super) struct Hub {
    /// The session; `None` when it is lost. The lock is the queue: it is handed on in the order of asking.
    pub(super) backend: tokio::sync::Mutex<Option<Backend>>,
    /// The `ParameterStatus` messages for the start of a client.
    pub(super) parameters: Vec<Bytes>,
    /// How long clients wait for their turn.
    pub(super) waits: Waits,
    durable: Mutex<Durable>,
    holder: Mutex<Option<(String, Instant)>>,
    tickets: Mutex<HashMap<i32, Ticket>>,
    next: AtomicI32,
    clients: AtomicUsize,
    /// The socket of `pglite-oxide`'s server.
    private: PathBuf,
    lost: watch::Sender<Option<Fault>>,
}

/// How long clients wait for their turn before they are told who has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// Those of the owner's own code.
    pub(super) inside: Duration,
    /// All others.
    pub(super) outside: Duration,
}

/// What a cancellation needs to know of a client.
#[derive(Debug)]
struct Ticket {
    secret: i32,
    /// Set while the client is waiting for its turn.
    waiting: Option<Arc<Notify>>,
}

/// A client of the owner's own code.
pub(super) type Inside = std::os::unix::net::UnixStream;

impl Hub {
    pub(super) fn new(
        backend: Backend,
        base: &Path,
        private: PathBuf,
        waits: Waits,
        lost: watch::Sender<Option<Fault>>,
    ) -> Self {
        Self {
            parameters: backend.parameters.clone(),
            backend: tokio::sync::Mutex::new(Some(backend)),
            waits,
            durable: Mutex::new(Durable::new(base)),
            holder: Mutex::default(),
            tickets: Mutex::default(),
            next: AtomicI32::new(1),
            clients: AtomicUsize::new(0),
            private,
            lost,
        }
    }

    /// Serves clients until the owner's end of `inside` is dropped.
    pub(super) async fn run(
        self: Arc<Self>,
        listener: UnixListener,
        mut inside: mpsc::UnboundedReceiver<Inside>,
    ) {
        let mut tasks = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        if let Some(pid) = peer(&stream) {
                            tasks.spawn(client::serve(self.clone(), stream, Some(pid)));
                        }
                    } else {
                        // Out of file descriptors: those that are there must get on, and free some.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
                stream = inside.recv() => {
                    let Some(stream) = stream else { return };
                    if stream.set_nonblocking(true).is_ok() && let Ok(stream) = UnixStream::from_std(stream) {
                        tasks.spawn(client::serve(self.clone(), stream, None));
                    }
                }
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            }
        }
    }

    /// A number for a new client, its secret, and how many there are now.
    pub(super) fn arrive(&self) -> (i32, i32, usize) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        // The hasher's keys are random. More is not needed: the socket is its owner's alone.
        let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), id);
        let secret = (random & 0x7fff_ffff) as i32;
        lock(&self.tickets).insert(id, Ticket { secret, waiting: None });
        (id, secret, self.clients.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A client is gone.
    pub(super) fn leave(&self, id: i32) {
        lock(&self.tickets).remove(&id);
        self.clients.fetch_sub(1, Ordering::Relaxed);
    }

    /// A client begins or ends to wait; what it gets is told when somebody cancels it.
    pub(super) fn waiting(&self, id: i32, begins: bool) -> Arc<Notify> {
        let notify = Arc::new(Notify::new());
        if let Some(ticket) = lock(&self.tickets).get_mut(&id) {
            ticket.waiting = begins.then(|| notify.clone());
        }
        notify
    }

    /// Somebody cancels what a client is doing. Waiting for its turn can be cancelled; what the server is
    /// working on cannot, for its machine has no signals.
    pub(super) fn cancel(&self, id: i32, secret: i32) {
        if let Some(ticket) = lock(&self.tickets).get(&id)
            && ticket.secret == secret
            && let Some(waiting) = &ticket.waiting
        {
            waiting.notify_one();
        }
    }

    /// Notes whose turn it is.
    pub(super) fn hold(&self, name: Option<String>) {
        *lock(&self.holder) = name.map(|name| (name, Instant::now()));
    }

    /// Who has the session, for a client that has waited too long.
    pub(super) fn held_by(&self) -> String {
        match &*lock(&self.holder) {
            Some((name, since)) => format!("{name} has had it for {} s", since.elapsed().as_secs()),
            None => "others were before this one".into(),
        }
    }

    /// Makes sure that what was committed is on the disk.
    pub(super) fn commit(&self) -> std::io::Result<()> {
        lock(&self.durable).commit()
    }

    /// Replaces a session that is beyond help. Its transaction is lost, as after a crash; what was committed
    /// is not, and prepared statements are made again.
    pub(super) async fn restart(&self, backend: &mut Backend) -> Result<(), Fault> {
        let _ = tokio::io::AsyncWriteExt::shutdown(&mut backend.writer).await;
        *backend = Backend::open(&self.private, backend.generation + 1).await?;
        Ok(())
    }

    /// The session is lost for good.
    pub(super) fn lose(&self, fault: Fault) {
        self.lost.send_if_modified(|lost| {
            let first = lost.is_none();
            lost.get_or_insert(fault);
            first
        });
    }

    /// Why it was lost.
    pub(super) fn lost(&self) -> String {
        self.lost.borrow().as_ref().map_or_else(|| "it is shutting down".into(), ToString::to_string)
    }
}

/// The process behind a connection, if it is the owner's user or root; nobody else is let in, whatever the
/// rights of the socket.
fn peer(stream: &UnixStream) -> Option<i32> {
    let peer = stream.peer_cred().ok()?;
    let own = rustix::process::geteuid().as_raw();
    (peer.uid() == own || peer.uid() == 0).then(|| peer.pid().unwrap_or_default())
}

/// A task that panicked while it held one of these left no half-done change behind: they are single writes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
