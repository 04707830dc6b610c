//! Things that go wrong on the way, and what must come of them.

use crate::place::{Place, RECORDS, place};
use std::time::Duration;
use testkit::Proxy;

async fn killed_and_resumed(moment: Duration) -> Place {
    let place = place("[latency]\nmilliseconds = 2\n").await;
    let running = tokio::task::block_in_place(|| place.program.spawn(["move"]));
    tokio::time::sleep(moment).await;
    // It may have ended by itself, when the moment is late.
    drop(tokio::task::block_in_place(|| running.kill()));
    for _ in 0..3 {
        let again = place.run(["move"]).await;
        if matches!(again.code(), Some(0 | 3)) {
            return place;
        }
        assert_eq!(again.code(), Some(4), "{again:?}");
    }
    panic!("the run did not come to an end");
}

/// Kills the program at five of twenty moments, which together reach over export, load and verify.
async fn kill_at(moments: impl Iterator<Item = u64>) {
    let undisturbed = place("").await;
    undisturbed.run(["move"]).await.expect(3);
    let expected = undisturbed.rows().await;
    for i in moments {
        let moment = Duration::from_millis(i * 60 + 20);
        let place = killed_and_resumed(moment).await;
        assert_eq!(place.rows().await, expected, "killed after {moment:?}");
        let open = place.one("SELECT count(*) FROM landfall.runs WHERE status = 'open'").await;
        assert_eq!(open, 0, "killed after {moment:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_early_the_run_comes_to_the_same_end() {
    kill_at(0..5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_export_the_run_comes_to_the_same_end() {
    kill_at(5..10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_load_the_run_comes_to_the_same_end() {
    kill_at(10..15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_late_the_run_comes_to_the_same_end() {
    kill_at(15..20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_has_a_bad_day_costs_time_and_no_record() {
    let place = place(
        "[[fault]]\nkind = \"500\"\ntimes = 1\n[[fault]]\nkind = \"cut\"\nat = [6]\n[[fault]]\nkind \
        = \"truncated\"\nat = [8]\n\
         [[fault]]\nkind = \"503-html\"\nat = [13]\n\
         [[fault]]\nkind = \"429\"\nat = [15]\n",
    )
    .await;
    place.run(["move"]).await.expect(3);
    assert!(place.bubble.stats().errors_injected > 4, "the day was bad");
    let records = "SELECT sum(records)::bigint FROM landfall.batches WHERE entity = 'bookings'";
    assert_eq!(place.one(records).await, RECORDS.cast_signed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_changes_while_it_is_read_is_no_fault() {
    let place = place(
        "[[drift]]\ntype = \"booking\"\nbefore = 2\nevery = 3\ninsert = 2\nmodify = 1\nwhich = \"served\"\n\
         [[drift]]\ntype = \"payment\"\nbefore = 3\ndelete = 1\nwhich = \"pending\"\n",
    )
    .await;
    let outcome = place.run(["move"]).await;
    assert_eq!(outcome.code(), Some(3), "{outcome:?}");
    let changes = place.bubble.changes().len();
    assert!(changes > 0, "something changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_drops_in_mid_batch_loses_and_doubles_nothing() {
    let undisturbed = place("").await;
    undisturbed.run(["move"]).await.expect(3);
    let mut disturbed = place("").await;
    disturbed.run(["move", "--step", "export"]).await.expect(0);
    let server = address_of(&disturbed.database.url);
    let proxy = Proxy::start(server).expect("a free port");
    disturbed.program.set("DATABASE_URL", proxy.url(&disturbed.database.url));
    let mut resumed = 0;
    for bytes in [20_000u64, 60_000, 100_000] {
        proxy.after(testkit::faults::Direction::Up, bytes, testkit::faults::Fault::Cut);
        let outcome = disturbed.run(["move"]).await;
        if outcome.code() == Some(4) {
            resumed += 1;
            assert!(outcome.stderr.contains("continue:"), "{}", outcome.stderr);
        }
        proxy.heal();
    }
    assert!(resumed > 0, "the fault never struck");
    disturbed.run(["move"]).await;
    assert_eq!(disturbed.rows().await, undisturbed.rows().await);
}

fn address_of(url: &str) -> std::net::SocketAddr {
    let host = url.split('@').nth(1).and_then(|r| r.split('/').next()).expect("host and port in the URL");
    host.replace("localhost", "127.0.0.1").parse().expect("an address")
}
