//! How a stand-in behaves: the well-behaved default, and every switch. `SCENARIOS.md` shows each with an
//! example.

pub(crate) mod parse;
pub(crate) mod reader;
pub(crate) mod strike;

pub use crate::serve::schedule::When;
pub use reader::ScenarioProblem;
pub(crate) use reader::{MILLISECONDS, Reader, Section, read};
pub use strike::{Strike, StrikeKind};

use crate::rng::Rng;
use crate::schema::KeyMode;
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything that can be switched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// Databases beside the live one.
    pub environment: Environments,
    /// Offsets and page sizes.
    pub paging: Paging,
    /// Spelling and meaning of keys.
    pub fields: Fields,
    /// Self-description.
    pub meta: Meta,
    /// Types that the service does not expose, by name.
    pub hidden_types: Vec<String>,
    /// Tokens and the answers to bad ones.
    pub auth: Auth,
    /// What others than the admin see, by type.
    pub privacy: BTreeMap<String, Privacy>,
    /// How many requests a minute.
    pub rate_limit: Option<RateLimit>,
    /// How long every answer takes.
    pub latency: Latency,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// One record of enormous size.
    pub huge_record: Option<HugeRecord>,
    /// What people do meanwhile.
    pub drift: Vec<Drift>,
    /// Uploaded files.
    pub files: Files,
}

/// Databases beside the live one, each with its own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environments {
    /// Whether `/version-test` is there.
    pub test: bool,
    /// Bookings there; without: a tenth of the live ones, at least 100, and no more than the live ones.
    pub test_records: Option<u64>,
    /// Path segments of further branches.
    pub branches: Vec<String>,
}

impl Default for Environments {
    fn default() -> Self {
        Self { test: true, test_records: None, branches: Vec::new() }
    }
}

/// Offsets and page sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The offset from which on no record is shown.
    pub wall: u64,
    /// Records of a page when the request does not say.
    pub default_limit: u64,
    /// What becomes of `remaining` when the request excludes it.
    pub exclude_remaining: ExcludeRemaining,
    /// Whether a query with `sort_field` pretends that the wall is all there is: `remaining` ends at 0 there.
    pub cap_sorted_count: bool,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            wall: 50_000,
            default_limit: 100,
            exclude_remaining: ExcludeRemaining::Absent,
            cap_sorted_count: false,
        }
    }
}

/// What becomes of `remaining` when the request excludes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExcludeRemaining {
    /// It is not there.
    Absent,
    /// It is 0.
    Zero,
    /// It is null.
    Null,
}

/// Spelling and meaning of keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// How keys are spelled.
    pub keys: KeyMode,
    /// Whether `greater than` and `less than` may be asked of `_id`.
    pub compare_ids: bool,
}

/// Self-description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Whether `/meta` answers.
    pub meta: bool,
    /// Whether `/meta/swagger.json` answers.
    pub swagger: bool,
    /// Whether both want a token.
    pub needs_token: bool,
}

impl Default for Meta {
    fn default() -> Self {
        Self { meta: true, swagger: true, needs_token: false }
    }
}

/// Tokens and the answers to bad ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// The shape of 401's body.
    pub unauthorized: Unauthorized,
    /// Whether the admin token reached the live version; when not, it works in the others only.
    pub deployed: bool,
    /// The status for a record that does not exist: 404, or 400 as of old.
    pub missing_record: u16,
}

impl Default for Auth {
    fn default() -> Self {
        Self { unauthorized: Unauthorized::Wrapped, deployed: true, missing_record: 404 }
    }
}

/// The shape of 401's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthorized {
    /// `{"statusCode":401,"body":{"status":…,"message":…}}`.
    Wrapped,
    /// `{"error_class":"Unauthorized","args":…,"message":null,"translation":…}`.
    ErrorClass,
}

/// What others than the admin see of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privacy {
    /// Records that a logged-in user finds.
    pub user: Visible,
    /// Records that a request without token finds.
    pub anonymous: Visible,
    /// Fields that neither sees, by display name; constraints on them are dropped.
    pub hidden_fields: Vec<String>,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { user: Visible::Own, anonymous: Visible::None, hidden_fields: Vec::new() }
    }
}

/// Which records somebody finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visible {
    /// All.
    All,
    /// Those that mention the user; without a user, none.
    Own,
    /// None.
    None,
}

/// A token bucket over all requests.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimit {
    /// Requests a minute that it refills.
    pub per_minute: u64,
    /// Requests that it holds.
    pub burst: u64,
    /// Whether and how the answer says when to come again.
    pub retry_after: RetryAfter,
}

/// Whether and how an answer 429 says when to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// It does not.
    Absent,
    /// In whole seconds.
    Seconds,
    /// As an HTTP date.
    Date,
}

/// How long every answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    /// Milliseconds at least.
    pub milliseconds: u64,
    /// Milliseconds more at most, at random.
    pub jitter: u64,
}

impl Latency {
    /// Waits that long; `rng` decides the jitter.
    pub(crate) async fn pass(self, rng: impl FnOnce() -> Rng) {
        if self.milliseconds + self.jitter > 0 {
            let jitter = rng().below(self.jitter + 1);
            tokio::time::sleep(Duration::from_millis(self.milliseconds + jitter)).await;
        }
    }
}

/// Something that goes wrong with some requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// With these of the matching requests, counted from 1.
    pub at: Vec<u64>,
    /// With every so-manieth of them.
    pub every: Option<u64>,
    /// This many times at most.
    pub times: Option<u64>,
    /// Only for these types; none: for all.
    pub types: Vec<String>,
    /// Which requests match.
    pub requests: Requests,
    /// How long the slow page takes.
    pub milliseconds: u64,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// 503 with JSON.
    Unavailable,
    /// 503 with a page of HTML.
    UnavailableHtml,
    /// 500 with JSON.
    Broken,
    /// 429 once, beside the token bucket.
    TooMany,
    /// 401, as if the token had been revoked.
    Unauthorized,
    /// The connection ends in the middle of the body.
    Cut,
    /// 200 and half of the JSON, the connection in order.
    Truncated,
    /// 200 and a page of HTML.
    Html,
    /// Half of the body at once, the rest later.
    Slow,
}

/// Which requests a fault counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requests {
    /// Lists.
    List,
    /// Single records.
    Record,
    /// Self-descriptions.
    Meta,
    /// All three.
    Any,
}

/// One record of enormous size in the live data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HugeRecord {
    /// Its type.
    pub type_name: String,
    /// The text field that is filled up, by display name.
    pub field: String,
    /// How much it is filled with.
    pub bytes: u64,
}

/// What people do before a list of a type is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The type.
    pub type_name: String,
    /// Before the list of that number, counted from 1 per type and environment.
    pub before: u64,
    /// And then before every so-manieth one.
    pub every: Option<u64>,
    /// Records that come.
    pub insert: u64,
    /// Records that go.
    pub delete: u64,
    /// Records that change.
    pub modify: u64,
    /// Which ones go and change.
    pub which: Which,
    /// Whether those that come share the millisecond of the newest record, instead of being newer.
    pub same_millisecond: bool,
}

/// Which records go and change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those of the page served last.
    Served,
    /// Those created after everything served so far.
    Pending,
    /// Any.
    Any,
}

/// Uploaded files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Files {
    /// Every so-manieth download finds nothing.
    pub missing_every: Option<u64>,
    /// Every so-manieth download is cut off.
    pub cut_every: Option<u64>,
}
