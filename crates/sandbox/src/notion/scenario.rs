//! How the stand-in of Notion behaves: the well-behaved default, and every switch. `SCENARIOS-NOTION.md`
//! shows each with an example.

use super::endpoint;
use crate::scenario::reader::{Reader, ScenarioProblem, Section, read};
use crate::scenario::strike::{COUNT, RETRY_AFTER, strikes};
use crate::scenario::{Latency, RetryAfter, Strike};

/// Everything that can be switched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// Whether version 2025-09-03 is spoken as well.
    pub old_version: bool,
    /// Whether moments are shown without their seconds.
    pub minutes: bool,
    /// How large requests may be.
    pub limits: Limits,
    /// How many requests a minute has.
    pub window: Window,
    /// What queries of a data source show.
    pub query: Query,
    /// How long every answer takes.
    pub latency: Latency,
    /// What goes wrong.
    pub faults: Vec<Strike>,
}

/// How large requests may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Levels of blocks in one request.
    pub nesting: u64,
    /// Blocks in one request.
    pub blocks: u64,
    /// Bytes of a body.
    pub bytes: u64,
    /// Bytes from which on a body is not even looked at: 413.
    pub bytes_looked_at: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { nesting: 2, blocks: 1_000, bytes: 500_000, bytes_looked_at: 2_000_000 }
    }
}

/// How many requests a window of 60 seconds has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Of one connection; none: any number.
    pub connection: Option<u64>,
    /// Of all connections together; none: any number.
    pub workspace: Option<u64>,
    /// Whether and how an answer 429 or 529 says when to come again.
    pub retry_after: RetryAfter,
    /// The shape in which it says which limit it was.
    pub reason: Reason,
}

impl Default for Window {
    fn default() -> Self {
        Self { connection: None, workspace: None, retry_after: RetryAfter::Seconds, reason: Reason::Text }
    }
}

/// The shape of `rate_limit_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A text.
    Text,
    /// A list of texts.
    List,
}

/// What queries of a data source show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Query {
    /// A page made a moment ago is missing from so many queries of its data source.
    pub lag: u64,
    /// A query ends after so many rows, and says that it is incomplete.
    pub rows: Option<u64>,
    /// Whether filters on texts take capitals and small letters for the same.
    pub ignores_case: bool,
}

impl Scenario {
    /// Reads a scenario; all problems, each with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<ScenarioProblem>> {
        read(text, |r, root| Scenario {
            old_version: r.flag(root, "old_version", false),
            minutes: r.flag(root, "minutes", false),
            limits: limits(r, root),
            window: window(r, root),
            query: query(r, root),
            latency: r.latency(root),
            faults: strikes(r, root, endpoint::NAMES),
        })
    }
}

fn limits<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Limits {
    let default = Limits::default();
    let Some(mut s) = r.section(root, "limits") else { return default };
    let limits = Limits {
        nesting: r.number(&mut s, "nesting", 1..=10).unwrap_or(default.nesting),
        blocks: r.number(&mut s, "blocks", COUNT).unwrap_or(default.blocks),
        bytes: r.number(&mut s, "bytes", COUNT).unwrap_or(default.bytes),
        bytes_looked_at: r.number(&mut s, "bytes_looked_at", COUNT).unwrap_or(default.bytes_looked_at),
    };
    r.finish(&s);
    limits
}

fn window<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Window {
    let default = Window::default();
    let Some(mut s) = r.section(root, "window") else { return default };
    let reasons = [("text", Reason::Text), ("list", Reason::List)];
    let window = Window {
        connection: r.number(&mut s, "connection", COUNT),
        workspace: r.number(&mut s, "workspace", COUNT),
        retry_after: r.choice(&mut s, "retry_after", RETRY_AFTER).unwrap_or(default.retry_after),
        reason: r.choice(&mut s, "reason", &reasons).unwrap_or(default.reason),
    };
    r.finish(&s);
    window
}

fn query<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Query {
    let Some(mut s) = r.section(root, "query") else { return Query::default() };
    let query = Query {
        lag: r.number(&mut s, "lag", 0..=1_000).unwrap_or(0),
        rows: r.number(&mut s, "rows", COUNT),
        ignores_case: r.flag(&mut s, "ignores_case", false),
    };
    r.finish(&s);
    query
}
