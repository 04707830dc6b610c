//! What a call can fail of: facts, a class, and what to do. No variant holds a secret or a value of a record.

use base::{Class, Fault};

/// Why a call did not do what it should. `operation` is the name of the GraphQL operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The service cannot be reached, or its answer is none. Nothing was changed.
    #[error("{operation}: {error}")]
    NoAnswer {
        /// Which operation.
        operation: &'static str,
        /// What happened.
        error: webclient::Error,
    },
    /// Something was to be changed, and nobody knows whether it was: look before trying again.
    #[error("{operation}: unknown outcome: {lost}")]
    UnknownOutcome {
        /// Which operation.
        operation: &'static str,
        /// How the answer was lost.
        lost: Lost,
    },
    /// The token is refused, and there is no newer one to be had.
    #[error("{operation}: BetterMode refused the token{}", fresh(*.minted))]
    Unauthorized {
        /// Which operation.
        operation: &'static str,
        /// Whether the token was a fresh one.
        minted: bool,
    },
    /// The app may not do this, or is not installed.
    #[error("{operation}: BetterMode forbids it{}", words(.said))]
    Forbidden {
        /// Which operation.
        operation: &'static str,
        /// The service's words.
        said: Option<String>,
    },
    /// The app's id and secret are not known to the service.
    #[error("{operation}: BetterMode does not know the app{}", words(.said))]
    UnknownApp {
        /// Which operation.
        operation: &'static str,
        /// The service's words.
        said: Option<String>,
    },
    /// What was asked for is not there.
    #[error("{operation}: not found{}", words(.said))]
    NotFound {
        /// Which operation.
        operation: &'static str,
        /// The service's words.
        said: Option<String>,
    },
    /// The service does not want this record: a duplicate, a missing field, a word it does not take.
    #[error("{operation}: BetterMode refused it{}{}", number(.status), words(.said))]
    Refused {
        /// Which operation.
        operation: &'static str,
        /// The status that the service gave.
        status: Option<u16>,
        /// The service's own number.
        code: Option<u32>,
        /// The service's words.
        said: Option<String>,
    },
    /// The service answered that it failed, and not why (`Action.status` is `failed`).
    #[error("{operation}: BetterMode says that it failed")]
    Failed {
        /// Which operation.
        operation: &'static str,
    },
    /// Too many requests, again and again.
    #[error("{operation}: BetterMode says that it is asked too much ({attempts} attempts)")]
    RateLimited {
        /// Which operation.
        operation: &'static str,
        /// How many times it was tried.
        attempts: u32,
    },
    /// The budget for this window or day is used up, and waiting for the next one takes too long.
    #[error("{operation}: the budget of requests is used up for another {} minutes", .minutes)]
    BudgetSpent {
        /// Which operation.
        operation: &'static str,
        /// How long until there is some again.
        minutes: u64,
    },
    /// The request is more complex than the limits ever allow.
    #[error("{operation}: its complexity of {complexity} is more than the limits ever allow")]
    TooComplex {
        /// Which operation.
        operation: &'static str,
        /// What it would cost.
        complexity: u64,
    },
    /// The service had trouble of its own, again and again. Nothing was changed.
    #[error("{operation}: BetterMode has trouble{}{}", number(.status), words(.said))]
    Trouble {
        /// Which operation.
        operation: &'static str,
        /// The status that the service gave.
        status: Option<u16>,
        /// The service's words.
        said: Option<String>,
    },
    /// The service does not understand the operation: its schema is not what this program takes it to be.
    #[error("{operation}: BetterMode does not understand the query{}", words(.said))]
    BadQuery {
        /// Which operation.
        operation: &'static str,
        /// The service's words.
        said: Option<String>,
    },
    /// Only a part of the answer came: something in it may not be seen, or broke.
    #[error("{operation}: BetterMode answered only in part{}{}", number(.status), words(.said))]
    Partial {
        /// Which operation.
        operation: &'static str,
        /// The status that the service gave.
        status: Option<u16>,
        /// The service's words.
        said: Option<String>,
    },
    /// The answer is not what it should be.
    #[error("{operation}: {what}")]
    Odd {
        /// Which operation.
        operation: &'static str,
        /// What is odd, without a value of a record.
        what: String,
    },
    /// Null stands where the answer should be, and no error says why.
    #[error("{operation}: BetterMode answers with nothing")]
    Nothing {
        /// Which operation.
        operation: &'static str,
    },
    /// The member does not take messages.
    #[error("the member does not take messages")]
    NotContactable,
    /// Several records fit, where one was looked for.
    #[error("{operation}: {count} records fit, where one was looked for")]
    Many {
        /// Which operation.
        operation: &'static str,
        /// How many fit.
        count: usize,
    },
    /// The service has no way to do this.
    #[error("BetterMode has no way to {what}")]
    Impossible {
        /// What, in the infinitive.
        what: &'static str,
    },
    /// What was given cannot be sent.
    #[error("{what}")]
    Wrong {
        /// What is wrong with it, without its value.
        what: String,
    },
}

