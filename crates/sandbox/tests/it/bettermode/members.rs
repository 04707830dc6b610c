//! Members come, change and go.

use super::support::{By, NOON, Reply, Service, service};
use sandbox::bettermode::{Records, SentKind};
use serde_json::{Value, json};

const MEMBER: &str = "{ id username name displayName email newEmail emailStatus externalId status roleId \
    fields { key value } createdAt updatedAt verifiedAt tagline locale timeZone flagged teammate }";

impl Service {
    async fn join(&self, by: &By, input: Value) -> Reply {
        let query = format!(
            "mutation($i: JoinNetworkInput!) {{ joinNetwork(input: $i) {{ accessToken member {MEMBER} }} }}"
        );
        self.ask(by, &query, json!({"i": input})).await
    }

    async fn update(&self, by: &By, id: Option<&str>, input: Value) -> Reply {
        let query = format!(
            "mutation($m: ID, $i: UpdateMemberInput!) {{ updateMember(id: $m, input: $i) {MEMBER} }}"
        );
        self.ask(by, &query, json!({"m": id, "i": input})).await
    }

    async fn found(&self, by: &By, argument: &str, value: &str) -> Reply {
        let query = format!(
            "query($v: {}) {{ member({argument}: $v) {MEMBER} }}",
            if argument == "id" { "ID" } else { "String" }
        );
        self.ask(by, &query, json!({"v": value})).await
    }

    async fn act(&self, by: &By, field: &str, argument: &str, id: &str) -> Reply {
        self.ask(by, &format!("mutation {{ {field}({argument}: \"{id}\") {{ status }} }}"), json!({})).await
    }
}

