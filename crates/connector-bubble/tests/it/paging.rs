//! Nothing is lost and nothing doubled, whatever the data look like.

use crate::rig::{Export, shown, source, source_at};
use crate::stub::{Row, Stub, row};
use webclient::Settings;

const BASE: i64 = 1_700_000_000_000;

/// `n` records, a second apart.
fn apart(n: usize) -> Vec<Row> {
    (0..n).map(|n| row(n, BASE + 1000 * n as i64)).collect()
}

/// 30 records apart, `n` in one millisecond, 30 apart.
fn crowd(n: usize) -> Vec<Row> {
    let at = |i: usize| match i {
        _ if i < 30 => i as i64,
        _ if i < 30 + n => 30,
        _ => (i - n + 1) as i64,
    };
    (0..60 + n).map(|i| row(i, BASE + at(i))).collect()
}

async fn complete(stub: &Stub, page_size: usize, name: &str) -> Export {
    let mut export = Export::default();
    let outcome =
        export.run(&source(stub), page_size).await.unwrap_or_else(|f| panic!("{name}: {}", shown(&f)));
    assert!(outcome.complete, "{name}: {outcome:?}");
    let there = stub.world().rows.len() as u64;
    assert_eq!((outcome.declared_before, outcome.declared_after), (Some(there), Some(there)), "{name}");
    assert_eq!((outcome.appeared, outcome.changed, outcome.vanished), (0, 0, 0), "{name}");
    export.assert_holds(stub, &[], name);
    export
}

#[tokio::test]
async fn every_record_is_exported_once_with_any_page_size() {
    for (rows, name) in [
        (vec![], "none"),
        (apart(1), "one"),
        (apart(100), "a page"),
        (apart(101), "a page and one"),
        (apart(350), "apart"),
        (crowd(7), "few at once"),
        (crowd(250), "many at once"),
    ] {
        for page_size in [1, 2, 3, 7, 99, 100, 1000] {
            let stub = Stub::start(rows.clone()).await;
            let export = complete(&stub, page_size, &format!("{name}, {page_size} a page")).await;
            assert!(export.pages.iter().all(|n| *n <= page_size.min(100) + 1), "{name}: {:?}", export.pages);
            let asked = stub.world().asked.clone();
            assert!(asked.iter().all(|q| q["limit"].parse::<usize>().is_ok_and(|n| (1..=100).contains(&n))));
        }
    }
}

#[tokio::test]
async fn the_wall_is_passed_without_offsets() {
    for (cap_remaining, no_remaining) in [(false, false), (true, false)] {
        let stub = Stub::start(apart(1000)).await;
        stub.world().wall = 150;
        stub.world().cap_remaining = cap_remaining;
        stub.world().no_remaining = no_remaining;
        let export = complete(&stub, 100, "wall").await;
        // Sorting changes nothing: the pages of the first sweep come before the margin of the second.
        assert_eq!(export.pages[..3], [100, 99, 99]);
        assert_eq!(export.expected, Some(1000));
        let asked = stub.world().asked.clone();
        assert!(asked.iter().all(|q| q["cursor"] == "0"));
        // What is asked for ahead is what is needed next.
        let repeated = asked.iter().enumerate().filter(|(n, q)| asked[..*n].contains(q)).count();
        assert_eq!(repeated, 0);
    }
}

#[tokio::test]
async fn a_service_that_shows_fewer_rows_than_asked_for_is_read_to_the_end() {
    for page_max in [1, 2, 10, 50] {
        let stub = Stub::start(crowd(30)).await;
        stub.world().page_max = page_max;
        complete(&stub, 100, &format!("at most {page_max}")).await;
    }
}

