//! Circle: what its workflows send.
//!
//! # What is known
//!
//! A webhook is an action of a workflow, set up by hand for each workflow; no API manages them, and the
//! service documents neither the bodies nor a signature. So the address holds what is known only to both:
//! `Authorization: Bearer TOKEN`, or `?token=TOKEN` where headers cannot be set.
//!
//! # What is supposed
//!
//! * The name of what happened stands in the address (`?event=member_created`), which a person writes and
//!   which wins, or in the body as `event_type`, `event`, `type`, `trigger` or `activity_type`. How it is
//!   spelt differs (`post.created`, `post_created`, `new_post`, "Post created"): [`words`] has the list.
//! * The record stands under `data`, `event_data`, `payload`, `object` or `record`, and in there perhaps once
//!   more under its own name; or it is the body.
//! * Records have the fields of the Admin API, version 2: a member's `id` is the member's id, and a `user_id`
//!   is another number, which is never taken for it.
//! * An envelope's `id` is the id of the event. Without envelope `id` is the record's, and the event has
//!   none: it gets one from a hash of the body.
//!
//! Bodies like these were seen in public code that receives such webhooks:
//! `{"event_type": "post.created", "community_id": 9, "data": {…}}`, `{"event_type": "new_event_created",
//! "event_data": {…}}`, `{"name": …, "email": …, "profile_url": …}`,
//! `{"member_email": …, "activity_type": "post", "activity_content": …, "timestamp": …}`.

mod told;
mod words;

use super::frame::{Frame, Heard, Scheme};
use super::keys::{self, is_one_of};
use super::{Settings, Unfit};
use crate::body::{at, plain};
use crate::sender::{Refused, Request, Sender};
use base::Secret;
use jiff::Timestamp;
use serde_json::Value;
use words::Happened;

/// Where the name of what happened may stand.
const NAMES: [&str; 5] = ["event_type", "event", "type", "trigger", "activity_type"];
/// Where the record may stand.
const ENVELOPES: [&str; 5] = ["data", "event_data", "payload", "object", "record"];

struct Circle(Vec<Secret>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Sender>, Unfit> {
    let tokens: Vec<Secret> = keys::parts(settings.token.as_ref())?.into_iter().map(Secret::new).collect();
    if tokens.is_empty() {
        return Err(Unfit::NoToken);
    }
    Ok(Box::new(Frame { name: settings.name.clone(), scheme: Circle(tokens) }))
}

impl Scheme for Circle {
    fn believe(&self, request: &Request<'_>, _: Timestamp) -> Result<(), Refused> {
        let bearer = request.header("authorization").and_then(|header| {
            let (scheme, token) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let token =
            bearer.or(request.parameter("token")).ok_or(Refused::NotBelieved("the token is missing"))?;
        if is_one_of(token, &self.0) { Ok(()) } else { Err(Refused::NotBelieved("the token is wrong")) }
    }

    fn read(&self, request: &Request<'_>, body: &Value) -> Result<Heard, Refused> {
        let named = || NAMES.iter().find_map(|name| body.get(name).and_then(Value::as_str));
        let name = request
            .parameter("event")
            .or_else(named)
            .filter(|name| !name.trim().is_empty())
            .ok_or(Refused::NotUnderstood("neither the body nor `?event=` names what happened"))?;
        let inner = ENVELOPES.iter().find_map(|name| body.get(name).filter(|inner| inner.is_object()));
        let happened = words::happened(name);
        let record = happened.record(inner.unwrap_or(body));
        let (subject, told) = told::told(&happened, record);
        Ok(Heard {
            id: inner.and_then(|_| at(body, &["id"])).and_then(plain),
            kind: happened.kind(record),
            subject,
            occurred: occurred(body, inner.is_some(), record),
            told,
            answer: None,
        })
    }
}

impl Happened {
    /// The record within what the envelope holds.
    fn record<'v>(&self, inner: &'v Value) -> &'v Value {
        let own = self.record_names().iter().find_map(|name| inner.get(name).filter(|own| own.is_object()));
        own.unwrap_or(inner)
    }
}

/// When it happened: what the envelope says, else when the record changed last.
fn occurred(body: &Value, enveloped: bool, record: &Value) -> Option<Timestamp> {
    let sent = ["timestamp", "occurred_at", "sent_at"].iter().find_map(|key| told::moment(body.get(key)?));
    let made = || told::moment(body.get("created_at").filter(|_| enveloped)?);
    let changed = || ["updated_at", "created_at"].iter().find_map(|key| told::moment(record.get(key)?));
    sent.or_else(made).or_else(changed)
}

#[cfg(test)]
mod tests;
