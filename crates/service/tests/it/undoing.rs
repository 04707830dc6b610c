//! A rollback respects what people did since.

use crate::bed::{Bed, Load};

const NOTES: &str = "n1|@people/a|~|one\nn2|@people/b|~|two\nn3|@people/b|^n1|three";

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.load(&Load::new("people", "a|a@x.org|Ann\nb|b@x.org|Bob\nc|c@x.org|Cyd")).await.unwrap();
    bed.load(&Load::new("notes", NOTES)).await.unwrap();
    bed
}

#[tokio::test(flavor = "multi_thread")]
async fn untouched_everything_goes_and_a_dry_run_says_so_beforehand() {
    let bed = bed().await;
    let calls = bed.double.state().calls.len();
    let dry = bed.undo(1, true, false).await.unwrap();
    assert_eq!(bed.double.state().calls.len(), calls, "a dry run calls nothing that writes");
    assert_eq!(bed.undo(1, false, false).await.unwrap(), dry);
    assert_eq!(dry, "notes: 3 deleted; people: 3 deleted; rolled_back");
    assert!(bed.double.state().things.is_empty());
    assert_eq!(bed.undo(1, false, false).await.unwrap(), "notes: ; people: ; rolled_back", "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_changed_or_answered_stays_with_its_author_until_force() {
    // Somebody edits Bob's note n2; somebody answers n1, which is Ann's.
    for (somebody, kept, left) in [
        (("notes", "n5", "text", "edited"), "notes: 2 deleted, 1 changed; people: 2 deleted, 1 needed", 2),
        (("notes", "z9", "answers", "n4"), "notes: 2 deleted, 1 needed; people: 2 deleted, 1 needed", 3),
        (("people", "p3", "name", "Cydney"), "notes: 3 deleted; people: 2 deleted, 1 changed", 1),
    ] {
        let bed = bed().await;
        let (table, key, column, value) = somebody;
        bed.double.somebody(table, key, &[(column, value)]);
        let expected = format!("{kept}; partly_rolled_back");
        assert_eq!(bed.undo(1, true, false).await.unwrap(), expected, "{somebody:?}");
        assert_eq!(bed.undo(1, false, false).await.unwrap(), expected, "{somebody:?}");
        assert_eq!(bed.double.state().things.len(), left, "{somebody:?}");
        let again = bed.undo(1, false, false).await.unwrap();
        assert!(again.ends_with("partly_rolled_back") && !again.contains("deleted"), "{again}");
        let forced = bed.undo(1, false, true).await.unwrap();
        assert!(forced.ends_with("; rolled_back") && forced.contains("forced"), "{forced}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_already_is_counted() {
    let bed = bed().await;
    bed.double.state().things.remove(&("notes".into(), "n5".into()));
    let undone = bed.undo(1, false, false).await.unwrap();
    assert_eq!(undone, "notes: 2 deleted, 1 gone; people: 3 deleted; rolled_back");
}
