//! What a call can fail of: facts, a class, and what to do. No variant holds a secret or a value of a record.

use crate::limits::Exceeded;
use crate::said::Said;
use base::{Class, Fault};

/// Why a call did not do what it should. `call` says what was asked for: `create a page`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The service cannot be reached, or its answer is none. Nothing was changed.
    #[error("{call}: {error}")]
    NoAnswer {
        /// What was asked for.
        call: &'static str,
        /// What happened.
        error: webclient::Error,
    },
    /// Something was to be changed, and nobody knows whether it was: look before trying again.
    #[error("{call}: unknown outcome: {lost}")]
    UnknownOutcome {
        /// What was asked for.
        call: &'static str,
        /// How the answer was lost.
        lost: Lost,
    },
    /// The token is refused.
    #[error("{call}: Notion refused the token{said}")]
    Unauthorized {
        /// What was asked for.
        call: &'static str,
        /// The service's words.
        said: Said,
    },
    /// The connection may not do this.
    #[error("{call}: Notion forbids it{said}")]
    Forbidden {
        /// What was asked for.
        call: &'static str,
        /// The service's words.
        said: Said,
    },
    /// What was asked for is not there, or not shared with the connection: the service tells no difference.
    #[error("{call}: not there, or not shared with the connection{said}")]
    NotFound {
        /// What was asked for.
        call: &'static str,
        /// The service's words.
        said: Said,
    },
    /// Somebody changed it at the same moment: read it again first.
    #[error("{call}: somebody changed it at the same moment{said}")]
    Conflict {
        /// What was asked for.
        call: &'static str,
        /// The service's words.
        said: Said,
    },
    /// The service does not want this record.
    #[error("{call}: Notion refused it ({status}){said}")]
    Refused {
        /// What was asked for.
        call: &'static str,
        /// The status that the service gave.
        status: u16,
        /// The service's words.
        said: Said,
    },
    /// The service does not understand the request: its API is not what this program takes it to be.
    #[error("{call}: Notion does not understand the request ({status}){said}")]
    BadRequest {
        /// What was asked for.
        call: &'static str,
        /// The status that the service gave.
        status: u16,
        /// The service's words.
        said: Said,
    },
    /// Too many requests, again and again.
    #[error("{call}: Notion says that it is asked too much ({attempts} attempts){said}")]
    RateLimited {
        /// What was asked for.
        call: &'static str,
        /// How many times it was tried.
        attempts: u32,
        /// The service's words, among them which of its limits it was.
        said: Said,
    },
    /// The service had trouble of its own, again and again. Nothing was changed.
    #[error("{call}: Notion has trouble ({status}){said}")]
    Trouble {
        /// What was asked for.
        call: &'static str,
        /// The status that the service gave.
        status: u16,
        /// The service's words.
        said: Said,
    },
    /// The answer is not what it should be.
    #[error("{call}: {what}")]
    Odd {
        /// What was asked for.
        call: &'static str,
        /// What is odd, without a value of a record.
        what: String,
    },
    /// More pages were made in one moment than a query hands out.
    #[error("{call}: the list is incomplete, and all that it shows was made at {moment}")]
    Incomplete {
        /// What was asked for.
        call: &'static str,
        /// The moment, as the service writes it.
        moment: String,
    },
    /// It is larger than the service takes, and was not sent.
    #[error("{call}: {exceeded}")]
    TooLarge {
        /// What was asked for.
        call: &'static str,
        /// What is too large.
        exceeded: Exceeded,
    },
}

