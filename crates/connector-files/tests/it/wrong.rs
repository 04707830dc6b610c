//! Folders and files with something wrong.

use crate::support::{extract, folder, source};
use base::{Class, Severity};
use connect::Source;
use connector_files::FilesSource;
use export::csv::EmptyMeans;

/// The file's records before the wrong line are handed on, then comes the fault with its line.
#[tokio::test]
async fn a_wrong_line_is_named_and_never_dropped() {
    let cases = [
        ("a.csv", "a,b\n1,2\n3\n4,5\n", 1, "line 3 (record 2): 1 fields where the header has 2", true),
        ("a.csv", "a,b\n1,2\n3,4,5\n", 1, "line 3 (record 2): 3 fields", true),
        ("a.csv", "a,b\n1,2\n\"3\n,4\n", 1, "line 3 (record 2): a quote is opened and never closed", true),
        ("a.csv", "a,b\n1,2\n3\",4\n", 1, "line 3 (record 2): a quote in the wrong place", true),
        ("a.csv", "", 0, "the file has no header row", false),
        ("a.csv", "a,a\n", 0, "the header names column \"a\" twice", false),
        (
            "a.csv",
            "Created Date,b,created_date\n",
            0,
            "\"Created Date\" and \"created_date\" would both",
            true,
        ),
        ("a.csv", "a,,c\n", 0, "field 2 has no name", true),
        ("a.ndjson", "{\"a\":1}\n{\"a\":2\n{\"a\":3}\n", 1, "line 2, column", false),
        ("a.ndjson", "{\"a\":1}\n{\"a\":\"sec", 1, "line 2, column 9: no valid JSON", false),
        ("a.ndjson", "{\"a\":1}\n[2]\n", 1, "line 2: no JSON object", false),
        ("a.ndjson", "{\"a\":1}\n{\"b\":1,\"b\":2}\n", 1, "line 2: field \"b\" stands there twice", false),
        (
            "a.jsonl",
            "{\"a b\":1}\n{\"A-B\":2}\n",
            0,
            "the fields \"a b\" and \"A-B\" would both be \"a_b\"",
            true,
        ),
    ];
    for (file, text, good, expected, hint) in cases {
        let temp = folder(&[(file, text)]);
        let source = source(&temp);
        for page_size in [1, 100] {
            let (memory, outcome) = extract(&source, "a", page_size).await;
            let fault = outcome.unwrap_err();
            assert_eq!(fault.class, Class::Usage, "{text:?}");
            assert!(fault.what.contains(expected), "{text:?}: {fault}");
            assert!(fault.what.contains(file) && !fault.what.contains("sec\""), "{fault}");
            assert_eq!(!fault.hints.is_empty(), hint, "{text:?}: {:?}", fault.hints);
            if !expected.contains("both") {
                assert_eq!(memory.records().len(), good, "{text:?}");
            }
        }
        // A check finds it before anything is moved.
        let problems = source.check(&["a".to_owned()]).await.unwrap();
        assert_eq!(problems.len(), 1, "{text:?}");
        assert!(problems[0].message.contains(expected), "{}", problems[0].message);
        assert_eq!(problems[0].severity, Severity::Error);
    }
}

#[tokio::test]
async fn a_field_that_collides_after_a_resume_is_refused() {
    let temp = folder(&[("a.ndjson", "{\"a b\":1}\n{\"a b\":2}\n{\"A-B\":3}\n")]);
    let source = source(&temp);
    let (memory, outcome) = extract(&source, "a", 1).await;
    assert!(outcome.is_err());
    assert_eq!(memory.pages.len(), 2);
    let mut again = crate::support::Memory::default();
    let fault = source.extract("a", 1, memory.checkpoint(), &mut again).await.unwrap_err();
    assert!(fault.what.contains("would both be"), "{fault}");
    assert!(again.pages.is_empty());
}

#[tokio::test]
async fn a_check_finds_all_problems_at_once() {
    let temp = folder(&[
        ("users.csv", "a,b\n1\n"),
        ("bookings.csv", "a\n"),
        ("bookings.ndjson", "{}"),
        ("good.csv", "a\n1\n"),
        ("unused.csv", "\"broken"),
    ]);
    let streams = ["users", "bookings", "good", "user", "elephant"].map(str::to_owned);
    let problems = source(&temp).check(&streams).await.unwrap();
    let told: Vec<_> =
        problems.iter().map(|p| (p.message.as_str(), p.hint.as_deref().unwrap_or(""))).collect();
    for (message, hint) in [
        ("bookings.csv and bookings.ndjson are both the stream \"bookings\"", "rename the other"),
        ("users.csv: line 2 (record 1): 1 fields where the header has 2", "in quotes"),
        ("has no file for the stream \"user\"", "did you mean \"users\"?"),
        ("has no file for the stream \"elephant\"", "put elephant.csv"),
    ] {
        let found = told.iter().filter(|(m, h)| m.contains(message) && h.contains(hint)).count();
        assert_eq!(found, 1, "{message}: {told:?}");
    }
    assert_eq!(problems.len(), 4, "{told:?}");

    let fault = source(&temp).discover(false).await.unwrap_err();
    for what in ["bookings.ndjson", "users.csv", "unused.csv"] {
        assert!(fault.what.contains(what), "{fault}");
    }
    for name in ["bookings", "user"] {
        assert_eq!(source(&temp).stream(name).await.unwrap_err().class, Class::Usage);
        assert!(source(&temp).total(name).await.is_err());
    }
}

#[tokio::test]
async fn a_folder_that_is_none_is_said_to_be_so() {
    let temp = folder(&[("file", "")]);
    for (path, expected) in
        [(temp.path().join("missing"), "is not there"), (temp.path().join("file"), "is not a folder")]
    {
        let source = FilesSource::new(path.clone(), EmptyMeans::Null);
        let fault = source.check(&[]).await.unwrap_err();
        assert!(fault.what.contains(expected) && fault.what.contains(path.to_str().unwrap()), "{fault}");
        assert!(fault.hints[0].contains("url"), "{:?}", fault.hints);
        assert_eq!(fault.class, Class::Usage);
        assert!(source.discover(false).await.is_err() && source.stream("a").await.is_err());
    }
}

/// A name that no stream can have is told, not skipped.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_name_that_is_not_utf8_is_a_problem() {
    use std::os::unix::ffi::OsStrExt;
    let temp = folder(&[("good.csv", "a\n")]);
    let name = std::ffi::OsStr::from_bytes(b"b\xffd.csv");
    std::fs::write(temp.path().join(name), "a\n").unwrap();
    let problems = source(&temp).check(&["good".to_owned()]).await.unwrap();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("is not UTF-8"), "{}", problems[0].message);
}
