//! Each effect once, whatever becomes of the answers.

use crate::bed::{Bed, Load};
use crate::double::Trouble;
use connect::destination::Mode;

const PEOPLE: &str = "a|a@x.org|Ann
    b|b@x.org|Bob
    c|~|refused
    d|d@x.org|Dan
    e|e@x.org|Eve
    f|f@x.org|Fay";

const FATES: [&str; 6] = ["loaded", "loaded", "check", "loaded", "loaded", "loaded"];

#[tokio::test(flavor = "multi_thread")]
async fn a_thing_is_made_once_whichever_call_is_lost_or_cut_off() {
    use Trouble::{LostAfter, LostBefore, StoppedAfter, StoppedBefore};
    let undisturbed = Bed::new().await;
    undisturbed.load(&Load::new("people", PEOPLE)).await.unwrap();
    let calls = undisturbed.double.state().calls.len();
    let mut names: Vec<String> = undisturbed.double.shown("people");
    let strip = |names: &mut Vec<String>| {
        names.iter_mut().for_each(|n| *n = n.split_once(": ").unwrap().1.to_owned());
        names.sort_unstable();
    };
    strip(&mut names);
    assert_eq!(names.len(), 5);
    for trouble in [LostBefore, LostAfter, StoppedBefore, StoppedAfter] {
        for n in 0..calls {
            let bed = Bed::new().await;
            bed.double.state().trouble = Some((n, trouble));
            let load = Load::new("people", PEOPLE);
            let _ = bed.load(&load).await;
            let fates = bed.load(&load).await.unwrap();
            assert_eq!(fates, FATES, "{trouble:?} at call {n}");
            let mut found = bed.double.shown("people");
            strip(&mut found);
            assert_eq!(found, names, "{trouble:?} at call {n}: nothing lost, nothing doubled");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_was_cut_off_is_finished_and_keeps_what_was_there_before() {
    for trouble in [Trouble::LostBefore, Trouble::LostAfter, Trouble::StoppedAfter, Trouble::StoppedBefore] {
        let bed = Bed::new().await;
        bed.load(&Load::new("people", "a|a@x.org|Ann\nb|b@x.org|Bob")).await.unwrap();
        let calls = bed.double.state().calls.len();
        bed.double.state().trouble = Some((calls, trouble));
        let change = Load::new("people", "a|a@x.org|Anna\nb|b@x.org|Bob").run(2).mode(Mode::Update);
        let _ = bed.load(&change).await;
        assert_eq!(bed.load(&change).await.unwrap(), ["updated", "unchanged"], "{trouble:?}");
        assert_eq!(
            bed.undo(2, false, false).await.unwrap(),
            "people: 1 restored; rolled_back",
            "{trouble:?}"
        );
        assert!(bed.double.shown("people")[0].ends_with("name=Ann"), "{trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_that_was_cut_off_goes_on_and_finds_what_a_lost_answer_had_made() {
    for trouble in [Trouble::StoppedBefore, Trouble::StoppedAfter] {
        for n in 0..5 {
            let bed = Bed::new().await;
            bed.load(&Load::new("people", PEOPLE)).await.unwrap();
            let calls = bed.double.state().calls.len();
            bed.double.state().trouble = Some((calls + n, trouble));
            assert!(bed.undo(1, false, false).await.is_err(), "{trouble:?} {n}");
            let rest = bed.undo(1, false, false).await.unwrap();
            assert!(rest.ends_with("rolled_back") && !rest.contains("partly"), "{rest}");
            assert!(bed.double.shown("people").is_empty(), "{trouble:?} {n}");
        }
    }
    // Stopped right after a call: its intent is in the ledger, its answer is not.
    let bed = Bed::new().await;
    bed.double.state().trouble = Some((1, Trouble::StoppedAfter));
    bed.load(&Load::new("people", PEOPLE)).await.unwrap_err();
    assert!(!bed.double.shown("people").is_empty());
    bed.undo(1, false, false).await.unwrap();
    assert!(bed.double.shown("people").is_empty());
}
