//! Undos that end early and go on.

use super::bed::request;
use super::{Bed, Load, command, file, shown};
use base::Class;
use connect::destination::Destination;
use connect::undo::{UndoProgress, UndoRequest};
use tokio::sync::Notify;

const TABLES: &str = "CREATE TABLE users (id int PRIMARY KEY, name text);
    CREATE TABLE jobs (id int PRIMARY KEY, user_id int REFERENCES users);
    CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree);
    INSERT INTO users VALUES (1, 'one'), (2, 'two'); INSERT INTO tree VALUES (1, NULL)";

/// Twenty batches of users, so that they take three transactions; with tree and jobs that makes five.
const USERS: &[&str] = &[
    "10|a", "11|a", "12|a", "13|a", "14|a", "15|a", "16|a", "17|a", "18|a", "1|uno", "20|a", "21|a", "22|a",
    "23|a", "24|a", "25|a", "26|a", "2|due", "28|a", "29|a",
];
const STEPS: usize = 5;

async fn loaded() -> Bed {
    let bed = Bed::new(TABLES).await;
    bed.load(&Load::new("users", "id,name", USERS).updates()).await;
    bed.load(&Load::new("jobs", "id,user_id", &["1|10\n2|29", "3|1"])).await;
    bed.load(&Load::new("tree", "id,parent", &["2|1\n3|2", "4|3"])).await;
    bed
}

/// Begins to undo and drops everything after `steps` transactions.
async fn killed_after(bed: &Bed, steps: usize) {
    let (seen, reached) = (std::sync::atomic::AtomicUsize::new(0), Notify::new());
    let mut progress = |_: UndoProgress| {
        if seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 == steps {
            reached.notify_one();
        }
    };
    let request = request(1);
    let undo = bed.destination.undo(&request, &mut progress);
    tokio::select! {
        biased;
        () = reached.notified() => {}
        ended = undo => panic!("it ended before {steps} transactions: {ended:?}"),
    }
}

#[tokio::test]
async fn an_undo_that_was_killed_goes_on_where_it_stopped() {
    let before = Bed::new(TABLES).await.rows().await;
    for steps in 1..=STEPS {
        for by_file in [false, true] {
            let bed = loaded().await;
            killed_after(&bed, steps).await;
            let left = bed.left(1).await;
            assert!(left.starts_with("partly_rolled_back"), "{steps}: {left}");
            if by_file {
                file(&bed, 1).await.unwrap();
            } else {
                let report = command(&bed, 1).await.unwrap();
                assert_eq!(report.status.word(), "rolled_back", "{steps}");
            }
            assert_eq!(bed.rows().await, before, "{steps}");
            assert!(command(&bed, 1).await.unwrap().already, "{steps}");
        }
    }
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_the_others_and_is_tried_again() {
    let bed = loaded().await;
    let before = Bed::new(TABLES).await.rows().await;
    bed.sql(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret'; END $$; \
         CREATE TRIGGER no BEFORE DELETE ON users FOR EACH ROW WHEN (OLD.id = 12) EXECUTE FUNCTION no()",
    )
    .await;
    let mut done = Vec::new();
    let request: UndoRequest = request(1);
    let fault = bed.destination.undo(&request, &mut |p| done.push(p)).await.unwrap_err();
    assert!(fault.class == Class::Fail && !format!("{fault:?}").contains("secret"), "{fault:?}");
    assert!(fault.what.starts_with("users: "), "{fault:?}");
    // tree, jobs, and two of three parts of users.
    assert_eq!(done.len(), STEPS - 1);
    assert_eq!((done[3].done, done[3].total), (22, 26));
    bed.sql("DROP FUNCTION no() CASCADE").await;
    assert_eq!(
        shown(&command(&bed, 1).await.unwrap()),
        "tree, jobs, users 4 deleted; rolled_back",
        "what is left of 20 batches after two times eight"
    );
    assert_eq!(bed.rows().await, before);
}

/// A row that a trigger silently keeps from being deleted is not counted as deleted.
#[tokio::test]
async fn a_row_that_a_trigger_holds_is_kept() {
    let bed = loaded().await;
    bed.sql(
        "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
         CREATE TRIGGER stay BEFORE DELETE ON users FOR EACH ROW WHEN (OLD.id = 12) EXECUTE FUNCTION stay()",
    )
    .await;
    let report = command(&bed, 1).await.unwrap();
    assert_eq!(
        shown(&report),
        "tree 3 deleted, jobs 3 deleted, users 17 deleted 2 restored 1 needed; partly_rolled_back"
    );
    bed.sql("DROP FUNCTION stay() CASCADE").await;
    assert_eq!(shown(&command(&bed, 1).await.unwrap()), "tree, jobs, users 1 deleted; rolled_back");
}
