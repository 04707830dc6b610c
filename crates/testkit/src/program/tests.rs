//! The shell stands in for the program: it can do everything that the program may do wrong.

use super::*;

fn shell(script: &str) -> Outcome {
    program("/bin/sh").run(["-c", script])
}

#[test]
fn the_environment_holds_nothing_of_this_machine() {
    let outcome = program("/usr/bin/env").run([] as [&str; 0]).expect(0);
    let mut names: Vec<_> = outcome.stdout.lines().filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["COLUMNS", "HOME", "LANG", "PATH", "TZ"]);
}

#[test]
fn variables_input_and_folder_stay_from_run_to_run() {
    let mut place = program("/bin/sh");
    place.set("A", "1").set("A", "2").set("B", "x").unset("B").input("in");
    place.run(["-c", "echo \"$A-$B-$(cat)\" > kept"]).expect(0);
    assert_eq!(place.folder().read("kept"), "2--in\n");
    assert_eq!(place.run(["-c", "cat kept"]).expect(0).stdout, "2--in\n");
}

#[test]
fn a_snapshot_shows_all_that_a_person_sees_and_nothing_that_differs() {
    let outcome = shell("echo $PWD; echo took 1.5 s >&2; echo $HOME/x >&2; exit 3");
    assert_eq!(outcome.code(), Some(3));
    assert_eq!(outcome.snapshot(), "status: 3\n--- stdout\n[DIR]\n--- stderr\ntook [DURATION]\n[HOME]/x\n");
}

#[test]
#[should_panic(expected = "expected exit status 0\nstatus: 4\n--- stdout\n--- stderr\nwhy\n")]
fn another_status_than_expected_shows_the_output() {
    let _ = shell("echo why >&2; exit 4").expect(0);
}

#[test]
fn a_kill_in_the_middle_gives_what_was_written_until_then() {
    let running = program("/bin/sh").spawn(["-c", "echo begun; exec sleep 600"]);
    running.wait_for_stdout("begun");
    let outcome = running.kill();
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (None, "begun\n"));
    assert_eq!(outcome.snapshot(), "signal: 9\n--- stdout\nbegun\n--- stderr\n");
}

#[test]
fn signals_reach_the_program() {
    for (word, code) in [("INT", 130), ("TERM", 143)] {
        let script = format!("trap 'exit {code}' {word}; echo ready >&2; while :; do sleep 0.01; done");
        let running = program("/bin/sh").spawn(["-c", &script]);
        running.wait_for_stderr("ready");
        match word {
            "INT" => running.interrupt(),
            _ => running.terminate(),
        }
        let _ = running.finish().expect(code);
    }
}

#[test]
#[should_panic(expected = "it never wrote \"dawn\"")]
fn a_text_that_never_comes_is_a_failure() {
    program("/bin/sh").spawn(["-c", "echo dusk"]).wait_for_stdout("dawn");
}

#[test]
fn a_file_cannot_grow_beyond_its_limit_and_the_program_lives_to_say_so() {
    let mut place = program("/bin/sh");
    place.file_bytes_max(Some(4096));
    let script = "head -c 10000 /dev/zero > big; echo \"head: $?\"";
    let outcome = place.run(["-c", script]).expect(0);
    assert_eq!(outcome.stdout, "head: 1\n");
    assert_eq!(place.folder().read("big").len(), 4096);
}

#[test]
fn large_output_on_both_pipes_blocks_nothing() {
    let outcome = shell("head -c 300000 /dev/zero | tr '\\0' o; head -c 300000 /dev/zero | tr '\\0' e >&2");
    assert_eq!((outcome.stdout.len(), outcome.stderr.len()), (300_000, 300_000));
}
