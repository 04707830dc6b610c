//! Each call: what is sent, and what is made of the answer. Whatever is sent is checked against the schema,
//! its variables too.

use crate::queries::{check_variables, operation};
use crate::rig::client;
use crate::stub::{Act, Request, Stub};
use base::Secret;
use connector_bettermode::types::{
    EventUpdate, Invitee, JsonText, MappingField, MemberField, MemberUpdate, Moment, NewCollection, NewEvent,
    NewMember, NewPost, NewSpace, NewSpaceMember, NotificationSettings, PostUpdate, SpaceType,
    VirtualLocation,
};
use connector_bettermode::{Client, Error, MemberFilter};
use serde_json::{Value, json};

/// Runs a call against a service that answers every operation with this data; what was sent, and what came.
pub async fn sent<T>(
    data: Value,
    call: impl AsyncFnOnce(Client) -> Result<T, Error>,
) -> (Vec<Request>, Result<T, Error>) {
    let stub = Stub::start(move |_| Act::Data(data.clone())).await;
    let result = call(client(&stub)).await;
    let requests = stub.requests();
    for request in &requests {
        check_variables(request);
    }
    (requests, result)
}

/// The same for a call of one request that works: its operation and variables.
pub async fn one<T>(data: Value, call: impl AsyncFnOnce(Client) -> Result<T, Error>) -> (String, Value, T) {
    let (mut requests, result) = sent(data, call).await;
    assert_eq!(requests.len(), 1);
    let request = requests.remove(0);
    assert_eq!(request.query, operation(&request.operation).document());
    (request.operation, request.variables, result.expect("it works"))
}

fn page(root: &str, nodes: Value) -> Value {
    let count = nodes.as_array().map_or(0, Vec::len);
    let mut page =
        json!({root: {"totalCount": count, "pageInfo": {"endCursor": null, "hasNextPage": false}}});
    page[root]["nodes"] = nodes;
    page
}

fn done(root: &str) -> Value {
    json!({root: {"status": "succeeded"}})
}

#[tokio::test]
async fn members_are_read_by_each_of_their_names() {
    let ada = || json!({"member": {"id": "m1", "email": "ada@example.test", "status": "VERIFIED"}});
    let (name, variables, found) = one(ada(), async |c| c.get_member("m1").await).await;
    assert_eq!((name.as_str(), variables), ("Member", json!({"id": "m1"})));
    assert_eq!(found.expect("a member").email.as_deref(), Some("ada@example.test"));
    let (_, variables, _) = one(ada(), async |c| c.get_member_by_external_id("src-1").await).await;
    assert_eq!(variables, json!({"externalId": "src-1"}));

    let two = json!({"membersByIds": [{"id": "m1"}, {"id": "m2"}]});
    let ids: Vec<String> = (0..51).map(|n| format!("m{n}")).collect();
    let (requests, found) = sent(two, async |c| c.members_by_ids(&ids).await).await;
    assert_eq!(found.expect("members").len(), 4);
    let counts: Vec<Option<usize>> =
        requests.iter().map(|request| request.variables["ids"].as_array().map(Vec::len)).collect();
    assert_eq!(counts, [Some(50), Some(1)]);
}

