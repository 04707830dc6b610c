//! Records that come, change and go while the walk goes on.

use crate::rig::{Export, keys, shown, source};
use crate::stub::{Lists, Stub, before, row, rows, with};
use connect::Completeness;
use serde_json::{Value, json};

/// A record that is made at a moment.
fn new(id: u64, now: &str) -> Value {
    with(id, json!({"created_at": now, "updated_at": now}))
}

/// What happens before the n-th request, from 0.
enum Happens {
    /// A record comes in front, where no order is asked for.
    First(u64),
    /// A record comes at the end, where the oldest come first.
    Last(u64),
    /// A record goes.
    Gone(u64),
    /// A record is changed where it stands.
    Changed(u64),
}

impl Happens {
    fn apply(&self, now: &str, rows: &mut Vec<Value>) {
        let is = |row: &Value, id: u64| row["id"] == json!(id);
        match *self {
            Happens::First(id) => rows.insert(0, new(id, now)),
            Happens::Last(id) => rows.push(new(id, now)),
            Happens::Gone(id) => rows.retain(|row| !is(row, id)),
            Happens::Changed(id) => {
                for row in rows.iter_mut().filter(|row| is(row, id)) {
                    row["name"] = json!("changed");
                    row["updated_at"] = json!(now);
                }
            }
        }
    }
}

fn list(lists: &mut Lists) -> &mut Vec<Value> {
    lists.get_mut("topics").expect("the list")
}

async fn run(name: &str, happens: Vec<(usize, Happens)>) -> (Stub, Export, Completeness) {
    let stub = Stub::start([("topics", rows((1..10).rev()))]).await;
    let mut happens = happens;
    while let Some((at, first)) = happens.pop() {
        let (same, rest): (Vec<_>, Vec<_>) = happens.into_iter().partition(|(other, _)| *other == at);
        happens = rest;
        let mut together: Vec<Happens> = same.into_iter().map(|(_, one)| one).collect();
        together.push(first);
        let now = before(at);
        let change = move |lists: &mut Lists| together.iter().for_each(|one| one.apply(&now, list(lists)));
        stub.world().changes.insert(at, Box::new(change));
    }
    let mut export = Export::default();
    let outcome = export.run(&source(&stub), "topics", 3).await;
    let outcome = outcome.unwrap_or_else(|fault| panic!("{name}: {}", shown(&fault)));
    (stub, export, outcome)
}

/// The records that are there at first.
const ALL: &str = "1 2 3 4 5 6 7 8 9";

/// Nine records, newest first, three a page: requests 0 to 2 are the first sweep, 3 to 5 the second.
#[tokio::test]
async fn what_comes_changes_and_goes_is_in_the_export_and_counted() {
    use Happens::{Changed, First, Gone, Last};
    for (name, happens, held, counts, again) in [
        ("nothing", vec![], ALL, (0, 0, 0), false),
        // All that was read moved on, so that the next page begins with what the last one ended with.
        ("came in front", vec![(1, First(901))], "1 2 3 4 5 6 7 8 9 901", (1, 0, 0), true),
        ("came at the end", vec![(1, Last(901))], "1 2 3 4 5 6 7 8 9 901", (1, 0, 0), true),
        ("came before the last page", vec![(2, First(901))], "1 2 3 4 5 6 7 8 9 901", (1, 0, 0), true),
        // The record that took the place of the last one read is jumped over.
        ("went behind", vec![(1, Gone(9))], ALL, (0, 0, 1), true),
        ("went ahead", vec![(1, Gone(2))], "1 3 4 5 6 7 8 9", (0, 0, 0), true),
        // First and last count are the same, and so is the number of records shown.
        (
            "one went, another came",
            vec![(1, Gone(9)), (2, Last(901))],
            "1 2 3 4 5 6 7 8 9 901",
            (1, 0, 1),
            true,
        ),
        (
            "both between the same two pages",
            vec![(1, Gone(9)), (1, Last(901))],
            "1 2 3 4 5 6 7 8 9 901",
            (1, 0, 1),
            true,
        ),
        ("changed behind", vec![(1, Changed(9)), (2, Last(901))], "1 2 3 4 5 6 7 8 9 901", (1, 1, 0), true),
        (
            "a whole page came in front",
            vec![(1, First(901)), (1, First(902)), (1, First(903))],
            "1 2 3 4 5 6 7 8 9 901 902 903",
            (3, 0, 0),
            true,
        ),
        (
            "in the second sweep too",
            vec![(1, First(901)), (4, First(902))],
            "1 2 3 4 5 6 7 8 9 901 902",
            (2, 0, 0),
            true,
        ),
        ("came and went", vec![(1, First(901)), (2, Gone(901))], ALL, (0, 0, 0), true),
        ("all but one went", (2..10).map(|id| (1, Gone(id))).collect(), "1 7 8 9", (0, 0, 3), true),
    ] {
        let (stub, export, outcome) = run(name, happens).await;
        assert!(outcome.complete, "{name}: {outcome:?}");
        assert_eq!((outcome.appeared, outcome.changed, outcome.vanished), counts, "{name}: {outcome:?}");
        assert_eq!(export.keys(), held.split(' ').collect::<Vec<_>>(), "{name}");
        assert_eq!(outcome.remarks.iter().any(|remark| remark.contains("read again")), again, "{name}");
        for row in stub.world().lists["topics"].iter().filter(|row| row["name"] == json!("changed")) {
            assert_eq!(export.records[&row["id"].to_string()]["name"], "changed", "{name}");
        }
        let now = stub.world().lists["topics"].len() as u64;
        assert_eq!((outcome.declared_before, outcome.declared_after), (Some(9), Some(now)), "{name}");
    }
}

