//! A stand-in of Notion and a client for it.

use crate::support::{Reply, client};
use base::clock::FixedClock;
use sandbox::SharedClock;
use sandbox::notion::{Options, Running, Scenario, start};
use serde_json::{Value, json};

/// The version that these tests speak.
pub const VERSION: &str = "2026-03-11";

/// The moment at which these tests take place.
pub const NOW: &str = "2026-10-01T08:30:15.250Z";

/// A stand-in and who asks it.
pub struct Notion {
    pub running: Running,
    client: reqwest::Client,
}

/// A stand-in without members and the scenario of that text.
pub async fn notion(scenario: &str) -> Notion {
    seeded(0, 1, scenario).await
}

/// One with the members of a community of that size.
pub async fn seeded(records: u64, seed: u64, scenario: &str) -> Notion {
    let scenario = Scenario::parse(scenario).expect("a scenario without problems");
    let clock = SharedClock::new(FixedClock(NOW.parse().expect("a moment")));
    let running = start(Options { records, seed, scenario, clock, port: 0 }).await.expect("a free port");
    Notion { running, client: client() }
}

impl Notion {
    /// A request with these headers.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Reply, reqwest::Error> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.running.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
    }

    /// A request of the connection; with a body when it is not null.
    pub async fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Reply, reqwest::Error> {
        let bearer = format!("Bearer {}", self.running.key);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Notion-Version", VERSION),
            ("Content-Type", "application/json"),
        ];
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        self.send(method, &format!("/v1{path}"), &headers, body).await
    }

    /// The same, whose answer arrives whole.
    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.try_ask(method, path, body).await.expect("a whole answer")
    }

    /// The same, whose answer is in order.
    pub async fn well(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.ask(method, path, body).await;
        assert_eq!(reply.status, 200, "{method} {path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.well("GET", path, &Value::Null).await
    }

    /// A request that is refused as invalid; the message.
    pub async fn refused(&self, method: &str, path: &str, body: &Value) -> String {
        let reply = self.ask(method, path, body).await;
        let shown = body.to_string();
        let shown = &shown[..shown.char_indices().nth(300).map_or(shown.len(), |(at, _)| at)];
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (400, &json!("validation_error")),
            "{method} {path} {shown}"
        );
        reply.json()["message"].as_str().expect("a message").to_owned()
    }

    /// A row of the members' database; its id.
    pub async fn member(&self, properties: &Value) -> String {
        id(&self.well("POST", "/pages", &self.row(properties)).await)
    }

    /// The body that makes a row of the members' database.
    pub fn row(&self, properties: &Value) -> Value {
        json!({"parent": {"data_source_id": self.running.members_source_id}, "properties": properties})
    }

    /// A page below the shared one; its id.
    pub async fn below_root(&self, title: &str) -> String {
        let body = json!({
            "parent": {"page_id": self.running.root_page_id},
            "properties": {"title": text(title)},
        });
        id(&self.well("POST", "/pages", &body).await)
    }

    /// A query of the members; the rows.
    pub async fn query(&self, body: &Value) -> Vec<Value> {
        let path = format!("/data_sources/{}/query", self.running.members_source_id);
        let answer = self.well("POST", &path, body).await;
        answer["results"].as_array().expect("results").clone()
    }
}

/// Rich text of one entry.
pub fn text(content: &str) -> Value {
    json!([{"text": {"content": content}}])
}

/// The id of an object.
pub fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

/// The ids of objects.
pub fn ids(objects: &[Value]) -> Vec<String> {
    objects.iter().map(id).collect()
}

/// A paragraph.
pub fn paragraph(content: &str) -> Value {
    json!({"paragraph": {"rich_text": text(content)}})
}

/// What a row says as its name.
pub fn name(page: &Value) -> &str {
    page["properties"]["Name"]["title"][0]["plain_text"].as_str().unwrap_or_default()
}
