//! What becomes of records whose thing is there, in each mode, and of those that refer to each other.

use crate::bed::{Bed, Load};
use connect::destination::Mode;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_changes_nothing_or_what_its_mode_allows() {
    let first = Load::new("people", "a|a@x.org|Ann\nb|b@x.org|Bob\nc|c@x.org|Cyd");
    let other = "a|a@x.org|Ann\nb|b@x.org|Robert\nc|c@x.org|Cyd";
    for (mode, fates, bob) in [
        (Mode::Insert, ["unchanged", "exists_different", "unchanged"], "Bob"),
        (Mode::Skip, ["unchanged", "skipped exists", "unchanged"], "Bob"),
        (Mode::Update, ["unchanged", "updated", "unchanged"], "Robert"),
    ] {
        let bed = Bed::new().await;
        bed.load(&first).await.unwrap();
        let again = Load { rows: other, ..first }.run(2).mode(mode);
        assert_eq!(bed.load(&again).await.unwrap(), fates, "{mode:?}");
        let people = bed.double.shown("people");
        assert!(people.iter().any(|p| p.ends_with(&format!("name={bob}"))), "{mode:?}: {people:?}");
        assert_eq!(people.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_since_is_not_written_over_and_what_is_gone_is_made_again() {
    let bed = Bed::new().await;
    bed.load(&Load::new("people", "a|a@x.org|Ann\nb|b@x.org|Bob")).await.unwrap();
    bed.double.somebody("people", "p1", &[("name", "Annie")]);
    bed.double.state().things.remove(&("people".into(), "p2".into()));
    let again = Load::new("people", "a|a@x.org|Anna\nb|b@x.org|Bob").run(2).mode(Mode::Update);
    assert_eq!(bed.load(&again).await.unwrap(), ["exists_different", "loaded"]);
    assert_eq!(bed.double.shown("people"), ["p1: email=a@x.org name=Annie", "p3: email=b@x.org name=Bob"]);
    assert!(bed.rejects(2).await[0].contains("somebody changed it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_adopts_the_thing_that_is_there_and_a_rollback_leaves_it() {
    let bed = Bed::new().await;
    for (key, email) in [("x1", "A@x.org"), ("x2", "two@x.org"), ("x3", "TWO@x.org")] {
        bed.double.somebody("people", key, &[("email", email), ("name", "there")]);
    }
    let rows = "a|a@x.org|Ann\nb|two@x.org|Bob\nc|~|Cyd\nd|d@x.org|Dan";
    let load = Load::new("people", rows).matched("lower(email)");
    assert_eq!(bed.load(&load).await.unwrap(), ["skipped exists", "match_many", "loaded", "loaded"]);
    assert_eq!(bed.double.shown("people").len(), 5);
    let update = load.run(2).mode(Mode::Update);
    assert_eq!(bed.load(&update).await.unwrap(), ["updated", "match_many", "unchanged", "unchanged"]);
    assert!(bed.double.shown("people").contains(&"x1: email=a@x.org name=Ann".to_owned()));
    assert_eq!(bed.undo(2, false, false).await.unwrap(), "people: 1 restored; rolled_back");
    assert_eq!(bed.undo(1, false, false).await.unwrap(), "people: 2 deleted; rolled_back");
    assert_eq!(bed.double.shown("people").len(), 3, "who was there before stays");
    // Two records of one address: the first is the thing, the second is for a person to decide, in every run.
    bed.double.somebody("people", "x9", &[("email", "nine@x.org"), ("name", "there")]);
    let twins = Load::new("people", "e|NINE@x.org|Nina\nf|nine@x.org|Nina").matched("lower(email)").run(3);
    assert_eq!(bed.load(&twins).await.unwrap(), ["skipped exists", "unique"]);
    assert_eq!(bed.load(&twins.run(4)).await.unwrap(), ["skipped exists", "unique"]);
    let unknown = load.run(5).matched("upper(email)");
    let fault = bed.load(&unknown).await.unwrap_err();
    assert!(fault.hints[0].contains("lower(email)"), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_refer_to_their_own_kind_are_made_after_those_they_refer_to() {
    let bed = Bed::new().await;
    bed.load(&Load::new("people", "a|a@x.org|Ann")).await.unwrap();
    // n2 answers a later line of the same batch, n5 one of an earlier batch, n6 one that is refused, n7 that
    // one, n8 one that is nowhere.
    let notes = "n1|@people/a|~|first
        n2|@people/a|^n3|second
        n3|@people/a|^n1|third
        n4|@people/a|~|refused
        n5|@people/a|^n2|fifth
        n6|@people/a|^n4|sixth
        n7|@people/a|^n6|seventh
        n8|@people/a|^nowhere|eighth";
    let fates = bed.load(&Load::new("notes", notes)).await.unwrap();
    let expected = [
        "loaded",
        "loaded",
        "loaded",
        "check",
        "loaded",
        "parent_rejected",
        "parent_rejected",
        "parent_missing",
    ];
    assert_eq!(fates, expected);
    let notes = bed.double.shown("notes");
    assert_eq!(notes.len(), 4, "{notes:#?}");
    assert!(notes.iter().all(|n| !n.contains('\u{1}')), "{notes:#?}");
    // What people write is no reference, whatever it begins with.
    let odd = Load::new("people", "z|z@x.org|\u{1}odd").run(2);
    assert_eq!(bed.load(&odd).await.unwrap(), ["loaded"]);
    assert!(bed.double.shown("people").iter().any(|p| p.ends_with("name=\u{1}odd")));
    assert_eq!(bed.undo(2, false, false).await.unwrap(), "people: 1 deleted; rolled_back");
    assert_eq!(bed.undo(1, false, false).await.unwrap(), "notes: 4 deleted; people: 1 deleted; rolled_back");
}
