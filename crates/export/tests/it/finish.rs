//! The final file: order, repeats, width, rejects.

use crate::support::{PageOf, Table, files, give, hard_pages, order, page, read_all, strings, unreadable};
use export::csv::EmptyMeans;
use export::{ExportFolder, FinishOrder, Finished, Part};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;

struct Outcome {
    finished: Finished,
    header: Vec<String>,
    table: Table,
    rejects: Option<String>,
}

fn with(pages: &[PageOf], finish: impl Fn(Part) -> Finished) -> Outcome {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let mut part = Part::create(&folder, "users", &"test").unwrap();
    for (number, page) in pages.iter().enumerate() {
        give(&mut part, page, number).unwrap();
    }
    let finished = finish(part);
    let (header, table, error) =
        read_all(File::open(folder.csv_path("users")).unwrap(), EmptyMeans::Quoted, 100);
    assert!(error.is_none(), "{error:?}");
    let files = files(&folder);
    assert!(files.others.is_empty(), "left behind: {:?}", files.others);
    assert_eq!(finished.columns, header);
    assert_eq!(finished.records, table.len() as u64);
    assert_eq!(finished.sums.bytes, files.csv.len() as u64);
    let sum: String = Sha256::digest(files.csv.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(finished.sums.sha256, sum);
    Outcome { finished, header, table, rejects: files.rejects }
}

/// Pages of (`_id`, `created`, `modified`, `n`), one string a record, split at blanks; `~` is NULL.
fn pages(records: &[&str]) -> Vec<PageOf> {
    let fields = ["_id", "created", "modified", "n"];
    records.iter().map(|record| page(&fields, &[record.split(' ').collect::<Vec<_>>().as_slice()])).collect()
}

fn last_column(table: &Table) -> String {
    table.iter().map(|row| row.last().unwrap().as_deref().unwrap_or("~")).collect()
}

#[test]
fn records_stand_in_order_and_once_in_their_newest_version() {
    let cases: &[(&str, &[&str], &str, u64, bool)] = &[
        ("sorted already", &["a 2024-01-01T00:00:00Z ~ 1", "b 2024-01-01T00:00:01Z ~ 2"], "12", 0, true),
        ("late", &["b 2024-01-01T00:00:01Z ~ 2", "a 2024-01-01T00:00:00Z ~ 1"], "12", 0, false),
        ("same time: by key", &["b 2024-01-01 ~ 2", "a 2024-01-01 ~ 1", "c 2024-01-01 ~ 3"], "123", 0, false),
        (
            "instants, not texts",
            &["a 2024-01-01T12:00:00+02:00 ~ 1", "b 1704106800000 ~ 3", "c 2024-01-01T10:30:00Z ~ 2"],
            "123",
            0,
            false,
        ),
        ("no time: last", &["a ~ ~ 2", "b soon ~ 3", "c 2024-01-01 ~ 1"], "123", 0, false),
        ("no key: all stay", &["~ 2024-01-01 ~ 2", "~ 2024-01-01 ~ 3", "a 2024-01-01 ~ 1"], "123", 0, false),
        ("repeat: greatest version", &["a 2024-01-01 5 1", "a 2024-01-01 3 2"], "1", 1, true),
        ("repeat: later of equals", &["a 2024-01-01 5 1", "a 2024-01-01 5 2"], "2", 1, true),
        ("repeat: no version", &["a 2024-01-01 ~ 1", "a 2024-01-01 ~ 2"], "2", 1, true),
        ("repeat: any version beats none", &["a 2024-01-01 x 1", "a 2024-01-01 ~ 2"], "1", 1, true),
        (
            "repeat: versions are instants",
            &["a 2024-01-01 2024-01-01T12:00:00+02:00 1", "a 2024-01-01 2024-01-01T11:00:00Z 2"],
            "2",
            1,
            true,
        ),
        (
            "repeat: another time of creation",
            &["a 2024-01-01 1 1", "b 2024-01-02 1 2", "a 2024-01-03 2 3", "c 2024-01-04 1 4"],
            "234",
            1,
            true,
        ),
        (
            "repeat: the late one is the newest",
            &["a 2024-01-01 1 1", "b 2024-01-02 1 2", "a 2024-01-01 2 3"],
            "32",
            1,
            false,
        ),
        (
            "repeat: the late one is older",
            &["a 2024-01-01 2 1", "b 2024-01-02 1 2", "a 2024-01-01 1 3", "a 2024-01-01 1 4"],
            "12",
            2,
            false,
        ),
    ];
    for (what, records, expected, repeats, in_order) in cases {
        for chunk in [1, usize::MAX] {
            let outcome = with(&pages(records), |part| part.finish_in_chunks(order(), chunk).unwrap());
            assert_eq!(last_column(&outcome.table), *expected, "{what}");
            assert_eq!(outcome.finished.repeats, *repeats, "{what}");
            assert_eq!(outcome.finished.in_order, *in_order, "{what}");
        }
    }
}

#[test]
fn columns_of_the_order_may_be_absent() {
    let records = ["b 2024-01-02 ~ 2", "a 2024-01-03 ~ 1", "b 2024-01-01 ~ 3"];
    let column = |name: &str| Some(name.to_owned());
    for (what, order, expected) in [
        ("nothing", FinishOrder::default(), "213"),
        ("a key alone", FinishOrder { key: column("_id"), ..FinishOrder::default() }, "13"),
        ("a time alone", FinishOrder { created: column("created"), ..FinishOrder::default() }, "321"),
        ("a column that never came", FinishOrder { key: column("id"), ..FinishOrder::default() }, "213"),
    ] {
        let outcome = with(&pages(&records), |part| part.finish(order.clone()).unwrap());
        assert_eq!(last_column(&outcome.table), expected, "{what}");
    }
}

#[test]
fn a_source_in_which_each_line_counts_keeps_its_repeats() {
    let mut pages = pages(&["b 2024-01-02 1 2", "a 2024-01-01 9 1", "b 2024-01-02 0 3"]);
    pages[0].unreadable = vec![unreadable("b", "\\u0000"), unreadable("c", "\\u0000")];
    let outcome = with(&pages, |part| part.finish_with_repeats(order()).unwrap());
    assert_eq!(last_column(&outcome.table), "123");
    assert_eq!((outcome.finished.repeats, outcome.finished.unreadable), (0, 2));
    assert_eq!(outcome.rejects.unwrap().lines().count(), 2);
}

#[test]
fn narrow_records_are_null_in_columns_that_came_later() {
    let narrow = [
        page(&["_id"], &[&["~"], &["a"], &[""]]),
        page(&["n", "_id"], &[&["1", "b"], &["~", "~"]]),
        page(&["x"], &[&["9"]]),
    ];
    let key = FinishOrder { key: Some("_id".to_owned()), ..FinishOrder::default() };
    for chunk in [1, usize::MAX] {
        let outcome = with(&narrow, |part| part.finish_in_chunks(key.clone(), chunk).unwrap());
        assert_eq!(outcome.header, ["_id", "n", "x"]);
        let row = crate::support::record;
        let expected = [
            row(&["", "~", "~"]),
            row(&["a", "~", "~"]),
            row(&["b", "1", "~"]),
            row(&["~", "~", "~"]),
            row(&["~", "~", "~"]),
            row(&["~", "~", "9"]),
        ];
        assert_eq!(outcome.table, expected);
    }
}

#[test]
fn an_entity_without_records_has_a_header() {
    for (declared, order, expected) in [
        (vec!["_id", "name"], order(), vec!["_id", "name"]),
        (vec![], order(), vec!["_id", "created", "modified"]),
        (vec![], FinishOrder::default(), vec!["_id"]),
    ] {
        let outcome = with(&[], |mut part| {
            part.declare(&strings(&declared));
            part.finish(order.clone()).unwrap()
        });
        assert_eq!(outcome.header, expected);
        assert!(outcome.table.is_empty() && outcome.rejects.is_none());
    }
}

/// Each record stands in the file or among the rejects, as it was shown last.
#[test]
fn unreadable_records_are_counted_once() {
    let shown = |text: &[&str], bad: &[&str]| PageOf {
        unreadable: bad.iter().map(|id| unreadable(id, "\\u0000")).collect(),
        ..page(
            &["_id", "modified"],
            &text
                .iter()
                .map(|id| [*id, "1"])
                .collect::<Vec<_>>()
                .iter()
                .map(|row| &row[..])
                .collect::<Vec<_>>(),
        )
    };
    let cases: &[(&str, &[PageOf], &str, &str, u64)] = &[
        ("apart", &[shown(&["a"], &["b"])], "a", "b", 0),
        ("twice unreadable", &[shown(&[], &["b"]), shown(&[], &["b"])], "", "b", 1),
        ("mended", &[shown(&["a"], &["b"]), shown(&["b"], &[])], "ab", "", 1),
        ("broken", &[shown(&["a", "b"], &[]), shown(&[], &["a"])], "b", "a", 1),
        ("back and forth", &[shown(&["a"], &[]), shown(&[], &["a"]), shown(&["a"], &[])], "a", "", 2),
        ("two fields of one", &[shown(&[], &["b", "b"])], "", "bb", 0),
        ("without id", &[shown(&["a"], &["", ""])], "a", "  ", 0),
    ];
    for (what, pages, kept, rejected, repeats) in cases {
        let outcome = with(pages, |part| part.finish(order()).unwrap());
        let ids: String = outcome.table.iter().map(|row| row[0].clone().unwrap()).collect();
        assert_eq!(ids, *kept, "{what}");
        let rejects: String = outcome
            .rejects
            .unwrap_or_default()
            .lines()
            .map(|line| {
                let reject: serde_json::Value = serde_json::from_str(line).unwrap();
                assert_eq!(reject.as_object().unwrap().len(), 4, "id, field, value, code");
                assert_eq!((&reject["code"], &reject["value"]), (&"bad_text".into(), &"\\u0000".into()));
                reject["id"].as_str().filter(|id| !id.is_empty()).unwrap_or(" ").to_owned()
            })
            .collect();
        assert_eq!(rejects, *rejected, "{what}");
        assert_eq!(outcome.finished.repeats, *repeats, "{what}");
        let expected = if *what == "two fields of one" { 1 } else { rejected.len() as u64 };
        assert_eq!(outcome.finished.unreadable, expected, "{what}");
    }
}

/// Rejects of an earlier export do not outlive the next one.
#[test]
fn a_later_export_replaces_all_files_of_an_earlier_one() {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    for (pages, rejects) in [(hard_pages(), true), (pages(&["a 2024-01-01 1 x"]), false)] {
        let mut part = Part::create(&folder, "users", &"test").unwrap();
        for (number, page) in pages.iter().enumerate() {
            give(&mut part, page, number).unwrap();
        }
        part.finish(order()).unwrap();
        assert_eq!(files(&folder).rejects.is_some(), rejects);
    }
    assert_eq!(files(&folder).csv, "_id,created,modified,n\na,2024-01-01,1,x\n");
}

/// The same by simple means: a map of the newest, sorted.
#[test]
fn any_sequence_of_showings_gives_what_a_simple_program_would_give() {
    let showing = (0..8u8, 0..6u8, 0..4u8);
    let showings = prop::collection::vec(showing, 0..60);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 120, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, rng)
        .run(&(showings, 1..400usize), |(showings, chunk)| {
            let mut newest: BTreeMap<u8, (u8, usize, u8)> = BTreeMap::new();
            for (number, (key, created, version)) in showings.iter().enumerate() {
                let entry = newest.entry(*key).or_insert((*version, number, *created));
                if *version >= entry.0 {
                    *entry = (*version, number, *created);
                }
            }
            let mut expected: Vec<_> =
                newest.iter().map(|(key, (_, number, created))| (*created, *key, *number)).collect();
            expected.sort_unstable();
            let rows: Vec<String> = showings
                .iter()
                .enumerate()
                .map(|(n, (key, created, version))| {
                    format!("{key} 2024-01-01T00:00:0{created}Z {version} {n}")
                })
                .collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let outcome = with(&pages(&rows), |part| part.finish_in_chunks(order(), chunk).unwrap());
            let found: Vec<usize> =
                outcome.table.iter().map(|row| row[3].as_ref().unwrap().parse().unwrap()).collect();
            prop_assert_eq!(found, expected.iter().map(|(_, _, n)| *n).collect::<Vec<_>>());
            prop_assert_eq!(outcome.finished.repeats, (showings.len() - newest.len()) as u64);
            Ok(())
        })
        .unwrap();
}
