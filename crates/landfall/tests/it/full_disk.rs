//! A disk that is full while exporting or reporting, and then has room again.

use crate::place::{Place, place};
use std::collections::BTreeMap;
use std::path::Path;
use testkit::files::{TinyDisk, tiny_disk};

/// Sizes of the disk, one after the other: full in the first records, later, at the end, and never.
const SIZES: [u64; 6] = [8 << 10, 24 << 10, 64 << 10, 128 << 10, 256 << 10, 64 << 20];

/// A folder under a limit: a small disk where the machine lets us mount one, else a limit on every file.
enum Limited {
    Disk(TinyDisk),
    Files(testkit::Scratch),
}

impl Limited {
    fn new() -> Self {
        tiny_disk(SIZES[0]).map_or_else(|_| Limited::Files(testkit::scratch()), Limited::Disk)
    }

    fn path(&self) -> &Path {
        match self {
            Limited::Disk(disk) => disk.path(),
            Limited::Files(folder) => folder.path(),
        }
    }

    fn grow(&self, bytes: u64, place: &mut Place) {
        match self {
            Limited::Disk(disk) => disk.grow(bytes),
            Limited::Files(_) => drop(place.program.file_bytes_max(Some(bytes / 4))),
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let content = |e: &std::fs::DirEntry| std::fs::read(e.path()).unwrap_or_default();
    entries.map(|e| (e.file_name().to_string_lossy().into_owned(), content(&e))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_fills_the_disk_goes_on_where_it_was_and_loses_nothing() {
    let undisturbed = place("").await;
    undisturbed.run(["move"]).await.expect(3);
    let mut place = place("").await;
    let disk = Limited::new();
    place.program.set("MIGRATION_EXPORT_DIR", disk.path());
    let mut full = 0;
    for bytes in SIZES {
        disk.grow(bytes, &mut place);
        let outcome = place.run(["move"]).await;
        if outcome.code() == Some(3) {
            break;
        }
        let outcome = outcome.expect(4);
        for part in ["free some space", "saved: ", "pending: ", "continue: landfall move"] {
            assert!(outcome.stderr.contains(part), "{part}\n{outcome}");
        }
        full += 1;
    }
    assert!(full >= 2, "the disk was full {full} times");
    assert_eq!(place.rows().await, undisturbed.rows().await);
    assert_eq!(place.one("SELECT count(*) FROM landfall.runs").await, 1, "it was one run all the time");
    let left: Vec<String> = files(disk.path()).into_keys().filter(|n| n.contains("part")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_fills_the_disk_leaves_the_old_files_whole_and_can_be_written_again() {
    let mut place = place("").await;
    let disk = Limited::new();
    place.program.set("MIGRATION_REPORT_DIR", disk.path());
    disk.grow(SIZES[0], &mut place);
    let outcome = place.run(["move"]).await.expect(4);
    for part in ["in the ledger", "pending:  the report", "continue: landfall report 2"] {
        assert!(outcome.stderr.contains(part), "{part}\n{outcome}");
    }
    assert_eq!(place.one("SELECT count(*) FROM landfall.runs WHERE status = 'open'").await, 0);
    let rows = place.rows().await;
    disk.grow(SIZES[5], &mut place);
    place.run(["report"]).await.expect(0);
    let whole = files(disk.path());
    for kind in ["summary", "errors", "report"] {
        assert!(whole.keys().any(|n| n.contains(kind)), "{kind} in {:?}", whole.keys());
    }
    // Full again, while files of the same names are there.
    let filler = disk.path().join("filler");
    if let Limited::Disk(_) = disk {
        let mut bytes = std::fs::File::create(&filler).expect("a file");
        let _ = std::io::copy(&mut std::io::Read::take(std::io::repeat(7), 128 << 20), &mut bytes);
    } else {
        disk.grow(SIZES[0], &mut place);
    }
    let again = place.run(["report"]).await.expect(4);
    assert!(again.stderr.contains("cannot write"), "{again}");
    let _ = std::fs::remove_file(&filler);
    assert_eq!(files(disk.path()), whole, "nothing was half replaced");
    assert_eq!(place.rows().await, rows);
}
