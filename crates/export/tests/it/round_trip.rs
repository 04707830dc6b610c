//! What is written reads back the same, here and in a program that knows nothing of this one.

use crate::support::{Table, read_all};
use export::csv::{CsvWriter, EmptyMeans};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::io::{Cursor, Write};
use std::process::{Command, Stdio};

fn written(columns: &[String], table: &Table) -> Vec<u8> {
    let mut writer = CsvWriter::new(Vec::new());
    writer.header(columns).unwrap();
    for row in table {
        writer.record(row.iter().map(Option::as_deref)).unwrap();
    }
    writer.flush().unwrap();
    writer.into_inner()
}

/// Texts of the characters that mean something to CSV, among others.
fn cell() -> impl Strategy<Value = Option<String>> {
    let piece = prop_oneof![
        Just("\""),
        Just(","),
        Just("\r"),
        Just("\n"),
        Just("\r\n"),
        Just(" "),
        Just("\t"),
        Just("a"),
        Just("é"),
        Just("😀"),
        Just("\u{feff}"),
        Just("\0"),
        Just("\\"),
        Just("'"),
        Just("e\u{301}"),
        Just("null"),
    ];
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(String::new())),
        6 => prop::collection::vec(piece, 0..6).prop_map(|pieces| Some(pieces.concat())),
        1 => any::<String>().prop_map(Some),
    ]
}

fn tables() -> impl Strategy<Value = (Vec<String>, Table)> {
    (1..5usize).prop_flat_map(|width| {
        let columns = prop::collection::btree_set("[ ,\"a-z\u{feff}é]{1,4}", width)
            .prop_map(|names| names.into_iter().collect());
        (columns, prop::collection::vec(prop::collection::vec(cell(), width), 0..12))
    })
}

#[test]
fn any_table_of_texts_comes_back_as_it_was() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 1500, failure_persistence: None, ..Config::default() },
        rng(),
    );
    runner
        .run(&tables(), |(columns, table)| {
            let bytes = written(&columns, &table);
            for max_rows in [1, 3, 100] {
                let (names, found, error) = read_all(Cursor::new(&bytes), EmptyMeans::Quoted, max_rows);
                prop_assert!(error.is_none(), "{:?}", error);
                prop_assert_eq!(&names, &columns);
                prop_assert_eq!(&found, &table);
            }
            Ok(())
        })
        .unwrap();
}

fn rng() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha)
}

/// Python's module cannot tell NULL from the empty string, so both are empty here.
#[test]
fn pythons_csv_module_reads_the_same() {
    let mut runner = TestRunner::new_with_rng(Config::default(), rng());
    let strategy = prop::collection::vec(prop::collection::vec(cell(), 3), 400);
    let table = strategy.new_tree(&mut runner).unwrap().current();
    let columns = ["a", "b", "c"].map(str::to_owned).to_vec();
    let bytes = written(&columns, &table);
    let script = "import csv, json, sys, io\n\
        csv.field_size_limit(1 << 24)\n\
        text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')\n\
        json.dump(list(csv.reader(text, strict=True)), sys.stdout)\n";
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed for this test");
    let mut stdin = python.stdin.take().unwrap();
    let feeding = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = python.wait_with_output().unwrap();
    feeding.join().unwrap().unwrap();
    assert!(output.status.success());
    let theirs: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(theirs[0], columns);
    assert_eq!(theirs.len(), table.len() + 1);
    for (number, (theirs, ours)) in theirs[1..].iter().zip(&table).enumerate() {
        let ours: Vec<String> = ours.iter().map(|cell| cell.clone().unwrap_or_default()).collect();
        assert_eq!(*theirs, ours, "record {number}");
    }
}
