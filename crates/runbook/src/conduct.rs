//! Goes through a runbook: asks [`next`] what comes, does it, writes down what came of it.

use crate::WORDS_CHARS_MAX;
use crate::journal::{Entry, Happened, Part, VERSION};
use crate::model::{Command, Kind, Runbook, Step};
use crate::next::{Next, Standing, next};
use crate::ports::{Answer, Call, Ended, How, Journal, News, Person, Question, Runner};
use crate::progress::{Heard, Progress};
use base::{Clock, Fault};
use jiff::Timestamp;

/// What somebody wants.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Who sits at the keyboard.
    pub by: String,
    /// Only this section, by its place.
    pub section: Option<usize>,
    /// Begin a new pass, whatever was done.
    pub fresh: bool,
}

/// What is outside.
pub struct Ports<'a> {
    /// Runs commands.
    pub runner: &'a dyn Runner,
    /// Keeps the journal.
    pub journal: &'a mut dyn Journal,
    /// Is told and asked.
    pub person: &'a dyn Person,
    /// Tells the time.
    pub clock: &'a dyn Clock,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every step is done or skipped.
    Finished {
        /// How many were skipped.
        skipped: usize,
    },
    /// The pass was sent to this section, and that is through.
    WentTo(String),
    /// The pass was through before, and nothing was done.
    Already {
        /// When.
        at: Timestamp,
        /// The section that it was sent to.
        went_to: Option<String>,
    },
    /// It stopped at this step, and can be gone on with.
    Stopped {
        /// The step's number.
        number: String,
        /// Where.
        at: StoppedAt,
    },
}

/// What was open when it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoppedAt {
    /// Somebody did not let a command run.
    Begin,
    /// Something to be done by hand.
    ByHand,
    /// An approval.
    Approval,
    /// Whether a step that was begun is done.
    Begun,
    /// Whether a step that does something else now stays done.
    Changed,
    /// A failure.
    Failed,
}

/// Goes through a runbook until it is through or somebody stops it.
///
/// Faults: a journal that cannot be written, a command that cannot be started. What was under way then is
/// shown as begun.
pub async fn conduct<'a>(
    book: &'a Runbook,
    options: &'a Options,
    ports: Ports<'a>,
) -> Result<Outcome, Fault> {
    let mut walk = Walk { book, options, ports };
    if let Some(outcome) = walk.open()? {
        return Ok(outcome);
    }
    loop {
        let progress = walk.progress();
        match next(book, &progress, options.section) {
            Next::Nothing => return walk.close(&progress),
            Next::Step(step, standing) => {
                if let Some(at) = walk.take(step, standing, &progress).await? {
                    return Ok(Outcome::Stopped { number: step.number.clone(), at });
                }
            }
        }
    }
}

struct Walk<'a> {
    book: &'a Runbook,
    options: &'a Options,
    ports: Ports<'a>,
}

/// `Some`: it stops there.
type Stop = Option<StoppedAt>;

