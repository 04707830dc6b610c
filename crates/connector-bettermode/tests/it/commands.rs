//! Each call of the command line against the stand-in: what it gives back, and what it changes.

use crate::standin::StandIn;
use base::{Class, Fault};
use connector_bettermode::calls::{
    Call, EventCall, EventPlan, MemberCall, MessageCall, NetworkCall, PostCall, SpaceCall, run,
};
use connector_bettermode::types::{Invitee, MemberUpdate, NewCollection, NewMember, NewSpace};
use sandbox::bettermode::SentKind;
use serde_json::{Value, json};

/// Makes a call that works; one that only asks says so, and makes nothing.
async fn ask(service: &StandIn, call: Call) -> Value {
    assert_eq!(call.changes(), None);
    run(&service.client, call).await.expect("an answer")
}

/// Makes a call that works and changes something, which it says.
async fn write(service: &StandIn, call: Call) -> Value {
    let changes = call.changes().expect("it says what it changes");
    assert!(!changes.is_empty() && !changes.ends_with('.') && !changes.contains('@'), "{changes}");
    run(&service.client, call).await.expect("it is done")
}

async fn refused(service: &StandIn, call: Call) -> Fault {
    run(&service.client, call).await.expect_err("refused")
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

fn ids(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(id).collect()
}

fn succeeded() -> Value {
    json!({"status": "succeeded"})
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_asked_for_and_changed() {
    use MemberCall::*;
    let service = StandIn::new(5, "").await;
    let count = ask(&service, Call::Members(Count)).await.as_u64().expect("a number");
    let new =
        NewMember { external_id: Some("src-1".into()), ..NewMember::verified("ada@example.test", "Ada") };
    let ada = write(&service, Call::Members(Add { member: Box::new(new) })).await;
    assert_eq!((&ada["name"], &ada["status"]), (&json!("Ada"), &json!("VERIFIED")));
    let ada = id(&ada);
    assert_eq!(service.running.mails(), 0, "nobody gets a mail");
    for call in [
        Get { id: ada.clone() },
        ByEmail { email: "ADA@example.test".into() },
        ByExternalId { id: "src-1".into() },
    ] {
        let found = ask(&service, Call::Members(call)).await;
        assert_eq!((id(&found), &found["email"]), (ada.clone(), &json!("ada@example.test")));
    }
    let all = ask(&service, Call::Members(List { query: None, limit: 1_000 })).await;
    assert_eq!(all.as_array().expect("a list").len() as u64, count + 1);
    assert_eq!(ids(&ask(&service, Call::Members(List { query: None, limit: 2 })).await), ids(&all)[..2]);
    let found = ask(&service, Call::Members(List { query: Some("ada@".into()), limit: 9 })).await;
    assert!(ids(&found).contains(&ada));
    let update = MemberUpdate { tagline: Some("Counts".into()), ..MemberUpdate::default() };
    let changed = write(&service, Call::Members(Update { id: ada.clone(), update: Box::new(update) })).await;
    assert_eq!(changed["tagline"], "Counts");
    let status = async || ask(&service, Call::Members(Get { id: ada.clone() })).await["status"].clone();
    assert_eq!(write(&service, Call::Members(Suspend { id: ada.clone() })).await, succeeded());
    assert_eq!(status().await, "Suspended");
    write(&service, Call::Members(Unsuspend { id: ada.clone() })).await;
    assert_eq!(status().await, "VERIFIED");
    let invitee = Invitee { email: "bob@example.test".into(), name: None, role_id: None };
    let invited = write(&service, Call::Members(Invite { invitee, message: None })).await;
    assert_eq!(invited.as_array().map(Vec::len), Some(1));
    assert_eq!(service.running.sent()[&SentKind::InvitationMail], 1);
    let roles = ask(&service, Call::Members(Roles)).await;
    assert!(roles.as_array().expect("a list").iter().any(|role| role["type"] == "admin"));
    assert!(ask(&service, Call::Members(Fields)).await.is_array());
    write(&service, Call::Members(Delete { id: ada.clone() })).await;
    assert_eq!(ask(&service, Call::Members(Count)).await, count);
    for call in [Get { id: "nobody".into() }, ByEmail { email: "nobody@example.test".into() }] {
        let fault = refused(&service, Call::Members(call)).await;
        assert_eq!((fault.class, fault.what.as_str()), (Class::Fail, "the community has no such member"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_are_asked_for_and_made() {
    use SpaceCall::*;
    let service = StandIn::new(4, "").await;
    let count = ask(&service, Call::Spaces(Count)).await.as_u64().expect("a number");
    let collection = NewCollection { name: "Start here".into(), ..NewCollection::default() };
    let collection = id(&write(&service, Call::Spaces(CreateCollection { collection })).await);
    let all = ids(&ask(&service, Call::Spaces(Collections)).await);
    assert!(all.contains(&collection));
    let new = NewSpace {
        name: "News".into(),
        slug: Some("news-desk".into()),
        collection_id: Some(collection.clone()),
        private: Some(true),
        ..NewSpace::default()
    };
    let space = id(&write(&service, Call::Spaces(Create { space: Box::new(new) })).await);
    for call in [Get { id: space.clone() }, BySlug { slug: "news-desk".into() }] {
        let found = ask(&service, Call::Spaces(call)).await;
        let shown = (id(&found), &found["name"], &found["private"], &found["collection"]["id"]);
        assert_eq!(shown, (space.clone(), &json!("News"), &json!(true), &json!(collection)));
    }
    assert!(ids(&ask(&service, Call::Spaces(List { limit: 1_000 })).await).contains(&space));
    assert_eq!(ask(&service, Call::Spaces(List { limit: 1 })).await.as_array().map(Vec::len), Some(1));
    assert_eq!(ask(&service, Call::Spaces(Count)).await, count + 1);
    let ada = service.join("Ada");
    let members = vec![ada.clone()];
    write(&service, Call::Spaces(AddMembers { id: space.clone(), members: members.clone() })).await;
    let inside = ask(&service, Call::Spaces(Members { id: space.clone(), limit: 50 })).await;
    let inside: Vec<String> =
        inside.as_array().expect("a list").iter().map(|one| id(&one["member"])).collect();
    assert!(inside.contains(&ada));
    write(&service, Call::Spaces(RemoveMembers { id: space.clone(), members })).await;
    assert!(!service.running.space_members(&space).contains(&ada));
    assert_eq!(write(&service, Call::Spaces(Delete { id: space.clone() })).await, succeeded());
    write(&service, Call::Spaces(DeleteCollection { id: collection })).await;
    assert_eq!(refused(&service, Call::Spaces(Get { id: space })).await.class, Class::Fail);
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_comments_and_reactions_are_written_in_the_names_of_people() {
    use PostCall::*;
    let service = StandIn::new(4, "").await;
    let ada = service.join("Ada");
    let space = service.space("News", &[ada.as_str()]).await;
    let before = ask(&service, Call::Posts(Count)).await.as_u64().expect("a number");
    let call = Create {
        space: space.clone(),
        title: "Hello".into(),
        content: "<p>World</p>".into(),
        author: Some(ada.clone()),
    };
    let made = write(&service, Call::Posts(call)).await;
    assert_eq!((&made["title"], &made["ownerId"]), (&json!("Hello"), &json!(ada)));
    assert_eq!(made["status"], "PUBLISHED");
    let post = id(&made);
    assert_eq!(ask(&service, Call::Posts(Count)).await, before + 1);
    let here = ask(&service, Call::Posts(List { space: Some(space.clone()), limit: 10 })).await;
    assert_eq!(ids(&here), [post.clone()]);
    let everywhere = ask(&service, Call::Posts(List { space: None, limit: 1_000 })).await;
    assert!(ids(&everywhere).contains(&post));
    let call = Comment { post: post.clone(), content: "<p>Me, too</p>".into(), author: Some(ada.clone()) };
    let comment = id(&write(&service, Call::Posts(call)).await);
    let call = Comment { post: comment.clone(), content: "<p>And me</p>".into(), author: None };
    let below = id(&write(&service, Call::Posts(call)).await);
    let comments = async |post: &String| {
        ids(&ask(&service, Call::Posts(Comments { post: post.clone(), limit: 10 })).await)
    };
    assert_eq!(comments(&post).await, [comment.clone()]);
    assert_eq!(comments(&comment).await, [below]);
    let written = ids(&ask(&service, Call::Posts(OfMember { member: ada.clone(), limit: 10 })).await);
    assert_eq!(written, [post.clone(), comment.clone()]);
    for member in [Some(ada.clone()), None] {
        let call = React { post: post.clone(), reaction: "+1".into(), member };
        assert_eq!(write(&service, Call::Posts(call)).await, succeeded());
    }
    let reactions = ask(&service, Call::Posts(Reactions { post: post.clone(), limit: 10 })).await;
    assert_eq!((&reactions[0]["reaction"], &reactions[0]["count"]), (&json!("+1"), &json!(2)));
    assert!(ids(&reactions[0]["members"]).contains(&ada));
    let call = Unreact { post: post.clone(), reaction: "+1".into(), member: Some(ada.clone()) };
    write(&service, Call::Posts(call)).await;
    assert_eq!(service.running.reactions(&post).len(), 1);
    let call = Update { id: post.clone(), title: None, content: Some("<p>Everybody</p>".into()) };
    write(&service, Call::Posts(call)).await;
    let now = ask(&service, Call::Posts(Get { id: post.clone() })).await;
    assert_eq!((&now["status"], &now["title"]), (&json!("PUBLISHED"), &json!("Hello")));
    assert!(now["mappingFields"].to_string().contains("Everybody"));
    assert_eq!(now["reactions"], json!([{"reaction": "+1", "count": 1}]));
    let fault = refused(&service, Call::Posts(Update { id: post.clone(), title: None, content: None })).await;
    assert_eq!(fault.class, Class::Usage);
    let call = Update { id: comment.clone(), title: Some("A title".into()), content: None };
    assert!(refused(&service, Call::Posts(call)).await.what.contains("no title"));
    let tag = write(&service, Call::Posts(CreateTag { title: "Moon".into(), slug: None })).await;
    assert!(ids(&ask(&service, Call::Posts(Tags { limit: 100 })).await).contains(&id(&tag)));
    let types = ask(&service, Call::Posts(Types { limit: 100 })).await;
    assert!(types.as_array().expect("a list").iter().any(|one| one["name"] == "Discussion"));
    write(&service, Call::Posts(Delete { id: post.clone() })).await;
    let call = Comment { post: "nothing".into(), content: "<p>x</p>".into(), author: None };
    assert_eq!(refused(&service, Call::Posts(call)).await.what, "the community has no such post");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_a_type_that_the_post_allows() {
    let service = StandIn::new(30, "").await;
    let types = ask(&service, Call::Posts(PostCall::Types { limit: 100 })).await;
    let allowed = |post: &Value| {
        let found = types.as_array().expect("a list").iter().find(|one| one["id"] == post["postTypeId"]);
        ids(&found.expect("a type")["validReplyTypes"])
    };
    let posts = ask(&service, Call::Posts(PostCall::List { space: None, limit: 1_000 })).await;
    for post in posts.as_array().expect("a list") {
        let call = PostCall::Comment { post: id(post), content: "<p>42</p>".into(), author: None };
        let answer = write(&service, Call::Posts(call)).await;
        let kind = answer["postTypeId"].as_str().expect("a type").to_owned();
        assert!(allowed(post).contains(&kind), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_made_and_people_registered() {
    use EventCall::*;
    let service = StandIn::new(2, "").await;
    let ada = service.join("Ada");
    let (space, other) = (service.space("Events", &[ada.as_str()]).await, service.space("Other", &[]).await);
    let plan = EventPlan {
        title: Some("Circle".into()),
        content: Some("<p>We sit</p>".into()),
        start: Some("2026-05-01T10:00".into()),
        end: Some("2026-05-01T12:00".into()),
        time_zone: Some("Europe/Berlin".into()),
        hosts: vec![ada.clone()],
        capacity: None,
    };
    let before = ask(&service, Call::Events(Count)).await.as_u64().expect("a number");
    let call = Create { space: space.clone(), plan: Box::new(plan.clone()) };
    let made = write(&service, Call::Events(call)).await;
    assert_eq!(
        (&made["startTime"], &made["timeZone"]),
        (&json!("2026-05-01T08:00:00.000Z"), &json!("Europe/Berlin"))
    );
    let event = id(&made);
    write(&service, Call::Events(Create { space: other, plan: Box::new(plan.clone()) })).await;
    assert_eq!(ask(&service, Call::Events(Count)).await, before + 2);
    let here = ask(&service, Call::Events(List { space: Some(space.clone()), limit: 10 })).await;
    assert_eq!(ids(&here), [event.clone()]);
    let all = ask(&service, Call::Events(List { space: None, limit: 1_000 })).await;
    assert_eq!(all.as_array().expect("a list").len() as u64, before + 2);
    for member in [Some(ada.clone()), None] {
        let call = Register { id: event.clone(), member };
        assert_eq!(write(&service, Call::Events(call)).await, succeeded());
    }
    let again = Register { id: event.clone(), member: Some(ada.clone()) };
    assert_eq!(refused(&service, Call::Events(again)).await.class, Class::Fail);
    write(&service, Call::Events(Cancel { id: event.clone(), member: None })).await;
    let coming = ask(&service, Call::Events(Registrations { id: event.clone(), limit: 10 })).await;
    let of = |member: &str| {
        let found = coming.as_array().expect("a list").iter().find(|one| one["memberId"] == member);
        found.expect("a registration")["status"].clone()
    };
    assert_eq!((of(&ada), of(&service.running.bot_id)), (json!("registered"), json!("cancelled")));
    let later = EventPlan { title: Some("Big circle".into()), ..EventPlan::default() };
    write(&service, Call::Events(Update { id: event.clone(), plan: Box::new(later) })).await;
    let now = ask(&service, Call::Events(Get { id: event.clone() })).await;
    assert_eq!((&now["title"], &now["startTime"]), (&json!("Big circle"), &made["startTime"]));
    for plan in [EventPlan { title: None, ..plan.clone() }, EventPlan { start: Some("soon".into()), ..plan }]
    {
        let call = Create { space: space.clone(), plan: Box::new(plan) };
        assert_eq!(refused(&service, Call::Events(call)).await.class, Class::Usage);
    }
    let nothing = Update { id: event.clone(), plan: Box::default() };
    assert_eq!(refused(&service, Call::Events(nothing)).await.class, Class::Usage);
    write(&service, Call::Events(Delete { id: event })).await;
    assert_eq!(ask(&service, Call::Events(Count)).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_sent_and_read_again() {
    use MessageCall::*;
    let service = StandIn::new(0, "").await;
    let ada = service.join("Ada");
    assert_eq!(
        refused(&service, Call::Messages(With { member: ada.clone(), limit: 9 })).await.what,
        "the community has no such chat"
    );
    for text in ["Welcome", "How are you?"] {
        write(&service, Call::Messages(Send { to: ada.clone(), text: text.into() })).await;
    }
    let messages = ask(&service, Call::Messages(With { member: ada.clone(), limit: 9 })).await;
    let said: Vec<&Value> = messages.as_array().expect("a list").iter().map(|one| &one["content"]).collect();
    assert_eq!(said, ["How are you?", "Welcome"]);
    let newest = ask(&service, Call::Messages(With { member: ada.clone(), limit: 1 })).await;
    assert_eq!(newest.as_array().map(Vec::len), Some(1));
    let chats = ask(&service, Call::Messages(Chats { limit: 9 })).await;
    let chat = chats[0]["_id"].as_str().expect("a chat").to_owned();
    assert_eq!(ask(&service, Call::Messages(Chat { id: chat })).await["participantCount"], 2);
    let contactable = ask(&service, Call::Messages(Contactable { member: ada.clone() })).await;
    assert_eq!(contactable, json!({"memberId": ada, "contactable": true}));
    assert_eq!(service.running.sent()[&SentKind::Message], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_community_tells_of_itself_and_takes_images() {
    use NetworkCall::*;
    let service = StandIn::new(0, "[rate_limit]").await;
    assert_eq!(id(&ask(&service, Call::Network(Get)).await), service.running.network_id);
    let limits = ask(&service, Call::Network(RateLimits)).await;
    assert!(limits.as_array().is_some_and(|all| !all.is_empty()), "{limits}");
    let types = ask(&service, Call::Network(EventTypes)).await;
    assert!(types.to_string().contains("post.published"));
    let image =
        UploadImage { name: "moon.png".into(), content_type: "image/png".into(), content: vec![1, 2, 3] };
    let image = write(&service, Call::Network(image)).await;
    assert!(image["mediaId"].is_string(), "{image}");
}
