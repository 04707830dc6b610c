//! Helpers of the senders' tests.

use super::{Settings, keys, sender};
use crate::event::Event;
use crate::sender::{Refused, Request};
use base::Secret;
use base::clock::FixedClock;
use jiff::Timestamp;
use serde_json::Value;

/// The moment of the tests: 2023-11-14T22:13:20Z.
pub(super) const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// An event: its kind and id.
    Event(&'a str, &'a str),
    /// It was taken, and there is nothing to keep.
    Nothing,
    /// 401.
    No(&'a str),
    /// 400.
    Odd(&'a str),
    /// 404.
    NoRoute,
}

/// Headers; one whose value is `-` is missing.
pub(super) fn case(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let there = headers.iter().filter(|(_, value)| *value != "-");
    there.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Judges a request of a kind of sender with these secrets; what comes of it is leaked, for short tables.
pub(super) fn judge(
    kind: &str,
    secrets: &str,
    headers: &[(String, String)],
    body: &str,
    now: Timestamp,
) -> Told<'static> {
    match judged(kind, secrets, headers, body, now) {
        Ok((Some(event), _)) => Told::Event(event.kind.leak(), event.id.leak()),
        Ok((None, _)) => Told::Nothing,
        Err(Refused::NotBelieved(why)) => Told::No(why),
        Err(Refused::NotUnderstood(why)) => Told::Odd(why),
        Err(Refused::NoRoute) => Told::NoRoute,
    }
}

/// Judges a request of a kind of sender with these secrets, or tokens.
pub(super) fn judged(
    kind: &str,
    secrets: &str,
    headers: &[(String, String)],
    body: &str,
    now: Timestamp,
) -> Result<(Option<Event>, Option<Value>), Refused> {
    let secret = Some(Secret::new(secrets));
    let settings =
        Settings { name: kind.to_owned(), secret: secret.clone(), token: secret, allow_unsigned: false };
    let sender = sender(kind, &settings).expect("a sender");
    let request = Request { route: "", headers, query: &[], body: body.as_bytes() };
    sender.judge(&request, &FixedClock(now)).map(|judged| (judged.event, judged.answer))
}

/// What a secret's text signs, in hexadecimal.
pub(super) fn hex_signature(secret: &str, message: &str) -> String {
    hex::encode(keys::hmac(secret.as_bytes(), &[message.as_bytes()]))
}
