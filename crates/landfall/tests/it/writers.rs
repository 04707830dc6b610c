//! One writer at a time, and a server that goes away under it.

use crate::place::{Place, TABLES, place};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use testkit::{Options, Postgres, Stop};

/// Long enough for a debug build on a busy machine.
const SOON: Duration = Duration::from_secs(120);

/// Waits until a query of the server gives something else than nothing or 0.
fn until(server: &Postgres, sql: &str) {
    testkit::wait::until(sql, SOON, || {
        server.psql("postgres", sql).ok().filter(|seen| !seen.is_empty() && seen != "0")
    })
    .expect("it happens");
}

/// A session that holds a table until its server ends or it is ended.
fn hold(server: &Postgres, table: &str) -> Child {
    Command::new(server.program("psql"))
        .args(["-X", "-q", "-d", &server.url(), "-c"])
        .arg(format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE; SELECT pg_sleep(300)"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("psql starts")
}

/// A CultureBridge project on a server of its own, its tables there.
async fn own_server() -> (Place, Postgres) {
    let server = Postgres::start(&Options::default()).expect("a server of its own");
    let mut place = place("").await;
    let url = server.url();
    place.program.set("DATABASE_URL", &url);
    let schema = include_str!("../../../../examples/culturebridge/schema.sql");
    server.psql("postgres", schema).expect("the tables");
    (place, server)
}

/// Somebody waits for a table inside a transaction that has written.
const IN_MID_BATCH: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
    AND backend_xid IS NOT NULL AND application_name LIKE 'landfall%'";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_told_who_the_first_one_is() {
    let (place, server) = own_server().await;
    let mut holder = hold(&server, "bookings");
    until(&server, "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation IS NOT NULL");
    let first = tokio::task::block_in_place(|| place.program.spawn(["move"]));
    tokio::task::block_in_place(|| until(&server, IN_MID_BATCH));
    let second = place.run(["move"]).await.expect(4);
    let host = server.psql("postgres", "SELECT host FROM landfall.leases").expect("the lease");
    for said in [format!("process {}", first.pid()), format!("on {host}"), "since 20".to_owned()] {
        assert!(second.stderr.contains(&said), "{said:?} in {}", second.stderr);
    }
    // Who only reads is not kept out.
    let runs = place.run(["runs"]).await.expect(0);
    assert!(runs.stdout.contains("open"), "{}", runs.stdout);
    holder.kill().expect("psql ends");
    let _ = holder.wait();
    server
        .psql(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' \
              AND pid <> pg_backend_pid()",
        )
        .expect("its session ends");
    let first = tokio::task::block_in_place(|| first.finish()).expect(3);
    assert!(!first.stderr.contains("another landfall"), "{}", first.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_in_mid_batch_loses_and_doubles_nothing() {
    let undisturbed = place("").await;
    undisturbed.run(["move"]).await.expect(3);
    let (place, mut server) = own_server().await;
    for (how, table) in [(Stop::Immediate, "users"), (Stop::Fast, "bookings"), (Stop::Immediate, "payments")]
    {
        let mut holder = hold(&server, table);
        until(&server, "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation IS NOT NULL");
        let moving = tokio::task::block_in_place(|| place.program.spawn(["move"]));
        tokio::task::block_in_place(|| until(&server, IN_MID_BATCH));
        server.restart(how).expect("it comes back");
        let stopped = tokio::task::block_in_place(|| moving.finish()).expect(4);
        assert!(stopped.stderr.contains("continue:"), "{}", stopped.stderr);
        let _ = holder.kill();
        let _ = holder.wait();
    }
    place.run(["move"]).await.expect(3);
    for table in TABLES {
        // Password hashes are made anew in each run.
        let shown = if table == "users" { "(id, email, role, created_at)::text" } else { "t::text" };
        let sql = format!("SELECT md5({shown}) FROM {table} t ORDER BY id");
        let there = server.psql("postgres", &sql).expect("the rows");
        let expected = undisturbed.database.client.query(&sql, &[]).await.expect("the rows");
        let expected: Vec<&str> = expected.iter().map(|r| r.get(0)).collect();
        assert_eq!(there.lines().collect::<Vec<_>>(), expected, "{table}");
    }
    let runs = server.psql("postgres", "SELECT count(*) || status FROM landfall.runs GROUP BY status");
    assert_eq!(runs.expect("the runs"), "1done_with_findings", "one run, taken up again");
}
