//! What `plan` says is what `move` does.

use crate::place::place;
use crate::small::in_small_batches;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The buckets of each entity, with their reasons.
type Buckets = BTreeMap<String, Value>;

fn planned(plan: &str) -> Buckets {
    let plan: Vec<Value> = serde_json::from_str(plan).expect("the plan is JSON");
    plan.into_iter()
        .map(|p| {
            let c = &p["counts"];
            let buckets =
                json!([p["source"], c["loaded"], c["updated"], c["unchanged"], c["skipped"], c["rejected"]]);
            (p["entity"].as_str().expect("a name").to_owned(), buckets)
        })
        .collect()
}

fn moved(report: &Value) -> Buckets {
    report["entities"]
        .as_object()
        .expect("entities")
        .iter()
        .map(|(name, e)| {
            let (skipped, rejected) = (&e["skipped_by_reason"], &e["rejected_by_code"]);
            let buckets = json!([e["source"], e["loaded"], e["updated"], e["unchanged"], skipped, rejected]);
            (name.clone(), buckets)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_the_example_is_its_outcome_in_every_bucket() {
    let place = place("").await;
    place.run(["move", "--step", "export"]).await.expect(0);
    // The tables are not there yet, then they are, then they hold what was moved and what people did.
    for (round, changed) in [
        (1, ""),
        (2, "UPDATE client_profiles SET phone = 'x' WHERE id IN (SELECT id FROM client_profiles LIMIT 3)"),
        (3, "DELETE FROM payments WHERE id IN (SELECT id FROM payments ORDER BY id LIMIT 2)"),
    ] {
        if !changed.is_empty() {
            place.execute(changed).await;
        }
        let tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname = 'users'";
        let before = place.one(tables).await;
        let plan = planned(&place.run(["plan", "--json"]).await.expect(0).stdout);
        assert_eq!(place.one(tables).await, before, "a plan makes no table");
        let report = place.run(["move", "--fresh", "--skip-export", "--json"]).await.expect(3);
        let report: Value = serde_json::from_str(&report.stdout).expect("the report is JSON");
        assert_eq!(plan, moved(&report), "round {round}");
    }
}

const TABLES: &str = "CREATE TABLE kinds (kind text PRIMARY KEY); INSERT INTO kinds VALUES ('a'), ('b'); \
    CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, age int CHECK (age < 100), \
        kind text REFERENCES kinds, friend bigint REFERENCES users); \
    CREATE UNIQUE INDEX ON users (lower(email)); \
    CREATE TABLE orders (id uuid PRIMARY KEY, buyer bigint NOT NULL REFERENCES users, n int); \
    INSERT INTO users (email, kind) VALUES ('Taken@x.example', 'a'), ('mine@x.example', 'b')";

const USERS: &str = "id,email,age,kind,friend\nu1,a@x.example,30,a,u2\nu2,A@x.example,31,a,\n\
    u3,taken@x.example,32,a,\nu4,d@x.example,150,b,u1\nu5,e@x.example,33,c,u4\nu6,f@x.example,34,b,u7\n\
    u7,g@x.example,,b,u6\nu8,mine@x.example,35,b,\nu9,i@x.example,36,,u3\n";

const ORDERS: &str = "id,buyer,n\no1,u1,1\no2,u2,2\no3,u6,x\no4,u9,4\no5,u8,5\no6,u7,6\no7,nobody,7\n";

fn toml(users: &str) -> String {
    format!(
        "[entity.users]\nkey = \"id\"\n{users}\n[entity.users.fields]\nemail = \"email\"\nage = \"age\"\n\
         kind = \"kind\"\nfriend = \"ref('users', friend)\"\n\
         [entity.orders]\nkey = \"id\"\nmode = \"update\"\nwhere = \"n <> '6'\"\n[entity.orders.fields]\n\
         buyer = \"ref('users', buyer)\"\nn = \"n\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_filters_limits_and_adopted_rows_are_planned_as_they_are_moved() {
    for (users, limit) in [
        ("mode = \"insert\"", ""),
        ("mode = \"update\"", ""),
        ("mode = \"skip\"", "max_records = 7"),
        ("mode = \"insert\"\nmatch = \"lower(email)\"", ""),
        ("mode = \"update\"\nmatch = \"lower(email)\"", "max_records = 8"),
    ] {
        let small = in_small_batches(TABLES, &toml(users)).await;
        let file = std::fs::read_to_string(small.program.folder().join("landfall.toml")).expect("the file");
        small.write("landfall.toml", &file.replace("batch_size = 4", &format!("batch_size = 4\n{limit}")));
        small.write("data/users.csv", USERS);
        small.write("data/orders.csv", ORDERS);
        small.run(["move", "--step", "export"]).await.expect(0);
        for (round, changed) in
            [(1, ""), (2, "UPDATE users SET age = 1 WHERE email = 'f@x.example'; UPDATE orders SET n = 9")]
        {
            if !changed.is_empty() {
                small.execute(changed).await;
            }
            let plan = planned(&small.run(["plan", "--json"]).await.expect(0).stdout);
            let report = small.report(["move", "--fresh", "--skip-export", "--json"], 3).await;
            assert_eq!(plan, moved(&report), "{users} {limit}, round {round}");
        }
    }
}
