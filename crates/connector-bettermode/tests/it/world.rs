//! A small community in memory: pages with opaque cursors over lists that shift, writes that stay, faults on
//! demand before and after the work.

use crate::queries::check_variables;
use crate::stub::{Act, Request, Stub};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

type Change = Box<dyn FnMut(&mut World) + Send>;

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Wrong {
    /// Nothing is done.
    Before(Act),
    /// It is done, and the answer is this.
    After(Act),
}

#[derive(Default)]
pub struct World {
    pub members: Vec<Value>,
    pub collections: Vec<Value>,
    pub spaces: Vec<Value>,
    pub posts: Vec<Value>,
    /// By what they are below.
    pub replies: BTreeMap<String, Vec<Value>>,
    pub events: Vec<Value>,
    /// The service does not say how many there are.
    pub no_totals: bool,
    /// The service says that there are so many more than there are.
    pub more: u64,
    /// Lists by id refuse to name what is not there.
    pub strict_ids: bool,
    /// The service forgets the ids that other systems gave.
    pub forgets_ids: bool,
    /// By the number of the request, from 0.
    pub changes: HashMap<usize, Change>,
    pub wrong: HashMap<usize, Wrong>,
    /// Every request to this operation goes wrong, once.
    pub wrong_once: HashMap<&'static str, Wrong>,
    /// Requests so far.
    pub asked: usize,
    /// Writes so far.
    pub made: usize,
}

/// The world behind a stub.
pub struct Served {
    pub stub: Stub,
    world: Arc<Mutex<World>>,
}

impl Served {
    pub async fn start(world: World) -> Self {
        let world = Arc::new(Mutex::new(world));
        let served = world.clone();
        let stub = Stub::start(move |request| {
            check_variables(request);
            served.lock().expect("not poisoned").answer(request)
        })
        .await;
        Self { stub, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("not poisoned")
    }
}

pub fn member(n: usize) -> Value {
    json!({"id": format!("mem{n}"), "username": format!("user{n}"), "email": format!("user{n}@example.test"),
        "status": "VERIFIED", "score": n, "createdAt": time(n), "updatedAt": time(n),
        "fields": [{"key": "city", "value": "\"Paris\""}]})
}

pub fn post(n: usize, replies: u64) -> Value {
    json!({"id": format!("pst{n}"), "spaceId": "spc1", "title": format!("Post {n}"), "status": "PUBLISHED",
        "createdAt": time(n), "updatedAt": time(n), "totalRepliesCount": replies, "repliesCount": replies,
        "mappingFields": [{"key": "content", "type": "html", "value": "\"<p>Hi</p>\""}]})
}

/// The n-th minute of the world.
pub fn time(n: usize) -> String {
    format!("2025-01-{:02}T{:02}:{:02}:00.000Z", 1 + n / 1440, n / 60 % 24, n % 60)
}

impl World {
    fn answer(&mut self, request: &Request) -> Act {
        let n = self.asked;
        self.asked += 1;
        if let Some(mut change) = self.changes.remove(&n) {
            change(self);
        }
        let name = request.operation.as_str();
        let wrong = self.wrong.remove(&n).or_else(|| {
            let key = self.wrong_once.keys().find(|key| **key == name).copied()?;
            self.wrong_once.remove(key)
        });
        match wrong {
            Some(Wrong::Before(act)) => act,
            Some(Wrong::After(act)) => {
                self.work(request);
                act
            }
            None => self.work(request),
        }
    }

    fn work(&mut self, request: &Request) -> Act {
        let variables = &request.variables;
        let text = |key: &str| variables[key].as_str().unwrap_or_default().to_owned();
        let page = |list: &[Value], root: &str| self.page(list, root, variables);
        match request.operation.as_str() {
            "Network" => Act::Data(json!({"network": {"id": "net01", "name": "Test"}})),
            "Members" if !variables["filterBy"].is_null() => {
                let wanted: Value =
                    serde_json::from_str(variables["filterBy"][0]["value"].as_str().expect("text"))
                        .expect("JSON");
                let found: Vec<Value> =
                    self.members.iter().filter(|member| member["email"] == wanted).cloned().collect();
                page(&found, "members")
            }
            "Members" | "MemberIds" => page(&self.members, "members"),
            "Spaces" | "SpaceIds" => page(&self.spaces, "spaces"),
            "Events" | "EventIds" => page(&self.events, "events"),
            "Posts" | "PostIds" | "PostsScan" => {
                let within = |post: &&Value| {
                    variables["spaceIds"].as_array().is_none_or(|ids| ids.contains(&post["spaceId"]))
                };
                let mut posts: Vec<Value> = self.posts.iter().filter(within).cloned().collect();
                posts.sort_by_key(|post| post["createdAt"].as_str().unwrap_or_default().to_owned());
                if variables["reverse"] == true {
                    posts.reverse();
                }
                page(&posts, "posts")
            }
            "Replies" | "RepliesScan" => {
                let below = self.replies.get(&text("postId")).cloned().unwrap_or_default();
                page(&below, "replies")
            }
            "Collections" => Act::Data(json!({"collections": self.collections})),
            "Member" => {
                let key = if variables["id"].is_null() { "externalId" } else { "id" };
                found(self.members.iter().find(|member| member[key] == variables[key]), "member")
            }
            "Post" => found(self.all_posts().find(|post| post["id"] == variables["id"]), "post"),
            "MembersByIds" => self.by_ids(self.members.iter(), variables, "membersByIds"),
            "PostsByIds" => self.by_ids(self.all_posts(), variables, "postsByIds"),
            _ => self.write(request),
        }
    }

