//! A pass that is killed anywhere and gone on with comes to what an undisturbed one comes to, and repeats
//! nothing that it did not ask about.

use crate::support::{FakePerson, FakeRunner, MemoryJournal, book, go};
use runbook::{Answer, How, Journal, Outcome, Progress, Runbook, lines};
use std::collections::BTreeMap;

const BOOK: &str = "# T\n## One\n\
    - [ ] a\n  ```sh\n  a\n  ```\n\
    - [ ] b\n  ```sh\n  b\n  ```\n  ```check\n  b?\n  ```\n\
    - [ ] c\n- [ ] d\n  ```check\n  d?\n  ```\n\
    - [ ] Approval: e\n\
    ## Two\n- [ ] f\n  ```sh\n  f\n  ```\n";

fn standing(book: &Runbook, journal: &MemoryJournal) -> Vec<(String, &'static str)> {
    let lines = lines(book, &Progress::of(journal.entries()), None);
    lines.into_iter().map(|line| (line.number, line.state)).collect()
}

fn counts(ran: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in ran {
        *counts.entry(line.as_str()).or_default() += 1;
    }
    counts
}

/// What an undisturbed pass comes to: events and calls.
async fn undisturbed(book: &Runbook) -> (MemoryJournal, usize) {
    let (mut journal, runner) = (MemoryJournal::default(), FakeRunner::default());
    let outcome = go(book, &mut journal, &runner, &FakePerson::default()).await;
    assert_eq!(outcome, Ok(Outcome::Finished { skipped: 0 }));
    let calls = runner.ran().len();
    (journal, calls)
}

#[tokio::test]
async fn killed_at_any_event_it_goes_on_and_repeats_only_what_it_asked_about() {
    let book = book(BOOK);
    let (whole, _) = undisturbed(&book).await;
    for at in 0..whole.entries.len() {
        for kept in [false, true] {
            let mut journal = MemoryJournal { killed_at: Some((at, kept)), ..MemoryJournal::default() };
            let runner = FakeRunner::default();
            let fault = go(&book, &mut journal, &runner, &FakePerson::default()).await.unwrap_err();
            assert_eq!(fault.what, "killed");
            journal.killed_at = None;
            let person = FakePerson::default();
            let outcome = go(&book, &mut journal, &runner, &person).await.unwrap();
            let last = at + 1 == whole.entries.len() && kept;
            assert_eq!(matches!(outcome, Outcome::Already { .. }), last, "{at} {kept}");
            assert_eq!(standing(&book, &journal), standing(&book, &whole), "{at} {kept}");
            let asked = person.asked();
            for (line, times) in counts(&runner.ran()) {
                // Checks may be asked as often as one likes.
                let number = ["a", "b", "c", "d", "e"].iter().position(|l| *l == line);
                let question = number.map_or("begun 2.1".to_owned(), |n| format!("begun 1.{}", n + 1));
                let repeated = times > 1 && !line.ends_with('?');
                assert!(
                    !repeated || (times == 2 && asked.contains(&question)),
                    "{at} {kept}: {line} {times}"
                );
            }
        }
    }
}

#[tokio::test]
async fn killed_within_any_command_it_asks_and_a_check_answers_for_the_person() {
    let book = book(BOOK);
    let (whole, calls) = undisturbed(&book).await;
    for at in 0..calls {
        let runner = FakeRunner { killed_at: Some(at), ..FakeRunner::default() };
        let mut journal = MemoryJournal::default();
        go(&book, &mut journal, &runner, &FakePerson::default()).await.unwrap_err();
        let killed = runner.ran().last().cloned().unwrap();
        let runner = FakeRunner::default();
        let person = FakePerson::default();
        let outcome = go(&book, &mut journal, &runner, &person).await;
        assert_eq!(outcome, Ok(Outcome::Finished { skipped: 0 }), "{killed}");
        assert_eq!(standing(&book, &journal), standing(&book, &whole), "{killed}");
        let ran = runner.ran();
        let expected = match killed.as_str() {
            // The check says that it is done: nothing runs again, nobody is asked.
            "b" | "b?" => ("b?", false),
            "a" => ("a", true),
            "f" => ("f", true),
            other => (other, false),
        };
        assert_eq!(ran[0], expected.0, "{killed}");
        assert_eq!(person.asked().first().is_some_and(|q| q.starts_with("begun")), expected.1, "{killed}");
    }
}

#[tokio::test]
async fn a_step_that_was_begun_is_done_skipped_or_left_as_the_person_says() {
    let book = book(BOOK);
    for (answer, ran, state) in [
        (Answer::Done, false, "done"),
        (Answer::Skip("happened".to_owned()), false, "skipped"),
        (Answer::Again, true, "done"),
        (Answer::Stop, false, "begun"),
    ] {
        let runner = FakeRunner { killed_at: Some(0), ..FakeRunner::default() };
        let mut journal = MemoryJournal::default();
        go(&book, &mut journal, &runner, &FakePerson::default()).await.unwrap_err();
        let runner = FakeRunner::default();
        let person = FakePerson::answering(&[("begun 1.1", std::slice::from_ref(&answer))]);
        go(&book, &mut journal, &runner, &person).await.unwrap();
        assert_eq!(runner.ran().contains(&"a".to_owned()), ran, "{answer:?}");
        assert_eq!(standing(&book, &journal)[0].1, state, "{answer:?}");
    }
}

#[tokio::test]
async fn a_check_that_does_not_hold_leaves_the_question_to_the_person() {
    let book = book(BOOK);
    let mut journal = MemoryJournal::default();
    let runner = FakeRunner { killed_at: Some(1), ..FakeRunner::default() };
    go(&book, &mut journal, &runner, &FakePerson::default()).await.unwrap_err();
    let runner = FakeRunner::ending(&[("b?", &[How::Exited(1), How::Exited(0)])]);
    let person = FakePerson::default();
    go(&book, &mut journal, &runner, &person).await.unwrap();
    assert_eq!(person.asked()[0], "begun 1.2");
    assert_eq!(runner.ran()[..3], ["b?", "b", "b?"]);
}
