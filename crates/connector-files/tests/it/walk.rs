//! Walking files that are right.

use crate::support::{Memory, extract, folder, record, rewrite_unnoticed, source};
use base::Class;
use connect::Source;
use connector_files::FilesSource;
use export::csv::EmptyMeans;

const USERS: &str = "\u{feff}_id,Created Date,Rating,Note,Tags\r\n\
    1,2024-01-01T00:00:00Z,4.50,\"a, \"\"b\"\"\r\nc\",\"[\"\"x\"\"]\"\r\n\
    2,2024-01-02T00:00:00Z,,007,[]\r\n\
    3,2024-01-03T00:00:00Z,5,\"\",\r\n\
    4,2024-01-04T00:00:00Z,-1,bad\0text,\r\n\
    5,2024-01-05T00:00:00Z,1e2,é ✓,[1]\r\n\r\n";

const EVENTS: &str = "{\"id\":\"a\",\"n\":1.50}\n\
    {\"id\":\"b\",\"n\":2,\"Updated At\":\"2024-01-01\"}\n\n\
    {\"id\":\"c\",\"note\":\"x\\u0000\"}\n\
    {\"n\":12345678901234567890.123,\"id\":\"d\",\"on\":true}";

#[tokio::test]
async fn files_are_streams_with_fields_kinds_and_totals() {
    let temp = folder(&[
        ("users.csv", USERS),
        ("events.JSONL", EVENTS),
        ("none.ndjson", ""),
        ("empty.csv", "a,b\n"),
        ("readme.md", "x"),
        (".hidden.csv", "x"),
    ]);
    std::fs::create_dir(temp.path().join("folder.csv")).unwrap();
    let streams = source(&temp).discover(true).await.unwrap();
    let described: Vec<String> = streams
        .iter()
        .map(|stream| {
            let fields: Vec<_> =
                stream.fields.iter().map(|f| format!("{}={}:{}", f.name, f.original, f.kind)).collect();
            let of = |name: &Option<String>| name.clone().unwrap_or_default();
            let roles = format!("{}/{}/{}", of(&stream.key), of(&stream.created), of(&stream.version));
            format!("{} {} {} {}", stream.name, fields.join(" "), roles, stream.total.unwrap())
        })
        .collect();
    assert_eq!(
        described,
        [
            "empty a=a:empty b=b:empty // 0",
            "events id=id:text n=n:number updated_at=Updated At:date note=note:empty on=on:boolean \
             id//updated_at 4",
            "none  // 0",
            "users _id=_id:number created_date=Created Date:date rating=Rating:number note=Note:text \
             tags=Tags:list _id/created_date/ 5",
        ]
    );
    assert!(source(&temp).discover(false).await.unwrap().iter().all(|stream| stream.total.is_none()));
    assert_eq!(source(&temp).stream("users").await.unwrap().fields.len(), 5);
    assert_eq!(source(&temp).total("users").await.unwrap(), Some(5));
    let info = source(&temp).info();
    assert_eq!((info.connector.as_str(), info.address), ("files", temp.path().display().to_string()));
}

#[tokio::test]
async fn every_record_is_handed_on_at_any_size_of_page() {
    let temp = folder(&[("users.csv", USERS), ("events.ndjson", EVENTS)]);
    let users = [
        record(&["1", "2024-01-01T00:00:00Z", "4.50", "a, \"b\"\r\nc", "[\"x\"]"]),
        record(&["2", "2024-01-02T00:00:00Z", "~", "007", "[]"]),
        record(&["3", "2024-01-03T00:00:00Z", "5", "~", "~"]),
        record(&["5", "2024-01-05T00:00:00Z", "1e2", "é ✓", "[1]"]),
    ];
    let events = [
        record(&["a", "1.50", "~", "~", "~"]),
        record(&["b", "2", "2024-01-01", "~", "~"]),
        record(&["d", "12345678901234567890.123", "~", "~", "true"]),
    ];
    for page_size in [0, 1, 2, 3, 100] {
        for (stream, expected, bad, total) in [
            ("users", &users[..], ("4", "note", "bad\\u0000text"), 5),
            ("events", &events, ("c", "note", "x\\u0000"), 4),
        ] {
            let (memory, outcome) = extract(&source(&temp), stream, page_size).await;
            let proof = outcome.unwrap();
            assert_eq!(memory.records(), expected, "{stream}, {page_size} a page");
            let unreadable = memory.unreadable();
            assert_eq!(unreadable.len(), 1);
            let reject = &unreadable[0];
            assert_eq!((reject.id.as_str(), reject.field.as_str(), reject.value.as_str()), bad);
            assert!(proof.complete && proof.remarks.is_empty(), "{proof:?}");
            assert_eq!((proof.declared_before, proof.declared_after), (Some(total), Some(total)));
            assert!(memory.pages.iter().all(|page| page.expected == Some(total)));
            let largest = memory.pages.iter().map(|p| p.records.len() + p.unreadable.len()).max().unwrap();
            assert!(largest <= page_size.max(1));
        }
    }
}

