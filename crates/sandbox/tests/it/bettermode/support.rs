//! A stand-in and a client for it.

use reqwest::header::HeaderMap;
use sandbox::bettermode::{self, HandClock, Options, Running, Scenario, SentKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// 2026-03-01T12:00:00Z, the moment at which every stand-in with a clock of its own begins.
pub const NOON: i64 = 1_772_366_400_000;

/// Who asks.
#[derive(Debug, Clone)]
pub enum By {
    Nobody,
    App,
    Member(String),
    Token(String),
    Basic(String, String),
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A part of `data`, by JSON pointer; there must be no errors.
    pub fn data(&self, pointer: &str) -> Value {
        let json = self.json();
        assert!(json.get("errors").is_none() && self.status == 200, "{} {}", self.status, self.text);
        json["data"].pointer(pointer).unwrap_or_else(|| panic!("no {pointer}: {}", self.text)).clone()
    }

    /// The same as text.
    pub fn text(&self, pointer: &str) -> String {
        self.data(pointer).as_str().unwrap_or_else(|| panic!("no text: {}", self.text)).to_owned()
    }

    /// Status and message of the first error.
    pub fn error(&self) -> (u64, String) {
        let error = &self.json()["errors"][0];
        (error["status"].as_u64().unwrap_or(0), error["message"].as_str().unwrap_or_default().to_owned())
    }

    /// The messages of all errors.
    pub fn messages(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// A stand-in, its clock, and a client.
pub struct Service {
    pub running: Running,
    pub clock: Arc<HandClock>,
    client: reqwest::Client,
}

/// A stand-in with so many members and the scenario of that text.
pub async fn service(records: u64, scenario: &str) -> Service {
    let scenario = Scenario::parse(scenario).expect("a scenario without problems");
    let noon = jiff::Timestamp::from_millisecond(NOON).expect("a moment");
    let clock = Arc::new(HandClock::new(noon));
    let options = Options { records, scenario, clock: clock.clone(), ..Options::default() };
    let running = bettermode::start(options).await.expect("a free port");
    Service { running, clock, client: crate::support::client() }
}

impl Service {
    /// Sends a body as it is.
    pub async fn send(&self, by: &By, path: &str, body: String) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.post(format!("{}{path}", self.running.address));
        request = request.header("Content-Type", "application/json").body(body);
        request = match by {
            By::Nobody => request,
            By::App => request.bearer_auth(self.running.app_token()),
            By::Member(id) => request.bearer_auth(self.running.member_token(id)),
            By::Token(token) => request.bearer_auth(token),
            By::Basic(id, secret) => request.basic_auth(id, Some(secret)),
        };
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, text: response.text().await? })
    }

    /// Asks, and the answer may be lost.
    pub async fn try_ask(&self, by: &By, query: &str, variables: Value) -> Result<Reply, reqwest::Error> {
        self.send(by, "/", json!({"query": query, "variables": variables}).to_string()).await
    }

    /// Asks.
    pub async fn ask(&self, by: &By, query: &str, variables: Value) -> Reply {
        self.try_ask(by, query, variables).await.expect("an answer")
    }

    /// Asks as the app, without variables.
    pub async fn app(&self, query: &str) -> Reply {
        self.ask(&By::App, query, json!({})).await
    }

    /// The id of the post type of that name.
    pub async fn post_type(&self, name: &str) -> String {
        let types =
            self.app("{ postTypes(limit: 100) { nodes { id name } } }").await.data("/postTypes/nodes");
        let found =
            types.as_array().and_then(|types| types.iter().find(|kind| kind["name"] == name)).cloned();
        found.expect("a post type")["id"].as_str().expect("an id").to_owned()
    }

    /// The input of a discussion, or with no title of a comment.
    pub async fn post_input(&self, title: Option<&str>, html: &str) -> Value {
        let kind = self.post_type(if title.is_some() { "Discussion" } else { "Comment" }).await;
        let mut fields = vec![json!({"key": "content", "type": "html", "value": json!(html).to_string()})];
        if let Some(title) = title {
            fields.push(json!({"key": "title", "type": "text", "value": json!(title).to_string()}));
        }
        json!({"postTypeId": kind, "publish": true, "mappingFields": fields})
    }

    /// Creates a published discussion as the app; its id.
    pub async fn discussion(&self, space: &str, title: &str) -> String {
        let input = self.post_input(Some(title), "<p>Body</p>").await;
        self.create_post(&By::App, space, input).await.text("/createPost/id")
    }

    /// Creates a post.
    pub async fn create_post(&self, by: &By, space: &str, input: Value) -> Reply {
        let query = "mutation($s: ID!, $i: CreatePostInput!) { createPost(spaceId: $s, input: $i) { id \
            status publishedAt createdAt ownerId createdById externalId title slug mappingFields { key \
            type value } } }";
        self.ask(by, query, json!({"s": space, "i": input})).await
    }

    /// Creates a reply.
    pub async fn create_reply(&self, by: &By, post: &str, input: Value) -> Reply {
        let query = "mutation($p: ID!, $i: CreatePostInput!) { createReply(postId: $p, input: $i) { id \
            status repliedToId repliedToIds } }";
        self.ask(by, query, json!({"p": post, "i": input})).await
    }

    /// A member made by the app, verified; the id.
    pub async fn member(&self, name: &str) -> String {
        let input = json!({
            "email": format!("{}@example.test", name.to_lowercase()),
            "name": name,
            "password": "a long password",
            "username": name.to_lowercase(),
            "verified": true,
        });
        let query = "mutation($i: JoinNetworkInput!) { joinNetwork(input: $i) { member { id } } }";
        self.ask(&By::App, query, json!({"i": input})).await.text("/joinNetwork/member/id")
    }

    /// A space that the app made; the id.
    pub async fn space(&self, name: &str) -> String {
        let query = "mutation($i: CreateSpaceInput!) { createSpace(input: $i) { id } }";
        self.ask(&By::App, query, json!({"i": {"name": name}})).await.text("/createSpace/id")
    }

    /// A guest's token.
    pub async fn guest(&self) -> String {
        let query = "query($d: String) { tokens(networkDomain: $d) { accessToken } }";
        let variables = json!({"d": self.running.network_domain});
        self.ask(&By::Nobody, query, variables).await.text("/tokens/accessToken")
    }

    /// How many sendings of a kind went out.
    pub fn count(&self, kind: SentKind) -> u64 {
        self.running.sent().get(&kind).copied().unwrap_or(0)
    }
}
