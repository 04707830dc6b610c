//! Real processes: how they end, what they see, what is left of them.

use base::Secret;
use jiff::SignedDuration;
use runbook::{Call, Command, Ended, How, ProcessRunner, Runner, Shell, Surroundings, on_path};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

const LONG: SignedDuration = SignedDuration::from_secs(60);

fn path() -> String {
    "/usr/local/bin:/usr/bin:/bin".to_owned()
}

/// Runs a script in a folder; how it ended, and what was shown.
async fn run(dir: &Path, shell: Shell, script: &str, timeout: SignedDuration) -> (Ended, String) {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let sink = shown.clone();
    let variables = [("PATH", path()), ("TOKEN", "hunter2".to_owned())];
    let variables: BTreeMap<String, String> = variables.map(|(k, v)| (k.to_owned(), v)).into();
    let runner = ProcessRunner::new(
        dir.to_path_buf(),
        Arc::new(move || Surroundings {
            variables: variables.clone(),
            secrets: vec![Secret::new("hunter2")],
        }),
        Arc::new(move |bytes: &[u8]| sink.lock().unwrap().extend_from_slice(bytes)),
    );
    let command = Command { shell, script: script.to_owned() };
    let ended = runner.run(Call { command: &command, timeout, output: true }).await.unwrap();
    let shown = String::from_utf8(shown.lock().unwrap().clone()).unwrap();
    (ended, shown)
}

#[tokio::test]
async fn a_command_ends_as_its_shell_says_and_a_failure_in_the_middle_is_one() {
    let dir = tempfile::tempdir().unwrap();
    for (shell, script, how, shown) in [
        (Shell::Sh, "echo a\necho b >&2", How::Exited(0), None),
        (Shell::Sh, "pwd", How::Exited(0), None),
        (Shell::Sh, "exit 7", How::Exited(7), Some("")),
        (Shell::Sh, "false\necho never", How::Exited(1), Some("")),
        (Shell::Sh, "echo ${UNSET_VARIABLE-none}", How::Exited(0), Some("none\n")),
        (Shell::Sh, "read line || echo nothing to read", How::Exited(0), Some("nothing to read\n")),
        (Shell::Sh, "echo ${HOME-no home}", How::Exited(0), Some("no home\n")),
        (Shell::Bash, "false | true", How::Exited(1), Some("")),
        (Shell::Sh, "kill -9 $$", How::Killed(9), Some("")),
    ] {
        let (ended, text) = run(dir.path(), shell, script, LONG).await;
        assert_eq!(ended.how, how, "{script}");
        if let Some(shown) = shown {
            assert_eq!(text, shown, "{script}");
        }
    }
    let (ended, _) = run(dir.path(), Shell::Sh, "echo $UNSET_VARIABLE", LONG).await;
    assert!(!ended.how.good(), "a variable that is not set is a failure");
}

#[tokio::test]
async fn a_secret_is_shown_on_the_terminal_and_masked_where_output_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (ended, shown) = run(dir.path(), Shell::Sh, "echo \"key $TOKEN\"", LONG).await;
    assert_eq!((ended.output.as_deref(), shown.as_str()), (Some("key ***\n"), "key hunter2\n"));
}

#[tokio::test]
async fn a_command_whose_time_is_over_ends_with_all_that_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let script = "sleep 100 &\necho $! > child\nsleep 100";
    let (ended, _) = run(dir.path(), Shell::Sh, script, SignedDuration::from_millis(300)).await;
    assert_eq!(ended.how, How::TimedOut);
    assert!(gone(dir.path()).await);
}

#[tokio::test]
async fn a_command_that_nobody_waits_for_any_more_ends_with_all_that_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let script = "sleep 100 &\necho $! > child.part\nmv child.part child\nsleep 100";
    tokio::select! {
        _ = run(dir.path(), Shell::Sh, script, LONG) => panic!("it ended by itself"),
        () = async {
            while !dir.path().join("child").exists() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        } => {}
    }
    assert!(gone(dir.path()).await);
}

#[tokio::test]
async fn what_a_command_leaves_running_does_not_hold_it_up() {
    let dir = tempfile::tempdir().unwrap();
    let (ended, shown) = run(dir.path(), Shell::Sh, "sleep 100 &\necho $! > child\necho left", LONG).await;
    assert_eq!((ended.how, shown.as_str()), (How::Exited(0), "left\n"));
    let pid = std::fs::read_to_string(dir.path().join("child")).unwrap();
    let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Whether the process in the file `child` goes away.
async fn gone(dir: &Path) -> bool {
    let pid = std::fs::read_to_string(dir.join("child")).unwrap().trim().to_owned();
    for _ in 0..2_000 {
        // One that has ended and is not waited for is a zombie.
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if state.is_empty() || state.contains(") Z") {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    false
}

#[test]
fn a_program_is_found_as_a_shell_finds_it() {
    let plain = tempfile::NamedTempFile::new().unwrap();
    let plain = plain.path().to_str().unwrap();
    for (program, expected) in [("sh", true), ("/bin/sh", true), ("no-such-program", false), (plain, false)] {
        assert_eq!(on_path(program, &path()), expected, "{program}");
    }
    assert!(!on_path("sh", ""));
}
