//! Answers that were given beforehand, on the command line.

use crate::model::Runbook;
use crate::ports::{Answer, News, Person, Question};
use async_trait::async_trait;
use base::Fault;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was decided beforehand. Steps are named by number or id.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Steps that are done.
    pub done: Vec<String>,
    /// Steps that are to run again.
    pub again: Vec<String>,
    /// Steps that are left out.
    pub skip: Vec<String>,
    /// Why they are.
    pub reason: Option<String>,
    /// Steps that are agreed to, by who sits at the keyboard.
    pub approve: Vec<String>,
    /// Whether a failure goes to its section without asking.
    pub yes: bool,
}

/// A person of whom some answers are known; the others are asked of the next one.
pub struct Decided<'a> {
    /// Answers by the step's id; each is given once.
    answers: Mutex<BTreeMap<String, Answer>>,
    yes: bool,
    then: &'a dyn Person,
}

impl<'a> Decided<'a> {
    /// Takes the decisions about a runbook; `by` sits at the keyboard.
    ///
    /// Faults: a step that is not there or is named twice, a skip without a reason.
    pub fn new(book: &Runbook, by: &str, decisions: &Decisions, then: &'a dyn Person) -> Result<Self, Fault> {
        let mut answers = BTreeMap::new();
        let mut add = |named: &[String], answer: &Answer| {
            for named in named {
                let step = book.step(named)?;
                if answers.insert(step.id.clone(), answer.clone()).is_some() {
                    return Err(Fault::usage(format!("step {} is decided twice", step.number)));
                }
            }
            Ok(())
        };
        let reason = decisions.reason.clone().unwrap_or_default();
        if reason.trim().is_empty() && !decisions.skip.is_empty() {
            return Err(
                Fault::usage("a step is skipped only with a reason").hint("--skip STEP --reason WORDS")
            );
        }
        add(&decisions.done, &Answer::Done)?;
        add(&decisions.again, &Answer::Again)?;
        add(&decisions.skip, &Answer::Skip(reason))?;
        add(&decisions.approve, &Answer::Approve(by.to_owned()))?;
        Ok(Self { answers: Mutex::new(answers), yes: decisions.yes, then })
    }

    /// Ids of steps that were decided and never asked about.
    pub fn unused(&self) -> Vec<String> {
        self.answers().keys().cloned().collect()
    }

    fn answers(&self) -> MutexGuard<'_, BTreeMap<String, Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, when it fits the question; it is used up then.
    fn known(&self, question: Question<'_>) -> Option<Answer> {
        let mut answers = self.answers();
        let id = &question.step().id;
        let fits = match (question, answers.get(id)?) {
            (Question::Approval(_), answer) => matches!(answer, Answer::Approve(_)),
            (Question::Failed(..), answer) => matches!(answer, Answer::Skip(_)),
            (Question::Begun(_) | Question::Changed(_), answer) => !matches!(answer, Answer::Approve(_)),
            (Question::Begin(_), answer) => !matches!(answer, Answer::Approve(_)),
            (Question::ByHand(_), answer) => matches!(answer, Answer::Done | Answer::Skip(_)),
        };
        if fits { answers.remove(id) } else { None }
    }
}

#[async_trait]
impl Person for Decided<'_> {
    fn tell(&self, news: News<'_>) {
        self.then.tell(news);
    }

    async fn ask(&self, question: Question<'_>) -> Result<Answer, Fault> {
        if let Some(answer) = self.known(question) {
            return Ok(answer);
        }
        match question {
            Question::Failed(step, _, _) if self.yes && step.on_failure.is_some() => Ok(Answer::GoTo),
            question => self.then.ask(question).await,
        }
    }
}
