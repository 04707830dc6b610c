//! What stands for the outside: a journal that can be killed, a runner that remembers, a person who is
//! scripted.

use async_trait::async_trait;
use base::Fault;
use base::clock::FixedClock;
use runbook::{
    Answer, Call, Ended, Entry, How, Journal, News, Options, Outcome, Person, Ports, Question, Runbook,
    Runner, conduct, parse,
};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A document that must have no problem.
pub fn book(text: &str) -> Runbook {
    let parsed = parse(text);
    assert_eq!(parsed.problems, [], "{text}");
    parsed.runbook.expect("a runbook without problems")
}

/// A journal in memory, in which the n-th event is the last thing that happens.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    pub entries: Vec<Entry>,
    /// Events until the kill, and whether the last one still reaches the disk.
    pub killed_at: Option<(usize, bool)>,
}

impl Journal for MemoryJournal {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }
    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        if let Some((left, kept)) = &mut self.killed_at {
            if *left == 0 {
                if *kept {
                    self.entries.push(entry);
                }
                return Err(Fault::stop("killed"));
            }
            *left -= 1;
        }
        self.entries.push(entry);
        Ok(())
    }
}

/// Remembers the first line of what ran; what a script comes to is looked up by that line.
#[derive(Debug, Default)]
pub struct FakeRunner {
    pub ran: Mutex<Vec<String>>,
    /// First line → how it ends, call by call; the last one stays. Else it exits with 0.
    pub ends: Mutex<BTreeMap<String, Vec<How>>>,
    /// Calls until one never comes back.
    pub killed_at: Option<usize>,
}

impl FakeRunner {
    pub fn ending(ends: &[(&str, &[How])]) -> Self {
        let ends = ends.iter().map(|(line, hows)| ((*line).to_owned(), hows.to_vec())).collect();
        Self { ends: Mutex::new(ends), ..Self::default() }
    }
    pub fn ran(&self) -> Vec<String> {
        self.ran.lock().unwrap().clone()
    }
}

#[async_trait]
impl Runner for FakeRunner {
    async fn run(&self, call: Call<'_>) -> Result<Ended, Fault> {
        let line = call.command.script.lines().next().unwrap_or_default().to_owned();
        let mut ran = self.ran.lock().unwrap();
        ran.push(line.clone());
        if self.killed_at.is_some_and(|at| ran.len() > at) {
            return Err(Fault::stop("killed"));
        }
        let mut ends = self.ends.lock().unwrap();
        let how = match ends.get_mut(&line) {
            Some(hows) if hows.len() > 1 => hows.remove(0),
            Some(hows) => hows[0],
            None => How::Exited(0),
        };
        Ok(Ended { how, output: call.output.then(|| format!("output of {line}")) })
    }
}

/// Answers by the kind of question, remembers what was asked and told.
#[derive(Default)]
pub struct FakePerson {
    pub asked: Mutex<Vec<String>>,
    pub told: Mutex<Vec<String>>,
    /// `begun 1.2` → answers, one a time; before that, the usual one of [`usual`].
    pub answers: Mutex<BTreeMap<String, Vec<Answer>>>,
}

impl FakePerson {
    pub fn answering(answers: &[(&str, &[Answer])]) -> Self {
        let answers =
            answers.iter().map(|(question, list)| ((*question).to_owned(), list.to_vec())).collect();
        Self { answers: Mutex::new(answers), ..Self::default() }
    }
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

/// `begun 1.2`.
fn shown(question: Question<'_>) -> String {
    let word = match question {
        Question::Begin(_) => "begin",
        Question::ByHand(_) => "by hand",
        Question::Approval(_) => "approval",
        Question::Begun(_) => "begun",
        Question::Changed(_) => "changed",
        Question::Failed(..) => "failed",
    };
    format!("{word} {}", question.step().number)
}

/// What somebody says who wants it all done.
fn usual(question: Question<'_>) -> Answer {
    match question {
        Question::Begin(_) => Answer::Go,
        Question::ByHand(_) => Answer::Done,
        Question::Approval(_) => Answer::Approve("Bea".to_owned()),
        Question::Begun(_) | Question::Changed(_) => Answer::Again,
        Question::Failed(..) => Answer::Stop,
    }
}

#[async_trait]
impl Person for FakePerson {
    fn tell(&self, news: News<'_>) {
        let line = match news {
            News::Document(d) => format!("document new {:?} changed {:?} gone {}", d.new, d.changed, d.gone),
            News::Begins(step, part) => format!("begins {} {part:?}", step.number),
            News::Found(step) => format!("found {}", step.number),
            News::Done(step) => format!("done {}", step.number),
            News::Skipped(step) => format!("skipped {}", step.number),
            News::Failed(step, part, how) => format!("failed {} {part:?} {how:?}", step.number),
            News::Refused(step, why) => format!("refused {}: {why}", step.number),
            News::GoesTo(section) => format!("goes to {section}"),
        };
        self.told.lock().unwrap().push(line);
    }

    async fn ask(&self, question: Question<'_>) -> Result<Answer, Fault> {
        let key = shown(question);
        if !matches!(question, Question::Begin(_)) {
            self.asked.lock().unwrap().push(key.clone());
        }
        let mut answers = self.answers.lock().unwrap();
        match answers.get_mut(&key) {
            Some(list) if !list.is_empty() => Ok(list.remove(0)),
            _ => Ok(usual(question)),
        }
    }
}

/// Goes through a runbook as Ann.
pub async fn go(
    book: &Runbook,
    journal: &mut MemoryJournal,
    runner: &FakeRunner,
    person: &dyn Person,
) -> Result<Outcome, Fault> {
    go_with(book, &options(), journal, runner, person).await
}

/// Ann's options.
pub fn options() -> Options {
    Options { by: "Ann".to_owned(), ..Options::default() }
}

/// Goes through a runbook with these options.
pub async fn go_with(
    book: &Runbook,
    options: &Options,
    journal: &mut MemoryJournal,
    runner: &FakeRunner,
    person: &dyn Person,
) -> Result<Outcome, Fault> {
    let clock = FixedClock("2026-11-21T22:00:00Z".parse().unwrap());
    conduct(book, options, Ports { runner, journal, person, clock: &clock }).await
}
