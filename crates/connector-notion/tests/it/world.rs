//! A database with a few properties that keeps its pages, and does what it is told to on the way.

use crate::rig::{TestPace, client_of};
use crate::stub::{Act, Request, Stub};
use base::Fault;
use connect::service::{Fields, ThingSink};
use connector_notion::{NotionService, ServiceSettings};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

pub const DATABASE: &str = "00000000-0000-4000-8000-0000000000db";
pub const SOURCE: &str = "00000000-0000-4000-8000-0000000000d5";
pub const MARK: &str = "Landfall id";

/// What happens to the next request whose line begins so, before or instead of its answer.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// It is not done, and this is the answer.
    Instead(Act),
    /// It is done, and this is the answer.
    Done(Act),
}

pub struct World {
    /// Name, id, kind.
    pub properties: Vec<(String, String, String)>,
    pub pages: Vec<Value>,
    pub troubles: VecDeque<(&'static str, Trouble)>,
    /// Queries that do not show the newest page yet.
    pub blind: usize,
}

impl World {
    fn new() -> Self {
        let kinds = [
            ("Name", "title", "title"),
            ("Email", "em%3D", "email"),
            ("Bio", "bio", "rich_text"),
            ("Posts", "num", "number"),
            ("Tags", "tags", "multi_select"),
            ("Seen", "seen", "date"),
            ("Stage", "stage", "status"),
            ("Made", "made", "created_time"),
        ];
        let properties = kinds.map(|(name, id, kind)| (name.into(), id.into(), kind.into())).to_vec();
        Self { properties, pages: Vec::new(), troubles: VecDeque::new(), blind: 0 }
    }

    /// A page with these values, by property name.
    pub fn page(&mut self, values: &[(&str, Value)]) -> String {
        let id = format!("00000000-0000-4000-8000-{:012}", self.pages.len() + 1);
        let created = format!("2026-03-01T12:{:02}:00.000Z", self.pages.len());
        let mut page = json!({"object": "page", "id": id, "created_time": created, "in_trash": false,
            "is_archived": false, "parent": {"type": "data_source_id", "data_source_id": SOURCE}});
        let mut properties = Map::new();
        for (name, property, kind) in &self.properties {
            let empty = match kind.as_str() {
                "title" | "rich_text" | "multi_select" => json!([]),
                _ => Value::Null,
            };
            let value = values.iter().find(|(n, _)| n == name).map_or(empty, |(_, value)| value.clone());
            properties.insert(name.clone(), json!({"id": property, "type": kind, kind.as_str(): value}));
        }
        page["properties"] = Value::Object(properties);
        self.pages.push(page);
        id
    }

    fn source(&self) -> Value {
        let config = |(name, id, kind): &(String, String, String)| {
            (name.clone(), json!({"id": id, "name": name, "type": kind, kind.as_str(): {}}))
        };
        let properties: Map<String, Value> = self.properties.iter().map(config).collect();
        json!({"object": "data_source", "id": SOURCE, "title": [{"plain_text": "Members"}],
            "parent": {"type": "database_id", "database_id": DATABASE}, "in_trash": false,
            "properties": properties})
    }

    fn write(&mut self, at: usize, properties: &Value) {
        for (id, value) in properties.as_object().expect("properties") {
            let known = self.properties.iter().find(|(_, known, _)| known == id);
            let (name, _, kind) = known.expect("property ids are used, not names");
            let slot = &mut self.pages[at]["properties"][name.as_str()];
            *slot = json!({"id": id, "type": kind, kind.as_str(): value[kind.as_str()]});
        }
    }

    fn answer(&mut self, request: &Request) -> Act {
        let troubled = self.troubles.iter().position(|(line, _)| request.line.starts_with(line));
        let trouble = troubled.and_then(|at| self.troubles.remove(at)).map(|(_, trouble)| trouble);
        match trouble {
            Some(Trouble::Instead(act)) => act,
            Some(Trouble::Done(act)) => {
                self.done(request);
                act
            }
            None => self.done(request),
        }
    }

