//! Uploaded files: private ones answer the admin with a redirect to a signed address on another host.

use super::app::App;
use super::visitor::Who;
use crate::serve::answer::{Answer, Delivery};
use axum::http::header;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering::Relaxed;

/// Bytes of a file: more than one packet, so that a cut shows.
const FILE_BYTES: usize = 100_000;

/// `/fileupload/f<ms>x<n>/<name>`: with the admin's token a redirect, else 401.
pub(super) fn private(app: &App, folder: &str, name: &str, who: Who) -> Answer {
    if who != Who::Admin {
        return Answer::unauthorized(app.scenario.auth.unauthorized);
    }
    let known = folder.strip_prefix('f').and_then(|rest| rest.split_once('x')).is_some_and(|(ms, n)| {
        [ms, n].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    });
    if !known {
        return Answer::flat(404, "no such file");
    }
    // The loopback interface by its other name is another host for every client.
    let signature = signature(app, folder, name);
    let place = format!("http://localhost:{}/signed/{folder}/{name}?signature={signature}", app.port);
    Answer::new(302, "text/plain", Vec::new()).header(header::LOCATION, place)
}

/// `/signed/…`: a store that takes the signature and refuses a token beside it, as S3 does.
pub(super) fn signed(app: &App, folder: &str, name: &str, query: &str, authorised: bool) -> Answer {
    if authorised {
        app.counters.tokens_forwarded.fetch_add(1, Relaxed);
        return Answer::flat(400, "only one way to authorise is allowed");
    }
    if query.strip_prefix("signature=") != Some(signature(app, folder, name).as_str()) {
        return Answer::flat(403, "the signature does not match");
    }
    let n = app.downloads.fetch_add(1, Relaxed) + 1;
    let due = |every: Option<u64>| every.is_some_and(|every| n.is_multiple_of(every));
    if due(app.scenario.files.missing_every) {
        app.counters.errors_injected.fetch_add(1, Relaxed);
        return Answer::flat(404, "no such file");
    }
    let mut body = b"\x89PNG\r\n\x1a\n".to_vec();
    let seed = name.bytes().fold(1u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    body.extend((0..FILE_BYTES).map(|i| seed.wrapping_add((i % 251) as u8)));
    let mut answer = Answer::new(200, "image/png", body);
    if due(app.scenario.files.cut_every) {
        app.counters.errors_injected.fetch_add(1, Relaxed);
        answer.delivery = Delivery::Cut;
    }
    answer
}

fn signature(app: &App, folder: &str, name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (&app.key, folder, name).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
