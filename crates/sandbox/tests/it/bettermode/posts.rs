//! Posts and replies.

use super::support::{By, Reply, Service, service};
use sandbox::bettermode::{Records, SentKind};
use serde_json::{Value, json};

impl Service {
    pub async fn read(&self, by: &By, id: &str) -> Reply {
        let query = "query($id: ID!) { post(id: $id) { id status title isHidden repliesCount \
            totalRepliesCount reactionsCount mappingFields { key value } fields { key value } textContent \
            publishedAt updatedAt ownerId locked tags { title } reactions { reaction count reacted \
            participants(limit: 5) { nodes { participant { id } } } } } }";
        self.ask(by, query, json!({"id": id})).await
    }

    async fn edit(&self, by: &By, id: &str, input: Value) -> Reply {
        let query = "mutation($id: ID!, $i: UpdatePostInput!) { updatePost(id: $id, input: $i) { id \
            status title mappingFields { key value } updatedAt locked } }";
        self.ask(by, query, json!({"id": id, "i": input})).await
    }

    async fn do_to(&self, by: &By, field: &str, argument: &str, id: &str) -> Reply {
        self.ask(by, &format!("mutation {{ {field}({argument}: \"{id}\") {{ status }} }}"), json!({})).await
    }
}

fn with(input: &Value, key: &str, value: Value) -> Value {
    let mut input = input.clone();
    input[key] = value;
    input
}

