//! Files: their addresses redirect to a store on another host, with a signature that ends.

use super::app::App;
use super::refusal::error;
use crate::community::{File, mix};
use crate::serve::answer::{Answer, Delivery};
use axum::http::header;
use std::sync::atomic::Ordering::Relaxed;

impl App {
    /// The address of a file as records name it.
    pub fn file_url(&self, file: &File, now: i64) -> String {
        let every = self.scenario.files.signed_every;
        if every.is_some_and(|every| hash(&file.key, "").is_multiple_of(every)) {
            return self.signed_url(&file.key, &encode(&file.name), now);
        }
        let (port, key, name) = (self.port, &file.key, encode(&file.name));
        format!("http://127.0.0.1:{port}/rails/active_storage/blobs/redirect/{key}/{name}")
    }

    fn signed_url(&self, key: &str, name: &str, now: i64) -> String {
        let ends = now + self.scenario.files.link_seconds as i64 * 1000;
        let signature = self.signature(key, ends);
        // The loopback interface by its other name is another host for every client.
        format!("http://localhost:{}/storage/{key}/{name}?expires={ends}&signature={signature}", self.port)
    }

    fn signature(&self, key: &str, ends: i64) -> String {
        format!("{:016x}", hash(key, &format!("{}{ends}", self.tokens.admin)))
    }

    /// The address of a file: whoever knows it may follow it.
    pub fn blob(&self, key: &str, name: &str, now: i64) -> Answer {
        if !key.contains("--") {
            return error(404, "Not found", None);
        }
        Answer::new(302, "text/plain", Vec::new()).header(header::LOCATION, self.signed_url(key, name, now))
    }

    /// The store: takes the signature as long as it lives, and refuses a token beside it.
    pub fn storage(&self, key: &str, query: &str, authorised: bool, now: i64) -> Answer {
        if authorised {
            self.counters.tokens_forwarded.fetch_add(1, Relaxed);
            return store_error(400, "InvalidArgument");
        }
        let parts = query.strip_prefix("expires=").and_then(|rest| rest.split_once("&signature="));
        let Some((ends, signature)) = parts else { return store_error(403, "AccessDenied") };
        let ends: i64 = ends.parse().unwrap_or(0);
        if signature != self.signature(key, ends) {
            return store_error(403, "SignatureDoesNotMatch");
        }
        if now >= ends {
            return store_error(403, "AccessDenied");
        }
        let n = self.downloads.fetch_add(1, Relaxed) + 1;
        let due = |every: Option<u64>| every.is_some_and(|every| n.is_multiple_of(every));
        let files = &self.scenario.files;
        if due(files.missing_every) || due(files.cut_every) {
            self.counters.errors_injected.fetch_add(1, Relaxed);
        }
        if due(files.missing_every) {
            return store_error(404, "NoSuchKey");
        }
        let mut answer = Answer::new(200, "application/octet-stream", File::content(key));
        if due(files.cut_every) {
            answer.delivery = Delivery::Cut;
        }
        answer
    }
}

/// The store speaks XML.
fn store_error(status: u16, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>\n");
    Answer::new(status, "application/xml", body.into_bytes())
}

fn hash(key: &str, salt: &str) -> u64 {
    key.bytes().chain(salt.bytes()).fold(0xcbf2_9ce4, |sum, byte| mix(sum ^ u64::from(byte)))
}

/// A file's name as the last segment of an address.
fn encode(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    name.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::query::decode;

    #[test]
    fn names_are_encoded_so_that_they_come_back() {
        for name in ["practice plan-1.pdf", "é/ü?.png", "plain.jpg"] {
            let encoded = encode(name);
            assert!(!encoded.contains(['/', '?', ' ']), "{encoded}");
            assert_eq!(decode(&encoded, false).as_deref(), Some(name));
        }
    }
}
