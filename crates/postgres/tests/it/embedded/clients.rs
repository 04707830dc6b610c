//! Several clients at one session.

use super::{count, fixture, fixture_with, settings, state};
use crate::raw::{Raw, shown};
use bytes::Bytes;
use futures::SinkExt;
use postgres::embedded::Settings;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn statements_of_the_same_name_belong_to_their_clients() {
    let fixture = fixture();
    let (mut a, mut b) = (Raw::connect(&fixture.embedded), Raw::connect(&fixture.embedded));
    for (client, sql) in [(&mut a, "SELECT 'a'"), (&mut b, "SELECT 'b'")] {
        client.parse("same", sql);
        client.sync();
        assert_eq!(shown(&client.until_ready()), "1 Z:I");
    }
    for _ in 0..2 {
        for (client, answer) in [(&mut a, "2 D:a C:SELECT 1 Z:I"), (&mut b, "2 D:b C:SELECT 1 Z:I")] {
            client.execute("same");
            client.sync();
            assert_eq!(shown(&client.until_ready()), answer);
        }
    }
    // The unnamed one as well, although the other client used it in between.
    a.parse("", "SELECT 'a'");
    a.sync();
    assert_eq!(shown(&a.until_ready()), "1 Z:I");
    b.parse("", "SELECT 'b'");
    b.execute("");
    b.sync();
    assert_eq!(shown(&b.until_ready()), "1 2 D:b C:SELECT 1 Z:I");
    a.execute("");
    a.sync();
    assert_eq!(shown(&a.until_ready()), "2 D:a C:SELECT 1 Z:I");
    // One that throws all statements away throws away its own only.
    assert!(b.run("DISCARD ALL").starts_with("C:DISCARD ALL "));
    a.execute("same");
    a.sync();
    assert_eq!(shown(&a.until_ready()), "2 D:a C:SELECT 1 Z:I");
    b.execute("same");
    b.sync();
    assert_eq!(shown(&b.until_ready()), "E:26000 Z:I");
    // A name is free again when its client is gone.
    drop(b);
    let session = fixture.session().await;
    assert_eq!(count(&session, "pg_prepared_statements WHERE name LIKE '%same'").await, 1);
}

#[tokio::test]
async fn a_transaction_is_not_disturbed_and_the_others_wait_for_its_end() {
    let fixture = fixture();
    let mut a = fixture.session().await;
    let b = Arc::new(fixture.session().await);
    a.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    let transaction = a.transaction().await.unwrap();
    transaction.execute("INSERT INTO t VALUES ($1)", &[&1i32]).await.unwrap();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let b = b.clone();
            tokio::spawn(async move { count(&b, "t").await })
        })
        .collect();
    tokio::task::yield_now().await;
    transaction.execute("INSERT INTO t VALUES ($1)", &[&2i32]).await.unwrap();
    assert!(waiting.iter().all(|task| !task.is_finished()), "nobody gets in between");
    transaction.commit().await.unwrap();
    for task in waiting {
        assert_eq!(task.await.unwrap(), 2);
    }
    // Many at once, each in transactions of its own.
    let workers = futures::future::join_all((0..8i32).map(|worker| {
        let session = fixture.embedded.connect("worker");
        async move {
            let mut session = session.await.unwrap();
            for n in 0..20i32 {
                let transaction = session.transaction().await.unwrap();
                transaction.execute("INSERT INTO t VALUES ($1)", &[&(worker * 100 + n)]).await.unwrap();
                transaction.commit().await.unwrap();
            }
        }
    }));
    workers.await;
    assert_eq!(count(&b, "t").await, 2 + 160);
}

#[tokio::test]
async fn a_copy_is_not_disturbed_either() {
    let fixture = fixture();
    let (a, b) = (fixture.session().await, Arc::new(fixture.session().await));
    a.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    let mut sink = pin!(a.copy_in("COPY t FROM STDIN").await.unwrap());
    sink.send(Bytes::from_static(b"1\n2\n")).await.unwrap();
    let waiting = {
        let b = b.clone();
        tokio::spawn(async move { count(&b, "t").await })
    };
    for _ in 0..100 {
        let lines: String = (0..10_000).map(|n| format!("{n}\n")).collect();
        sink.send(Bytes::from(lines)).await.unwrap();
    }
    assert_eq!(sink.finish().await.unwrap(), 1_000_002);
    assert_eq!(waiting.await.unwrap(), 1_000_002);
    // Out again, more than any buffer holds, while others ask.
    let out = a.copy_out("COPY t TO STDOUT").await.unwrap();
    let others = tokio::spawn(async move { count(&b, "t").await });
    let bytes =
        futures::StreamExt::fold(out, 0, |sum, chunk| async move { sum + chunk.unwrap().len() }).await;
    assert_eq!(bytes, 4 + 100 * 48_890);
    assert_eq!(others.await.unwrap(), 1_000_002);
}