#[tokio::test]
async fn a_list_that_is_read_again_hands_on_only_what_is_new_if_it_is_known_when_the_walk_began() {
    for (dated, handed_on) in [(true, 10), (false, 20)] {
        let stub = Stub::start([("topics", rows((1..10).rev()))]).await;
        stub.world().dated = dated;
        let change = |lists: &mut Lists| list(lists).insert(0, row(50));
        stub.world().changes.insert(1, Box::new(change));
        let mut export = Export::default();
        let outcome = export.run(&source(&stub), "topics", 3).await.expect("an export");
        assert!(outcome.complete, "{outcome:?}");
        assert_eq!(export.pages.iter().sum::<usize>(), handed_on, "dated: {dated}");
        assert_eq!(export.records.len(), 10);
    }
}

#[tokio::test]
async fn a_community_that_never_rests_is_not_called_complete() {
    let stub = Stub::start([("topics", rows(1..10))]).await;
    for at in 1..100 {
        let change = move |lists: &mut Lists| list(lists).insert(0, new(1000 + at as u64, &before(at)));
        stub.world().changes.insert(at, Box::new(change));
    }
    let mut export = Export::default();
    let outcome = export.run(&source(&stub), "topics", 3).await.expect("an export");
    assert!(!outcome.complete, "{outcome:?}");
    assert!(outcome.remarks.iter().any(|remark| remark.contains("at rest")), "{outcome:?}");
    assert!(stub.world().asked.len() < 100, "it ends");
}

#[tokio::test]
async fn a_count_that_does_not_fit_is_told_after_one_more_look() {
    for (count, requests) in [(10, 6), (8, 6)] {
        let stub = Stub::start([("topics", rows(1..10))]).await;
        stub.world().lies.insert("topics".into(), json!({"count": count}));
        let mut export = Export::default();
        let outcome = export.run(&source(&stub), "topics", 3).await.expect("an export");
        assert!(!outcome.complete, "{outcome:?}");
        let says = format!("9 records were shown, and Circle says that there are {count}");
        assert!(outcome.remarks.iter().any(|remark| remark.contains(&says)), "{outcome:?}");
        assert_eq!((export.records.len(), stub.world().asked.len()), (9, requests));
    }
}

#[tokio::test]
async fn a_stopped_export_of_a_community_that_goes_on_is_complete_in_the_end() {
    for room in 0..3 {
        let stub = Stub::start([("topics", rows((1..10).rev()))]).await;
        let mut export = Export { room: Some(room), ..Export::default() };
        export.run(&source(&stub), "topics", 3).await.expect_err("the disk is full");
        {
            let mut world = stub.world();
            let rows = list(&mut world.lists);
            rows.retain(|row| row["id"] != json!(9));
            (901..921).for_each(|id| rows.insert(0, new(id, &before(4))));
        }
        export.room = None;
        let outcome = export.run(&source(&stub), "topics", 3).await.expect("an export");
        assert!(outcome.complete, "{room}: {outcome:?}");
        let seen_before = room > 0;
        let held = (1..if seen_before { 10 } else { 9 }).chain(901..921);
        assert_eq!(export.keys(), keys(held), "{room}");
        assert_eq!(outcome.vanished, u64::from(seen_before), "{room}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_older_version_of_a_record_never_wins() {
    let stub = Stub::start([("topics", rows((1..7).rev()))]).await;
    let change = |lists: &mut Lists| {
        Happens::Changed(4).apply(&before(1), list(lists));
        Happens::First(901).apply(&before(1), list(lists));
    };
    stub.world().changes.insert(1, Box::new(change));
    let mut export = Export::default();
    let outcome = export.run(&source(&stub), "topics", 3).await.expect("an export");
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(export.records["4"]["name"], "changed");
}
