//! What others see of the server: the folder, the socket, the address.

use super::{count, fixture, settings, state};
use crate::raw::Raw;
use postgres::embedded::{EXTENSIONS, Embedded, Opened, Settings, attach, open_or_attach, url_of_owner};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Runs psql; its output, or its complaint.
async fn psql(url: &str, commands: &[&str]) -> Result<String, String> {
    let mut command = Command::new("/usr/bin/psql");
    command.env_clear().args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", url]);
    for one in commands {
        command.args(["-c", one]);
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[tokio::test]
async fn psql_works_through_the_socket() {
    let fixture = fixture();
    let session = fixture.session().await;
    session.batch_execute("CREATE TABLE t (n int, s text)").await.unwrap();
    let url = fixture.embedded.url();
    assert_eq!(psql(&url, &["SELECT 1 + 1"]).await.unwrap(), "2");
    let copy = ["\\copy t FROM PROGRAM 'echo 7,seven' WITH (FORMAT csv)", "\\copy t TO STDOUT", "\\d t"];
    let seen = psql(&url, &copy).await.unwrap();
    assert!(seen.starts_with("COPY 1\n7\tseven\n"), "{seen}");
    assert!(seen.contains("n|integer|"), "{seen}");
    assert_eq!(count(&session, "t").await, 1);
    for (url, words) in [
        (url.replace("@/postgres", "@/other"), "one database, postgres"),
        (url.replace("postgres@", "somebody@"), "one role, postgres"),
    ] {
        let complaint = psql(&url, &["SELECT 1"]).await.unwrap_err();
        assert!(complaint.contains(words), "{complaint}");
    }
    let complaint = psql(&url, &["SELECT 1/0"]).await.unwrap_err();
    assert!(complaint.contains("division by zero"), "{complaint}");
}

#[tokio::test]
async fn odd_folders_get_a_socket_too() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["with blank & ümlaut?", &"long".repeat(40)] {
        let dir = folder.path().join(name).join(".landfall");
        let embedded = Embedded::open_with(&dir, &settings()).unwrap();
        assert_eq!(psql(&embedded.url(), &["SELECT 1"]).await.unwrap(), "1", "{name}");
        assert_eq!(url_of_owner(&dir).unwrap().as_deref(), Some(embedded.url().as_str()));
        assert!(attach(&dir, "landfall runs").await.unwrap().is_some(), "{name}");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(embedded.socket()), 0o600);
        assert_eq!(mode(embedded.socket().parent().unwrap()), 0o700);
        let socket = embedded.socket().to_owned();
        drop(embedded);
        assert!(!socket.exists());
    }
}

#[tokio::test]
async fn one_process_owns_the_folder_and_the_others_attach() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join(".landfall");
    assert!(attach(&dir, "landfall runs").await.unwrap().is_none(), "no folder yet");
    // Two at the same moment: one of them becomes the owner.
    let settings = settings();
    let both = tokio::join!(open_or_attach(&dir, &settings, "a"), open_or_attach(&dir, &settings, "b"));
    let (a, b) = (both.0.unwrap(), both.1.unwrap());
    let owns = |opened: &Opened| matches!(opened, Opened::Owner(..));
    assert_ne!(owns(&a), owns(&b));
    a.session().batch_execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!(count(b.session(), "t").await, 1);

    let fault = Embedded::open(&dir).unwrap_err();
    assert_eq!(fault.class, base::Class::Stop);
    assert!(fault.what.contains("is in use by landfall move (pid "), "{fault}");

    let (owner, attached) = if owns(&a) { (a, b) } else { (b, a) };
    drop(owner);
    let error = attached.session().simple_query("SELECT 1").await.unwrap_err();
    assert_eq!(attached.session().fault(&error, "asking").class, base::Class::Retry);
    assert!(attach(&dir, "landfall runs").await.unwrap().is_none(), "the owner is gone");

    // The next owner finds what was there.
    let again = open_or_attach(&dir, &settings, "c").await.unwrap();
    assert!(owns(&again));
    assert_eq!(count(again.session(), "t").await, 1);
}

#[tokio::test]
async fn the_server_is_the_postgresql_that_the_notes_describe() {
    let fixture = fixture();
    let session = fixture.session().await;
    for (sql, value) in [
        ("SHOW server_version", "17.5"),
        ("SHOW server_encoding", "UTF8"),
        (
            "SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = current_database()",
            "C C.UTF-8",
        ),
        ("SHOW search_path", "\"$user\", public"),
        ("SHOW TimeZone", "UTC"),
        ("SHOW is_superuser", "on"),
        ("SELECT (txid_current() > 0)::text", "true"),
        ("SELECT (pg_current_xact_id() IS NOT NULL)::text", "true"),
        ("SELECT pg_try_advisory_lock(1)::text", "true"),
        ("SELECT count(*)::text FROM pg_stat_activity", "1"),
        ("SELECT pg_input_is_valid('x', 'int')::text", "false"),
    ] {
        let found: String = session.query_one(sql, &[]).await.unwrap().get(0);
        assert_eq!(found, value, "{sql}");
    }
    for name in EXTENSIONS {
        session.batch_execute(&format!("CREATE EXTENSION {name}")).await.unwrap();
    }
    session.batch_execute("CREATE TABLE c (a citext PRIMARY KEY); INSERT INTO c VALUES ('A')").await.unwrap();
    assert_eq!(state(&session.batch_execute("INSERT INTO c VALUES ('a')").await.unwrap_err()), "23505");
    for name in ["pgcrypto", "uuid-ossp"] {
        let error = session.batch_execute(&format!("CREATE EXTENSION \"{name}\"")).await.unwrap_err();
        assert_eq!(state(&error), "0A000", "{name}");
        let wanted = Settings { extensions: vec![name.into()], ..settings() };
        let other = tempfile::tempdir().unwrap();
        let fault = Embedded::open_with(other.path(), &wanted).unwrap_err();
        assert!(fault.what.contains(name), "{fault}");
    }
    session.batch_execute("CREATE TEMP TABLE temporary (n int); BEGIN; SAVEPOINT a").await.unwrap();
    session.batch_execute("SELECT 1/0").await.unwrap_err();
    session.batch_execute("ROLLBACK TO a; INSERT INTO temporary VALUES (1); COMMIT").await.unwrap();
    assert_eq!(Raw::connect(&fixture.embedded).run("SELECT n FROM temporary"), "T D:1 C:SELECT 1 Z:I");
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let fault = Embedded::open(&file.join(".landfall")).unwrap_err();
    assert!(fault.what.contains(".landfall cannot be used"), "{fault}");
    // A database that lost a part of itself is not thrown away.
    let dir = folder.path().join(".landfall");
    let base = dir.join("pgdata/tmp/pglite/base");
    std::fs::create_dir_all(&base).unwrap();
    std::fs::write(base.join("precious"), "").unwrap();
    let fault = Embedded::open(&dir).unwrap_err();
    assert!(fault.what.contains("holds a part of a database"), "{fault}");
    assert!(base.join("precious").exists());
}
