//! Wrong turns: which variable, what was seen, what to do.

use crate::place::{bare, place};

#[test]
fn outside_a_project_the_program_says_how_to_get_one() {
    let outcome = bare().run(["move"]).expect(2);
    assert!(outcome.stderr.contains("there is no landfall.toml"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("landfall new culturebridge"), "{}", outcome.stderr);
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let program = bare();
    program.run(["new", "culturebridge", "."]).expect(0);
    let outcome = program.run(["check"]).expect(2);
    for name in ["BUBBLE_API_URL", "BUBBLE_API_KEY"] {
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_or_address_names_its_variable_and_never_the_key() {
    let mut place = place("").await;
    place.program.set("BUBBLE_API_KEY", "00000000000000000000000000000bad");
    let outcome = place.run(["check"]).await;
    assert!(matches!(outcome.code(), Some(2 | 4)), "{outcome:?}");
    assert!(outcome.stderr.contains("BUBBLE_API_KEY"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("0bad"), "{}", outcome.stderr);
    place.program.set("BUBBLE_API_KEY", &place.bubble.key.clone());
    place.program.set("DATABASE_URL", "postgresql://nobody:topsecret@127.0.0.1:1/none");
    let outcome = place.run(["move"]).await.expect(4);
    assert!(outcome.stderr.contains("127.0.0.1:1"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("topsecret"), "{}", outcome.stderr);
}

#[test]
fn the_help_of_every_command_can_be_read() {
    for command in [
        "demo",
        "new",
        "check",
        "discover",
        "plan",
        "move",
        "verify",
        "report",
        "runs",
        "rejects",
        "rollback",
        "sql",
        "db",
        "sandbox",
        "completions",
    ] {
        let help = bare().run([command, "--help"]).expect(0);
        assert!(help.stdout.contains("Usage: landfall"), "{command}");
    }
}
