//! The same calls, in any order, come to the same in PostgreSQL as in the model.

use super::{Bed, HOUR, at, bed, planned};
use base::{Clock, Fault};
use bridge::action::{Action, Activity, Ending, Planned, TableWork, Write};
use bridge::event::{Event, Told};
use bridge::memory::MemoryStore;
use bridge::store::{ActionFilter, Counts, EventFilter};
use bridge::{Inbox, Outbox};
use jiff::{SignedDuration, Timestamp, ToSpan};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Calls of one sequence.
const CALLS: usize = 150;

/// A clock that goes on by a millisecond whenever it is looked at.
struct Ticking(Mutex<Timestamp>);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let mut now = self.0.lock().unwrap();
        *now += 1.millisecond();
        *now
    }
}

/// A moment that the clocks of neither side reach.
fn far() -> Timestamp {
    "2100-01-01T00:00:00Z".parse().unwrap()
}

/// A few ids, records and texts, so that they meet often; some are such as PostgreSQL does not hold.
fn any_event(rng: &mut ChaCha8Rng) -> Event {
    let id = rng.random_range(0..60);
    let subject = ["", "member:1", "member:2", "member:\0", "member:␛0"].choose(rng).unwrap();
    Event {
        sender: ["bettermode", "circle"].choose(rng).unwrap().to_string(),
        id: if id % 9 == 0 { format!("e\0{id}") } else { format!("e{id}") },
        kind: ["member.updated", "post.published"].choose(rng).unwrap().to_string(),
        subject: subject.to_string(),
        occurred: at(rng.random_range(1_000..1_010)),
        told: Told::from([("name".into(), format!("n\0{id}"))]),
        body: json!({"id": id, "te\0xt": ["\0", "\\u0000", "\\ud800", "␛", 1.5, null]}),
    }
}

/// Up to three actions, which differ with the event and with what is known of its record; some wait for long,
/// and one is wanted twice.
fn decide(event: &Event, newest: Option<Timestamp>, _: Timestamp) -> Vec<Planned> {
    let n = event.body["id"].as_u64().unwrap_or(0) as u32;
    let stale = newest.is_some_and(|newest| event.occurred < newest);
    let due = |i: u32| if (n + i) % 7 == 3 { far() } else { at(i64::from(2_000 + (n * 5 + i) % 11)) };
    let lane = if n % 2 == 0 { event.subject.as_str() } else { "" };
    let wanted = if stale { 1 } else { n % 4 };
    let mut all: Vec<Planned> = (0..wanted).map(|i| planned(lane, i, due(i))).collect();
    all.extend(all.first().cloned());
    all
}

fn any_ending(rng: &mut ChaCha8Rng, event: &Event) -> Ending {
    let fault = Fault::retry("bu\0sy");
    match rng.random_range(0..10) {
        0 => Ending::Later { fault, wait: None },
        1 | 2 => Ending::Never { fault },
        3 => Ending::Unknown { fault },
        4 => Ending::done("nothing to do"),
        _ => {
            let key = ["m1", "m2"].choose(rng).unwrap().to_string();
            let column = ["name", "n"].choose(rng).unwrap().to_string();
            let text = (rng.random_range(0..4) > 0).then(|| rng.random_range(0..100).to_string());
            let columns = BTreeMap::from([(column, text)]);
            let table = TableWork { name: "members".into(), key: "id".into(), columns };
            let activity = Activity {
                id: format!("{}/{}", event.sender, event.id),
                member_id: event.subject.clone(),
                activity_type: event.kind.clone(),
                timestamp: event.occurred,
                data: event.told.clone(),
            };
            let writes = vec![
                Write::Row { table, key },
                Write::EventCopy(event.clone()),
                Write::Activity(activity),
                Write::Scheduled { event_id: "l\0ive".into(), starts_at: at(rng.random_range(0..50)) },
            ];
            let follows = rng.random_range(0..3);
            let then = (0..follows).map(|i| planned("", i / 2, at(3_000))).collect();
            Ending::Done { effect: "wr\0itten".into(), writes, then }
        }
    }
}

