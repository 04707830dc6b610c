//! Rejects, tried again.

use crate::small::in_small_batches;

const TABLES: &str = "CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL, age int); \
    CREATE TABLE orders (id uuid PRIMARY KEY, buyer uuid NOT NULL REFERENCES users, total int NOT NULL)";

const TOML: &str = "[entity.users]\nkey = \"id\"\nid_map = \"users.json\"\n[entity.users.fields]\n\
    email = \"email\"\nage = \"age\"\n[entity.orders]\nkey = \"id\"\n[entity.orders.fields]\n\
    buyer = \"ref('users', buyer)\"\ntotal = \"total\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tries_what_was_rejected_and_children_follow_their_parent() {
    let small = in_small_batches(TABLES, TOML).await;
    small.write("data/users.csv", "id,email,age\nu1,a@x.example,30\nu2,b@x.example,old\nu3,,40\n");
    small.write("data/orders.csv", "id,buyer,total\no1,u1,5\no2,u2,7\no3,u3,9\no4,u1,\n");
    small.report(["move", "--json"], 3).await;
    assert_eq!(small.texts("SELECT count(*)::text FROM users").await, ["1"]);
    // The export is mended where it stands: one user, and with them their order.
    let path = "migration_data/users.csv";
    let text = std::fs::read_to_string(small.program.folder().join(path)).expect("the export is there");
    small.write(path, &text.replace("old", "41"));
    let replay = small.report(["rejects", "--replay", "--json"], 3).await;
    assert_eq!(replay["entities"]["users"]["source"], 2);
    assert_eq!(replay["entities"]["users"]["loaded"], 1);
    assert_eq!(replay["entities"]["users"]["rejected"], 1);
    assert_eq!(replay["entities"]["orders"]["source"], 3);
    assert_eq!(replay["entities"]["orders"]["loaded"], 1);
    assert_eq!(replay["entities"]["orders"]["rejected_by_code"]["parent_rejected"], 1);
    assert_eq!(replay["verification"]["totals"]["differing"], 0);
    let kinds = "SELECT kind || ' ' || status FROM landfall.runs ORDER BY id";
    assert_eq!(small.texts(kinds).await, ["move done_with_findings", "replay done_with_findings"]);
    let map = std::fs::read_to_string(small.program.folder().join("migration_data/users.json"));
    let map: serde_json::Value = serde_json::from_str(&map.expect("the map")).expect("JSON");
    assert_eq!(map.as_object().map(|m| m.keys().cloned().collect()), Some(vec!["u1".into(), "u2".into()]));
    // The rest of the data is mended; the newest run's rejects are those of the replay.
    small.write(path, &text.replace("old", "41").replace("u3,,40", "u3,c@x.example,40"));
    let orders = "migration_data/orders.csv";
    let text = std::fs::read_to_string(small.program.folder().join(orders)).expect("the export is there");
    small.write(orders, &text.replace("o4,u1,", "o4,u1,3"));
    let replay = small.report(["rejects", "--replay", "--json"], 0).await;
    assert_eq!(replay["entities"]["users"]["loaded"], 1);
    assert_eq!(replay["entities"]["orders"]["loaded"], 2);
    assert_eq!(small.texts("SELECT count(*)::text FROM orders").await, ["4"]);
    // An undo of it takes those rows only.
    small.run(["rollback", "--yes"]).await.expect(0);
    assert_eq!(small.texts("SELECT count(*)::text FROM orders").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_rejects_has_nothing_to_replay() {
    let small = in_small_batches(TABLES, TOML).await;
    small.write("data/users.csv", "id,email,age\nu1,a@x.example,30\n");
    small.write("data/orders.csv", "id,buyer,total\no1,u1,5\n");
    small.run(["move"]).await.expect(0);
    let nothing = small.run(["rejects", "--replay"]).await.expect(0);
    assert!(nothing.stderr.contains("no rejects"), "{}", nothing.stderr);
    assert_eq!(small.texts("SELECT count(*)::text FROM landfall.runs").await, ["1"]);
}
