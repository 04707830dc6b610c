//! Going through a runbook: order, failures, approvals, skips, changes, sections.

use crate::support::{FakePerson, FakeRunner, MemoryJournal, book, go, go_with, options};
use runbook::{
    Answer, Decided, Decisions, Happened, How, Journal, Need, Options, Outcome, Progress, StoppedAt, lines,
    missing, read_entries,
};

const BOOK: &str = "# T\n<!-- on failure: Back -->\n## One\n\
    - [ ] run\n  ```sh\n  run\n  ```\n  ```check\n  ran\n  ```\n\
    - [ ] by hand\n- [ ] checked by hand\n  ```check\n  seen\n  ```\n\
    - [ ] Approval: yes <!-- by: another person -->\n\
    ## Two\n- [ ] last\n  ```sh\n  last\n  ```\n\
    ## Back\n- [ ] undo\n  ```sh\n  undo\n  ```\n";

fn stopped(number: &str, at: StoppedAt) -> Outcome {
    Outcome::Stopped { number: number.to_owned(), at }
}

fn skip(reason: &str) -> Answer {
    Answer::Skip(reason.to_owned())
}

#[tokio::test]
async fn when_all_goes_well_each_step_is_done_once_in_order_and_the_section_for_failures_is_not() {
    let (book, mut journal) = (book(BOOK), MemoryJournal::default());
    let runner = FakeRunner::ending(&[("seen", &[How::Exited(1), How::Exited(0)])]);
    let person = FakePerson::default();
    assert_eq!(go(&book, &mut journal, &runner, &person).await, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(runner.ran(), ["run", "ran", "seen", "seen", "last"]);
    assert_eq!(person.asked(), ["by hand 1.2", "by hand 1.3", "approval 1.4"]);
    // Again: nothing is done, until somebody wants a new pass.
    let again = go(&book, &mut journal, &runner, &person).await.unwrap();
    assert!(matches!(again, Outcome::Already { went_to: None, .. }), "{again:?}");
    assert_eq!(runner.ran().len(), 5);
    let fresh = Options { fresh: true, ..options() };
    let outcome = go_with(&book, &fresh, &mut journal, &runner, &person).await;
    assert_eq!(outcome, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(Progress::of(journal.entries()).pass, 2);
    assert_eq!(runner.ran()[5..], ["run", "ran", "seen", "last"]);
}

#[tokio::test]
async fn a_failure_is_asked_about_and_recorded_with_what_decided_it() {
    for (ends, answers, expected, ran) in [
        (("run", How::Exited(7)), vec![Answer::Stop], stopped("1.1", StoppedAt::Failed), "run"),
        (("ran", How::Exited(1)), vec![Answer::Stop], stopped("1.1", StoppedAt::Failed), "run ran"),
        (
            ("run", How::TimedOut),
            vec![Answer::Again, Answer::Stop],
            stopped("1.1", StoppedAt::Failed),
            "run run",
        ),
        (("run", How::Killed(9)), vec![Answer::GoTo], Outcome::WentTo("Back".to_owned()), "run undo"),
        (("run", How::Exited(1)), vec![skip("known")], Outcome::Finished { skipped: 1 }, "run seen last"),
    ] {
        let (book, mut journal) = (book(BOOK), MemoryJournal::default());
        let runner = FakeRunner::ending(&[(ends.0, &[ends.1])]);
        let person = FakePerson::answering(&[("failed 1.1", &answers)]);
        let outcome = go(&book, &mut journal, &runner, &person).await;
        assert_eq!(outcome, Ok(expected), "{ends:?}");
        assert_eq!(runner.ran().join(" "), ran, "{ends:?}");
        let failed = journal.entries.iter().find_map(|e| match &e.what {
            Happened::Ended { done, exit, signal, timed_out, .. } => {
                Some((*done, *exit, *signal, *timed_out))
            }
            _ => None,
        });
        let expected = match ends.1 {
            How::Exited(exit) => (false, Some(exit), None, false),
            How::Killed(signal) => (false, None, Some(signal), false),
            How::TimedOut => (false, None, None, true),
        };
        assert_eq!(failed, Some(expected));
    }
}

#[tokio::test]
async fn a_failed_step_runs_again_when_the_runbook_is_gone_on_with() {
    let (book, mut journal) = (book(BOOK), MemoryJournal::default());
    let runner = FakeRunner::ending(&[("last", &[How::Exited(1), How::Exited(0)])]);
    let person = FakePerson::default();
    assert_eq!(go(&book, &mut journal, &runner, &person).await, Ok(stopped("2.1", StoppedAt::Failed)));
    assert_eq!(go(&book, &mut journal, &runner, &person).await, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(runner.ran(), ["run", "ran", "seen", "last", "last"]);
}

#[tokio::test]
async fn a_pass_that_was_sent_to_a_section_does_not_come_back() {
    let (book, mut journal) = (book(BOOK), MemoryJournal::default());
    let runner = FakeRunner::ending(&[("undo", &[How::Exited(1), How::Exited(0)])]);
    let person = FakePerson::default();
    let back = Options { section: Some(2), ..options() };
    let outcome = go_with(&book, &back, &mut journal, &runner, &person).await;
    assert_eq!(outcome, Ok(stopped("3.1", StoppedAt::Failed)));
    let one = Options { section: Some(0), ..options() };
    let fault = go_with(&book, &one, &mut journal, &runner, &person).await.unwrap_err();
    assert_eq!(fault.what, "this pass went to `Back` and does not come back");
    assert_eq!(go(&book, &mut journal, &runner, &person).await, Ok(Outcome::WentTo("Back".to_owned())));
    assert_eq!(runner.ran(), ["undo", "undo"]);
    let already = go(&book, &mut journal, &runner, &person).await.unwrap();
    assert!(matches!(already, Outcome::Already { went_to: Some(_), .. }), "{already:?}");
}

#[tokio::test]
async fn one_section_alone_does_not_close_the_pass() {
    let (book, mut journal) = (book(BOOK), MemoryJournal::default());
    let (runner, person) = (FakeRunner::default(), FakePerson::default());
    let two = Options { section: Some(1), ..options() };
    let outcome = go_with(&book, &two, &mut journal, &runner, &person).await;
    assert_eq!(outcome, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(go(&book, &mut journal, &runner, &person).await, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(runner.ran(), ["last", "run", "ran", "seen"]);
}

#[tokio::test]
async fn an_approval_takes_a_name_and_another_person_where_that_is_asked_for() {
    let approve = |name: &str| Answer::Approve(name.to_owned());
    for (answers, expected) in [
        (vec![approve("  "), approve("ann"), approve("Bea\n Lead")], Some("Bea Lead")),
        (vec![approve("ANN "), Answer::Stop], None),
        (vec![skip("no time")], None),
    ] {
        let (book, mut journal) = (book(BOOK), MemoryJournal::default());
        let person = FakePerson::answering(&[("approval 1.4", &answers)]);
        let outcome = go(&book, &mut journal, &FakeRunner::default(), &person).await.unwrap();
        let approved = journal.entries.iter().find_map(|e| match &e.what {
            Happened::Approved { name, .. } => Some(name.as_str()),
            _ => None,
        });
        assert_eq!(approved, expected, "{answers:?}");
        let stops = stopped("1.4", StoppedAt::Approval);
        assert_eq!(outcome == stops, expected.is_none(), "{answers:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_changed_document_is_noticed_and_a_done_step_that_does_something_else_is_asked_about() {
    let person = FakePerson::answering(&[("by hand 1.2", &[Answer::Stop])]);
    let (first, mut journal, runner) = (book(BOOK), MemoryJournal::default(), FakeRunner::default());
    assert_eq!(go(&first, &mut journal, &runner, &person).await, Ok(stopped("1.2", StoppedAt::ByHand)));
    let text = BOOK.replace("  run\n", "  run --all\n").replace("- [ ] last", "- [ ] the last");
    let person = FakePerson::answering(&[("changed 1.1", &[Answer::Done])]);
    let outcome = go(&book(&text), &mut journal, &runner, &person).await;
    assert_eq!(outcome, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(person.told()[0], "document new [\"2.1\"] changed [\"1.1\"] gone 1");
    assert_eq!(person.asked()[0], "changed 1.1");
    assert_eq!(runner.ran(), ["run", "ran", "seen", "last"], "the changed step stayed done");
}

#[tokio::test]
async fn a_document_that_only_says_it_in_other_words_keeps_what_is_done() {
    let person = FakePerson::answering(&[("by hand 1.2", &[Answer::Stop])]);
    let (mut journal, runner) = (MemoryJournal::default(), FakeRunner::default());
    let _ = go(&book(BOOK), &mut journal, &runner, &person).await.unwrap();
    let text = BOOK.replace("## One\n", "## One\n\nMore words.\n\n");
    let person = FakePerson::default();
    let outcome = go(&book(&text), &mut journal, &runner, &person).await;
    assert_eq!(outcome, Ok(Outcome::Finished { skipped: 0 }));
    assert_eq!(person.told()[0], "document new [] changed [] gone 0");
    assert_eq!(runner.ran(), ["run", "ran", "seen", "last"]);
}

#[tokio::test]
async fn decisions_of_the_command_line_answer_once_and_only_what_they_fit() {
    let book = book(BOOK);
    let decided = |f: &dyn Fn(&mut Decisions)| {
        let mut decisions = Decisions::default();
        f(&mut decisions);
        decisions
    };
    // Nobody is there: every other question stops.
    struct Nobody;
    #[async_trait::async_trait]
    impl runbook::Person for Nobody {
        fn tell(&self, _: runbook::News<'_>) {}
        async fn ask(&self, question: runbook::Question<'_>) -> Result<Answer, base::Fault> {
            Ok(if matches!(question, runbook::Question::Begin(_)) { Answer::Go } else { Answer::Stop })
        }
    }
    let id = book.step("1.3").unwrap().id.clone();
    let mut journal = MemoryJournal::default();
    for (by, decisions, expected) in [
        ("Ann", decided(&|_| ()), stopped("1.2", StoppedAt::ByHand)),
        ("Ann", decided(&|d| d.done = vec!["1.2".into()]), stopped("1.4", StoppedAt::Approval)),
        ("Ann", decided(&|d| d.approve = vec!["1.4".into()]), stopped("1.4", StoppedAt::Approval)),
        ("Ann", decided(&|d| d.done = vec!["1.4".into()]), stopped("1.4", StoppedAt::Approval)),
        ("Bea", decided(&|d| d.approve = vec!["1.4".into()]), stopped("2.1", StoppedAt::Failed)),
        (
            "Bea",
            decided(&|d| (d.skip, d.reason) = (vec!["2.1".into()], Some("known".into()))),
            Outcome::Finished { skipped: 1 },
        ),
    ] {
        let runner = FakeRunner::ending(&[("last", &[How::Exited(1)])]);
        let person = Decided::new(&book, by, &decisions, &Nobody).unwrap();
        let options = Options { by: by.to_owned(), ..options() };
        assert_eq!(
            go_with(&book, &options, &mut journal, &runner, &person).await,
            Ok(expected),
            "{decisions:?}"
        );
        if decisions.done == ["1.4"] {
            assert_eq!(person.unused(), [book.step("1.4").unwrap().id.clone()], "it is no approval");
        }
    }
    // A failure goes to its section by itself only when somebody said yes beforehand.
    let mut journal = MemoryJournal::default();
    let runner = FakeRunner::ending(&[("run", &[How::Exited(1)])]);
    let person = Decided::new(&book, "Ann", &decided(&|d| d.yes = true), &Nobody).unwrap();
    let outcome = go(&book, &mut journal, &runner, &person).await;
    assert_eq!(outcome, Ok(Outcome::WentTo("Back".to_owned())));
    for (decisions, expected) in [
        (decided(&|d| d.done = vec!["9.9".into()]), "the runbook has no step 9.9"),
        (
            decided(&|d| (d.done, d.again) = (vec!["1.3".into()], vec![id[..5].into()])),
            "step 1.3 is decided twice",
        ),
        (decided(&|d| d.skip = vec!["1.3".into()]), "a step is skipped only with a reason"),
    ] {
        let fault = Decided::new(&book, "Ann", &decisions, &Nobody).err().unwrap();
        assert_eq!(fault.what, expected);
    }
}

#[tokio::test]
async fn the_journal_reads_back_what_it_wrote_and_holds_no_output_unless_asked() {
    let text =
        "# T\n- [ ] a\n  ```sh\n  quiet\n  ```\n- [ ] b <!-- record: output -->\n  ```sh\n  loud\n  ```\n";
    let (book, mut journal) = (book(text), MemoryJournal::default());
    go(&book, &mut journal, &FakeRunner::default(), &FakePerson::default()).await.unwrap();
    let written: Vec<String> = journal.entries.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
    let mut lines = written.join("\n") + "\n";
    insta::assert_snapshot!("journal", lines);
    let length = lines.len();
    lines.push_str("{\"v\":1,\"at\":\"2026-11-2");
    assert_eq!(
        read_entries(&lines).unwrap(),
        (journal.entries, length),
        "what a kill cut off does not count"
    );
}

#[test]
fn a_line_that_is_not_ours_or_of_a_newer_program_is_refused() {
    for (line, expected) in [
        ("nonsense", "line 2 of the journal is not JSON"),
        ("{\"v\":2}", "line 2 of the journal is of a newer form than this program knows"),
        ("{\"event\":\"closed\"}", "line 2 of the journal is of a newer form than this program knows"),
        (
            "{\"v\":1,\"at\":\"2026-11-21T22:00:00Z\",\"by\":\"x\",\"event\":\"jumped\"}",
            "line 2 of the journal is no event",
        ),
    ] {
        let good = "{\"v\":1,\"at\":\"2026-11-21T22:00:00Z\",\"by\":\"x\",\"event\":\"closed\"}";
        let fault = read_entries(&format!("{good}\n{line}\n{good}\n")).unwrap_err();
        assert_eq!(fault.what, expected);
    }
}

#[tokio::test]
async fn the_status_names_every_step_and_how_it_stands() {
    let (book, mut journal) = (book(BOOK), MemoryJournal::default());
    let person =
        FakePerson::answering(&[("by hand 1.2", &[skip("not here")]), ("approval 1.4", &[Answer::Stop])]);
    let _ = go(&book, &mut journal, &FakeRunner::default(), &person).await.unwrap();
    let shown: Vec<String> = lines(&book, &Progress::of(journal.entries()), None)
        .iter()
        .map(|l| {
            format!(
                "{} {} {} {}{}",
                l.number,
                l.kind,
                l.state,
                l.on_the_way,
                l.note.as_ref().map(|n| format!(" {n}")).unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1.1 command done true",
            "1.2 by hand skipped true not here",
            "1.3 by hand done true",
            "1.4 approval pending true",
            "2.1 command pending true",
            "3.1 command pending false",
        ]
    );
}

#[test]
fn what_is_needed_and_not_there_is_named() {
    let book = book("# T\n<!-- needs: $A, $B, psql, jq -->\n- [ ] a\n");
    let found = missing(&book, |name| name == "A", |name| name == "jq");
    assert_eq!(found, [&Need::Variable("B".into()), &Need::Program("psql".into())]);
}
