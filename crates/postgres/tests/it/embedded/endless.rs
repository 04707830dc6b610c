//! Statements without end, which the embedded server cannot break off.

use base::Class;
use connect::destination::Destination;
use postgres::embedded::attach;
use postgres::{Home, PgDestination};
use std::time::Duration;

/// Longer than any test waits.
const ENDLESS: &str = "SELECT count(*) FROM generate_series(1, 1000000000000)";

#[tokio::test(flavor = "multi_thread")]
async fn a_query_without_end_stops_the_command_and_the_next_one_finds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join(".landfall");
    let home = Home::embedded(&dir, "landfall sql").await.unwrap();
    let destination = PgDestination::open(home, "p", "landfall sql")
        .await
        .unwrap()
        .query_within(Duration::from_millis(200));
    destination.run_script("CREATE TABLE t AS SELECT 7 AS n").await.unwrap();
    let found = destination.query_rows("SELECT n FROM t", 10).await.unwrap();
    assert_eq!(found.rows, [[Some("7".to_owned())]]);
    let fault = destination.query_rows(ENDLESS, 10).await.unwrap_err();
    assert_eq!(fault.class, Class::Stop);
    assert!(fault.hints.iter().any(|h| h.contains("cannot end a statement")), "{fault:?}");
    // Giving it up returns, and keeps the folder from others as long as the process lives.
    tokio::task::spawn_blocking(move || drop(destination)).await.unwrap();
    let still = postgres::embedded::Embedded::open(&dir).unwrap_err();
    assert_eq!(still.class, Class::Stop, "{still}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_refused_by_name_and_a_reader_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join(".landfall");
    let first =
        PgDestination::open(Home::embedded(&dir, "landfall move").await.unwrap(), "p", "landfall move").await;
    let first = first.unwrap();
    first.ledger().prepare().await.unwrap();
    first.ledger().take_lease("here", 7, "landfall move").await.unwrap();
    // As another process reaches it.
    assert!(attach(&dir, "landfall runs").await.unwrap().is_some());
    let second = PgDestination::open(Home::Attached(dir.clone()), "p", "landfall rollback").await.unwrap();
    let fault = second.ledger().take_lease("here", 8, "landfall rollback").await.unwrap_err();
    assert_eq!(fault.class, Class::Stop);
    assert!(fault.what.contains("landfall move (pid "), "{fault}");
    assert!(second.ledger().runs().await.unwrap().is_empty(), "reading goes on");
    first.ledger().heartbeat().await.unwrap();
    first.ledger().release_lease().await.unwrap();
    second.ledger().take_lease("here", 8, "landfall rollback").await.unwrap();
    assert!(first.ledger().heartbeat().await.is_err(), "the lease is the other's");
}
