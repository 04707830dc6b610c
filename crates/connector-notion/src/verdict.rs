//! What an answer means: pure decisions, one for each way an attempt can end.
//!
//! The difference that matters is between a call that only asks, which is tried again wherever that may help,
//! and one that changes something, which is tried again only where it is certain that nothing was done.

use crate::errors::{Error, Lost};
use crate::said::{Said, words};
use crate::wire;
use serde_json::Value;
use std::time::Duration;
use webclient::{Cause, Failed, Malformed, Reply};

/// What a verdict has to know of the call.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What was asked for: `create a page`.
    pub call: &'static str,
    /// It only asks: twice is as good as once.
    pub repeatable: bool,
    /// What was sent with it.
    pub sent: Option<&'a Value>,
}

/// What to do after an attempt.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Here it is: one JSON object.
    Done(String),
    /// Try again, if the policy allows; else it was this.
    Again { cause: Cause, retry_after: Option<Duration>, error: Error },
    /// That is that.
    Over(Error),
}

/// Judges how the `attempt`-th attempt ended; `path` is where it went.
pub(crate) fn judge(asked: Asked<'_>, attempt: u32, ended: Result<Reply, Failed>, path: &str) -> Verdict {
    let failed = match ended {
        Ok(reply) => match wire::object(reply.body, reply.html) {
            Ok(text) => return Verdict::Done(text),
            Err(Malformed { what, cut, html }) => {
                let path = path.to_owned();
                let error = webclient::Error::Malformed { path, what, cut, html, attempts: attempt };
                Failed { error, cause: cut.then_some(Cause::Cut), retry_after: None }
            }
        },
        Err(failed) => failed,
    };
    let Failed { error, cause, retry_after } = failed;
    if let webclient::Error::Status { status, html, body, .. } = &error {
        let known = if *html { None } else { wire::error(&body.0) };
        if known.is_some() || matches!(status, 413 | 429 | 529) {
            let said = asked.said(known.unwrap_or_default());
            return asked.status(*status, said, attempt, retry_after);
        }
    }
    asked.without_words(error, cause, retry_after)
}

