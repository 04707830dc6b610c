//! What is written in the transaction that ends an action.

use super::{at, bed, done, event, row};
use bridge::Outbox;
use bridge::action::{Action, ActionState, TableWork, Write};
use std::collections::BTreeMap;

fn of<'a>(actions: &'a [Action], id: &str) -> &'a Action {
    actions.iter().find(|action| action.event.id == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_become_values_of_the_columns_types_and_other_columns_stay() {
    let bed = bed().await;
    bed.sql(
        "CREATE SCHEMA \"My App\"; CREATE TYPE mood AS ENUM ('sad', 'glad'); \
         CREATE DOMAIN small AS integer CHECK (VALUE < 10); \
         CREATE TABLE \"My App\".\"Peo.ple\" (\"Id\" uuid, a integer, b boolean, c timestamptz, d jsonb, \
             e text[], f mood, g small, h varchar(4), i char(3), j numeric(8,2), k date, l bytea, \
             \"m\"\"n\" text, \
             kept text DEFAULT 'kept'); \
         DO $$ BEGIN EXECUTE format( \
             'ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$",
    )
    .await;
    let actions = bed.claimed(&[event("first", "", 1), event("second", "", 2)]).await;
    let key = "2f0c4d5e-0000-4000-8000-000000000001";
    let columns = |texts: &[(&str, Option<&str>)]| -> BTreeMap<String, Option<String>> {
        texts.iter().map(|(name, text)| (name.to_string(), text.map(String::from))).collect()
    };
    let first = columns(&[
        ("a", Some("7")),
        ("b", Some("yes")),
        ("c", Some("2026-01-02 03:04:05")),
        ("d", Some(r#"{"x": [1]}"#)),
        ("e", Some("{p,\"q r\"}")),
        ("f", Some("glad")),
        ("g", Some("9")),
        ("h", Some("four")),
        ("i", Some("abc")),
        ("j", Some("1.25")),
        ("k", Some("2026-02-28")),
        ("l", Some("\\x00ff")),
        ("m\"n", Some("it's")),
    ]);
    let table = |columns| TableWork { name: "My App.Peo.ple".into(), key: "Id".into(), columns };
    let writes = vec![Write::Row { table: table(first), key: key.into() }];
    assert!(bed.store.finish(of(&actions, "first"), &done(writes), at(0)).await.unwrap());
    let shown = "SELECT a, b, extract(epoch FROM c)::bigint, d, e, f, g, h, i, j, k, l, \"m\"\"n\", kept \
                 FROM \"My App\".\"Peo.ple\"";
    assert_eq!(
        bed.ask(shown).await,
        "7|t|1767323045|{\"x\": [1]}|{p,\"q r\"}|glad|9|four|abc|1.25|2026-02-28|\\x00ff|it's|kept"
    );
    let second = columns(&[("a", None), ("h", Some("x"))]);
    let writes = vec![Write::Row { table: table(second), key: key.into() }];
    assert!(bed.store.finish(of(&actions, "second"), &done(writes), at(0)).await.unwrap());
    let shown = "SELECT a, h, f, kept FROM \"My App\".\"Peo.ple\"";
    assert_eq!(bed.ask(shown).await, "~|x|glad|kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_can_never_be_done_is_a_dead_letter_that_says_so_without_a_value() {
    let bed = bed().await;
    bed.sql("INSERT INTO members (id) VALUES ('twice'), ('twice'); ALTER TABLE members ADD CHECK (n < 5)")
        .await;
    let cases = [
        (row("nowhere", "m1", "name", None), "there is no table nowhere"),
        (row("no.where", "m1", "name", None), "there is no table no.where"),
        (row("members", "m1", "nothing", None), "has no column nothing"),
        (row("members", "m1", "n", Some("secret")), "members.n: "),
        (row("members", "m1", "n", Some("99")), "members_n_check"),
        (row("members", "m1", "code", Some("secret")), "22001"),
        (row("members", "m1", "since", Some("secret")), "members.since: "),
        (row("members", "m1", "name", Some("secret\0")), "members.name: the text holds a NUL"),
        (row("members", "twice", "name", Some("secret")), "2 rows have one id"),
    ];
    let events: Vec<_> = (0..cases.len()).map(|n| event(&format!("e{n}"), "m1", n as i64)).collect();
    let mut claimed = bed.claimed(&events).await;
    for (write, words) in cases {
        let [action] = claimed.as_slice() else { panic!("one of the lane at a time") };
        // The first write would do; it is taken back with the second.
        let writes = vec![row("members", "good", "name", Some("x")), write];
        assert!(bed.store.finish(action, &done(writes), at(0)).await.unwrap(), "{words}");
        let line = bed.lines().await.into_iter().find(|line| line.id == action.id).unwrap();
        assert_eq!(line.state, ActionState::Dead, "{words}");
        assert!(line.said.contains(words) && !line.said.contains("secret"), "{words}: {}", line.said);
        claimed = bed.store.claim(9, super::HOUR).await.unwrap();
    }
    assert_eq!(bed.ask("SELECT count(*) FROM members").await, "2");
    assert_eq!(bed.ask("SELECT count(*) FROM landfall.written").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_the_same_with_and_without_its_schema_and_a_row_may_have_nothing_but_its_key() {
    let bed = bed().await;
    let actions = bed.claimed(&[event("new", "", 9), event("old", "", 5), event("key", "", 6)]).await;
    let new = done(vec![row("public.members", "m1", "name", Some("new"))]);
    assert!(bed.store.finish(of(&actions, "new"), &new, at(0)).await.unwrap());
    let old = done(vec![row("members", "m1", "name", Some("old"))]);
    assert!(bed.store.finish(of(&actions, "old"), &old, at(0)).await.unwrap());
    let table = TableWork { name: "members".into(), key: "id".into(), columns: BTreeMap::new() };
    let key = ["m1", "m2"].map(|key| Write::Row { table: table.clone(), key: key.into() });
    assert!(bed.store.finish(of(&actions, "key"), &done(key.into()), at(0)).await.unwrap());
    assert_eq!(bed.ask("SELECT id, name FROM members ORDER BY id").await, "m1|new m2|~");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_event_says_when_something_takes_place() {
    let bed = bed().await;
    let actions = bed.claimed(&[event("new", "", 9), event("old", "", 5)]).await;
    assert_eq!(bed.store.scheduled("live").await.unwrap(), None);
    for (id, second) in [("new", 100), ("old", 50)] {
        let write = Write::Scheduled { event_id: "live".into(), starts_at: at(second) };
        assert!(bed.store.finish(of(&actions, id), &done(vec![write]), at(0)).await.unwrap());
    }
    let scheduled = bed.store.scheduled("live").await.unwrap().unwrap();
    assert_eq!((scheduled.starts_at, scheduled.by), (at(100), of(&actions, "new").id));
}