/// How an answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// On the net, or in a server that broke.
    #[error("{0}")]
    Net(webclient::Error),
    /// The service says that something broke while it worked.
    #[error("BetterMode says that something broke{}{}", number(.status), words(.said))]
    Broke {
        /// The status that the service gave.
        status: Option<u16>,
        /// The service's words.
        said: Option<String>,
    },
    /// The answer came, and does not say what was made.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
}

impl Error {
    /// What can be done about it.
    pub fn class(&self) -> Class {
        match self {
            Error::NoAnswer { error, .. } => error.class(),
            Error::UnknownOutcome { .. } | Error::RateLimited { .. } | Error::Trouble { .. } => Class::Retry,
            Error::Unauthorized { .. } | Error::Forbidden { .. } | Error::UnknownApp { .. } => Class::Stop,
            Error::BudgetSpent { .. } | Error::Partial { .. } => Class::Stop,
            Error::Odd { .. } | Error::Nothing { .. } => Class::Stop,
            Error::NotFound { .. } | Error::Refused { .. } | Error::Failed { .. } => Class::Fail,
            Error::NotContactable | Error::Many { .. } => Class::Fail,
            Error::TooComplex { .. } | Error::Impossible { .. } | Error::Wrong { .. } => Class::Usage,
            Error::BadQuery { .. } => Class::Bug,
        }
    }

    /// Whether it is about this one record, so that others may go on: it becomes a reject.
    pub fn is_reject(&self) -> bool {
        matches!(
            self,
            Error::NotFound { .. }
                | Error::Refused { .. }
                | Error::Failed { .. }
                | Error::NotContactable
                | Error::Many { .. }
                | Error::Wrong { .. }
        )
    }

    /// Whether something may have been changed: look before trying again.
    pub fn is_unknown_outcome(&self) -> bool {
        matches!(self, Error::UnknownOutcome { .. })
    }

    /// What to do, most helpful first.
    pub fn hints(&self) -> Vec<String> {
        let hints: &[&str] = match self {
            Error::NoAnswer { error: webclient::Error::Connect { .. }, .. } => {
                &["check BETTERMODE_API_URL, and that this machine may reach that host"]
            }
            Error::NoAnswer {
                error:
                    webclient::Error::Redirect { .. }
                    | webclient::Error::Malformed { html: true, .. }
                    | webclient::Error::Status { status: 404, .. },
                ..
            } => &["check BETTERMODE_API_URL: tokens are sent nowhere else"],
            Error::NoAnswer { .. } | Error::RateLimited { .. } | Error::Trouble { .. } => {
                &["run the same command again later: what was done is kept"]
            }
            Error::UnknownOutcome { .. } => {
                &["run the same command again: it looks for the record before it makes another one"]
            }
            Error::Unauthorized { minted: true, .. } => {
                &["check that the app is installed in this community (BETTERMODE_NETWORK_ID)"]
            }
            Error::Unauthorized { minted: false, .. } => &[
                "set BETTERMODE_CLIENT_ID and BETTERMODE_CLIENT_SECRET: tokens are then fetched and renewed",
                "or set BETTERMODE_API_TOKEN to a token that is still good",
            ],
            Error::Forbidden { .. } | Error::Partial { status: Some(403), .. } => &[
                "the app must be published, installed in this community, and have the right for this call; \
                 see its page in the developer portal",
            ],
            Error::UnknownApp { .. } => &[
                "check BETTERMODE_CLIENT_ID and BETTERMODE_CLIENT_SECRET; the signing secret is another one",
            ],
            Error::BudgetSpent { .. } => &["run the same command again then: what was done is kept"],
            Error::TooComplex { .. } => &["ask for smaller pages, or raise the limits to those of your plan"],
            Error::BadQuery { .. } => &["the service's schema has changed: please report this message"],
            Error::Partial { .. } | Error::Odd { .. } | Error::Nothing { .. } => {
                &["run the same command again: what was done is kept"]
            }
            Error::NotFound { .. }
            | Error::Refused { .. }
            | Error::Failed { .. }
            | Error::NotContactable
            | Error::Many { .. }
            | Error::Impossible { .. }
            | Error::Wrong { .. } => &[],
        };
        hints.iter().map(|hint| (*hint).to_owned()).collect()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let fault = Fault::new(error.class(), error.to_string());
        error.hints().into_iter().fold(fault, Fault::hint)
    }
}

