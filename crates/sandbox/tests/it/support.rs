//! A stand-in and a client for it.

use reqwest::header::HeaderMap;
use sandbox::{Running, SandboxOptions, Scenario, Service};
use serde_json::{Value, json};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'t> {
    Admin,
    User,
    Nobody,
    Token(&'t str),
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn response(&self) -> Value {
        self.json()["response"].clone()
    }

    /// The ids of a page.
    pub fn ids(&self) -> Vec<String> {
        let results = self.response()["results"].as_array().cloned().unwrap_or_default();
        results.iter().filter_map(|record| record["_id"].as_str().map(str::to_owned)).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A stand-in with `records` bookings and the scenario of that text.
pub async fn sandbox(records: u64, scenario: &str) -> Running {
    let scenario = Scenario::parse(scenario).expect("a scenario without problems");
    let options = SandboxOptions { records, seed: 1, scenario, port: 0 };
    sandbox::start(Service::Bubble, options).await.expect("a free port")
}

/// A client that follows no redirect.
pub fn client() -> reqwest::Client {
    // The client wants a provider of cryptography even for plain HTTP; only the first call sets it.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.build().expect("a client")
}

/// A request whose body may break off.
pub async fn try_get(running: &Running, address: &str, by: By<'_>) -> Result<Reply, reqwest::Error> {
    let mut request = client().get(address);
    let token = match by {
        By::Admin => Some(running.key.as_str()),
        By::User => Some(running.user_token.as_str()),
        By::Nobody => None,
        By::Token(token) => Some(token),
    };
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
}

/// `GET` of a path beneath the API's address.
pub async fn get_by(running: &Running, path: &str, by: By<'_>) -> Reply {
    try_get(running, &format!("{}{path}", running.address), by).await.expect("a whole answer")
}

/// The same, by the admin.
pub async fn get(running: &Running, path: &str) -> Reply {
    get_by(running, path, By::Admin).await
}

/// Percent-encodes what must not stand in a query.
pub fn encode(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    text.bytes().map(|b| if plain(&b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The query part for one constraint.
pub fn constraint(key: &str, kind: &str, value: Value) -> String {
    let mut one = json!({"key": key, "constraint_type": kind});
    if !value.is_null() {
        one["value"] = value;
    }
    format!("constraints={}", encode(&json!([one]).to_string()))
}

/// The query part for ascending order by that date, then id.
pub fn by_date(date: &str) -> String {
    let more = json!([{"sort_field": "_id", "descending": false}]);
    format!(
        "sort_field={}&descending=false&additional_sort_fields={}",
        encode(date),
        encode(&more.to_string())
    )
}

/// All records of a search, page by page, as (id, record).
pub async fn all(running: &Running, kind: &str, query: &str) -> Vec<Value> {
    let mut records = Vec::new();
    loop {
        let cursor = records.len();
        let reply = get(running, &format!("/obj/{kind}?limit=100&cursor={cursor}&{query}")).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        let response = reply.response();
        let page = response["results"].as_array().expect("results").clone();
        records.extend(page.iter().cloned());
        if page.is_empty() || response["remaining"] == 0 {
            return records;
        }
    }
}

/// The records of a type as the stand-in holds them, in order of creation; a lone surrogate becomes U+FFFD.
pub fn held(running: &Running, kind: &str) -> Vec<Value> {
    let record = |id: &String| read(&running.record(kind, id).expect("a record that was just listed"));
    running.ids(kind).iter().map(record).collect()
}

/// A record as a value; a lone surrogate becomes U+FFFD.
pub fn read(json: &[u8]) -> Value {
    let text = String::from_utf8(json.to_vec()).expect("UTF-8").replace("\\ud83d\"", "\\ufffd\"");
    serde_json::from_str(&text).expect("JSON")
}

/// The ids of records.
pub fn ids(records: &[Value]) -> Vec<String> {
    records.iter().filter_map(|record| record["_id"].as_str().map(str::to_owned)).collect()
}

/// Checks that these problems were told, each on its line, and no others.
pub fn told(problems: &[sandbox::ScenarioProblem], expected: &[(usize, &str)]) {
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for ((line, part), told) in expected.iter().zip(&told) {
        let place = format!("line {line}: ");
        assert!(told.starts_with(&place) && told.contains(part), "{told}, not line {line}: {part}");
    }
}

/// Checks that every example of a guide can be read, and that every switch stands in one: what is not named
/// there does not exist for people.
pub fn guided<T>(
    guide: &str,
    parse: impl Fn(&str) -> Result<T, Vec<sandbox::ScenarioProblem>>,
    switches: &[&str],
) {
    let examples: Vec<&str> =
        guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in &examples {
        if let Err(problems) = parse(example) {
            panic!("{example}\n{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>());
        }
    }
    let together = examples.join("\n");
    for switch in switches {
        let named = together.lines().any(|line| line.starts_with(&format!("{switch} =")));
        assert!(named, "{switch} is in no example");
    }
}
