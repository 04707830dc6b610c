//! Direct messages, chats, and walks over pages.

use crate::calls::{one, sent};
use crate::queries::check_variables;
use crate::rig::client;
use crate::stub::{Act, Stub};
use connector_bettermode::Error;
use connector_bettermode::types::Chat;
use futures::TryStreamExt;
use serde_json::json;

#[tokio::test]
async fn a_direct_message_goes_only_to_who_takes_it() {
    let sent_message =
        json!({"chatId": "ch1", "pageId": "pg1", "message": {"_id": "ms1", "contentType": "Holo"}});
    for (contactable, expected, operations) in [
        (json!({"data": [{"memberId": "m1", "status": "Contactable"}]}), Ok("ms1"), 2),
        (json!({"data": [{"memberId": "m1", "status": "BlockedYou"}]}), Err("NotContactable"), 1),
        (
            json!({"data": [{"memberId": "m1", "status": "LimitedByContactPrivacy"}]}),
            Err("NotContactable"),
            1,
        ),
        (json!({"data": [{"memberId": "m1", "status": "Unknown"}]}), Ok("ms1"), 2),
        (json!({"data": [{"memberId": "m2", "status": "BlockedYou"}]}), Ok("ms1"), 2),
        (json!([]), Ok("ms1"), 2),
        (json!("yes"), Ok("ms1"), 2),
    ] {
        let data = json!({"checkMembersContactability": contactable, "sendMessageToMember": sent_message});
        let (requests, result) = sent(data, async |c| c.send_direct_message("m1", "Welcome").await).await;
        let result =
            result.map(|new| new.message.expect("a message").id).map_err(|error| format!("{error:?}"));
        assert_eq!(result, expected.map(str::to_owned).map_err(str::to_owned), "{contactable}");
        assert_eq!(requests.len(), operations, "{contactable}");
    }
    for message in ["", "  \n", &"x".repeat(10_001)] {
        let (requests, result) = sent(json!({}), async |c| c.send_direct_message("m1", message).await).await;
        assert!(matches!(result, Err(Error::Wrong { .. })) && requests.is_empty());
    }
}

