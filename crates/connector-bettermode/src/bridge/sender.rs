//! BetterMode as a sender of webhooks.
//!
//! | webhook | answer | kept |
//! |---|---|---|
//! | `TEST` | the challenge | no: it is a question |
//! | `SUBSCRIPTION` | `SUCCEEDED` | as an event of its own name, `post.published`, under its `data.id` |
//! | the same without an id or a name | `SUCCEEDED` | under a hash of what was signed |
//! | `APP_INSTALLED`, `APP_UNINSTALLED` | `SUCCEEDED` | as `app.installed`, `app.uninstalled`, likewise |
//! | anything else: questions of the app's own pages, of which there are none | `SUCCEEDED` | no |
//! | of another community than ours | `SUCCEEDED` | no: an app may serve several |
//!
//! Each is answered with status 200 and the body that the service expects, once it is kept.

use super::told::told;
use crate::webhook::{Headers, Payload, PayloadType, Route, verify};
use ::bridge::event::{Event, Told};
use ::bridge::sender::{Judged, Refused, Request, Sender};
use base::{Clock, Fault, Secret};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Bytes of a hash that make an id: enough that no two webhooks share one.
const HASH_BYTES: usize = 16;

/// How webhooks of a community are received.
#[derive(Debug, Clone)]
pub struct SenderSettings {
    /// The name of the section: `bettermode` of `[serve.webhooks.bettermode]`.
    pub name: String,
    /// What webhooks are signed with (`BETTERMODE_WEBHOOK_SECRET`, by [`crate::webhook::parse_secrets`]):
    /// several while one takes over from another.
    pub secrets: Vec<Secret>,
    /// Whether everybody is believed while there is no secret.
    pub allow_unsigned: bool,
    /// The community (`BETTERMODE_NETWORK_ID`); what is told of others is not kept. `None`: all are ours.
    pub network_id: Option<String>,
}

/// Webhooks of a community.
///
/// The routes `member`, `activity`, `event` and none take the same: what a webhook is about is in it, and an
/// address that somebody mixed up in the service's portal loses nothing. Any other route is not there.
#[derive(Debug)]
pub struct BettermodeSender {
    settings: SenderSettings,
}

impl BettermodeSender {
    /// A fault: there is no secret, and nobody allowed unsigned webhooks.
    pub fn new(mut settings: SenderSettings) -> Result<Self, Fault> {
        settings.secrets.retain(|secret| !secret.is_empty());
        settings.network_id = settings.network_id.filter(|id| !id.is_empty());
        if settings.secrets.is_empty() && !settings.allow_unsigned {
            let name = &settings.name;
            return Err(Fault::usage(format!("the webhooks of {name} would be taken from anybody"))
                .hint("set BETTERMODE_WEBHOOK_SECRET to the app's signing secret")
                .hint(format!("or write allow_unsigned = true under [serve.webhooks.{name}]")));
        }
        Ok(Self { settings })
    }

    /// The headers of a request that is believed; `None`: it has none, and needs none.
    fn believed<'a>(&self, request: &Request<'a>, clock: &dyn Clock) -> Result<Option<Headers<'a>>, Refused> {
        let not_believed = |why: crate::webhook::Refused| Refused::NotBelieved(why.why());
        let headers = match Headers::pick(|name| request.header(name)) {
            Ok(headers) => headers,
            // Who knows the secret need not be believed without it.
            Err(_) if self.settings.secrets.is_empty() => return Ok(None),
            Err(why) => return Err(not_believed(why)),
        };
        if !self.settings.secrets.is_empty() {
            verify(&self.settings.secrets, &headers, request.body, clock).map_err(not_believed)?;
        }
        Ok(Some(headers))
    }

    fn is_ours(&self, payload: &Payload) -> bool {
        match (&self.settings.network_id, &payload.network_id) {
            (Some(ours), Some(told)) => ours == told,
            _ => true,
        }
    }

    fn event(&self, payload: Payload, heard: &Heard<'_>) -> Option<Event> {
        let of = |id: String, kind: String| Event {
            sender: self.settings.name.clone(),
            id,
            kind,
            subject: String::new(),
            occurred: heard.sent,
            told: Told::new(),
            body: Value::Null,
        };
        let event = match (&payload.kind, payload.subscription()) {
            (PayloadType::Subscription, Some(told_of)) => {
                let occurred = told_of.time.as_ref().and_then(|time| time.timestamp());
                Event {
                    subject: told_of.record_key().map(|key| key.to_string()).unwrap_or_default(),
                    occurred: occurred.filter(|at| heard.can_be(*at)).unwrap_or(heard.sent),
                    told: told(&told_of),
                    ..of(told_of.id.clone(), told_of.name.as_str().to_owned())
                }
            }
            (PayloadType::Subscription, None) => {
                let name = payload.data.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
                of(heard.hash(), name.unwrap_or("subscription").to_owned())
            }
            (PayloadType::AppInstalled, _) => of(heard.hash(), "app.installed".into()),
            (PayloadType::AppUninstalled, _) => of(heard.hash(), "app.uninstalled".into()),
            _ => return None,
        };
        Some(Event { body: payload.document, ..event })
    }
}

/// A request that is believed.
struct Heard<'a> {
    /// The timestamp as its header has it; empty: it has none.
    stamp: &'a str,
    body: &'a [u8],
    /// When it was sent, as far as it says so.
    sent: Timestamp,
    now: Timestamp,
}

impl Heard<'_> {
    /// Whether something can have happened then. What claims to be of the future would make all that follows
    /// it look old.
    fn can_be(&self, at: Timestamp) -> bool {
        at.duration_since(self.now) <= crate::webhook::WINDOW
    }

    /// An id of what was signed. The service says it again with another timestamp: two events then, which is
    /// better than one of two installations lost.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.stamp.as_bytes());
        hash.update(b":");
        hash.update(self.body);
        hash.finalize().iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Sender for BettermodeSender {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn judge(&self, request: &Request<'_>, clock: &dyn Clock) -> Result<Judged, Refused> {
        let routes = [Route::Member, Route::Activity, Route::Event].map(Route::word);
        if !request.route.is_empty() && !routes.contains(&request.route) {
            return Err(Refused::NoRoute);
        }
        let headers = self.believed(request, clock)?;
        let payload = Payload::read(request.body)
            .map_err(|_| Refused::NotUnderstood("the body is not a webhook of BetterMode"))?;
        let answer = serde_json::to_value(payload.succeeded()).ok();
        if !self.is_ours(&payload) {
            return Ok(Judged { event: None, answer });
        }
        let now = clock.now();
        let sent = headers.and_then(|headers| headers.sent());
        let heard = Heard {
            stamp: headers.map_or("", |headers| headers.timestamp),
            body: request.body,
            sent: sent.unwrap_or(now),
            now,
        };
        Ok(Judged { event: self.event(payload, &heard), answer })
    }
}
