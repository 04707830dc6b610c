//! What becomes of a record: every bucket, reason and code that a project can ask for.

use crate::small::{buckets, small};

const ITEMS: &str =
    "CREATE TABLE items (id uuid PRIMARY KEY, name text NOT NULL, n integer DEFAULT 7 NOT NULL)";

fn items(keys: &str) -> String {
    format!(
        "[entity.items]\nfrom = \"items\"\nkey = \"id\"\n{keys}\n[entity.items.fields]\nname = \"name\"\n\
         n = \"n\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_treats_a_row_that_is_there_as_it_says() {
    let first = "id,name,n\na,Ada,1\nb,Bob,2\nc,Cy,3\n";
    let second = "id,name,n\na,Ada,1\nb,Bobby,2\nc,Cyd,3\nd,Di,4\n";
    for (mode, expected, rows) in [
        (
            "insert",
            "source 4 loaded 1 unchanged 1 rejected 2 exists_different=2",
            ["(Ada,1)", "(Bob,2)", "(Cy,3)", "(Di,4)"],
        ),
        ("update", "source 4 loaded 1 updated 2 unchanged 1", ["(Ada,1)", "(Bobby,2)", "(Cyd,3)", "(Di,4)"]),
        (
            "skip",
            "source 4 loaded 1 unchanged 1 skipped 2 exists=2",
            ["(Ada,1)", "(Bob,2)", "(Cy,3)", "(Di,4)"],
        ),
    ] {
        let place = small(ITEMS, &items(&format!("mode = \"{mode}\""))).await;
        let moved = place.data("items.csv", first).moved(0, &[]).await;
        assert_eq!(buckets(&moved, "items"), "source 3 loaded 3", "{mode}");
        let code = if mode == "insert" { 3 } else { 0 };
        let moved = place.data("items.csv", second).moved(code, &[]).await;
        assert_eq!(buckets(&moved, "items"), expected, "{mode}");
        assert_eq!(place.rows("SELECT name, n FROM items ORDER BY name").await, rows, "{mode}");
        let verified = &moved["verification"]["totals"]["differing"];
        assert_eq!(verified, 0, "{mode}: what is accounted for is no difference");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_moves_what_is_true_skips_what_is_false_and_rejects_what_is_unknown() {
    let place = small(ITEMS, &items("where = \"CAST(n AS INTEGER) > 1\"")).await;
    place.data("items.csv", "id,name,n\na,Ada,1\nb,Bob,2\nc,Cy,\n");
    let moved = place.moved(3, &[]).await;
    let expected = "source 3 loaded 1 skipped 1 rejected 1 where=1 where_unknown=1";
    assert_eq!(buckets(&moved, "items"), expected);
    assert_eq!(place.rows("SELECT name FROM items").await, ["(Bob)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_for_a_column_with_a_default_takes_it_once_for_the_run_and_counts_it() {
    let schema = "CREATE TABLE items (id uuid PRIMARY KEY, name text NOT NULL, n integer NOT NULL DEFAULT 7, \
                  at timestamptz NOT NULL DEFAULT clock_timestamp())";
    let place = small(schema, &format!("{}at = \"at\"\n", items(""))).await;
    place.data("items.csv", "id,name,n,at\na,Ada,,\nb,Bob,2,\nc,,3,2026-01-01T00:00:00Z\n");
    let moved = place.moved(3, &[]).await;
    assert_eq!(buckets(&moved, "items"), "source 3 loaded 2 rejected 1 not_null=1");
    let taken = &moved["entities"]["items"]["defaults_taken"];
    assert_eq!(*taken, serde_json::json!({ "at": 2, "n": 1 }));
    assert_eq!(moved["verification"]["totals"]["differing"], 0);
    assert_eq!(place.rows("SELECT count(DISTINCT at), max(n) FROM items").await, ["(1,7)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_with_the_same_key_are_duplicates_superseded_or_rejected_together() {
    let text =
        "id,name,n,rev\na,Ada,1,1\na,Ada,1,1\nb,Bob,2,1\nb,Bobby,2,2\nb,Bo,2,0\nc,Cy,3,1\n,Nobody,4,1\n";
    for (keys, expected, rows) in [
        (
            "ignore = [\"rev\"]",
            "source 7 loaded 2 skipped 1 rejected 4 duplicate=1 no_key=1 key_twice=3",
            vec!["(Ada)", "(Cy)"],
        ),
        (
            "version = \"rev\"",
            "source 7 loaded 3 skipped 3 rejected 1 duplicate=1 superseded=2 no_key=1",
            vec!["(Ada)", "(Bobby)", "(Cy)"],
        ),
    ] {
        let place = small(ITEMS, &items(keys)).await;
        let moved = place.data("items.csv", text).moved(3, &[]).await;
        assert_eq!(buckets(&moved, "items"), expected, "{keys}");
        assert_eq!(place.rows("SELECT name FROM items ORDER BY name").await, rows, "{keys}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_rejects_stop_the_move_before_they_are_committed_and_it_goes_on_when_mended() {
    let mut text = String::from("id,name,n\n");
    for i in 0..1_500 {
        text.push_str(&format!("k{i},Name {i},{}\n", if i % 10 == 0 { "many" } else { "1" }));
    }
    for limit in ["\"5%\"", "20"] {
        let place = small(ITEMS, &format!("[move]\nmax_rejects = {limit}\n{}", items(""))).await;
        let stopped = place.data("items.csv", &text).run(&["move"]).await.expect(4);
        for part in ["items", "max_rejects", "continue: "] {
            assert!(stopped.stderr.contains(part), "{limit}: {part}\n{stopped}");
        }
        place.project("", &format!("[move]\nmax_rejects = \"50%\"\n{}", items("")));
        let moved = place.moved(3, &[]).await;
        assert_eq!(buckets(&moved, "items"), "source 1500 loaded 1350 rejected 150 bad_value=150", "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_matching_row_is_adopted_and_never_taken_away_again() {
    let schema = "CREATE TABLE people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT \
                  NULL UNIQUE, name text); CREATE TABLE notes (id uuid PRIMARY KEY, of uuid NOT NULL \
                  REFERENCES people, t text)";
    let sections = |mode: &str| {
        format!(
            "[entity.people]\nfrom = \"people\"\nkey = \"id\"\nmode = \"{mode}\"\nmatch = \"lower(email)\"\n\
             [entity.people.fields]\nemail = \"email\"\nname = \"name\"\n\
             [entity.notes]\nfrom = \"notes\"\nkey = \"id\"\nmode = \"{mode}\"\n[entity.notes.fields]\n\
             of = \"ref('people', person)\"\nt = \"t\"\n"
        )
    };
    for (mode, expected, name) in [
        ("insert", "source 3 loaded 1 unchanged 1 skipped 1 exists=1", "Old Bob"),
        ("update", "source 3 loaded 1 updated 1 unchanged 1", "Bob"),
    ] {
        let place = small(schema, &sections(mode)).await;
        place
            .execute("INSERT INTO people (email, name) VALUES ('ADA@x.org', 'Ada'), ('bob@x.org', 'Old Bob')")
            .await;
        place.data("people.csv", "id,email,name\n1,ADA@x.org,Ada\n2,bob@x.org,Bob\n3,cy@x.org,Cy\n");
        place.data("notes.csv", "id,person,t\nx,1,hello\ny,2,you\n");
        let moved = place.moved(0, &[]).await;
        assert_eq!(buckets(&moved, "people"), expected, "{mode}");
        assert_eq!(buckets(&moved, "notes"), "source 2 loaded 2", "{mode}");
        let of = "SELECT p.email, p.name, n.t FROM notes n JOIN people p ON p.id = n.of ORDER BY n.t";
        let joined = place.rows(of).await;
        assert_eq!(
            joined,
            [
                "(ADA@x.org,Ada,hello)".to_owned(),
                format!("(bob@x.org,\"{name}\",you)").replace("\"Bob\"", "Bob")
            ],
            "{mode}"
        );
        place.run(&["rollback", "--yes"]).await.expect(0);
        let left = place.rows("SELECT email, name FROM people ORDER BY 1").await;
        assert_eq!(left, ["(ADA@x.org,Ada)", "(bob@x.org,\"Old Bob\")"], "{mode}: adopted rows stay");
    }
    let place = small(&schema.replace(" UNIQUE", ""), &sections("update")).await;
    place.execute("INSERT INTO people (email) VALUES ('ada@x.org'), ('Ada@x.org')").await;
    place
        .data("people.csv", "id,email,name\n1,ADA@x.org,Ada\n")
        .data("notes.csv", "id,person,t\nx,1,hello\n");
    let moved = place.moved(3, &[]).await;
    assert_eq!(buckets(&moved, "people"), "source 1 rejected 1 match_many=1");
    assert_eq!(buckets(&moved, "notes"), "source 1 rejected 1 parent_rejected=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbered_keys_come_from_the_sequence_which_is_left_beyond_them() {
    for (key, next) in [
        ("serial PRIMARY KEY", "nextval('parents_id_seq')"),
        ("bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "nextval('parents_id_seq')"),
        ("integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "nextval('parents_id_seq')"),
    ] {
        let schema = format!(
            "CREATE TABLE parents (id {key}, name text); CREATE TABLE children (id uuid PRIMARY KEY, parent \
             bigint NOT NULL)"
        );
        let sections = "[entity.parents]\nfrom = \"parents\"\nkey = \"id\"\nid_map = \"parents.json\"\n\
                        [entity.parents.fields]\nname = \"name\"\n[entity.children]\nfrom = \"children\"\n\
                        key = \"id\"\n[entity.children.fields]\nparent = \"ref('parents', parent)\"\n";
        let place = small(&schema, sections).await;
        place.execute("INSERT INTO parents (name) VALUES ('already'), ('here')").await;
        place.data("parents.csv", "id,name\na,Ada\nb,Bob\nc,Cy\n");
        place.data("children.csv", "id,parent\nx,c\ny,a\nz,gone\n");
        let moved = place.moved(3, &[]).await;
        assert_eq!(buckets(&moved, "parents"), "source 3 loaded 3", "{key}");
        assert_eq!(buckets(&moved, "children"), "source 3 loaded 2 rejected 1 parent_missing=1", "{key}");
        assert_eq!(moved["verification"]["totals"]["differing"], 0, "{key}");
        let joined = place.rows("SELECT p.name FROM children c JOIN parents p ON p.id = c.parent ORDER BY 1");
        assert_eq!(joined.await, ["(Ada)", "(Cy)"], "{key}");
        let map = place.program.folder().read("migration_data/parents.json");
        let map: std::collections::BTreeMap<String, String> = serde_json::from_str(&map).expect("a map");
        let ids = place.rows("SELECT id FROM parents WHERE name IN ('Ada', 'Bob', 'Cy') ORDER BY name").await;
        let named: Vec<String> = map.values().map(|id| format!("({id})")).collect();
        assert_eq!(named, ids, "{key}");
        let beyond = place.rows(&format!("SELECT {next} > (SELECT max(id) FROM parents) AS beyond")).await;
        assert_eq!(beyond, ["(t)"], "{key}");
        let again = place.moved(3, &[]).await;
        assert_eq!(buckets(&again, "parents"), "source 3 unchanged 3", "{key}");
    }
}