fn ada() -> Value {
    json!({"email": "Ada@Example.test", "name": "Ada", "password": "a long password", "username": "Ada.L"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_signs_up_and_is_mailed_a_code() {
    let service = service(2, "").await;
    let guest = By::Token(service.guest().await);
    let reply = service.join(&guest, ada()).await;
    let member = reply.data("/joinNetwork/member");
    assert_eq!((&member["status"], &member["emailStatus"]), (&json!("UNVERIFIED"), &json!("sent")));
    assert_eq!((service.count(SentKind::VerificationMail), service.running.mails()), (1, 1));
    let own = By::Token(reply.text("/joinNetwork/accessToken"));
    assert_eq!(service.ask(&own, "{ authMember { name } }", json!({})).await.data("/authMember/name"), "Ada");
    for (key, value) in
        [("verified", json!(true)), ("createdAt", json!("2020-01-01T00:00:00Z")), ("externalId", json!("1"))]
    {
        let mut input = json!({"email": "b@example.test", "name": "B", "password": "a long password"});
        input[key] = value;
        assert_eq!(service.join(&guest, input).await.error().0, 403, "{key} is not for guests");
    }
    assert_eq!(service.join(&own, ada()).await.error().0, 403, "nor is joining for members");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_imports_a_member_without_a_mail() {
    let service = service(2, "").await;
    let mut input = ada();
    let more = json!({"verified": true, "createdAt": "2021-05-06T07:08:09.123Z", "externalId": "circle-7",
        "tagline": "Hi", "phone": "+1"});
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let member = service.join(&By::App, input).await.data("/joinNetwork/member");
    for (key, value) in [
        ("status", json!("VERIFIED")),
        ("emailStatus", json!("verified")),
        ("createdAt", json!("2021-05-06T07:08:09.123Z")),
        ("updatedAt", json!("2021-05-06T07:08:09.123Z")),
        ("verifiedAt", json!("2026-03-01T12:00:00.000Z")),
        ("externalId", json!("circle-7")),
        ("email", json!("Ada@Example.test")),
        ("username", json!("Ada.L")),
        ("tagline", json!("Hi")),
    ] {
        assert_eq!(member[key], value, "{key}");
    }
    assert_eq!((service.running.mails(), NOON), (0, 1_772_366_400_000));
    let unverified = json!({"email": "c@example.test", "name": "Café Owner", "password": "a long \
        password"});
    let member = service.join(&By::App, unverified).await.data("/joinNetwork/member");
    assert_eq!((&member["status"], &member["username"]), (&json!("UNVERIFIED"), &json!("caf-owner")));
    assert_eq!(service.running.mails(), 1, "an app that does not vouch for the address makes a mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_an_import_mails_or_is_refused_can_be_switched() {
    let mut input = ada();
    input["verified"] = json!(true);
    let mailed = service(0, "[members]\nimport = \"mailed\"").await;
    mailed.join(&By::App, input.clone()).await.data("/joinNetwork");
    assert_eq!((mailed.count(SentKind::WelcomeMail), mailed.running.mails()), (1, 1));
    let refused = service(0, "[members]\nimport = \"refused\"").await;
    assert_eq!(refused.join(&By::App, input).await.error().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_or_not_valid_is_refused_and_changes_nothing() {
    let service = service(2, "").await;
    let mut first = ada();
    first["externalId"] = json!("ext-1");
    service.join(&By::App, first).await.data("/joinNetwork");
    let before = service.running.records(Records::Members).len();
    let with = |key: &str, value: Value| {
        let mut input = json!({"email": "new@example.test", "name": "New", "password": "a long password"});
        input[key] = value;
        input
    };
    for (input, field, message) in [
        (with("email", json!("ADA@example.TEST")), "email", "The email is already taken"),
        (with("username", json!("ADA.l")), "username", "The username is already taken"),
        (with("externalId", json!("ext-1")), "externalId", "The externalId is already taken"),
        (with("email", json!("ada")), "email", "The email is not valid"),
        (with("email", json!("a da@example.test")), "email", "The email is not valid"),
        (with("email", json!("a@b@example.test")), "email", "The email is not valid"),
        (with("email", json!("@example.test")), "email", "The email is not valid"),
        (with("email", json!("a@test")), "email", "The email is not valid"),
        (with("username", json!("two words")), "username", "The username is not valid"),
        (with("username", json!("")), "username", "The username is not valid"),
        (with("name", json!("  ")), "name", "name is required"),
        (with("password", json!("short")), "password", "The password has less than 8 characters"),
    ] {
        let reply = service.join(&By::App, input.clone()).await;
        assert_eq!(reply.error(), (400, message.to_owned()), "{input}");
        assert_eq!(reply.json()["errors"][0]["errors"][0]["field"], field, "{input}");
    }
    assert_eq!(service.running.records(Records::Members).len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_found_by_id_name_and_external_id_or_is_an_error() {
    let service = service(2, "").await;
    let mut input = ada();
    input["externalId"] = json!("ext-1");
    let id = service.join(&By::App, input).await.text("/joinNetwork/member/id");
    for (argument, value) in [("id", id.as_str()), ("username", "ADA.l"), ("externalId", "ext-1")] {
        assert_eq!(service.found(&By::App, argument, value).await.text("/member/id"), id, "{argument}");
        let reply = service.found(&By::App, argument, "nobody").await;
        assert_eq!(reply.error(), (404, "Member not found".to_owned()), "{argument}");
        assert_eq!(reply.json()["data"], Value::Null, "{argument}");
    }
    assert_eq!(service.app("{ member { id } }").await.error().0, 400);
    let two = service.app("{ member(id: \"a\", username: \"b\") { id } }").await;
    assert_eq!(two.error().0, 400);
    let ids = json!({"ids": [id, "nobody", service.running.owner_id]});
    let reply =
        service.ask(&By::App, "query($ids: [String!]!) { membersByIds(ids: $ids) { id } }", ids).await;
    assert_eq!(reply.data("/membersByIds").as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_for_oneself_and_for_admins() {
    let service = service(2, "").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    for (by, seen) in [
        (By::App, json!("ada@example.test")),
        (By::Member(ada.clone()), json!("ada@example.test")),
        (By::Member(bob), Value::Null),
    ] {
        assert_eq!(service.found(&by, "id", &ada).await.data("/member/email"), seen, "{by:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_mail_people_and_every_mail_is_counted() {
    let service = service(2, "").await;
    let query = "mutation($i: InviteMembersInput!) { inviteMembers(input: $i) { id inviteeEmail inviteeId \
        status role { type } expiresAt joinedAt } }";
    let space = service.space("Welcome room").await;
    let invitees = json!([
        {"email": "one@example.test", "defaultSpacesIds": [space]},
        {"email": "Two@example.test", "name": "Two"},
    ]);
    let reply = service.ask(&By::App, query, json!({"i": {"invitees": invitees}})).await;
    assert_eq!(reply.data("/inviteMembers/1/status"), "sent");
    assert_eq!(reply.data("/inviteMembers/0/role/type"), "member");
    assert_eq!((service.count(SentKind::InvitationMail), service.running.mails()), (2, 2));
    assert_eq!(service.running.sendings()[1].to, "Two@example.test");
    for (invitees, status) in [
        (json!([]), 400),
        (json!([{"email": "river@example.test"}]), 400),
        (json!([{"email": "x@example.test"}, {"email": "X@example.test"}]), 400),
        (json!([{"email": "x@example.test", "roleId": "nothing"}]), 400),
        (json!([{"email": "x@example.test", "defaultSpacesIds": ["nothing"]}]), 404),
    ] {
        let reply = service.ask(&By::App, query, json!({"i": {"invitees": invitees}})).await;
        assert_eq!(reply.error().0, status, "{invitees}");
    }
    assert_eq!(service.running.mails(), 2, "a refusal mails nobody");
    let member = By::Member(service.member("Ada").await);
    let reply = service.ask(&member, query, json!({"i": {"invitees": [{"email": "y@example.test"}]}})).await;
    assert_eq!(reply.error().0, 403);

    let one = service.running.people().join("One", "ONE@example.test").expect("a new member");
    let accepted = service.running.records(Records::Invitations)[0].clone();
    assert_eq!(accepted["joinedAt"], "2026-03-01T12:00:00.000Z");
    service.clock.advance(std::time::Duration::from_secs(31 * 24 * 3600));
    service.running.people().join("Two", "two@example.test").expect("a new member");
    assert_eq!(service.running.records(Records::Invitations)[1]["status"], "sent", "it had run out");
    assert_eq!((&accepted["status"], &accepted["inviteeId"]), (&json!("accepted"), &json!(one)));
    assert!(service.running.space_members(&space).contains(&one), "who accepts is in the default spaces");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_it_names_and_checks_it() {
    let service = service(4, "").await;
    let (ada, bob) = (service.member("Ada").await, service.member("Bob").await);
    let input = json!({
        "name": "Ada Lovelace", "email": "countess@example.test", "externalId": "e-1", "tagline": "Engines",
        "timeZone": "Europe/London", "createdAt": "2020-02-02T00:00:00Z", "updatedAt": "2020-02-03T00:00:00Z",
        "fields": [{"key": "city", "value": "\"London\""}, {"key": "sessions", "value": "3"},
            {"key": "interests", "value": "[\"maths\"]"},
            {"key": "joined_on", "value": "\"2020-02-02T00:00:00Z\""}],
    });
    let member = service.update(&By::App, Some(&ada), input).await.data("/updateMember");
    for (key, value) in [
        ("name", json!("Ada Lovelace")),
        ("displayName", json!("Ada Lovelace")),
        ("email", json!("countess@example.test")),
        ("username", json!("ada")),
        ("timeZone", json!("Europe/London")),
        ("createdAt", json!("2020-02-02T00:00:00.000Z")),
        ("updatedAt", json!("2020-02-03T00:00:00.000Z")),
    ] {
        assert_eq!(member[key], value, "{key}");
    }
    assert_eq!(member["fields"].as_array().map(Vec::len), Some(4));
    assert_eq!(service.running.mails(), 0);
    let field = |key: &str, value: &str| json!({"fields": [{"key": key, "value": value}]});
    for (input, status) in [
        (json!({"email": "BOB@example.test"}), 400),
        (json!({"username": "BOB"}), 400),
        (json!({"name": ""}), 400),
        (json!({"roleId": "nothing"}), 400),
        (json!({"profilePictureId": "nothing"}), 404),
        (json!({"newPassword": "short"}), 400),
        (field("town", "\"London\""), 400),
        (field("city", "London"), 400),
        (field("city", "7"), 400),
        (field("newsletter", "\"yes\""), 400),
        (field("sessions", "\"3\""), 400),
        (field("joined_on", "\"yesterday\""), 400),
    ] {
        assert_eq!(service.update(&By::App, Some(&ada), input.clone()).await.error().0, status, "{input}");
    }
    assert_eq!(service.update(&By::App, Some("nobody"), json!({"name": "X"})).await.error().0, 404);
    let literal = "mutation { updateMember(input: {createdAt: \"soon\"}) { id } }";
    let reply = service.app(literal).await;
    assert!(reply.error().1.contains("DateTime cannot represent"), "a date in the text: {}", reply.text);
    let by = By::Member(bob.clone());
    for (id, input, status) in [
        (Some(ada.as_str()), json!({"name": "X"}), 403),
        (None, json!({"createdAt": "2020-02-02T00:00:00Z"}), 403),
        (None, json!({"roleId": "x"}), 403),
        (None, json!({"newPassword": "another password", "currentPassword": "wrong"}), 400),
    ] {
        assert_eq!(service.update(&by, id, input.clone()).await.error().0, status, "{input}");
    }
    let reply = service.update(&by, None, json!({"email": "bobby@example.test"})).await;
    let (old, new) = (reply.text("/updateMember/email"), reply.text("/updateMember/newEmail"));
    assert_eq!((old.as_str(), new.as_str()), ("bob@example.test", "bobby@example.test"));
    assert_eq!(service.count(SentKind::VerificationMail), 1, "a new address is proven by a mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_member_is_gone_and_can_come_back_until_the_address_is_taken() {
    let service = service(4, "").await;
    let ada = service.member("Ada").await;
    let space = service.space("Here").await;
    service.running.people().join_space(&ada, &space).expect("entered");
    let post = service.running.people().post(&ada, &space, "T", "<p>B</p>").expect("a post");
    let reply = service.act(&By::App, "deleteMember", "id", &ada).await;
    assert_eq!(reply.data("/deleteMember/status"), "succeeded");
    assert_eq!(service.found(&By::App, "id", &ada).await.error().0, 404);
    assert_eq!(service.act(&By::App, "deleteMember", "id", &ada).await.error().0, 404, "not twice");
    let query = format!("{{ post(id: \"{post}\") {{ owner {{ member {{ name email status }} }} }} }}");
    let owner = service.app(&query).await.data("/post/owner/member");
    assert_eq!(owner, json!({"name": "Deleted Member", "email": null, "status": "DELETED"}));
    let count = "{ members(limit: 100) { nodes { id } } network { membersCount } }";
    let reply = service.app(count).await;
    assert!(!reply.text.contains(&ada));

    let undo = format!("mutation {{ undoMembersDeletion(memberIds: [\"{ada}\"]) {{ status }} }}");
    assert_eq!(service.app(&undo).await.data("/undoMembersDeletion/status"), "succeeded");
    assert_eq!(service.found(&By::App, "username", "ada").await.data("/member/status"), "VERIFIED");
    assert_eq!(service.app(&undo).await.data("/undoMembersDeletion/status"), "failed", "nothing to undo");
    service.act(&By::App, "deleteMember", "id", &ada).await;
    service.running.people().join("Ada", "ADA@example.test").expect("the address is free again");
    assert_eq!(service.app(&undo).await.data("/undoMembersDeletion/status"), "failed");

    let owner = service.running.owner_id.clone();
    assert_eq!(service.act(&By::App, "deleteMember", "id", &owner).await.error().0, 403);
    let kept = self::service(0, "[members]\ndeleted_keep_email = true").await;
    let ada = kept.member("Ada").await;
    kept.running.people().delete_member(&ada).expect("a deletion");
    assert!(kept.running.people().join("Ada", "ada@example.test").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_suspended_and_verified() {
    let service = service(2, "").await;
    let ada = service.member("Ada").await;
    let status = |reply: Reply| reply.data("/member/status");
    for (field, action, after) in [
        ("unsuspendMember", "failed", "VERIFIED"),
        ("suspendMember", "succeeded", "Suspended"),
        ("suspendMember", "failed", "Suspended"),
        ("unsuspendMember", "succeeded", "VERIFIED"),
    ] {
        let reply = service.act(&By::App, field, "memberId", &ada).await;
        assert_eq!(reply.data(&format!("/{field}/status")), action, "{field}");
        assert_eq!(status(service.found(&By::App, "id", &ada).await), after, "{field}");
    }
    let new = service.running.people().join("New", "new@example.test").expect("a new member");
    let query =
        "mutation($i: VerifyMemberInput!) { verifyMember(input: $i) { member { status emailStatus } } }";
    let by_bob = By::Member(service.member("Bob").await);
    let reply =
        service.ask(&by_bob, query, json!({"i": {"memberId": new, "verificationCode": "guess"}})).await;
    assert_eq!(reply.error().0, 403);
    let reply = service.ask(&By::App, query, json!({"i": {"memberId": new}})).await;
    assert_eq!(reply.data("/verifyMember/member"), json!({"status": "VERIFIED", "emailStatus": "verified"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_members_are_searched_filtered_and_ordered() {
    let service = service(40, "").await;
    let ids = |reply: &Reply| -> Vec<String> {
        let nodes = reply.data("/members/nodes");
        nodes
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| node["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let query = "query($f: [MemberListFilterByInput!], $s: [MemberStatusInput!], $o: String, $r: Boolean, \
        $q: String, $ro: [ID!]) { members(limit: 100, filterBy: $f, status: $s, orderBy: $o, reverse: $r, \
        query: $q, roleIds: $ro) { totalCount nodes { id createdAt name status username } } }";
    let all = ids(&service.ask(&By::App, query, json!({})).await);
    assert_eq!(all.len(), 42, "members, owner and app");
    let suspended = service.ask(&By::App, query, json!({"s": ["Suspended"]})).await;
    assert_eq!(suspended.data("/members/totalCount"), 2);
    let ordered = service.ask(&By::App, query, json!({"o": "createdAt"})).await.data("/members/nodes");
    let dates: Vec<&str> =
        ordered.as_array().expect("nodes").iter().filter_map(|n| n["createdAt"].as_str()).collect();
    assert!(dates.is_sorted());
    let reversed = ids(&service.ask(&By::App, query, json!({"o": "createdAt", "r": true})).await);
    assert_eq!(reversed.last(), ids(&service.ask(&By::App, query, json!({"o": "createdAt"})).await).first());
    let filter = |key: &str, operator: &str, value: Value| {
        let text = value.to_string();
        json!({"f": [{"key": key, "operator": operator, "value": text}]})
    };
    let from = ordered[20]["createdAt"].clone();
    for (variables, count) in [
        (filter("createdAt", "gte", from.clone()), 22),
        (filter("createdAt", "lt", from), 20),
        (filter("id", "in", json!([all[0], all[1], "nobody"])), 2),
        (filter("status", "equals", json!("UNVERIFIED")), 2),
        (filter("email", "equals", json!("RIVER@example.test")), 0),
        (filter("email", "startsWith", json!("RIVER@")), 1),
        (filter("externalId", "hasValue", json!(true)), 0),
        (filter("fields.newsletter", "equals", json!(true)), 14),
        (json!({"q": "river"}), 1),
        (json!({"ro": ["nothing"]}), 0),
    ] {
        let reply = service.ask(&By::App, query, variables.clone()).await;
        assert_eq!(reply.data("/members/totalCount"), count, "{variables}");
    }
    for variables in [
        json!({"o": "shoeSize"}),
        filter("shoeSize", "equals", json!(1)),
        json!({"f": [{"key": "createdAt", "operator": "gt", "value": "2024-01-01T00:00:00Z"}]}),
        filter("id", "in", json!("x")),
    ] {
        assert_eq!(service.ask(&By::App, query, variables.clone()).await.error().0, 400, "{variables}");
    }
}