/// All that a store shows, with numbers as ranks and without times of the clock.
#[derive(Debug, PartialEq)]
struct Shown {
    events: Vec<String>,
    actions: Vec<String>,
    counts: Counts,
    scheduled: Option<(Timestamp, usize, Timestamp)>,
}

async fn shown(store: &(impl Inbox + Outbox)) -> Shown {
    let events = Inbox::events(store, &EventFilter::default(), None, 1_000).await.unwrap();
    let actions = Outbox::actions(store, &ActionFilter::default(), None, 1_000).await.unwrap();
    let event_rank = |number: i64| events.iter().filter(|line| line.number < number).count();
    let action_rank = |id: i64| actions.iter().filter(|line| line.id < id).count();
    let told =
        |at: Timestamp| if at < super::at(10_000) || at == far() { at.to_string() } else { "now".into() };
    let scheduled = store.scheduled("l\0ive").await.unwrap();
    Shown {
        counts: Counts { oldest_due_seconds: 0, ..Inbox::counts(store).await.unwrap() },
        scheduled: scheduled.map(|s| (s.starts_at, action_rank(s.by), s.occurred)),
        events: events
            .iter()
            .map(|l| {
                let what = (&l.sender, &l.id, &l.kind, &l.subject, l.occurred);
                format!("{} {what:?} {:?} {} {}", event_rank(l.number), l.state, l.actions, l.dead)
            })
            .collect(),
        actions: actions
            .iter()
            .map(|l| {
                let what = (&l.kind, &l.rule, &l.work, l.state, l.attempts, l.ended.is_some(), &l.said);
                format!("{} of {} {what:?} {}", action_rank(l.id), event_rank(l.event), told(l.due))
            })
            .collect(),
    }
}

/// An action without its numbers and times of the clock.
fn seen(action: &Action) -> String {
    let Action { event, rule, lane, work, attempts, unknown_since, .. } = action;
    format!("{event:?} {rule} {lane:?} {work:?} {attempts} {}", unknown_since.is_some())
}

async fn same_rows(bed: &Bed, model: &MemoryStore, seed: u64) {
    for key in ["m1", "m2"] {
        let there = bed.ask(&format!("SELECT name, n FROM members WHERE id = '{key}'")).await;
        let expected = model.row("members", key).map_or(String::new(), |columns| {
            let cell = |name| columns.get(name).cloned().flatten().unwrap_or("~".into());
            format!("{}|{}", cell("name"), cell("n"))
        });
        assert_eq!(there, expected, "seed {seed}, row {key}");
    }
    let counts = bridge::ports::Collections::counts(&bed.store).await.unwrap();
    let expected = (model.copies().len() as u64, model.activities().len() as u64);
    assert_eq!(counts, expected, "seed {seed}");
}

