//! MongoDB steps down, hangs, loses connections and goes away: nothing is kept twice, and nothing is missing
//! that was told to be kept.

use crate::bed::{Ear, at, until};
use crate::collections::{activity, event};
use base::{Class, Secret};
use bridge::ports::Collections;
use std::sync::Arc;
use std::time::Duration;
use stores::mongo::{ACTIVITIES, EVENTS};
use stores::{MongoCollections, Said};
use testkit::Mongo;
use testkit::mongo::Trouble;

/// Long enough for an answer on a busy machine, short enough to wait for one that never comes.
const CALL: Duration = Duration::from_millis(1_500);

fn store(server: &Mongo, options: &str, ear: &Ear) -> MongoCollections {
    let url = format!("{}?serverSelectionTimeoutMS=700{options}", server.url_for("db"));
    let time = Arc::new(stores::SystemTime::new());
    MongoCollections::open(&Secret::new(url), time, ear.tell()).unwrap().call_max(CALL)
}

/// Whether the first attempt says that it is done (`None`), or its class of fault.
type Case = (Trouble, Option<Class>);

async fn once_whatever_happens(start: fn() -> std::io::Result<Mongo>, cases: &[Case]) {
    for (trouble, expected) in cases {
        let server = start().unwrap();
        let store = store(&server, "", &Ear::default());
        store.event(&event("e0", at(0))).await.unwrap();
        server.trouble("insert", *trouble);
        let first = store.event(&event("e1", at(1))).await;
        assert_eq!(first.as_ref().err().map(|fault| fault.class), *expected, "{trouble:?}: {first:?}");
        assert_eq!(server.untroubled(), 0, "{trouble:?} never came");
        store.event(&event("e1", at(1))).await.unwrap_or_else(|fault| panic!("{trouble:?}: {fault:?}"));
        assert_eq!(server.documents("db", EVENTS).len(), 2, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_server_that_stands_alone_keeps_each_event_once_through_every_trouble() {
    let retry = Some(Class::Retry);
    let cases = [
        (Trouble::SteppedDown, retry),
        (Trouble::CutBefore, retry),
        (Trouble::CutAfter, retry),
        (Trouble::Silent, retry),
        // Nobody has to look at checksums, and the driver does not.
        (Trouble::WrongChecksum, None),
        // The answer cannot be read, so the document is looked for, and found.
        (Trouble::CutShort, None),
        (Trouble::Refused(11_602), retry),
        (Trouble::Refused(14_031), retry),
        (Trouble::Refused(13), Some(Class::Usage)),
        (Trouble::Refused(121), Some(Class::Fail)),
    ];
    once_whatever_happens(Mongo::start, &cases).await;
}

#[tokio::test]
async fn a_replica_set_takes_the_drivers_second_attempt_as_the_first() {
    let cases = [
        (Trouble::SteppedDown, None),
        (Trouble::CutBefore, None),
        (Trouble::CutAfter, None),
        (Trouble::Silent, Some(Class::Retry)),
    ];
    once_whatever_happens(Mongo::start_replica_set, &cases).await;
}

#[tokio::test]
async fn a_server_that_goes_away_is_a_fault_to_try_again_and_is_said_once() {
    let (server, ear) = (Mongo::start().unwrap(), Ear::default());
    let store = store(&server, "", &ear);
    store.event(&event("e1", at(1))).await.unwrap();
    assert_eq!(store.state().await.away, None);
    server.away(true);
    for _ in 0..2 {
        assert_eq!(store.event(&event("e2", at(2))).await.unwrap_err().class, Class::Retry);
    }
    assert_eq!(store.counts().await.unwrap_err().class, Class::Retry);
    let why = store.state().await.away.unwrap();
    assert!(!why.contains("127.0.0.1"), "{why}");
    server.away(false);
    until("the return of MongoDB", async || store.event(&event("e2", at(2))).await.is_ok()).await;
    assert_eq!(store.state().await.away, None);
    assert_eq!(server.documents("db", EVENTS).len(), 2);
    let heard = ear.heard();
    assert!(matches!(heard[..], [Said::Away { .. }, Said::Back { .. }]), "{heard:?}");
}

#[tokio::test]
async fn a_server_that_is_away_at_the_start_gets_its_indexes_when_it_comes() {
    let (server, ear) = (Mongo::start().unwrap(), Ear::default());
    let store = store(&server, "", &ear);
    server.away(true);
    assert_eq!(store.activity(&activity("a1", "m", at(1))).await.unwrap_err().class, Class::Retry);
    server.away(false);
    until("the first activity", async || store.activity(&activity("a1", "m", at(1))).await.is_ok()).await;
    assert_eq!((server.indexes("db", EVENTS).len(), server.indexes("db", ACTIVITIES).len()), (2, 1));
}

#[tokio::test]
async fn a_server_without_indexes_or_the_right_to_make_them_serves_all_the_same() {
    let (ignorant, forbidding) = (Mongo::start().unwrap(), Mongo::start().unwrap());
    ignorant.unlearn("createIndexes");
    forbidding.trouble("createIndexes", Trouble::Refused(13));
    forbidding.trouble("createIndexes", Trouble::Refused(13));
    for server in [ignorant, forbidding] {
        let ear = Ear::default();
        let store = store(&server, "", &ear);
        for n in 1..4 {
            store.activity(&activity(&format!("a{n}"), "m", at(n))).await.unwrap();
        }
        assert_eq!(store.activities("m", 2).await.unwrap().len(), 2);
        assert_eq!(server.asked("createIndexes"), 2, "once per collection");
        let heard = ear.heard();
        assert!(matches!(heard[..], [Said::Note { .. }, Said::Note { .. }]), "{heard:?}");
    }
}

#[tokio::test]
async fn a_read_that_is_cut_is_read_again() {
    for (trouble, command) in [(Trouble::CutBefore, "aggregate"), (Trouble::SteppedDown, "aggregate")] {
        let server = Mongo::start().unwrap();
        let store = store(&server, "", &Ear::default());
        store.event(&event("e1", at(1))).await.unwrap();
        server.trouble(command, trouble);
        assert_eq!(store.events(5).await.unwrap().len(), 1, "{trouble:?}");
        assert_eq!(server.asked(command), 2, "{trouble:?}");
    }
}

#[tokio::test]
async fn writes_wait_for_a_majority_whatever_the_address_says() {
    let server = Mongo::start_replica_set().unwrap();
    let store = store(&server, "&w=0", &Ear::default());
    store.event(&event("e1", at(1))).await.unwrap();
    let concerns = server.fields("insert", "writeConcern");
    assert!(concerns.iter().all(|concern| concern.contains("majority")), "{concerns:?}");
    assert_eq!(concerns.len(), 1);
    assert_eq!(store.counts().await.unwrap(), (1, 0));
    assert_eq!(server.fields("aggregate", "writeConcern"), [""; 0], "reads wait for nobody");
}

#[tokio::test]
async fn what_mongodb_cannot_hold_is_refused_for_good_and_not_asked() {
    let server = Mongo::start().unwrap();
    let store = store(&server, "", &Ear::default());
    let mut nul = event("e1", at(1));
    nul.body = serde_json::json!({ "a\u{0}b": 1 });
    assert_eq!(store.event(&nul).await.unwrap_err().class, Class::Fail);
    assert_eq!(server.asked("insert"), 0);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_repeated() {
    for url in ["", "secret", "http://secret@host/", "mongodb://secret@:::/x"] {
        let time = Arc::new(stores::SystemTime::new());
        let opened = MongoCollections::open(&Secret::new(url), time, stores::said::nobody());
        let fault = opened.err().unwrap();
        assert_eq!(fault.class, Class::Usage, "{url}");
        assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
    }
}
