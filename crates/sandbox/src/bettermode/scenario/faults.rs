//! Faults, as a scenario or a test names them.

/// Something that goes wrong with some requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// Only to requests that ask for one of these fields of `Query` and `Mutation`; none: to all.
    pub fields: Vec<String>,
    /// With these of the matching requests, counted from 1.
    pub at: Vec<u64>,
    /// With every so-manieth of them.
    pub every: Option<u64>,
    /// This many times at most.
    pub times: Option<u64>,
    /// How long a silence lasts before the connection goes.
    pub milliseconds: u64,
}

impl Fault {
    /// A fault that strikes once, with the next request for that field.
    pub fn next(kind: FaultKind, field: &str) -> Self {
        Self {
            kind,
            fields: vec![field.to_owned()],
            at: Vec::new(),
            every: None,
            times: Some(1),
            milliseconds: SILENCE,
        }
    }
}

/// How long a silence lasts when nothing says how long, milliseconds: longer than a test's time limit for a
/// request.
pub(super) const SILENCE: u64 = 2_000;

/// What happens to a request. "After" means that what was asked for was done, and only the answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// 500 with errors, nothing done.
    Broken,
    /// 500 with errors, everything done.
    BrokenAfter,
    /// 503 with a page of HTML, nothing done.
    Unavailable,
    /// No answer for a while, then the end of the connection, nothing done.
    Silent,
    /// The same, everything done.
    SilentAfter,
    /// The connection ends without an answer, nothing done.
    Dropped,
    /// The same, everything done.
    DroppedAfter,
    /// The connection ends in the middle of the body, everything done.
    CutAfter,
    /// Half of the JSON, the connection in order, everything done.
    TruncatedAfter,
    /// 200 and a page of HTML, nothing done.
    Html,
    /// `status: failed`, nothing done; only of fields that give an `Action`.
    Failed,
    /// The first enum of the answer has a value that no schema has.
    UnknownEnum,
    /// 200 with errors and the rest of the data: the first nullable value of the answer is missing.
    Partial,
    /// As if the token had been revoked.
    Unauthorized,
    /// As if a scope were missing.
    Forbidden,
    /// 429 once, beside the limits.
    TooMany,
}

impl FaultKind {
    /// All of them with their words.
    pub const ALL: &'static [(&'static str, FaultKind)] = &[
        ("500", FaultKind::Broken),
        ("500-after", FaultKind::BrokenAfter),
        ("503-html", FaultKind::Unavailable),
        ("silent", FaultKind::Silent),
        ("silent-after", FaultKind::SilentAfter),
        ("dropped", FaultKind::Dropped),
        ("dropped-after", FaultKind::DroppedAfter),
        ("cut-after", FaultKind::CutAfter),
        ("truncated-after", FaultKind::TruncatedAfter),
        ("html-200", FaultKind::Html),
        ("failed", FaultKind::Failed),
        ("unknown-enum", FaultKind::UnknownEnum),
        ("partial", FaultKind::Partial),
        ("401", FaultKind::Unauthorized),
        ("403", FaultKind::Forbidden),
        ("429", FaultKind::TooMany),
    ];
}
