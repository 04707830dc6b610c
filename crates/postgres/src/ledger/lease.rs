//! The one writer of a project: a row with an epoch, and an advisory lock as the sign of life.

use super::rows::micros;
use crate::catalogue::literal;
use crate::connect::fault;
use base::limits::{HEARTBEAT_SECONDS_MAX, LEASE_WAIT_SECONDS};
use base::{Class, Fault};
use ledger::Lease;
use std::time::Duration;
use tokio_postgres::Client;

/// Seconds between two tries for the lock.
const TRY_EVERY: Duration = Duration::from_millis(250);

/// The advisory lock's first key: "LAND" in ASCII, so that it meets nobody else's.
pub(crate) const LOCK_CLASS: i32 = 0x4C41_4E44;

/// Takes the lease with a new epoch. Where sessions are shared (embedded), a lock in `.landfall/` is the
/// sign of life, and only the row is written.
pub(super) async fn take(
    client: &Client,
    project: &str,
    writer: (&str, i32, &str),
    shared_session: bool,
) -> Result<Lease, Fault> {
    let mut waited = Duration::ZERO;
    while !shared_session && !try_lock(client, project).await? {
        let holder = holder(client, project).await?;
        if let Some((lease, backend, silent)) = &holder {
            if *silent > HEARTBEAT_SECONDS_MAX as i64 {
                end_session(client, *backend).await?;
            } else if waited >= Duration::from_secs(LEASE_WAIT_SECONDS) || *silent < 5 {
                return Err(busy(lease));
            }
        }
        if waited >= Duration::from_secs(LEASE_WAIT_SECONDS) {
            return Err(Fault::stop(format!("another landfall command writes for project {project}")));
        }
        tokio::time::sleep(TRY_EVERY).await;
        waited += TRY_EVERY;
    }
    let (host, pid, command) = writer;
    let row = client
        .query_one(
            "INSERT INTO landfall.leases AS l (project, epoch, host, pid, backend, command, since, \
            heartbeat) \
             VALUES ($1, 1, $2, $3, pg_backend_pid(), $4, now(), now()) \
             ON CONFLICT (project) DO UPDATE SET epoch = l.epoch + 1, host = $2, pid = $3, \
                backend = pg_backend_pid(), command = $4, since = now(), heartbeat = now() \
             RETURNING epoch, (extract(epoch FROM since) * 1000000)::bigint",
            &[&project, &host, &pid, &command],
        )
        .await
        .map_err(|e| fault(&e, "take the lease"))?;
    Ok(Lease {
        epoch: row.get(0),
        host: host.into(),
        pid,
        command: command.into(),
        since: micros(row.get(1))?,
    })
}

async fn try_lock(client: &Client, project: &str) -> Result<bool, Fault> {
    let row = client
        .query_one("SELECT pg_try_advisory_lock($1, hashtext($2))", &[&LOCK_CLASS, &project])
        .await
        .map_err(|e| fault(&e, "take the lease"))?;
    Ok(row.get(0))
}

/// Who holds the lease, the session, and for how many seconds it has been silent.
async fn holder(client: &Client, project: &str) -> Result<Option<(Lease, i32, i64)>, Fault> {
    let row = client
        .query_opt(
            "SELECT epoch, host, pid, command, (extract(epoch FROM since) * 1000000)::bigint, backend, \
                    extract(epoch FROM now() - heartbeat)::bigint FROM landfall.leases WHERE project = $1",
            &[&project],
        )
        .await
        .map_err(|e| fault(&e, "read the lease"))?;
    row.map(|r| {
        let lease = Lease {
            epoch: r.get(0),
            host: r.get(1),
            pid: r.get(2),
            command: r.get(3),
            since: micros(r.get(4))?,
        };
        Ok((lease, r.get(5), r.get(6)))
    })
    .transpose()
}

async fn end_session(client: &Client, backend: i32) -> Result<(), Fault> {
    client
        .query_one("SELECT pg_terminate_backend($1)", &[&backend])
        .await
        .map(drop)
        .map_err(|e| fault(&e, "end the session of a writer that shows no sign of life"))
}

fn busy(lease: &Lease) -> Fault {
    Fault::new(
        Class::Stop,
        format!(
            "another landfall command is writing: `{}`, process {} on {}, since {}",
            lease.command,
            lease.pid,
            lease.host,
            lease.since.strftime("%Y-%m-%d %H:%M:%S UTC")
        ),
    )
    .hint("wait for it to end, or stop it with Ctrl-C; then run this command again")
}

/// Says that the writer is alive.
pub(super) async fn heartbeat(client: &Client, project: &str, epoch: i64) -> Result<(), Fault> {
    let updated = client
        .execute(
            "UPDATE landfall.leases SET heartbeat = now() WHERE project = $1 AND epoch = $2",
            &[&project, &epoch],
        )
        .await
        .map_err(|e| fault(&e, "renew the lease"))?;
    if updated == 1 { Ok(()) } else { Err(lost()) }
}

/// Gives the lease back.
pub(super) async fn release(client: &Client, project: &str, shared_session: bool) -> Result<(), Fault> {
    if shared_session {
        return Ok(());
    }
    client
        .query_one("SELECT pg_advisory_unlock($1, hashtext($2))", &[&LOCK_CLASS, &project])
        .await
        .map(drop)
        .map_err(|e| fault(&e, "give the lease back"))
}

/// SQL that gives one row while the lease is ours, and makes a take-over wait for the transaction.
pub(crate) fn check_sql(project: &str, epoch: i64) -> String {
    format!(
        "SELECT 'lease' FROM landfall.leases WHERE project = {} AND epoch = {epoch} FOR KEY SHARE",
        literal(project)
    )
}

/// The fault of a writer whose lease somebody else has taken.
pub(crate) fn lost() -> Fault {
    Fault::stop("another landfall command has taken over the lease of this project")
        .hint("what was committed is safe; `landfall runs` shows who goes on with it")
}
