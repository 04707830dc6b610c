//! Walks list by list, without a service.

use super::*;
use crate::streams::List;

fn spec(name: &str) -> &'static Spec {
    Spec::named(name).expect("a stream")
}

/// What happens to lists, one after the other.
#[derive(Clone, Copy)]
enum Ends {
    /// The list is read, after so many sweeps, with these counts before and after.
    Proven(u32, u64, u64),
    /// It is not proven.
    Doubtful(Unproven),
    Refused(u16),
    Gone,
}

fn walk(stream: &str, parents: &[&str], ends: &[Ends]) -> Tally {
    let spec = spec(stream);
    let mut tally = Tally::new(spec, 10);
    if spec.parent().is_some() {
        assert!(!tally.knows_parents());
        let parents: Vec<String> = parents.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(tally.list_parents(parents.clone(), true), parents.len());
    }
    for end in ends {
        // What a checkpoint keeps is all that a walk needs.
        tally = Tally::resume(spec, tally.checkpoint()).expect("a checkpoint");
        match *end {
            Ends::Proven(sweeps, before, after) => {
                (tally.sweep.number, tally.sweep.first, tally.sweep.last) =
                    (sweeps, Some(before), Some(after));
                tally.close(spec, Ok(()));
            }
            Ends::Doubtful(why) => tally.close(spec, Err(why)),
            Ends::Refused(status) => tally.refuse(spec, status),
            Ends::Gone => tally.lose_parent(spec),
        }
    }
    assert_eq!(tally.list(spec), None, "all lists are read");
    tally
}

#[test]
fn a_walk_proves_what_its_lists_prove() {
    use Ends::{Doubtful, Gone, Proven, Refused};
    for (stream, parents, ends, proof, remark) in [
        ("topics", &[][..], &[Proven(1, 3, 3)][..], (true, Some(3), Some(3)), ""),
        ("topics", &[], &[Proven(2, 3, 4)], (true, Some(3), Some(4)), "all was read again"),
        ("topics", &[], &[Doubtful(Unproven::NoCount)], (false, None, None), "does not say how many"),
        ("topics", &[], &[Doubtful(Unproven::Count(2, 3))], (false, None, None), "2 records were shown"),
        ("profile_fields", &[], &[Proven(1, 3, 3), Proven(1, 2, 2)], (true, Some(5), Some(5)), ""),
        ("comments", &[], &[], (true, Some(0), Some(0)), ""),
        (
            "comments",
            &["4", "5"],
            &[Proven(1, 3, 3), Proven(3, 1, 2)],
            (true, Some(4), Some(5)),
            "of 1 list the first reading",
        ),
        (
            "comments",
            &["4", "5"],
            &[Proven(1, 3, 3), Doubtful(Unproven::Restless)],
            (false, None, None),
            "space 5: records came and went all the time",
        ),
        ("comments", &["4", "5"], &[Proven(1, 3, 3), Gone], (true, Some(3), Some(3)), "1 of the spaces went"),
        (
            "comments",
            &["4", "5"],
            &[Proven(1, 3, 3), Refused(422)],
            (false, Some(3), Some(3)),
            "space 5: Circle refused the list (422)",
        ),
    ] {
        let outcome = walk(stream, parents, ends).completeness(spec(stream));
        let shown = (outcome.complete, outcome.declared_before, outcome.declared_after);
        assert_eq!(shown, proof, "{stream}: {outcome:?}");
        assert_eq!(outcome.remarks.is_empty(), remark.is_empty(), "{stream}: {outcome:?}");
        assert!(outcome.remarks.join("; ").contains(remark), "{stream}: {outcome:?}");
    }
}

#[test]
fn of_many_doubts_some_are_named_and_all_are_counted() {
    let parents: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    let tally = walk("comments", &parents, &[Ends::Refused(400); 50]);
    let remarks = tally.completeness(spec("comments")).remarks;
    assert_eq!(remarks.len(), NAMED_MAX + 1);
    assert_eq!(remarks.last().map(String::as_str), Some("30 lists more are not proven either"));
    assert_eq!(tally.all_refused(), Some(400));
    assert_eq!(walk("comments", &["4"], &[Ends::Proven(1, 0, 0)]).all_refused(), None);
}

#[test]
fn parents_that_come_are_read_too_as_long_as_it_makes_sense() {
    let comments = spec("comments");
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let mut tally = Tally::new(comments, 10);
    assert_eq!(tally.list_parents(ids(&["4", "5"]), true), 2);
    assert_eq!(tally.list(comments), Some(List::of("4")));
    tally.lose_parent(comments);
    assert_eq!(tally.list_parents(ids(&["5", "6"]), true), 1);
    assert!(tally.completeness(comments).complete, "what is gone is not missing");
    assert_eq!(tally.list_parents(ids(&["4", "5", "6"]), true), 0);
    let outcome = tally.completeness(comments);
    assert_eq!(
        (outcome.complete, outcome.remarks),
        (false, vec!["space 4: Circle refused the list (404)".into()])
    );
    for _ in 3..LISTINGS_MAX {
        assert!(tally.may_list_parents());
        tally.list_parents(ids(&["6"]), true);
    }
    assert!(!tally.may_list_parents() && !tally.completeness(comments).complete);
    let mut tally = Tally::new(comments, 10);
    tally.list_parents(ids(&["4"]), false);
    assert!(!tally.completeness(comments).complete, "the parents are not proven");
}

#[test]
fn posts_that_only_spaces_name_are_counted() {
    let posts = spec("posts");
    let mut tally = walk("posts", &[], &[Ends::Proven(1, 0, 0)]);
    tally.kept = [1, 2].into_iter().collect();
    assert!(tally.completeness(posts).remarks[0].contains("nothing says which posts"));
    tally.compare_posts([1, 2, 3, 3]);
    assert_eq!((tally.is_compared(), tally.counts()[UNLISTED]), (true, 1));
    assert!(tally.completeness(posts).remarks[0].contains("1 post that the list"));
    tally.compare_posts([1]);
    assert!(tally.completeness(posts).remarks.is_empty());
}

#[test]
fn a_foreign_checkpoint_is_not_taken() {
    let ours = Tally::new(spec("posts"), 10).checkpoint();
    assert!(Tally::resume(spec("posts"), ours.clone()).is_some());
    assert!(Tally::resume(spec("events"), ours.clone()).is_none());
    let mut other = ours;
    other["form"] = 2.into();
    assert!(Tally::resume(spec("posts"), other).is_none());
    assert!(Tally::resume(spec("posts"), serde_json::json!({"page": 7})).is_none());
}
