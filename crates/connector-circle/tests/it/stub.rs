//! A small Circle, written from the facts: pages with an unreliable `page_count`, both ways to send the
//! token, what is hidden by default, and faults on demand.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

pub const TOKEN: &str = "circ_admin_0123456789abcdef";

/// When the first request is answered, milliseconds since 1970; each takes a minute.
const BEGUN_MS: i64 = 1_762_000_000_000;
const REQUEST_MS: i64 = 60_000;

/// A moment just before the n-th request, from 0.
pub fn before(n: usize) -> String {
    clock(n as i64 * REQUEST_MS - REQUEST_MS / 2).to_string()
}

fn clock(ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(BEGUN_MS + ms).expect("a time")
}

/// What happens to a request instead of an answer.
#[derive(Debug, Clone)]
pub enum Act {
    Status(u16, &'static str, &'static str),
    RetryAfter(u16, &'static str),
    Redirect(&'static str),
    /// The connection breaks in the middle of the body.
    CutBody,
    /// The body ends in the middle of its JSON.
    HalfJson,
    Html,
    Empty,
}

/// JSON, as the service labels it.
pub const JSON: &str = "application/json";

type Change = Box<dyn FnMut(&mut Lists) + Send>;

/// The records of each list, in the service's order: `posts`, `comments?space_id=40`,
/// `access_groups/3/community_members`, `profile_fields?archived=true`.
pub type Lists = BTreeMap<String, Vec<Value>>;

/// The stub's data and moods; set before or while it runs.
pub struct World {
    pub lists: Lists,
    /// Which words the token may follow.
    pub schemes: Vec<&'static str>,
    pub page_max: usize,
    /// Larger pages do not come through.
    pub page_comes_through: usize,
    /// Members of the envelope that are left out.
    pub omitted: Vec<&'static str>,
    /// Members of the envelope that are something else, by list.
    pub lies: BTreeMap<String, Value>,
    /// Lists that are refused: status and body.
    pub refused: BTreeMap<String, (u16, &'static str)>,
    /// By the number of the request, from 0.
    pub acts: HashMap<usize, Act>,
    /// From this request on the token is refused.
    pub refuse_from: usize,
    /// Before that request is answered.
    pub changes: HashMap<usize, Change>,
    pub community: Option<Value>,
    /// Whether it says what time it is.
    pub dated: bool,
    /// Path and query of each request, without what every request has.
    pub asked: Vec<String>,
}

pub struct Stub {
    pub url: String,
    world: Arc<Mutex<World>>,
}

impl Stub {
    pub async fn start(lists: impl IntoIterator<Item = (&'static str, Vec<Value>)>) -> Self {
        let world = World {
            lists: lists.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect(),
            schemes: vec!["Bearer", "Token"],
            page_max: 100,
            page_comes_through: usize::MAX,
            omitted: Vec::new(),
            lies: BTreeMap::new(),
            refused: BTreeMap::new(),
            acts: HashMap::new(),
            refuse_from: usize::MAX,
            changes: HashMap::new(),
            community: Some(json!({"id": 9, "slug": "demo", "name": "Demo"})),
            dated: true,
            asked: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let app = Router::new().fallback(answer).with_state(world.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("not poisoned")
    }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, uri: Uri, headers: HeaderMap) -> Response {
    let mut world = world.lock().expect("not poisoned");
    let now = clock(world.asked.len() as i64 * REQUEST_MS);
    let mut response = world.respond(&uri, &headers);
    let date =
        if world.dated { now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string() } else { "once".into() };
    response.headers_mut().insert(header::DATE, date.parse().expect("a header"));
    response
}

impl World {
    fn respond(&mut self, uri: &Uri, headers: &HeaderMap) -> Response {
        let n = self.asked.len();
        self.asked.push(uri.path_and_query().map(ToString::to_string).unwrap_or_default());
        if let Some(mut change) = self.changes.remove(&n) {
            change(&mut self.lists);
        }
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or("");
        let is_authorized = self.schemes.iter().any(|scheme| sent == format!("{scheme} {TOKEN}"));
        if !is_authorized || n >= self.refuse_from {
            let body = r#"{"success":false,"message":"The API token is invalid.","error_details":{}}"#;
            return (StatusCode::UNAUTHORIZED, body).into_response();
        }
        let act = self.acts.get(&n).cloned();
        let (status, body) = self.body(uri);
        match act {
            Some(Act::Status(status, kind, body)) => {
                let status = StatusCode::from_u16(status).expect("a status");
                (status, [(header::CONTENT_TYPE, kind)], body).into_response()
            }
            Some(Act::RetryAfter(status, after)) => {
                let status = StatusCode::from_u16(status).expect("a status");
                (status, [(header::RETRY_AFTER, after)], "{}").into_response()
            }
            Some(Act::Redirect(to)) => (StatusCode::FOUND, [(header::LOCATION, to)], "").into_response(),
            Some(Act::Html) => ([(header::CONTENT_TYPE, "text/html")], "<html>hello</html>").into_response(),
            Some(Act::Empty) => "".into_response(),
            Some(Act::HalfJson) => body[..body.len() / 2].to_owned().into_response(),
            Some(Act::CutBody) => {
                let half = body[..body.len() / 2].to_owned();
                let parts = vec![Ok(half), Err(std::io::Error::other("cut"))];
                Response::new(Body::from_stream(futures::stream::iter(parts)))
            }
            None => (status, [(header::CONTENT_TYPE, JSON)], body).into_response(),
        }
    }

    fn body(&self, uri: &Uri) -> (StatusCode, String) {
        let missing = |what: &str| {
            let details = json!({"message": format!("Missing record: {what}")});
            let body = json!({"success": false, "message": "Oops", "error_details": details});
            (StatusCode::NOT_FOUND, body.to_string())
        };
        let Some(path) = uri.path().strip_prefix("/api/admin/v2/") else { return missing("Route") };
        let query = query(uri);
        let asked = |key: &str| query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        if path == "community" {
            let Some(community) = &self.community else { return missing("Community") };
            return (StatusCode::OK, community.to_string());
        }
        let parent = ["space_id", "event_id", "space_group_id", "archived"].into_iter();
        let parent = parent.filter_map(|key| Some(format!("{path}?{key}={}", asked(key)?))).next();
        let name = parent.unwrap_or_else(|| path.to_owned());
        if let Some((status, body)) = self.refused.get(&name) {
            return (StatusCode::from_u16(*status).expect("a status"), (*body).to_owned());
        }
        let Some(rows) = self.lists.get(&name) else { return missing("Post") };
        if path == "course_lessons" && asked("status").is_some_and(|status| status != "published") {
            let body = json!({"success": false, "message": "Valid values are: published"});
            return (StatusCode::BAD_REQUEST, body.to_string());
        }
        let is_shown = |row: &&Value| asked("status") == Some("all") || row["hidden"] != json!(true);
        let rows: Vec<&Value> = rows.iter().filter(is_shown).collect();
        (StatusCode::OK, self.page(&name, &rows, &asked))
    }

    fn page<'q>(&self, name: &str, rows: &[&Value], asked: &impl Fn(&str) -> Option<&'q str>) -> String {
        let number = |key: &str, default: usize| asked(key).map_or(default, |text| text.parse().expect(key));
        let (page, per_page) = (number("page", 1), number("per_page", 10));
        if per_page > self.page_comes_through {
            return String::new();
        }
        let per_page = per_page.min(self.page_max);
        let first = (page - 1) * per_page;
        let shown: Vec<&Value> = rows.iter().skip(first).take(per_page).copied().collect();
        let more = first + shown.len() < rows.len();
        let mut out = json!({"page": page, "per_page": per_page, "has_next_page": more, "count": rows.len(),
            "page_count": 1, "records": shown});
        let map = out.as_object_mut().expect("an object");
        if let Some(lies) = self.lies.get(name).and_then(Value::as_object) {
            map.extend(lies.clone());
        }
        map.retain(|key, _| !self.omitted.contains(&key.as_str()));
        out.to_string()
    }
}

fn query(uri: &Uri) -> Vec<(String, String)> {
    let pairs = uri.query().unwrap_or("").split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Records with these ids, made and changed long ago.
pub fn rows(ids: impl IntoIterator<Item = u64>) -> Vec<Value> {
    ids.into_iter().map(row).collect()
}

/// A record made and changed long ago.
pub fn row(id: u64) -> Value {
    let at = "2025-02-01T10:00:00.123Z";
    json!({"id": id, "name": format!("N{id}"), "created_at": at, "updated_at": at})
}

/// A record with more members.
pub fn with(id: u64, more: Value) -> Value {
    let mut row = row(id);
    let Value::Object(more) = more else { panic!("an object") };
    row.as_object_mut().expect("an object").extend(more);
    row
}