fn fields(list: &[(&str, &str, &str)]) -> Value {
    list.iter().map(|(key, kind, value)| json!({"key": key, "type": kind, "value": value})).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn post_types_say_what_a_post_needs_and_what_may_answer_it() {
    let service = service(0, "").await;
    let query = "query($c: PostTypeContext) { postTypes(limit: 10, context: $c) { nodes { name context \
        mappings { key type required isMainContent } validReplyTypes { name } } } }";
    let types = service.ask(&By::App, query, json!({})).await.data("/postTypes/nodes");
    let named = |name: &str| {
        types.as_array().expect("nodes").iter().find(|kind| kind["name"] == name).expect("a type").clone()
    };
    let title = json!({"key": "title", "type": "text", "required": true, "isMainContent": false});
    let content = json!({"key": "content", "type": "html", "required": true, "isMainContent": true});
    assert_eq!(named("Discussion")["mappings"], json!([title, content]));
    assert_eq!(named("Comment")["mappings"], json!([content]));
    assert_eq!(named("Discussion")["validReplyTypes"], json!([{"name": "Comment"}]));
    assert_eq!(named("Comment")["context"], "reply");
    let replies = service.ask(&By::App, query, json!({"c": "reply"})).await.data("/postTypes/nodes");
    assert!(replies.as_array().expect("nodes").iter().all(|kind| kind["context"] == "reply"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_publish_is_a_draft() {
    let service = service(2, "").await;
    let space = service.space("Room").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    for member in [&ada, &bob] {
        service.running.people().join_space(member, &space).expect("entered");
    }
    let mut input = service.post_input(Some("Draft"), "<p>B</p>").await;
    input.as_object_mut().expect("an object").remove("publish");
    input["ownerId"] = json!(ada);
    let made = service.create_post(&By::App, &space, input).await.data("/createPost");
    assert_eq!((&made["status"], &made["publishedAt"]), (&json!("DRAFT"), &Value::Null));
    assert_eq!(service.count(SentKind::PostNotice), 0, "nobody hears of a draft");
    let id = made["id"].as_str().expect("an id");
    let seen = "{ posts(limit: 10, orderBy: createdAt) { nodes { id } } }";
    assert!(!service.app(seen).await.text.contains(id), "lists show what is published");
    let drafts = "{ posts(limit: 10, filterBy: [{key: status, operator: equals, value: \
        \"\\\"DRAFT\\\"\"}]) { nodes { id } } }";
    assert!(service.app(drafts).await.text.contains(id));
    for (by, status) in [(By::App, 200), (By::Member(ada.clone()), 200), (By::Member(bob), 404)] {
        let reply = service.read(&by, id).await;
        let status_seen = if reply.json().get("errors").is_some() { reply.error().0 } else { 200 };
        assert_eq!(status_seen, status, "{by:?}");
    }
    let reply = service.create_reply(&By::App, id, service.post_input(None, "<p>R</p>").await).await;
    assert_eq!(reply.error().0, 403, "a draft cannot be answered");
    let publish = format!("mutation {{ publishPost(postId: \"{id}\") {{ status publishedAt }} }}");
    let reply = service.ask(&By::Member(ada), &publish, json!({})).await;
    assert_eq!(
        reply.data("/publishPost"),
        json!({"status": "PUBLISHED", "publishedAt": "2026-03-01T12:00:00.000Z"})
    );
    assert_eq!(service.count(SentKind::PostNotice), 2, "the other two in the space");
    assert_eq!(service.app(&publish).await.error().0, 400, "a published post is no draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_can_be_for_later() {
    let service = service(0, "").await;
    let space = service.space("Room").await;
    let mut input = service.post_input(Some("Later"), "<p>B</p>").await;
    (input["publish"], input["scheduledFor"]) = (json!(false), json!("2026-04-01T00:00:00Z"));
    let query = "mutation($s: ID!, $i: CreateDraftPostInput!) { createDraftPost(spaceId: $s, input: $i) { \
        status scheduledFor } }";
    let made = service.ask(&By::App, query, json!({"s": space, "i": input})).await.data("/createDraftPost");
    assert_eq!(made, json!({"status": "DRAFT", "scheduledFor": "2026-04-01T00:00:00.000Z"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_post_keeps_owner_dates_and_external_id() {
    let service = service(2, "").await;
    let (space, ada) = (service.space("Room").await, service.member("Ada").await);
    let mut input = service.post_input(Some("Old news"), "<p>Then &amp; now</p>").await;
    for (key, value) in [
        ("ownerId", json!(ada)),
        ("createdAt", json!("2021-01-01T00:00:00Z")),
        ("publishedAt", json!("2021-01-02T00:00:00+01:00")),
        ("externalId", json!("src-42")),
    ] {
        input[key] = value;
    }
    let made = service.create_post(&By::App, &space, input).await.data("/createPost");
    for (key, value) in [
        ("status", json!("PUBLISHED")),
        ("ownerId", json!(ada)),
        ("createdById", json!(service.running.bot_id)),
        ("createdAt", json!("2021-01-01T00:00:00.000Z")),
        ("publishedAt", json!("2021-01-01T23:00:00.000Z")),
        ("externalId", json!("src-42")),
        ("title", json!("Old news")),
        ("slug", json!("old-news")),
    ] {
        assert_eq!(made[key], value, "{key}");
    }
    let content = json!({"key": "content", "type": "html", "value": "\"<p>Then &amp; now</p>\""});
    assert!(
        made["mappingFields"].as_array().expect("fields").contains(&content),
        "values come back as they were sent"
    );
    let read = service.read(&By::App, made["id"].as_str().expect("an id")).await;
    assert_eq!(read.data("/post/textContent"), "Then & now");
    let member = By::Member(ada.clone());
    let plain = service.post_input(Some("Mine"), "<p>B</p>").await;
    service.create_post(&member, &space, plain.clone()).await.error();
    service.running.people().join_space(&ada, &space).expect("entered");
    assert_eq!(
        service.create_post(&member, &space, plain.clone()).await.data("/createPost/status"),
        "PUBLISHED"
    );
    for (key, value) in [
        ("createdAt", json!("2021-01-01T00:00:00Z")),
        ("ownerId", json!(service.running.owner_id)),
        ("externalId", json!("x")),
    ] {
        let reply = service.create_post(&member, &space, with(&plain, key, value)).await;
        assert_eq!(reply.error().0, 403, "{key} is not for members");
    }
    let stranger = By::Member(service.member("Eve").await);
    assert_eq!(
        service.create_post(&stranger, &space, plain).await.error().0,
        403,
        "nor is a space for who is not in it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_a_post_are_checked_against_its_type() {
    let service = service(0, "").await;
    let space = service.space("Room").await;
    let input = service.post_input(Some("T"), "<p>B</p>").await;
    let title = ("title", "text", "\"T\"");
    let content = ("content", "html", "\"<p>B</p>\"");
    let (comment, answer) = (service.post_type("Comment").await, service.post_type("Answer").await);
    for (wrong, field) in [
        (with(&input, "mappingFields", fields(&[title])), "mappingFields.content"),
        (with(&input, "mappingFields", fields(&[content])), "mappingFields.title"),
        (with(&input, "mappingFields", fields(&[title, content, title])), "mappingFields.title"),
        (
            with(&input, "mappingFields", fields(&[title, content, ("color", "text", "\"red\"")])),
            "mappingFields.color",
        ),
        (
            with(&input, "mappingFields", fields(&[("title", "html", "\"T\""), content])),
            "mappingFields.title",
        ),
        (with(&input, "mappingFields", fields(&[("title", "text", "T"), content])), "mappingFields.title"),
        (with(&input, "mappingFields", fields(&[("title", "text", "7"), content])), "mappingFields.title"),
        (with(&input, "mappingFields", fields(&[("title", "text", "\"\""), content])), "mappingFields.title"),
        (
            with(&input, "mappingFields", fields(&[title, ("content", "html", "\"<p> </p>\"")])),
            "mappingFields.content",
        ),
        (
            with(&input, "mappingFields", fields(&[title, ("content", "html", "<p>B</p>")])),
            "mappingFields.content",
        ),
        (with(&input, "postTypeId", json!("nothing")), "postTypeId"),
        (with(&input, "postTypeId", json!(comment)), "postTypeId"),
        (with(&input, "ownerId", json!("nobody")), "ownerId"),
        (with(&input, "tagIds", json!(["nothing"])), "tagIds"),
    ] {
        let reply = service.create_post(&By::App, &space, wrong.clone()).await;
        assert_eq!(reply.error().0, 400, "{wrong}: {}", reply.text);
        assert_eq!(reply.json()["errors"][0]["errors"][0]["field"], field, "{wrong}");
    }
    assert_eq!(service.running.records(Records::Posts).len(), 0, "a refused post is not there");
    assert_eq!(service.create_post(&By::App, "nowhere", input.clone()).await.error().0, 404);
    let page = "mutation { createSpace(input: {name: \"Page\", type: Page}) { id } }";
    let page = service.app(page).await.text("/createSpace/id");
    assert_eq!(
        service.create_post(&By::App, &page, input.clone()).await.error().0,
        400,
        "a page holds no posts"
    );

    let post = service.discussion(&space, "T").await;
    let reply = service.post_input(None, "<p>R</p>").await;
    for (wrong, why) in [
        (with(&reply, "postTypeId", json!(answer)), "an answer to a discussion"),
        (input, "a discussion as a reply"),
    ] {
        assert_eq!(service.create_reply(&By::App, &post, wrong).await.error().0, 400, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_hang_from_posts_and_replies_and_are_counted() {
    let service = service(2, "").await;
    let (space, ada) = (service.space("Room").await, service.member("Ada").await);
    let input = service.post_input(Some("T"), "<p>B</p>").await;
    let post = service
        .create_post(&By::App, &space, with(&input, "ownerId", json!(ada)))
        .await
        .text("/createPost/id");
    let reply = service.post_input(None, "<p>R</p>").await;
    let first = service.create_reply(&By::App, &post, reply.clone()).await;
    let one = first.text("/createReply/id");
    assert_eq!(first.data("/createReply/repliedToIds"), json!([post]));
    let second = service.create_reply(&By::App, &one, reply.clone()).await;
    assert_eq!(second.data("/createReply/repliedToIds"), json!([one, post]));
    assert_eq!(
        service.count(SentKind::ReplyNotice),
        1,
        "Ada hears of the first; the second answers the app itself"
    );
    let read = service.read(&By::App, &post).await.data("/post");
    assert_eq!((&read["repliesCount"], &read["totalRepliesCount"]), (&json!(1), &json!(2)));
    let query = "query($p: ID!) { replies(postId: $p, limit: 10, orderBy: createdAt) { nodes { id \
        repliedTo { id } replies(limit: 5) { totalCount nodes { id } } } } posts(limit: 100) { nodes { id \
        } } }";
    let listed = service.ask(&By::App, query, json!({"p": post})).await;
    assert_eq!(listed.data("/replies/nodes/0/replies/totalCount"), 1);
    assert!(!listed.data("/posts").to_string().contains(&one), "a reply is in no list of posts");
    let member =
        format!("{{ memberPosts(memberId: \"{ada}\", limit: 5, hasParent: true) {{ totalCount }} }}");
    assert_eq!(service.app(&member).await.data("/memberPosts/totalCount"), 0);
    let locked = service.edit(&By::App, &post, json!({"locked": true, "publish": true})).await;
    assert_eq!(locked.data("/updatePost/locked"), true);
    service.running.people().join_space(&ada, &space).expect("entered");
    assert_eq!(service.create_reply(&By::Member(ada), &post, reply.clone()).await.error().0, 403);
    assert_eq!(
        service.create_reply(&By::App, "nothing", reply).await.error(),
        (404, "Post not found".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_without_publish_unpublishes_unless_the_scenario_says_otherwise() {
    for (scenario, input, after) in [
        ("", json!({}), "DRAFT"),
        ("", json!({"publish": true}), "PUBLISHED"),
        ("[posts]\nedit_unpublishes = false", json!({}), "PUBLISHED"),
        ("[schema]\nupdate_publishes = true", json!({}), "PUBLISHED"),
        ("[schema]\nupdate_publishes = true", json!({"publish": false}), "DRAFT"),
    ] {
        let service = service(0, scenario).await;
        let space = service.space("Room").await;
        let post = service.discussion(&space, "T").await;
        let edit = with(&input, "mappingFields", fields(&[("title", "text", "\"New\"")]));
        let edited = service.edit(&By::App, &post, edit).await.data("/updatePost");
        assert_eq!(
            (&edited["status"], &edited["title"]),
            (&json!(after), &json!("New")),
            "{scenario} {input}"
        );
        assert_eq!(edited["mappingFields"].as_array().map(Vec::len), Some(2), "the content stays");
        let empty = json!({"publish": true, "mappingFields": fields(&[("title", "text", "\"\"")])});
        assert_eq!(service.edit(&By::App, &post, empty).await.error().0, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_hidden_moved_deleted_and_brought_back() {
    let service = service(0, "").await;
    let (space, other) = (service.space("Room").await, service.space("Other").await);
    let post = service.discussion(&space, "T").await;
    let reply = service.post_input(None, "<p>R</p>").await;
    let [one, two] = [
        service.create_reply(&By::App, &post, reply.clone()).await.text("/createReply/id"),
        service.create_reply(&By::App, &post, reply).await.text("/createReply/id"),
    ];
    let ada = By::Member(service.member("Ada").await);
    for (field, status, seen) in
        [("hidePost", "succeeded", 404), ("hidePost", "failed", 404), ("unhidePost", "succeeded", 0)]
    {
        assert_eq!(
            service.do_to(&By::App, field, "id", &post).await.data(&format!("/{field}/status")),
            status
        );
        assert_eq!(service.read(&ada, &post).await.error().0, seen, "{field}");
    }
    let moved = format!("mutation {{ movePost(id: \"{post}\", spaceId: \"{other}\") {{ spaceId }} }}");
    assert_eq!(service.app(&moved).await.text("/movePost/spaceId"), other);
    let spaces: Vec<Value> =
        service.running.records(Records::Posts).into_iter().map(|post| post["spaceId"].clone()).collect();
    assert!(spaces.iter().all(|id| *id == json!(other)), "replies move along");
    assert_eq!(service.do_to(&ada, "deletePost", "id", &post).await.error().0, 403);
    assert_eq!(
        service.do_to(&By::App, "deletePost", "id", &one).await.data("/deletePost/status"),
        "succeeded"
    );
    assert_eq!(
        service.do_to(&By::App, "deletePost", "id", &post).await.data("/deletePost/status"),
        "succeeded"
    );
    for id in [&post, &one, &two] {
        assert_eq!(service.read(&By::App, id).await.error(), (404, "Post not found".to_owned()));
        assert_eq!(service.do_to(&By::App, "deletePost", "id", id).await.error().0, 404);
    }
    let undo =
        |ids: &[&String]| format!("mutation {{ undoPostsDeletion(postIds: {}) {{ status }} }}", json!(ids));
    for (ids, status) in [(vec![&two], "failed"), (vec![&post], "succeeded"), (vec![&post], "failed")] {
        assert_eq!(service.app(&undo(&ids)).await.data("/undoPostsDeletion/status"), status, "{ids:?}");
    }
    assert_eq!(
        service.read(&By::App, &two).await.data("/post/status"),
        "PUBLISHED",
        "what went with it came back"
    );
    assert_eq!(service.read(&By::App, &one).await.error().0, 404, "what went before did not");
    assert_eq!(service.app(&undo(&[&one])).await.data("/undoPostsDeletion/status"), "succeeded");
    assert_eq!(service.app(&undo(&[&"nothing".to_owned()])).await.error().0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn html_comes_back_as_sent_or_with_the_same_meaning() {
    let html = "<p class='b' align=\"left\">One<br><img src=\"x\" alt='a &quot;b&quot;'></p>";
    for (scenario, expected) in [
        ("", html),
        (
            "[posts]\nrewrite_html = true",
            "<p align=\"left\" class=\"b\">One<br /><img alt=\"a &quot;b&quot;\" src=\"x\" /></p>",
        ),
    ] {
        let service = service(0, scenario).await;
        let space = service.space("Room").await;
        let input = service.post_input(Some("T"), html).await;
        let made = service.create_post(&By::App, &space, input).await.data("/createPost/mappingFields");
        let content =
            made.as_array().expect("fields").iter().find(|f| f["key"] == "content").expect("a field").clone();
        assert_eq!(content["value"], json!(expected).to_string(), "{scenario}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_posts_are_filtered_and_ordered() {
    let service = service(40, "").await;
    let query = "query($s: [ID!], $t: [String!], $f: [PostListFilterByInput!], $o: PostListOrderByEnum, \
        $os: String, $r: Boolean, $q: String) { posts(limit: 100, spaceIds: $s, postTypeIds: $t, \
        filterBy: $f, orderBy: $o, orderByString: $os, reverse: $r, query: $q) { totalCount nodes { id \
        createdAt totalRepliesCount spaceId } } }";
    let all = service.ask(&By::App, query, json!({"o": "createdAt"})).await.data("/posts/nodes");
    let all = all.as_array().expect("nodes").clone();
    let dates: Vec<&str> = all.iter().filter_map(|post| post["createdAt"].as_str()).collect();
    assert!(all.len() == 20 && dates.is_sorted());
    let space = all[0]["spaceId"].clone();
    let in_space = all.iter().filter(|post| post["spaceId"] == space).count();
    let comment = service.post_type("Comment").await;
    for (variables, count) in [
        (json!({"s": [space]}), in_space),
        (json!({"t": [comment]}), 0),
        (json!({"q": "(7)"}), 1),
        (json!({"f": [{"key": "createdAt", "operator": "gte", "value": json!(dates[15]).to_string()}]}), 5),
        (json!({"f": [{"keyString": "externalId", "operator": "hasValue", "value": "true"}]}), 0),
    ] {
        let reply = service.ask(&By::App, query, variables.clone()).await;
        assert_eq!(reply.data("/posts/totalCount"), count, "{variables}");
    }
    let busy = service
        .ask(&By::App, query, json!({"os": "totalRepliesCount", "r": true}))
        .await
        .data("/posts/nodes");
    let counts: Vec<i64> =
        busy.as_array().expect("nodes").iter().filter_map(|p| p["totalRepliesCount"].as_i64()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b) && counts[0] > 0);
    for (variables, status) in [
        (json!({"os": "shoeSize"}), 400),
        (json!({"s": ["nowhere"]}), 404),
        (json!({"f": [{"value": "1"}]}), 400),
        (json!({"f": [{"keyString": "shoeSize", "value": "1"}]}), 400),
        (json!({"f": [{"key": "createdAt", "operator": "gte", "value": "2024-01-01"}]}), 400),
    ] {
        assert_eq!(service.ask(&By::App, query, variables.clone()).await.error().0, status, "{variables}");
    }
    let ids = json!({"ids": [all[0]["id"], "nothing", all[1]["id"]]});
    let reply = service.ask(&By::App, "query($ids: [ID!]!) { postsByIds(ids: $ids) { id } }", ids).await;
    assert_eq!(reply.data("/postsByIds").as_array().map(Vec::len), Some(2));
}