    fn write(&mut self, request: &Request) -> Act {
        let (variables, name) = (&request.variables, request.operation.as_str());
        let mut made = variables["input"].clone();
        self.made += 1;
        let id = |kind: &str, n: usize| json!(format!("{kind}-new{n}"));
        if made.is_object() {
            if made["createdAt"].is_null() {
                made["createdAt"] = json!("2026-03-01T12:00:30.000Z");
            }
            if self.forgets_ids {
                made["externalId"] = Value::Null;
                made["externalUrl"] = Value::Null;
            }
        }
        match name {
            "JoinNetwork" => {
                made["id"] = id("mem", self.made);
                made.as_object_mut().expect("an object").remove("password");
                self.members.push(made.clone());
                Act::Data(json!({"joinNetwork": {"member": made}}))
            }
            "UpdateMember" => {
                let Some(member) = self.members.iter_mut().find(|member| member["id"] == variables["id"])
                else {
                    return not_found();
                };
                for (key, value) in variables["input"].as_object().expect("an object") {
                    member[key] = value.clone();
                }
                Act::Data(json!({ "updateMember": member }))
            }
            "CreateCollection" => {
                made["id"] = id("col", self.made);
                self.collections.push(made.clone());
                Act::Data(json!({ "createCollection": made }))
            }
            "CreateSpace" => {
                made["id"] = id("spc", self.made);
                self.spaces.push(made.clone());
                Act::Data(json!({ "createSpace": made }))
            }
            "CreatePost" | "CreateReply" => {
                made["id"] = id("pst", self.made);
                made["status"] = json!(if made["publish"] == true { "PUBLISHED" } else { "DRAFT" });
                made["title"] = said(&made, "title");
                if name == "CreatePost" {
                    made["spaceId"] = variables["spaceId"].clone();
                    self.posts.push(made.clone());
                    return Act::Data(json!({ "createPost": made }));
                }
                made["repliedToId"] = variables["postId"].clone();
                let parent = variables["postId"].as_str().expect("text").to_owned();
                self.replies.entry(parent).or_default().push(made.clone());
                Act::Data(json!({ "createReply": made }))
            }
            "CreateEvent" => {
                made["id"] = id("evt", self.made);
                made["spaceId"] = variables["spaceId"].clone();
                made["createdAt"] = json!("2026-03-01T12:00:30.000Z");
                self.events.push(made.clone());
                Act::Data(json!({ "createEvent": made }))
            }
            _ => self.delete(name, &variables["id"]),
        }
    }

    fn delete(&mut self, name: &str, id: &Value) -> Act {
        let (list, root) = match name {
            "DeleteMember" => (&mut self.members, "deleteMember"),
            "DeleteCollection" => (&mut self.collections, "deleteCollection"),
            "DeleteSpace" => (&mut self.spaces, "deleteSpace"),
            "DeletePost" => (&mut self.posts, "deletePost"),
            "DeleteEvent" => (&mut self.events, "deleteEvent"),
            other => panic!("nobody answers {other}"),
        };
        let before = list.len();
        list.retain(|record| record["id"] != *id);
        if list.len() == before {
            return not_found();
        }
        Act::Data(json!({root: {"status": "succeeded"}}))
    }

    fn all_posts(&self) -> impl Iterator<Item = &Value> {
        self.posts.iter().chain(self.replies.values().flatten())
    }

    fn by_ids<'a>(&self, all: impl Iterator<Item = &'a Value>, variables: &Value, root: &str) -> Act {
        let ids = variables["ids"].as_array().expect("a list");
        let found: Vec<&Value> = all.filter(|record| ids.contains(&record["id"])).collect();
        if self.strict_ids && found.len() < ids.len() {
            not_found()
        } else {
            Act::Data(json!({ root: found }))
        }
    }

    fn page(&self, list: &[Value], root: &str, variables: &Value) -> Act {
        let limit = usize::try_from(variables["limit"].as_u64().expect("a limit")).expect("small");
        let from = variables["after"].as_str().map_or(0, |after| after[1..].parse().expect("our cursor"));
        let end = (from + limit).min(list.len());
        let nodes = list.get(from..end).unwrap_or_default();
        let total = (!self.no_totals).then_some(list.len() as u64 + self.more);
        let next = end < list.len();
        let cursor = (!nodes.is_empty()).then(|| format!("c{end}"));
        Act::Data(json!({root: {"totalCount": total, "nodes": nodes,
            "pageInfo": {"endCursor": cursor, "hasNextPage": next}}}))
    }
}

fn said(post: &Value, key: &str) -> Value {
    let fields = post["mappingFields"].as_array().expect("a list");
    let field = fields.iter().find(|field| field["key"] == key);
    field.map_or(Value::Null, |field| {
        serde_json::from_str(field["value"].as_str().expect("text")).expect("JSON in JSON")
    })
}

fn found(record: Option<&Value>, root: &str) -> Act {
    record.map_or_else(not_found, |record| Act::Data(json!({ root: record })))
}

fn not_found() -> Act {
    Act::error("Not found", json!({"status": 404}))
}
