//! The journal on the disk: what survives a kill, who may write, where it is.

use crate::support::book;
use base::Class;
use runbook::{Entry, FileJournal, Happened, Journal, VERSION, journal_name, read_runbook};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn entry(section: &str) -> Entry {
    let at = "2026-11-21T22:00:00Z".parse().unwrap();
    Entry { v: VERSION, at, by: "Ann".to_owned(), what: Happened::WentTo { section: section.to_owned() } }
}

#[test]
fn a_journal_cut_off_at_any_byte_opens_with_its_whole_lines_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".landfall/runbooks/x.ndjson");
    assert_eq!(FileJournal::read(&path), Ok(Vec::new()));
    let mut journal = FileJournal::open(&path).unwrap();
    for section in ["Zurück", "two"] {
        journal.append(entry(section)).unwrap();
    }
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut journal = FileJournal::open(&path).unwrap();
        let kept = usize::from(cut >= first) + usize::from(cut == whole.len());
        assert_eq!(journal.entries().len(), kept, "{cut}");
        journal.append(entry("three")).unwrap();
        drop(journal);
        assert_eq!(FileJournal::read(&path).unwrap().len(), kept + 1, "{cut}");
    }
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    std::fs::remove_file(&path).unwrap();
    drop(FileJournal::open(&path).unwrap());
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn two_people_do_not_go_through_one_runbook_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.ndjson");
    let first = FileJournal::open(&path).unwrap();
    let fault = FileJournal::open(&path).unwrap_err();
    assert_eq!(
        (fault.class, fault.what.as_str()),
        (Class::Stop, "somebody else is going through this runbook")
    );
    assert_eq!(FileJournal::read(&path), Ok(Vec::new()), "looking is allowed");
    drop(first);
    FileJournal::open(&path).unwrap();
}

#[test]
fn a_journal_that_is_damaged_in_the_middle_is_not_guessed_at() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.ndjson");
    for (bytes, expected) in [(&b"{}\n"[..], "line 1 of the journal"), (&b"\xff\n"[..], "is not UTF-8")] {
        std::fs::write(&path, bytes).unwrap();
        let fault = FileJournal::open(&path).unwrap_err();
        assert!(fault.what.contains(expected), "{fault}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "it stays as it is");
    }
}

#[test]
fn runbooks_of_one_name_in_two_folders_have_two_journals() {
    let root = Path::new("/p");
    for (file, expected) in [
        ("/p/runbooks/cut-over.md", "/p/.landfall/runbooks/runbooks.cut-over.ndjson"),
        ("/p/old/cut-over.md", "/p/.landfall/runbooks/old.cut-over.ndjson"),
        ("/p/x.md", "/p/.landfall/runbooks/x.ndjson"),
        ("/q/x.md", "/p/.landfall/runbooks/q.x.ndjson"),
        ("/p/../x.md", "/p/.landfall/runbooks/x.ndjson"),
    ] {
        assert_eq!(journal_name(root, Path::new(file)), Path::new(expected), "{file}");
    }
}

#[test]
fn a_document_is_read_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.md");
    std::fs::write(&path, "# T\n- [ ] a\n").unwrap();
    assert_eq!(book(&read_runbook(&path).unwrap()).title, "T");
    assert_eq!(read_runbook(&dir.path().join("y.md")).unwrap_err().class, Class::Usage);
}