/// How an answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// On the net, or in a proxy.
    #[error("{0}")]
    Net(webclient::Error),
    /// The service says that something broke while it worked.
    #[error("Notion says that something broke ({status}){said}")]
    Broke {
        /// The status that the service gave.
        status: u16,
        /// The service's words.
        said: Said,
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
            Error::UnknownOutcome { .. } | Error::RateLimited { .. } => Class::Retry,
            Error::Trouble { .. } | Error::Conflict { .. } => Class::Retry,
            Error::Unauthorized { .. } | Error::Forbidden { .. } | Error::NotFound { .. } => Class::Stop,
            Error::Odd { .. } | Error::Incomplete { .. } => Class::Stop,
            Error::Refused { .. } | Error::TooLarge { .. } => Class::Fail,
            Error::BadRequest { .. } => Class::Bug,
        }
    }

    /// What to do, most helpful first.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Error::NoAnswer {
                error:
                    webclient::Error::Connect { .. }
                    | webclient::Error::Redirect { .. }
                    | webclient::Error::Malformed { html: true, .. }
                    | webclient::Error::Status { .. },
                ..
            } => "check NOTION_API_URL, and that this machine may reach that host",
            Error::NoAnswer { .. } | Error::RateLimited { .. } | Error::Trouble { .. } => {
                "run the same command again later: what was done is kept"
            }
            Error::UnknownOutcome { .. } => {
                "run the same command again: it looks for the page before it makes another one"
            }
            Error::Unauthorized { .. } => "set NOTION_API_TOKEN to the token of a connection that is in use",
            Error::Forbidden { .. } => {
                "give the connection the rights to read, insert and update content, on its page in Notion"
            }
            Error::NotFound { .. } => {
                "in Notion, open the database, and under its connections add the one with this token"
            }
            Error::Conflict { .. } | Error::Odd { .. } => "run the same command again: what was done is kept",
            Error::Incomplete { .. } => "split the database's data source; no query shows it whole",
            Error::BadRequest { .. } => "the service's API has changed: please report this message",
            Error::Refused { .. } | Error::TooLarge { .. } => return None,
        })
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let fault = Fault::new(error.class(), error.to_string());
        error.hint().into_iter().fold(fault, Fault::hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_class_and_says_what_to_do() {
        let call = "create a page";
        let said = || Said { code: "some_code".into(), words: "no".into(), request_id: "r1".into() };
        let timeout = webclient::Error::Timeout { path: "/v1/pages".into(), attempts: 2 };
        let exceeded =
            Exceeded { path: "properties.a.email".into(), found: 201, max: 200, unit: "characters" };
        for (error, class, words) in [
            (Error::NoAnswer { call, error: timeout.clone() }, Class::Retry, &["in time", "kept"][..]),
            (
                Error::UnknownOutcome { call, lost: Lost::Net(timeout) },
                Class::Retry,
                &["unknown outcome", "looks for the page"],
            ),
            (
                Error::UnknownOutcome { call, lost: Lost::Broke { status: 503, said: said() } },
                Class::Retry,
                &["broke (503): some_code: no (request r1)"],
            ),
            (Error::Unauthorized { call, said: said() }, Class::Stop, &["token", "NOTION_API_TOKEN"]),
            (Error::Forbidden { call, said: said() }, Class::Stop, &["forbids", "rights"]),
            (Error::NotFound { call, said: said() }, Class::Stop, &["not shared", "connections"]),
            (Error::Conflict { call, said: said() }, Class::Retry, &["same moment"]),
            (Error::Refused { call, status: 400, said: said() }, Class::Fail, &["refused it (400)"]),
            (Error::BadRequest { call, status: 400, said: said() }, Class::Bug, &["report"]),
            (Error::RateLimited { call, attempts: 3, said: said() }, Class::Retry, &["3 attempts"]),
            (Error::Trouble { call, status: 500, said: Said::default() }, Class::Retry, &["trouble (500)"]),
            (Error::Odd { call, what: "x".into() }, Class::Stop, &["create a page: x"]),
            (Error::Incomplete { call, moment: "2026".into() }, Class::Stop, &["incomplete", "split"]),
            (Error::TooLarge { call, exceeded }, Class::Fail, &["properties.a.email", "201", "200"]),
        ] {
            let fault = Fault::from(error);
            let shown = format!("{} {}", fault.what, fault.hints.join(" "));
            assert_eq!(fault.class, class, "{shown}");
            for word in words {
                assert!(shown.contains(word), "{word:?} is not in {shown}");
            }
        }
    }
}