#[tokio::test]
async fn a_member_is_found_by_address_only_if_it_is_that_address() {
    let nodes = |emails: &[&str]| {
        let nodes: Vec<Value> = emails
            .iter()
            .enumerate()
            .map(|(n, email)| json!({"id": format!("m{n}"), "email": email}))
            .collect();
        page("members", json!(nodes))
    };
    for (asked, there, expected, requests) in [
        ("ada@example.test", nodes(&["ada@example.test"]), Ok(Some("m0")), 1),
        (" Ada@Example.test ", nodes(&["bob@example.test", "aDA@example.TEST"]), Ok(Some("m1")), 1),
        // A filter that is dropped without a word shows everybody.
        ("ada@example.test", nodes(&["bob@example.test", "ada@example.test.evil"]), Ok(None), 1),
        ("Ada@example.test", nodes(&["bob@example.test"]), Ok(None), 2),
        ("ada@example.test", nodes(&[]), Ok(None), 1),
        ("ada@example.test", nodes(&["ada@example.test", "ADA@example.test"]), Err(2), 1),
        ("zoe@example.test", nodes(&["x@example.test"; 101]), Err(0), 1),
        ("ÄDA@example.test", nodes(&["äda@example.test"]), Ok(Some("m0")), 1),
    ] {
        let (sent, found) = sent(there, async |c| c.get_member_by_email(asked).await).await;
        let found = match found {
            Ok(member) => Ok(member.map(|member| member.id)),
            Err(Error::Many { count, .. }) => Err(count),
            Err(Error::Odd { what, .. }) if what.contains("does not filter") => Err(0),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(found, expected.map(|id| id.map(str::to_owned)), "{asked}");
        assert_eq!(sent.len(), requests, "{asked}");
        let filter = &sent[0].variables["filterBy"][0];
        let value = JsonText::text(asked.trim());
        assert_eq!(*filter, json!({"key": "email", "operator": "equals", "value": value}));
    }
    let (requests, found) = sent(json!({}), async |c| c.get_member_by_email("  ").await).await;
    assert!(matches!(found, Err(Error::Wrong { .. })) && requests.is_empty());
}

#[tokio::test]
async fn lists_of_members_leave_nobody_out() {
    let (name, variables, members) = one(page("members", json!([{"id": "m1"}])), async |c| {
        c.members(&MemberFilter::default()).all(9).await
    })
    .await;
    assert_eq!((name.as_str(), members.len()), ("Members", 1));
    assert_eq!(
        variables,
        json!({"limit": 100, "after": null, "orderBy": "createdAt",
            "status": ["VERIFIED", "UNVERIFIED", "Suspended"]})
    );
    let filter =
        MemberFilter { query: Some("ada".into()), role_ids: vec!["r1".into()], ..MemberFilter::default() };
    let (_, variables, _) = one(page("members", json!([])), async |c| c.members(&filter).all(9).await).await;
    assert_eq!((&variables["query"], &variables["roleIds"]), (&json!("ada"), &json!(["r1"])));
    let (name, variables, total) =
        one(page("members", json!([{"id": "m1"}])), async |c| c.members_total().await).await;
    assert_eq!((name.as_str(), &variables["limit"], total), ("MemberIds", &json!(1), Some(1)));
    let (_, _, error) = {
        let (requests, result) = sent(page("members", json!([{"id": "m1"}, {"id": "m2"}])), async |c| {
            c.members(&MemberFilter::default()).all(1).await
        })
        .await;
        (requests, (), result.expect_err("too many"))
    };
    assert!(matches!(error, Error::Odd { .. }));
}

#[tokio::test]
async fn members_are_made_silently_and_invited_only_by_name() {
    let mut member = NewMember::verified("ada@example.test", "Ada");
    member.external_id = Some("src-1".into());
    member.created_at = Some(Moment::new("2020-01-01T00:00:00.000Z"));
    let joined = json!({"joinNetwork": {"member": {"id": "m1", "status": "VERIFIED"}}});
    let password = Secret::new("pass-w0rd");
    let (name, variables, made) = one(joined, async |c| c.join_network(&member, &password).await).await;
    assert_eq!((name.as_str(), made.id.as_str()), ("JoinNetwork", "m1"));
    assert_eq!(
        variables["input"],
        json!({"email": "ada@example.test", "name": "Ada", "externalId": "src-1", "verified": true,
            "createdAt": "2020-01-01T00:00:00.000Z", "password": "pass-w0rd"})
    );
    let invitee = Invitee { email: "bob@example.test".into(), name: None, role_id: None };
    let invited = json!({"inviteMembers": [{"id": "i1", "status": "Postponed"}]});
    let (name, variables, made) =
        one(invited, async |c| c.invite_members(std::slice::from_ref(&invitee), Some("come")).await).await;
    assert_eq!((name.as_str(), made.len()), ("InviteMembers", 1));
    assert_eq!(
        variables["input"],
        json!({"invitees": [{"email": "bob@example.test"}], "invitationMessage": "come"})
    );
}

#[tokio::test]
async fn members_are_changed_and_only_as_far_as_it_is_said() {
    let field = MemberField { key: "city".into(), value: Some(JsonText::text("Paris")) };
    let update = MemberUpdate { tagline: Some("hi".into()), fields: vec![field], ..MemberUpdate::default() };
    let (name, variables, _) =
        one(json!({"updateMember": {"id": "m1"}}), async |c| c.update_member("m1", &update).await).await;
    assert_eq!(name, "UpdateMember");
    assert_eq!(
        variables,
        json!({"id": "m1", "input": {"tagline": "hi", "fields": [{"key": "city", "value": "\"Paris\""}]}})
    );
    let (name, variables, ()) = one(done("deleteMember"), async |c| c.delete_member("m1").await).await;
    assert_eq!((name.as_str(), variables), ("DeleteMember", json!({"id": "m1"})));
    let (name, variables, ()) = one(done("suspendMember"), async |c| c.suspend_member("m1").await).await;
    assert_eq!((name.as_str(), variables), ("SuspendMember", json!({"memberId": "m1"})));
    let (name, variables, ()) = one(done("unsuspendMember"), async |c| c.unsuspend_member("m1").await).await;
    assert_eq!((name.as_str(), variables), ("UnsuspendMember", json!({"memberId": "m1"})));
}

#[tokio::test]
async fn roles_fields_and_the_community_itself_are_read() {
    let roles =
        json!({"roles": [{"id": "r1", "name": "Admin", "type": "admin", "scopes": ["*"]}, {"id": "r2"}]});
    let (_, _, roles) = one(roles, async |c| c.roles().await).await;
    assert_eq!((roles.len(), roles[0].scopes.len()), (2, 1));
    let fields = json!({"network": {"memberFields": {"fields": [{"key": "city", "type": "geo"}]}}});
    let (_, _, fields) = one(fields, async |c| c.member_fields().await).await;
    assert_eq!(fields[0].kind.as_ref().map(|kind| kind.word()), Some("geo"));
    let (_, _, none) =
        one(json!({"network": {"memberFields": null}}), async |c| c.member_fields().await).await;
    assert!(none.is_empty());
    let (_, _, network) =
        one(json!({"network": {"id": "n", "name": "Test"}}), async |c| c.network().await).await;
    assert_eq!(network.name.as_deref(), Some("Test"));
    let limits = json!({"apiRateLimitStats": [{"consumableType": "Complexity", "limit": 2000, "remainingPoints": -3,
        "duration": 10, "resetsAt": 1_700_000_000}]});
    let (_, _, limits) = one(limits, async |c| c.rate_limits().await).await;
    assert_eq!((limits[0].limit, limits[0].remaining_points), (Some(2000), Some(-3)));
    let types = json!({"globalEventTypes": [{"name": "reaction.added", "noun": "REACTION"}]});
    let (_, _, types) = one(types, async |c| c.event_types().await).await;
    assert_eq!(types[0].name, "reaction.added");
}

#[tokio::test]
async fn spaces_and_collections_are_made_read_and_deleted() {
    let collection =
        NewCollection { name: "Start".into(), external_id: Some("g1".into()), ..NewCollection::default() };
    let (name, variables, made) =
        one(json!({"createCollection": {"id": "c1"}}), async |c| c.create_collection(&collection).await)
            .await;
    assert_eq!((name.as_str(), made.id.as_str()), ("CreateCollection", "c1"));
    assert_eq!(variables["input"], json!({"name": "Start", "externalId": "g1"}));
    let (_, _, all) = one(json!({"collections": [{"id": "c1"}]}), async |c| c.collections().await).await;
    assert_eq!(all.len(), 1);
    let (name, _, ()) = one(done("deleteCollection"), async |c| c.delete_collection("c1").await).await;
    assert_eq!(name, "DeleteCollection");

    let space = NewSpace {
        name: "News".into(),
        kind: Some(SpaceType::Group),
        collection_id: Some("c1".into()),
        private: Some(true),
        ..NewSpace::default()
    };
    let (_, variables, _) =
        one(json!({"createSpace": {"id": "s1"}}), async |c| c.create_space(&space).await).await;
    assert_eq!(
        variables["input"],
        json!({"name": "News", "type": "Group", "collectionId": "c1", "private": true})
    );
    let (_, variables, found) = one(json!({"space": {"id": "s1"}}), async |c| c.get_space("s1").await).await;
    assert_eq!((variables, found.expect("a space").id.as_str()), (json!({"id": "s1"}), "s1"));
    let (_, variables, _) =
        one(json!({"space": {"id": "s1"}}), async |c| c.get_space_by_slug("news").await).await;
    assert_eq!(variables, json!({"slug": "news"}));
    let (_, _, all) = one(page("spaces", json!([{"id": "s1"}])), async |c| c.spaces().all(9).await).await;
    assert_eq!(all.len(), 1);
    let (_, _, total) = one(page("spaces", json!([{"id": "s1"}])), async |c| c.spaces_total().await).await;
    assert_eq!(total, Some(1));
    let (name, _, ()) = one(done("deleteSpace"), async |c| c.delete_space("s1").await).await;
    assert_eq!(name, "DeleteSpace");

    let nodes = json!([{"member": {"id": "m1"}, "role": {"id": "r1"}}, {"member": null, "role": null}]);
    let (_, variables, members) =
        one(page("spaceMembers", nodes), async |c| c.space_members("s1").all(9).await).await;
    assert_eq!((&variables["spaceId"], members.len()), (&json!("s1"), 2));
    let add = [NewSpaceMember { member_id: "m1".into(), role_id: None }];
    let (_, variables, ()) = one(json!({"addSpaceMembers": [{"member": {"id": "m1"}}]}), async |c| {
        c.add_space_members("s1", &add).await
    })
    .await;
    assert_eq!(variables, json!({"spaceId": "s1", "input": [{"memberId": "m1"}]}));
    let gone = json!({"removeSpaceMembers": [{"status": "succeeded"}]});
    let (_, variables, ()) = one(gone, async |c| c.remove_space_members("s1", &["m1".into()]).await).await;
    assert_eq!(variables, json!({"spaceId": "s1", "memberIds": ["m1"]}));
}

fn post_types() -> Value {
    json!([
        {"id": "pty0", "name": "Question", "context": "post", "mappings": [
            {"key": "title", "type": "text", "required": true}, {"key": "content", "type": "html"},
            {"key": "bounty", "type": "number", "required": true}]},
        {"id": "pty1", "name": "Article", "context": "post", "mappings": [
            {"key": "title", "type": "text"}, {"key": "content", "type": "html"}]},
        {"id": "pty2", "name": "Discussion", "context": "post", "mappings": [
            {"key": "title", "type": "text", "required": true}, {"key": "content", "type": "html", "required": true}],
            "validReplyTypes": [{"id": "pty3", "name": "Comment"}]},
        {"id": "pty3", "name": "Comment", "context": "reply", "mappings": [{"key": "content", "type": "html"}]},
        {"id": "pty4", "name": "Poll", "context": "poll", "mappings": null},
    ])
}

#[tokio::test]
async fn a_post_finds_its_type_and_is_published() {
    let mut data = page("postTypes", post_types());
    data["createPost"] = json!({"id": "p1", "status": "PUBLISHED"});
    let (requests, made) =
        sent(data, async |c| c.create_post("s1", "<p>Hi</p>", "Hello", Some("m1")).await).await;
    assert_eq!(made.expect("a post").id, "p1");
    assert_eq!(requests[0].operation, "PostTypes");
    assert_eq!(
        requests[1].variables,
        json!({"spaceId": "s1", "input": {"postTypeId": "pty2", "publish": true, "ownerId": "m1", "mappingFields": [
            {"key": "title", "type": "text", "value": "\"Hello\""},
            {"key": "content", "type": "html", "value": "\"<p>Hi</p>\""}]}})
    );
    let (_, none) =
        sent(page("postTypes", json!([])), async |c| c.create_post("s1", "x", "y", None).await).await;
    assert!(matches!(none, Err(Error::Impossible { .. })));
    let (_, types) = sent(page("postTypes", post_types()), async |c| {
        c.writable_post_types(&connector_bettermode::types::PostTypeContext::Reply).await
    })
    .await;
    assert_eq!(types.expect("types").into_iter().map(|one| one.id).collect::<Vec<_>>(), ["pty3"]);
}

#[tokio::test]
async fn posts_are_read_changed_and_deleted() {
    let post = json!({"post": {"id": "p1", "reactions": [{"reaction": "+1", "count": 3}]}});
    let (_, _, found) = one(post, async |c| c.get_post("p1").await).await;
    assert_eq!(found.expect("a post").reactions[0].count, Some(3));
    let (_, variables, _) = one(page("posts", json!([])), async |c| c.posts(&[]).all(9).await).await;
    assert_eq!(variables, json!({"limit": 100, "after": null}));
    let (_, variables, _) =
        one(page("posts", json!([])), async |c| c.posts(&["s1".into()]).all(9).await).await;
    assert_eq!(variables["spaceIds"], json!(["s1"]));
    let (_, _, total) = one(page("posts", json!([{"id": "p1"}])), async |c| c.posts_total().await).await;
    assert_eq!(total, Some(1));
    let (_, _, some) =
        one(json!({"postsByIds": [{"id": "p1"}]}), async |c| c.posts_by_ids(&["p1".into()]).await).await;
    assert_eq!(some.len(), 1);
    let mut update = PostUpdate::published();
    update.mapping_fields = vec![MappingField::html("content", "<p>New</p>")];
    let (_, variables, _) =
        one(json!({"updatePost": {"id": "p1"}}), async |c| c.update_post("p1", &update).await).await;
    assert_eq!(variables["input"]["publish"], json!(true), "an edit does not take the post back");
    let (_, _, ()) = one(done("deletePost"), async |c| c.delete_post("p1").await).await;
}

#[tokio::test]
async fn replies_reactions_and_tags() {
    let reply = NewPost::published("pty3", vec![MappingField::html("content", "<p>Yes</p>")]);
    let (name, variables, made) = one(json!({"createReply": {"id": "p2", "repliedToId": "p1"}}), async |c| {
        c.create_reply("p1", &reply).await
    })
    .await;
    assert_eq!((name.as_str(), made.replied_to_id.as_deref()), ("CreateReply", Some("p1")));
    assert_eq!((&variables["postId"], &variables["input"]["publish"]), (&json!("p1"), &json!(true)));
    let (_, _, all) =
        one(page("replies", json!([{"id": "p2"}])), async |c| c.replies("p1").all(9).await).await;
    assert_eq!(all.len(), 1);
    let (_, variables, ()) =
        one(done("addReaction"), async |c| c.add_reaction("p1", "+1", Some("m1")).await).await;
    assert_eq!(variables, json!({"postId": "p1", "input": {"reaction": "+1", "participantId": "m1"}}));
    let (_, variables, ()) = one(done("addReaction"), async |c| c.add_reaction("p1", "+1", None).await).await;
    assert_eq!(variables["input"], json!({"reaction": "+1"}));
    let (_, variables, ()) =
        one(done("removeReaction"), async |c| c.remove_reaction("p1", "+1", None).await).await;
    assert_eq!(variables, json!({"postId": "p1", "reaction": "+1", "participantId": null}));
    let nodes = json!([{"participant": {"id": "m1"}}, {"participant": null}]);
    let (_, _, who) = one(page("postReactionParticipants", nodes), async |c| {
        c.reaction_participants("p1", "+1").all(9).await
    })
    .await;
    let first = who[0].participant.as_ref().map(|m| m.id.as_str());
    assert_eq!(first, Some("m1"));
    let (_, _, tags) =
        one(page("tags", json!([{"id": "t1", "title": "news"}])), async |c| c.tags().all(9).await).await;
    assert_eq!(tags[0].title.as_deref(), Some("news"));
    let (_, variables, _) =
        one(json!({"createTag": {"id": "t1"}}), async |c| c.create_tag("News", Some("news")).await).await;
    assert_eq!(variables, json!({"input": {"title": "News", "slug": "news"}}));
}

#[tokio::test]
async fn events_are_made_silent_changed_and_deleted() {
    let event = NewEvent {
        title: "Call".into(),
        content: "<p>Hi</p>".into(),
        start_time: Moment::new("2026-05-01T10:00:00.000Z"),
        end_time: Moment::new("2026-05-01T11:00:00.000Z"),
        time_zone: "Europe/Paris".into(),
        host_ids: vec!["m1".into()],
        notification_settings: NotificationSettings::SILENT,
        slug: None,
        capacity: Some(10),
        virtual_locations: vec![VirtualLocation {
            provider: "zoom".into(),
            url: "https://zoom.test/1".into(),
        }],
    };
    let (name, variables, _) =
        one(json!({"createEvent": {"id": "e1"}}), async |c| c.create_event("s1", &event).await).await;
    assert_eq!((name.as_str(), &variables["spaceId"]), ("CreateEvent", &json!("s1")));
    assert_eq!(
        variables["input"]["notificationSettings"],
        json!({"notifyOnDelete": false, "notifyOnRegister": false, "notifyOnUpdate": false, "remindBefore": false})
    );
    let update = EventUpdate { title: Some("Later".into()), ..EventUpdate::default() };
    let (_, variables, _) =
        one(json!({"updateEvent": {"id": "e1"}}), async |c| c.update_event("e1", &update).await).await;
    assert_eq!(variables, json!({"id": "e1", "input": {"title": "Later"}}));
    let (_, _, found) =
        one(json!({"event": {"id": "e1", "status": "held"}}), async |c| c.get_event("e1").await).await;
    assert_eq!(found.and_then(|event| event.status).map(|s| s.word().to_owned()).as_deref(), Some("held"));
    let (_, _, all) = one(page("events", json!([{"id": "e1"}])), async |c| c.events().all(9).await).await;
    assert_eq!(all.len(), 1);
    let (_, _, total) = one(page("events", json!([{"id": "e1"}])), async |c| c.events_total().await).await;
    assert_eq!(total, Some(1));
    let (_, _, ()) = one(done("deleteEvent"), async |c| c.delete_event("e1").await).await;
}
