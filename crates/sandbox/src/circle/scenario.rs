//! How the stand-in of Circle behaves: the well-behaved default, and every switch. `SCENARIOS-CIRCLE.md`
//! shows each with an example.

use super::endpoint;
use crate::scenario::reader::{Reader, ScenarioProblem, Section, read};
use crate::scenario::strike::{COUNT, RETRY_AFTER, strikes};
use crate::scenario::{Latency, RetryAfter, Strike, Which};

/// Everything that can be switched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// Tokens.
    pub auth: Auth,
    /// Page sizes and the envelope.
    pub paging: Paging,
    /// What lists show.
    pub lists: Lists,
    /// What stands in `error_details` where nothing is known of it.
    pub errors: ErrorDetails,
    /// How many calls of the administration a month has.
    pub quota: Option<Quota>,
    /// How many requests an address may make in a while.
    pub window: Option<Window>,
    /// The members' own API.
    pub headless: Headless,
    /// Uploaded files.
    pub files: Files,
    /// How long every answer takes.
    pub latency: Latency,
    /// What goes wrong.
    pub faults: Vec<Strike>,
    /// What people do meanwhile.
    pub drift: Vec<Drift>,
}

/// Tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// How a token may be sent.
    pub schemes: Schemes,
    /// Whether the community's plan has this API; when not, every call is 403.
    pub eligible: bool,
}

impl Default for Auth {
    fn default() -> Self {
        Self { schemes: Schemes::Both, eligible: true }
    }
}

/// How a token may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schemes {
    /// After `Bearer` or `Token`.
    Both,
    /// After `Bearer` only.
    Bearer,
    /// After `Token` only.
    Token,
}

/// Page sizes and the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// Records of a page when the request does not say.
    pub default_per_page: u64,
    /// Records of a page at most: a larger wish is cut, and `per_page` tells.
    pub max_per_page: u64,
    /// What `page_count` is.
    pub page_count: PageCount,
    /// What `has_next_page` is.
    pub next_flag: NextFlag,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            default_per_page: 10,
            max_per_page: 100,
            page_count: PageCount::Total,
            next_flag: NextFlag::Right,
        }
    }
}

/// What `page_count` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageCount {
    /// The number of records in all pages, as in most of the vendor's samples.
    Total,
    /// The number of pages.
    Pages,
    /// Always 1.
    One,
}

/// What `has_next_page` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextFlag {
    /// Right.
    Right,
    /// Not there.
    Absent,
    /// Always true, also on empty pages.
    Stuck,
}

/// What lists show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lists {
    /// Whether lists of posts have `tiptap_body`; single posts always have it.
    pub tiptap: bool,
    /// Where answers to comments stand.
    pub replies: Replies,
    /// Whether a list of posts without `status` has only what is published.
    pub published_only: bool,
    /// Whether comments can be listed by post or space only.
    pub comments_by_place: bool,
    /// Whether people who were deactivated are among the inactive members.
    pub deactivated: bool,
    /// Whether choices of profile fields are objects instead of texts.
    pub nested_choices: bool,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            tiptap: true,
            replies: Replies::Both,
            published_only: true,
            comments_by_place: true,
            deactivated: false,
            nested_choices: true,
        }
    }
}

/// Where answers to comments stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    /// In the list, and within the comments that they answer.
    Both,
    /// Only within.
    Nested,
    /// Only in the list.
    Top,
}

/// What stands in `error_details` where nothing is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorDetails {
    /// `{}`.
    #[default]
    Object,
    /// A text.
    Text,
    /// A list.
    List,
    /// Null.
    Null,
    /// The key is not there.
    Absent,
    /// One after the other.
    Mixed,
}

/// How many calls of the administration a month has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// That many.
    pub monthly: u64,
    /// Of these, made before the stand-in began.
    pub used: u64,
    /// Whether and how the answer beyond it says when to come again.
    pub retry_after: RetryAfter,
}

