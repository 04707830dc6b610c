//! What a webhook says. Whatever may be missing may be missing, and what has changed its shape is free JSON:
//! a webhook that is signed is taken.

use super::names::EventName;
use crate::types::{Moment, PermissionContext};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

crate::types::words! {
    /// What a webhook is.
    PayloadType {
        /// A trial: the challenge is to be given back.
        Test = "TEST",
        /// Something happened that the app has subscribed to.
        Subscription = "SUBSCRIPTION",
        /// The app was installed.
        AppInstalled = "APP_INSTALLED",
        /// The app was taken out.
        AppUninstalled = "APP_UNINSTALLED",
        /// Somebody uses the app's own pages.
        Interaction = "INTERACTION",
        /// Somebody searches.
        FederatedSearch = "FEDERATED_SEARCH",
        /// The service asks about the app's buttons.
        ShortcutsStates = "SHORTCUTS_STATES",
        /// The service asks for settings; of 2021.
        GetSettings = "GET_SETTINGS",
        /// The service gives settings; of 2021.
        UpdateSettings = "UPDATE_SETTINGS",
    }
}

/// A webhook. Keys of [`super::SECRET_KEYS`] are taken out when it is read.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payload {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PayloadType,
    /// The community.
    pub network_id: Option<String>,
    /// What the app is installed on.
    pub context: Option<PermissionContext>,
    /// The id of that.
    pub entity_id: Option<String>,
    /// What it tells.
    #[serde(default)]
    pub data: Value,
    /// All of it, for storing: what is not modelled here is in there.
    #[serde(skip)]
    pub document: Value,
}

/// The body is not the service's JSON: an object with a `type`. To be answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a webhook of BetterMode")]
pub struct NotAPayload;

/// Something happened.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The id of this event: the same when it is sent again, which the service does when no answer came in
    /// time.
    pub id: String,
    /// When it happened.
    pub time: Option<Moment>,
    /// What happened.
    pub name: EventName,
    /// What it is about, `POST`.
    pub noun: Option<String>,
    /// What was done, `PUBLISHED`.
    pub verb: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// The record as it is now, as the service stores it.
    pub object: Value,
    /// The record as it was.
    pub old_object: Option<Value>,
    /// Where it happened.
    pub target: Target,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Actor {
    /// The member.
    pub id: Option<String>,
    /// The member's role.
    pub role_id: Option<String>,
    /// Roughly what that role may do.
    pub role_type: Option<String>,
}

/// Where it happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Target {
    /// The organization.
    pub organization_id: Option<String>,
    /// The community.
    pub network_id: Option<String>,
    /// The space.
    pub space_id: Option<String>,
    /// The post or reply.
    pub post_id: Option<String>,
    /// The member.
    pub member_id: Option<String>,
    /// The event.
    pub event_id: Option<String>,
}

impl Payload {
    /// Reads a body whose signature was found good.
    pub fn read(body: &[u8]) -> Result<Self, NotAPayload> {
        let mut value: Value = serde_json::from_slice(body).map_err(|_| NotAPayload)?;
        ::bridge::body::clean(&mut value);
        let payload: Self = serde_json::from_value(value.clone()).map_err(|_| NotAPayload)?;
        Ok(Self { document: value, ..payload })
    }

    /// The challenge of a [`PayloadType::Test`].
    pub fn challenge(&self) -> Option<&str> {
        self.data.get("challenge").filter(|_| self.kind == PayloadType::Test)?.as_str()
    }

    /// What happened, if that is what it tells. What has no id or name is none: it could neither be told from
    /// a repetition nor be put anywhere.
    pub fn subscription(&self) -> Option<Subscription> {
        if self.kind != PayloadType::Subscription {
            return None;
        }
        let wire: WireSubscription = serde_json::from_value(self.data.clone()).ok()?;
        Some(Subscription {
            id: wire.id.filter(|id| !id.is_empty())?,
            time: wire.time,
            name: EventName::from(wire.name.filter(|name| !name.is_empty())?.as_str()),
            noun: wire.noun,
            verb: wire.verb,
            actor: wire.actor,
            object: wire.object.unwrap_or_default(),
            old_object: wire.old_object,
            target: wire.target,
        })
    }
}