fn words(said: &Option<String>) -> String {
    said.as_ref().map(|said| format!(": {said}")).unwrap_or_default()
}

fn fresh(minted: bool) -> &'static str {
    if minted { " that it had just issued" } else { "" }
}

fn number(status: &Option<u16>) -> String {
    status.map(|status| format!(" ({status})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_class_and_says_what_to_do() {
        let operation = "CreatePost";
        let said = Some("Forbidden resource".to_owned());
        let timeout = webclient::Error::Timeout { path: "/".into(), attempts: 2 };
        for (error, class, reject, words) in [
            (
                Error::NoAnswer { operation, error: timeout.clone() },
                Class::Retry,
                false,
                vec!["did not answer in time", "kept"],
            ),
            (
                Error::UnknownOutcome { operation, lost: Lost::Net(timeout) },
                Class::Retry,
                false,
                vec!["unknown outcome", "in time", "looks for the record"],
            ),
            (
                Error::UnknownOutcome { operation, lost: Lost::Broke { status: Some(500), said: None } },
                Class::Retry,
                false,
                vec!["unknown outcome", "broke (500)"],
            ),
            (
                Error::Unauthorized { operation, minted: false },
                Class::Stop,
                false,
                vec!["refused the token", "BETTERMODE_CLIENT_ID"],
            ),
            (
                Error::Unauthorized { operation, minted: true },
                Class::Stop,
                false,
                vec!["just issued", "BETTERMODE_NETWORK_ID"],
            ),
            (
                Error::Forbidden { operation, said: said.clone() },
                Class::Stop,
                false,
                vec!["Forbidden resource", "installed"],
            ),
            (
                Error::UnknownApp { operation, said: None },
                Class::Stop,
                false,
                vec!["BETTERMODE_CLIENT_SECRET"],
            ),
            (Error::NotFound { operation, said: None }, Class::Fail, true, vec!["CreatePost: not found"]),
            (
                Error::Refused { operation, status: Some(422), code: Some(100), said },
                Class::Fail,
                true,
                vec!["refused it (422): Forbidden resource"],
            ),
            (Error::Failed { operation }, Class::Fail, true, vec!["says that it failed"]),
            (Error::RateLimited { operation, attempts: 10 }, Class::Retry, false, vec!["10 attempts"]),
            (Error::BudgetSpent { operation, minutes: 90 }, Class::Stop, false, vec!["90 minutes"]),
            (Error::TooComplex { operation, complexity: 9 }, Class::Usage, false, vec!["of 9", "smaller"]),
            (
                Error::Trouble { operation, status: Some(503), said: None },
                Class::Retry,
                false,
                vec!["trouble (503)"],
            ),
            (Error::BadQuery { operation, said: None }, Class::Bug, false, vec!["schema"]),
            (
                Error::Partial { operation, status: Some(403), said: None },
                Class::Stop,
                false,
                vec!["in part (403)", "the right"],
            ),
            (Error::Odd { operation, what: "x".into() }, Class::Stop, false, vec!["CreatePost: x"]),
            (Error::Nothing { operation }, Class::Stop, false, vec!["with nothing"]),
            (Error::NotContactable, Class::Fail, true, vec!["does not take messages"]),
            (Error::Many { operation, count: 2 }, Class::Fail, true, vec!["2 records"]),
            (Error::Impossible { what: "fly" }, Class::Usage, false, vec!["no way to fly"]),
            (Error::Wrong { what: "it is empty".into() }, Class::Usage, true, vec!["it is empty"]),
        ] {
            let fault = Fault::from(error.clone());
            let shown = format!("{} {}", fault.what, fault.hints.join(" "));
            assert_eq!((fault.class, error.is_reject()), (class, reject), "{shown}");
            for word in words {
                assert!(shown.contains(word), "{word:?} is not in {shown}");
            }
        }
    }
}
