//! Reactions and tags.

use super::support::{By, Reply, Service, service};
use sandbox::bettermode::{Records, SentKind};
use serde_json::{Value, json};

impl Service {
    async fn react(&self, by: &By, post: &str, input: Value) -> Reply {
        let query =
            "mutation($p: ID!, $i: AddReactionInput!) { addReaction(postId: $p, input: $i) { status } }";
        self.ask(by, query, json!({"p": post, "i": input})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_are_given_for_oneself_or_by_an_admin_for_others() {
    let service = service(2, "").await;
    let (space, ada) = (service.space("Room").await, service.member("Ada").await);
    service.running.people().join_space(&ada, &space).expect("entered");
    let post = service.discussion(&space, "T").await;
    let by = By::Member(ada.clone());
    let status = |reply: Reply| reply.data("/addReaction/status");
    assert_eq!(
        status(service.react(&By::App, &post, json!({"reaction": "+1", "participantId": ada})).await),
        "succeeded"
    );
    assert_eq!(status(service.react(&by, &post, json!({"reaction": "+1"})).await), "failed", "not twice");
    assert_eq!(status(service.react(&by, &post, json!({"reaction": "heart"})).await), "succeeded");
    assert_eq!(
        service.running.reactions(&post),
        [("+1".to_owned(), ada.clone()), ("heart".to_owned(), ada.clone())]
    );
    assert_eq!(service.count(SentKind::ReactionNotice), 2);
    for (input, code) in [
        (json!({"reaction": "unheard-of"}), 400),
        (json!({"reaction": ""}), 400),
        (json!({"reaction": "+1", "participantId": service.running.owner_id}), 403),
    ] {
        assert_eq!(service.react(&by, &post, input.clone()).await.error().0, code, "{input}");
    }
    let nobody = json!({"reaction": "+1", "participantId": "nobody"});
    assert_eq!(service.react(&By::App, &post, nobody).await.error().0, 400);
    assert_eq!(service.react(&By::App, "nothing", json!({"reaction": "+1"})).await.error().0, 404);
    for (input, expected) in [
        (json!({"reaction": "agree"}), "succeeded"),
        (json!({"reaction": "disagree"}), "failed"),
        (json!({"reaction": "disagree", "overrideSingleChoiceReactions": true}), "succeeded"),
    ] {
        assert_eq!(status(service.react(&by, &post, input.clone()).await), expected, "{input}");
    }
    let read = service.read(&by, &post).await.data("/post");
    assert_eq!(read["reactionsCount"], 3);
    let first = &read["reactions"][0];
    assert_eq!(
        (&first["reaction"], &first["count"], &first["reacted"]),
        (&json!("+1"), &json!(1), &json!(true))
    );
    assert_eq!(first["participants"]["nodes"][0]["participant"]["id"], json!(ada));
    let query = format!(
        "{{ postReactionParticipants(postId: \"{post}\", reaction: \"heart\", limit: 5) {{ totalCount \
            nodes {{ participant {{ id }} reaction {{ reaction }} }} }} }}"
    );
    assert_eq!(service.app(&query).await.data("/postReactionParticipants/totalCount"), 1);
    let remove = format!(
        "mutation($m: String) {{ removeReaction(postId: \"{post}\", reaction: \"heart\", participantId: \
            $m) {{ status }} }}"
    );
    for expected in ["succeeded", "failed"] {
        let reply = service.ask(&By::App, &remove, json!({"m": ada})).await;
        assert_eq!(reply.data("/removeReaction/status"), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_made_once_and_by_name() {
    let service = service(0, "").await;
    let space = service.space("Room").await;
    let query = "mutation($i: CreateTagInput!) { createTag(input: $i) { id title slug description } }";
    let tag = service.ask(&By::App, query, json!({"i": {"title": "Deep Rest"}})).await;
    assert_eq!(tag.data("/createTag/slug"), "deep-rest");
    assert_eq!(service.ask(&By::App, query, json!({"i": {"title": "Deep rest"}})).await.error().0, 400);
    assert_eq!(service.ask(&By::App, query, json!({"i": {"title": ""}})).await.error().0, 400);
    let mut input = service.post_input(Some("T"), "<p>B</p>").await;
    (input["tagNames"], input["tagIds"]) = (json!(["DEEP REST", "Fresh"]), json!([]));
    let post = service.create_post(&By::App, &space, input).await.text("/createPost/id");
    let tags = service.read(&By::App, &post).await.data("/post/tags");
    assert_eq!(tags, json!([{"title": "Deep Rest"}, {"title": "Fresh"}]));
    let listed = service.app("{ tags(limit: 10, query: \"deep\") { totalCount nodes { title } } }").await;
    assert_eq!(listed.data("/tags/totalCount"), 1);
    assert_eq!(service.running.records(Records::Tags).len(), 2);
}
