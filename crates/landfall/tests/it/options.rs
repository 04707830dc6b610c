//! Options that a project declares, and who wins over whom.

use crate::place::{bare, place};
use std::io::Write as _;
use testkit::Program;

const DECLARED: &str = "
[option.bubble-key]
sets = \"source.api_key\"
env = \"KEY_OF_BUBBLE\"

[option.page]
sets = \"move.batch_size\"
env = \"PAGE\"
help = \"Records asked for at a time\"
";

/// Adds text to the project file.
fn append(program: &Program, text: &str) {
    let path = program.folder().join("landfall.toml");
    let mut file = std::fs::File::options().append(true).open(path).expect("the project file");
    file.write_all(text.as_bytes()).expect("room for a few bytes");
}

#[test]
fn declared_options_show_in_the_help_of_the_commands_that_read_the_project() {
    let program = bare();
    program.run(["new", "culturebridge", "."]).expect(0);
    append(&program, DECLARED);
    for command in ["move", "check", "verify", "sql"] {
        let help = program.run([command, "--help"]).expect(0).stdout;
        for part in ["Options of this project", "--bubble-key <VALUE>", "[env: PAGE]", "Records asked for"] {
            assert!(help.contains(part), "{command}: {part}\n{help}");
        }
    }
    let elsewhere = program.folder().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a new folder");
    let other = bare();
    assert!(!other.run(["move", "--help"]).expect(0).stdout.contains("--bubble-key"));
    let there = program.folder().path().to_owned();
    let named = other.run(["-C".into(), there.into_os_string(), "move".into(), "--help".into()]);
    assert!(named.expect(0).stdout.contains("--bubble-key"), "-C names the project");
    let unknown = program.run(["move", "--bubble-kex", "1"]).expect(2);
    assert!(unknown.stderr.contains("--bubble-key"), "{}", unknown.stderr);
}

#[test]
fn an_option_that_landfall_has_already_is_a_problem_of_the_project_file() {
    for name in ["fresh", "live", "limit", "dry-run", "json"] {
        let program = bare();
        program.run(["new", "culturebridge", "."]).expect(0);
        append(&program, &format!("\n[option.{name}]\nsets = \"move.batch_size\"\n"));
        let outcome = program.run(["check"]).expect(2);
        let expected = format!("landfall has an option --{name} of its own");
        assert!(outcome.stderr.contains(&expected), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("[option.{name}]")), "{}", outcome.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_given_as_an_option_works_is_warned_about_and_shown_nowhere() {
    let mut place = place("").await;
    append(&place.program, DECLARED);
    let key = place.bubble.key.clone();
    place.program.unset("BUBBLE_API_KEY");
    let outcome = place.run(["move", "--bubble-key", &key]).await.expect(3);
    assert!(outcome.stderr.contains("others on this machine can see it"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains(&key) && !outcome.stdout.contains(&key), "{outcome}");
    let command =
        "SELECT count(*) FROM landfall.runs WHERE facts->>'command' = 'landfall move --bubble-key …'";
    assert_eq!(place.one(command).await, 1, "the ledger tells the option, not its value");
    let quiet = place.run(["runs"]).await.expect(0);
    assert!(!quiet.stderr.contains("can see it"), "{}", quiet.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_option_wins_over_the_environment_over_the_dotenv_over_the_file() {
    let mut place = place("").await;
    append(&place.program, DECLARED);
    place.program.folder().write(".env", "PAGE=0\n");
    // The page size shows where it comes from by what is wrong with it.
    let wrong = |outcome: testkit::Outcome, by: &str| {
        let told = outcome.expect(2).stderr;
        assert!(told.contains(&format!("{by} sets `move.batch_size`")), "{by}\n{told}");
    };
    wrong(place.run(["runs"]).await, "`PAGE`");
    wrong(place.run(["runs", "--page", "many"]).await, "--page");
    place.program.set("PAGE", "50");
    place.run(["runs"]).await.expect(0);
    wrong(place.run(["runs", "--page", "0"]).await, "--page");
    place.program.set("PAGE", "0");
    place.run(["runs", "--page", "50"]).await.expect(0);
}
