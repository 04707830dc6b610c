//! What an answer means: pure decisions, one for each way an attempt can end.
//!
//! The difference that matters is between an operation that only asks, which is tried again wherever that may
//! help, and one that changes something, which is tried again only where it is certain that nothing was done.

use crate::errors::{Error, Lost};
use crate::queries::Operation;
use crate::said::said;
use crate::wire::{self, Answer, GraphError};
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::Duration;
use webclient::{Cause, Failed, Reply};

/// What to do after an attempt.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Here it is: the answer's root field.
    Done(Box<RawValue>),
    /// Try again, if the policy allows; else it was this.
    Again { cause: Cause, retry_after: Option<Duration>, error: Error },
    /// The token is no longer good. Nothing was done.
    Renew,
    /// That is that.
    Over(Error),
}

/// A verdict, and what the attempt cost.
#[derive(Debug)]
pub(crate) struct Judged {
    pub verdict: Verdict,
    pub complexity: Option<u64>,
}

/// The service's own numbers, of the family that its template for apps lists. They are read only where an
/// error has no status.
mod code {
    pub const SERVER: &[u32] = &[10, 30, 50, 116, 122];
    pub const REJECT: &[u32] = &[100, 106, 112, 114, 118, 120];
    pub const PERMISSION: u32 = 102;
    pub const RATE: u32 = 104;
    pub const TOKEN: u32 = 108;
    pub const NOT_FOUND: u32 = 110;
}

/// Judges how the `attempt`-th attempt at `operation` ended.
pub(crate) fn judge(
    operation: &Operation,
    variables: &Value,
    attempt: u32,
    ended: Result<Reply, Failed>,
    path: &str,
) -> Judged {
    let judge = Judge { operation, variables, attempt };
    match ended {
        Err(failed) => judge.failed(failed),
        Ok(reply) => match wire::answer(&reply.body, reply.html, operation.root) {
            Ok(answer) => {
                let complexity = answer.complexity;
                Judged { verdict: judge.answer(answer), complexity }
            }
            Err(bad) => {
                let (cut, path) = (bad.cut, path.to_owned());
                let error = webclient::Error::Malformed {
                    path,
                    what: bad.what,
                    cut,
                    html: bad.html,
                    attempts: attempt,
                };
                judge.failed(Failed { error, cause: cut.then_some(Cause::Cut), retry_after: None })
            }
        },
    }
}

struct Judge<'a> {
    operation: &'a Operation,
    variables: &'a Value,
    attempt: u32,
}

