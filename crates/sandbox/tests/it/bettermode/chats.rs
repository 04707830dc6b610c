//! Direct messages and groups.

use super::support::{By, Reply, Service, service};
use sandbox::bettermode::SentKind;
use serde_json::{Value, json};
use std::time::Duration;

const MESSAGE: &str = "{ chatId pageId message { _id content contentType authorId authorName sentAt \
    pageId pos nonce addressSignature } }";

impl Service {
    async fn write(&self, by: &By, to: &str, text: &str) -> Reply {
        let query =
            format!("mutation($i: SendMessageToMemberInput!) {{ sendMessageToMember(input: $i) {MESSAGE} }}");
        let message = json!({"content": text, "nonce": "n-1"});
        self.ask(by, &query, json!({"i": {"recipientId": to, "message": message}})).await
    }

    async fn write_to_chat(&self, by: &By, chat: &str, text: &str) -> Reply {
        let query = format!(
            "mutation($c: String!, $i: SendMessageToChatInput!) {{ sendMessageToChat(chatId: $c, input: \
                $i) {MESSAGE} }}"
        );
        self.ask(by, &query, json!({"c": chat, "i": {"content": text}})).await
    }

    async fn in_group(&self, by: &By, field: &str, chat: &str) -> Reply {
        self.ask(by, &format!("mutation {{ {field}(chatId: \"{chat}\") {{ status }} }}"), json!({})).await
    }

    async fn messages(&self, by: &By, chat: &str, start: &Value, more: Value) -> Reply {
        let query = "query($c: String!, $p: String!, $m: String!, $a: String!, $d: ChatDirection!, $l: \
            Int!, $i: Boolean) { messages(chatId: $c, pageId: $p, messageId: $m, addressSignature: $a, \
            direction: $d, limit: $l, inclusive: $i) { data { _id content pos } pageInfo { endCursor \
            hasNextPage } } }";
        let mut variables = json!({
            "c": chat, "p": start["pageId"], "m": start["messageId"], "a": start["addressSignature"],
            "l": 10, "d": "Before", "i": true,
        });
        variables.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.ask(by, query, variables).await
    }
}

