//! Events and who comes.

use super::support::{By, Reply, Service, service};
use sandbox::bettermode::SentKind;
use serde_json::{Value, json};

const EVENT: &str = "{ id title content slug status startTime endTime timeZone capacity spaceId \
    createdById createdAt hostIds hosts { id } registrationsCount notificationSettings { notifyOnUpdate } \
    shortContent virtualLocations { provider url } physicalLocations { latitude displayName } \
    recurrenceConfig { frequency repeatsOn } }";

impl Service {
    async fn create_event(&self, by: &By, space: &str, input: Value) -> Reply {
        let query = format!(
            "mutation($s: ID!, $i: CreateEventInput!) {{ createEvent(spaceId: $s, input: $i) {EVENT} }}"
        );
        self.ask(by, &query, json!({"s": space, "i": input})).await
    }

    async fn update_event(&self, by: &By, id: &str, input: Value) -> Reply {
        let query =
            format!("mutation($e: ID!, $i: UpdateEventInput!) {{ updateEvent(id: $e, input: $i) {EVENT} }}");
        self.ask(by, &query, json!({"e": id, "i": input})).await
    }

    async fn at_event(&self, by: &By, field: &str, id: &str) -> Reply {
        self.ask(by, &format!("mutation {{ {field}(id: \"{id}\") {{ status }} }}"), json!({})).await
    }
}

