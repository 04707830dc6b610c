//! `landfall report` tells of an old run what the run itself told.

use crate::place::{Place, place};
use serde_json::Value;

fn file(place: &Place, kind: &str, run: &str) -> Option<String> {
    let name = format!("migration_reports/{kind}_{run}");
    let names = place.program.folder().list();
    names.iter().find(|n| n.starts_with(&name)).map(|n| place.program.folder().read(n))
}

async fn moved(place: &Place, args: &[&str]) -> (String, Value) {
    let outcome = tokio::task::block_in_place(|| place.program.run(args)).expect(3);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("a report");
    (report["run"]["name"].as_str().expect("a name").to_owned(), report)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_written_again_equals_the_runs_own_also_after_another_export() {
    let place = place("").await;
    let (name, own) = moved(&place, &["move", "--json"]).await;
    assert!(own["verification"]["totals"]["compared"].as_u64() > Some(100), "{own:#}");
    let loads = own["phases"].as_array().expect("phases").iter().filter(|p| p["name"] == "load");
    assert_eq!(loads.count(), 5);
    assert_eq!(own["entities"]["users"]["table"], "users");
    let resets = file(&place, "password_resets", &name).expect("users without a password");
    let maps = place.program.folder().read("migration_data/user_id_mapping.json");
    let again = async |why: &str| {
        for kind in ["migration_report", "migration_summary", "migration_errors"] {
            let path = place.program.folder().path().join("migration_reports");
            let names = std::fs::read_dir(&path).expect("the folder").flatten();
            let old =
                names.filter(|e| e.file_name().to_string_lossy().starts_with(&format!("{kind}_{name}")));
            old.for_each(|e| std::fs::remove_file(e.path()).expect("a file of the run"));
        }
        let told = place.run(["report", &name, "--json"]).await.expect(0);
        let told: Value = serde_json::from_str(&told.stdout).expect("a report");
        assert_eq!(told, own, "{why}");
        assert_eq!(file(&place, "password_resets", &name).as_ref(), Some(&resets), "{why}");
        for kind in ["migration_report", "migration_summary", "migration_errors"] {
            assert!(file(&place, kind, &name).is_some(), "{why}: {kind}");
        }
    };
    again("at once").await;
    let (later, _) = moved(&place, &["move", "--json", "--max-records", "20"]).await;
    assert_ne!(later, name);
    again("after another run with another export").await;
    let less = place.program.folder().read("migration_data/user_id_mapping.json");
    assert!(less.len() < maps.len(), "the maps are of the newest run");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_times_of_all_commands_of_a_run_are_in_its_report() {
    let place = place("").await;
    for step in ["export", "users", "profiles", "bookings"] {
        let outcome = place.run(["move", "--step", step]).await;
        assert!(matches!(outcome.code(), Some(0 | 3)), "{step}: {outcome}");
    }
    let (name, own) = moved(&place, &["move", "--json", "--step", "verify"]).await;
    let phases = own["phases"].as_array().expect("phases");
    for phase in ["export", "load", "verify"] {
        assert_eq!(phases.iter().filter(|p| p["name"] == phase).count(), 5, "{phase}: {phases:#?}");
    }
    let told = place.run(["report", &name, "--json"]).await.expect(0);
    assert_eq!(serde_json::from_str::<Value>(&told.stdout).expect("a report"), own);
    assert!(!told.stderr.contains("/./"), "{}", told.stderr);
}