#[tokio::test]
async fn what_a_client_leaves_behind_when_it_dies_is_rolled_back() {
    let fixture = fixture();
    let session = fixture.session().await;
    session.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    type Death = fn(&mut Raw);
    let deaths: &[(&str, Death)] = &[
        ("in a transaction", |raw| {
            raw.run("BEGIN");
            raw.run("INSERT INTO t VALUES (1)");
        }),
        ("in a failed transaction", |raw| {
            raw.run("BEGIN; INSERT INTO t VALUES (1)");
            assert_eq!(raw.run("SELECT 1/0"), "E:22012 Z:E");
        }),
        ("in a COPY", |raw| {
            raw.query("COPY t FROM STDIN");
            assert_eq!(shown(&raw.until("G")), "G");
            raw.copy_data(b"1\n2\n");
        }),
        ("in the middle of a message of a COPY", |raw| {
            raw.query("COPY t FROM STDIN");
            raw.until("G");
            raw.send(|out| out.extend_from_slice(b"d\x00\x00\x10\x001\n"));
        }),
        ("in a COPY of the extended protocol in a transaction", |raw| {
            raw.run("BEGIN");
            raw.parse("", "COPY t FROM STDIN");
            raw.execute("");
            raw.sync();
            raw.until("G");
            raw.copy_data(b"1\n2\n");
        }),
        ("before its Sync", |raw| {
            raw.parse("", "INSERT INTO t VALUES (1)");
            raw.execute("");
            raw.flush();
            assert_eq!(shown(&raw.until("C")), "1 2 C:INSERT 0 1");
        }),
        ("with an answer on its way", |raw| {
            raw.query("INSERT INTO t SELECT 1/(n-1000) FROM generate_series(1, 1000) n");
        }),
        ("with a large answer on its way", |raw| {
            raw.query("SELECT repeat('x', 1000) FROM generate_series(1, 10000)");
        }),
    ];
    for (when, death) in deaths {
        let mut raw = Raw::connect(&fixture.embedded);
        death(&mut raw);
        drop(raw);
        assert_eq!(count(&session, "t").await, 0, "a client that died {when}");
    }
    session.batch_execute("BEGIN; INSERT INTO t VALUES (1); COMMIT").await.unwrap();
    assert_eq!(count(&session, "t").await, 1);
}

#[tokio::test]
async fn a_copy_that_fails_leaves_a_session_that_works() {
    let fixture = fixture();
    let session = fixture.session().await;
    session.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    for _ in 0..3 {
        let mut sink = pin!(session.copy_in("COPY t FROM STDIN").await.unwrap());
        for _ in 0..50 {
            // The server may have said no by now.
            if sink.send(Bytes::from("no number\n".repeat(1_000))).await.is_err() {
                break;
            }
        }
        assert_eq!(state(&sink.finish().await.unwrap_err()), "22P02");
        assert_eq!(count(&session, "t").await, 0);
    }
    let mut raw = Raw::connect(&fixture.embedded);
    raw.query("COPY t FROM STDIN");
    raw.until("G");
    raw.copy_data(b"no number\n");
    raw.copy_data(b"1\n");
    raw.send(postgres_protocol::message::frontend::copy_done);
    assert_eq!(shown(&raw.until_ready()), "E:22P02 Z:I");
    assert!(raw.run("SELECT 1").ends_with("C:SELECT 1 Z:I"));
    assert_eq!(count(&session, "t").await, 0);
}

