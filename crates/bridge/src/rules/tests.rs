//! What events cause.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn template(text: &str) -> Template {
    Template::parse(text).expect("a template")
}

fn event(kind: &str, told: &[(&str, &str)], body: Value) -> Event {
    Event {
        sender: "community".to_owned(),
        id: "e1".to_owned(),
        kind: kind.to_owned(),
        subject: "member:m1".to_owned(),
        occurred: moment("2026-01-02T00:00:00Z"),
        told: told.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        body,
    }
}

fn rule(name: &str, on: &[&str], does: Does) -> Rule {
    let on = on.iter().map(|kind| (*kind).to_owned()).collect();
    Rule { name: name.to_owned(), on, when: Vec::new(), does, after: SignedDuration::ZERO }
}

fn member(columns: &[(&str, &str)]) -> Does {
    let columns = columns.iter().map(|(column, text)| ((*column).to_owned(), template(text))).collect();
    let table =
        TableRule { name: "community_members".to_owned(), key: "bettermode_member_id".to_owned(), columns };
    Does::ProcessMember { table: Some(table), cache: true, pages: true }
}

fn message(to: &str, text: &str) -> Does {
    Does::SendMessage { to: template(to), text: template(text) }
}

fn call(url: &str) -> Does {
    Does::CallUrl { url: template(url) }
}

/// The one action besides the copy.
fn only(does: Does, event: &Event) -> Planned {
    let now = moment("2026-01-02T00:00:05Z");
    let mut planned = decide(&[rule("r", &["*"], does)], event, None, now);
    assert_eq!(planned.len(), 2);
    planned.remove(1)
}

fn lacks(work: Work) -> String {
    match work {
        Work::Incomplete { wanted, lacks } => format!("{wanted}: {}", lacks.join(", ")),
        work => format!("complete: {work:?}"),
    }
}

#[test]
fn a_pattern_means_its_kinds() {
    for (pattern, kind, expected) in [
        ("member.updated", "member.updated", true),
        ("member.updated", "member.update", false),
        ("member.*", "member.updated", true),
        ("member.*", "member.role.changed", true),
        ("member.*", "member", false),
        ("member.*", "member_invitation.created", false),
        ("*", "push", true),
        ("member*", "members", false),
        ("", "", true),
        ("", "push", false),
    ] {
        assert_eq!(is_of(kind, pattern), expected, "{pattern} {kind}");
    }
}

#[test]
fn rules_apply_to_their_kinds_and_under_their_conditions() {
    let told = [("status", "VERIFIED"), ("member_id", "m1")];
    let happened = event("member.updated", &told, json!({"data": {"vip": true, "level": 3, "tags": ["a"]}}));
    for (when, expected) in [
        (vec![], true),
        (vec![("status", "VERIFIED")], true),
        (vec![("status", "verified")], false),
        (vec![("status", "VERIFIED"), ("member_id", "m2")], false),
        (vec![("body.data.vip", "true"), ("body.data.level", "3"), ("body.data.tags.0", "a")], true),
        (vec![("body.data.tags", "a")], false),
        (vec![("email", "")], false),
        (vec![("body.data.none", "")], false),
    ] {
        let mut rule = rule("r", &["member.created", "member.updated"], Does::TrackActivity);
        let condition = |(hole, equals): &(&str, &str)| Condition {
            hole: Hole::parse(hole).expect("a hole"),
            equals: (*equals).to_owned(),
        };
        rule.when = when.iter().map(condition).collect();
        assert_eq!(rule.is_for(&happened), expected, "{when:?}");
        assert!(!rule.is_for(&event("member.deleted", &told, json!({}))));
    }
}

#[test]
fn every_event_is_copied_and_rules_keep_their_order() {
    let now = moment("2026-01-02T00:00:05Z");
    let copy =
        Planned { rule: COPY.to_owned(), number: 0, lane: String::new(), due: now, work: Work::KeepCopy };
    let happened = event("anything", &[("member_id", "m1")], json!({}));
    assert_eq!(decide(&[], &happened, None, now), std::slice::from_ref(&copy));
    let rules = [
        rule("b", &["*"], Does::TrackActivity),
        rule("none", &["other.*"], Does::TrackActivity),
        rule("a", &["anything"], message("{member_id}", "hi")),
    ];
    let planned = decide(&rules, &happened, None, now);
    assert_eq!(planned[0], copy);
    let names: Vec<(&str, u32)> = planned.iter().map(|p| (p.rule.as_str(), p.number)).collect();
    assert_eq!(names, [("copy", 0), ("b", 0), ("a", 0)]);
}

