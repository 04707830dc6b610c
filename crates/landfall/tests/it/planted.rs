//! A comparison that finds what somebody broke on purpose, and says exactly that.

use crate::place::{Place, place};
use serde_json::Value;

/// The fault, the differences by kind, and words of the hint.
const FAULTS: [(&str, &str, &str); 8] = [
    (
        "UPDATE users SET role = 'admin' WHERE id = (SELECT id FROM users WHERE role = 'client' ORDER BY id \
        LIMIT 1)",
        "changed",
        "another value",
    ),
    ("DELETE FROM payments WHERE id = (SELECT id FROM payments ORDER BY id LIMIT 1)", "missing", ""),
    (
        "UPDATE bookings SET session_datetime = session_datetime + interval '2 hours' WHERE id = (SELECT id \
        FROM bookings ORDER BY id LIMIT 1)",
        "changed",
        "shifted by +02:00",
    ),
    (
        "UPDATE coach_profiles SET bio = left(bio, 5) WHERE id = (SELECT id FROM coach_profiles WHERE \
        length(bio) > 20 ORDER BY id LIMIT 1)",
        "changed",
        "cut after 5 characters",
    ),
    (
        "UPDATE coach_profiles SET rating = round(rating, 0) WHERE id = (SELECT id FROM coach_profiles \
        WHERE rating <> round(rating, 0) ORDER BY id LIMIT 1)",
        "changed",
        "rounded to",
    ),
    (
        "UPDATE client_profiles SET phone = NULL WHERE id = (SELECT id FROM client_profiles WHERE phone IS \
        NOT NULL ORDER BY id LIMIT 1)",
        "changed",
        "NULL instead of a value",
    ),
    (
        "UPDATE client_profiles SET quiz_data = quiz_data || '{\"x\":1}' WHERE id = (SELECT id FROM \
        client_profiles WHERE jsonb_typeof(quiz_data) = 'object' ORDER BY id LIMIT 1)",
        "changed",
        "another value",
    ),
    (
        "UPDATE bookings SET duration_minutes = duration_minutes + 1 WHERE id = (SELECT id FROM bookings \
        ORDER BY id DESC LIMIT 1)",
        "changed",
        "another value",
    ),
];

async fn found(place: &Place) -> Vec<Value> {
    let path = place.program.folder().join("differences.ndjson");
    place.run(["verify", "--all", "differences.ndjson"]).await.expect(3);
    let text = std::fs::read_to_string(path).expect("the file is there");
    text.lines().map(|l| serde_json::from_str(l).expect("a line is JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_found_alone_and_named() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    for (fault, kind, hint) in FAULTS {
        place
            .execute(&format!(
                "CREATE TABLE keep_u AS TABLE users; CREATE TABLE keep_cl AS TABLE \
        client_profiles; CREATE TABLE keep_co AS TABLE coach_profiles; CREATE TABLE keep_b AS TABLE \
        bookings; CREATE TABLE keep_p AS TABLE payments; {fault}"
            ))
            .await;
        let differences = found(&place).await;
        assert_eq!(differences.len(), 1, "{fault}: {differences:?}");
        assert_eq!(differences[0]["kind"], kind, "{fault}");
        if !hint.is_empty() {
            let shown = differences[0]["fields"][0]["hint"].as_str().unwrap_or_default();
            assert!(shown.contains(hint), "{fault}: {shown}");
            assert_eq!(differences[0]["fields"].as_array().map(Vec::len), Some(1), "{fault}");
        }
        place
            .execute(
                "TRUNCATE users, client_profiles, coach_profiles, bookings, payments; INSERT INTO \
        users TABLE keep_u; INSERT INTO client_profiles TABLE keep_cl; INSERT INTO coach_profiles TABLE \
        keep_co; INSERT INTO bookings TABLE keep_b; INSERT INTO payments TABLE keep_p; DROP TABLE keep_u, \
        keep_cl, keep_co, keep_b, keep_p",
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_rows_are_named_with_the_record_whose_content_they_hold() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    place
        .execute(
            "WITH two AS (SELECT id, session_datetime, duration_minutes, client_id, coach_id, status, \
            created_at, updated_at, \
                     row_number() OVER (ORDER BY id) AS n FROM bookings ORDER BY id LIMIT 2) \
             UPDATE bookings b SET session_datetime = o.session_datetime, duration_minutes = \
             o.duration_minutes, \
                client_id = o.client_id, coach_id = o.coach_id, status = o.status, created_at = \
                o.created_at, \
                updated_at = o.updated_at FROM two t JOIN two o ON o.n <> t.n WHERE b.id = t.id",
        )
        .await;
    let differences = found(&place).await;
    assert_eq!(differences.len(), 2, "{differences:?}");
    for difference in differences {
        let hint = difference["fields"][0]["hint"].as_str().unwrap_or_default().to_owned();
        assert!(hint.starts_with("holds the value of record "), "{hint}");
    }
}
