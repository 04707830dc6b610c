//! Requests, fuzzed: each is read by a sender of every kind, once as it is and once as if it were signed.

use base::Secret;
use base::clock::FixedClock;
use bridge::body;
use bridge::event::ID_BYTES_MAX;
use bridge::rules::{Does, Rule, decide};
use bridge::senders::{KINDS, Settings, sender};
use bridge::{Refused, Request, Sender};
use jiff::{SignedDuration, Timestamp};
use testkit::Fuzz;

const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    ": ",
    "?",
    "&",
    "=",
    ",",
    "{",
    "}",
    "[",
    "\"",
    "\\u0000",
    "\\ud800",
    "null",
    "webhook-id: ",
    "webhook-timestamp: 1700000000\n",
    "webhook-signature: v1,AAAA v1a,AAAA\n",
    "svix-id: ",
    "x-hub-signature-256: sha256=00\n",
    "x-github-event: push\n",
    "stripe-signature: t=1700000000,v1=00\n",
    "x-slack-signature: v0=00\n",
    "authorization: Bearer t\n",
    "\"type\":\"url_verification\"",
    "\"type\":\"event_callback\"",
    "\"event\":{\"type\":\"message\"}",
    "\"event\":\"member.created\"",
    "\"data\":{\"id\":1}",
    "\"token\":\"s3cret\"",
    "\"created_at\":\"2025-02-01 10:04:59 UTC\"",
    "1700000000",
];

/// Parameters, headers, an empty line, the body: as the corpus has them.
struct Parts {
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn parts(input: &[u8]) -> Parts {
    let end = input.windows(2).position(|two| two == b"\n\n").unwrap_or(input.len());
    let head = String::from_utf8_lossy(&input[..end]);
    let mut lines = head.lines();
    let pair = |text: &str, between: &str| {
        text.split_once(between).map(|(name, value)| (name.to_lowercase(), value.to_owned()))
    };
    let query = lines.next().unwrap_or_default().trim_start_matches('?');
    Parts {
        query: query.split('&').filter_map(|part| pair(part, "=")).collect(),
        headers: lines.filter_map(|line| pair(line, ": ")).collect(),
        body: input.get(end + 2..).unwrap_or_default().to_vec(),
    }
}

fn senders() -> Vec<(Box<dyn Sender>, bool)> {
    let mut all = Vec::new();
    for kind in KINDS {
        for unsigned in [false, true] {
            let secret = if unsigned { None } else { Some(Secret::new("whsec_c2VjcmV0,c2VjcmV0")) };
            // Circle has no signature: its token is what the corpus shows.
            let token = Some(Secret::new("t"));
            let settings = Settings { name: kind.word.to_owned(), secret, token, allow_unsigned: unsigned };
            all.push((sender(kind.word, &settings).expect("a sender"), unsigned || kind.word == "circle"));
        }
    }
    all
}

#[test]
fn no_request_breaks_a_sender_or_leaves_what_no_store_takes() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/senders");
    let now = Timestamp::from_second(1_700_000_000).expect("a moment");
    let senders = senders();
    let rule = |does| Rule {
        name: "r".to_owned(),
        on: vec!["*".to_owned()],
        when: Vec::new(),
        does,
        after: SignedDuration::ZERO,
    };
    let template = |text| base::Template::parse(text).expect("a template");
    let rules = [
        rule(Does::CallUrl { url: template("https://x.example/{email}/{body.data.id}") }),
        rule(Does::SendMessage { to: template("{member_id}"), text: template("{name} {text}") }),
        rule(Does::ScheduleEvent { remind_before: vec![60], text: Some(template("{title}")) }),
        rule(Does::ProcessMember { table: None, cache: true, pages: true }),
    ];
    Fuzz { name: "senders", corpus, pieces: PIECES }.run(|input| {
        let Parts { query, headers, body } = parts(input);
        let request = Request { route: "", headers: &headers, query: &query, body: &body };
        let mut outcomes = Vec::new();
        for (sender, open) in &senders {
            let judged = match sender.judge(&request, &FixedClock(now)) {
                Ok(judged) => judged,
                Err(refused) => {
                    assert!(*open || matches!(refused, Refused::NotBelieved(_)), "{refused:?}");
                    outcomes.push(refused.to_string());
                    continue;
                }
            };
            assert!(*open, "{} believes what nobody signed", sender.name());
            let Some(event) = judged.event else {
                outcomes.push("nothing".to_owned());
                continue;
            };
            for key in [&event.id, &event.kind] {
                assert!(!key.is_empty() && key.len() <= ID_BYTES_MAX && !key.contains(char::is_control));
            }
            assert!(event.check().is_ok() && event.occurred <= now);
            let shown = serde_json::to_string(&event.body).expect("JSON");
            assert!(!shown.contains("\\u0000") && !event.told.values().any(|text| text.contains('\0')));
            assert_eq!(
                body::read(shown.as_bytes()).as_ref(),
                Ok(&event.body),
                "reading again changes nothing"
            );
            let planned = decide(&rules, &event, None, now);
            assert_eq!(planned.len(), rules.len() + 1);
            outcomes.push(planned.iter().map(|p| p.work.word()).collect::<Vec<_>>().join(" "));
        }
        outcomes
    });
}