#[test]
fn an_older_event_causes_no_work_that_carries_state() {
    let told = [("member_id", "m1"), ("event_id", "e1"), ("starts_at", "2026-02-01T00:00:00Z")];
    let happened = event("member.updated", &told, json!({}));
    let rules = [
        rule("member", &["*"], member(&[])),
        rule(
            "incomplete",
            &["*"],
            Does::ScheduleEvent { remind_before: vec![60], text: Some(template("{title}")) },
        ),
        rule("event", &["*"], Does::ScheduleEvent { remind_before: vec![], text: None }),
        rule("message", &["*"], message("{member_id}", "hi")),
    ];
    let all = vec!["copy", "member", "incomplete", "event", "message"];
    for (newest, expected) in [
        (None, all.clone()),
        (Some("2026-01-01T00:00:00Z"), all.clone()),
        (Some("2026-01-02T00:00:00Z"), all),
        (Some("2026-01-02T00:00:00.000000001Z"), vec!["copy", "message"]),
    ] {
        let planned = decide(&rules, &happened, newest.map(moment), moment("2026-01-03T00:00:00Z"));
        let names: Vec<&str> = planned.iter().map(|p| p.rule.as_str()).collect();
        assert_eq!(names, expected, "{newest:?}");
        let carried = planned.iter().filter(|p| p.work.carries_state()).count();
        assert_eq!(carried, if names.contains(&"member") { 2 } else { 0 });
    }
}

#[test]
fn a_delay_counts_from_the_decision_and_never_overflows() {
    let now = moment("2026-01-02T00:00:05Z");
    for (after, due) in [
        (SignedDuration::ZERO, "2026-01-02T00:00:05Z"),
        (SignedDuration::from_mins(10), "2026-01-02T00:10:05Z"),
        (SignedDuration::MAX, "9999-12-30T22:00:00.999999999Z"),
    ] {
        let rules = [Rule { after, ..rule("r", &["*"], message("m", "hi")) }];
        let planned = decide(&rules, &event("x", &[], json!({})), None, now);
        assert_eq!((planned[0].due, planned[1].due), (now, moment(due)), "{after}");
    }
}

#[test]
fn a_post_counts_when_it_is_published() {
    for (kind, expected) in
        [("post.created", false), ("post.published", true), ("post.deleted", true), ("reaction.added", true)]
    {
        let rule = rule("r", &["post.*", "reaction.*"], Does::TrackActivity);
        assert_eq!(rule.is_for(&event(kind, &[], json!({}))), expected, "{kind}");
    }
    let work = only(Does::TrackActivity, &event("post.published", &[("member_id", "m1")], json!({}))).work;
    let activity = "post.published".to_owned();
    assert_eq!(work, Work::TrackActivity { member_id: "m1".to_owned(), activity: activity.clone() });
    let work = only(Does::TrackActivity, &event("post.published", &[], json!({}))).work;
    assert_eq!(work, Work::TrackActivity { member_id: String::new(), activity });
}

#[test]
fn a_row_gets_what_is_told_and_keeps_the_rest() {
    let does = member(&[
        ("email", "{email}"),
        ("full_name", "{name} ({username})"),
        ("name", "{name}"),
        ("platform", "BetterMode"),
        ("role", "{body.data.role}"),
        ("tagline", "{title}"),
    ]);
    let told = [("member_id", "m1"), ("name", "Ada <\"B\">"), ("title", "")];
    let planned = only(does.clone(), &event("member.updated", &told, json!({"data": {"role": null}})));
    let Work::ProcessMember { member_id, table: Some(table), cache: true, pages: true, gone: false } =
        planned.work
    else {
        panic!("{:?}", planned.work)
    };
    assert_eq!((member_id.as_str(), planned.lane.as_str()), ("m1", "member:m1"));
    assert_eq!((table.name.as_str(), table.key.as_str()), ("community_members", "bettermode_member_id"));
    let columns: Vec<(&str, &str)> =
        table.columns.iter().map(|(c, text)| (c.as_str(), text.as_deref().unwrap_or("NULL"))).collect();
    assert_eq!(columns, [("name", "Ada <\"B\">"), ("platform", "BetterMode"), ("tagline", "")]);

    let gone = only(does.clone(), &event("member.deleted", &told, json!({}))).work;
    assert!(matches!(gone, Work::ProcessMember { gone: true, .. }), "{gone:?}");
    let nobody = only(does, &event("member.updated", &[("name", "Ada")], json!({})));
    assert_eq!(
        (nobody.lane.as_str(), lacks(nobody.work)),
        ("", "process_member: `member_id` is not told".to_owned())
    );
}