fn input(host: &str) -> Value {
    json!({
        "title": "Full Moon Circle", "content": "<p>We <b>sit</b>.</p>", "hostIds": [host],
        "startTime": "2026-04-01T18:00:00+02:00", "endTime": "2026-04-01T20:00:00+02:00",
        "timeZone": "Europe/Berlin",
        "notificationSettings": {
            "notifyOnDelete": true, "notifyOnRegister": true, "notifyOnUpdate": true, "remindBefore": false,
        },
        "virtualLocations": [{"provider": "zoom", "url": "https://example.test/z"}],
        "physicalLocations": [{"placeId": "p", "latitude": 52.5, "longitude": 13.4, "displayName": "Hall"}],
        "recurrenceConfig": {"frequency": "weekly", "repeatsOn": ["MONDAY"]},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_made_by_who_asks_now_and_cannot_be_back_dated() {
    let service = service(2, "").await;
    let (space, ada) = (service.space("Room").await, service.member("Ada").await);
    let made = service.create_event(&By::App, &space, input(&ada)).await.data("/createEvent");
    for (key, value) in [
        ("status", json!("published")),
        ("startTime", json!("2026-04-01T16:00:00.000Z")),
        ("slug", json!("full-moon-circle")),
        ("createdById", json!(service.running.bot_id)),
        ("createdAt", json!("2026-03-01T12:00:00.000Z")),
        ("hosts", json!([{"id": ada}])),
        ("registrationsCount", json!(0)),
        ("shortContent", json!("We sit.")),
        ("virtualLocations", json!([{"provider": "zoom", "url": "https://example.test/z"}])),
        ("physicalLocations", json!([{"latitude": 52.5, "displayName": "Hall"}])),
        ("recurrenceConfig", json!({"frequency": "weekly", "repeatsOn": ["MONDAY"]})),
    ] {
        assert_eq!(made[key], value, "{key}");
    }
    for key in ["ownerId", "createdAt", "externalId"] {
        let mut wrong = input(&ada);
        wrong[key] = json!("x");
        let reply = service.create_event(&By::App, &space, wrong).await;
        assert_eq!(reply.status, 400, "{key}: {}", reply.text);
    }
    for (key, value) in [
        ("title", json!(" ")),
        ("content", json!("<p></p>")),
        ("endTime", json!("2026-04-01T16:00:00Z")),
        ("timeZone", json!("Berlin")),
        ("hostIds", json!(["nobody"])),
        ("capacity", json!(0)),
        ("tagIds", json!(["nothing"])),
        ("slug", json!("full-moon-circle")),
    ] {
        let mut wrong = input(&ada);
        wrong[key] = value;
        let reply = service.create_event(&By::App, &space, wrong).await;
        assert_eq!(reply.error().0, 400, "{key}: {}", reply.text);
    }
    assert_eq!(service.create_event(&By::App, "nowhere", input(&ada)).await.error().0, 404);
    assert_eq!(service.create_event(&By::Member(ada.clone()), &space, input(&ada)).await.error().0, 403);
    let again = service.create_event(&By::App, &space, input(&ada)).await;
    assert_eq!(again.data("/createEvent/slug"), "full-moon-circle-2");
    let listed =
        format!("{{ events(limit: 10, spaceIds: [\"{space}\"], query: \"moon\") {{ totalCount }} }}");
    assert_eq!(service.app(&listed).await.data("/events/totalCount"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_register_once_and_up_to_the_capacity() {
    let service = service(0, "").await;
    let space = service.space("Room").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    let mut small = input(&ada);
    small["capacity"] = json!(1);
    let event = service.create_event(&By::App, &space, small).await.text("/createEvent/id");
    let (by_ada, by_bob) = (By::Member(ada.clone()), By::Member(bob));
    for (by, field, status) in [
        (&by_ada, "cancelEventRegistration", "failed"),
        (&by_ada, "registerForEvent", "succeeded"),
        (&by_ada, "registerForEvent", "failed"),
        (&by_bob, "registerForEvent", "failed"),
        (&by_ada, "cancelEventRegistration", "succeeded"),
        (&by_bob, "registerForEvent", "succeeded"),
    ] {
        let reply = service.at_event(by, field, &event).await;
        assert_eq!(reply.data(&format!("/{field}/status")), status, "{by:?} {field}");
    }
    let query = format!(
        "{{ eventRegistrations(eventId: \"{event}\", limit: 10) {{ totalCount nodes {{ memberId status \
            cancelledAt member {{ username }} }} }} event(id: \"{event}\") {{ registrationsCount }} }}"
    );
    let reply = service.app(&query).await;
    assert_eq!(
        (reply.data("/event/registrationsCount"), reply.data("/eventRegistrations/totalCount")),
        (json!(1), json!(2))
    );
    let nodes = reply.data("/eventRegistrations/nodes");
    let of_ada =
        nodes.as_array().expect("nodes").iter().find(|node| node["memberId"] == json!(ada)).expect("hers");
    assert_eq!((&of_ada["status"], &of_ada["member"]["username"]), (&json!("cancelled"), &json!("ada")));
    assert_eq!(
        service.at_event(&by_ada, "registerForEvent", "nothing").await.error(),
        (404, "Event not found".to_owned())
    );
    assert_eq!(service.count(SentKind::EventNotice), 2, "the host hears of each who comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_cancellations_notice_those_who_come() {
    let service = service(0, "").await;
    let space = service.space("Room").await;
    let ada = service.member("Ada").await;
    let event = service.create_event(&By::App, &space, input(&ada)).await.text("/createEvent/id");
    service.running.people().register(&ada, &event).expect("registered");
    let before = service.count(SentKind::EventNotice);
    let edited =
        service.update_event(&By::App, &event, json!({"title": "New Moon"})).await.data("/updateEvent");
    assert_eq!((&edited["title"], &edited["slug"]), (&json!("New Moon"), &json!("full-moon-circle")));
    assert_eq!(edited["virtualLocations"].as_array().map(Vec::len), Some(1), "the rest stays");
    assert_eq!(service.count(SentKind::EventNotice) - before, 1);
    for (input, status) in [
        (json!({"endTime": "2026-04-01T15:00:00Z"}), 400),
        (json!({"title": ""}), 400),
        (json!({"timeZone": "Mars/Base"}), 400),
    ] {
        assert_eq!(service.update_event(&By::App, &event, input.clone()).await.error().0, status, "{input}");
    }
    assert_eq!(
        service.update_event(&By::Member(ada.clone()), &event, json!({"title": "Mine"})).await.error().0,
        403
    );
    assert_eq!(service.at_event(&By::Member(ada), "deleteEvent", &event).await.error().0, 403);
    assert_eq!(
        service.at_event(&By::App, "deleteEvent", &event).await.data("/deleteEvent/status"),
        "succeeded"
    );
    assert_eq!(service.count(SentKind::EventNotice) - before, 2);
    assert_eq!(service.at_event(&By::App, "deleteEvent", &event).await.error().0, 404);
    assert_eq!(service.app(&format!("{{ event(id: \"{event}\") {{ id }} }}")).await.error().0, 404);
}
