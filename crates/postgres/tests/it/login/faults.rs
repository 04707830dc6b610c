//! What is said when it does not work.

use super::{login, nobody, server, tcp};
use base::Class;
use postgres::connect::fault;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

const RULES: &str = "local all all trust\nhost all noline all reject\nhost all all all trust\n";

const SQL: &str = "\
CREATE ROLE full LOGIN CONNECTION LIMIT 0; CREATE ROLE noline LOGIN; CREATE ROLE plain LOGIN;
CREATE ROLE reader LOGIN; ALTER ROLE reader SET default_transaction_read_only = on;
CREATE TABLE t (id int PRIMARY KEY, email text NOT NULL CONSTRAINT no_blank CHECK (email <> ''));
INSERT INTO t VALUES (1, 'hunter2')";

/// A server that answers the first packet with these bytes, and then no more; its port.
fn stand_in(answer: Option<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            match &answer {
                Some(answer) => {
                    let _ = stream.read(&mut [0; 1024]);
                    let _ = stream.write_all(answer);
                }
                None => kept.push(stream),
            }
        }
    });
    port
}

fn says(code: &str, text: &str) -> Option<Vec<u8>> {
    let body = format!("SFATAL\0VFATAL\0C{code}\0M{text}\0\0");
    Some([b"E", &(body.len() as u32 + 4).to_be_bytes()[..], body.as_bytes()].concat())
}

#[tokio::test]
async fn a_login_that_fails_says_where_why_and_what_to_do() {
    let server = server(RULES, SQL);
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let silent = stand_in(None);
    let closing = stand_in(Some(Vec::new()));
    let starting = stand_in(says("57P03", "the database system is starting up"));
    let broken = stand_in(says("XX000", "hunter2"));
    let here = |who: &str| tcp(&server, who, "sslmode=disable");
    let at = |port: u16| format!("postgresql://u@127.0.0.1:{port}/app?sslmode=disable&connect_timeout=1");
    for (url, class, words, hint) in [
        (here("full@127.0.0.1"), Class::Retry, "no connection left (SQLSTATE 53300)", "max_connections"),
        (
            here("nobody@127.0.0.1"),
            Class::Stop,
            "the role nobody does not exist",
            "createuser --login nobody",
        ),
        (here("noline@127.0.0.1"), Class::Stop, "refuses this login (SQLSTATE 28000)", "pg_hba.conf"),
        (
            here("plain@127.0.0.1").replace("/postgres?", "/nothing?"),
            Class::Usage,
            "does not exist",
            "createdb nothing",
        ),
        (at(free), Class::Retry, "nothing listens there", "DATABASE_URL"),
        (at(silent), Class::Retry, "no answer within 1 s", "connect_timeout"),
        (at(closing), Class::Retry, "broke off", "is this a PostgreSQL server?"),
        (at(starting), Class::Retry, "starting up", "try again"),
        (at(broken), Class::Fail, "an error of its own (SQLSTATE XX000)", ""),
        (
            "postgresql://u@no-such-host.invalid/app".into(),
            Class::Retry,
            "cannot be resolved",
            "DATABASE_URL",
        ),
        ("postgresql://u@/app?host=/no/such/folder".into(), Class::Retry, "no such socket", "DATABASE_URL"),
    ] {
        let found = login(&url, &nobody()).await.expect_err(&url);
        let hints = found.hints.join(" / ");
        assert!(found.what.contains(words), "{url}: {found}");
        assert!(hints.contains(hint), "{url}: {hints}");
        assert_eq!(found.class, class, "{url}: {found}");
        assert!(found.what.starts_with("connecting to "), "{url}: {found}");
        assert!(!format!("{found} {hints}").contains("hunter2"), "{found}");
    }
}

#[tokio::test]
async fn hosts_are_tried_in_order_and_by_what_they_are() {
    let server = server(RULES, SQL);
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = |who: &str, wanted: &str| {
        let hosts = format!("{who}@127.0.0.1:{free},127.0.0.1:{}", server.port());
        format!("postgresql://{hosts}/postgres?sslmode=disable&target_session_attrs={wanted}")
    };
    for (who, wanted, words) in [
        ("plain", "any", ""),
        ("plain", "read-write", ""),
        ("plain", "primary", ""),
        ("plain", "prefer-standby", ""),
        ("plain", "read-only", "nothing listens there; "),
        ("plain", "standby", "not the kind of server"),
        ("reader", "read-only", ""),
        ("reader", "primary", ""),
        ("reader", "read-write", "not the kind of server"),
    ] {
        let found = login(&url(who, wanted), &nobody()).await;
        match (&found, words) {
            (Ok(_), "") => {}
            (Err(fault), words) if !words.is_empty() => {
                assert!(fault.what.contains(words), "{wanted}: {fault}")
            }
            _ => panic!("{who} {wanted}: {found:?}"),
        }
    }
    // A refusal of the login is not a reason to try the next.
    let first =
        format!("postgresql://nobody@127.0.0.1:{0},127.0.0.1:{free}/postgres?sslmode=disable", server.port());
    let fault = login(&first, &nobody()).await.unwrap_err();
    assert!(fault.what.contains("the role nobody does not exist") && !fault.what.contains("; "), "{fault}");
}