/// Ids only: what happened is about people.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload")
            .field("kind", &self.kind)
            .field("network_id", &self.network_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct WireSubscription {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    time: Option<Moment>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    noun: Option<String>,
    #[serde(deserialize_with = "lenient")]
    verb: Option<String>,
    #[serde(deserialize_with = "or_default")]
    actor: Actor,
    object: Option<Value>,
    old_object: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    target: Target,
}

/// A value of another shape is none.
fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A part of another shape is an empty one.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned + Default,
{
    lenient(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The documented example.
    pub(super) fn published() -> Value {
        json!({"networkId": "net01", "context": "NETWORK", "entityId": "net01", "currentSettings": [],
            "type": "SUBSCRIPTION", "data": {"id": "9f0c", "time": "2025-03-01T10:00:00.000Z",
                "name": "post.published", "noun": "POST", "verb": "PUBLISHED", "verbAction": "PUBLISHED",
                "shortDescription": "Publish Post",
                "actor": {"id": "mem1", "roleId": "rol1", "roleType": "member", "sessionInfo": {}},
                "object": {"id": "pst1", "networkId": "net01", "spaceId": "spc1", "isReply": false,
                    "title": "Hello", "password": null,
                    "mappingFields": [{"key": "title", "type": "text", "value": "\"Hello\""}]},
                "target": {"organizationId": "org1", "networkId": "net01", "spaceId": "spc1", "postId": "pst1"}}})
    }

    fn read(value: &Value) -> Payload {
        Payload::read(value.to_string().as_bytes()).expect("a payload")
    }

    #[test]
    fn the_documented_example_is_read() {
        let payload = read(&published());
        assert_eq!(
            (payload.network_id.as_deref(), payload.entity_id.as_deref()),
            (Some("net01"), Some("net01"))
        );
        assert_eq!(payload.context, Some(PermissionContext::Network));
        let told = payload.subscription().expect("a subscription");
        assert_eq!((told.id.as_str(), &told.name), ("9f0c", &EventName::PostPublished));
        assert_eq!(told.actor.id.as_deref(), Some("mem1"));
        assert_eq!(told.target.post_id.as_deref(), Some("pst1"));
        assert_eq!(told.object["title"], "Hello");
        assert!(told.object.get("password").is_none(), "secrets are taken out");
        assert_eq!(payload.document.pointer("/data/shortDescription"), Some(&json!("Publish Post")));
        assert_eq!(payload.document.pointer("/data/object/password"), None);
        let shown = format!("{payload:?} {told:?}");
        assert!(shown.contains("9f0c") && !shown.contains("Hello"), "{shown}");
    }

    #[test]
    fn odd_shapes_that_were_seen_do_not_lose_a_webhook() {
        for (pointer, odd) in [
            ("/data/actor/sessionInfo", json!([null])),
            ("/data/actor", json!(null)),
            ("/data/actor", json!([null])),
            ("/data/object/mappingFields", json!([null])),
            ("/data/target", json!(null)),
            ("/data/noun", json!(7)),
            ("/data/verb", json!(null)),
            ("/data/time", json!(1_740_000_000)),
            ("/context", json!("PLANET")),
            ("/context", json!(null)),
            ("/currentSettings", json!({"a": 1})),
        ] {
            let mut value = published();
            *value.pointer_mut(pointer).expect("a place") = odd.clone();
            let told = read(&value).subscription();
            assert_eq!(told.map(|told| told.id).as_deref(), Some("9f0c"), "{pointer}: {odd}");
        }
    }

    #[test]
    fn what_is_no_webhook_is_none() {
        for body in ["", "oops", "[]", "{}", r#"{"type":null}"#, r#"{"type":7}"#, "\u{feff}{}"] {
            assert_eq!(Payload::read(body.as_bytes()), Err(NotAPayload), "{body}");
        }
        assert!(Payload::read(b"{\"type\":\"TEST\",\"x\":\"\xff\"}").is_err());
    }

    #[test]
    fn only_a_whole_subscription_is_one() {
        for (pointer, odd) in [
            ("/type", json!("INTERACTION")),
            ("/type", json!("SOMETHING_NEW")),
            ("/data", json!(null)),
            ("/data/id", json!(null)),
            ("/data/id", json!("")),
            ("/data/name", json!(null)),
        ] {
            let mut value = published();
            *value.pointer_mut(pointer).expect("a place") = odd.clone();
            assert_eq!(read(&value).subscription(), None, "{pointer}: {odd}");
        }
        assert_eq!(read(&json!({"type": "test", "data": {"challenge": "c"}})).challenge(), Some("c"));
        assert_eq!(read(&json!({"type": "SUBSCRIPTION", "data": {"challenge": "c"}})).challenge(), None);
        assert_eq!(read(&json!({"type": "TEST"})).challenge(), None);
    }
}
