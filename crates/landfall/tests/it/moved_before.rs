//! Records that were moved by other means: `id_map_from`.

use crate::small::in_small_batches;

const TABLES: &str = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL); \
    CREATE TABLE orders (id uuid PRIMARY KEY, buyer bigint NOT NULL REFERENCES users); \
    INSERT INTO users VALUES (71, 'a@x.example'), (72, 'b@x.example')";

const TOML: &str = "[entity.users]\nkey = \"id\"\nid_map_from = \"old/users.json\"\n\
    [entity.orders]\nkey = \"id\"\n[entity.orders.fields]\nbuyer = \"ref('users', buyer)\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn references_find_records_by_the_file_and_only_those_that_are_there() {
    let small = in_small_batches(TABLES, TOML).await;
    small.write("old/users.json", "{\"u1\": \"71\", \"u2\": 72, \"u3\": \"99\"}");
    small.write("data/orders.csv", "id,buyer\no1,u1\no2,u2\no3,u3\no4,u4\n");
    let report = small.report(["move", "--json"], 3).await;
    let orders = &report["entities"]["orders"];
    assert_eq!(orders["loaded"], 2);
    assert_eq!(orders["rejected_by_code"]["parent_missing"], 2);
    assert_eq!(report["verification"]["totals"]["differing"], 0);
    let buyers = "SELECT string_agg(buyer::text, ',' ORDER BY buyer) FROM orders";
    assert_eq!(small.texts(buyers).await, ["71,72"]);
    let again = small.report(["move", "--json"], 3).await;
    assert_eq!(again["entities"]["orders"]["unchanged"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_file_knows_is_not_moved_again() {
    let tables = TABLES.replace("id bigint PRIMARY KEY, email", "id bigserial PRIMARY KEY, email");
    let toml = TOML.replace("users.json\"\n", "users.json\"\n[entity.users.fields]\nemail = \"email\"\n");
    let small = in_small_batches(&tables, &toml).await;
    small.write("old/users.json", "{\"u1\": 71}");
    small.write("data/users.csv", "id,email\nu1,a@x.example\nu2,c@x.example\n");
    small.write("data/orders.csv", "id,buyer\no1,u1\no2,u2\n");
    let report = small.report(["move", "--json"], 0).await;
    assert_eq!(report["entities"]["users"]["loaded"], 1);
    assert_eq!(report["entities"]["users"]["skipped_by_reason"]["exists"], 1);
    let buyers = "SELECT u.email FROM orders o JOIN users u ON u.id = o.buyer ORDER BY 1";
    assert_eq!(small.texts(buyers).await, ["a@x.example", "c@x.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_id_map_is_refused_with_what_is_wrong_in_it() {
    let small = in_small_batches(TABLES, TOML).await;
    small.write("data/orders.csv", "id,buyer\no1,u1\n");
    for (text, said) in [
        (None, "cannot read"),
        (Some("{\"u1\": 71"), "is no id map (line 1"),
        (Some("{\"u1\": \"seventy\"}"), "what stands for u1"),
        (Some("{\"u1\": [71]}"), "what stands for u1"),
    ] {
        if let Some(text) = text {
            small.write("old/users.json", text);
        }
        let refused = small.run(["move"]).await.expect(2);
        assert!(refused.stderr.contains(said), "{text:?}: {}", refused.stderr);
    }
}
