//! The schema: what it allows, what it refuses and with which words, and that every field answers.

use super::support::{By, Service, service};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How deep the selections of [`every_field_of_every_type_answers`] go.
const DEPTH: usize = 3;

/// A type of the schema: its fields, each with the name of its type and whether it wants a limit.
type Types = BTreeMap<String, Vec<(String, String, bool)>>;

async fn types(service: &Service) -> Types {
    let query = "{ __schema { types { name kind fields(includeDeprecated: true) { name args { name } type \
        { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";
    let schema = service.ask(&By::Nobody, query, json!({})).await.data("/__schema/types");
    let mut types = Types::new();
    for kind in schema.as_array().expect("types") {
        let mut fields = Vec::new();
        for field in kind["fields"].as_array().into_iter().flatten() {
            let mut inner = &field["type"];
            while inner["name"].is_null() {
                inner = &inner["ofType"];
            }
            let limited = field["args"].as_array().expect("args").iter().any(|arg| arg["name"] == "limit");
            fields.push((text(&field["name"]), text(&inner["name"]), limited));
        }
        types.insert(text(&kind["name"]), fields);
    }
    types
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Everything that a type has, so deep.
fn everything(types: &Types, name: &str, depth: usize) -> String {
    if name == "Media" {
        return "{ __typename ... on Image { id url status } ... on File { id } }".to_owned();
    }
    let mut selection = String::from("{ __typename ");
    for (field, kind, limited) in &types[name] {
        let leaf = types.get(kind).is_none_or(Vec::is_empty) && kind != "Media";
        if !leaf && depth == 0 {
            continue;
        }
        selection.push_str(field);
        if *limited {
            selection.push_str("(limit: 2)");
        }
        if !leaf {
            selection.push_str(&everything(types, kind, depth - 1));
        }
        selection.push(' ');
    }
    selection + "}"
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_type_answers() {
    let service = service(40, "").await;
    let types = types(&service).await;
    let running = &service.running;
    let (network, owner) = (&running.network_id, &running.owner_id);
    let post = running.records(sandbox::bettermode::Records::Posts)[0]["id"].clone();
    let space = running.records(sandbox::bettermode::Records::Spaces)[0]["id"].clone();
    let event = running.records(sandbox::bettermode::Records::Events)[0]["id"].clone();
    let chat = running.records(sandbox::bettermode::Records::Chats)[0].clone();
    let (chatter, chat) = (text(&chat["createdById"]), text(&chat["_id"]));
    let message = running.messages(&chat)[1].clone();
    let address = format!(
        "chatId: \"{chat}\" pageId: {} messageId: {} addressSignature: {} direction: Before inclusive: \
            true",
        message["pageId"], message["_id"], message["addressSignature"]
    );
    let basic = By::Basic(running.client_id.clone(), running.client_secret.clone());
    let by_chatter = By::Member(chatter.clone());
    let mut asked = Vec::new();
    for (by, field, arguments) in [
        (&By::Nobody, "tokens", format!("networkId: \"{network}\"")),
        (&basic, "limitedToken", format!("networkId: \"{network}\"")),
        (&By::App, "apiRateLimitStats", String::new()),
        (&By::App, "authMember", String::new()),
        (&By::App, "network", String::new()),
        (&By::App, "networkPublicInfo", String::new()),
        (&By::App, "roles", String::new()),
        (&By::App, "globalEventTypes", String::new()),
        (&By::App, "member", format!("id: \"{owner}\"")),
        (&By::App, "members", "limit: 3".to_owned()),
        (&By::App, "membersByIds", format!("ids: [\"{owner}\"]")),
        (&By::App, "collections", String::new()),
        (&By::App, "space", format!("id: {space}")),
        (&By::App, "spaces", "limit: 3".to_owned()),
        (&By::App, "spaceMembers", format!("limit: 2 spaceId: {space}")),
        (&By::App, "memberSpaces", format!("limit: 2 memberId: \"{owner}\"")),
        (&By::App, "postTypes", "limit: 4".to_owned()),
        (&By::App, "post", format!("id: {post}")),
        (&By::App, "posts", "limit: 3".to_owned()),
        (&By::App, "postsByIds", format!("ids: [{post}]")),
        (&By::App, "replies", format!("limit: 2 postId: {post}")),
        (&By::App, "memberPosts", format!("limit: 2 memberId: \"{owner}\"")),
        (&By::App, "feed", "limit: 2".to_owned()),
        (&By::App, "postReactionParticipants", format!("limit: 2 postId: {post} reaction: \"+1\"")),
        (&By::App, "tags", "limit: 2".to_owned()),
        (&By::App, "event", format!("id: {event}")),
        (&By::App, "events", "limit: 2".to_owned()),
        (&By::App, "eventRegistrations", format!("limit: 2 eventId: {event}")),
        (&by_chatter, "chat", format!("id: \"{chat}\"")),
        (&by_chatter, "chats", "limit: 2".to_owned()),
        (&by_chatter, "messages", format!("limit: 2 {address}")),
        (&By::App, "checkMembersContactability", format!("memberIds: [\"{owner}\"]")),
    ] {
        let kind = types["Query"].iter().find(|(name, ..)| name == field).expect("a field").1.clone();
        let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
        let query = format!("{{ {field}{arguments} {} }}", everything(&types, &kind, DEPTH));
        let reply = service.ask(by, &query, json!({})).await;
        assert_eq!(reply.messages(), Vec::<String>::new(), "{field}");
        assert!(!reply.data(&format!("/{field}")).is_null(), "{field}");
        asked.push(field);
    }
    // These three continue what others began; their types were asked for.
    asked.extend(["chatsByCursor", "messagesByCursor", "findChatWithMember"]);
    let unasked: Vec<&String> =
        types["Query"].iter().map(|(name, ..)| name).filter(|name| !asked.contains(&name.as_str())).collect();
    assert_eq!(unasked, Vec::<&String>::new(), "queries without a case");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_schema_does_not_allow_is_refused_in_the_words_of_graphql_js() {
    let service = service(2, "").await;
    let none = json!({});
    let cases: [(&str, Value, &str); 22] = [
        (
            "{ members { nodes { id } } }",
            none.clone(),
            "Field \"members\" argument \"limit\" of type \"Int!\" is required, but it was not provided.",
        ),
        (
            "{ member(id: 1) { spaces { totalCount } } }",
            none.clone(),
            "Field \"spaces\" argument \"limit\" of type \"Int!\" is required, but it was not provided.",
        ),
        (
            "{ members(limit: 1) { nodes { idd } } }",
            none.clone(),
            "Cannot query field \"idd\" on type \"Member\".",
        ),
        ("{ people(limit: 1) { id } }", none.clone(), "Cannot query field \"people\" on type \"Query\"."),
        (
            "{ members(limit: 1, page: 2) { totalCount } }",
            none.clone(),
            "Unknown argument \"page\" on field \"Query.members\".",
        ),
        (
            "{ members(limit: 1) }",
            none.clone(),
            "Field \"members\" of type \"Query\" must have a selection of subfields. Did you mean \
                \"members { ... }\"?",
        ),
        (
            "{ network { id { x } } }",
            none.clone(),
            "Field \"id\" must not have a selection since type \"ID\" has no subfields",
        ),
        (
            "{ posts(limit: 1, orderBy: newest) { totalCount } }",
            none.clone(),
            "Value \"newest\" does not exist in \"PostListOrderByEnum\" enum.",
        ),
        (
            "query($l: String) { members(limit: $l) { totalCount } }",
            none.clone(),
            "Variable \"$l\" of type \"String\" used in position expecting type \"Int!\".",
        ),
        ("query($x: Int) { network { id } }", none.clone(), "Variable \"$x\" is never used."),
        ("{ ...F }", none.clone(), "Unknown fragment \"F\"."),
        (
            "{ network { id id: name } }",
            none.clone(),
            "Fields \"id\" conflict because \"id\" and \"name\" are different fields. Use different \
                aliases on the fields to fetch both if this was intentional.",
        ),
        (
            "query A { network { id } } query B { network { id } }",
            none.clone(),
            "Must provide operation name if query contains multiple operations.",
        ),
        (
            "query($l: Int!) { members(limit: $l) { totalCount } }",
            none.clone(),
            "Variable \"$l\" of required type \"Int!\" was not provided.",
        ),
        (
            "query($l: Int!) { members(limit: $l) { totalCount } }",
            json!({"l": null}),
            "Variable \"$l\" of non-null type \"Int!\" must not be null.",
        ),
        (
            "query($l: Int!) { members(limit: $l) { totalCount } }",
            json!({"l": "5"}),
            "Variable \"$l\" got invalid value \"5\"; Int cannot represent non-integer value: \"5\"",
        ),
        (
            "query($l: Int!) { members(limit: $l) { totalCount } }",
            json!({"l": 3_000_000_000_i64}),
            "Variable \"$l\" got invalid value 3000000000; Int cannot represent non 32-bit signed integer \
                value: 3000000000",
        ),
        (
            JOIN,
            json!({"i": {"name": "A", "password": "x"}}),
            "Variable \"$i\" got invalid value {\"name\":\"A\",\"password\":\"x\"}; Field \"email\" of \
                required type \"String!\" was not provided.",
        ),
        (
            JOIN,
            json!({"i": {"email": "a@b.test", "name": "A", "password": "x", "admin": true}}),
            "Variable \"$i\" got invalid value \
                {\"email\":\"a@b.test\",\"name\":\"A\",\"password\":\"x\",\"admin\":true}; Field \
                \"admin\" is not defined by type \"JoinNetworkInput\".",
        ),
        (
            JOIN,
            json!({"i": {"email": "a@b.test", "name": "A", "password": "x", "createdAt": "yesterday"}}),
            "Variable \"$i\" got invalid value \"yesterday\" at \"i.createdAt\"; DateTime cannot \
                represent an invalid date-time-string yesterday.",
        ),
        (
            JOIN,
            json!({"i": {"email": "a@b.test", "name": 7, "password": "x"}}),
            "Variable \"$i\" got invalid value 7 at \"i.name\"; String cannot represent a non string \
                value: 7",
        ),
        (
            "query($s: [MemberStatusInput!]) { members(limit: 1, status: $s) { totalCount } }",
            json!({"s": ["DELETED"]}),
            "Variable \"$s\" got invalid value \"DELETED\" at \"s[0]\"; Value \"DELETED\" does not exist \
                in \"MemberStatusInput\" enum.",
        ),
    ];
    for (query, variables, message) in cases {
        let reply = service.ask(&By::App, query, variables).await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.text);
        assert!(reply.messages().iter().any(|other| other == message), "{query}: {}", reply.text);
        assert!(reply.json().get("data").is_none(), "nothing was executed: {}", reply.text);
    }
    assert_eq!(service.running.stats().bad_queries, 22);
}

const JOIN: &str = "mutation($i: JoinNetworkInput!) { joinNetwork(input: $i) { accessToken } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_no_graphql_and_a_body_that_is_no_request_are_refused() {
    let service = service(0, "").await;
    for body in [
        "{\"query\":\"{ network { id \"}",
        "{\"query\":\"\"}",
        "{\"query\":7}",
        "{}",
        "[{\"query\":\"{ network { id } }\"}]",
        "{\"query\":\"{ network { id } }\",\"variables\":[]}",
        "{\"query\":\"{ network { id } }\",\"operationName\":\"Other\"}",
        "query={network{id}}",
        "",
    ] {
        let reply = service.send(&By::App, "/", body.to_owned()).await.expect("an answer");
        assert_eq!(reply.status, 400, "{body}: {}", reply.text);
        assert!(!reply.messages().is_empty(), "{body}: {}", reply.text);
    }
    let client = crate::support::client();
    let address = &service.running.address;
    let plain =
        client.post(address).body("{\"query\":\"{ network { id } }\"}").send().await.expect("an answer");
    assert_eq!(plain.status().as_u16(), 400, "a body without a Content-Type");
    let get = client.get(address).send().await.expect("an answer");
    assert_eq!((get.status().as_u16(), get.headers()["allow"].to_str().ok()), (405, Some("POST")));
    let large = format!("{{\"query\":\"{{ network {{ id }} }}\",\"x\":\"{}\"}}", "a".repeat(2 << 20));
    let reply = service.send(&By::App, "/", large).await.expect("an answer");
    assert_eq!(reply.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_query_is_answered_with_200_when_the_scenario_says_so() {
    let service = service(0, "[http]\nbad_query = \"200\"").await;
    let reply = service.app("{ nothing }").await;
    assert_eq!((reply.status, reply.messages().len()), (200, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graphql_path_is_there_only_when_the_scenario_says_so() {
    let body = json!({"query": "{ network { id } }"}).to_string();
    for (scenario, status) in [("", 404), ("[http]\ngraphql_path = true", 200)] {
        let service = service(0, scenario).await;
        let reply = service.send(&By::App, "/graphql", body.clone()).await.expect("an answer");
        assert_eq!(reply.status, status);
        assert_eq!(service.send(&By::App, "/api", body.clone()).await.expect("an answer").status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_of_the_schema_can_be_switched() {
    let by_id = "mutation($e: ID!) { deleteEvent(id: $e) { status } }";
    let by_event_id = "mutation($e: ID!) { deleteEvent(eventId: $e) { status } }";
    for (scenario, works, refused) in
        [("", by_id, by_event_id), ("[schema]\nevents = \"eventId\"", by_event_id, by_id)]
    {
        let service = service(20, scenario).await;
        let event = service.running.records(sandbox::bettermode::Records::Events)[0]["id"].clone();
        let reply = service.ask(&By::App, refused, json!({"e": event})).await;
        assert_eq!(reply.status, 400);
        let reply = service.ask(&By::App, works, json!({"e": event})).await;
        assert_eq!(reply.data("/deleteEvent/status"), "succeeded");
    }
    let service = service(2, "[schema]\nevents = \"absent\"\nchats = false").await;
    for (query, field) in
        [("{ events(limit: 1) { totalCount } }", "events"), ("{ chats(limit: 1) { data { _id } } }", "chats")]
    {
        let message = format!("Cannot query field \"{field}\" on type \"Query\".");
        assert!(service.app(query).await.messages().contains(&message), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_aliases_and_directives_work_as_everywhere() {
    let service = service(4, "").await;
    let query = "query($no: Boolean!) { first: members(limit: 1, orderBy: \"createdAt\") { ...Page } two: \
        members(limit: 2) { ...Page @skip(if: $no) totalCount @include(if: $no) } } fragment Page on \
        PaginatedMember { nodes { id ... on Member { name } } }";
    let reply = service.ask(&By::App, query, json!({"no": true})).await;
    assert_eq!(reply.data("/first/nodes").as_array().map(Vec::len), Some(1));
    assert_eq!(
        reply.data("/two").as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["totalCount".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn complexity_is_reported_by_the_documented_costs() {
    let service = service(4, "").await;
    for (query, complexity) in [
        ("{ network { id name } }", 1),
        ("{ network { memberFields { fields { key type } } } }", 1 + 1 + 5),
        ("{ membersByIds(ids: []) { id } }", 5),
        ("{ roles { scopes } }", 5 * (1 + 1)),
        // The example of the documents: 2 for the page, and 50 members of 1 with a list of objects each.
        (
            "{ members(limit: 50) { totalCount pageInfo { endCursor hasNextPage } nodes { id fields { key \
                value } } } }",
            302,
        ),
        ("{ members(limit: 50) { edges { cursor node { id fields { key value } } } } }", 302),
        ("{ posts(limit: 10) { nodes { id replies(limit: 10) { nodes { id } } } } }", 2 + 10 * (1 + 2 + 10)),
        ("{ posts(limit: 10) { nodes { ...P } } } fragment P on Post { tags { id } }", 2 + 10 * (1 + 5)),
        ("{ a: network { id } b: network { id } }", 2),
    ] {
        let reply = service.app(query).await;
        assert_eq!(reply.json()["extensions"]["complexity"], complexity, "{query}: {}", reply.text);
    }
    let before = service.running.stats().complexity;
    let variables = json!({"l": 7});
    let query = "query($l: Int!) { members(limit: $l) { nodes { id } } }";
    let reply = service.ask(&By::App, query, variables).await;
    assert_eq!(reply.json()["extensions"]["complexity"], 9);
    assert_eq!(service.running.stats().complexity - before, 9);
}