#[test]
fn a_member_keeps_their_lane_whatever_the_event_is_about() {
    let mut happened = event("post.published", &[("member_id", "m1")], json!({}));
    happened.subject = "post:p1".to_owned();
    assert_eq!(only(member(&[]), &happened).lane, "member:m1");
    assert_eq!(only(message("{member_id}", "hi"), &happened).lane, "");
}

#[test]
fn what_takes_place_is_kept_with_its_reminders_until_it_does_not() {
    let does =
        || Does::ScheduleEvent { remind_before: vec![86_400, 3_600], text: Some(template("{title} soon")) };
    let told = |starts_at| vec![("event_id", "e1"), ("title", "Tea"), ("starts_at", starts_at)];
    let at = "2026-02-01T00:00:00Z";
    let work = |kind: &str, told: &[(&str, &str)]| only(does(), &event(kind, told, json!({}))).work;
    let kept = |starts_at: &str, remind_before: &[u64], text: &str| Work::ScheduleEvent {
        event_id: "e1".to_owned(),
        starts_at: moment(starts_at),
        remind_before: remind_before.to_vec(),
        text: text.to_owned(),
        to: Vec::new(),
    };
    assert_eq!(work("event.created", &told(at)), kept(at, &[86_400, 3_600], "Tea soon"));
    assert_eq!(work("event.cancelled", &told(at)), kept(at, &[], ""));
    assert_eq!(work("event.deleted", &[("event_id", "e1")]), kept("2026-01-02T00:00:00Z", &[], ""));
    let lane = only(does(), &event("event.updated", &told(at), json!({}))).lane;
    assert_eq!(lane, "event:e1");
    for (kind, told, expected) in [
        ("event.created", told("tomorrow"), "`starts_at` is no moment"),
        ("event.created", vec![("event_id", "e1"), ("title", "Tea")], "`starts_at` is not told"),
        ("event.created", vec![("event_id", "e1"), ("starts_at", at)], "`title` is not told"),
        ("event.created", vec![], "`event_id` is not told, `starts_at` is not told, `title` is not told"),
        ("event.deleted", vec![], "`event_id` is not told"),
    ] {
        assert_eq!(lacks(work(kind, &told)), format!("schedule_event: {expected}"), "{kind} {told:?}");
    }
    let silent = Does::ScheduleEvent { remind_before: vec![60], text: None };
    let work = only(silent, &event("event.created", &told(at), json!({}))).work;
    assert_eq!(work, kept(at, &[], ""));
}

#[test]
fn half_a_text_is_never_sent_and_never_lost() {
    let told = [("member_id", "m1"), ("name", " "), ("email", "a@example.test")];
    let happened = event("member.verified", &told, json!({"data": {"list": [1]}}));
    for (does, expected) in [
        (message("{member_id}", "Hi {name}, {name}"), "send_message: `name` is not told"),
        (message("{username}", "Hi {title}"), "send_message: `username` is not told, `title` is not told"),
        (message("{member_id}", "{body.data.list}"), "send_message: `body.data.list` is not told"),
        (call("https://x.example/{name}?m={email}"), "call_url: `name` is not told"),
        (
            Does::PublishPost {
                space: template("s1"),
                title: template("Hi"),
                content: template("<p>{text}</p>"),
                author: Some(template("{title}")),
            },
            "publish_post: `text` is not told, `title` is not told",
        ),
    ] {
        let planned = only(does, &happened);
        assert_eq!(lacks(planned.work.clone()), expected);
        assert!(planned.work.impossible().is_some(), "nobody is asked to do it");
        assert!(!format!("{planned:?}").contains("example.test"), "names and no values");
    }
}

#[test]
fn what_fills_a_text_is_written_as_its_place_wants() {
    let nasty = "a/b?c=d&e#f <b>\"'é{x}%2e";
    let happened = event("x", &[("text", nasty), ("member_id", "m1")], json!({}));
    let work = only(message("{member_id}", "say {text}"), &happened).work;
    assert_eq!(work, Work::SendMessage { to: "m1".to_owned(), text: format!("say {nasty}") });
    let work = only(call("https://x.example/{text}?q={text}"), &happened).work;
    let encoded = "a%2Fb%3Fc%3Dd%26e%23f%20%3Cb%3E%22%27%C3%A9%7Bx%7D%252e";
    assert_eq!(work, Work::CallUrl { url: format!("https://x.example/{encoded}?q={encoded}") });
    let post = Does::PublishPost {
        space: template("s1"),
        title: template("{text}"),
        content: template("<p title=\"{text}\">{text}</p>"),
        author: None,
    };
    let escaped = "a/b?c=d&amp;e#f &lt;b&gt;&quot;&#39;é{x}%2e";
    let expected = Work::PublishPost {
        space_id: "s1".to_owned(),
        title: nasty.to_owned(),
        content: format!("<p title=\"{escaped}\">{escaped}</p>"),
        author_id: None,
    };
    assert_eq!(only(post, &happened).work, expected);
}

