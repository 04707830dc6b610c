//! A small Bubble, written from the facts: paging, the wall, constraints, ties in no order, and faults on
//! demand.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

pub const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub id: String,
    pub created: i64,
    pub modified: i64,
    /// More members of the object, as JSON, each after a comma.
    pub more: String,
    /// Dates are shown as milliseconds.
    pub epoch: bool,
}

pub fn row(n: usize, created: i64) -> Row {
    Row {
        id: format!("{created}x{n:06}"),
        created,
        modified: created,
        more: format!(r#","N":{n}.50"#),
        epoch: n % 7 == 3,
    }
}

/// What happens to a request instead of an answer.
#[derive(Debug, Clone)]
pub enum Act {
    Status(u16, &'static str, &'static str),
    RetryAfter(u16, &'static str),
    /// The connection breaks in the middle of the body.
    CutBody,
    /// The body ends in the middle of its JSON.
    HalfJson,
    Html,
    Empty,
}

type Change = Box<dyn FnMut(&mut Vec<Row>) + Send>;

/// The stub's data and moods; set before or while it runs.
pub struct World {
    pub rows: Vec<Row>,
    pub wall: usize,
    pub page_max: usize,
    /// Sorted requests say at most `wall - cursor` rows remain.
    pub cap_remaining: bool,
    pub no_remaining: bool,
    /// Conditions on these fields are dropped, as for a key without rights.
    pub dropped: Vec<&'static str>,
    /// Conditions on `_id` are refused.
    pub id_refused: bool,
    pub meta: Option<Value>,
    pub swagger: Option<Value>,
    /// By the number of the list request, from 0.
    pub acts: HashMap<usize, Act>,
    /// From this request on the key is refused.
    pub refuse_from: usize,
    /// Before that request is answered.
    pub changes: HashMap<usize, Change>,
    /// The parameters of each list request.
    pub asked: Vec<HashMap<String, String>>,
}

pub struct Stub {
    pub url: String,
    world: Arc<Mutex<World>>,
}

impl Stub {
    pub async fn start(rows: Vec<Row>) -> Self {
        let world = World {
            rows,
            wall: 50_000,
            page_max: 100,
            cap_remaining: false,
            no_remaining: false,
            dropped: Vec::new(),
            id_refused: false,
            meta: Some(json!({"get": ["unit", "user"], "types": {"unit": {"display": "Unit", "fields":
                [{"id": "n_number", "display": "N", "type": "number"}]}}})),
            swagger: None,
            acts: HashMap::new(),
            refuse_from: usize::MAX,
            changes: HashMap::new(),
            asked: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let app = Router::new()
            .route("/version-test/api/1.1/obj/{kind}", get(list))
            .route("/version-test/api/1.1/meta", get(meta))
            .route("/version-test/api/1.1/meta/swagger.json", get(swagger))
            .with_state(world.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/version-test/api/1.1", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("not poisoned")
    }
}

type Shared = State<Arc<Mutex<World>>>;

async fn meta(State(world): Shared) -> Response {
    document(&world.lock().expect("not poisoned").meta)
}

async fn swagger(State(world): Shared) -> Response {
    document(&world.lock().expect("not poisoned").swagger)
}

fn document(value: &Option<Value>) -> Response {
    match value {
        Some(value) => value.to_string().into_response(),
        None => (StatusCode::NOT_FOUND, r#"{"message":"off"}"#).into_response(),
    }
}

async fn list(
    State(world): Shared,
    Path(kind): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut world = world.lock().expect("not poisoned");
    let n = world.asked.len();
    world.asked.push(asked.clone());
    if let Some(mut change) = world.changes.remove(&n) {
        change(&mut world.rows);
    }
    let authorized = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|v| v.as_bytes() == format!("Bearer {KEY}").as_bytes());
    if !authorized || n >= world.refuse_from {
        let body = r#"{"error_class":"Unauthorized","args":{},"message":null,"translation":"no"}"#;
        return (StatusCode::UNAUTHORIZED, body).into_response();
    }
    if kind != "unit" && kind != "user" {
        let body = r#"{"statusCode":404,"body":{"status":"MISSING_DATA","message":"no such type"}}"#;
        return (StatusCode::NOT_FOUND, body).into_response();
    }
    let act = world.acts.get(&n).cloned();
    match act {
        Some(Act::Status(status, kind, body)) => {
            (StatusCode::from_u16(status).expect("a status"), [(header::CONTENT_TYPE, kind)], body)
                .into_response()
        }
        Some(Act::RetryAfter(status, after)) => {
            (StatusCode::from_u16(status).expect("a status"), [(header::RETRY_AFTER, after)], "{}")
                .into_response()
        }
        Some(Act::Html) => ([(header::CONTENT_TYPE, "text/html")], "<html>hello</html>").into_response(),
        Some(Act::Empty) => "".into_response(),
        act => match world.answer(&asked, n) {
            Err((status, body)) => (status, body).into_response(),
            Ok(body) if matches!(act, Some(Act::HalfJson)) => {
                body[..body.len() / 2].to_owned().into_response()
            }
            Ok(body) if matches!(act, Some(Act::CutBody)) => {
                let half = body[..body.len() / 2].to_owned();
                let parts = vec![Ok(half), Err(std::io::Error::other("cut"))];
                Response::new(Body::from_stream(futures::stream::iter(parts)))
            }
            Ok(body) => body.into_response(),
        },
    }
}

impl World {
    fn answer(&self, asked: &HashMap<String, String>, n: usize) -> Result<String, (StatusCode, String)> {
        let number = |key: &str, default: usize| asked.get(key).map_or(Ok(default), |text| text.parse());
        let refused = |message: &str| {
            (
                StatusCode::BAD_REQUEST,
                json!({"statusCode":400,"body":{"status":"ERROR","message":message}}).to_string(),
            )
        };
        let cursor = number("cursor", 0).map_err(|_| refused("cursor"))?;
        let limit = number("limit", 50).map_err(|_| refused("limit"))?.min(self.page_max);
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        // Ties come in another order each time, unless the request says otherwise.
        rows.sort_by_key(|row| (row.id.len() + n * 31 + row.id.bytes().map(usize::from).sum::<usize>()) % 17);
        rows.sort_by_key(|row| row.created);
        let more: Vec<Value> = match asked.get("additional_sort_fields") {
            Some(text) => serde_json::from_str(text).map_err(|_| refused("additional_sort_fields"))?,
            None => Vec::new(),
        };
        let mut sort: Vec<(String, bool)> = more
            .iter()
            .map(|f| (f["sort_field"].as_str().unwrap_or("").to_owned(), f["descending"] == json!(true)))
            .collect();
        if let Some(field) = asked.get("sort_field") {
            sort.insert(0, (field.clone(), asked.get("descending").is_some_and(|d| d == "true")));
        }
        for (field, descending) in sort.iter().rev() {
            let order = |a: &&Row, b: &&Row| match field.as_str() {
                "_id" => a.id.cmp(&b.id),
                "Created Date" => a.created.cmp(&b.created),
                "Modified Date" => a.modified.cmp(&b.modified),
                _ => std::cmp::Ordering::Equal,
            };
            rows.sort_by(|a, b| if *descending { order(b, a) } else { order(a, b) });
        }
        let constraints: Vec<Value> = match asked.get("constraints") {
            Some(text) => serde_json::from_str(text).map_err(|_| refused("constraints"))?,
            None => Vec::new(),
        };
        for constraint in &constraints {
            let (key, value) =
                (constraint["key"].as_str().unwrap_or(""), constraint["value"].as_str().unwrap_or(""));
            let greater = match constraint["constraint_type"].as_str() {
                Some("greater than") => true,
                Some("less than") => false,
                _ => return Err(refused("constraint_type")),
            };
            if key == "_id" && self.id_refused {
                return Err((StatusCode::NOT_FOUND, r#"{"status":"NOT_FOUND","message":"misfit"}"#.into()));
            }
            if self.dropped.contains(&key) {
                continue;
            }
            let ms = value.parse::<jiff::Timestamp>().map(|at| at.as_millisecond());
            rows.retain(|row| match (key, &ms) {
                ("_id", _) => (row.id.as_str() > value) == greater && row.id != value,
                ("Created Date", Ok(ms)) => {
                    if greater {
                        row.created > *ms
                    } else {
                        row.created < *ms
                    }
                }
                ("Modified Date", Ok(ms)) => {
                    if greater {
                        row.modified > *ms
                    } else {
                        row.modified < *ms
                    }
                }
                _ => false,
            });
        }
        let total = rows.len();
        let shown: Vec<String> = if cursor >= self.wall {
            Vec::new()
        } else {
            rows.iter().skip(cursor).take(limit).map(|r| r.json()).collect()
        };
        let mut remaining = total.saturating_sub(cursor + shown.len());
        if self.cap_remaining && asked.contains_key("sort_field") {
            remaining = remaining.min(self.wall.saturating_sub(cursor + shown.len()));
        }
        let remaining =
            if self.no_remaining { String::new() } else { format!(r#","remaining":{remaining}"#) };
        let (count, results) = (shown.len(), shown.join(","));
        Ok(format!(
            r#"{{"response":{{"cursor":{cursor},"count":{count}{remaining},"results":[{results}]}}}}"#
        ))
    }
}

impl Row {
    fn json(&self) -> String {
        let date = |ms: i64| match self.epoch {
            true => ms.to_string(),
            false => format!("\"{}\"", connector_bubble::query::iso(ms)),
        };
        let id = if self.id.is_empty() { String::new() } else { format!(r#""_id":"{}","#, self.id) };
        let (created, modified, more) = (date(self.created), date(self.modified), &self.more);
        format!(r#"{{{id}"Created Date":{created},"Modified Date":{modified}{more}}}"#)
    }
}
