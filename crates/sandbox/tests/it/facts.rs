//! The facts of the wire: request by request, what comes back.

use crate::support::{By, by_date, client, constraint, encode, get, get_by, sandbox, try_get};
use sandbox::Running;
use serde_json::{Value, json};

/// A request, and the status and the parts of the body that must come back.
struct Fact {
    name: &'static str,
    path: String,
    by: By<'static>,
    status: u16,
    body: Vec<(&'static str, Value)>,
}

fn fact(name: &'static str, path: impl Into<String>, status: u16, body: &[(&'static str, Value)]) -> Fact {
    Fact { name, path: path.into(), by: By::Admin, status, body: body.to_vec() }
}

fn by(by: By<'static>, fact: Fact) -> Fact {
    Fact { by, ..fact }
}

async fn hold(running: &Running, facts: Vec<Fact>) {
    for Fact { name, path, by, status, body } in facts {
        let reply = get_by(running, &path, by).await;
        let shown = String::from_utf8_lossy(&reply.body[..reply.body.len().min(400)]).into_owned();
        assert_eq!(reply.status, status, "{name}: {shown}");
        for (pointer, expected) in body {
            assert_eq!(reply.json().pointer(pointer), Some(&expected), "{name}, {pointer}: {shown}");
        }
    }
}