#[test]
fn a_value_cannot_climb_in_an_address() {
    for (url, title, expected) in [
        ("https://x.example/a/{title}/b", "..", false),
        ("https://x.example/a/{title}", ".", false),
        ("https://x.example/a/.{title}", ".", false),
        ("https://x.example/a/{title}{title}?x", ".", false),
        ("https://x.example/a/{title}", "...", true),
        ("https://x.example/a/{title}", "../b", true),
        ("https://x.example/a?b={title}/{title}", "..", true),
    ] {
        let work = only(call(url), &event("x", &[("title", title)], json!({}))).work;
        assert_eq!(matches!(work, Work::CallUrl { .. }), expected, "{url} {title}: {work:?}");
    }
}

#[test]
fn no_text_grows_without_end() {
    let large = "x".repeat(100 << 10);
    let happened = event("x", &[("member_id", "m1"), ("text", &large)], json!({}));
    let work = only(message("{member_id}", "{text}{text}"), &happened).work;
    assert!(matches!(work, Work::SendMessage { .. }));
    let work = only(message("{member_id}", &"{text}".repeat(1_000)), &happened).work;
    assert_eq!(lacks(work), "send_message: a text grows beyond 256 KiB");
    let work = only(member(&[("bio", &"{text}".repeat(1_000))]), &happened).work;
    assert_eq!(lacks(work), "process_member: a column grows beyond 256 KiB");
}

proptest! {
    /// What fills an address stays within its segment: the address has the parts that were written.
    #[test]
    fn a_value_stays_in_its_part_of_an_address(value in "\\PC{1,40}") {
        prop_assume!(!value.trim().is_empty() && value != "." && value != "..");
        let happened = event("x", &[("title", &value)], json!({}));
        let work = only(call("https://x.example/a/{title}/b?c={title}#d"), &happened).work;
        let Work::CallUrl { url } = work else { panic!("{work:?}") };
        prop_assert!(url.is_ascii() && !url.contains(char::is_whitespace));
        prop_assert_eq!(url.matches('/').count(), 5);
        prop_assert_eq!(url.matches('?').count(), 1);
        prop_assert_eq!(url.matches('#').count(), 1);
        let part = url.split('/').nth(4).expect("a part");
        let back = percent_encoding::percent_decode_str(part).decode_utf8().expect("UTF-8");
        prop_assert_eq!(back, value);
    }

    /// What fills HTML makes no tag and leaves no attribute.
    #[test]
    fn a_value_is_text_in_html(value in "[ -~é]{1,40}") {
        prop_assume!(!value.trim().is_empty());
        let content = template("{text}");
        let does = Does::PublishPost { space: template("s"), title: template("t"), content, author: None };
        let happened = event("x", &[("text", &value)], json!({}));
        let Work::PublishPost { content, .. } = only(does, &happened).work else { panic!("a post") };
        prop_assert!(!content.contains(['<', '>', '"', '\'']));
        let back = content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        prop_assert_eq!(back.replace("&#39;", "'").replace("&amp;", "&"), value);
    }

    /// A template of text and holes is filled with exactly that.
    #[test]
    fn a_text_is_its_pieces_filled(parts in prop::collection::vec(("[a-z ]{1,5}", "[A-Z{}]{1,5}"), 0..8)) {
        let mut told = Vec::new();
        let (mut text, mut expected) = (String::from("."), String::from("."));
        for (at, (plain, value)) in parts.iter().enumerate() {
            text.push_str(&format!("{plain}{{n{at}}}"));
            expected.push_str(&format!("{plain}{value}"));
            told.push((format!("n{at}"), value.clone()));
        }
        let told: Vec<(&str, &str)> = told.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let work = only(message("m", &text), &event("x", &told, json!({}))).work;
        prop_assert_eq!(work, Work::SendMessage { to: "m".to_owned(), text: expected });
    }
}
