//! Ctrl-C, SIGTERM, and how much is said.

use crate::place::{Place, place};
use testkit::program::Running;

/// Starts a move over a slow service and waits until it exports.
fn exporting(place: &Place) -> Running {
    let running = tokio::task::block_in_place(|| place.program.spawn(["move", "-v"]));
    tokio::task::block_in_place(|| running.wait_for_stderr("begins"));
    running
}

const SLOW: &str = "[latency]\nmilliseconds = 100\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_move_says_what_is_saved_and_the_next_one_comes_to_the_same_end() {
    let undisturbed = place("").await;
    undisturbed.run(["move"]).await.expect(3);
    let expected = undisturbed.rows().await;
    for (terminate, code) in [(false, 130), (true, 143)] {
        let place = place(SLOW).await;
        let running = exporting(&place);
        if terminate {
            running.terminate()
        } else {
            running.interrupt()
        }
        let outcome = tokio::task::block_in_place(|| running.finish()).expect(code);
        for part in ["once more to stop at once", "saved: ", "pending: ", "continue: landfall move"] {
            assert!(outcome.stderr.contains(part), "{part}\n{outcome}");
        }
        place.run(["move"]).await.expect(3);
        assert_eq!(place.rows().await, expected, "after {code}");
        assert_eq!(place.one("SELECT count(*) FROM landfall.runs").await, 1, "the run was resumed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_answer_does_not_keep_a_move_from_stopping() {
    let place = place("[latency]\nmilliseconds = 60000\n").await;
    let running = tokio::task::block_in_place(|| place.program.spawn(["move"]));
    // The run stands in the ledger before the service is asked for records.
    place.until_a_run_begins().await;
    running.interrupt();
    let outcome = tokio::task::block_in_place(|| running.finish()).expect(130);
    assert!(outcome.stderr.contains("continue: landfall move"), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_a_command_at_once() {
    let place = place("[latency]\nmilliseconds = 60000\n").await;
    let running = tokio::task::block_in_place(|| place.program.spawn(["move"]));
    place.until_a_run_begins().await;
    running.interrupt();
    tokio::task::block_in_place(|| running.wait_for_stderr("once more"));
    running.interrupt();
    let outcome = tokio::task::block_in_place(|| running.finish()).expect(130);
    assert!(!outcome.stderr.contains("saved: "), "at once means at once\n{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_only_reads_ends_with_the_status_of_its_signal() {
    let place = place("[latency]\nmilliseconds = 60000\n").await;
    for (terminate, code) in [(false, 130), (true, 143)] {
        let running = tokio::task::block_in_place(|| place.program.spawn(["check"]));
        let before = place.bubble.stats().requests;
        place.until("the service is asked", async || place.bubble.stats().requests > before).await;
        if terminate {
            running.terminate()
        } else {
            running.interrupt()
        }
        let outcome = tokio::task::block_in_place(|| running.finish()).expect(code);
        assert!(outcome.stderr.contains("nothing was changed"), "{outcome}");
    }
}

/// The levels of the lines in a run's log.
fn levels(place: &Place) -> Vec<String> {
    let names = place.program.folder().list();
    let log = names.iter().find(|n| n.ends_with(".log")).expect("a run has a log");
    let text = place.program.folder().read(log);
    let level = |line: &str| line.split_whitespace().nth(1).unwrap_or_default().to_owned();
    text.lines().map(level).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_level_decides_what_the_log_and_stderr_hold_in_any_case_and_by_pythons_names() {
    let mut place = place("").await;
    for (level, flag, in_log, not_in_log, on_stderr) in [
        ("", "", "INFO", "DEBUG", true),
        ("Debug", "", "DEBUG", "-", true),
        ("WARN", "", "", "INFO", false),
        ("warning", "-v", "", "INFO", true),
        ("info", "-q", "INFO", "DEBUG", false),
    ] {
        place.program.set("LOG_LEVEL", level);
        let _ = std::fs::remove_dir_all(place.program.folder().join("migration_reports"));
        let _ = std::fs::remove_dir_all(place.program.folder().join("migration_data"));
        let mut args = vec!["move", "--fresh"];
        args.extend(Some(flag).filter(|f| !f.is_empty()));
        let outcome = tokio::task::block_in_place(|| place.program.run(args)).expect(3);
        let levels = levels(&place);
        assert!(in_log.is_empty() || levels.iter().any(|l| l == in_log), "{level} {flag}: {levels:?}");
        assert!(!levels.iter().any(|l| l == not_in_log), "{level} {flag}: {levels:?}");
        assert_eq!(outcome.stderr.contains("entity"), on_stderr, "{level} {flag}\n{}", outcome.stderr);
    }
    place.program.set("LOG_LEVEL", "loud");
    let told = place.run(["runs"]).await.expect(0).stderr;
    assert!(told.contains("LOG_LEVEL is none of DEBUG"), "{told}");
}