impl Judge<'_> {
    fn name(&self) -> &'static str {
        self.operation.name
    }

    /// There is no 2xx answer that can be read.
    fn failed(&self, failed: Failed) -> Judged {
        let Failed { error, cause, retry_after } = failed;
        // A status of the service's own may have GraphQL's errors with it; they know more.
        if let webclient::Error::Status { status, html, body, .. } = &error
            && (400..500).contains(status)
            && *status != 429
        {
            let answer = wire::answer(&body.0, *html, self.operation.root).ok();
            let complexity = answer.as_ref().and_then(|answer| answer.complexity);
            let first = answer.and_then(|answer| answer.errors.into_iter().next());
            return Judged { verdict: self.status(*status, first, error), complexity };
        }
        let operation = self.name();
        let verdict = match cause {
            Some(cause @ Cause::Status(429)) => {
                let error = Error::RateLimited { operation, attempts: self.attempt };
                Verdict::Again { cause, retry_after, error }
            }
            _ if !self.operation.repeatable && error.may_have_acted() => {
                Verdict::Over(Error::UnknownOutcome { operation, lost: Lost::Net(error) })
            }
            Some(cause) => Verdict::Again { cause, retry_after, error: Error::NoAnswer { operation, error } },
            None => Verdict::Over(Error::NoAnswer { operation, error }),
        };
        Judged { verdict, complexity: None }
    }

    /// A 4xx status, with the first of GraphQL's errors, if there is one.
    fn status(&self, status: u16, first: Option<GraphError>, error: webclient::Error) -> Verdict {
        let known = matches!(status, 400 | 401 | 403);
        let Some(mut first) = first.or_else(|| known.then(GraphError::default)) else {
            return Verdict::Over(Error::NoAnswer { operation: self.name(), error });
        };
        // 400 is what servers say to a query that they do not understand; it says nothing about the record.
        if status != 400 {
            first.status = first.status.or(Some(status));
        }
        self.refused(&first, false)
    }

    /// A GraphQL answer.
    fn answer(&self, answer: Answer) -> Verdict {
        let Answer { root, executed, errors, .. } = answer;
        let operation = self.name();
        match (root, errors.first()) {
            (Some(root), None) => Verdict::Done(root),
            (None, None) if self.operation.repeatable => Verdict::Over(Error::Nothing { operation }),
            (None, None) => Verdict::Over(unreadable(self.operation, "it is null".into())),
            (None, Some(first)) => self.refused(first, executed),
            (Some(_), Some(first)) if self.operation.repeatable => {
                let said = self.said(first);
                Verdict::Over(Error::Partial { operation, status: first.status, said })
            }
            (Some(_), Some(first)) => self.broke(first),
        }
    }

    /// There is no data. `executed`: the service had begun to work on it.
    fn refused(&self, first: &GraphError, executed: bool) -> Verdict {
        let operation = self.name();
        let said = self.said(first);
        let (status, code) = (first.status, first.code);
        // Below the root field something broke after the work was done.
        let after = executed && first.depth.is_some_and(|depth| depth > 1);
        if after && !self.operation.repeatable {
            return self.broke(first);
        }
        if after {
            return Verdict::Over(Error::Partial { operation, status, said });
        }
        let is_code = |known: &[u32]| status.is_none() && code.is_some_and(|code| known.contains(&code));
        if status == Some(401) || first.message == "Unauthorized" || is_code(&[code::TOKEN]) {
            return Verdict::Renew;
        }
        if status == Some(403) || is_code(&[code::PERMISSION]) {
            return Verdict::Over(Error::Forbidden { operation, said });
        }
        if status == Some(404) || is_code(&[code::NOT_FOUND]) {
            return Verdict::Over(Error::NotFound { operation, said });
        }
        if status == Some(429) || is_code(&[code::RATE]) {
            let error = Error::RateLimited { operation, attempts: self.attempt };
            return Verdict::Again { cause: Cause::Status(429), retry_after: None, error };
        }
        if status.is_some_and(|status| status >= 500) || is_code(code::SERVER) {
            if !self.operation.repeatable {
                return self.broke(first);
            }
            let error = Error::Trouble { operation, status, said };
            return Verdict::Again { cause: Cause::Status(status.unwrap_or(500)), retry_after: None, error };
        }
        if status.is_some() || is_code(code::REJECT) {
            return Verdict::Over(Error::Refused { operation, status, code, said });
        }
        if !executed {
            return Verdict::Over(Error::BadQuery { operation, said });
        }
        // Something went wrong, and the service does not say what.
        if self.operation.repeatable {
            Verdict::Over(Error::Trouble { operation, status, said })
        } else {
            self.broke(first)
        }
    }

    /// A change of which nobody knows whether it was made.
    fn broke(&self, first: &GraphError) -> Verdict {
        let lost = Lost::Broke { status: first.status, said: self.said(first) };
        Verdict::Over(Error::UnknownOutcome { operation: self.name(), lost })
    }

    fn said(&self, error: &GraphError) -> Option<String> {
        said(&error.message, self.variables)
    }
}

/// The error of an answer that came and is not what it should be.
pub(crate) fn unreadable(operation: &Operation, what: String) -> Error {
    let name = operation.name;
    if operation.repeatable {
        Error::Odd { operation: name, what }
    } else {
        Error::UnknownOutcome { operation: name, lost: Lost::Unreadable(what) }
    }
}

#[cfg(test)]
mod tests;