/// How many requests an address may make in a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// That many.
    pub requests: u64,
    /// The while.
    pub seconds: u64,
    /// Whether and how the answer beyond it says when to come again.
    pub retry_after: RetryAfter,
}

/// The members' own API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headless {
    /// How long an access token lives.
    pub access_seconds: u64,
    /// How long a refresh token lives.
    pub refresh_seconds: u64,
    /// Whether a window of messages around an id has the message of that id.
    pub window_has_id: bool,
}

impl Default for Headless {
    fn default() -> Self {
        Self { access_seconds: 3600, refresh_seconds: 30 * 86_400, window_has_id: true }
    }
}

/// Uploaded files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// How long a signed address lives.
    pub link_seconds: u64,
    /// The address of every so-manieth file is a signed one itself.
    pub signed_every: Option<u64>,
    /// Every so-manieth download finds nothing.
    pub missing_every: Option<u64>,
    /// Every so-manieth download is cut off.
    pub cut_every: Option<u64>,
}

impl Default for Files {
    fn default() -> Self {
        Self { link_seconds: 300, signed_every: Some(4), missing_every: None, cut_every: None }
    }
}

/// What people do before a list is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The list.
    pub stream: super::Stream,
    /// Before the list of that number, counted from 1.
    pub before: u64,
    /// And then before every so-manieth one.
    pub every: Option<u64>,
    /// Records that come.
    pub insert: u64,
    /// Records that go.
    pub remove: u64,
    /// Records that change.
    pub edit: u64,
    /// Which ones go and change.
    pub which: Which,
}

impl Scenario {
    /// Reads a scenario; all problems, each with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<ScenarioProblem>> {
        read(text, |r, root| Scenario {
            auth: auth(r, root),
            paging: paging(r, root),
            lists: lists(r, root),
            errors: errors(r, root),
            quota: quota(r, root),
            window: window(r, root),
            headless: headless(r, root),
            files: files(r, root),
            latency: r.latency(root),
            faults: strikes(r, root, endpoint::NAMES),
            drift: drift(r, root),
        })
    }
}

fn auth<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Auth {
    let Some(mut s) = r.section(root, "auth") else { return Auth::default() };
    let schemes = [("both", Schemes::Both), ("bearer", Schemes::Bearer), ("token", Schemes::Token)];
    let auth = Auth {
        schemes: r.choice(&mut s, "schemes", &schemes).unwrap_or(Schemes::Both),
        eligible: r.flag(&mut s, "eligible", true),
    };
    r.finish(&s);
    auth
}

fn paging<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Paging {
    let default = Paging::default();
    let Some(mut s) = r.section(root, "paging") else { return default };
    let counts = [("total", PageCount::Total), ("pages", PageCount::Pages), ("one", PageCount::One)];
    let flags = [("right", NextFlag::Right), ("absent", NextFlag::Absent), ("stuck", NextFlag::Stuck)];
    let paging = Paging {
        default_per_page: r.number(&mut s, "default_per_page", COUNT).unwrap_or(default.default_per_page),
        max_per_page: r.number(&mut s, "max_per_page", COUNT).unwrap_or(default.max_per_page),
        page_count: r.choice(&mut s, "page_count", &counts).unwrap_or(default.page_count),
        next_flag: r.choice(&mut s, "next_flag", &flags).unwrap_or(default.next_flag),
    };
    r.finish(&s);
    paging
}

fn lists<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Lists {
    let default = Lists::default();
    let Some(mut s) = r.section(root, "lists") else { return default };
    let replies = [("both", Replies::Both), ("nested", Replies::Nested), ("top", Replies::Top)];
    let lists = Lists {
        tiptap: r.flag(&mut s, "tiptap", default.tiptap),
        replies: r.choice(&mut s, "replies", &replies).unwrap_or(default.replies),
        published_only: r.flag(&mut s, "published_only", default.published_only),
        comments_by_place: r.flag(&mut s, "comments_by_place", default.comments_by_place),
        deactivated: r.flag(&mut s, "deactivated", default.deactivated),
        nested_choices: r.flag(&mut s, "nested_choices", default.nested_choices),
    };
    r.finish(&s);
    lists
}

