//! The report for machines, and its schema.

use crate::sample;
use report::{Report, json, schema};
use serde_json::Value;

/// The schema as it is shipped.
const SHIPPED: &str = include_str!("../../../../docs/reference/migration_report.schema.json");

#[test]
fn the_json_report_reads_as_before() {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("report_done_with_findings", json(&sample::with_findings()));
    });
}

#[test]
fn the_shipped_schema_is_the_one_that_is_generated() {
    let shipped: Value = serde_json::from_str(SHIPPED).unwrap();
    let hint = "cargo run -p landfall-report --example sample_report FOLDER writes it anew";
    assert!(shipped == schema(), "docs/reference/migration_report.schema.json is not up to date: {hint}");
}

#[test]
fn every_report_satisfies_the_schema_and_comes_back_as_it_was() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (name, report, _) in sample::all() {
        let text = json(&report);
        let value: Value = serde_json::from_str(&text).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new(), "{name}");
        let back: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(back, report.seal(), "{name}");
        assert_eq!(json(&back), text, "{name}");
    }
}

/// Makes a report into something else.
type Spoil = fn(&mut Value);

#[test]
fn the_schema_refuses_what_is_no_report() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let sound: Value = serde_json::from_str(&json(&sample::with_findings())).unwrap();
    let spoil: [(&str, Spoil); 6] = [
        ("an unknown status", |report| report["status"] = "fine".into()),
        ("no entities", |report| drop(report.as_object_mut().unwrap().remove("entities"))),
        ("a negative count", |report| report["entities"]["users"]["loaded"] = (-1).into()),
        ("an unknown code", |report| report["entities"]["users"]["rejected_by_code"]["bad_luck"] = 1.into()),
        ("a count that is a text", |report| report["verification"]["totals"]["equal"] = "7".into()),
        ("an unknown level", |report| report["checks"][0]["level"] = "fatal".into()),
    ];
    for (what, spoil) in spoil {
        let mut report = sound.clone();
        spoil(&mut report);
        assert!(!validator.is_valid(&report), "{what}");
    }
}

#[test]
fn entities_keep_their_order() {
    let value: Value = serde_json::from_str(&json(&sample::done())).unwrap();
    let names: Vec<&String> = value["entities"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["users", "client_profiles", "coach_profiles", "bookings", "payments"]);
}