/// The size of a page, what comes after it, and where it began.
fn page(cursor: u64, count: u64, remaining: u64) -> [(&'static str, Value); 3] {
    [
        ("/response/cursor", json!(cursor)),
        ("/response/count", json!(count)),
        ("/response/remaining", json!(remaining)),
    ]
}

fn wrapped(status: u16, word: &str, message: &str) -> [(&'static str, Value); 3] {
    [("/statusCode", json!(status)), ("/body/status", json!(word)), ("/body/message", json!(message))]
}

fn message(text: &str) -> Vec<(&'static str, Value)> {
    wrapped(400, "ERROR", text).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_count_as_the_service_counts() {
    let running = sandbox(400, "").await;
    hold(
        &running,
        vec![
            fact("the default page", "/obj/booking", 200, &page(0, 100, 300)),
            fact("a small page", "/obj/booking?limit=7", 200, &page(0, 7, 393)),
            fact("a limit above 100 is cut silently", "/obj/booking?limit=1000", 200, &page(0, 100, 300)),
            fact("the last page", "/obj/booking?limit=100&cursor=395", 200, &page(395, 5, 0)),
            fact("behind the end", "/obj/booking?cursor=400", 200, &page(400, 0, 0)),
            fact("far behind the end", "/obj/booking?cursor=99999999999", 200, &page(99_999_999_999, 0, 0)),
            fact("no record asked for", "/obj/booking?limit=0", 200, &page(0, 0, 400)),
            fact("the count is wanted", "/obj/booking?exclude_remaining=false", 200, &page(0, 100, 300)),
            fact("a type of another size", "/obj/user?limit=1", 200, &page(0, 1, 99)),
        ],
    )
    .await;
    let reply = get(&running, "/obj/booking?exclude_remaining=true").await;
    assert_eq!(reply.response().get("remaining"), None);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_refused() {
    let running = sandbox(120, "").await;
    let list = |query: &str| format!("/obj/booking?{query}");
    let one = |key: &str, kind: &str, value: Value| list(&constraint(key, kind, value));
    let misfit = |kind: &str, field: &str, word: &str| {
        let text = format!("Constraint '{kind}' does not fit field {field} of type {word}");
        wrapped(404, "NOT_FOUND", &text)
    };
    let sort = |fields: Value| {
        list(&format!("sort_field=duration&additional_sort_fields={}", encode(&fields.to_string())))
    };
    let mut facts = vec![
        fact("an unknown parameter", list("page=2"), 400, &message("Unrecognized field: page")),
        fact(
            "an unknown field",
            one("Duration", "equals", json!(1)),
            400,
            &message("Unrecognized field: Duration"),
        ),
        fact(
            "an internal id for a key",
            one("duration_number", "equals", json!(1)),
            400,
            &message("Unrecognized field: duration_number"),
        ),
        fact(
            "an unknown field to sort by",
            list("sort_field=created"),
            400,
            &message("Unrecognized field: created"),
        ),
        fact(
            "an unknown second field to sort by",
            sort(json!([{"sort_field": "x"}])),
            400,
            &message("Unrecognized field: x"),
        ),
        fact(
            "an unknown part of a sort field",
            sort(json!([{"sort_field": "_id", "asc": true}])),
            400,
            &message("Unrecognized field: asc"),
        ),
        fact("an unknown type of constraint", one("duration", "at least", json!(1)), 400, &[]),
        fact(
            "an unknown part of a constraint",
            list(&format!(
                "constraints={}",
                encode(r#"[{"key":"duration","constraint_type":"equals","value":1,"op":"x"}]"#)
            )),
            400,
            &message("Unrecognized field: op"),
        ),
        fact("a list to sort by", "/obj/user?sort_field=favourite_coaches", 400, &[]),
        fact("constraints that are no JSON", list("constraints=%5B"), 400, &[]),
        fact("constraints that are no array", list("constraints=%7B%7D"), 400, &[]),
        fact(
            "a constraint without a key",
            list(&format!("constraints={}", encode(r#"[{"constraint_type":"equals"}]"#))),
            400,
            &[],
        ),
        fact("a constraint without a value", one("duration", "equals", Value::Null), 400, &[]),
        fact("a text for a number", one("duration", "greater than", json!("long")), 400, &[]),
        fact("a number for a list of values", one("duration", "in", json!(30)), 400, &[]),
        fact("a word for a date", one("Created Date", "greater than", json!("yesterday")), 400, &[]),
        fact("a limit below 0", list("limit=-1"), 400, &[]),
        fact("a cursor that is a word", list("cursor=next"), 400, &[]),
        fact("a cursor beyond all numbers", list("cursor=99999999999999999999999"), 400, &[]),
        fact("neither true nor false", list("sort_field=duration&descending=1"), 400, &[]),
        fact(
            "more fields to sort by without a first",
            list("additional_sort_fields=%5B%7B%22sort_field%22:%22_id%22%7D%5D"),
            400,
            &[],
        ),
        fact("a parameter twice", list("limit=1&limit=2"), 400, &[]),
        fact("broken encoding", list("limit=%G1"), 400, &[]),
        fact(
            "a parameter with a single record",
            "/obj/booking/1700000000000x100000000000000001?limit=1",
            400,
            &message("Unrecognized field: limit"),
        ),
    ];
    for (key, kind, value, id, word) in [
        ("duration", "text contains", json!("3"), "duration_number", "number"),
        ("duration", "not text contains", json!("3"), "duration_number", "number"),
        ("duration", "contains", json!(3), "duration_number", "number"),
        ("notes", "not contains", json!("3"), "notes_text", "text"),
        ("notes", "empty", Value::Null, "notes_text", "text"),
        ("notes", "not empty", Value::Null, "notes_text", "text"),
        ("notes", "geographic_search", json!({"range": 1, "origin_address": "Leith"}), "notes_text", "text"),
        (
            "booking_status",
            "greater than",
            json!("a"),
            "booking_status_option_booking_status",
            "option.booking_status",
        ),
        ("client_user_id", "less than", json!("a"), "client_user_id_user", "user"),
        ("_id", "greater than", json!("17"), "_id", "text"),
    ] {
        facts.push(fact(
            "a constraint that does not fit",
            one(key, kind, value),
            404,
            &misfit(kind, id, word),
        ));
    }
    hold(&running, facts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_records_come_whole_or_are_missing_with_the_documented_words() {
    let running = sandbox(120, "").await;
    let id = running.ids("booking")[3].clone();
    let reply = get(&running, &format!("/obj/booking/{id}")).await;
    assert_eq!(reply.response()["_id"], id.as_str());
    let missing = |kind: &str, id: &str| {
        let text = format!("Missing object of type {kind}: object with id {id} does not exist");
        wrapped(404, "MISSING_DATA", &text)
    };
    let nobody = "1600000000000x100000000000000001";
    hold(
        &running,
        vec![
            fact("no such record", format!("/obj/booking/{nobody}"), 404, &missing("booking", nobody)),
            fact("no id at all", "/obj/booking/none", 404, &missing("booking", "none")),
            fact("a record of another type", format!("/obj/user/{id}"), 404, &missing("user", &id)),
            fact("no such type", "/obj/invoice", 404, &[("/body/status", json!("MISSING_DATA"))]),
            fact("a type in upper case", "/obj/Booking", 404, &[("/body/status", json!("MISSING_DATA"))]),
            fact("nothing there", "/objects/booking", 404, &[("/message", json!("Not found"))]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_decide_what_is_seen() {
    let running = sandbox(400, "").await;
    let mine = crate::support::held(&running, "booking")
        .into_iter()
        .filter(|booking| booking["client_user_id"] == running.user_id.as_str())
        .count() as u64;
    assert!(mine > 0);
    let unauthorised = [("/statusCode", json!(401))];
    hold(
        &running,
        vec![
            fact("the admin sees all", "/obj/booking?limit=1", 200, &page(0, 1, 399)),
            by(By::User, fact("a user sees his own", "/obj/booking?limit=1", 200, &page(0, 1, mine - 1))),
            by(
                By::Nobody,
                fact(
                    "without a token nothing is found, and that is no error",
                    "/obj/booking",
                    200,
                    &page(0, 0, 0),
                ),
            ),
            by(
                By::Token("0123456789abcdef0123456789abcdef"),
                fact("a wrong token", "/obj/booking", 401, &unauthorised),
            ),
            by(By::Token(""), fact("an empty token", "/obj/booking", 401, &unauthorised)),
            by(By::Token("wrong"), fact("a wrong token for the description", "/meta", 401, &unauthorised)),
            fact(
                "a token in the address",
                format!("/obj/booking?api_token={}", running.key),
                401,
                &unauthorised,
            ),
        ],
    )
    .await;
    let address = format!("{}/obj/booking?api_token={}", running.address, running.key);
    let reply = try_get(&running, &address, By::Nobody).await.expect("an answer");
    assert_eq!(reply.status, 401);
    assert_eq!(running.stats().tokens_in_query, 2);
    assert!(running.key.len() == 32 && running.key.bytes().all(|b| b.is_ascii_hexdigit()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_but_get_is_refused_and_counted() {
    let running = sandbox(12, "").await;
    let id = running.ids("booking")[0].clone();
    let before = running.record("booking", &id);
    let client = client();
    for (method, path) in [
        (reqwest::Method::POST, "/obj/booking".to_owned()),
        (reqwest::Method::POST, "/obj/booking/bulk".to_owned()),
        (reqwest::Method::PATCH, format!("/obj/booking/{id}")),
        (reqwest::Method::PUT, format!("/obj/booking/{id}")),
        (reqwest::Method::DELETE, format!("/obj/booking/{id}")),
        (reqwest::Method::HEAD, "/meta".to_owned()),
        (reqwest::Method::OPTIONS, "/obj/booking".to_owned()),
    ] {
        let request = client.request(method.clone(), format!("{}{path}", running.address));
        let response =
            request.header("Authorization", format!("Bearer {}", running.key)).send().await.expect("sent");
        assert_eq!(response.status().as_u16(), 405, "{method} {path}");
    }
    let stats = running.stats();
    assert_eq!((stats.non_get, stats.requests), (7, 7));
    assert_eq!(running.record("booking", &id), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_tells_types_and_fields() {
    let running = sandbox(12, "").await;
    let nobody = |path| get_by(&running, path, By::Nobody);
    let meta = nobody("/meta").await.json();
    assert_eq!(meta["get"], json!(["user", "client_profile", "coach_profile", "booking", "payment"]));
    assert_eq!(meta["types"]["booking"]["display"], "booking");
    let fields = meta["types"]["booking"]["fields"].as_array().expect("fields").clone();
    let field = |id, display, kind| json!({"id": id, "display": display, "type": kind});
    for expected in [
        field("_id", "_id", "text"),
        field("Created Date", "Created Date", "date"),
        field("client_user_id_user", "client_user_id", "user"),
        field("duration_number", "duration", "number"),
        field("booking_status_option_booking_status", "booking_status", "option.booking_status"),
    ] {
        assert!(fields.contains(&expected), "{expected}");
    }
    let users = meta["types"]["user"]["fields"].to_string();
    assert!(users.contains("list.user"));
    assert!(!users.contains("authentication"), "the log-ins are declared nowhere");
    assert_eq!(meta["app_data"]["appname"], "culturebridge");

    let swagger = nobody("/meta/swagger.json").await.json();
    assert_eq!(swagger["swagger"], "2.0");
    assert_eq!(swagger["securityDefinitions"]["api_key"]["in"], "query");
    let properties = &swagger["definitions"]["payment"]["properties"];
    let sentence = properties["booking_ref"]["description"].as_str().expect("a sentence");
    assert!(sentence.contains("object of type booking"), "{sentence}");
    assert_eq!(properties["payment_amount"]["type"], "number");
    assert!(swagger["paths"]["/obj/coach_profile"]["get"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_come_as_they_are_without_empty_keys() {
    let running = sandbox(400, "").await;
    for kind in ["user", "client_profile", "coach_profile", "booking", "payment"] {
        let mut cursor = 0;
        loop {
            let reply =
                get(&running, &format!("/obj/{kind}?cursor={cursor}&{}", by_date("Created Date"))).await;
            let text = String::from_utf8(reply.body).expect("UTF-8");
            assert!(!text.contains(":null"), "{kind}");
            let ids: Vec<String> = running.ids(kind).into_iter().skip(cursor).take(100).collect();
            if ids.is_empty() {
                break;
            }
            for id in &ids {
                let record = String::from_utf8(running.record(kind, id).expect("held")).expect("UTF-8");
                assert!(text.contains(&record), "{kind} {id} is served otherwise than it is held");
            }
            cursor += 100;
        }
    }
    let stats = running.stats();
    assert!(stats.pages > 10 && stats.bytes > 100_000 && stats.errors_injected == 0, "{stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_files_redirect_to_another_host_that_wants_no_token() {
    let running = sandbox(12, "[files]\nmissing_every = 3\ncut_every = 4\n").await;
    let root = running.address.trim_end_matches("/api/1.1").to_owned();
    let file = format!("{root}/fileupload/f1740787200500x42/plan.png");
    let reply = try_get(&running, &file, By::Admin).await.expect("an answer");
    assert_eq!(reply.status, 302);
    let place = reply.header("location").expect("a place").to_owned();
    assert!(place.starts_with("http://localhost:"), "{place}");
    let statuses = [
        ("without a token", try_get(&running, &file, By::Nobody).await, 401),
        ("of a user", try_get(&running, &file, By::User).await, 401),
        (
            "no file's name",
            try_get(&running, &format!("{root}/fileupload/plan/plan.png"), By::Admin).await,
            404,
        ),
        ("with the token", try_get(&running, &place, By::Admin).await, 400),
        ("with a wrong signature", try_get(&running, &format!("{place}0"), By::Nobody).await, 403),
        ("first", try_get(&running, &place, By::Nobody).await, 200),
        ("second", try_get(&running, &place, By::Nobody).await, 200),
        ("third is missing", try_get(&running, &place, By::Nobody).await, 404),
    ];
    for (name, reply, status) in statuses {
        assert_eq!(reply.expect("an answer").status, status, "{name}");
    }
    assert!(try_get(&running, &place, By::Nobody).await.is_err(), "the fourth is cut");
    assert_eq!(running.stats().tokens_forwarded, 1);
}
