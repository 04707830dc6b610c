//! The files in their folder: all or none, for nobody else's eyes, values only where they belong.

use crate::sample::{self, values::CANARY};
use base::{Class, Fault};
use report::{Extras, Report, Reset, Values, Writing, Written};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const TS: &str = "20261121_101500";

fn write(folder: &Path, report: &Report, extras: &Extras, resets: usize) -> Result<Written, Fault> {
    let mut writing = Writing::begin(folder, &report.run, extras.values, true)?;
    extras.rejects_shown.iter().try_for_each(|reject| writing.reject(reject))?;
    (0..resets).try_for_each(|_| writing.reset(&reset()))?;
    writing.finish(report, extras)
}

fn reset() -> Reset {
    Reset { source_id: "1x2".into(), id: "7c19".into(), email: Some(CANARY.into()), reason: "absent".into() }
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect()
}

#[test]
fn all_files_are_there_under_the_name_of_the_run_and_for_nobody_elses_eyes() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("deep/migration_reports");
    let written = write(&folder, &sample::with_findings(), &sample::extras(), 2).unwrap();
    assert_eq!((written.error_lines, written.reset_lines), (11, 2));
    let names: Vec<String> = read(&folder).into_keys().collect();
    assert_eq!(
        names,
        [
            format!("migration_errors_{TS}.csv"),
            format!("migration_report_{TS}.html"),
            format!("migration_report_{TS}.json"),
            format!("migration_summary_{TS}.txt"),
            format!("password_resets_{TS}.csv"),
        ]
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for path in
        [&written.errors, &written.html, &written.json, &written.summary, written.resets.as_ref().unwrap()]
    {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_value_is_only_where_values_may_be() {
    let errors = format!("migration_errors_{TS}.csv");
    let page = format!("migration_report_{TS}.html");
    let resets = format!("password_resets_{TS}.csv");
    for (values, allowed) in [(Values::Shown, vec![&errors, &page, &resets]), (Values::Masked, vec![&resets])]
    {
        let folder = tempfile::tempdir().unwrap();
        let extras = Extras { values, ..sample::extras() };
        write(folder.path(), &sample::with_findings(), &extras, 1).unwrap();
        let files = read(folder.path());
        let holding: Vec<&String> =
            files.iter().filter(|(_, text)| text.contains(CANARY)).map(|(name, _)| name).collect();
        assert_eq!(holding, allowed, "{values:?}");
    }
}

#[test]
fn a_fault_while_one_is_written_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &sample::done(), &Extras::default(), 1).unwrap();
    let before = read(folder.path());
    let report = sample::with_findings();
    let one = sample::extras().rejects_shown.remove(0);
    // The ledger goes away after some lines, or the page cannot take its name.
    let mut writing = Writing::begin(folder.path(), &report.run, Values::Shown, true).unwrap();
    writing.reject(&one).unwrap();
    writing.reset(&reset()).unwrap();
    drop(writing);
    assert_eq!(read(folder.path()), before);
    let in_the_way = folder.path().join(format!(".migration_report_{TS}.json.part"));
    fs::create_dir(&in_the_way).unwrap();
    let fault = write(folder.path(), &report, &Extras::default(), 2).unwrap_err();
    assert!(fault.what.contains("migration_report"), "{fault:?}");
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(read(folder.path()), before);
}

#[test]
fn written_again_the_files_are_replaced_and_resets_that_nobody_needs_go() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &sample::with_findings(), &sample::extras(), 2).unwrap();
    fs::write(folder.path().join(format!(".migration_errors_{TS}.csv.part")), "left by a kill").unwrap();
    let written = write(folder.path(), &sample::done(), &Extras::default(), 0).unwrap();
    assert_eq!((written.resets, written.error_lines), (None, 0));
    let files = read(folder.path());
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    assert!(files[&format!("migration_summary_{TS}.txt")].contains("\nDONE\n"));
}

#[test]
fn a_folder_that_cannot_be_is_said_with_its_name_and_a_way_on() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let fault = write(&file.join("reports"), &sample::done(), &Extras::default(), 0).unwrap_err();
    assert_eq!(fault.class, Class::Usage);
    assert!(fault.what.contains("file/reports") && !fault.hints.is_empty(), "{fault:?}");
}