#[tokio::test]
async fn no_fault_quotes_a_value() {
    let server = server(RULES, SQL);
    let session = login(&server.url(), &nobody()).await.unwrap();
    session.batch_execute("SET lock_timeout = '50ms'").await.unwrap();
    for (sql, class, words) in [
        ("INSERT INTO t VALUES (1, 'hunter2')", Class::Fail, "SQLSTATE 23505, table t, constraint t_pkey"),
        ("INSERT INTO t VALUES (2, '')", Class::Fail, "SQLSTATE 23514, table t, constraint no_blank"),
        ("INSERT INTO t VALUES (2, NULL)", Class::Fail, "SQLSTATE 23502, table t, column email"),
        ("SELECT 'hunter2'::int", Class::Fail, "SQLSTATE 22P02"),
        ("SELECT hunter2 hunter2 hunter2", Class::Fail, "SQLSTATE 42601"),
        ("DO $$ BEGIN RAISE EXCEPTION 'hunter2'; END $$", Class::Fail, "SQLSTATE P0001"),
        ("SELECT * FROM missing WHERE x = 'hunter2'", Class::Usage, "relation \"missing\" does not exist"),
        ("SELECT nothing FROM t WHERE email = 'hunter2'", Class::Usage, "column \"nothing\" does not exist"),
        ("SET statement_timeout = 20; SELECT pg_sleep(60)", Class::Stop, "SQLSTATE 57014"),
        ("SET transaction_read_only = on; CREATE TABLE u (n int)", Class::Stop, "SQLSTATE 25006"),
        ("SET ROLE plain; SELECT * FROM t", Class::Usage, "permission denied for table t"),
    ] {
        let error = session.simple_query(sql).await.unwrap_err();
        let found = fault(&error, "loading users");
        assert!(found.what.starts_with("loading users: "), "{found}");
        assert!(found.what.contains(words), "{sql}: {found}");
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        assert_eq!(found.class, class, "{sql}: {found}");
        session.batch_execute("RESET ROLE; RESET statement_timeout").await.unwrap();
    }
    let error = session.query_one("SELECT 1::int", &[]).await.unwrap().try_get::<_, String>(0).unwrap_err();
    assert_eq!(fault(&error, "reading").class, Class::Bug);
}

#[tokio::test]
async fn a_session_is_cancelled_lost_and_closed_with_a_reason() {
    let server = server(RULES, SQL);
    let session = Arc::new(login(&server.url(), &nobody()).await.unwrap());
    let name: String = session.query_one("SHOW application_name", &[]).await.unwrap().get(0);
    assert_eq!(name, "landfall move");
    let cancel = session.cancel();
    let asked = {
        let session = session.clone();
        tokio::spawn(async move { session.simple_query("SELECT pg_sleep(60)").await })
    };
    // The request may come before the question: ask until it is answered.
    while !asked.is_finished() {
        cancel.send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let error = asked.await.unwrap().unwrap_err();
    assert!(session.fault(&error, "sleeping").what.contains("57014"));

    let pid: i32 = session.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    // A round trip of its own, for the driver closes the statement in the background, and would take the
    // server's last word for the answer to that.
    session.simple_query("SELECT 1").await.unwrap();
    server.psql("postgres", &format!("SELECT pg_terminate_backend({pid})")).unwrap();
    while !session.is_closed() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let error = session.simple_query("SELECT 1").await.unwrap_err();
    let found = session.fault(&error, "asking");
    assert!(found.what.contains("57P01"), "{found}");
    assert_eq!(found.class, Class::Retry);

    let session = login(&server.url(), &nobody()).await.unwrap();
    session.close().await;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'landfall move'";
    testkit::wait::until("the end of the session", std::time::Duration::from_secs(30), || {
        (server.psql("postgres", open).unwrap() == "0").then_some(())
    })
    .unwrap();
}