impl Asked<'_> {
    /// The service says no in its own words.
    fn status(self, status: u16, said: Said, attempt: u32, retry_after: Option<Duration>) -> Verdict {
        let call = self.call;
        let cause = Cause::Status(status);
        Verdict::Over(match status {
            429 | 529 => {
                let error = Error::RateLimited { call, attempts: attempt, said };
                return Verdict::Again { cause, retry_after, error };
            }
            500.. if self.repeatable => {
                return Verdict::Again { cause, retry_after, error: Error::Trouble { call, status, said } };
            }
            500.. => Error::UnknownOutcome { call, lost: Lost::Broke { status, said } },
            401 => Error::Unauthorized { call, said },
            403 => Error::Forbidden { call, said },
            404 => Error::NotFound { call, said },
            409 => Error::Conflict { call, said },
            413 => Error::Refused { call, status, said },
            400 if said.code == "validation_error" => Error::Refused { call, status, said },
            _ => Error::BadRequest { call, status, said },
        })
    }

    /// No answer, or one that is not the service's: a proxy's page.
    fn without_words(
        self,
        error: webclient::Error,
        cause: Option<Cause>,
        retry_after: Option<Duration>,
    ) -> Verdict {
        let call = self.call;
        match cause {
            _ if !self.repeatable && error.may_have_acted() => {
                Verdict::Over(Error::UnknownOutcome { call, lost: Lost::Net(error) })
            }
            Some(cause) => Verdict::Again { cause, retry_after, error: Error::NoAnswer { call, error } },
            None => Verdict::Over(Error::NoAnswer { call, error }),
        }
    }

    fn said(self, body: wire::ErrorBody) -> Said {
        let wire::ErrorBody { code, message, request_id, limits } = body;
        let text = if limits.is_empty() { words(&message, self.sent) } else { limits.join(", ") };
        Said { code, words: text, request_id }
    }

    /// The error of an answer that came and is not what it should be.
    pub fn unreadable(self, what: String) -> Error {
        let call = self.call;
        if self.repeatable {
            Error::Odd { call, what }
        } else {
            Error::UnknownOutcome { call, lost: Lost::Unreadable(what) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use webclient::Body;

    const JSON: &str = r#"{"object":"error","code":"CODE","message":"no","request_id":"r1"}"#;

    fn ended(status: u16, body: &str, html: bool) -> Result<Reply, Failed> {
        if status == 200 {
            return Ok(Reply { body: body.into(), date: None, html });
        }
        let body = Body(body.as_bytes().to_vec());
        let error = webclient::Error::Status { status, path: "/".into(), attempts: 1, html, body };
        Err(Failed { error, cause: Some(Cause::Status(status)), retry_after: None })
    }

    /// The verdict in a word, for a call that only asks and for one that changes.
    fn judged(ended: impl Fn() -> Result<Reply, Failed>) -> (String, String) {
        let judged = |repeatable| {
            let asked = Asked { call: "call", repeatable, sent: None };
            let (how, error) = match judge(asked, 1, ended(), "/") {
                Verdict::Done(_) => return "done".to_owned(),
                Verdict::Again { error, .. } => ("again", error),
                Verdict::Over(error) => ("over", error),
            };
            let shown = format!("{error:?}");
            format!("{how} {}", shown.split([' ', '{']).next().unwrap_or_default())
        };
        (judged(true), judged(false))
    }

    #[test]
    fn a_call_that_changes_something_is_sent_again_only_when_nothing_was_done() {
        for (status, code, asks, changes) in [
            (400, "validation_error", "over Refused", "over Refused"),
            (400, "missing_version", "over BadRequest", "over BadRequest"),
            (400, "invalid_json", "over BadRequest", "over BadRequest"),
            (400, "invalid_request_url", "over BadRequest", "over BadRequest"),
            (400, "invalid_request", "over BadRequest", "over BadRequest"),
            (401, "unauthorized", "over Unauthorized", "over Unauthorized"),
            (403, "restricted_resource", "over Forbidden", "over Forbidden"),
            (404, "object_not_found", "over NotFound", "over NotFound"),
            (409, "conflict_error", "over Conflict", "over Conflict"),
            (413, "validation_error", "over Refused", "over Refused"),
            (418, "invalid_beta", "over BadRequest", "over BadRequest"),
            (429, "rate_limited", "again RateLimited", "again RateLimited"),
            (500, "internal_server_error", "again Trouble", "over UnknownOutcome"),
            (503, "service_unavailable", "again Trouble", "over UnknownOutcome"),
            (503, "database_connection_unavailable", "again Trouble", "over UnknownOutcome"),
            (504, "gateway_timeout", "again Trouble", "over UnknownOutcome"),
            (529, "service_overload", "again RateLimited", "again RateLimited"),
        ] {
            let (a, c) = judged(|| ended(status, &JSON.replace("CODE", code), false));
            assert_eq!((&*a, &*c), (asks, changes), "{status} {code}");
        }
    }

    #[test]
    fn a_page_of_a_proxy_is_no_word_of_the_service() {
        for (status, asks, changes) in [
            (200, "over NoAnswer", "over UnknownOutcome"),
            (401, "again NoAnswer", "again NoAnswer"),
            (404, "again NoAnswer", "again NoAnswer"),
            (413, "over Refused", "over Refused"),
            (429, "again RateLimited", "again RateLimited"),
            (502, "again NoAnswer", "over UnknownOutcome"),
            (503, "again NoAnswer", "over UnknownOutcome"),
            (529, "again RateLimited", "again RateLimited"),
        ] {
            let (a, c) = judged(|| ended(status, "<html>cf-ray</html>", true));
            assert_eq!((&*a, &*c), (asks, changes), "{status}");
        }
    }

    #[test]
    fn a_lost_answer_of_a_change_is_an_unknown_outcome() {
        let path = || "/".to_owned();
        let lost =
            |error: webclient::Error, cause| Err(Failed { error, cause: Some(cause), retry_after: None });
        let timeout = || webclient::Error::Timeout { path: path(), attempts: 1 };
        let cut = || webclient::Error::Cut { path: path(), attempts: 1 };
        assert_eq!(judged(|| lost(timeout(), Cause::Timeout)).1, "over UnknownOutcome");
        assert_eq!(
            judged(|| lost(cut(), Cause::Cut)),
            ("again NoAnswer".into(), "over UnknownOutcome".into())
        );
        assert_eq!(judged(|| ended(200, r#"{"id":"#, false)).1, "over UnknownOutcome");
        assert_eq!(judged(|| ended(200, r#"{"id":1}"#, false)), ("done".into(), "done".into()));
        let nobody = || webclient::Error::Connect {
            host: "h".into(),
            reason: "refused".into(),
            unknown_host: false,
            attempts: 1,
        };
        let both = judged(|| lost(nobody(), Cause::Connect));
        assert_eq!(both, ("again NoAnswer".into(), "again NoAnswer".into()));
    }
}
