//! Every type of column and every kind of file, from CSV to a row that verify finds equal.

use crate::small::{buckets, small};

/// A column's type, a text of the export, and PostgreSQL's text of the value; `None`: a reject.
const CELLS: [(&str, &str, Option<&str>); 44] = [
    ("text", " a b ", Some("(\" a b \")")),
    ("text", "\"\"\"q\"\", é😀\"", Some("(\"\"\"q\"\", é😀\")")),
    ("varchar(3)", "abc", Some("(abc)")),
    ("varchar(3)", "abcd", None),
    ("char(3)", "ab", Some("(\"ab \")")),
    ("boolean", "YES", Some("(t)")),
    ("boolean", "0", Some("(f)")),
    ("boolean", "maybe", None),
    ("smallint", "32767", Some("(32767)")),
    ("smallint", "32768", None),
    ("integer", "25.0", Some("(25)")),
    ("integer", "25.5", None),
    ("bigint", "-9223372036854775808", Some("(-9223372036854775808)")),
    ("numeric", "123456789012345678901234567890.12", Some("(123456789012345678901234567890.12)")),
    ("numeric(10,2)", "25.500", Some("(25.50)")),
    ("numeric(10,2)", "25.005", None),
    ("numeric(3,2)", "10", None),
    ("real", "0.5", Some("(0.5)")),
    ("double precision", "-0", Some("(-0)")),
    ("double precision", "1e400", None),
    ("date", "2026-02-28", Some("(2026-02-28)")),
    ("date", "2026-02-30", None),
    ("time", "12:30:00", Some("(12:30:00)")),
    ("timestamptz", "2026-01-02T03:04:05.123456+02:00", Some("(\"2026-01-02 01:04:05.123456+00\")")),
    ("timestamptz", "1767323045123", Some("(\"2026-01-02 03:04:05.123+00\")")),
    ("timestamptz", "2026-01-02T03:04:05", None),
    ("timestamptz", "2026-01-02", None),
    ("timestamptz", "2026-01-02T03:04:05.1234567Z", None),
    ("timestamp", "2026-01-02T03:04:05+02:00", Some("(\"2026-01-02 01:04:05\")")),
    ("interval", "1 day 02:00:00", Some("(\"1 day 02:00:00\")")),
    ("uuid", "6BA7B811-9DAD-11D1-80B4-00C04FD430C8", Some("(6ba7b811-9dad-11d1-80b4-00c04fd430c8)")),
    ("uuid", "6ba7", None),
    (
        "jsonb",
        "\"{\"\"b\"\": 1, \"\"a\"\": [true, null]}\"",
        Some("(\"{\"\"a\"\": [true, null], \"\"b\"\": 1}\")"),
    ),
    ("jsonb", "\"{\"\"a\"\": 1, \"\"a\"\": 2}\"", None),
    ("jsonb", "not json", None),
    ("bytea", "\\x00ff", Some("(\"\\\\x00ff\")")),
    ("citext", "MiXed", Some("(MiXed)")),
    ("mood", "happy", Some("(happy)")),
    ("mood", "sad", None),
    ("positive", "3", Some("(3)")),
    ("positive", "-3", None),
    ("text[]", "\"[\"\"b\"\", \"\"a\"\", \"\"b\"\"]\"", Some("(\"{b,a,b}\")")),
    ("integer[]", "\"[1, 2]\"", Some("(\"{1,2}\")")),
    ("integer[]", "\"[1, \"\"x\"\"]\"", None),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_type_arrives_as_the_table_says_or_is_a_reject_and_verify_agrees() {
    let mut schema = String::from(
        "CREATE EXTENSION IF NOT EXISTS citext; CREATE TYPE mood AS ENUM ('happy', 'calm'); CREATE DOMAIN \
         positive AS integer CHECK (VALUE > 0);",
    );
    let mut sections = String::new();
    for (i, (kind, ..)) in CELLS.iter().enumerate() {
        schema.push_str(&format!("CREATE TABLE t{i} (id uuid PRIMARY KEY, v {kind});"));
        sections.push_str(&format!(
            "[entity.t{i}]\nfrom = \"t{i}\"\nkey = \"id\"\n[entity.t{i}.fields]\nv = \"v\"\n"
        ));
    }
    let place = small(&schema, &sections).await;
    for (i, (_, text, _)) in CELLS.iter().enumerate() {
        place.data(&format!("t{i}.csv"), &format!("id,v\nk,{text}\nn,\n"));
    }
    let moved = place.moved(3, &[]).await;
    let mut wrong = Vec::new();
    for (i, (kind, text, expected)) in CELLS.iter().enumerate() {
        let found = place.rows(&format!("SELECT v FROM t{i} WHERE v IS NOT NULL")).await;
        let wanted: Vec<String> = expected.iter().map(|e| (*e).to_owned()).collect();
        let nulls = place.rows(&format!("SELECT count(*) FROM t{i} WHERE v IS NULL")).await;
        let rejected = moved["entities"][format!("t{i}")]["rejected"].as_u64();
        if found != wanted || nulls != ["(1)"] || rejected != Some(u64::from(expected.is_none())) {
            wrong.push(format!(
                "{kind} {text}: {found:?}, wanted {wanted:?}; NULLs {nulls:?}; {}",
                buckets(&moved, &format!("t{i}"))
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(moved["verification"]["totals"]["differing"], 0);
    assert_eq!(moved["accounted"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_without_manifest_is_taken_as_the_project_reads_its_empty_fields() {
    let schema = "CREATE TABLE items (id uuid PRIMARY KEY, a text, b text)";
    let sections = "[entity.items]\nfrom = \"items\"\nkey = \"id\"\n[entity.items.fields]\na = \"a\"\n\
                    b = \"b\"\n";
    for (empty, expected) in [("null", "(,)"), ("text", "(\"\",\"\")")] {
        let place = small(schema, sections).await;
        place.project(&format!("csv_empty = \"{empty}\""), sections);
        place.program.folder().write("migration_data/items.csv", "id,a,b\nk,,\"\"\n");
        let moved = place.moved(0, &["--skip-export"]).await;
        assert_eq!(buckets(&moved, "items"), "source 1 loaded 1", "{empty}");
        assert_eq!(place.rows("SELECT a, b FROM items").await, [expected], "{empty}");
        let findings = moved["findings"].to_string();
        assert!(findings.contains("no proof of completeness"), "{findings}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_passwords_of_a_foreign_csv_are_hashed_at_load_and_kept_hashes_are_kept() {
    let hash = "$2b$12$abcdefghijklmnopqrstuuJ8N1D1m7hS7cXbcCHn5b0XvwSPS5zGe";
    let schema = "CREATE TABLE users (id uuid PRIMARY KEY, email text, password_hash text NOT NULL)";
    let sections = "[entity.users]\nfrom = \"users\"\nkey = \"id\"\n[entity.users.fields]\n\
                    email = \"email\"\npassword_hash = \"hash_password(password)\"\n";
    let place = small(schema, sections).await;
    let long = "x".repeat(73);
    let csv = format!(
        "id,email,password\na,a@x.org,correct horse\nb,b@x.org,{hash}\nc,c@x.org,\nd,d@x.org,{long}\n"
    );
    place.program.folder().write("migration_data/users.csv", csv);
    let moved = place.moved(0, &["--skip-export"]).await;
    assert_eq!(buckets(&moved, "users"), "source 4 loaded 4");
    assert_eq!(moved["verification"]["totals"]["differing"], 0);
    let rows = place.rows("SELECT left(password_hash, 7), length(password_hash) FROM users").await;
    assert_eq!(rows, ["($2b$12$,60)"; 4]);
    let kept = format!("SELECT email FROM users WHERE password_hash = '{hash}'");
    assert_eq!(place.rows(&kept).await, ["(b@x.org)"]);
    let names = place.program.folder().list();
    let resets = names.iter().find(|n| n.contains("password_resets_")).expect("two need a reset");
    let resets = place.program.folder().read(resets);
    assert!(resets.contains("c@x.org") && resets.contains("d@x.org"), "{resets}");
    assert!(!resets.contains("a@x.org") && !resets.contains("b@x.org"), "{resets}");
    for name in names.iter().filter(|n| n.starts_with("migration_reports/") && !n.ends_with('/')) {
        assert!(!place.program.folder().read(name).contains("correct horse"), "{name}");
    }
    place.run(&["verify"]).await.expect(0);
    let again = place.moved(0, &["--skip-export"]).await;
    assert_eq!(buckets(&again, "users"), "source 4 unchanged 4", "a password is not loaded again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_not_what_was_written_is_a_difference_with_keys_of_any_width() {
    for (columns, key, mapped) in [
        ("id uuid PRIMARY KEY", "id", ""),
        ("realm text, name text, PRIMARY KEY (realm, name)", "id", "realm = \"'eu'\"\nname = \"id\"\n"),
    ] {
        let schema = format!("CREATE TABLE users ({columns}, email text, password_hash text NOT NULL)");
        let sections = format!(
            "[entity.users]\nfrom = \"users\"\nkey = \"{key}\"\n[entity.users.fields]\n{mapped}\
             email = \"email\"\npassword_hash = \"hash_password(password)\"\n"
        );
        let place = small(&schema, &sections).await;
        let csv = "id,email,password\na,a@x.org,correct horse\nb,b@x.org,\n";
        place.program.folder().write("migration_data/users.csv", csv);
        let moved = place.moved(0, &["--skip-export"]).await;
        let sample = &moved["verification"]["password_sample"];
        assert_eq!((&sample["tried"], &sample["matched"]), (&1.into(), &1.into()), "{moved:#}");
        // The two swap their hashes: well-formed, and nobody's own.
        place
            .execute(
                "UPDATE users u SET password_hash = o.password_hash FROM users o WHERE o.email <> u.email",
            )
            .await;
        let outcome = place.run(&["verify", "--json"]).await.expect(3);
        let found: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("one document");
        assert_eq!(found["verification"]["totals"]["differing"], 2, "{found:#}");
    }
}
