//! How the stand-in of BetterMode behaves: the strict default, and every switch. `BETTERMODE.md` shows each
//! with an example.

mod faults;
mod parse;

pub use crate::scenario::{Latency, ScenarioProblem};
pub use faults::{Fault, FaultKind};

/// Everything that can be switched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// Addresses and statuses of HTTP.
    pub http: Http,
    /// The shape of errors.
    pub errors: Errors,
    /// Tokens, and what they may do.
    pub auth: Auth,
    /// Lists.
    pub paging: Paging,
    /// Readings of the schema.
    pub schema: Schema,
    /// Members.
    pub members: Members,
    /// Posts.
    pub posts: Posts,
    /// How many requests, and how much complexity; none: as many as come.
    pub rate_limit: Option<RateLimit>,
    /// How long every answer takes.
    pub latency: Latency,
    /// What is sent to whoever listens, and how.
    pub webhooks: Webhooks,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// Addresses and statuses of HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The status of an answer about a missing or expired token: 200 or 401.
    pub unauthorized: u16,
    /// The status of an answer about a text that the schema does not allow: 400 or 200.
    pub bad_query: u16,
    /// Whether `POST /graphql` is the same as `POST /`.
    pub graphql_path: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self { unauthorized: 200, bad_query: 400, graphql_path: false }
    }
}

/// The shape of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors {
    /// Where the status stands.
    pub status_at: StatusAt,
    /// Whether `code`, `help`, `timestamp` and the list of wrong fields are there.
    pub details: bool,
}

impl Default for Errors {
    fn default() -> Self {
        Self { status_at: StatusAt::Top, details: true }
    }
}

/// Where the status of an error stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusAt {
    /// `errors[0].status`.
    Top,
    /// `errors[0].extensions.status`.
    Extensions,
    /// Both.
    Both,
}

/// Tokens, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Whether the app is published and installed on the community; if not, its tokens are refused with 403.
    pub installed: bool,
    /// Whether an app token comes with the address of its gateway.
    pub gateway: bool,
    /// Whether introspection wants a token.
    pub introspection_needs_token: bool,
    /// How long a guest token lives, seconds.
    pub guest_seconds: u64,
    /// How long a member's token lives, seconds.
    pub member_seconds: u64,
    /// How long an app token lives, seconds.
    pub app_seconds: u64,
    /// Scopes that the app was not given; what needs them is refused with 403.
    pub withheld: Vec<String>,
    /// Whether the app may set owner, dates and external ids: what an import needs.
    pub may_import: bool,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            installed: true,
            gateway: false,
            introspection_needs_token: false,
            guest_seconds: 24 * 3600,
            member_seconds: 7 * 24 * 3600,
            app_seconds: 30 * 24 * 3600,
            withheld: Vec::new(),
            may_import: true,
        }
    }
}

/// Lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The largest page.
    pub limit_max: u64,
    /// What becomes of a larger `limit`.
    pub beyond: Beyond,
    /// Nullable parts of a list that are null.
    pub null: Vec<ListPart>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { limit_max: 100, beyond: Beyond::Refused, null: Vec::new() }
    }
}

/// What becomes of a `limit` beyond the largest page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// The request is refused.
    Refused,
    /// The page is as large as pages get.
    Cut,
}

/// A nullable part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListPart {
    /// `nodes`.
    Nodes,
    /// `edges`.
    Edges,
    /// `totalCount`.
    TotalCount,
}

/// Readings of the schema where the facts leave them open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What an event is named by.
    pub events: EventArguments,
    /// Whether the chats of the newer schema are there.
    pub chats: bool,
    /// What `publish` is in an edit that leaves it out.
    pub update_publishes: bool,
}

impl Default for Schema {
    fn default() -> Self {
        Self { events: EventArguments::Id, chats: true, update_publishes: false }
    }
}

/// What the fields about one event name it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventArguments {
    /// `id`.
    Id,
    /// `eventId`.
    EventId,
    /// There are no events.
    Absent,
}

/// Members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Members {
    /// What `joinNetwork` with `verified: true` by an app comes to.
    pub import: Import,
    /// Whether the address of a deleted member stays taken.
    pub deleted_keep_email: bool,
}

/// What `joinNetwork` with `verified: true` by an app comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Import {
    /// A verified member, and no mail.
    #[default]
    Quiet,
    /// A verified member, and a mail of welcome.
    Mailed,
    /// Refused with 403.
    Refused,
}

/// Posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posts {
    /// Whether an edit with `publish: false` unpublishes a published post.
    pub edit_unpublishes: bool,
    /// Whether HTML comes back written otherwise: attributes in order, other quotes, `<br />`.
    pub rewrite_html: bool,
    /// Whether posts of those who are no admins wait for a moderator.
    pub moderated: bool,
}

impl Default for Posts {
    fn default() -> Self {
        Self { edit_unpublishes: true, rewrite_html: false, moderated: false }
    }
}

/// Two measures, each in two windows; a window begins with its first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in a burst.
    pub requests: u64,
    /// Complexity in a burst.
    pub complexity: u64,
    /// How long a burst's window is, seconds.
    pub seconds: u64,
    /// Requests in a day.
    pub day_requests: u64,
    /// Complexity in a day.
    pub day_complexity: u64,
    /// Complexity of one query; none: as much as the burst allows.
    pub query_complexity: Option<u64>,
    /// Whether the answer 429 has `Retry-After`, in seconds.
    pub retry_after: bool,
    /// Whether apps may read `apiRateLimitStats`.
    pub stats: bool,
}

impl Default for RateLimit {
    /// The newer figures of the free plan; the day's are those of the older page, which alone has them.
    fn default() -> Self {
        Self {
            requests: 20,
            complexity: 2_000,
            seconds: 10,
            day_requests: 50_000,
            day_complexity: 5_000_000,
            query_complexity: None,
            retry_after: false,
            stats: true,
        }
    }
}

/// What is sent to whoever listens, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhooks {
    /// Names of the two headers.
    pub headers: HeaderNames,
    /// Whether `sessionInfo` is an array with a null in it, as in the older samples.
    pub session_array: bool,
    /// Whether the newer `entities` are there.
    pub entities: bool,
    /// How often an event is sent that gets no answer or a 5xx.
    pub attempts: u64,
    /// How long an answer may take, milliseconds.
    pub timeout: u64,
    /// How long until the next attempt, milliseconds.
    pub pause: u64,
    /// How often every event is sent although it was answered.
    pub copies: u64,
    /// Who listens from the start.
    pub listeners: Vec<Listener>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            headers: HeaderNames::BetterMode,
            session_array: false,
            entities: true,
            attempts: 3,
            timeout: 10_000,
            pause: 100,
            copies: 1,
            listeners: Vec::new(),
        }
    }
}

/// Names of the headers of signature and timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderNames {
    /// `X-Bettermode-Signature`, `X-Bettermode-Request-Timestamp`.
    BetterMode,
    /// `x-tribe-signature`, `x-tribe-request-timestamp`.
    Tribe,
}

/// An address that events are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// `http://127.0.0.1:…`, `http://localhost:…` or `http://[::1]:…`; no other host is ever called.
    pub url: String,
    /// Names of events, or their beginning followed by `*`; none: all.
    pub names: Vec<String>,
}

impl Listener {
    /// Whether it wants events of that name.
    pub fn wants(&self, name: &str) -> bool {
        self.names.is_empty()
            || self.names.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => wanted == name,
            })
    }
}
