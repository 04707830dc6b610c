//! Collections, spaces and who is in them.

use super::support::{By, Reply, Service, service};
use sandbox::bettermode::{Records, SentKind};
use serde_json::{Value, json};

const SPACE: &str = "{ id name slug type private hidden inviteOnly externalId createdAt updatedAt \
    createdById groupId collection { id name } membersCount address { path exact } whoCanPost roles { id \
    type } }";

impl Service {
    async fn create_space(&self, by: &By, input: Value) -> Reply {
        let query = format!("mutation($i: CreateSpaceInput!) {{ createSpace(input: $i) {SPACE} }}");
        self.ask(by, &query, json!({"i": input})).await
    }

    async fn status(&self, by: &By, field: &str, arguments: &str) -> Reply {
        self.ask(by, &format!("mutation {{ {field}({arguments}) {{ status }} }}"), json!({})).await
    }

    async fn add(&self, by: &By, space: &str, members: &[&str]) -> Reply {
        let query = "mutation($s: ID!, $i: [AddSpaceMemberInput!]!) { addSpaceMembers(spaceId: $s, input: \
            $i) { member { id } role { type } space { id } } }";
        let input: Vec<Value> = members.iter().map(|id| json!({"memberId": id})).collect();
        self.ask(by, query, json!({"s": space, "i": input})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_are_made_listed_and_deleted_without_their_spaces() {
    let service = service(0, "").await;
    let query = "mutation($i: CreateCollectionInput!) { createCollection(input: $i) { id slug externalId \
        createdAt } }";
    let input = json!({"name": "Inner Work", "externalId": "g-1", "createdAt": "2022-01-01T00:00:00Z"});
    let made = service.ask(&By::App, query, json!({"i": input})).await.data("/createCollection");
    assert_eq!((&made["slug"], &made["externalId"]), (&json!("inner-work"), &json!("g-1")));
    assert_eq!(made["createdAt"], "2022-01-01T00:00:00.000Z");
    let id = made["id"].as_str().expect("an id");
    let space = service.create_space(&By::App, json!({"name": "S", "collectionId": id})).await;
    assert_eq!(space.data("/createSpace/collection/name"), "Inner Work");
    let listed = "{ collections(orderBy: CREATED_AT, reverse: true) { id spaces(limit: 5) { totalCount } \
        } }";
    assert_eq!(service.app(listed).await.data("/collections/0/spaces/totalCount"), 1);
    assert_eq!(service.ask(&By::App, query, json!({"i": {"name": " "}})).await.error().0, 400);
    let delete = format!("id: \"{id}\"");
    assert_eq!(
        service.status(&By::App, "deleteCollection", &delete).await.data("/deleteCollection/status"),
        "succeeded"
    );
    assert_eq!(service.status(&By::App, "deleteCollection", &delete).await.error().0, 404);
    let left = service.running.records(Records::Spaces)[0].clone();
    assert_eq!(left["groupId"], Value::Null);
    let member = By::Member(service.member("Ada").await);
    assert_eq!(service.ask(&member, query, json!({"i": {"name": "Mine"}})).await.error().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_has_what_it_was_made_with() {
    let service = service(2, "").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    let input = json!({
        "name": "Deep Rest", "type": "Broadcast", "private": true, "inviteOnly": true, "externalId": "s-1",
        "createdAt": "2022-01-01T00:00:00Z", "adminIds": [ada], "memberIds": [bob],
        "address": {"path": "rest", "exact": true},
    });
    let space = service.create_space(&By::App, input).await.data("/createSpace");
    for (key, value) in [
        ("slug", json!("deep-rest")),
        ("type", json!("Broadcast")),
        ("private", json!(true)),
        ("hidden", json!(false)),
        ("externalId", json!("s-1")),
        ("createdAt", json!("2022-01-01T00:00:00.000Z")),
        ("updatedAt", json!("2022-01-01T00:00:00.000Z")),
        ("createdById", json!(service.running.bot_id)),
        ("membersCount", json!(3)),
        ("address", json!({"path": "rest", "exact": true})),
    ] {
        assert_eq!(space[key], value, "{key}");
    }
    let admin = space["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .find(|role| role["type"] == "admin")
        .expect("a role");
    assert_eq!(space["whoCanPost"], json!([admin["id"]]), "in a broadcast admins speak");
    assert_eq!(service.running.sent().get(&SentKind::SpaceNotice), Some(&2));
    let id = space["id"].as_str().expect("an id");
    for argument in [format!("id: \"{id}\""), "slug: \"deep-rest\"".into(), "path: \"/rest\"".into()] {
        let reply = service.app(&format!("{{ space({argument}) {{ id }} }}")).await;
        assert_eq!(reply.text("/space/id"), id, "{argument}");
    }
    assert_eq!(service.app("{ space { id } }").await.error().0, 400);
    assert_eq!(service.app("{ space(id: \"x\") { id } }").await.error(), (404, "Space not found".to_owned()));
    let stranger = By::Member(service.member("Eve").await);
    let query = format!("{{ space(id: \"{id}\") {{ id }} }}");
    assert_eq!(
        service.ask(&stranger, &query, json!({})).await.error().0,
        404,
        "a private space shows itself to nobody else"
    );
    let spaces = "{ spaces(limit: 100) { nodes { id } } }";
    assert!(!service.ask(&stranger, spaces, json!({})).await.text.contains(id));
    for (input, status) in [
        (json!({"name": ""}), 400),
        (json!({"name": "X", "slug": "deep-rest"}), 400),
        (json!({"name": "X", "address": {"path": "rest", "exact": false}}), 400),
        (json!({"name": "X", "collectionId": "nothing"}), 400),
        (json!({"name": "X", "memberIds": ["nobody"]}), 404),
        (json!({"name": "X", "imageId": "nothing"}), 404),
    ] {
        assert_eq!(service.create_space(&By::App, input.clone()).await.error().0, status, "{input}");
    }
    assert_eq!(
        service.create_space(&By::App, json!({"name": "Deep rest!"})).await.data("/createSpace/slug"),
        "deep-rest-2"
    );
    assert_eq!(service.create_space(&stranger, json!({"name": "Mine"})).await.error().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_enter_and_leave_spaces() {
    let service = service(2, "").await;
    let (ada, bob, eve) =
        (service.member("Ada").await, service.member("Bob").await, service.member("Eve").await);
    let space = service.space("Room").await;
    let added = service.add(&By::App, &space, &[&ada, &bob]).await;
    assert_eq!(
        added.data("/addSpaceMembers/0"),
        json!({"member": {"id": ada}, "role": {"type": "member"}, "space": {"id": space}})
    );
    assert_eq!(service.add(&By::App, &space, &[&eve, &ada]).await.error().0, 400, "one of them is there");
    assert_eq!(service.running.space_members(&space).len(), 3, "a refused call adds nobody");
    assert_eq!(service.add(&By::App, &space, &["nobody"]).await.error().0, 404);
    assert_eq!(service.add(&By::Member(eve.clone()), &space, &[&eve]).await.error().0, 403);
    let here = format!("spaceId: \"{space}\"");
    let by_eve = By::Member(eve.clone());
    for (field, status) in [
        ("joinSpace", "succeeded"),
        ("joinSpace", "failed"),
        ("leaveSpace", "succeeded"),
        ("leaveSpace", "failed"),
    ] {
        let reply = service.status(&by_eve, field, &here).await;
        assert_eq!(reply.data(&format!("/{field}/status")), status, "{field}");
    }
    let gone = format!("{here}, memberIds: [\"{ada}\", \"{eve}\"]");
    let reply = service.status(&By::App, "removeSpaceMembers", &gone).await;
    assert_eq!(reply.data("/removeSpaceMembers"), json!([{"status": "succeeded"}, {"status": "failed"}]));
    let query = format!(
        "{{ spaceMembers(spaceId: \"{space}\", limit: 10) {{ totalCount nodes {{ member {{ id }} role {{ \
            type }} }} }} memberSpaces(memberId: \"{bob}\", limit: 10) {{ nodes {{ space {{ id }} }} }} }}"
    );
    let reply = service.app(&query).await;
    assert_eq!(reply.data("/spaceMembers/totalCount"), 2);
    assert_eq!(reply.data("/memberSpaces/nodes/0/space/id"), json!(space));
    service.running.people().delete_member(&bob).expect("a deletion");
    assert_eq!(
        service
            .app(&query.replace(&format!("memberId: \"{bob}\""), &format!("memberId: \"{eve}\"")))
            .await
            .data("/spaceMembers/totalCount"),
        1
    );

    let closed = service
        .create_space(&By::App, json!({"name": "Closed", "inviteOnly": true}))
        .await
        .text("/createSpace/id");
    let reply = service.status(&by_eve, "joinSpace", &format!("spaceId: \"{closed}\"")).await;
    assert_eq!(reply.error().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_space_takes_its_posts_and_events_along() {
    let service = service(20, "").await;
    let event = service.running.records(Records::Events)[0].clone();
    let space = event["spaceId"].as_str().expect("an id").to_owned();
    let post = service.discussion(&space, "Here").await;
    let id = format!("id: \"{space}\"");
    assert_eq!(service.status(&By::App, "deleteSpace", &id).await.data("/deleteSpace/status"), "succeeded");
    for query in [
        format!("{{ space({id}) {{ id }} }}"),
        format!("{{ post(id: \"{post}\") {{ id }} }}"),
        format!("{{ event(id: {}) {{ id }} }}", event["id"]),
    ] {
        assert_eq!(service.app(&query).await.error().0, 404, "{query}");
    }
    assert_eq!(service.status(&By::App, "deleteSpace", &id).await.error().0, 404);
    let undo = format!("postIds: [\"{post}\"]");
    let reply = service.status(&By::App, "undoPostsDeletion", &undo).await;
    assert_eq!(reply.data("/undoPostsDeletion/status"), "failed", "there is no space to come back to");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_spaces_are_filtered_and_ordered() {
    let service = service(60, "").await;
    let query = "query($t: [SpaceType!], $c: String, $m: ID, $q: String, $f: [EntityListFilterByInput!], \
        $o: SpaceListOrderByEnum) { spaces(limit: 100, type: $t, collectionId: $c, memberId: $m, query: \
        $q, filterBy: $f, orderBy: $o) { totalCount nodes { id name createdAt collection { id } } } }";
    service
        .create_space(&By::App, json!({"name": "Page", "type": "Page", "hidden": true}))
        .await
        .data("/createSpace");
    let all = service.ask(&By::App, query, json!({})).await.data("/spaces/nodes");
    let collection = all
        .as_array()
        .expect("nodes")
        .iter()
        .find(|s| s["name"] == "Circle 1")
        .expect("a space")["collection"]["id"]
        .clone();
    for (variables, count) in [
        (json!({}), 6),
        (json!({"t": ["Page"]}), 1),
        (json!({"t": ["Group", "Broadcast"]}), 5),
        (json!({"c": collection}), 1),
        (json!({"m": service.running.owner_id}), 5),
        (json!({"q": "START"}), 1),
        (json!({"f": [{"key": "name", "operator": "equals", "value": "\"Page\""}]}), 1),
        (json!({"f": [{"key": "hidden", "operator": "equals", "value": "true"}]}), 1),
    ] {
        let reply = service.ask(&By::App, query, variables.clone()).await;
        assert_eq!(reply.data("/spaces/totalCount"), count, "{variables}");
    }
    let member = By::Member(service.member("Ada").await);
    assert_eq!(
        service.ask(&member, query, json!({})).await.data("/spaces/totalCount"),
        5,
        "hidden ones are for admins"
    );
    let ordered = service.ask(&By::App, query, json!({"o": "CREATED_AT"})).await.data("/spaces/nodes");
    let dates: Vec<&str> =
        ordered.as_array().expect("nodes").iter().filter_map(|n| n["createdAt"].as_str()).collect();
    assert!(dates.is_sorted());
}
