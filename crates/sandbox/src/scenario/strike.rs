//! What goes wrong on purpose with the services that have endpoints by name (Circle, Notion), and how a
//! scenario says it.

use super::RetryAfter;
use super::reader::{MILLISECONDS, Reader, Section};
use crate::serve::answer::{Answer, Delivery};
use crate::serve::schedule::{Schedule, When, strike};
use axum::http::header;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Any sensible count.
pub(crate) const COUNT: RangeInclusive<u64> = 1..=1_000_000_000;
/// The statuses of errors.
const ERRORS: RangeInclusive<u64> = 400..=599;

/// Something that goes wrong with some requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// What happens.
    pub kind: StrikeKind,
    /// To which of the matching requests.
    pub when: When,
    /// Only for these endpoints; none: for all.
    pub endpoints: Vec<String>,
    /// How long the pause of `slow` and `late` is.
    pub milliseconds: u64,
    /// Whether the work is done all the same, and only its answer is lost.
    pub after_work: bool,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrikeKind {
    /// This status, with an error in the service's own shape.
    Status(u16),
    /// This status, with a page of HTML.
    StatusHtml(u16),
    /// 200 and a page of HTML.
    Html,
    /// The right status and half of the body, the connection in order.
    Truncated,
    /// The connection ends in the middle of the body.
    Cut,
    /// The connection ends without an answer.
    Dropped,
    /// Half of the body at once, the rest later.
    Slow,
    /// Everything later.
    Late,
}

/// The strikes of a scenario, each with its count.
pub(crate) struct Strikes(Vec<(Strike, Schedule)>);

impl Strikes {
    pub fn new(strikes: &[Strike]) -> Self {
        Self(strikes.iter().map(|strike| (strike.clone(), Schedule::new(strike.when.clone()))).collect())
    }

    /// Counts a request, and says what happens to it: the first that strikes.
    pub fn strike(&self, endpoint: &str) -> Option<&Strike> {
        strike(&self.0, |strike| {
            strike.endpoints.is_empty() || strike.endpoints.iter().any(|e| e == endpoint)
        })
    }
}

impl Strike {
    /// Whether the work is not even begun.
    pub(crate) fn prevents(&self) -> bool {
        use StrikeKind::{Dropped, Html, Status, StatusHtml};
        !self.after_work && matches!(self.kind, Status(_) | StatusHtml(_) | Html | Dropped)
    }

    /// What it makes of an answer; `refuse` makes an error in the service's shape.
    pub(crate) async fn spoil(&self, mut answer: Answer, refuse: impl Fn(u16) -> Answer) -> Answer {
        let pause = Duration::from_millis(self.milliseconds);
        match self.kind {
            StrikeKind::Status(status) => return refuse(status),
            StrikeKind::StatusHtml(status) => return Answer::html(status, "We are looking into it"),
            StrikeKind::Html => return Answer::html(200, "We will be right back"),
            StrikeKind::Truncated => answer.body.truncate(answer.body.len() / 2),
            StrikeKind::Cut => answer.delivery = Delivery::Cut,
            StrikeKind::Dropped => answer.delivery = Delivery::Dropped,
            StrikeKind::Slow => answer.delivery = Delivery::Slow(pause),
            StrikeKind::Late => tokio::time::sleep(pause).await,
        }
        answer
    }
}

/// The `[[fault]]` tables of a scenario; `endpoints` are the names that they may use.
pub(crate) fn strikes<'t>(
    r: &mut Reader<'t>,
    root: &mut Section<'t>,
    endpoints: &[&'static str],
) -> Vec<Strike> {
    let kinds = [
        ("status", StrikeKind::Status(0)),
        ("status-html", StrikeKind::StatusHtml(0)),
        ("html-200", StrikeKind::Html),
        ("truncated", StrikeKind::Truncated),
        ("cut", StrikeKind::Cut),
        ("dropped", StrikeKind::Dropped),
        ("slow", StrikeKind::Slow),
        ("late", StrikeKind::Late),
    ];
    let names: Vec<(&'static str, ())> = endpoints.iter().map(|name| (*name, ())).collect();
    let mut all = Vec::new();
    for mut s in r.sections(root, "fault") {
        let kind = match r.required(&mut s, "kind") {
            Some((word, span)) => r.one_of("fault.kind", &word, span, &kinds),
            None => None,
        };
        let status = r.number(&mut s, "status", ERRORS).unwrap_or(500) as u16;
        let mut chosen = Vec::new();
        for (name, span) in r.texts(&mut s, "endpoints") {
            if r.one_of("fault.endpoints", &name, span, &names).is_some() {
                chosen.push(name);
            }
        }
        all.push(Strike {
            kind: match kind {
                Some(StrikeKind::Status(_)) | None => StrikeKind::Status(status),
                Some(StrikeKind::StatusHtml(_)) => StrikeKind::StatusHtml(status),
                Some(other) => other,
            },
            when: When {
                at: r.numbers(&mut s, "at"),
                every: r.number(&mut s, "every", COUNT),
                times: r.number(&mut s, "times", COUNT),
            },
            endpoints: chosen,
            milliseconds: r.number(&mut s, "milliseconds", MILLISECONDS).unwrap_or(2000),
            after_work: r.flag(&mut s, "after_work", false),
        });
        r.finish(&s);
    }
    all
}

/// The words for when to come again.
pub(crate) const RETRY_AFTER: &[(&str, RetryAfter)] =
    &[("absent", RetryAfter::Absent), ("seconds", RetryAfter::Seconds), ("date", RetryAfter::Date)];

/// Adds when to come again: in `seconds` from `now`, milliseconds since 1970.
pub(crate) fn retry_after(answer: Answer, way: RetryAfter, seconds: i64, now: i64) -> Answer {
    let date = || {
        let then = jiff::Timestamp::from_millisecond(now + (seconds + 1) * 1000).ok()?;
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).ok()
    };
    match way {
        RetryAfter::Absent => answer,
        RetryAfter::Seconds => answer.header(header::RETRY_AFTER, seconds.to_string()),
        RetryAfter::Date => match date() {
            Some(date) => answer.header(header::RETRY_AFTER, date),
            None => answer,
        },
    }
}
