//! The commands around a move, as people and scripts use them.

use crate::place::{Place, bare, embedded, place};
use crate::small::{buckets, small};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_project_passes_its_check_without_a_warning() {
    let place = place("").await;
    let outcome = place.run(["check"]).await.expect(0);
    assert!(!outcome.stderr.contains("warning"), "{outcome}");
    let more = place.run(["check", "-v"]).await.expect(0);
    assert!(more.stderr.contains("email_custom is exported, and nothing maps it"), "{more}");
    let project = place.program.folder().read("landfall.toml").replace(", \"notes\"]", "]");
    place.program.folder().write("landfall.toml", project);
    let warned = place.run(["check"]).await.expect(3);
    assert!(warned.stderr.contains("ignore = [\"slug\", \"created_by\", \"notes\"]"), "{warned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_result_for_machines_is_json_for_every_command() {
    let place = place("").await;
    for (args, code) in [
        (&["check"][..], 0),
        (&["discover"], 0),
        (&["plan"], 0),
        (&["move", "--step", "export"], 0),
        (&["plan"], 0),
        (&["move"], 3),
        (&["verify"], 3),
        (&["report"], 0),
        (&["runs"], 0),
        (&["rejects"], 0),
        (&["sql", "SELECT id, email FROM dest.users"], 0),
        (&["sql", "nonsense"], 1),
        (&["report", "nobody"], 2),
        (&["rollback", "--yes"], 0),
        (&["move", "--step", "nonsense"], 2),
    ] {
        let args: Vec<&str> = args.iter().chain(&["--json"]).copied().collect();
        let outcome = tokio::task::block_in_place(|| place.program.run(&args));
        let outcome = outcome.expect(code);
        let documents = serde_json::Deserializer::from_str(&outcome.stdout).into_iter::<Value>();
        let documents: Result<Vec<Value>, _> = documents.collect();
        let documents = documents.unwrap_or_else(|e| panic!("{args:?}: {e}\n{outcome}"));
        assert!(!documents.is_empty(), "{args:?}: {outcome}");
        if let Some(failed) = documents.last().filter(|_| matches!(code, 1 | 2)) {
            assert_eq!(failed["exit"], code, "{args:?}");
            for part in ["error", "saved", "pending", "how_to_go_on"] {
                assert!(failed[part].as_str().is_some_and(|t| !t.is_empty()), "{args:?}: {part}\n{failed}");
            }
        }
    }
}

#[test]
fn each_shell_gets_completions_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = bare().run(["completions", shell]).expect(0).stdout;
        for word in ["rollback", "skip-export", "discover"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    bare().run(["completions", "nonsense"]).expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_reads_every_side_and_writes_none() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    for (query, expected) in [
        ("SELECT count(*) AS n FROM dest.bookings", "dest"),
        ("SELECT count(*) AS n FROM source.bookings", "source"),
        ("SELECT count(*) AS n FROM mapped.bookings", "mapped"),
        ("SELECT count(*) AS n FROM mapped.bookings m JOIN dest.bookings d ON m.id = d.id", "join"),
        ("SELECT count(*) AS n FROM ledger.runs", "runs"),
        ("SELECT count(*) AS n FROM ledger.batches", "batches"),
        ("SELECT count(*) AS n FROM ledger.rejects", "rejects"),
        ("SELECT count(*) AS n FROM ledger.differences", "differences"),
        ("SELECT count(*) AS n FROM ledger.id_map", "id_map"),
    ] {
        let outcome = place.run(["sql", query, "--json"]).await.expect(0);
        let row: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}\n{outcome}"));
        let n: i64 = row["n"].as_str().and_then(|n| n.parse().ok()).unwrap_or(-1);
        match expected {
            "differences" | "id_map" => assert_eq!(n, 0, "{query}"),
            "source" => assert_eq!(n, crate::place::RECORDS.cast_signed(), "{query}"),
            _ => assert!(n > 0, "{query}: {n}"),
        }
    }
    let before = place.rows().await;
    for query in [
        "DELETE FROM dest.payments",
        "UPDATE dest.users SET role = 'admin'",
        "INSERT INTO dest.users (id) VALUES (gen_random_uuid())",
        "DROP TABLE users",
        "SELECT 1; DELETE FROM payments",
        "COMMIT; DELETE FROM payments",
        "WITH d AS (DELETE FROM payments RETURNING 1) SELECT * FROM d",
        "DELETE FROM source.bookings",
        "COPY users TO '/nowhere/at-all'",
        "COPY users TO PROGRAM 'true'",
        "DO $$ BEGIN END $$",
    ] {
        let outcome = place.run(["sql", query]).await;
        assert!(matches!(outcome.code(), Some(1 | 2 | 4)), "{query}\n{outcome}");
        if query.starts_with("COPY") || query.starts_with("DO") {
            assert!(outcome.stderr.contains("only a query can be asked here"), "{query}\n{outcome}");
        }
    }
    assert_eq!(place.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_database_can_be_looked_into_by_other_tools() {
    let place = embedded("").await;
    place.run(["move"]).await.expect(3);
    place.run(["db", "url"]).await.expect(2);
    let ddl = place.run(["db", "ledger-sql"]).await.expect(0);
    assert!(ddl.stdout.contains("CREATE SCHEMA IF NOT EXISTS landfall"), "{}", ddl.stdout);
    let asked = ["db", "psql", "-X", "-A", "-t", "-c", "SELECT count(*) > 0 FROM users"];
    assert_eq!(place.run(asked).await.expect(0).stdout.trim(), "t", "psql opens it itself");
    place.run(["db", "psql", "-X", "-c", "nonsense"]).await.expect(1);
    let serving = tokio::task::block_in_place(|| place.program.spawn(["db", "serve"]));
    tokio::task::block_in_place(|| serving.wait_for_stdout("postgresql://"));
    let url = place.run(["db", "url"]).await.expect(0).stdout;
    assert!(url.contains("host="), "{url}");
    assert_eq!(place.run(asked).await.expect(0).stdout.trim(), "t", "psql asks the one that serves");
    place.run(["move"]).await.expect(3);
    serving.interrupt();
    let ended = tokio::task::block_in_place(|| serving.finish());
    assert!(matches!(ended.code(), Some(0 | 130)), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_run_keeps_its_counts_and_cannot_be_undone() {
    let place = place("").await;
    place.run(["move"]).await.expect(3);
    let list = async |place: &Place| -> Value {
        serde_json::from_str(&place.run(["runs", "--json"]).await.expect(0).stdout).expect("JSON")
    };
    let before = list(&place).await;
    let name = before["runs"][0]["name"].as_str().expect("a name").to_owned();
    place.run(["runs", "--forget", "nobody"]).await.expect(2);
    let told = place.run(["runs", "--forget", &name]).await.expect(0);
    assert!(told.stderr.contains("cannot be rolled back any more"), "{told}");
    assert_eq!(list(&place).await["runs"][0]["loaded"], before["runs"][0]["loaded"]);
    let rows = place.rows().await;
    drop(place.run(["rollback", &name, "--yes"]).await);
    assert_eq!(place.rows().await, rows, "nothing was undone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drafted_project_checks_and_moves_with_few_corrections() {
    let schema = "CREATE TABLE authors (id uuid PRIMARY KEY, name text NOT NULL, born date, created_at \
                  timestamptz); CREATE TABLE books (id uuid PRIMARY KEY, author_id uuid NOT NULL REFERENCES \
                  authors, title text NOT NULL, pages integer)";
    let place = small(schema, "").await;
    place.data("author.csv", "id,name,born,created_at\na,Ada,1815-12-10,2026-01-01T00:00:00Z\n");
    place.data("book.csv", "id,author_id,title,pages,shelf\nx,a,Notes,65,7\n");
    let shown = place.run(&["discover"]).await.expect(0);
    for part in ["author (1 record", "born", "date", "table books:", "pages integer"] {
        assert!(shown.stdout.contains(part), "{part}\n{shown}");
    }
    place.run(&["discover", "--write"]).await.expect(0);
    let text = place.program.folder().read("landfall.toml");
    assert!(text.contains("ignore = [\"shelf\"]"), "{text}");
    // What no guess can know: that a field refers to another entity.
    let text = text.replace("author_id = \"author_id\"", "author_id = \"ref('authors', author_id)\"");
    place.program.folder().write("landfall.toml", text);
    place.run(&["check"]).await.expect(0);
    let moved = place.moved(0, &[]).await;
    assert_eq!(buckets(&moved, "books"), "source 1 loaded 1");
    let again = place.run(&["discover", "--write"]).await.expect(0);
    assert!(again.stderr.contains("nothing written"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_another_source_is_refused_until_it_is_accepted() {
    let schema = "CREATE TABLE items (id uuid PRIMARY KEY, a text)";
    let sections = "[entity.items]\nfrom = \"items\"\nkey = \"id\"\n[entity.items.fields]\na = \"a\"\n";
    let place = small(schema, sections).await;
    place.data("items.csv", "id,a\nk,1\n").moved(0, &["--step", "export"]).await;
    let text = place.program.folder().read("landfall.toml");
    place.program.folder().write("landfall.toml", text.replace("\"small\"", "\"other\""));
    let refused = place.run(&["move", "--skip-export"]).await.expect(2);
    assert!(refused.stderr.contains("--accept-export"), "{refused}");
    assert_eq!(place.rows("SELECT count(*) FROM items").await, ["(0)"]);
    let moved = place.moved(0, &["--skip-export", "--accept-export"]).await;
    assert_eq!(buckets(&moved, "items"), "source 1 loaded 1");
}
