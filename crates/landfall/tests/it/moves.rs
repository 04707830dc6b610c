//! The move and what it promises.

use crate::place::{RECORDS, TABLES, place};
use serde_json::Value;

fn report(json: &str) -> Value {
    serde_json::from_str(json).expect("the report is JSON")
}

fn bucket(report: &Value, entity: &str, name: &str) -> u64 {
    report["entities"][entity][name].as_u64().unwrap_or_else(|| panic!("{entity}.{name} in {report:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_accounted_for_and_rejects_are_the_generators_own() {
    let place = place("").await;
    let moved = place.run(["move", "--json"]).await.expect(3);
    let report = report(&moved.stdout);
    assert_eq!(report["status"], "done_with_findings");
    assert_eq!(report["accounted"], true);
    assert_eq!(bucket(&report, "bookings", "source"), RECORDS);
    let inventory = place.bubble.inventory();
    let types = ["user", "client_profile", "coach_profile", "booking", "payment"];
    for (entity, stream) in TABLES.into_iter().zip(types) {
        let sum: u64 = ["loaded", "updated", "unchanged", "skipped", "rejected"]
            .map(|b| bucket(&report, entity, b))
            .iter()
            .sum();
        assert_eq!(sum, bucket(&report, entity, "source"), "{entity}");
        let expected: usize = inventory.rejects(stream).values().sum();
        assert_eq!(bucket(&report, entity, "rejected"), expected as u64, "{entity}");
        let rows = place.one(&format!("SELECT count(*) FROM {entity}")).await;
        assert_eq!(rows.cast_unsigned(), bucket(&report, entity, "loaded"), "{entity}");
    }
    assert_eq!(report["verification"]["totals"]["differing"], 0);
    assert_eq!(place.bubble.stats().non_get, 0, "an extractor only reads");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_move_changes_nothing() {
    let place = place("").await;
    let first = report(&place.run(["move", "--json"]).await.expect(3).stdout);
    let before = place.rows().await;
    let second = report(&place.run(["move", "--json"]).await.expect(3).stdout);
    assert_eq!(place.rows().await, before);
    for entity in TABLES {
        assert_eq!(bucket(&second, entity, "unchanged"), bucket(&first, entity, "loaded"), "{entity}");
        assert_eq!(bucket(&second, entity, "rejected"), bucket(&first, entity, "rejected"), "{entity}");
        assert_eq!(bucket(&second, entity, "loaded") + bucket(&second, entity, "updated"), 0, "{entity}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_alone_come_to_the_same_as_the_whole() {
    let whole = place("").await;
    whole.run(["move"]).await.expect(3);
    let stepped = place("").await;
    for step in ["export", "users", "profiles", "bookings", "verify"] {
        let outcome = stepped.run(["move", "--step", step]).await;
        assert!(matches!(outcome.code(), Some(0 | 3)), "{step}: {outcome:?}");
    }
    assert_eq!(stepped.rows().await, whole.rows().await);
    assert_eq!(stepped.one("SELECT count(*) FROM landfall.runs").await, 1, "the steps join one run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_inputs_are_missing_names_the_step_that_makes_them() {
    let place = place("").await;
    let early = place.run(["move", "--step", "bookings"]).await.expect(2);
    assert!(early.stderr.contains("--step export"), "{}", early.stderr);
    place.run(["move", "--step", "export"]).await.expect(0);
    let early = place.run(["move", "--step", "bookings"]).await.expect(2);
    assert!(early.stderr.contains("--step users"), "{}", early.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_updated_and_a_row_that_somebody_changed_is_not() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    place
        .execute(
            "UPDATE users SET role = 'admin' WHERE id = (SELECT id FROM users WHERE role = 'client' \
    ORDER BY id LIMIT 1)",
        )
        .await;
    let second = report(&place.run(["move", "--json", "--fresh", "--skip-export"]).await.expect(3).stdout);
    assert_eq!(second["entities"]["users"]["rejected_by_code"]["exists_different"], 1);
    assert_eq!(
        place.one("SELECT count(*) FROM users WHERE role = 'admin'").await,
        2,
        "what people did stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_records_move_and_what_refers_to_the_rest_is_left_out_with_it() {
    let place = place("").await;
    let moved = report(&place.run(["move", "--json", "--max-records", "10"]).await.expect(3).stdout);
    assert_eq!(bucket(&moved, "bookings", "source"), RECORDS);
    let limit = &moved["entities"]["bookings"]["skipped_by_reason"]["limit"];
    assert_eq!(limit.as_u64(), Some(RECORDS - 10));
    assert!(bucket(&moved, "users", "loaded") <= 10);
    assert_eq!(moved["accounted"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_connections_load_the_same_as_one() {
    let one = place("").await;
    one.run(["move"]).await.expect(3);
    let many = place("").await;
    many.run(["move", "--connections", "4"]).await.expect(3);
    assert_eq!(one.rows().await, many.rows().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_never_reach_a_file_in_plain_text() {
    let place = place("").await;
    let plain: Vec<String> = place
        .bubble
        .ids("user")
        .iter()
        .filter_map(|id| serde_json::from_slice::<Value>(&place.bubble.record("user", id)?).ok())
        .filter_map(|record| {
            record["password"].as_str().filter(|p| !p.is_empty() && !p.starts_with('$')).map(String::from)
        })
        .collect();
    assert!(!plain.is_empty(), "the generator has plain passwords");
    place.run(["move"]).await.expect(3);
    let mut texts = Vec::new();
    for folder in ["migration_data", "migration_reports"] {
        for entry in std::fs::read_dir(place.program.folder().join(folder)).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            texts.push((path.clone(), std::fs::read_to_string(&path).unwrap_or_default()));
        }
    }
    assert!(texts.len() > 10, "exports and reports are there");
    for password in plain {
        for (path, text) in &texts {
            assert!(!text.contains(&password), "a password stands in {}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_run_are_private_and_complete() {
    use std::os::unix::fs::PermissionsExt;
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    for folder in ["migration_data", "migration_reports"] {
        let path = place.program.folder().join(folder);
        let mode =
            |p: &std::path::Path| std::fs::metadata(p).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700, "{folder}");
        for entry in std::fs::read_dir(&path).expect("the folder is there") {
            let file = entry.expect("an entry").path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
    let names: Vec<String> = place.program.folder().list();
    for kind in
        ["migration_summary_", "migration_errors_", "password_resets_", "migration_report_", "migration_2"]
    {
        assert!(names.iter().any(|n| n.contains(kind)), "{kind} among {names:?}");
    }
}