#[tokio::test]
async fn a_question_that_the_service_does_not_understand_is_asked_once() {
    let stub = Stub::start(|request| match request.operation.as_str() {
        "Contactability" => Act::Answer(400, r#"{"errors":[{"message":"Cannot query field"}]}"#.into()),
        _ => Act::Data(
            json!({"sendMessageToMember": {"chatId": "c", "pageId": "p", "message": {"_id": "ms1"}}}),
        ),
    })
    .await;
    let client = client(&stub);
    for _ in 0..3 {
        client.send_direct_message("m1", "Welcome").await.expect("a message");
    }
    assert_eq!((stub.count("Contactability"), stub.count("SendMessage")), (1, 3));
    assert_eq!(stub.variables(), json!({"input": {"recipientId": "m1", "message": {"content": "Welcome"}}}));
}

#[tokio::test]
async fn chats_are_walked_whichever_way_their_cursors_point() {
    let message = |n: usize| json!({"_id": format!("ms{n}"), "content": "x"});
    for (name, infos, expected) in [
        (
            "forward",
            vec![
                json!({"endCursor": "e1", "hasNextPage": true}),
                json!({"endCursor": "e2", "hasNextPage": false,
                "startCursor": "s2", "hasPreviousPage": true}),
            ],
            vec!["ms1", "ms2"],
        ),
        (
            "backward",
            vec![
                json!({"startCursor": "s1", "hasPreviousPage": true, "hasNextPage": false, "endCursor": "e1"}),
                json!({"startCursor": "s2", "hasPreviousPage": false, "hasNextPage": true}),
            ],
            vec!["ms1", "ms2"],
        ),
        ("one page", vec![json!(null)], vec!["ms1"]),
        ("a circle", vec![json!({"endCursor": "e1", "hasNextPage": true})], vec!["ms1"]),
    ] {
        let mut at = 0;
        let circle = name == "a circle";
        let stub = Stub::start(move |request| {
            at += 1;
            let info = infos[(at - 1).min(infos.len() - 1)].clone();
            let n = if circle { 1 } else { at };
            let root = if request.operation == "Messages" { "messages" } else { "messagesByCursor" };
            Act::Data(json!({root: {"data": [message(n), null], "pageInfo": info}}))
        })
        .await;
        let chat: Chat = serde_json::from_value(json!({"_id": "ch1", "type": "Direct", "lastMessage":
            {"pageId": "pg", "messageId": "ms9", "addressSignature": "sig"}}))
        .expect("a chat");
        let mut walk = client(&stub).messages(&chat);
        let mut found = Vec::new();
        while let Some(page) = walk.next_page().await.expect(name) {
            found.extend(page.into_iter().map(|message| message.id));
        }
        assert_eq!(found, expected, "{name}");
        let requests = stub.requests();
        requests.iter().for_each(check_variables);
        assert_eq!(requests[0].operation, "Messages");
        assert!(requests[1..].iter().all(|request| request.operation == "MessagesByCursor"), "{name}");
    }
    let silent: Chat = serde_json::from_value(json!({"_id": "ch1", "lastMessage": null})).expect("a chat");
    let (requests, page) = sent(json!({}), async |c| c.messages(&silent).next_page().await).await;
    assert!(page.expect("no page").is_none() && requests.is_empty());
    let chats = json!({"chats": {"data": [{"_id": "ch1", "status": "Napping"}], "pageInfo": null}});
    let (_, _, first) = one(chats, async |c| c.chats().next_page().await).await;
    assert_eq!(first.expect("a page")[0].id, "ch1");
    let (_, _, chat) = one(json!({"chat": {"_id": "ch1"}}), async |c| c.get_chat("ch1").await).await;
    assert!(chat.is_some());
    let (_, _, chat) =
        one(json!({"findChatWithMember": {"_id": "ch1"}}), async |c| c.chat_with_member("m1").await).await;
    assert!(chat.is_some());
    let (_, _, none) =
        one(json!({"findChatWithMember": null}), async |c| c.chat_with_member("m1").await).await;
    assert!(none.is_none());
}

#[tokio::test]
async fn a_walk_ends_where_the_service_says_and_never_runs_in_a_circle() {
    let stub = Stub::start(|request| {
        let n = request.variables["after"].as_str().and_then(|after| after.parse::<u32>().ok()).unwrap_or(0);
        let info = json!({"endCursor": (n + 1).to_string(), "hasNextPage": n < 2});
        Act::Data(json!({"tags": {"nodes": [{"id": n.to_string()}], "pageInfo": info, "totalCount": null}}))
    })
    .await;
    let ids: Vec<String> =
        client(&stub).tags().stream().map_ok(|tag| tag.id).try_collect().await.expect("tags");
    assert_eq!(ids, ["0", "1", "2"]);
    for (name, nodes, info, pages) in [
        ("no next page", json!([{"id": "1"}]), json!({"endCursor": "c", "hasNextPage": false}), 1),
        ("no cursor", json!([{"id": "1"}]), json!({"endCursor": null, "hasNextPage": true}), 1),
        ("no nodes", json!([]), json!({"endCursor": "c", "hasNextPage": true}), 1),
        ("null nodes", json!(null), json!({"endCursor": "c", "hasNextPage": true}), 1),
        ("no info", json!([{"id": "1"}]), json!(null), 1),
        ("the same cursor for ever", json!([{"id": "1"}]), json!({"endCursor": "c", "hasNextPage": true}), 2),
    ] {
        let data = json!({"tags": {"nodes": nodes, "pageInfo": info}});
        let (requests, result) = sent(data, async |c| c.tags().all(100).await).await;
        assert_eq!(requests.len(), pages, "{name}");
        assert_eq!(result.is_err(), pages > 1, "{name}: {result:?}");
    }
}
