//! The community as the bridge talks to it: nothing is sent twice, whatever answer is lost.

use crate::rig::start;
use crate::standin::StandIn;
use base::Class;
use bridge::ports::{Community, NewPost, Sent};
use connector_bettermode::BettermodeCommunity;
use connector_bettermode::types::{Moment, NewEvent, NotificationSettings};
use jiff::SignedDuration;
use sandbox::bettermode::{FaultKind, Records, SentKind};
use std::time::Duration;

/// The faults after which the work is done and nobody says so.
const LOST: [FaultKind; 5] = [
    FaultKind::BrokenAfter,
    FaultKind::DroppedAfter,
    FaultKind::CutAfter,
    FaultKind::TruncatedAfter,
    FaultKind::SilentAfter,
];

/// Those before which nothing was done, although nobody can know.
const IN_DOUBT: [FaultKind; 3] = [FaultKind::Dropped, FaultKind::Broken, FaultKind::Html];

async fn community(records: u64) -> (StandIn, BettermodeCommunity) {
    let service = StandIn::new(records, "").await;
    let community = BettermodeCommunity::new(service.client.clone());
    (service, community)
}

fn post(space: &str, author: Option<&str>) -> NewPost {
    NewPost {
        space_id: space.into(),
        title: "This week".into(),
        content: "<p>We <b>sit</b></p>".into(),
        author_id: author.map(str::to_owned),
    }
}

