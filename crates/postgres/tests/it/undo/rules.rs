//! Rows told apart otherwise: by force, by content, after a dump.

use super::bed::{dumped_into, request};
use super::{Bed, Load, command, shown};
use connect::destination::Destination;
use connect::undo::{UndoRequest, Why};
use std::collections::BTreeMap;

const TABLES: &str = "CREATE TABLE users (id int PRIMARY KEY, name text);
    CREATE TABLE jobs (id int PRIMARY KEY, user_id int REFERENCES users, note text);
    CREATE TABLE notes (id int, user_id int REFERENCES users ON DELETE CASCADE);
    INSERT INTO users VALUES (1, 'one'), (2, 'two')";

async fn used() -> Bed {
    let bed = Bed::new(TABLES).await;
    bed.load(&Load::new("users", "id,name", &["1|uno\n2|due\n10|ten\n11|eleven\n12|twelve"]).updates()).await;
    bed.load(&Load::new("jobs", "id,user_id,note", &["20|10|a\n21|11|b"])).await;
    bed.sql(
        "UPDATE users SET name = 'mine' WHERE id IN (1, 10, 12); \
         UPDATE jobs SET note = 'mine' WHERE id = 20; \
         INSERT INTO notes VALUES (1, 11)",
    )
    .await;
    bed
}

#[tokio::test]
async fn force_undoes_changed_rows_and_still_keeps_what_others_refer_to() {
    let bed = used().await;
    let kept = command(&bed, 1).await.unwrap();
    assert_eq!(
        shown(&kept),
        "jobs 1 deleted 1 changed, users 1 restored 3 changed 1 needed; partly_rolled_back"
    );
    let named: Vec<_> = kept.kept.iter().map(|k| (k.entity.as_str(), k.key.as_str(), k.why)).collect();
    let changed = Why::Changed;
    assert_eq!(
        named,
        [
            ("jobs", "20", changed),
            ("users", "1", changed),
            ("users", "10", changed),
            ("users", "11", Why::Needed),
            ("users", "12", changed)
        ]
    );
    let forced = UndoRequest { force: true, ..request(1) };
    let dry = UndoRequest { dry_run: true, ..forced.clone() };
    let expected =
        "jobs 1 deleted 1 forced, users 2 deleted 1 restored 1 needed 3 forced; partly_rolled_back";
    for request in [dry, forced.clone()] {
        assert_eq!(shown(&bed.destination.undo(&request, &mut |_| ()).await.unwrap()), expected);
    }
    assert_eq!(
        bed.ask("SELECT concat_ws(' ', id, name) FROM users ORDER BY id").await,
        "1 one 2 two 11 eleven"
    );
    // What was in the way has gone: what was kept goes, too.
    bed.sql("DELETE FROM notes").await;
    assert_eq!(shown(&command(&bed, 1).await.unwrap()), "jobs, users 1 deleted; rolled_back");
}

#[tokio::test]
async fn by_content_only_the_named_rows_count_as_changed() {
    let bed = used().await;
    let changed = BTreeMap::from([("users".to_owned(), vec!["1".to_owned(), "10".to_owned()])]);
    let request = UndoRequest { changed_keys: Some(changed), ..request(1) };
    let dry = UndoRequest { dry_run: true, ..request.clone() };
    // 12 and the job 20 carry a foreign transaction, and their content is said to be the run's.
    let expected = "jobs 2 deleted, users 1 deleted 1 restored 2 changed 1 needed; partly_rolled_back";
    for request in [dry, request] {
        assert_eq!(shown(&bed.destination.undo(&request, &mut |_| ()).await.unwrap()), expected);
    }
}

/// The restored tables get transactions that are none of the run's, or one of them by chance; here every row
/// gets a number that the ledger names.
#[tokio::test]
async fn after_a_dump_and_restore_everything_is_kept_and_said_so_until_content_decides() {
    let bed = Bed::new(TABLES).await;
    bed.load(&Load::new("users", "id,name", &["1|uno\n10|ten", "11|eleven"]).updates()).await;
    let copy = testkit::database().await;
    dumped_into(&bed.db, &copy);
    let copy = Bed::over(copy).await;
    copy.take_lease().await;
    copy.sql(
        "UPDATE landfall.batches \
         SET xids = xids || (SELECT array_agg(DISTINCT xmin::text::bigint) FROM users)",
    )
    .await;
    let report = command(&copy, 1).await.unwrap();
    assert_eq!(shown(&report), "users 3 changed; partly_rolled_back");
    assert!(report.notes.concat().contains("--by-content"), "{:?}", report.notes);
    let by_content = UndoRequest { changed_keys: Some(BTreeMap::new()), ..request(1) };
    let report = copy.destination.undo(&by_content, &mut |_| ()).await.unwrap();
    assert_eq!((shown(&report).as_str(), report.notes.len()), ("users 2 deleted 1 restored; rolled_back", 0));
    assert_eq!(copy.ask("SELECT concat_ws(' ', id, name) FROM users ORDER BY id").await, "1 one 2 two");
}

#[tokio::test]
async fn a_row_that_was_restored_can_be_updated_by_the_next_run() {
    let bed = Bed::new(TABLES).await;
    bed.load(&Load::new("users", "id,name", &["10|ten"])).await;
    let again = |run| Load::new("users", "id,name", &["10|Ten"]).updates().run(run);
    bed.load(&again(2)).await;
    assert_eq!(shown(&command(&bed, 2).await.unwrap()), "users 1 restored; rolled_back");
    bed.load(&again(3)).await;
    assert_eq!(bed.ask("SELECT sum(updated) FROM landfall.batches WHERE run = 3").await, "1");
    for run in [3, 1] {
        assert!(shown(&command(&bed, run).await.unwrap()).ends_with("rolled_back"));
    }
    assert_eq!(bed.ask("SELECT id FROM users ORDER BY id").await, "1 2");
}