fn positions(list: &Value) -> Vec<i64> {
    list["data"].as_array().expect("data").iter().filter_map(|message| message["pos"].as_i64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_from_the_tokens_member_and_of_now() {
    let service = service(2, "").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    let by = By::Member(ada.clone());
    let sent = service.write(&by, &bob, "<p>Hello <b>Bob</b></p>").await.data("/sendMessageToMember");
    for (key, value) in [
        ("authorId", json!(ada)),
        ("authorName", json!("Ada")),
        ("contentType", json!("Html")),
        ("content", json!("<p>Hello <b>Bob</b></p>")),
        ("sentAt", json!("2026-03-01T12:00:00.000Z")),
        ("nonce", json!("n-1")),
        ("pos", json!(0)),
        ("pageId", sent["pageId"].clone()),
    ] {
        assert_eq!(sent["message"][key], value, "{key}");
    }
    assert_eq!(
        (service.count(SentKind::Message), service.running.sendings()[0].to.clone()),
        (1, bob.clone())
    );
    let chat = sent["chatId"].as_str().expect("an id");
    let again = service.write(&By::Member(bob.clone()), &ada, "Back").await;
    assert_eq!(again.text("/sendMessageToMember/chatId"), chat, "two have one chat");
    let found = format!(
        "{{ findChatWithMember(recipientId: \"{bob}\") {{ _id type status participantCount \
        otherParticipant {{ memberId handle }} currentParticipant {{ memberId }} lastMessage {{ preview \
        authorId }} }} }}"
    );
    let seen = service.ask(&by, &found, json!({})).await.data("/findChatWithMember");
    assert_eq!(
        (&seen["_id"], &seen["type"], &seen["status"]),
        (&json!(chat), &json!("Direct"), &json!("Active"))
    );
    assert_eq!(seen["otherParticipant"], json!({"memberId": bob, "handle": "bob"}));
    assert_eq!(seen["lastMessage"], json!({"preview": "Back", "authorId": bob}));
    let one = format!("{{ chat(id: \"{chat}\") {{ _id }} }}");
    assert_eq!(service.app(&one).await.error(), (404, "Chat not found".to_owned()), "the app is not in it");
    assert_eq!(service.app(&found).await.error().0, 404);
    let edit = "mutation($c: String!, $i: EditMessageInput!) { editMessage(chatId: $c, input: $i) { \
        content editedAt } }";
    let input = json!({"messageId": sent["message"]["_id"], "pageId": sent["pageId"], "content": "Better"});
    let edited = service.ask(&by, edit, json!({"c": chat, "i": input})).await.data("/editMessage");
    assert_eq!(edited, json!({"content": "Better", "editedAt": "2026-03-01T12:00:00.000Z"}));
    assert_eq!(service.ask(&By::Member(bob), edit, json!({"c": chat, "i": input})).await.error().0, 403);
    assert_eq!(service.running.messages(chat)[0]["content"], "Better");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_be_written_to_is_not() {
    let service = service(2, "").await;
    let people = service.running.people();
    let [ada, bob, eve, zoe] = [
        service.member("Ada").await,
        service.member("Bob").await,
        service.member("Eve").await,
        service.member("Zoe").await,
    ];
    people.take_staff_only(&bob).expect("a setting");
    people.block(&eve, &ada).expect("a block");
    people.suspend(&zoe).expect("a suspension");
    let ask =
        "query($m: [String!]!) { checkMembersContactability(memberIds: $m) { data { memberId status } } }";
    let all = json!({"m": [bob, eve, zoe, service.running.owner_id, "nobody"]});
    let statuses = |reply: Reply| -> Vec<String> {
        let data = reply.data("/checkMembersContactability/data");
        data.as_array()
            .expect("data")
            .iter()
            .map(|one| one["status"].as_str().expect("a status").to_owned())
            .collect()
    };
    let by = By::Member(ada.clone());
    let expected = ["LimitedByContactPrivacy", "BlockedYou", "Unknown", "Contactable", "Unknown"];
    assert_eq!(statuses(service.ask(&by, ask, all.clone()).await), expected);
    assert_eq!(
        statuses(service.ask(&By::App, ask, all).await)[..2],
        ["Contactable", "Contactable"],
        "the app is staff"
    );
    assert_eq!(
        statuses(service.ask(&By::Member(eve.clone()), ask, json!({"m": [ada]})).await),
        ["BlockedByYou"]
    );
    for (to, status) in [(&bob, 403), (&eve, 403), (&zoe, 403), (&"nobody".to_owned(), 404)] {
        assert_eq!(service.write(&by, to, "Hello").await.error().0, status, "{to}");
    }
    assert_eq!(service.write(&by, &service.running.owner_id, " ").await.error().0, 400);
    let setting = "mutation { updateMember(input: {settings: {privateMessaging: {privateMessagingEnabled: \
        false}}}) { settings { privateMessaging { privateMessagingEnabled } } } }";
    let reply = service.ask(&By::Member(bob.clone()), setting, json!({})).await;
    assert_eq!(reply.data("/updateMember/settings/privateMessaging/privateMessagingEnabled"), false);
    assert_eq!(service.write(&By::App, &bob, "Hello").await.error().0, 403);
    assert_eq!(service.count(SentKind::Message), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_walked_from_an_address_that_is_proven() {
    let service = service(2, "").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    let by = By::Member(ada);
    let chat = service.write(&by, &bob, "0").await.text("/sendMessageToMember/chatId");
    for n in 1..60 {
        service.write_to_chat(&by, &chat, &n.to_string()).await.data("/sendMessageToChat");
    }
    let last =
        format!("{{ chat(id: \"{chat}\") {{ lastMessage {{ messageId pageId addressSignature }} }} }}");
    let start = service.ask(&by, &last, json!({})).await.data("/chat/lastMessage");
    let mut page = service.messages(&by, &chat, &start, json!({"l": 25})).await.data("/messages");
    let mut seen = positions(&page);
    while page["pageInfo"]["hasNextPage"] == true {
        let query = "query($c: String!, $u: String!) { messagesByCursor(chatId: $c, cursor: $u, limit: \
            25) { data { pos } pageInfo { endCursor hasNextPage } } }";
        let variables = json!({"c": chat, "u": page["pageInfo"]["endCursor"]});
        page = service.ask(&by, query, variables).await.data("/messagesByCursor");
        seen.extend(positions(&page));
    }
    assert_eq!(seen, (0..60).rev().collect::<Vec<i64>>(), "all of them once, the newest first");
    let pages: Vec<Value> =
        service.running.messages(&chat).iter().map(|message| message["pageId"].clone()).collect();
    assert!(pages[0] == pages[49] && pages[49] != pages[50], "fifty messages to a page");
    let first = service.running.messages(&chat)[0].clone();
    let address = json!({
        "pageId": first["pageId"], "messageId": first["_id"], "addressSignature": first["addressSignature"],
    });
    for (start, more, expected) in [
        (&start, json!({"i": false, "l": 2}), vec![58, 57]),
        (&start, json!({"d": "After"}), vec![59]),
        (&start, json!({"d": "After", "i": false}), vec![]),
        (&address, json!({"d": "After", "l": 3}), vec![0, 1, 2]),
        (&address, json!({"d": "After", "l": 2, "i": false}), vec![1, 2]),
        (&address, json!({"i": false}), vec![]),
    ] {
        let page = service.messages(&by, &chat, start, more.clone()).await.data("/messages");
        assert_eq!(positions(&page), expected, "{more}");
    }
    for (more, status) in [
        (json!({"a": "0000"}), 400),
        (json!({"p": "elsewhere"}), 404),
        (json!({"m": "nothing"}), 404),
        (json!({"l": 0}), 400),
        (json!({"l": 101}), 400),
    ] {
        assert_eq!(service.messages(&by, &chat, &start, more.clone()).await.error().0, status, "{more}");
    }
    let stranger = By::Member(service.member("Eve").await);
    assert_eq!(service.messages(&stranger, &chat, &start, json!({})).await.error().0, 404);
    assert_eq!(service.in_group(&by, "purgeChat", &chat).await.data("/purgeChat/status"), "succeeded");
    assert_eq!(service.ask(&by, &last, json!({})).await.data("/chat/lastMessage"), Value::Null);
    assert_eq!(
        positions(&service.messages(&by, &chat, &start, json!({})).await.data("/messages")),
        Vec::<i64>::new()
    );
    let other = By::Member(bob);
    assert_eq!(
        positions(&service.messages(&other, &chat, &start, json!({})).await.data("/messages")).len(),
        10,
        "the other sees them still"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_chats_go_on_by_cursors_of_their_own() {
    let service = service(0, "").await;
    let ada = service.member("Ada").await;
    let by = By::Member(ada.clone());
    let mut chats = Vec::new();
    for n in 0..5 {
        let other = service.member(&format!("Other{n}")).await;
        service.clock.advance(Duration::from_secs(10));
        chats.insert(0, service.write(&by, &other, "Hello").await.text("/sendMessageToMember/chatId"));
    }
    let query = "query($l: Int!, $a: Boolean, $d: ChatDirection, $t: Int, $m: String) { chats(limit: $l, \
        archived: $a, direction: $d, timestamp: $t, messageId: $m) { data { _id lastMessage { messageId } \
        } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }";
    let ids = |list: &Value| -> Vec<String> {
        list["data"]
            .as_array()
            .expect("data")
            .iter()
            .map(|chat| chat["_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let first = service.ask(&by, query, json!({"l": 2})).await.data("/chats");
    assert_eq!(ids(&first), chats[..2], "the latest first");
    assert_eq!(
        (&first["pageInfo"]["hasNextPage"], &first["pageInfo"]["hasPreviousPage"]),
        (&json!(true), &json!(false))
    );
    let go_on = "query($c: String!) { chatsByCursor(cursor: $c, limit: 2) { data { _id } pageInfo { \
        startCursor endCursor hasNextPage hasPreviousPage } } }";
    let second =
        service.ask(&by, go_on, json!({"c": first["pageInfo"]["endCursor"]})).await.data("/chatsByCursor");
    assert_eq!(ids(&second), chats[2..4]);
    let back =
        service.ask(&by, go_on, json!({"c": second["pageInfo"]["startCursor"]})).await.data("/chatsByCursor");
    assert_eq!((ids(&back), &back["pageInfo"]["hasPreviousPage"]), (chats[..2].to_vec(), &json!(false)));
    let middle = (super::support::NOON / 1000) + 30;
    let of_second = first["data"][1]["lastMessage"]["messageId"].clone();
    for (variables, expected) in [
        (json!({"l": 5, "t": middle}), &chats[3..]),
        (json!({"l": 5, "t": middle, "d": "After"}), &chats[..3]),
        (json!({"l": 1, "d": "After"}), &chats[4..]),
        (json!({"l": 5, "m": of_second}), &chats[2..]),
        (json!({"l": 5, "a": true}), &chats[..0]),
    ] {
        assert_eq!(
            ids(&service.ask(&by, query, variables.clone()).await.data("/chats")),
            expected,
            "{variables}"
        );
    }
    assert_eq!(
        service.in_group(&by, "archiveChat", &chats[0]).await.data("/archiveChat/status"),
        "succeeded"
    );
    assert_eq!(ids(&service.ask(&by, query, json!({"l": 5, "a": true})).await.data("/chats")), chats[..1]);
    assert_eq!(ids(&service.ask(&by, query, json!({"l": 5})).await.data("/chats")), chats[1..]);
    assert_eq!(service.ask(&by, go_on, json!({"c": "nothing"})).await.error().0, 400);
    assert_eq!(service.ask(&by, query, json!({"l": 5, "m": "nothing"})).await.error().0, 404);
    let missing = service.ask(&by, "{ chats { data { _id } } }", json!({})).await;
    assert_eq!(missing.status, 400, "limit is required here, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_made_by_their_owner_and_left_by_anybody() {
    let service = service(0, "").await;
    let [ada, bob, eve] =
        [service.member("Ada").await, service.member("Bob").await, service.member("Eve").await];
    let (by_ada, by_bob) = (By::Member(ada), By::Member(bob.clone()));
    let make = "mutation($i: CreateGroupChatInput!) { createGroupChat(input: $i) { _id type name \
        participantCount currentParticipant { role } } }";
    let made = service
        .ask(&by_ada, make, json!({"i": {"name": "Walkers", "memberIds": [bob]}}))
        .await
        .data("/createGroupChat");
    assert_eq!(
        (&made["type"], &made["participantCount"], &made["currentParticipant"]["role"]),
        (&json!("Group"), &json!(2), &json!("Owner"))
    );
    let chat = made["_id"].as_str().expect("an id");
    for (input, status) in [
        (json!({"name": "", "memberIds": [bob]}), 400),
        (json!({"name": "X", "memberIds": []}), 400),
        (json!({"name": "X", "memberIds": ["nobody"]}), 404),
    ] {
        assert_eq!(service.ask(&by_ada, make, json!({"i": input})).await.error().0, status, "{input}");
    }
    let add = "mutation($c: String!, $i: AddMembersToGroupInput!) { addMembersToGroup(chatId: $c, input: \
        $i) { status } }";
    let eves = json!({"c": chat, "i": {"memberIds": [eve]}});
    assert_eq!(service.ask(&by_bob, add, eves.clone()).await.error().0, 403);
    assert_eq!(service.ask(&by_ada, add, eves).await.data("/addMembersToGroup/status"), "succeeded");
    let rename = "mutation($c: String!, $i: UpdateGroupChatInput!) { updateGroupChat(chatId: $c, input: \
        $i) { name participantCount } }";
    let renamed = service
        .ask(&by_ada, rename, json!({"c": chat, "i": {"name": "Runners"}}))
        .await
        .data("/updateGroupChat");
    assert_eq!(renamed, json!({"name": "Runners", "participantCount": 3}));
    service.write_to_chat(&by_bob, chat, "Hello all").await.data("/sendMessageToChat");
    assert_eq!(service.count(SentKind::Message), 2);
    assert_eq!(
        service.in_group(&by_bob, "leaveGroupChat", chat).await.data("/leaveGroupChat/status"),
        "succeeded"
    );
    assert_eq!(service.write_to_chat(&by_bob, chat, "Still here?").await.error().0, 404);
    assert_eq!(service.in_group(&by_bob, "leaveGroupChat", chat).await.error().0, 404);
}
