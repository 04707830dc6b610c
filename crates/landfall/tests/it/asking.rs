//! What is asked before something changes, and when it is not.

use crate::place::{Place, place};
use testkit::Outcome;

const QUESTION: &str = "move into these tables?";

async fn typed<const N: usize>(place: &mut Place, answer: &str, args: [&str; N]) -> Outcome {
    place.program.terminal(true).input(answer);
    let outcome = place.run(args).await;
    place.program.terminal(false).input("");
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_asks_on_a_terminal_when_tables_hold_rows_and_does_nothing_without_a_yes() {
    let mut place = place("").await;
    let first = typed(&mut place, "", ["move"]).await.expect(3);
    assert!(!first.stdout.contains(QUESTION), "the tables were empty\n{first}");
    let before = place.rows().await;
    for answer in ["n\n", "\n", "nonsense\n"] {
        let refused = typed(&mut place, answer, ["move"]).await.expect(2);
        for part in [QUESTION, "users", "not confirmed; nothing was changed"] {
            assert!(refused.stdout.contains(part), "{answer:?}: {part}\n{refused}");
        }
        assert_eq!(place.one("SELECT count(*) FROM landfall.runs").await, 1, "{answer:?}");
    }
    let said = typed(&mut place, "y\n", ["move"]).await.expect(3);
    assert_eq!(said.stdout.matches(QUESTION).count(), 1, "once\n{said}");
    assert_eq!(place.one("SELECT count(*) FROM landfall.runs").await, 2);
    assert_eq!(place.rows().await, before);
    for (args, why) in [
        (["move", "--yes"], "answered beforehand"),
        (["move", "--step=export"], "an export writes nothing into the destination"),
        (["move", "--json"], "a run that is open goes on"),
    ] {
        let outcome = typed(&mut place, "", args).await;
        assert!(matches!(outcome.code(), Some(0 | 3)), "{why}\n{outcome}");
        assert!(!outcome.stdout.contains(QUESTION), "{why}\n{outcome}");
    }
    let silent = place.run(["move"]).await.expect(3);
    assert!(!silent.stderr.contains(QUESTION), "nobody to ask\n{silent}");
}
