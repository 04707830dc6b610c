//! What a fence means: a command, a check, or an example that nobody runs.

use super::outline::Fence;
use crate::SCRIPT_BYTES_MAX;
use crate::model::{Command, Shell};
use base::Problem;

/// Words of shells that nobody runs here: somebody probably meant them to be run.
const OTHER_SHELLS: &[&str] =
    &["shell", "console", "zsh", "fish", "ksh", "powershell", "pwsh", "shellsession"];

/// What may follow the shell's word.
const WORDS: &[&str] = &["check", "example"];

/// What a fence means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It runs.
    Command(Command),
    /// It decides.
    Check(Command),
    /// For readers.
    Example,
}

/// What a fence means; what is wrong with it goes to the problems, and it is an example then.
pub(super) fn meaning(fence: &Fence, problems: &mut Vec<Problem>) -> Meaning {
    let at = Some(fence.span.clone());
    let mut words = fence.info.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let (shell, rest) = match first.to_lowercase().as_str() {
        "sh" => (Shell::Sh, rest),
        "bash" => (Shell::Bash, rest),
        "check" => (Shell::Sh, [vec!["check"], rest].concat()),
        other => {
            if OTHER_SHELLS.contains(&other) {
                let problem = Problem::warning(format!("a fence `{other}` is not run")).span(at);
                problems.push(
                    problem.hint("`sh` and `bash` are run; `sh example` shows that it is not meant to be"),
                );
            }
            return Meaning::Example;
        }
    };
    let mut check = false;
    let mut example = false;
    for word in rest {
        match word {
            "check" => check = true,
            "example" => example = true,
            other => {
                let problem =
                    Problem::error(format!("`{other}` means nothing after `{first}`")).span(at.clone());
                problems.push(match base::names::nearest(other, WORDS.iter().copied()) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem.hint("what may follow is `check` or `example`"),
                });
                example = true;
            }
        }
    }
    if example {
        return Meaning::Example;
    }
    let script = fence.body.replace("\r\n", "\n");
    if script.trim().is_empty() {
        problems.push(Problem::error("a command without a line").span(at));
        return Meaning::Example;
    }
    if script.len() > SCRIPT_BYTES_MAX || script.contains('\0') {
        let what = format!("a command is larger than {} KiB, or holds a NUL", SCRIPT_BYTES_MAX / 1024);
        problems.push(Problem::error(what).span(at).hint("put it into a file and call that"));
        return Meaning::Example;
    }
    let command = Command { shell, script };
    if check { Meaning::Check(command) } else { Meaning::Command(command) }
}