/// The sink fails at every page in turn; the walk goes on from its last checkpoint.
#[tokio::test]
async fn a_walk_goes_on_where_it_stopped() {
    let temp = folder(&[("users.csv", USERS), ("events.ndjson", EVENTS)]);
    let source = source(&temp);
    for stream in ["users", "events"] {
        let (whole, _) = extract(&source, stream, 1).await;
        for fail_at in 0..whole.pages.len() {
            let mut first = Memory { fail_at: Some(fail_at), ..Memory::default() };
            source.extract(stream, 1, None, &mut first).await.unwrap_err();
            let mut second = Memory::default();
            let proof = source.extract(stream, 2, first.checkpoint(), &mut second).await.unwrap();
            assert!(proof.complete, "{proof:?}");
            first.pages.append(&mut second.pages);
            assert_eq!(first.records(), whole.records(), "{stream} after {fail_at} pages");
            assert_eq!(first.unreadable(), whole.unreadable());
        }
        let mut nothing = Memory::default();
        let proof = source.extract(stream, 1, whole.checkpoint(), &mut nothing).await.unwrap();
        assert!(proof.complete && nothing.pages.is_empty(), "after the end there is nothing");
    }
}

#[tokio::test]
async fn a_file_without_records_still_shows_its_columns() {
    let temp = folder(&[("users.csv", "_id,Name\n"), ("none.ndjson", "")]);
    for (stream, fields) in [("users", &["_id", "name"][..]), ("none", &[])] {
        let (memory, outcome) = extract(&source(&temp), stream, 10).await;
        assert!(outcome.unwrap().complete);
        assert_eq!(memory.pages.len(), 1);
        assert_eq!(&*memory.pages[0].fields, fields);
        assert!(memory.records().is_empty());
    }
}

#[tokio::test]
async fn empty_fields_mean_what_the_project_says() {
    let temp = folder(&[("a.csv", "x,y\n,\"\"\n")]);
    for (empty, expected) in
        [(EmptyMeans::Null, ["~", "~"]), (EmptyMeans::Text, ["", ""]), (EmptyMeans::Quoted, ["~", ""])]
    {
        let source = FilesSource::new(temp.path().to_owned(), empty);
        let (memory, outcome) = extract(&source, "a", 10).await;
        outcome.unwrap();
        assert_eq!(memory.records(), [record(&expected)], "{empty:?}");
    }
    // A blank line is the NULL of a file of one column that this program wrote; elsewhere it ends the file.
    std::fs::write(temp.path().join("a.csv"), "x\n1\n\n").unwrap();
    for (empty, expected) in [(EmptyMeans::Null, 1), (EmptyMeans::Quoted, 2)] {
        let source = FilesSource::new(temp.path().to_owned(), empty);
        let (memory, outcome) = extract(&source, "a", 10).await;
        assert_eq!((memory.records().len(), outcome.unwrap().complete), (expected, true), "{empty:?}");
    }
}

#[tokio::test]
async fn two_states_of_a_file_are_never_mixed() {
    let text = "_id,n\n1,a\n2,b\n3,c\n";
    let other = "_id,n\n1,a\n2,X\n3,c\n";
    let temp = folder(&[("users.csv", text)]);
    let path = temp.path().join("users.csv");
    let source = source(&temp);
    let later = || std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(5_000_000_000);
    let touch = || std::fs::File::options().write(true).open(&path).unwrap().set_modified(later()).unwrap();
    let longer = format!("{text}4,d\n");
    let changes: [(&str, &(dyn Fn() + Sync)); 3] = [
        ("grown", &|| rewrite_unnoticed(&path, &longer)),
        ("edited, same size and time", &|| rewrite_unnoticed(&path, other)),
        ("touched", &touch),
    ];
    for (what, change) in changes {
        // Between two runs.
        std::fs::write(&path, text).unwrap();
        let mut first = Memory { fail_at: Some(1), ..Memory::default() };
        source.extract("users", 1, None, &mut first).await.unwrap_err();
        change();
        let mut second = Memory::default();
        let fault = source.extract("users", 1, first.checkpoint(), &mut second).await.unwrap_err();
        assert_eq!(fault.class, Class::Usage, "{what}");
        assert!(fault.what.contains("users.csv changed since"), "{what}: {fault}");
        assert!(fault.hints[0].contains("--fresh") && second.pages.is_empty());

        // While it is read, and after the last page.
        for at in [1, 3] {
            std::fs::write(&path, text).unwrap();
            let mut memory = Memory { change: Some((at, change)), ..Memory::default() };
            let fault = source.extract("users", 1, None, &mut memory).await.unwrap_err();
            assert!(fault.what.contains("changed since"), "{what} after page {at}: {fault}");
        }
    }
}

#[tokio::test]
async fn a_checkpoint_of_something_else_is_refused() {
    let temp = folder(&[("users.csv", USERS), ("events.ndjson", EVENTS)]);
    let source = source(&temp);
    let (users, _) = extract(&source, "users", 1).await;
    for (stream, checkpoint) in [
        ("events", users.checkpoint().unwrap()),
        ("users", serde_json::Value::Null),
        ("users", serde_json::json!({"version": 1})),
    ] {
        let mut memory = Memory::default();
        let fault = source.extract(stream, 1, Some(checkpoint), &mut memory).await.unwrap_err();
        assert!(fault.what.contains("is not one of this source"), "{fault}");
        assert!(memory.pages.is_empty());
    }
}
