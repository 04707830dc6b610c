//! Sessions that are used again and again, and replaced when they are lost.

use crate::connect::Session;
use crate::destination::{self, Home};
use base::Fault;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Seconds that a call may take, with the wait for a session and the way to a new one. Whoever waits for an
/// answer has given up by then: senders of webhooks wait for 15 to 30 seconds.
const CALL_SECONDS_MAX: u64 = 30;

/// A bounded number of sessions.
pub(super) struct Pool {
    home: Arc<Home>,
    role: String,
    idle: Mutex<Vec<Session>>,
    room: Semaphore,
}

impl Pool {
    pub(super) fn new(home: Arc<Home>, role: &str, sessions_max: usize) -> Self {
        let room = Semaphore::new(sessions_max);
        Self { home, role: role.into(), idle: Mutex::default(), room }
    }

    /// A session that is there as far as is known, or a new one.
    pub(super) async fn take(&self) -> Result<Leased<'_>, Fault> {
        let permit = self.room.acquire().await;
        let permit = permit.map_err(|_| Fault::bug("the pool of sessions was closed"))?;
        let session = match self.idle_one() {
            Some(session) => session,
            None => self.connect().await?,
        };
        Ok(Leased { session, pool: self, _permit: permit })
    }

    fn idle_one(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|session| !session.is_closed());
        idle.pop()
    }

    async fn connect(&self) -> Result<Session, Fault> {
        let session = destination::session(&self.home, &self.role).await?;
        if matches!(*self.home, Home::Server(_)) {
            // Committed means on the disk, also where the server's settings say otherwise. In the embedded
            // server the multiplexer sees to it.
            let sql = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') = 'off'";
            let set = session.batch_execute(sql).await;
            set.map_err(|error| session.fault(&error, "prepare a session of the bridge"))?;
        }
        Ok(session)
    }
}

/// A session for one call. Dropped, it ends, and the server takes back what was not committed.
pub(super) struct Leased<'a> {
    session: Session,
    pool: &'a Pool,
    _permit: SemaphorePermit<'a>,
}

impl Leased<'_> {
    /// Hands the outcome of a call on. A session on which all went well is used again.
    pub(super) fn after<T>(self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if outcome.is_ok() {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.session);
        }
        outcome
    }
}

impl Deref for Leased<'_> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

/// Bounds the time of a call.
pub(super) async fn within<T>(doing: &str, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match tokio::time::timeout(Duration::from_secs(CALL_SECONDS_MAX), call).await {
        Ok(outcome) => outcome,
        Err(_) => {
            Err(Fault::retry(format!("{doing}: the database did not answer within {CALL_SECONDS_MAX} s")))
        }
    }
}

/// What servers take turns at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    /// Nothing.
    None = 0,
    /// Making the tables.
    Prepare = 1,
    /// Judging events.
    Judge = 2,
    /// Handing out actions.
    Claim = 3,
}

/// The first key of the advisory locks: "LANE" in ASCII, one beside the ledger's.
const LOCK_CLASS: i32 = 0x4C41_4E45;

/// Begins a transaction in which each statement sees what was committed before it, and waits for its turn.
/// It ends with [`commit`], or with the session.
pub(super) async fn begin(session: &Session, turn: Turn, doing: &str) -> Result<(), Fault> {
    begin_with(session, "", turn, doing).await
}

/// As [`begin`], with settings (`; SET LOCAL …`) that end with the transaction.
pub(super) async fn begin_with(
    session: &Session,
    settings: &str,
    turn: Turn,
    doing: &str,
) -> Result<(), Fault> {
    let mut sql = format!("BEGIN ISOLATION LEVEL READ COMMITTED{settings}");
    if !matches!(turn, Turn::None) {
        sql += &format!("; SELECT pg_advisory_xact_lock({LOCK_CLASS}, {})", turn as i32);
    }
    session.batch_execute(&sql).await.map_err(|error| session.fault(&error, doing))
}

/// Ends a transaction.
pub(super) async fn commit(session: &Session, doing: &str) -> Result<(), Fault> {
    session.batch_execute("COMMIT").await.map_err(|error| session.fault(&error, doing))
}
