//! What a killed process, a power failure or a curious person may leave behind.

use crate::support::{Files, done, extract, files, give, hard_pages, page, strings};
use base::{Class, Fault};
use export::{Counts, ExportFolder, Finished, FolderError, Part, Resumed};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

const PART: &str = "users.csv.part";
const REJECTS: &str = "users.rejects.ndjson.part";
const CHECKPOINT: &str = "users.checkpoint.json";
const CHECKPOINT_NEW: &str = "users.checkpoint.json.new";

/// What comes out when nothing happens.
static UNDISTURBED: LazyLock<(Finished, Files)> = LazyLock::new(|| {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let finished = extract(&folder, &hard_pages(), usize::MAX).unwrap();
    (finished, files(&folder))
});

/// The files of an unfinished extraction after `pages` pages.
fn snapshot(pages: usize) -> Vec<(&'static str, Vec<u8>)> {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let mut part = Part::create(&folder, "users", &"test").unwrap();
    for (number, page) in hard_pages().iter().enumerate().take(pages) {
        give(&mut part, page, number).unwrap();
    }
    drop(part);
    [PART, REJECTS, CHECKPOINT]
        .into_iter()
        .filter_map(|name| fs::read(temp.path().join(name)).ok().map(|bytes| (name, bytes)))
        .collect()
}

/// Lays the files out, goes on, and compares with an undisturbed run. Says how many pages were still there.
fn goes_on(state: &[(&str, Vec<u8>)], what: &str) -> Option<usize> {
    let pages = hard_pages();
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    for (name, bytes) in state {
        fs::write(temp.path().join(name), bytes).unwrap();
    }
    let kept = match Part::resume(&folder, "users").unwrap() {
        Resumed::Part(part) => Some(done(&part)),
        Resumed::Nothing => None,
        Resumed::Damaged(why) => {
            assert!(why.contains("users."), "{why}");
            None
        }
    };
    let finished = extract(&folder, &pages, usize::MAX).unwrap();
    assert_eq!(finished, UNDISTURBED.0, "{what}");
    assert_eq!(files(&folder), UNDISTURBED.1, "{what}");
    kept
}

