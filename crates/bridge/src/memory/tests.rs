//! What the model promises, one promise a test.

use super::*;
use crate::action::Work;
use crate::event::{ID_BYTES_MAX, Told};
use jiff::ToSpan;

/// A clock that goes on when it is told to.
struct Hand(Mutex<Timestamp>);

impl Hand {
    fn wait(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now += seconds.seconds();
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

const HOLD: SignedDuration = SignedDuration::from_secs(60);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn store() -> (Arc<Hand>, MemoryStore) {
    let clock = Arc::new(Hand(Mutex::new(at(1_000))));
    (clock.clone(), MemoryStore::new(clock))
}

fn event(id: &str, subject: &str, occurred: i64) -> Event {
    Event {
        sender: "bettermode".into(),
        id: id.into(),
        kind: "member.updated".into(),
        subject: subject.into(),
        occurred: at(occurred),
        told: Told::new(),
        body: serde_json::Value::Null,
    }
}

/// One action in the lane of the event's subject, or none for an event that is older than the newest one.
fn decide(event: &Event, newest: Option<Timestamp>, now: Timestamp) -> Vec<Planned> {
    let stale = newest.is_some_and(|newest| event.occurred < newest);
    (!stale).then(|| planned(&event.subject, now)).into_iter().collect()
}

fn planned(lane: &str, due: Timestamp) -> Planned {
    let work = Work::CallUrl { url: "https://example.test/".into() };
    Planned { rule: "r".into(), number: 0, lane: lane.into(), due, work }
}

async fn queued(store: &MemoryStore, events: &[Event]) {
    store.keep(events).await.unwrap();
    while store.judge(2, &decide).await.unwrap() > 0 {}
}

async fn claimed(store: &MemoryStore) -> Vec<Action> {
    store.claim(10, HOLD).await.unwrap()
}

fn ids(actions: &[Action]) -> Vec<&str> {
    actions.iter().map(|a| a.event.id.as_str()).collect()
}

fn never() -> Ending {
    Ending::Never { fault: Fault::fail("no") }
}

#[tokio::test]
async fn the_same_event_is_kept_once_also_within_a_group() {
    let (_, store) = store();
    let first = store.keep(&[event("a", "", 1), event("a", "", 2), event("b", "", 3)]).await.unwrap();
    assert_eq!(first, [Kept::New, Kept::Known, Kept::New]);
    assert_eq!(store.keep(&[event("b", "", 9)]).await.unwrap(), [Kept::Known]);
    let lines = store.events(&EventFilter::default(), None, 9).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.occurred).collect::<Vec<_>>(), [at(3), at(1)]);
}

#[tokio::test]
async fn an_event_that_cannot_be_kept_keeps_its_group_out() {
    let (_, store) = store();
    for bad in [event("", "", 1), event(&"x".repeat(ID_BYTES_MAX + 1), "", 1)] {
        assert!(store.keep(&[event("good", "", 1), bad]).await.is_err());
    }
    assert_eq!(store.counts().await.unwrap(), Counts::default());
}

#[tokio::test]
async fn an_older_event_of_a_record_is_told_of_the_newer_one() {
    let (_, store) = store();
    let mut other = event("d", "m1", 1);
    other.sender = "circle".into();
    queued(&store, &[event("a", "m1", 5), event("b", "m1", 4), event("c", "m2", 1), other]).await;
    let lines = store.actions(&ActionFilter::default(), None, 9).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.event).collect::<Vec<_>>(), [4, 3, 1]);
}

#[tokio::test]
async fn a_lane_goes_one_by_one_and_lanes_go_side_by_side() {
    let (_, store) = store();
    let events = [("a", "m1", 1), ("b", "m1", 2), ("c", "m2", 3), ("d", "", 4), ("e", "", 5)];
    queued(&store, &events.map(|(id, subject, at)| event(id, subject, at))).await;
    let first = claimed(&store).await;
    assert_eq!(ids(&first), ["a", "c", "d", "e"]);
    assert!(claimed(&store).await.is_empty(), "b waits for a");
    assert!(store.finish(&first[0], &never(), at(0)).await.unwrap());
    assert_eq!(ids(&claimed(&store).await), ["b"], "a dead letter holds nobody up");
}

#[tokio::test]
async fn one_that_is_tried_later_keeps_its_lane_waiting() {
    let (clock, store) = store();
    queued(&store, &[event("a", "m1", 1), event("b", "m1", 2)]).await;
    let first = claimed(&store).await;
    let later = Ending::Later { fault: Fault::retry("busy"), wait: None };
    assert!(store.finish(&first[0], &later, clock.now() + 5.seconds()).await.unwrap());
    assert!(claimed(&store).await.is_empty());
    clock.wait(5);
    let again = claimed(&store).await;
    assert_eq!((ids(&again), again[0].attempts, again[0].unknown_since), (vec!["a"], 1, None));
}

