//! Tokens, versions, what is shared, and the shape of errors.

use super::support::{Notion, VERSION, notion, text};
use serde_json::{Value, json};

async fn with(
    notion: &Notion,
    authorization: Option<&str>,
    version: Option<&str>,
    path: &str,
) -> (u16, Value) {
    let mut headers = Vec::new();
    headers.extend(authorization.map(|value| ("Authorization", value)));
    headers.extend(version.map(|value| ("Notion-Version", value)));
    let reply = notion.send("GET", path, &headers, None).await.expect("an answer");
    assert!(reply.header("x-notion-request-id").is_some(), "every answer names its request");
    (reply.status, reply.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_known_version_are_wanted() {
    let speaks = notion("").await;
    let older = notion("old_version = true").await;
    for (notion, version, status, code) in [
        (&speaks, Some(VERSION), 200, None),
        (&speaks, None, 400, Some("missing_version")),
        (&speaks, Some("2025-09-03"), 400, Some("validation_error")),
        (&speaks, Some("2022-06-28"), 400, Some("validation_error")),
        (&speaks, Some("newest"), 400, Some("validation_error")),
        (&older, Some("2025-09-03"), 200, None),
        (&older, Some(VERSION), 200, None),
        (&older, Some("2022-06-28"), 400, Some("validation_error")),
    ] {
        let bearer = format!("Bearer {}", notion.running.key);
        let (got, body) = with(notion, Some(&bearer), version, "/v1/users/me").await;
        assert_eq!((got, body["code"].as_str()), (status, code), "{version:?}");
    }
    let key = speaks.running.key.clone();
    assert!(key.starts_with("ntn_") && key != speaks.running.stranger_key);
    for words in [None, Some("Bearer x"), Some(key.as_str()), Some(&format!("Token {key}"))] {
        let (status, body) = with(&speaks, words, Some(VERSION), "/v1/users/me").await;
        assert_eq!((status, &body["code"]), (401, &json!("unauthorized")), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_knows_who_it_is_and_who_else_is_there() {
    let notion = notion("").await;
    let me = notion.get("/users/me").await;
    assert_eq!((&me["object"], &me["type"]), (&json!("user"), &json!("bot")));
    assert_eq!(me["bot"]["owner"]["type"], "workspace");
    let first = notion.get("/users?page_size=2").await;
    assert_eq!((first["results"].as_array().map(Vec::len), &first["has_more"]), (Some(2), &json!(true)));
    let rest = notion
        .get(&format!("/users?start_cursor={}", first["next_cursor"].as_str().expect("a cursor")))
        .await;
    assert_eq!((rest["results"].as_array().map(Vec::len), &rest["next_cursor"]), (Some(3), &Value::Null));
    let people =
        first["results"].as_array().expect("users").iter().filter(|user| user["type"] == "person").count();
    assert_eq!(people, 2);
    for query in ["page_size=0", "page_size=101", "page_size=x", "start_cursor=x", "cursor=1"] {
        notion.refused("GET", &format!("/users?{query}"), &Value::Null).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_shared_is_not_there() {
    let notion = notion("").await;
    let r = &notion.running;
    let source = r.database(&r.private_database_id).expect("it is there")["data_sources"][0]["id"].clone();
    let source = source.as_str().expect("an id");
    for path in [
        format!("/pages/{}", r.private_page_id),
        format!("/databases/{}", r.private_database_id),
        format!("/data_sources/{source}"),
        format!("/blocks/{}", r.private_page_id),
        format!("/blocks/{}/children", r.private_page_id),
        format!("/pages/{}/markdown", r.private_page_id),
        "/pages/00000000-0000-4000-8000-000000000001".to_owned(),
        // Ids of one sort are none of another.
        format!("/data_sources/{}", r.members_database_id),
        format!("/databases/{}", r.members_source_id),
        format!("/pages/{}", r.members_database_id),
    ] {
        let reply = notion.ask("GET", &path, &Value::Null).await;
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("object_not_found")), "{path}");
    }
    for (path, body) in [
        ("/pages", json!({"parent": {"page_id": r.private_page_id}, "properties": {"title": text("x")}})),
        ("/pages", json!({"parent": {"data_source_id": source}, "properties": {}})),
        (
            "/databases",
            json!({"parent": {"page_id": r.private_page_id}, "initial_data_source": {"properties": {"N": {"title": {}}}}}),
        ),
        (
            "/data_sources",
            json!({"parent": {"database_id": r.private_database_id}, "properties": {"N": {"title": {}}}}),
        ),
        (&format!("/data_sources/{source}/query"), json!({})),
    ] {
        assert_eq!(notion.ask("POST", path, &body).await.status, 404, "{path} {body}");
    }
    // A stranger sees nothing, and what people share later is seen.
    let bearer = format!("Bearer {}", r.stranger_key);
    let (status, _) =
        with(&notion, Some(&bearer), Some(VERSION), &format!("/v1/pages/{}", r.root_page_id)).await;
    assert_eq!(status, 404);
    r.share(&r.private_page_id, true);
    assert_eq!(
        notion.get(&format!("/databases/{}", r.private_database_id)).await["title"][0]["plain_text"],
        "Salaries"
    );
    r.share(&r.private_page_id, false);
    r.share(&r.root_page_id, false);
    let reply = notion.ask("GET", &format!("/databases/{}", r.members_database_id), &Value::Null).await;
    assert_eq!(reply.status, 404);
    assert_eq!(r.pages_below(&r.root_page_id), 1, "it is there all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_taken_with_and_without_dashes() {
    let notion = notion("").await;
    let root = &notion.running.root_page_id;
    let page = notion.get(&format!("/pages/{}", root.replace('-', ""))).await;
    assert_eq!(page["id"], *root);
    let message = notion.refused("GET", "/pages/members", &Value::Null).await;
    assert_eq!(
        message,
        "path failed validation: path.page_id should be a valid uuid, instead was `\"members\"`."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_one_shape_and_codes_of_their_own() {
    let notion = notion("").await;
    let missing =
        notion.ask("POST", "/pages", &json!({"parent": {"page_id": notion.running.root_page_id}})).await;
    let body = missing.json();
    assert_eq!(
        body["message"],
        "body failed validation: body.properties should be defined, instead was `undefined`."
    );
    assert_eq!((&body["object"], &body["status"]), (&json!("error"), &json!(400)));
    assert_eq!(body["request_id"].as_str(), missing.header("x-notion-request-id"));
    let bearer = format!("Bearer {}", notion.running.key);
    let known = [("Authorization", bearer.as_str()), ("Notion-Version", VERSION)];
    let typed = [known[0], known[1], ("Content-Type", "application/json; charset=utf-8")];
    for (method, path, headers, body, status, code) in [
        ("POST", "/v1/pages", &typed[..], Some("{"), 400, "invalid_json"),
        ("POST", "/v1/pages", &typed[..], Some("[]"), 400, "validation_error"),
        ("POST", "/v1/pages", &typed[..], None, 400, "validation_error"),
        ("POST", "/v1/pages", &known[..], Some("{}"), 400, "invalid_json"),
        ("GET", "/v1/weather", &known[..], None, 400, "invalid_request_url"),
        ("POST", "/v1/users/me", &typed[..], Some("{}"), 400, "invalid_request_url"),
        ("PATCH", "/v1/search", &typed[..], Some("{}"), 400, "invalid_request_url"),
        ("GET", "/pages", &known[..], None, 400, "invalid_request_url"),
    ] {
        let reply =
            notion.send(method, path, headers, body.map(|b| b.as_bytes().to_vec())).await.expect("an answer");
        assert_eq!((reply.status, &reply.json()["code"]), (status, &json!(code)), "{method} {path} {body:?}");
    }
    assert_eq!(notion.running.stats().writes, 0, "what is refused changes nothing");
}
