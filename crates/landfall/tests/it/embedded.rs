//! A move into the PostgreSQL inside the program, and other commands beside it.

use crate::place::{Place, embedded};
use serde_json::Value;

/// A service slow enough that other commands meet the move at work.
const SLOW: &str = "[latency]\nmilliseconds = 60\n";

async fn json(place: &Place, args: &[&str]) -> Value {
    let outcome = tokio::task::block_in_place(|| place.program.run(args));
    let outcome = outcome.expect(0);
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{outcome}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_commands_work_beside_a_move_and_a_second_writer_is_refused_by_name() {
    let place = embedded(SLOW).await;
    let moving = tokio::task::block_in_place(|| place.program.spawn(["move", "-v"]));
    tokio::task::block_in_place(|| moving.wait_for_stderr("begins"));
    let runs = json(&place, &["runs", "--json"]).await;
    assert_eq!(runs["runs"][0]["status"], "open", "{runs}");
    let report = json(&place, &["report", "--json"]).await;
    assert_eq!(report["status"], "open");
    place.run(["rejects"]).await.expect(0);
    let sql = json(&place, &["sql", "SELECT count(*) AS n FROM ledger.runs", "--json"]).await;
    assert_eq!(sql["n"], "1");
    let url = place.run(["db", "url"]).await.expect(0);
    assert!(url.stdout.starts_with("postgresql://postgres@/postgres?host="), "{url}");
    for writer in [&["move"][..], &["move", "--fresh"], &["verify"]] {
        let second = tokio::task::block_in_place(|| place.program.run(writer)).expect(4);
        for part in ["another landfall command is writing: landfall move (pid ", "continue:"] {
            assert!(second.stderr.contains(part), "{writer:?}: {part}\n{second}");
        }
        assert!(second.stderr.contains(&moving.pid().to_string()), "{second}");
    }
    let outcome = tokio::task::block_in_place(|| moving.finish()).expect(3);
    assert!(!outcome.stderr.contains("warning: "), "nobody disturbed it\n{outcome}");
    let runs = json(&place, &["runs", "--json"]).await;
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs}");
    let again = place.run(["verify"]).await.expect(3);
    assert!(again.stderr.contains(" 0 differences"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_embedded_move_comes_to_the_same_end() {
    let whole = embedded("").await;
    whole.run(["move"]).await.expect(3);
    let counts = "SELECT (SELECT count(*) FROM dest.users) || ' ' || (SELECT count(*) FROM dest.bookings) \
                  || ' ' || (SELECT count(*) FROM dest.payments) AS n";
    let expected = json(&whole, &["sql", counts, "--json"]).await;
    let killed = embedded("[latency]\nmilliseconds = 5\n").await;
    for phase in ["export", "users", "bookings"] {
        let running = tokio::task::block_in_place(|| killed.program.spawn(["move", "-v"]));
        tokio::task::block_in_place(|| running.wait_for_stderr(phase));
        drop(tokio::task::block_in_place(|| running.kill()));
    }
    let ended = killed.run(["move"]).await;
    assert!(matches!(ended.code(), Some(0 | 3)), "{ended}");
    assert_eq!(json(&killed, &["sql", counts, "--json"]).await, expected);
}