#[tokio::test]
async fn one_whose_worker_is_gone_is_taken_again_and_says_since_when() {
    let (clock, store) = store();
    queued(&store, &[event("a", "m1", 1), event("b", "m1", 2)]).await;
    let (first, began) = (claimed(&store).await, clock.now());
    clock.wait(59);
    assert!(claimed(&store).await.is_empty());
    clock.wait(1);
    let second = claimed(&store).await;
    assert_eq!((ids(&second), second[0].attempts, second[0].unknown_since), (vec!["a"], 1, Some(began)));
    assert!(!store.finish(&first[0], &Ending::done("late"), at(0)).await.unwrap(), "it is another's by now");
    assert!(store.finish(&second[0], &Ending::done("x"), at(0)).await.unwrap());
    assert!(!store.finish(&second[0], &Ending::done("y"), at(0)).await.unwrap(), "it has ended");
    let lines = store.actions(&ActionFilter::default(), None, 9).await.unwrap();
    assert_eq!((lines[1].state, lines[1].said.as_str(), lines[1].attempts), (ActionState::Done, "x", 2));
}

#[tokio::test]
async fn a_replayed_dead_letter_does_not_run_beside_its_lane_mate() {
    let (clock, store) = store();
    queued(&store, &[event("a", "m1", 1), event("b", "m1", 2)]).await;
    let dead = claimed(&store).await;
    assert!(store.finish(&dead[0], &never(), at(0)).await.unwrap());
    let running = claimed(&store).await;
    assert_eq!(store.replay(Some(running[0].id)).await.unwrap(), 0, "it is not dead");
    assert_eq!(store.replay(None).await.unwrap(), 1);
    assert!(claimed(&store).await.is_empty());
    clock.wait(60);
    assert_eq!(ids(&claimed(&store).await), ["b"], "the one that was begun comes first");
}

#[tokio::test]
async fn what_an_ending_writes_is_there_with_it_and_older_events_change_nothing() {
    let (_, store) = store();
    queued(&store, &[event("a", "m1", 5), event("b", "", 4), event("c", "", 6)]).await;
    for action in claimed(&store).await {
        let columns = BTreeMap::from([("name".into(), Some(action.event.id.clone()))]);
        let table = TableWork { name: "members".into(), key: "id".into(), columns };
        let starts_at = at(100 + action.id);
        let writes = vec![
            Write::Row { table, key: "m1".into() },
            Write::Scheduled { event_id: "e1".into(), starts_at },
            Write::EventCopy(action.event.clone()),
        ];
        let then = vec![planned("", at(0)), planned("", at(1))];
        let done = Ending::Done { effect: "row written".into(), writes, then };
        assert!(store.finish(&action, &done, at(0)).await.unwrap());
    }
    assert_eq!(store.row("members", "m1").unwrap()["name"].as_deref(), Some("c"));
    let scheduled = store.scheduled("e1").await.unwrap().unwrap();
    assert_eq!((scheduled.starts_at, scheduled.by, scheduled.occurred), (at(103), 3, at(6)));
    assert_eq!(store.copies().len(), 3);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.done, counts.pending), (3, 3), "what follows has rule and number of its own action");
}

#[tokio::test]
async fn only_what_is_over_is_forgotten() {
    let (clock, store) = store();
    queued(&store, &[event("done", "", 1), event("dead", "", 1), event("open", "", 1)]).await;
    let actions = claimed(&store).await;
    store.finish(&actions[0], &Ending::done("x"), at(0)).await.unwrap();
    store.finish(&actions[1], &never(), at(0)).await.unwrap();
    store.keep(&[event("new", "", 1)]).await.unwrap();
    assert_eq!(store.forget(clock.now(), 9).await.unwrap(), 0, "nothing is older");
    clock.wait(1);
    assert_eq!(store.forget(clock.now(), 9).await.unwrap(), 1);
    assert!(store.event(1).await.unwrap().is_none());
    assert_eq!(store.keep(&[event("done", "", 1)]).await.unwrap(), [Kept::New], "it is not known any more");
}

#[tokio::test]
async fn lists_go_backwards_page_by_page() {
    let (clock, store) = store();
    queued(&store, &["a", "b", "c", "d"].map(|id| event(id, "", 1))).await;
    let page = store.events(&EventFilter::default(), Some(4), 2).await.unwrap();
    assert_eq!(page.iter().map(|l| l.number).collect::<Vec<_>>(), [3, 2]);
    let none = ActionFilter { work: Some("keep_copy".into()), state: None };
    assert!(store.actions(&none, None, 9).await.unwrap().is_empty());
    clock.wait(7);
    let (counts, line) = (store.counts().await.unwrap(), store.event(2).await.unwrap().unwrap());
    assert_eq!((counts.pending, counts.oldest_due_seconds, line.2.len()), (4, 7, 1));
    store.away(Some(Fault::retry("away")));
    assert!(store.counts().await.is_err());
}
