//! Document, journal on the disk and real processes together.

use crate::support::{FakePerson, book};
use base::SystemClock;
use runbook::{
    Answer, Decided, Decisions, FileJournal, Options, Outcome, Ports, ProcessRunner, Surroundings, conduct,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const BOOK: &str = "# T\n<!-- on failure: Back -->\n## Do\n\
    - [ ] first\n  ```sh\n  echo first >> log\n  ```\n\
    - [ ] second\n  ```sh\n  echo second >> log\n  touch begun\n  test -e go || sleep 100\n  ```\n\
    - [ ] third <!-- timeout: 200ms; record: output -->\n  ```sh\n  echo third >> log\n  \
    echo \"key $TOKEN\"\n  test -e go-on || sleep 100\n  ```\n  ```check\n  test -e log\n  ```\n\
    ## Back\n- [ ] undo\n  ```sh\n  echo undo >> log\n  ```\n";

/// Goes through the document in a folder, as somebody whose decisions these are.
async fn go(dir: &Path, decisions: &Decisions, person: &FakePerson) -> Outcome {
    let book = book(BOOK);
    let look = || Surroundings {
        variables: [("PATH", "/usr/bin:/bin"), ("TOKEN", "hunter2")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        secrets: vec![base::Secret::new("hunter2")],
    };
    let runner = ProcessRunner::new(dir.to_path_buf(), Arc::new(look), Arc::new(|_: &[u8]| ()));
    let mut journal = FileJournal::open(&dir.join("journal.ndjson")).unwrap();
    let person = Decided::new(&book, "Ann", decisions, person).unwrap();
    let options = Options { by: "Ann".to_owned(), ..Options::default() };
    let ports = Ports { runner: &runner, journal: &mut journal, person: &person, clock: &SystemClock };
    conduct(&book, &options, ports).await.unwrap()
}

#[tokio::test]
async fn stopped_within_a_command_it_goes_on_as_told_and_a_failure_goes_to_its_section() {
    let dir = tempfile::tempdir().unwrap();
    let log = || std::fs::read_to_string(dir.path().join("log")).unwrap();
    let (none, usual) = (Decisions::default(), FakePerson::default());
    // Somebody stops it while the second command runs.
    tokio::select! {
        outcome = go(dir.path(), &none, &usual) => panic!("it ended by itself: {outcome:?}"),
        () = async {
            while !dir.path().join("begun").exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        } => {}
    }
    // Nobody says what became of it: nothing runs.
    let silent = FakePerson::answering(&[("begun 1.2", &[Answer::Stop])]);
    let outcome = go(dir.path(), &none, &silent).await;
    assert!(matches!(outcome, Outcome::Stopped { ref number, .. } if number == "1.2"), "{outcome:?}");
    assert_eq!(log(), "first\nsecond\n");
    // Again; then the third takes too long and goes to its section.
    std::fs::write(dir.path().join("go"), "").unwrap();
    let again = Decisions { again: vec!["1.2".to_owned()], yes: true, ..Decisions::default() };
    let outcome = go(dir.path(), &again, &usual).await;
    assert_eq!(outcome, Outcome::WentTo("Back".to_owned()));
    assert_eq!(log(), "first\nsecond\nsecond\nthird\nundo\n");
    let journal = std::fs::read_to_string(dir.path().join("journal.ndjson")).unwrap();
    assert!(journal.contains("\"timed_out\":true") && journal.contains("key ***"), "{journal}");
    assert!(!journal.contains("hunter2"));
}
