//! The traps of the wire, by their numbers in NOTES.md; those that other files spring are named there.

use crate::queries::operation;
use crate::rig::{app_config, client, client_of};
use crate::stub::{Act, Stub};
use connector_bettermode::queries::ALL;
use connector_bettermode::types::{MappingField, NewPost, PostUpdate};
use connector_bettermode::{Error, MemberFilter};
use serde_json::{Value, json};

/// 1: whatever is written is published, and stays so.
#[tokio::test]
async fn publish_is_always_said() {
    let stub = Stub::start(|_| {
        Act::Data(json!({"createPost": {"id": "p"}, "createReply": {"id": "p"}, "updatePost": {"id": "p"}}))
    })
    .await;
    let client = client(&stub);
    let post = NewPost::published("pty1", Vec::new());
    client.create_post_of("s1", &post).await.expect("made");
    client.create_reply("p1", &post).await.expect("made");
    client.update_post("p1", &PostUpdate::published()).await.expect("changed");
    for request in stub.requests() {
        assert_eq!(request.variables["input"]["publish"], json!(true), "{}", request.operation);
    }
}

/// 2: values are JSON inside of JSON, in all three places.
#[tokio::test]
async fn values_are_encoded_twice() {
    let stub = Stub::start(|_| Act::Data(json!({"createPost": {"id": "p"}, "members": {"nodes": []}}))).await;
    let client = client(&stub);
    let fields = vec![MappingField::text("title", "say \"hi\"\n")];
    client.create_post_of("s1", &NewPost::published("pty1", fields)).await.expect("made");
    assert_eq!(stub.variables()["input"]["mappingFields"][0]["value"], json!(r#""say \"hi\"\n""#));
    client.get_member_by_email("o'neil+x@example.test").await.expect("nobody");
    assert_eq!(stub.variables()["filterBy"][0]["value"], json!(r#""o'neil+x@example.test""#));
}

/// 3: words that nobody knew, in any case, in every list of words at once.
#[tokio::test]
async fn unknown_words_break_nothing() {
    let member = json!({"id": "m", "status": "ABDUCTED", "emailStatus": "eaten", "fields": [null]});
    let page = |node: Value| json!({"nodes": [node], "pageInfo": null});
    let stub = Stub::start(move |_| {
        Act::Data(json!({
            "member": member, "roles": [{"id": "r", "type": "wizard", "scopes": null}],
            "spaces": page(json!({"id": "s", "type": "Cave"})),
            "posts": page(json!({"id": "p", "status": "SUNG", "mappingFields": [{"key": "k", "type": "smell", "value": "1"}]})),
            "postTypes": page(json!({"id": "t", "context": "song", "mappings": [{"key": "k", "type": "smell"}]})),
            "events": page(json!({"id": "e", "status": "dreamt"})),
        }))
    })
    .await;
    let client = client(&stub);
    assert!(client.get_member("m").await.expect("a member").is_some());
    assert_eq!(client.roles().await.expect("roles").len(), 1);
    assert_eq!(client.spaces().all(9).await.expect("spaces").len(), 1);
    assert_eq!(client.posts(&[]).all(9).await.expect("posts").len(), 1);
    assert_eq!(client.post_types().all(9).await.expect("types").len(), 1);
    assert_eq!(client.events().all(9).await.expect("events").len(), 1);
}

/// 4: every connection has its limit, and none stands inside of another.
#[test]
fn connections_are_bounded_and_not_nested() {
    // An answer for each of the ids that are named is no connection.
    for operation in ALL.iter().filter(|operation| operation.name != "Contactability") {
        let connections =
            operation.text.matches("nodes {").count() + operation.text.matches("data {").count();
        let limits = operation.text.matches("limit: $limit").count();
        assert_eq!(connections, limits, "{}", operation.name);
        assert!(connections <= 1, "{}", operation.name);
    }
}

/// 6: nothing but the one call that says so sends invitations.
#[test]
fn only_one_operation_mails_people() {
    let inviting: Vec<&str> =
        ALL.iter().filter(|one| one.document().contains("inviteMembers")).map(|one| one.name).collect();
    assert_eq!(inviting, ["InviteMembers"]);
}

/// 7: a write is sent once, and the error says that one has to look.
#[tokio::test]
async fn a_write_is_never_repeated_blindly() {
    let stub = Stub::script(vec![Act::Answer(502, String::new())]).await;
    let error = client(&stub).create_tag("news", None).await.expect_err("lost");
    assert!(error.is_unknown_outcome() && error.to_string().contains("unknown outcome"));
    assert_eq!(stub.requests().len(), 1);
}

/// 8: who is not there is an error on the wire, and none for callers.
#[tokio::test]
async fn not_found_is_none() {
    for fields in [json!({"status": 404}), json!({"extensions": {"status": 404}}), json!({"code": "110"})] {
        let stub = Stub::script(vec![Act::error("Member not found", fields)]).await;
        let client = client(&stub);
        assert!(client.get_member("m").await.expect("none").is_none());
        assert!(client.get_post("p").await.expect("none").is_none());
        assert!(client.get_space("s").await.expect("none").is_none());
        assert!(client.get_event("e").await.expect("none").is_none());
    }
}

/// 9: a reply's type is one of those that the post's type allows.
#[tokio::test]
async fn reply_types_are_known() {
    let types =
        json!([{"id": "d", "context": "post", "validReplyTypes": [{"id": "c", "name": "Comment"}, null]}]);
    let data = json!({"postTypes": {"nodes": types, "pageInfo": null}});
    let stub = Stub::script(vec![Act::Data(data)]).await;
    let found = client(&stub).post_types().all(9).await.expect("types");
    assert_eq!(found[0].valid_reply_types[0].id, "c");
}

/// 10, 11: who is to be the author of a message is impersonated, with one token for all their messages.
#[tokio::test]
async fn authors_of_messages_are_impersonated() {
    let stub = Stub::start(|request| match request.operation.as_str() {
        "LimitedToken" => {
            let who = request.variables["impersonateMemberId"].as_str().unwrap_or("app").to_owned();
            Act::Data(json!({"limitedToken": {"accessToken": format!("token-of-{who}")}}))
        }
        "Contactability" => Act::Data(json!({"checkMembersContactability": []})),
        _ => Act::Data(json!({"sendMessageToMember": {"message": {"_id": "x"}}})),
    })
    .await;
    let (client, _) = client_of(&app_config(&stub.url));
    let ada = client.acting_as("ada");
    for _ in 0..3 {
        ada.send_direct_message("bob", "Hi").await.expect("sent");
    }
    assert_eq!(stub.count("LimitedToken"), 1);
    let senders: Vec<Option<String>> = stub
        .requests()
        .into_iter()
        .filter(|request| request.operation == "SendMessage")
        .map(|request| request.authorization)
        .collect();
    assert_eq!(senders, vec![Some("Bearer token-of-ada".to_owned()); 3]);
}

/// 12: people who were deleted are shown by another name, and are still somebody.
#[tokio::test]
async fn deleted_members_are_members() {
    let nodes = json!([{"id": "m", "name": "Deleted Member", "email": null, "status": "DELETED"}]);
    let stub = Stub::script(vec![Act::Data(json!({"members": {"nodes": nodes, "totalCount": 1}}))]).await;
    let found = client(&stub).members(&MemberFilter::default()).all(9).await.expect("members");
    assert_eq!((found[0].id.as_str(), found[0].email.as_deref()), ("m", None));
}

/// 5, 13: an answer in part is not taken for a whole one; what the schema of 2021 shows is read.
#[tokio::test]
async fn drift_and_parts() {
    let part = json!({"data": {"members": {"nodes": [{"id": "m", "email": null}], "totalCount": 1}},
        "errors": [{"message": "Forbidden", "status": 403, "path": ["members", "nodes", 0, "email"]}]});
    let stub = Stub::script(vec![Act::Answer(200, part.to_string())]).await;
    let error = client(&stub).members(&MemberFilter::default()).all(9).await.expect_err("in part");
    assert!(matches!(error, Error::Partial { status: Some(403), .. }), "{error:?}");
    let old = json!({"nodes": [{"id": "m", "status": "BLOCKED", "fields": {"fields": [{"key": "k", "value": "1"}]}}]});
    let stub = Stub::script(vec![Act::Data(json!({ "members": old }))]).await;
    let found = client(&stub).members(&MemberFilter::default()).all(9).await.expect("members");
    assert_eq!(found[0].fields.len(), 1);
}

/// The documented requests, to the letter of their meaning.
#[test]
fn the_documented_requests_are_what_is_sent() {
    let members = operation("Members").document();
    for part in
        ["totalCount", "pageInfo { endCursor hasNextPage }", "nodes", "fields { key value }", "limit: $limit"]
    {
        assert!(members.contains(part), "{part}");
    }
    assert!(operation("CreatePost").text.contains("createPost(spaceId: $spaceId, input: $input)"));
}
