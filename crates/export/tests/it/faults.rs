//! Every change of the file system fails once: nothing is lost, nothing doubled.

use crate::support::{Files, PageOf, done, extract, files, give, hard_pages, order};
use export::disk::{Change, Disk, Verdict, Watch};
use export::{ExportFolder, Finished, FolderError, Part};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So small that the final pass sorts in files.
const SMALL_CHUNK: usize = 150;

#[derive(Debug, Clone, Copy)]
enum Way {
    /// Only this change fails: the disk was full for a moment.
    Once,
    /// A write stops half-way, then everything fails: the process was killed.
    Killed,
}

/// Fails the change number `at`.
struct Failing {
    at: usize,
    way: Way,
    seen: AtomicUsize,
}

impl Watch for Failing {
    fn judge(&self, change: Change, _: &Path) -> Verdict {
        let number = self.seen.fetch_add(1, Ordering::SeqCst);
        let error = || Error::from(ErrorKind::StorageFull);
        match (self.way, change) {
            (Way::Once, Change::Write(bytes)) if number == self.at => Verdict::Torn(bytes / 3, error()),
            (Way::Once, _) if number == self.at => Verdict::Fail(error()),
            (Way::Killed, Change::Write(bytes)) if number == self.at => Verdict::Torn(bytes / 2, error()),
            (Way::Killed, _) if number >= self.at => Verdict::Fail(error()),
            _ => Verdict::Go,
        }
    }
}

fn undisturbed(pages: &[PageOf]) -> (Finished, Files) {
    let temp = tempfile::tempdir().unwrap();
    let folder = ExportFolder::open_or_create(temp.path()).unwrap();
    let finished = extract(&folder, pages, usize::MAX).unwrap();
    (finished, files(&folder))
}

fn watched(path: &Path, at: usize, way: Way) -> (ExportFolder, Arc<Failing>) {
    let watch = Arc::new(Failing { at, way, seen: AtomicUsize::new(0) });
    (ExportFolder::on(Disk::watched(watch.clone()), path).unwrap(), watch)
}

#[test]
fn an_extraction_survives_a_failure_of_any_write() {
    let pages = hard_pages();
    let expected = undisturbed(&pages);
    for way in [Way::Once, Way::Killed] {
        for at in 0.. {
            let temp = tempfile::tempdir().unwrap();
            let (folder, watch) = watched(temp.path(), at, way);
            let first = extract(&folder, &pages, SMALL_CHUNK);
            if watch.seen.load(Ordering::SeqCst) <= at {
                assert!(at > 80, "the loop tried every one of {at} changes");
                assert_eq!(first.unwrap(), expected.0);
                break;
            }
            // A failure while the finished entity's remains are cleared away is a failure, too.
            let error = first.expect_err("the failure was noticed");
            assert!(error.is_disk_full(), "{error}");
            assert!(error.to_string().contains(temp.path().to_str().unwrap()), "{error} names no path");
            let healthy = ExportFolder::open_or_create(temp.path()).unwrap();
            let second = extract(&healthy, &pages, SMALL_CHUNK).unwrap();
            assert_eq!((second, files(&healthy)), expected, "{way:?} at change {at}");
        }
    }
}

/// The disk was full for a moment, and the same part is given the same page again.
#[test]
fn a_page_that_was_refused_can_be_given_again() {
    let pages = hard_pages();
    let expected = undisturbed(&pages);
    for at in 0.. {
        let temp = tempfile::tempdir().unwrap();
        let (folder, watch) = watched(temp.path(), at, Way::Once);
        let created =
            Part::create(&folder, "users", &"test").or_else(|_| Part::create(&folder, "users", &"test"));
        let mut part = created.unwrap();
        for (number, page) in pages.iter().enumerate() {
            let before = done(&part);
            if give(&mut part, page, number).is_err() {
                assert_eq!(done(&part), before, "a refused page counts for nothing");
                give(&mut part, page, number).unwrap();
            }
        }
        assert_eq!(part.counts()["pages"], pages.len() as u64);
        if watch.seen.load(Ordering::SeqCst) <= at {
            assert!(at > 20);
            break;
        }
        assert_eq!((part.finish(order()).unwrap(), files(&folder)), expected, "at change {at}");
    }
}

#[test]
fn errors_say_what_to_do_and_how_grave_they_are() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, _) = watched(temp.path(), 0, Way::Once);
    let error = Part::create(&folder, "users", &"test").err().unwrap();
    let fault = base::Fault::from(error);
    assert_eq!(fault.class, base::Class::Stop);
    assert!(fault.hints[0].contains("free some room"), "{fault:?}");

    let file = temp.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = ExportFolder::open_or_create(file.join("folder")).unwrap_err();
    assert!(!error.is_disk_full());
    assert!(matches!(&error, FolderError::Io { doing: "make the folder", .. }), "{error}");
}
