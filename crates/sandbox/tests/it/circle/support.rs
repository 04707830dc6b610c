//! A stand-in of Circle and a client for it.

use crate::support::{Reply, client};
use base::clock::FixedClock;
use sandbox::SharedClock;
use sandbox::circle::{Options, Running, Scenario, start};
use serde_json::{Value, json};

/// The moment at which these tests take place, 2026-10-01T00:00:00Z: after all that the data tells.
pub const NOW: &str = "2026-10-01T00:00:00Z";

/// A stand-in and who asks it.
pub struct Circle {
    pub running: Running,
    client: reqwest::Client,
}

/// A stand-in with `records` members and the scenario of that text.
pub async fn circle(records: u64, scenario: &str) -> Circle {
    seeded(records, 1, scenario).await
}

/// The same with data of another seed.
pub async fn seeded(records: u64, seed: u64, scenario: &str) -> Circle {
    let scenario = Scenario::parse(scenario).expect("a scenario without problems");
    let clock = SharedClock::new(FixedClock(NOW.parse().expect("a moment")));
    let running = start(Options { records, seed, scenario, clock, port: 0 }).await.expect("a free port");
    Circle { running, client: client() }
}

impl Circle {
    /// A request with these words in `Authorization`, to a path of the service or a whole address.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
        body: Option<Value>,
    ) -> Result<Reply, reqwest::Error> {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.running.address)
        };
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, address);
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
    }

    /// `GET` beneath the administration's address.
    pub async fn try_get(&self, path: &str) -> Result<Reply, reqwest::Error> {
        let bearer = format!("Bearer {}", self.running.key);
        self.send("GET", &format!("/api/admin/v2{path}"), Some(&bearer), None).await
    }

    /// The same, whose answer arrives whole.
    pub async fn get(&self, path: &str) -> Reply {
        self.try_get(path).await.expect("a whole answer")
    }

    /// The records of one answer that is in order.
    pub async fn records(&self, path: &str) -> Vec<Value> {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json()["records"].as_array().expect("records").clone()
    }

    /// All records of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut records = Vec::new();
        for page in 1.. {
            let reply = self.get(&format!("{path}{joint}per_page=100&page={page}")).await;
            assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
            let body = reply.json();
            records.extend(body["records"].as_array().expect("records").iter().cloned());
            if body["has_next_page"] == json!(false) {
                break;
            }
        }
        records
    }

    /// Mints a token.
    pub async fn mint(&self, identity: Value) -> Reply {
        let bearer = format!("Bearer {}", self.running.headless_key);
        self.send("POST", "/api/v1/headless/auth_token", Some(&bearer), Some(identity))
            .await
            .expect("an answer")
    }

    /// A token of the member of that id.
    pub async fn token_of(&self, member: &Value) -> String {
        let reply = self.mint(json!({"community_member_id": member})).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// `GET` of the members' own API.
    pub async fn as_member(&self, token: &str, path: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let path = format!("/api/headless/v1{path}");
        self.send("GET", &path, Some(&bearer), None).await.expect("a whole answer")
    }

    /// The same, page by page.
    pub async fn all_as_member(&self, token: &str, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut records = Vec::new();
        for page in 1.. {
            let reply = self.as_member(token, &format!("{path}{joint}per_page=100&page={page}")).await;
            assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
            records.extend(reply.json()["records"].as_array().expect("records").iter().cloned());
            if reply.json()["has_next_page"] == json!(false) {
                break;
            }
        }
        records
    }
}

/// The ids of records.
pub fn ids(records: &[Value]) -> Vec<u64> {
    records.iter().map(|record| record["id"].as_u64().expect("an id")).collect()
}

/// The records that hold.
pub fn filter(records: &[Value], holds: impl Fn(&Value) -> bool) -> Vec<u64> {
    let mut found: Vec<u64> =
        records.iter().filter(|record| holds(record)).map(|r| r["id"].as_u64().expect("an id")).collect();
    found.sort_unstable();
    found
}
