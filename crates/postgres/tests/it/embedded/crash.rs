//! The owner is killed, and its successor finds what was committed.

use super::{count, settings};
use bytes::Bytes;
use futures::SinkExt;
use postgres::embedded::{Embedded, Opened, open_or_attach};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{Command, Stdio};

/// Says to the test, run again as a child, that it is the owner, and of what.
const DIR: &str = "LANDFALL_TEST_OWNER_DIR";

/// How many rows each of the owner's transactions loads.
const BATCH: i64 = 1_000;

#[test]
fn committed_rows_survive_a_killed_owner_and_no_others_do() {
    #[expect(clippy::disallowed_methods, reason = "the test speaks to itself, run as a child")]
    let role = std::env::var_os(DIR);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match role {
        Some(dir) => runtime.block_on(load_until_killed(Path::new(&dir))),
        None => {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join(".landfall");
            let mut known = 0;
            for round in 0..2 {
                let batches = run_and_kill(&dir, 3);
                known = runtime.block_on(check(&dir, known + batches, round));
            }
        }
    }
}

/// Starts the owner, waits for so many of its commits, and kills it in the middle of the next.
fn run_and_kill(dir: &Path, commits: i64) -> i64 {
    let name = "embedded::crash::committed_rows_survive_a_killed_owner_and_no_others_do";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        seen += i64::from(line.ends_with("committed"));
        if seen == commits && line.ends_with("in the middle") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(seen, commits, "the owner ended by itself");
    commits
}

async fn load_until_killed(dir: &Path) {
    use std::io::Write as _;
    let say = |word: &str| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{word}").and_then(|()| out.flush()).unwrap();
    };
    let embedded = Embedded::open_with(dir, &settings()).unwrap();
    let mut session = embedded.connect("landfall move").await.unwrap();
    session
        .batch_execute("CREATE TABLE IF NOT EXISTS t (n int); CREATE INDEX IF NOT EXISTS i ON t (n)")
        .await
        .unwrap();
    loop {
        let transaction = session.transaction().await.unwrap();
        {
            let mut sink = pin!(transaction.copy_in("COPY t FROM STDIN").await.unwrap());
            for part in 0..BATCH / 100 {
                let lines: String = (0..100).map(|n| format!("{}\n", part * 100 + n)).collect();
                sink.send(Bytes::from(lines)).await.unwrap();
                if part == BATCH / 200 {
                    say("in the middle");
                }
            }
            sink.finish().await.unwrap();
        }
        transaction.commit().await.unwrap();
        say("committed");
    }
}

/// At least the batches that were seen to be committed are there, whole ones only, and the server works.
async fn check(dir: &Path, at_least: i64, round: i32) -> i64 {
    let opened = open_or_attach(dir, &settings(), "landfall move").await.unwrap();
    assert!(matches!(opened, Opened::Owner(..)), "round {round}: the dead owner's lock is free");
    let session = opened.session();
    let rows = count(session, "t").await;
    assert_eq!(rows % BATCH, 0, "round {round}: {rows} rows");
    assert!(rows / BATCH >= at_least, "round {round}: {rows} rows, {at_least} batches");
    session.batch_execute("SET LOCAL enable_seqscan = off").await.unwrap();
    assert_eq!(count(session, "t WHERE n < 10").await, rows / BATCH * 10, "round {round}: the index agrees");
    session.batch_execute("CHECKPOINT").await.unwrap();
    rows / BATCH
}

/// The server's folders, as the notes name them.
#[test]
fn the_data_stays_where_the_notes_say() {
    let folder = tempfile::tempdir().unwrap();
    let dir: PathBuf = folder.path().join(".landfall");
    drop(Embedded::open_with(&dir, &settings()).unwrap());
    for name in ["lock", "pgdata/tmp/pglite/base/PG_VERSION", "pgdata/tmp/pglite/base/pg_wal"] {
        assert!(dir.join(name).exists(), "{name}");
    }
}
