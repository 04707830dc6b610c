//! Files of a folder, fuzzed as whole walks.

use crate::support::{Memory, extract, folder, source};
use connect::Source;
use testkit::Fuzz;

const PIECES: &[&str] = &[
    "\"",
    ",",
    "\n",
    "\r\n",
    "\"\"",
    "_id",
    "id,",
    "{",
    "}",
    "{\"_id\":",
    "null",
    "\\u0000",
    "\0",
    "\\ud800",
    "[1]",
    "\n\n",
    "\u{feff}",
    "Created Date",
    " ",
];

#[test]
fn no_file_breaks_a_walk_and_a_walk_that_ends_well_has_every_record() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/files");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    Fuzz { name: "files", corpus, pieces: PIECES }.run(|bytes| {
        // The first byte says which kind of file it is.
        let (name, text) = match bytes.split_first() {
            Some((b'{', _)) => ("a.ndjson", bytes),
            Some((b'#', rest)) => ("a.ndjson", rest),
            _ => ("a.csv", bytes),
        };
        let folder = folder(&[]);
        std::fs::write(folder.path().join(name), text).expect("a file");
        runtime.block_on(async {
            let (small, outcome) = extract(&source(&folder), "a", 2).await;
            let (large, other) = extract(&source(&folder), "a", 1_000).await;
            assert_eq!(outcome.is_ok(), other.is_ok());
            let Ok(completeness) = outcome else { return (false, small.pages.len().min(4), 0) };
            assert_eq!(small.unreadable(), large.unreadable());
            assert_eq!(small.records(), large.records());
            assert!(completeness.complete, "{:?}", completeness.remarks);
            going_on(&source(&folder), &small).await;
            (true, small.pages.len().min(9), small.unreadable().len().min(3))
        })
    });
}

/// From each checkpoint on come the records that are behind it.
async fn going_on(source: &connector_files::FilesSource, walked: &Memory<'_>) {
    let middle = walked.pages.len() / 2;
    let Some(page) = walked.pages.get(middle) else { return };
    let mut rest = Memory::default();
    let outcome = source.extract("a", 2, Some(page.checkpoint.clone()), &mut rest).await;
    assert!(outcome.is_ok_and(|completeness| completeness.complete));
    let count =
        |pages: &[connect::Page]| pages.iter().map(|p| p.records.len() + p.unreadable.len()).sum::<usize>();
    assert_eq!(count(&rest.pages), count(&walked.pages[middle + 1..]));
}