    fn done(&mut self, request: &Request) -> Act {
        let missing = || Act::error(404, "object_not_found", "Could not find it.");
        let path: Vec<&str> = request.line.split(['/', ' ']).filter(|part| !part.is_empty()).collect();
        match path.as_slice() {
            ["GET", "v1", "users", "me"] => Act::Json(json!({"object": "user", "id": "bot", "name": "Bot"})),
            ["GET", "v1", "databases", DATABASE] => Act::Json(json!({"object": "database", "id": DATABASE,
                "in_trash": false, "data_sources": [{"id": SOURCE, "name": "Members"}]})),
            ["GET", "v1", "data_sources", SOURCE] => Act::Json(self.source()),
            ["PATCH", "v1", "data_sources", SOURCE] => {
                for (name, config) in request.body["properties"].as_object().expect("properties") {
                    let kind = config.as_object().and_then(|c| c.keys().next()).expect("a kind");
                    let id = format!("new{}", self.properties.len());
                    self.properties.push((name.clone(), id.clone(), kind.clone()));
                    for page in &mut self.pages {
                        let value = json!({"id": id, "type": kind, kind.as_str(): []});
                        page["properties"][name.as_str()] = value;
                    }
                }
                Act::Json(self.source())
            }
            ["POST", "v1", "data_sources", SOURCE, "query"] => self.query(&request.body),
            ["POST", "v1", "pages"] => {
                self.page(&[]);
                let at = self.pages.len() - 1;
                self.write(at, &request.body["properties"]);
                Act::Json(self.pages[at].clone())
            }
            ["GET", "v1", "pages", id] => match self.at(id) {
                Some(at) => Act::Json(self.pages[at].clone()),
                None => missing(),
            },
            ["PATCH", "v1", "pages", id] => match self.at(id) {
                Some(at) => {
                    if request.body["in_trash"] == true {
                        self.pages[at]["in_trash"] = true.into();
                    } else {
                        self.write(at, &request.body["properties"]);
                    }
                    Act::Json(self.pages[at].clone())
                }
                None => missing(),
            },
            _ => missing(),
        }
    }

    fn at(&self, id: &str) -> Option<usize> {
        self.pages.iter().position(|page| page["id"] == id)
    }

    fn query(&mut self, body: &Value) -> Act {
        let mut shown: Vec<Value> =
            self.pages.iter().filter(|page| page["in_trash"] == false).cloned().collect();
        if self.blind > 0 {
            self.blind -= 1;
            shown.pop();
        }
        if let Some(filter) = body.get("filter") {
            let any = filter["or"].as_array().cloned().unwrap_or_else(|| vec![filter.clone()]);
            shown.retain(|page| any.iter().any(|one| holds(page, one)));
        }
        let from: usize = body["start_cursor"].as_str().map_or(0, |c| c.parse().expect("our cursor"));
        let size = body["page_size"].as_u64().map_or(100, |n| usize::try_from(n).expect("a size"));
        let more = from + size < shown.len();
        let results: Vec<Value> = shown.into_iter().skip(from).take(size).collect();
        let next = more.then(|| (from + size).to_string());
        Act::Json(json!({"object": "list", "type": "page_or_data_source", "results": results,
            "next_cursor": next, "has_more": more}))
    }
}

/// Whether a page is what a filter asks for; capitals count.
fn holds(page: &Value, filter: &Value) -> bool {
    let held = page["properties"].as_object().expect("properties").values();
    held.filter(|value| value["id"] == filter["property"]).any(|value| {
        let kind = value["type"].as_str().expect("a kind");
        let wanted = &filter[kind]["equals"];
        match &value[kind] {
            Value::Array(pieces) => {
                let text: String = pieces.iter().filter_map(|p| p["text"]["content"].as_str()).collect();
                wanted == text.as_str()
            }
            other => other == wanted,
        }
    })
}

/// A service over a world, the world, its server and its clock.
pub struct Rig {
    pub service: NotionService,
    pub stub: Stub,
    pub pace: Arc<TestPace>,
    world: Arc<Mutex<World>>,
}

impl Rig {
    pub async fn new() -> Self {
        Self::with(ServiceSettings::new(DATABASE)).await
    }

    pub async fn with(settings: ServiceSettings) -> Self {
        let world = Arc::new(Mutex::new(World::new()));
        let behind = world.clone();
        let stub = Stub::start(move |request| behind.lock().expect("not poisoned").answer(request)).await;
        let (client, pace) = client_of(&stub);
        Self { service: NotionService::with(client, settings), stub, pace, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("not poisoned")
    }

    /// Lets the next request of this line go wrong.
    pub fn trouble(&self, line: &'static str, trouble: Trouble) {
        self.world().troubles.push_back((line, trouble));
    }

    /// Pages that are not in the trash.
    pub fn pages(&self) -> usize {
        self.world().pages.iter().filter(|page| page["in_trash"] == false).count()
    }
}

/// Fields of text.
pub fn fields(pairs: &[(&str, Option<&str>)]) -> Fields {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), text.map(String::from))).collect()
}

/// Keeps what is listed.
#[derive(Default)]
pub struct Kept(pub Vec<(String, Fields)>);

impl ThingSink for Kept {
    fn thing(&mut self, key: &str, fields: Fields) -> Result<(), Fault> {
        self.0.push((key.to_owned(), fields));
        Ok(())
    }
}