#[tokio::test]
async fn a_crowd_behind_the_wall_is_read_by_id_or_honestly_given_up() {
    for (dropped, id_refused, cap_remaining, ok) in [
        (vec![], false, false, true),
        (vec![], false, true, true),
        (vec!["_id"], false, false, false),
        (vec![], true, false, false),
    ] {
        let stub = Stub::start(crowd(700)).await;
        let name = format!("{dropped:?} {id_refused} {cap_remaining}");
        {
            let mut world = stub.world();
            (world.wall, world.dropped, world.id_refused) = (250, dropped, id_refused);
            world.cap_remaining = cap_remaining;
        }
        if ok {
            complete(&stub, 100, &name).await;
        } else {
            let fault = Export::default().run(&source(&stub), 100).await.expect_err(&name);
            assert!(fault.what.contains("share one Created Date"), "{name}: {}", shown(&fault));
            assert_eq!(fault.class, base::Class::Stop);
        }
    }
}

#[tokio::test]
async fn large_records_are_read_in_smaller_pages() {
    let mut rows = crowd(20);
    for row in &mut rows[20..40] {
        row.more = format!(r#","Text":"{}""#, "x".repeat(20_000));
    }
    let stub = Stub::start(rows).await;
    let settings = Settings { body_bytes_max: 100_000, ..Settings::default() };
    let mut export = Export::default();
    let outcome = export.run(&source_at(&stub.url, settings), 100).await.expect("an export");
    assert!(outcome.complete, "{outcome:?}");
    export.assert_holds(&stub, &[], "large");
    assert!(export.pages.iter().any(|n| *n <= 4), "{:?}", export.pages);
}

#[tokio::test]
async fn a_record_larger_than_every_limit_stops_the_export() {
    let mut rows = apart(3);
    rows[1].more = format!(r#","Text":"{}""#, "x".repeat(20_000));
    let stub = Stub::start(rows).await;
    let settings = Settings { body_bytes_max: 10_000, ..Settings::default() };
    let fault = Export::default().run(&source_at(&stub.url, settings), 100).await.expect_err("too large");
    assert!(fault.what.contains("larger than 10000 bytes"), "{}", shown(&fault));
}

#[tokio::test]
async fn records_without_an_id_are_exported_and_do_not_hold_up_the_walk() {
    let mut rows = apart(250);
    for n in [99, 100, 249] {
        rows[n].id = String::new();
    }
    let stub = Stub::start(rows).await;
    let mut export = Export::default();
    let outcome = export.run(&source(&stub), 100).await.expect("an export");
    assert!(outcome.complete, "{outcome:?}");
    assert_eq!(export.records.len(), 248);
    assert_eq!(export.records[""].get("_id"), None);
}

#[tokio::test]
async fn a_service_that_does_not_count_gives_no_proof() {
    let stub = Stub::start(crowd(20)).await;
    stub.world().no_remaining = true;
    let mut export = Export::default();
    let outcome = export.run(&source(&stub), 7).await.expect("an export");
    export.assert_holds(&stub, &[], "no count");
    assert!(
        !outcome.complete && outcome.declared_after.is_none() && outcome.remarks.len() == 1,
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_export_that_is_stopped_at_any_request_goes_on_without_loss_or_doubling() {
    for (rows, wall, page_size, name) in [
        (apart(60), 50_000, 7, "apart"),
        (crowd(45), 50_000, 10, "crowd"),
        (crowd(60), 20, 10, "crowd and wall"),
    ] {
        let mut stops = 0;
        for stop in 0.. {
            let stub = Stub::start(rows.clone()).await;
            (stub.world().wall, stub.world().refuse_from) = (wall, stop);
            let mut export = Export::default();
            let first = export.run(&source(&stub), page_size).await;
            stub.world().refuse_from = usize::MAX;
            let Err(fault) = first else { break };
            assert_eq!(fault.class, base::Class::Stop);
            assert!(shown(&fault).contains("BUBBLE_API_KEY"));
            let kept = export.records.len();
            let outcome = export.run(&source(&stub), page_size).await.expect(name);
            let at = format!("{name}, stopped at request {stop} with {kept} records");
            assert!(outcome.complete && outcome.appeared == 0 && outcome.vanished == 0, "{at}: {outcome:?}");
            export.assert_holds(&stub, &[], &at);
            stops += 1;
        }
        assert!(stops > 8, "{name}: only {stops} requests");
    }
}
