//! Undo, exactly.

use crate::place::{Place, TABLES, place};

/// What `pg_dump --data-only` shows, sorted, without the ledger and without `setval` lines: numbers once
/// given are not given again.
async fn dump(place: &Place) -> Vec<String> {
    let mut lines = Vec::new();
    for table in TABLES {
        let sql = format!("SELECT '{table} ' || t::text FROM {table} t");
        let rows = place.database.client.query(&sql, &[]).await.expect("the table is there");
        lines.extend(rows.iter().map(|r| r.get::<_, String>(0)));
    }
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_leaves_a_populated_destination_as_it_was() {
    let place = place("").await;
    place.execute(include_str!("../../../../examples/culturebridge/schema.sql")).await;
    place
        .execute(
            "INSERT INTO users (id, email, password_hash, role) \
             SELECT gen_random_uuid(), 'app' || n || '@app.example', 'x', 'client' FROM generate_series(1, \
             50) AS n",
        )
        .await;
    let before = dump(&place).await;
    place.run(["move"]).await.expect(3);
    assert!(dump(&place).await.len() > before.len());
    place.run(["rollback", "--yes"]).await.expect(0);
    assert_eq!(dump(&place).await, before);
    let again = place.run(["rollback", "--yes"]).await.expect(0);
    assert!(again.stderr.contains("nothing was done"), "{}", again.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_undone_to_the_row_that_was_there() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    let before = dump(&place).await;
    // The next export has other phone numbers: the file is edited, as a person may do it.
    let path = place.program.folder().join("migration_data/client_profiles.csv");
    let text = std::fs::read_to_string(&path).expect("the export is there");
    std::fs::write(&path, text.replace("+1-555", "+1-556")).expect("it can be written");
    place.run(["move", "--fresh", "--skip-export"]).await.expect(3);
    assert_ne!(dump(&place).await, before, "something was updated");
    let first = place.run(["rollback", "1", "--yes"]).await.expect(2);
    assert!(first.stderr.contains("has updated rows"), "{}", first.stderr);
    place.run(["rollback", "2", "--yes"]).await.expect(0);
    assert_eq!(dump(&place).await, before);
    place.run(["rollback", "1", "--yes"]).await.expect(0);
    assert_eq!(dump(&place).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_did_since_is_kept_with_what_it_needs() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    place
        .execute(
            "UPDATE bookings SET duration_minutes = 77 WHERE id = (SELECT id FROM bookings ORDER BY \
    id LIMIT 1)",
        )
        .await;
    place
        .execute(
            "INSERT INTO bookings (id, client_id, coach_id, session_datetime, duration_minutes, status) \
             SELECT gen_random_uuid(), u.id, u.id, now(), 60, 'pending' FROM users u ORDER BY id LIMIT 1",
        )
        .await;
    let dry = place.run(["rollback", "--dry-run"]).await.expect(3);
    let rows = dump(&place).await.len();
    assert!(dry.stderr.contains("nothing was changed") && rows > 100, "{}", dry.stderr);
    place.run(["rollback", "--yes"]).await.expect(3);
    assert_eq!(
        place.one("SELECT count(*) FROM bookings").await,
        2,
        "the changed one and the application's own"
    );
    let users = place.one("SELECT count(*) FROM users").await;
    assert!((1..=3).contains(&users), "the users that those need: {users}");
    assert_eq!(place.one("SELECT count(*) FROM landfall.kept WHERE why = 'changed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sql_file_does_what_the_command_does_and_says_so() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    let names = place.program.folder().list();
    let script = names.iter().find(|n| n.contains("rollback_migration_")).expect("the script is there");
    let path = place.program.folder().join(script);
    let text = std::fs::read_to_string(&path).expect("it can be read");
    let ids = place.database.client.query("SELECT id::text FROM users", &[]).await.expect("users are there");
    assert!(ids.iter().all(|r| !text.contains(r.get::<_, &str>(0))), "the script holds no id");
    for _ in 0..2 {
        let run = std::process::Command::new("psql")
            .args(["-v", "ON_ERROR_STOP=1", "-q", "-f"])
            .arg(&path)
            .arg(&place.database.url)
            .output()
            .expect("psql is there");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(dump(&place).await, Vec::<String>::new());
    }
    let command = place.run(["rollback", "1", "--yes"]).await.expect(0);
    assert!(command.stderr.contains("nothing was done"), "{}", command.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_rollback_wants_a_yes() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    let rows = dump(&place).await;
    let outcome = place.run(["rollback"]).await.expect(2);
    assert!(outcome.stderr.contains("--yes"), "{}", outcome.stderr);
    assert_eq!(dump(&place).await, rows);
}