fn changed(
    state: &[(&'static str, Vec<u8>)],
    name: &str,
    change: impl Fn(&mut Vec<u8>),
) -> Vec<(&'static str, Vec<u8>)> {
    let mut state = state.to_vec();
    state.iter_mut().filter(|(this, _)| *this == name).for_each(|(_, bytes)| change(bytes));
    state
}

#[test]
fn files_cut_at_any_byte_are_noticed() {
    let state = snapshot(4);
    for (name, bytes) in &state {
        let step = (bytes.len() / 40).max(1);
        for len in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let cut = changed(&state, name, |bytes| bytes.truncate(len));
            assert_eq!(goes_on(&cut, &format!("{name} cut to {len}")), None, "{name} cut to {len}");
        }
        let gone: Vec<_> = state.iter().filter(|(this, _)| this != name).cloned().collect();
        assert_eq!(goes_on(&gone, "gone"), None, "{name} gone");
    }
}

#[test]
fn bytes_behind_the_last_page_are_ignored() {
    let state = snapshot(4);
    for tail in [&b"x"[..], b"\"half a rec", b"id20,\n", &[0; 5000]] {
        for name in [PART, REJECTS] {
            let longer = changed(&state, name, |bytes| bytes.extend_from_slice(tail));
            assert_eq!(goes_on(&longer, name), Some(4));
        }
    }
    // A kill between removing the old checkpoint and naming the new one.
    let mut unnamed = state.clone();
    unnamed.iter_mut().filter(|(name, _)| *name == CHECKPOINT).for_each(|(name, _)| *name = CHECKPOINT_NEW);
    assert_eq!(goes_on(&unnamed, "checkpoint without its name"), Some(4));
    // A kill between the page and its checkpoint, and one between making the new checkpoint and naming it.
    for before in 0..6 {
        let mut mixed = snapshot(before + 1);
        mixed.retain(|(name, _)| *name != CHECKPOINT);
        mixed.extend(snapshot(before).into_iter().filter(|(name, _)| *name == CHECKPOINT));
        mixed.push((CHECKPOINT_NEW, b"{\"version\":1,\"ent".to_vec()));
        let expected = (before > 0).then_some(before);
        assert_eq!(goes_on(&mixed, "page without checkpoint"), expected, "{before}");
    }
}

#[test]
fn another_content_than_the_checkpoint_says_is_noticed() {
    let state = snapshot(4);
    for name in [PART, REJECTS] {
        let edited = changed(&state, name, |bytes| bytes[3] ^= 1);
        assert_eq!(goes_on(&edited, name), None, "{name} edited");
    }
    // A checkpoint that reached the disk while the page did not.
    let mut ahead = snapshot(3);
    ahead.retain(|(name, _)| *name != CHECKPOINT);
    ahead.extend(state.into_iter().filter(|(name, _)| *name == CHECKPOINT));
    assert_eq!(goes_on(&ahead, "checkpoint ahead"), None);
}

#[test]
fn what_was_accepted_is_known_after_a_resume() {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    assert!(Part::resume(&folder, "users").unwrap().part().is_none());
    let source = json!({"connector": "test", "address": "somewhere"});
    let mut part = Part::create(&folder, "users", &source).unwrap();
    assert_eq!(part.checkpoint(), None);
    part.declare(&strings(&["_id", "b"]));
    let counts = Counts::from([("hashed".to_owned(), 2)]);
    for number in 0..2 {
        let one = page(&["b", "c"], &[&["1", "2"]]);
        part.append(&one.fields, &one.rows, &[], &json!({"pages": number + 1}), &counts).unwrap();
    }
    drop(part);
    let part = Part::resume(&folder, "users").unwrap().part().unwrap();
    assert_eq!((part.entity(), part.source(), done(&part)), ("users", &source, 2));
    assert_eq!(part.columns(), strings(&["_id", "b", "c"]));
    assert_eq!((part.records(), part.unreadable(), part.counts()["hashed"]), (2, 0, 4));
}

#[test]
fn two_processes_cannot_extract_the_same_entity() {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let mut part = Part::create(&folder, "users", &"test").unwrap();
    give(&mut part, &hard_pages()[0], 0).unwrap();
    let again = Part::create(&folder, "users", &"test").err().unwrap();
    assert!(matches!(&again, FolderError::InUse { .. }), "{again}");
    assert!(matches!(Part::resume(&folder, "users"), Err(FolderError::InUse { .. })));
    assert_eq!(Fault::from(again).class, Class::Stop);
    Part::create(&folder, "bookings", &"test").unwrap();
    drop(part);
    assert!(Part::resume(&folder, "users").unwrap().part().is_some(), "the refused ones changed nothing");
}

/// A child that is being started holds every open file for a moment, the lock of a part that is closed
/// meanwhile, too.
#[test]
fn a_child_process_does_not_keep_a_closed_part_locked() {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                Command::new("true").status().unwrap();
            }
        });
        let refused = (0..2000).filter(|_| Part::create(&folder, "users", &"test").is_err()).count();
        done.store(true, Ordering::Relaxed);
        assert_eq!(refused, 0);
    });
}

#[test]
fn names_cannot_leave_the_folder() {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path().join("a/b")).unwrap();
    for name in ["", "..", "../x", "a/b", ".hidden", "a\\b", "a\nb"] {
        let error = Part::create(&folder, name, &"test").err().unwrap();
        assert!(matches!(error, FolderError::BadName { .. }), "{name:?}: {error}");
        assert!(Part::resume(&folder, name).is_err(), "{name:?}");
    }
}

#[test]
fn folder_and_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("deep/export");
    let folder = ExportFolder::open_or_create(&path).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.clone()), 0o700);
    let mut part = Part::create(&folder, "users", &"test").unwrap();
    for (number, page) in hard_pages().iter().enumerate() {
        give(&mut part, page, number).unwrap();
    }
    for name in [PART, REJECTS, CHECKPOINT] {
        assert_eq!(mode(path.join(name)), 0o600, "{name}");
    }
    part.finish(crate::support::order()).unwrap();
    for entry in fs::read_dir(&path).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
    }
}

#[test]
fn pages_that_do_not_fit_are_refused_whole() {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let mut part = Part::create(&folder, "users", &"test").unwrap();
    for bad in [
        page(&["a", "a"], &[&["1", "secret"]]),
        page(&["a", "b"], &[&["1", "2"], &["secret"]]),
        page(&[], &[&[]]),
    ] {
        let error = give(&mut part, &bad, 0).unwrap_err();
        assert!(matches!(&error, FolderError::BadPage { .. }), "{error}");
        assert!(!error.to_string().contains("secret"));
    }
    let mut long = page(&["a", "b"], &[&["1", "2"]]);
    long.rows[0][1] = Some("x".repeat(export::csv::FIELD_BYTES_MAX + 1));
    let error = give(&mut part, &long, 0).unwrap_err();
    assert!(matches!(&error, FolderError::TooLong { field, .. } if field == "b"), "{error}");
    assert_eq!((part.records(), part.columns().len(), part.checkpoint()), (0, 0, None));
}
