//! Undo, exactly.

use crate::place::{Place, TABLES, place};

/// What `pg_dump --data-only` writes, sorted, without the ledger and without `setval` lines: numbers once
/// given are not given again. `\restrict` lines hold a random word.
async fn dump(place: &Place) -> Vec<String> {
    let dumped = std::process::Command::new("pg_dump")
        .args(["--data-only", "--exclude-schema=landfall", "--dbname"])
        .arg(&place.database.url)
        .output()
        .expect("pg_dump is there");
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let text = String::from_utf8(dumped.stdout).expect("a dump is text");
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| !line.contains("pg_catalog.setval") && !line.contains("restrict "))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// How many rows the tables of the move hold.
async fn rows(place: &Place) -> i64 {
    let mut rows = 0;
    for table in TABLES {
        rows += place.one(&format!("SELECT count(*) FROM {table}")).await;
    }
    rows
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
    assert!(first.stderr.contains("written over by run"), "{}", first.stderr);
    place.run(["rollback", "2", "--yes"]).await.expect(0);
    assert_eq!(dump(&place).await, before);
    place.run(["rollback", "1", "--yes"]).await.expect(0);
    assert_eq!(rows(&place).await, 0);
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
    let left = rows(&place).await;
    assert!(dry.stderr.contains("nothing was changed") && left > 100, "{}", dry.stderr);
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
        assert_eq!(rows(&place).await, 0);
    }
    let command = place.run(["rollback", "1", "--yes"]).await.expect(0);
    assert!(command.stderr.contains("nothing was done"), "{}", command.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_rollback_wants_a_yes() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    let before = dump(&place).await;
    let outcome = place.run(["rollback"]).await.expect(2);
    assert!(outcome.stderr.contains("--yes"), "{}", outcome.stderr);
    assert_eq!(dump(&place).await, before);
}

/// Everything of a database in another one, as an owner moves house with `pg_dump` and `psql`.
fn restore(from: &str, to: &str) {
    let pipe = format!("pg_dump --dbname='{from}' | psql -q -v ON_ERROR_STOP=1 --dbname='{to}' > /dev/null");
    let done = std::process::Command::new("sh").args(["-c", &pipe]).output().expect("a shell is there");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_dump_and_restore_rows_are_kept_until_their_content_is_compared() {
    let mut place = place("").await;
    place.run(["move"]).await.expect(3);
    let house = testkit::database().await;
    restore(&place.database.url, &house.url);
    place.program.set("DATABASE_URL", &house.url);
    place.database = house;
    place
        .execute(
            "UPDATE payments SET amount = amount + 1 WHERE id = (SELECT min(id::text)::uuid FROM payments)",
        )
        .await;

    let before = dump(&place).await;
    let kept = place.run(["rollback", "--yes"]).await.expect(3);
    assert!(kept.stderr.contains("dump and restore"), "it says why: {}", kept.stderr);
    assert_eq!(dump(&place).await, before, "nothing is deleted on a guess");

    let undone = place.run(["rollback", "--by-content", "--yes", "--json"]).await.expect(3);
    let document: serde_json::Value = serde_json::from_str(&undone.stdout).expect("one document");
    assert_eq!(document["entities"]["payments"]["kept_changed"], 1);
    // The changed payment, its booking, and the two users of the booking.
    assert_eq!(rows(&place).await, 4);
    place.run(["rollback", "--by-content", "--force", "--yes"]).await.expect(0);
    assert_eq!(rows(&place).await, 0);
}
