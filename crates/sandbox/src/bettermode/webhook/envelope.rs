//! What is sent: the envelope, and its signature.

use super::names;
use crate::bettermode::auth::sha256;
use crate::bettermode::moment::Moment;
use crate::bettermode::scenario::Webhooks;
use crate::bettermode::state::State;
use serde_json::{Map, Value, json};

/// Something that happened to the community.
#[derive(Debug, Clone)]
pub(crate) struct Happening {
    /// The event's own id: `data.id`, by which a receiver knows it again.
    pub id: String,
    pub at: Moment,
    pub name: &'static str,
    pub actor: Value,
    pub object: Map<String, Value>,
    pub old: Option<Map<String, Value>>,
    pub target: Map<String, Value>,
}

/// The envelope of an event.
pub(super) fn subscription(happening: &Happening, state: &State, switches: &Webhooks) -> Value {
    let event = names::named(happening.name);
    let word = |pick: fn(&names::EventName) -> &'static str| event.map_or("", pick);
    let mut actor = happening.actor.clone();
    actor["sessionInfo"] = if switches.session_array { json!([null]) } else { json!({}) };
    let mut data = json!({
        "id": happening.id,
        "time": happening.at,
        "name": happening.name,
        "noun": word(|event| event.noun),
        "verb": word(|event| event.verb),
        "verbAction": word(|event| event.verb),
        "shortDescription": word(|event| event.words),
        "actor": actor,
        "object": happening.object,
        "target": happening.target,
    });
    if let Some(old) = &happening.old {
        data["oldObject"] = Value::Object(old.clone());
    }
    let network = &state.network.id;
    let mut envelope = json!({
        "networkId": network,
        "context": "NETWORK",
        "entityId": network,
        "currentSettings": [],
        "type": "SUBSCRIPTION",
        "data": data,
    });
    if switches.entities {
        let member = |id: Option<&Value>| {
            let found = id.and_then(Value::as_str).and_then(|id| state.members.get(id));
            found.map_or(Value::Null, |member| json!({"id": member.id, "name": member.name}))
        };
        envelope["entities"] = json!({
            "network": {"id": state.network.id, "name": state.network.name},
            "actor": member(happening.actor.get("id")),
            "owner": member(happening.object.get("ownerId")),
            "targetMember": member(happening.target.get("memberId")),
        });
    }
    envelope
}

/// The handshake's envelope.
pub(super) fn test(network: &str, challenge: &str) -> Value {
    json!({
        "networkId": network,
        "context": "NETWORK",
        "currentSettings": [],
        "type": "TEST",
        "data": {"challenge": challenge},
    })
}

/// Lower-case hex of HMAC-SHA256 over `timestamp:body`, with the signing secret as UTF-8.
pub(super) fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let message = [timestamp.as_bytes(), b":", body].concat();
    sha256(secret.as_bytes(), &message).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_computed_vector() {
        let head = r#"{"networkId":"net01","context":"NETWORK","currentSettings":[],"type":"TEST""#;
        let body = format!("{head},\"data\":{{\"challenge\":\"abc123\"}}}}");
        assert_eq!(test("net01", "abc123").to_string(), body);
        assert_eq!(
            signature("bm-signing-secret", "1700000000000", body.as_bytes()),
            "d7edb4e66dc7e0ec7b6e24687b25dd6169480dead9fb6390ed7800d43c6eebf1"
        );
    }
}
