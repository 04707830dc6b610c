//! What is said while a runbook is gone through.

use super::{attention, bad, good};
use runbook::{Difference, How, Line, News, Part, Question, StoppedAt};

const YES: &str = "run it [y]";
const DONE: &str = "done [d]";
const AGAIN: &str = "again [a]";
const SKIP: &str = "skip [s]";
const STOP: &str = "stop [q]";

/// A piece of news as a line.
pub fn news(news: News<'_>) -> String {
    match news {
        News::Document(difference) => document(difference),
        News::Begins(step, Part::Command) => format!("{} {}", step.number, step.text),
        News::Begins(step, Part::Check) => format!("{} check: {}", step.number, step.text),
        News::Found(step) => good(&format!("{} is done already, its check says", step.number)),
        News::Done(step) => good(&format!("{} done", step.number)),
        News::Skipped(step) => attention(&format!("{} skipped", step.number)),
        News::Failed(step, part, how) => bad(&format!("{} {}", step.number, failed(part, how))),
        News::Refused(step, why) => attention(&format!("{} {why}", step.number)),
        News::GoesTo(section) => attention(&format!("on to section {section}")),
    }
}

fn document(difference: &Difference) -> String {
    let mut parts = Vec::new();
    for (word, steps) in [("new", &difference.new), ("doing something else", &difference.changed)] {
        if !steps.is_empty() {
            parts.push(format!("{word}: {}", steps.join(", ")));
        }
    }
    if difference.gone > 0 {
        parts.push(format!("gone: {}", difference.gone));
    }
    if parts.is_empty() {
        parts.push("its steps are the same".to_owned());
    }
    attention(&format!("the runbook was changed since; {}", parts.join("; ")))
}

fn failed(part: Part, how: How) -> String {
    let what = match part {
        Part::Command => "the command",
        Part::Check => "the check",
    };
    match how {
        How::Exited(status) => format!("{what} ended with status {status}"),
        How::Killed(signal) => format!("{what} was ended by signal {signal}"),
        How::TimedOut => format!("{what} took too long and was ended"),
    }
}

/// What is asked, and the letters that answer it.
pub fn question(question: Question<'_>) -> (String, &'static str) {
    let step = question.step();
    let head = format!("{} {}", step.number, step.text);
    let details = step.details.lines().map(|line| format!("\n    {line}")).collect::<String>();
    match question {
        Question::Begin(_) => (format!("{head}{details}\n  {YES}, {DONE}, {SKIP}, {STOP}"), "ydsq"),
        Question::ByHand(_) => (format!("{head}{details}\n  {DONE}, {SKIP}, {STOP}"), "dsq"),
        Question::Approval(_) => (format!("{head}{details}\n  who agrees (a name; nothing: stop)"), ""),
        Question::Begun(_) => {
            let why = "it was begun, and how it ended is not known";
            (format!("{head}\n  {why}: {AGAIN}, {DONE}, {SKIP}, {STOP}"), "adsq")
        }
        Question::Changed(_) => {
            let why = "it is done, and does something else now";
            (format!("{head}\n  {why}: {AGAIN}, stays done [d], {SKIP}, {STOP}"), "adsq")
        }
        Question::Failed(_, part, how) => {
            let why = failed(part, how);
            match &step.on_failure {
                Some(section) => {
                    (format!("{head}\n  {why}: {AGAIN}, {SKIP}, go to {section} [g], {STOP}"), "asgq")
                }
                None => (format!("{head}\n  {why}: {AGAIN}, {SKIP}, {STOP}"), "asq"),
            }
        }
    }
}

/// Why it stopped, and the command that goes on; `file` as it was typed.
pub fn stopped(number: &str, at: StoppedAt, file: &str) -> (String, String) {
    let run = format!("landfall runbook run {file}");
    match at {
        StoppedAt::Begin => (format!("step {number} was not to run"), run),
        StoppedAt::ByHand => (
            format!("step {number} is to be done by a person, or its check does not hold"),
            format!("{run} --done {number}"),
        ),
        StoppedAt::Approval => {
            (format!("step {number} wants an approval"), format!("{run} --approve {number} --by NAME"))
        }
        StoppedAt::Begun => (
            format!("step {number} was begun, and how it ended is not known"),
            format!("{run} --done {number}, or --again {number}"),
        ),
        StoppedAt::Changed => (
            format!("step {number} is done, and does something else now"),
            format!("{run} --done {number}, or --again {number}"),
        ),
        StoppedAt::Failed => (format!("step {number} failed"), run),
    }
}

/// The steps as text.
pub fn steps(lines: &[Line], scripts: bool) -> String {
    let mut out = String::new();
    let mut section = None;
    for line in lines {
        if section != Some(&line.section) {
            let aside = if line.on_the_way { "" } else { "   (not on the way)" };
            out.push_str(&format!("\n{}{aside}\n", line.section));
            section = Some(&line.section);
        }
        let who = match (&line.at, &line.by) {
            (Some(at), Some(by)) => format!("   {by}, {}", at.strftime("%Y-%m-%d %H:%M UTC")),
            _ => String::new(),
        };
        let note = line.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        out.push_str(&format!(
            "  {:<5} {:<8} {:<8} {}{who}{note}\n",
            line.number, line.state, line.kind, line.text
        ));
        if scripts {
            for (mark, script) in [("$", &line.command), ("?", &line.check)] {
                for row in script.iter().flat_map(|script| script.lines()) {
                    out.push_str(&format!("          {mark} {row}\n"));
                }
            }
        }
    }
    out.trim_start_matches('\n').trim_end().to_owned()
}
