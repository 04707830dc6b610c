//! Webhooks as the service sends them: signed, each with an id of its own.

use crate::failure::Failure;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What both sides know.
pub const SECRET: &str = "bench-signing-secret";

/// Members whose posts are told of.
const MEMBERS: u64 = 1_000;

/// The number of the next event: no two of a measurement are the same.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Requests, ready to be sent.
pub struct Requests {
    /// Head and body of each.
    pub all: Vec<Vec<u8>>,
}

impl Requests {
    /// So many, signed now; they are believed for five minutes.
    pub fn make(count: usize) -> Result<Self, Failure> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failure::failed)?;
        let timestamp = since.as_millis().to_string();
        let one = |_| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let body = body(number);
            let signature = signature(&timestamp, &body)?;
            let head = format!(
                "POST /webhooks/bettermode/activity HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
                 application/json\r\nX-Bettermode-Signature: {signature}\r\n\
                 X-Bettermode-Request-Timestamp: {timestamp}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            Ok([head.as_bytes(), body.as_bytes()].concat())
        };
        Ok(Self { all: (0..count).map(one).collect::<Result<_, Failure>>()? })
    }
}

/// A post that was published, with a text of usual length.
fn body(number: u64) -> String {
    let member = number % MEMBERS;
    let text = "Thanks everybody for a wonderful evening; the notes are in the shared folder. ".repeat(4);
    serde_json::json!({
        "networkId": "net01", "context": "NETWORK", "entityId": "net01", "currentSettings": [],
        "type": "SUBSCRIPTION",
        "data": {
            "id": format!("bench-{}-{number}", std::process::id()), "time": "2025-03-01T10:00:00.000Z",
            "name": "post.published", "noun": "POST", "verb": "PUBLISHED", "shortDescription": "Publish Post",
            "actor": {"id": format!("mem{member}"), "roleId": "rol1", "roleType": "member"},
            "object": {
                "id": format!("pst{number}"), "networkId": "net01", "spaceId": "spc1", "postTypeId": "pty1",
                "createdById": format!("mem{member}"), "ownerId": format!("mem{member}"), "isReply": false,
                "repliedToIds": [], "title": "Notes of the evening", "status": "PUBLISHED",
                "mappingFields": [{"key": "content", "type": "html", "value": format!("\"<p>{text}</p>\"")}],
            },
            "target": {"organizationId": "org1", "networkId": "net01", "spaceId": "spc1",
                       "postId": format!("pst{number}")},
        },
    })
    .to_string()
}

fn signature(timestamp: &str, body: &str) -> Result<String, Failure> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).map_err(Failure::failed)?;
    mac.update(format!("{timestamp}:{body}").as_bytes());
    Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_are_the_same_event() {
        let made = Requests::make(100).unwrap().all;
        let distinct: std::collections::HashSet<&Vec<u8>> = made.iter().collect();
        assert_eq!(distinct.len(), 100);
    }
}