async fn sequence(seed: u64) {
    let (bed, mut rng) = (bed().await, ChaCha8Rng::seed_from_u64(seed));
    let model = MemoryStore::new(Arc::new(Ticking(Mutex::new("2026-01-01T00:00:00Z".parse().unwrap()))));
    let mut held: Vec<(Action, Action)> = Vec::new();
    for call in 0..CALLS {
        let place = format!("seed {seed}, call {call}");
        match rng.random_range(0..12) {
            0..3 => {
                let size = rng.random_range(0..9);
                let group: Vec<Event> = (0..size).map(|_| any_event(&mut rng)).collect();
                let expected = model.keep(&group).await.unwrap();
                assert_eq!(bed.store.keep(&group).await.unwrap(), expected, "{place}");
            }
            3..5 => {
                let limit = rng.random_range(0..7);
                let expected = model.judge(limit, &decide).await.unwrap();
                assert_eq!(bed.store.judge(limit, &decide).await.unwrap(), expected, "{place}");
            }
            5..7 => {
                let hold = if rng.random_range(0..3) == 0 { SignedDuration::ZERO } else { HOUR };
                let limit = rng.random_range(0..6);
                let expected = model.claim(limit, hold).await.unwrap();
                let claimed = bed.store.claim(limit, hold).await.unwrap();
                let both = |actions: &[Action]| actions.iter().map(seen).collect::<Vec<_>>();
                assert_eq!(both(&claimed), both(&expected), "{place}");
                held.extend(expected.into_iter().zip(claimed));
            }
            7..10 if !held.is_empty() => {
                let of = rng.random_range(0..held.len());
                // Now and then somebody ends the same attempt twice.
                let (mine, theirs) =
                    if rng.random_range(0..5) == 0 { held[of].clone() } else { held.remove(of) };
                let ending = any_ending(&mut rng, &mine.event);
                let later = if rng.random() { far() } else { at(4_000) };
                let expected = model.finish(&mine, &ending, later).await.unwrap();
                let ended = bed.store.finish(&theirs, &ending, later).await.unwrap();
                assert_eq!(ended, expected, "{place}: {ending:?}");
            }
            10 => {
                let one = held.choose(&mut rng).filter(|_| rng.random());
                let expected = model.replay(one.map(|(mine, _)| mine.id)).await.unwrap();
                let replayed = bed.store.replay(one.map(|(_, theirs)| theirs.id)).await.unwrap();
                assert_eq!(replayed, expected, "{place}");
            }
            11 if rng.random_range(0..4) == 0 => {
                let expected = model.forget(far(), 2).await.unwrap();
                assert_eq!(bed.store.forget(far(), 2).await.unwrap(), expected, "{place}");
            }
            _ => {}
        }
        assert_eq!(shown(&bed.store).await, shown(&model).await, "{place}");
    }
    same_rows(&bed, &model, seed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_calls_come_to_the_same_as_in_the_model() {
    for seed in 0..4 {
        sequence(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_its_actions_and_pages_of_lists_are_those_of_the_model() {
    let (bed, mut rng) = (bed().await, ChaCha8Rng::seed_from_u64(99));
    let model = MemoryStore::new(Arc::new(Ticking(Mutex::new("2026-01-01T00:00:00Z".parse().unwrap()))));
    let group: Vec<Event> = (0..60).map(|_| any_event(&mut rng)).collect();
    model.keep(&group).await.unwrap();
    bed.store.keep(&group).await.unwrap();
    while model.judge(50, &decide).await.unwrap() + bed.store.judge(50, &decide).await.unwrap() > 0 {}
    for action in bed.store.claim(3, HOUR).await.unwrap() {
        bed.store.finish(&action, &super::never(), at(0)).await.unwrap();
    }
    for action in model.claim(3, HOUR).await.unwrap() {
        model.finish(&action, &super::never(), at(0)).await.unwrap();
    }
    let filters = [
        EventFilter::default(),
        EventFilter { sender: Some("circle".into()), ..Default::default() },
        EventFilter { kind: Some("post.published".into()), ..Default::default() },
        EventFilter { state: Some(bridge::event::EventState::New), ..Default::default() },
        EventFilter { kind: Some("no\0ne".into()), ..Default::default() },
    ];
    for filter in filters {
        // Page by page, until there is none.
        let (mut mine, mut theirs) = (None, None);
        loop {
            let expected = model.events(&filter, mine, 7).await.unwrap();
            let page = Inbox::events(&bed.store, &filter, theirs, 7).await.unwrap();
            assert_eq!(page.len(), expected.len(), "{filter:?}");
            for (line, expected) in page.iter().zip(&expected) {
                let (at, event, actions) = Inbox::event(&bed.store, line.number).await.unwrap().unwrap();
                let (_, same, queued) = model.event(expected.number).await.unwrap().unwrap();
                assert_eq!((&at, event), (line, same), "{filter:?}");
                let shown = |lines: &[bridge::store::ActionLine]| {
                    lines.iter().map(|l| (l.rule.clone(), l.state, l.due)).collect::<Vec<_>>()
                };
                assert_eq!(shown(&actions), shown(&queued));
            }
            (mine, theirs) = (expected.last().map(|l| l.number), page.last().map(|l| l.number));
            if expected.is_empty() {
                break;
            }
        }
    }
    let dead = ActionFilter { state: Some(bridge::action::ActionState::Dead), work: None };
    assert_eq!(bed.store.actions(&dead, None, 9).await.unwrap().len(), 3);
    let none = ActionFilter { state: None, work: Some("call_url".into()) };
    assert!(bed.store.actions(&none, None, 9).await.unwrap().is_empty());
    assert!(Inbox::event(&bed.store, -1).await.unwrap().is_none());
}