fn done(sent: Sent) -> String {
    match sent {
        Sent::Done(id) => id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_shown_as_the_bridge_knows_members() {
    let (service, community) = community(0).await;
    community.check().await.expect("it answers");
    let ada = service.join("Ada");
    let member = community.member(&ada).await.expect("an answer").expect("a member");
    assert_eq!((member.id.as_str(), member.email.as_deref()), (ada.as_str(), Some("ada@example.test")));
    assert_eq!((member.name.as_deref(), member.status.as_deref()), (Some("Ada"), Some("UNVERIFIED")));
    assert_eq!(member.updated_at, Some(start()));
    assert!(community.member("nobody").await.expect("an answer").is_none());
    service.running.people().delete_member(&ada).expect("deleted");
    assert!(community.member(&ada).await.expect("an answer").is_none(), "only a name is left");
    service.running.revoke_tokens();
    community.check().await.expect("tokens are fetched anew");
    service.arm(FaultKind::Forbidden, "network");
    assert_eq!(community.check().await.expect_err("forbidden").class, Class::Stop);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_answer_was_lost_is_found_and_not_sent_again() {
    let (service, community) = community(0).await;
    let ada = service.join("Ada");
    assert_eq!(community.find_message(&ada, "Hello", start()).await.expect("an answer"), None, "no chat yet");
    for (n, kind) in LOST.into_iter().chain(IN_DOUBT).enumerate() {
        let text = format!("Reminder {n}: we begin");
        service.arm(kind, "sendMessageToMember");
        let sent = community.send_message(&ada, &text).await.expect("an outcome");
        assert!(matches!(&sent, Sent::Unknown(fault) if fault.class == Class::Retry), "{kind:?}: {sent:?}");
        let found = community.find_message(&ada, &text, start()).await.expect("an answer");
        assert_eq!(found.is_some(), LOST.contains(&kind), "{kind:?}");
        if found.is_none() {
            let id = done(community.send_message(&ada, &text).await.expect("an outcome"));
            let found = community.find_message(&ada, &text, start()).await.expect("an answer");
            assert_eq!(found, Some(id), "{kind:?}");
        }
    }
    let sent = service.running.sent()[&SentKind::Message];
    assert_eq!(sent, (LOST.len() + IN_DOUBT.len()) as u64, "one each");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_message_of_ours_with_this_text_since_then_is_the_one() {
    let (service, community) = community(0).await;
    let (ada, bob) = (service.join("Ada"), service.join("Bob"));
    let text = "Welcome & be <well>";
    let first = done(community.send_message(&ada, text).await.expect("an outcome"));
    let bot = service.running.bot_id.clone();
    service.running.people().message(&ada, &bot, "Thank you").expect("an answer of hers");
    for (to, text, since, expected) in [
        (&ada, text, start(), Some(first.clone())),
        (&ada, text, start() + SignedDuration::from_mins(4), Some(first.clone())),
        (&ada, text, start() + SignedDuration::from_mins(6), None),
        (&ada, "Welcome", start(), None),
        (&ada, "Thank you", start(), None),
        (&bob, text, start(), None),
    ] {
        let found = community.find_message(to, text, since).await.expect("an answer");
        assert_eq!(found, expected, "{text} since {since}");
    }
    // Behind many others of the same day.
    for n in 0..120 {
        service.running.people().message(&ada, &bot, &format!("Note {n}")).expect("a message");
    }
    assert_eq!(community.find_message(&ada, text, start()).await.expect("an answer"), Some(first));
    for n in 0..900 {
        service.running.people().message(&ada, &bot, &format!("Note {n}")).expect("a message");
    }
    let fault = community.find_message(&ada, text, start()).await.expect_err("too many");
    assert!(fault.class == Class::Stop && fault.what.contains("1000"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_taken_is_refused_and_nothing_is_sent() {
    let (service, community) = community(0).await;
    let (ada, bob) = (service.join("Ada"), service.join("Bob"));
    service.running.people().block(&ada, &service.running.bot_id).expect("blocked");
    for (to, text) in [(ada.as_str(), "Hello"), ("nobody", "Hello"), (bob.as_str(), " ")] {
        let sent = community.send_message(to, text).await.expect("an outcome");
        assert!(matches!(&sent, Sent::Refused(fault) if fault.class != Class::Retry), "{to}: {sent:?}");
    }
    service.arm(FaultKind::TooMany, "sendMessageToMember");
    done(community.send_message(&bob, "Hello").await.expect("one too many is tried again"));
    assert_eq!(service.running.sent()[&SentKind::Message], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_answer_was_lost_is_found_by_its_mark() {
    let (service, community) = community(3).await;
    let ada = service.join("Ada");
    let space = service.space("News", &[ada.as_str()]).await;
    let before = service.posts();
    for (n, kind) in LOST.into_iter().chain(IN_DOUBT).enumerate() {
        let mark = format!("landfall-bettermode-{n}-7");
        assert_eq!(community.find_post(&space, &mark, start()).await.expect("an answer"), None);
        service.arm(kind, "createPost");
        let sent = community.publish(&post(&space, Some(&ada)), &mark).await.expect("an outcome");
        assert!(matches!(sent, Sent::Unknown(_)), "{kind:?}: {sent:?}");
        let mut found = community.find_post(&space, &mark, start()).await.expect("an answer");
        assert_eq!(found.is_some(), LOST.contains(&kind), "{kind:?}");
        if found.is_none() {
            done(community.publish(&post(&space, None), &mark).await.expect("an outcome"));
            found = community.find_post(&space, &mark, start()).await.expect("an answer");
        }
        let record = service.running.record(Records::Posts, &found.expect("a post")).expect("it is there");
        assert_eq!(record["externalId"], mark.as_str(), "{kind:?}");
        assert_eq!((&record["status"], &record["title"]), (&"PUBLISHED".into(), &"This week".into()));
        let owner = if LOST.contains(&kind) { &ada } else { &service.running.bot_id };
        assert_eq!(record["ownerId"], owner.as_str(), "{kind:?}");
        assert!(record["textContent"].as_str().is_some_and(|text| text.contains("We sit")), "{record}");
    }
    assert_eq!(service.posts(), before + LOST.len() + IN_DOUBT.len(), "one each");
    let other = service.space("Other", &[]).await;
    let mark = "landfall-bettermode-0-7";
    assert_eq!(community.find_post(&other, mark, start()).await.expect("an answer"), None, "another space");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_cannot_be_is_refused() {
    let (service, community) = community(0).await;
    let space = service.space("News", &[]).await;
    for (name, post) in [
        ("no such space", post("nowhere", None)),
        ("no such author", post(&space, Some("nobody"))),
        ("no words", NewPost { content: "<p></p>".into(), ..post(&space, None) }),
    ] {
        let sent = community.publish(&post, "mark").await.expect(name);
        assert!(matches!(&sent, Sent::Refused(fault) if fault.class != Class::Retry), "{name}: {sent:?}");
    }
    assert_eq!(service.posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_to_an_event_is_told_once_each_and_not_more_than_asked_for() {
    let (service, community) = community(0).await;
    let members: Vec<String> = ["Ada", "Bob", "Cleo", "Dan"].map(|name| service.join(name)).to_vec();
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    let space = service.space("Events", &names).await;
    let event = NewEvent {
        title: "Circle".into(),
        content: "<p>We sit</p>".into(),
        start_time: Moment::new("2026-04-01T16:00:00.000Z"),
        end_time: Moment::new("2026-04-01T18:00:00.000Z"),
        time_zone: "UTC".into(),
        host_ids: vec![members[0].clone()],
        notification_settings: NotificationSettings::SILENT,
        slug: None,
        capacity: None,
        virtual_locations: Vec::new(),
    };
    let event = service.client.create_event(&space, &event).await.expect("an event").id;
    assert!(community.registered(&event, 9).await.expect("an answer").is_empty());
    for member in &members {
        service.running.people().register(member, &event).expect("registered");
    }
    // One changes her mind twice, one once.
    let (bob, cleo) = (service.client.acting_as(&members[1]), service.client.acting_as(&members[2]));
    bob.cancel_registration(&event).await.expect("cancelled");
    bob.register_for_event(&event).await.expect("registered again");
    cleo.cancel_registration(&event).await.expect("cancelled");
    let mut coming = community.registered(&event, 9).await.expect("an answer");
    coming.sort();
    let mut expected = vec![members[0].clone(), members[1].clone(), members[3].clone()];
    expected.sort();
    assert_eq!(coming, expected);
    assert_eq!(community.registered(&event, 2).await.expect("an answer").len(), 2);
    assert!(community.registered("nothing", 9).await.expect("an event that is gone").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_in_time_and_says_whether_something_may_have_happened() {
    let (service, community) = community(0).await;
    let ada = service.join("Ada");
    let hasty = community.within(Duration::from_millis(1));
    service.arm(FaultKind::Silent, "member");
    let fault = hasty.member(&ada).await.expect_err("no answer in time");
    assert_eq!(fault.class, Class::Retry);
    service.arm(FaultKind::SilentAfter, "sendMessageToMember");
    let sent = hasty.send_message(&ada, "Hello").await.expect("an outcome");
    assert!(matches!(sent, Sent::Unknown(_)), "{sent:?}");
}