fn errors<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> ErrorDetails {
    let Some(mut s) = r.section(root, "errors") else { return ErrorDetails::default() };
    let details = [
        ("object", ErrorDetails::Object),
        ("text", ErrorDetails::Text),
        ("list", ErrorDetails::List),
        ("null", ErrorDetails::Null),
        ("absent", ErrorDetails::Absent),
        ("mixed", ErrorDetails::Mixed),
    ];
    let details = r.choice(&mut s, "details", &details).unwrap_or_default();
    r.finish(&s);
    details
}

fn quota<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Option<Quota> {
    let mut s = r.section(root, "quota")?;
    let quota = Quota {
        // That of the vendor's business plan.
        monthly: r.number(&mut s, "monthly", COUNT).unwrap_or(5_000),
        used: r.number(&mut s, "used", 0..=1_000_000_000).unwrap_or(0),
        retry_after: r.choice(&mut s, "retry_after", RETRY_AFTER).unwrap_or(RetryAfter::Absent),
    };
    r.finish(&s);
    Some(quota)
}

fn window<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Option<Window> {
    let mut s = r.section(root, "window")?;
    let window = Window {
        // What the vendor documents.
        requests: r.number(&mut s, "requests", COUNT).unwrap_or(2_000),
        seconds: r.number(&mut s, "seconds", COUNT).unwrap_or(300),
        retry_after: r.choice(&mut s, "retry_after", RETRY_AFTER).unwrap_or(RetryAfter::Absent),
    };
    r.finish(&s);
    Some(window)
}

fn headless<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Headless {
    let default = Headless::default();
    let Some(mut s) = r.section(root, "headless") else { return default };
    let headless = Headless {
        access_seconds: r.number(&mut s, "access_seconds", COUNT).unwrap_or(default.access_seconds),
        refresh_seconds: r.number(&mut s, "refresh_seconds", COUNT).unwrap_or(default.refresh_seconds),
        window_has_id: r.flag(&mut s, "window_has_id", default.window_has_id),
    };
    r.finish(&s);
    headless
}

fn files<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Files {
    let default = Files::default();
    let Some(mut s) = r.section(root, "files") else { return default };
    let files = Files {
        link_seconds: r.number(&mut s, "link_seconds", COUNT).unwrap_or(default.link_seconds),
        signed_every: r.number(&mut s, "signed_every", COUNT).or(default.signed_every),
        missing_every: r.number(&mut s, "missing_every", COUNT),
        cut_every: r.number(&mut s, "cut_every", COUNT),
    };
    r.finish(&s);
    files
}

fn drift<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Vec<Drift> {
    let which = [("served", Which::Served), ("pending", Which::Pending), ("any", Which::Any)];
    let streams: Vec<_> = super::Stream::ALL.iter().map(|stream| (stream.word(), *stream)).collect();
    let mut all = Vec::new();
    for mut s in r.sections(root, "drift") {
        let stream = match r.required(&mut s, "stream") {
            Some((word, span)) => r.one_of("drift.stream", &word, span, &streams),
            None => None,
        };
        all.push(Drift {
            stream: stream.unwrap_or(super::Stream::Members),
            before: r.number(&mut s, "before", COUNT).unwrap_or(2),
            every: r.number(&mut s, "every", COUNT),
            insert: r.number(&mut s, "insert", 0..=10_000).unwrap_or(0),
            remove: r.number(&mut s, "remove", 0..=10_000).unwrap_or(0),
            edit: r.number(&mut s, "edit", 0..=10_000).unwrap_or(0),
            which: r.choice(&mut s, "which", &which).unwrap_or(Which::Any),
        });
        r.finish(&s);
    }
    all
}