#[tokio::test]
async fn settings_of_one_client_do_not_reach_the_others() {
    let fixture = fixture();
    let session = fixture.session().await;
    let zone = async || -> String { session.query_one("SHOW TimeZone", &[]).await.unwrap().get(0) };
    let mut raw = Raw::connect(&fixture.embedded);
    raw.run("CREATE ROLE other; SET TimeZone = 'Asia/Tokyo'; SET ROLE other");
    assert_eq!(zone().await, "UTC");
    let user: String = session.query_one("SELECT current_user::text", &[]).await.unwrap().get(0);
    assert_eq!(user, "postgres");
    raw.run("SELECT set_config('TimeZone', 'Asia/Tokyo', false)");
    drop(raw);
    // The end of a client is noticed by the hub, not by us: ask until it was.
    for round in 0.. {
        if zone().await == "UTC" {
            break;
        }
        assert!(round < 1_000, "a setting outlived its client");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_error_inside_an_exception_block_costs_nobody_else_anything() {
    let fixture = fixture();
    let session = fixture.session().await;
    session
        .batch_execute(
            "CREATE TABLE t (n int); INSERT INTO t VALUES (1);
             CREATE FUNCTION f(i int) RETURNS int LANGUAGE plpgsql AS $$
             BEGIN RETURN 1 / i; EXCEPTION WHEN division_by_zero THEN RETURN -1; END $$",
        )
        .await
        .unwrap();
    let other = fixture.session().await;
    let prepared = other.prepare("SELECT n FROM t").await.unwrap();
    assert_eq!(session.query_one("SELECT f(1)", &[]).await.unwrap().get::<_, i32>(0), 1);

    // Alone; in a transaction; at the end of a client.
    assert_eq!(state(&session.query_one("SELECT f(0)", &[]).await.unwrap_err()), "22012");
    assert_eq!(count(&session, "t").await, 1);
    session.batch_execute("BEGIN; INSERT INTO t VALUES (2)").await.unwrap();
    assert_eq!(state(&session.batch_execute("SELECT f(0)").await.unwrap_err()), "22012");
    session.batch_execute("ROLLBACK").await.unwrap();
    let mut raw = Raw::connect(&fixture.embedded);
    raw.run("BEGIN; INSERT INTO t VALUES (3)");
    raw.run("SELECT f(0)");
    drop(raw);

    assert_eq!(count(&session, "t").await, 1);
    assert_eq!(other.query_one(&prepared, &[]).await.unwrap().get::<_, i32>(0), 1);
}

#[tokio::test]
async fn a_client_that_waits_too_long_is_told_for_whom() {
    let settings = Settings { outside_wait: Duration::from_millis(200), ..settings() };
    let fixture = fixture_with(&settings);
    let mut session = fixture.session().await;
    let transaction = session.transaction().await.unwrap();
    let mut raw = Raw::connect(&fixture.embedded);
    raw.query("SELECT 1");
    let heard = raw.until_ready();
    assert_eq!(shown(&heard), "E:55P03", "and then the end of the stream");
    let text = String::from_utf8_lossy(&heard[0].1).into_owned();
    assert!(text.contains("landfall move has had it for "), "{text}");
    transaction.commit().await.unwrap();
    assert!(Raw::connect(&fixture.embedded).run("SELECT 1").ends_with("Z:I"));
}

#[tokio::test]
async fn waiting_can_be_cancelled_and_only_that() {
    let fixture = fixture();
    let mut session = fixture.session().await;
    let transaction = session.transaction().await.unwrap();
    let waiting = Arc::new(fixture.session().await);
    let cancel = waiting.cancel();
    // Cancelling an idle session changes nothing.
    cancel.send().await.unwrap();
    let asked = {
        let waiting = waiting.clone();
        tokio::spawn(async move { waiting.query_one("SELECT 1", &[]).await })
    };
    // The request may come before the question: ask until it is answered.
    while !asked.is_finished() {
        cancel.send().await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(state(&asked.await.unwrap().unwrap_err()), "57014");
    transaction.commit().await.unwrap();
    assert!(waiting.query_one("SELECT 1", &[]).await.is_ok(), "the session goes on");
}

#[tokio::test]
async fn nonsense_ends_its_client_and_nobody_else() {
    let fixture = fixture();
    let session = fixture.session().await;
    for (bytes, answer) in [
        (&b"Q\x04\0\0\x06SELECT"[..], "E:54000"),
        (b"Q\xff\xff\xff\xff", "E:54000"),
        (b"P\0\0\0\x08name", "E:08P01"),
    ] {
        let mut raw = Raw::connect(&fixture.embedded);
        raw.send(|out| out.extend_from_slice(bytes));
        assert_eq!(shown(&raw.until_ready()), answer, "{bytes:?}");
        assert!(session.query_one("SELECT 1", &[]).await.is_ok());
    }
    // Large, but not too large, in both directions.
    let large = "x".repeat(20 << 20);
    let back: String = session.query_one("SELECT $1::text", &[&large]).await.unwrap().get(0);
    assert!(back == large);
}