impl Walk<'_> {
    fn progress(&self) -> Progress {
        Progress::of(self.ports.journal.entries())
    }

    fn write(&mut self, what: Happened) -> Result<(), Fault> {
        let entry = Entry { v: VERSION, at: self.ports.clock.now(), by: self.options.by.clone(), what };
        self.ports.journal.append(entry)
    }

    fn tell(&self, news: News<'_>) {
        self.ports.person.tell(news);
    }

    /// Begins a pass, or goes on with one; an outcome: there is nothing to go on with.
    fn open(&mut self) -> Result<Option<Outcome>, Fault> {
        let progress = self.progress();
        let begins = self.options.fresh || progress.pass == 0;
        if let Some(at) = progress.closed
            && !begins
        {
            return Ok(Some(Outcome::Already { at, went_to: progress.went_to }));
        }
        let wanted = self.options.section.and_then(|place| self.book.sections.get(place));
        if let (Some(target), Some(wanted), false) = (&progress.went_to, wanted, begins)
            && *target != wanted.name
        {
            return Err(Fault::usage(format!("this pass went to `{target}` and does not come back"))
                .hint("--fresh begins a new pass"));
        }
        if let Some(target) = progress.went_to.as_ref().filter(|_| !begins)
            && !self.book.sections.iter().any(|s| s.name == *target)
        {
            return Err(Fault::usage(format!(
                "this pass went to `{target}`, a section that is not there any more"
            ))
            .hint("give the section its name back, or begin a new pass with --fresh"));
        }
        if begins || progress.document != self.book.digest {
            if !begins && let Some(difference) = progress.difference(self.book) {
                self.tell(News::Document(&difference));
            }
            self.write(Happened::Opened {
                pass: if begins { progress.pass.saturating_add(1) } else { progress.pass },
                title: self.book.title.clone(),
                document: self.book.digest.clone(),
                steps: self.book.steps().map(|s| (s.id.clone(), s.digest.clone())).collect(),
            })?;
        }
        match wanted {
            Some(section) if section.on_failure_only && (begins || progress.went_to.is_none()) => {
                self.go_to(&section.name)?;
            }
            _ => {}
        }
        Ok(None)
    }

    fn go_to(&mut self, section: &str) -> Result<(), Fault> {
        self.write(Happened::WentTo { section: section.to_owned() })?;
        self.tell(News::GoesTo(section));
        Ok(())
    }

    fn close(&mut self, progress: &Progress) -> Result<Outcome, Fault> {
        if let Some(section) = &progress.went_to {
            self.write(Happened::Closed)?;
            return Ok(Outcome::WentTo(section.clone()));
        }
        // One section alone does not make the whole.
        if next(self.book, progress, None) == Next::Nothing {
            self.write(Happened::Closed)?;
        }
        let skipped = progress.steps.values().filter(|s| matches!(s.what, Heard::Skipped(_))).count();
        Ok(Outcome::Finished { skipped })
    }

    /// Takes the next step, whatever it takes.
    async fn take(&mut self, step: &Step, standing: Standing, progress: &Progress) -> Result<Stop, Fault> {
        if standing == Standing::Begun && self.is_found(step).await? {
            return Ok(None);
        }
        let doubt = match standing {
            Standing::Begun => Some((Question::Begun(step), StoppedAt::Begun)),
            Standing::Changed => Some((Question::Changed(step), StoppedAt::Changed)),
            _ => None,
        };
        if let Some((question, at)) = doubt {
            match self.ports.person.ask(question).await? {
                Answer::Again | Answer::Go => {}
                Answer::Done => return self.tick(step),
                Answer::Skip(reason) => return self.skip(step, &reason),
                _ => return Ok(Some(at)),
            }
        }
        match &step.kind {
            Kind::Command { command, check } => {
                if doubt.is_none() {
                    match self.ports.person.ask(Question::Begin(step)).await? {
                        Answer::Go | Answer::Again => {}
                        Answer::Done => return self.tick(step),
                        Answer::Skip(reason) => return self.skip(step, &reason),
                        _ => return Ok(Some(StoppedAt::Begin)),
                    }
                }
                self.run(step, command, check.as_ref()).await
            }
            Kind::ByHand { check } => self.by_hand(step, check.as_ref()).await,
            Kind::Approval { another, .. } => self.approve(step, *another, progress).await,
        }
    }

    /// Runs a step's command and its check, and asks what to do when one fails.
    async fn run(&mut self, step: &Step, command: &Command, check: Option<&Command>) -> Result<Stop, Fault> {
        loop {
            self.write(Happened::Begun { step: step.into() })?;
            let mut part = Part::Command;
            let mut ended = self.call(step, command, part).await?;
            if let (true, Some(check)) = (ended.how.good(), check) {
                part = Part::Check;
                ended = self.call(step, check, part).await?;
            }
            let how = ended.how;
            self.write(ended_event(step, part, ended))?;
            if how.good() {
                self.tell(News::Done(step));
                return Ok(None);
            }
            self.tell(News::Failed(step, part, how));
            match self.ports.person.ask(Question::Failed(step, part, how)).await? {
                Answer::Again | Answer::Go => {}
                Answer::Skip(reason) => return self.skip(step, &reason),
                Answer::GoTo => {
                    if let Some(section) = &step.on_failure {
                        self.go_to(section)?;
                        return Ok(None);
                    }
                    return Ok(Some(StoppedAt::Failed));
                }
                _ => return Ok(Some(StoppedAt::Failed)),
            }
        }
    }

    /// Asks until it is done; a check has the last word.
    async fn by_hand(&mut self, step: &Step, check: Option<&Command>) -> Result<Stop, Fault> {
        if self.is_found(step).await? {
            return Ok(None);
        }
        loop {
            match self.ports.person.ask(Question::ByHand(step)).await? {
                Answer::Done => {}
                Answer::Skip(reason) => return self.skip(step, &reason),
                _ => return Ok(Some(StoppedAt::ByHand)),
            }
            let Some(check) = check else { return self.tick(step) };
            let ended = self.call(step, check, Part::Check).await?;
            if ended.how.good() {
                return self.tick(step);
            }
            self.tell(News::Failed(step, Part::Check, ended.how));
        }
    }

    async fn approve(&mut self, step: &Step, another: bool, progress: &Progress) -> Result<Stop, Fault> {
        loop {
            let Answer::Approve(name) = self.ports.person.ask(Question::Approval(step)).await? else {
                return Ok(Some(StoppedAt::Approval));
            };
            let name = one_line(&name);
            if name.is_empty() {
                self.tell(News::Refused(step, "an approval has a name"));
            } else if another && progress.hands.contains(&name.to_lowercase()) {
                self.tell(News::Refused(step, "it takes somebody who did none of the steps before"));
            } else {
                self.write(Happened::Approved { step: step.into(), name })?;
                self.tell(News::Done(step));
                return Ok(None);
            }
        }
    }

    /// Whether the check of a step says that it is done already.
    async fn is_found(&mut self, step: &Step) -> Result<bool, Fault> {
        let Some(check) = step.kind.check() else { return Ok(false) };
        let good = self.call(step, check, Part::Check).await?.how.good();
        if good {
            self.write(Happened::Found { step: step.into() })?;
            self.tell(News::Found(step));
        }
        Ok(good)
    }

    async fn call(&self, step: &Step, command: &Command, part: Part) -> Result<Ended, Fault> {
        self.tell(News::Begins(step, part));
        let call = Call { command, timeout: step.timeout, output: step.record_output };
        self.ports.runner.run(call).await.map_err(|fault| fault.at(format!("step {}", step.number)))
    }

    fn tick(&mut self, step: &Step) -> Result<Stop, Fault> {
        self.write(Happened::Ticked { step: step.into() })?;
        self.tell(News::Done(step));
        Ok(None)
    }

    fn skip(&mut self, step: &Step, reason: &str) -> Result<Stop, Fault> {
        let reason = one_line(reason);
        if reason.is_empty() {
            return Err(Fault::usage(format!("step {} is skipped only with a reason", step.number)));
        }
        self.write(Happened::Skipped { step: step.into(), reason })?;
        self.tell(News::Skipped(step));
        Ok(None)
    }
}

fn ended_event(step: &Step, part: Part, ended: Ended) -> Happened {
    let (exit, signal) = match ended.how {
        How::Exited(exit) => (Some(exit), None),
        How::Killed(signal) => (None, Some(signal)),
        How::TimedOut => (None, None),
    };
    Happened::Ended {
        step: step.into(),
        done: ended.how.good(),
        part,
        exit,
        signal,
        timed_out: ended.how == How::TimedOut,
        output: ended.output,
    }
}

/// What somebody typed, as one line of bounded length.
fn one_line(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(WORDS_CHARS_MAX).collect()
}
