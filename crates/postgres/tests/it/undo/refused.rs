//! Runs that are not undone, and files that do not fit any more.

use super::bed::{psql, request};
use super::{Bed, Load, command, file};
use base::ids::RunId;
use base::{Class, Fault};
use connect::destination::Destination;
use connect::undo::UndoRequest;
use std::collections::BTreeMap;

const TABLES: &str = "CREATE TABLE users (id int PRIMARY KEY, name text);
    INSERT INTO users VALUES (1, 'one')";

/// Run 1 inserts 10 to 12, run 2 updates 10 (and 1).
async fn two_runs() -> Bed {
    let bed = Bed::new(TABLES).await;
    bed.load(&Load::new("users", "id,name", &["10|ten\n11|eleven\n12|twelve"])).await;
    bed.load(&Load::new("users", "id,name", &["10|Ten\n1|uno"]).updates().run(2)).await;
    bed
}

/// Both ways refuse, and nothing changes.
async fn assert_refused(bed: &Bed, run: i64, why: &str) {
    let (rows, ledger) = (bed.rows().await, bed.left(run).await);
    let by_content = UndoRequest { changed_keys: Some(BTreeMap::new()), ..request(run) };
    let ways = [
        request(run),
        UndoRequest { dry_run: true, ..request(run) },
        UndoRequest { force: true, ..request(run) },
        by_content,
    ];
    for way in ways {
        let fault: Fault = bed.destination.undo(&way, &mut |_| ()).await.expect_err(why);
        assert!(fault.class == Class::Usage && fault.what.contains(why), "{way:?}: {fault:?}");
    }
    let complaint = file(bed, run).await.expect_err(why);
    assert!(complaint.contains(why), "{complaint}");
    assert_eq!((bed.rows().await, bed.left(run).await), (rows, ledger));
}

#[tokio::test]
async fn a_run_whose_rows_a_later_one_updated_waits_for_that() {
    let bed = two_runs().await;
    assert_refused(&bed, 1, "written over by run 20260102_030406").await;
    command(&bed, 2).await.unwrap();
    let report = command(&bed, 1).await.unwrap();
    assert_eq!((report.total().deleted, report.total().kept()), (3, 0));
}

/// Out of order: the newest of three is undone, so that the row carries an undo's transaction; the one in
/// between still stands on the first.
#[tokio::test]
async fn a_run_in_between_is_not_forgotten() {
    let bed = two_runs().await;
    bed.load(&Load::new("users", "id,name", &["10|TEN\n11|ELEVEN"]).updates().run(3)).await;
    command(&bed, 3).await.unwrap();
    assert_refused(&bed, 1, "written over by run 20260102_030406").await;
    for run in [2, 1] {
        assert_eq!(command(&bed, run).await.unwrap().total().kept(), 0, "run {run}");
    }
    assert_eq!(bed.ask("SELECT name FROM users").await, "one");
}

/// A row that somebody changed since keeps a later run's pre-image, but is no reason to wait: it is kept
/// anyway.
#[tokio::test]
async fn rows_that_a_later_undo_kept_do_not_hold_up_the_earlier_run() {
    let bed = two_runs().await;
    bed.sql("UPDATE users SET name = 'mine' WHERE id = 10").await;
    assert_eq!(command(&bed, 2).await.unwrap().total().kept_changed, 1);
    let report = command(&bed, 1).await.unwrap();
    assert_eq!((report.total().deleted, report.total().kept_changed), (2, 1));
}

#[tokio::test]
async fn a_run_without_its_undo_record_is_refused() {
    let bed = two_runs().await;
    for run in [2, 1] {
        bed.ledger().forget(RunId(run)).await.unwrap();
        assert_refused(&bed, run, "the undo record of run 20260102_03040").await;
    }
}

#[tokio::test]
async fn tables_that_changed_are_refused() {
    for (run, change, why) in [
        (2, "ALTER TABLE users ADD COLUMN more text DEFAULT 'x'", "does not fit its table"),
        (2, "ALTER TABLE users RENAME id TO number", "has no column id"),
        (2, "DROP TABLE users", "is not there any more"),
        (1, "ALTER TABLE users ALTER id TYPE text", "the type of \"public\".\"users\".id changed"),
    ] {
        let bed = two_runs().await;
        bed.sql(change).await;
        let fault = command(&bed, run).await.unwrap_err();
        assert!(fault.class == Class::Usage && fault.what.contains(why), "{change}: {fault:?}");
    }
}

#[tokio::test]
async fn a_file_refuses_what_it_was_not_written_for() {
    let bed = two_runs().await;
    let script = bed.destination.undo_script(RunId(2)).await.unwrap();
    let refused = async |why: &str| {
        let rows = bed.rows().await;
        let complaint = psql(&bed, &script).expect_err(why);
        assert!(complaint.contains(why), "{complaint}");
        assert_eq!(bed.rows().await, rows, "{why}");
    };
    // The bed holds the lease.
    refused("a landfall command is writing").await;
    bed.ledger().release_lease().await.unwrap();
    bed.sql("CREATE TABLE logins (user_id int REFERENCES users ON DELETE CASCADE)").await;
    refused("the foreign keys that refer to \"public\".\"users\" changed").await;
    bed.sql("DROP TABLE logins; UPDATE landfall.runs SET name = 'other' WHERE id = 2").await;
    refused("holds no run").await;
    bed.sql("UPDATE landfall.runs SET name = '20260102_030406' WHERE id = 2").await;
    bed.sql("UPDATE landfall.meta SET version = 2").await;
    refused("of another version").await;
    bed.sql("UPDATE landfall.meta SET version = 1").await;
    psql(&bed, &script).unwrap();
    assert_eq!(bed.ask("SELECT name FROM users WHERE id = 1").await, "one");
}

#[tokio::test]
async fn a_file_holds_no_value_and_no_id() {
    let bed = Bed::new("CREATE TABLE users (id text PRIMARY KEY, name text)").await;
    bed.load(&Load::new("users", "id,name", &["k3y-of-it|s3cret", "k3y-2|s3cret-2"])).await;
    let script = bed.destination.undo_script(RunId(1)).await.unwrap();
    for found in ["k3y", "s3cret"] {
        assert!(!script.contains(found), "{found}");
    }
    assert!(!psql(&bed, "SELECT 1").unwrap().is_empty());
}

#[tokio::test]
async fn nobody_undoes_without_the_lease() {
    let bed = two_runs().await;
    bed.sql("UPDATE landfall.leases SET epoch = epoch + 1").await;
    let fault = command(&bed, 2).await.unwrap_err();
    assert_eq!(
        (fault.class, bed.left(2).await.as_str()),
        (Class::Stop, "open batches 1 keys 0 images 2 kept 0")
    );
    let nobody = command(&bed, 9).await.unwrap_err();
    assert_eq!(nobody.class, Class::Usage);
}
