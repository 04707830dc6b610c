//! What serves, once it has no problem.

use crate::support::{WHOLE, environment, shown};
use base::template::Hole;
use base::{Problem, Secret};
use jiff::SignedDuration;
use project::keys::Role;
use project::{Deed, Needs, Overrides, Project, ServeConfig, SystemRef, TableRef, parse, read};

/// Everything that can be said.
const SERVE: &str = r#"
[serve]
listen = "${LANDFALL_LISTEN:-127.0.0.1:8080}"
admin_key = "${ADMIN_API_KEY:-}"
body_bytes_max = 2048
keep_days = 7
redis = "${REDIS_URL:-}"
mongodb = "${MONGODB_URL:-}"
cache_seconds = 60
workers = 2
community = "community"

[serve.webhooks.bettermode]
sender = "bettermode"
enabled = "${INTEGRATION_ENABLE_BETTERMODE:-true}"
secret = "${BETTERMODE_WEBHOOK_SECRET:-}"

[serve.webhooks.circle]
sender = "circle"
enabled = "${INTEGRATION_ENABLE_CIRCLE:-false}"
token = "${CIRCLE_WEBHOOK_TOKEN:-}"

[serve.webhooks.trial]
sender = "github"
allow_unsigned = true

[[rule]]
name = "members follow"
on = ["member.*"]
when = { status = "VERIFIED", body.data.noun = "MEMBER", "body.data.0.x y" = "1" }
do = "process_member"
table = "app.crm.members"
key = "bettermode_member_id"
fields = { email = "{email}", name = "{name} ({{x}})" }

[[rule]]
name = "activities"
on = ["post.*", "reaction.*"]
do = "track_activity"

[[rule]]
name = "meetings"
on = ["event.created", "event.updated"]
do = "schedule_event"
remind = ["1d", "1h"]
text = "{title} begins at {starts_at}"

[[rule]]
name = "welcome"
on = ["member.verified"]
do = "send_message"
to = "{member_id}"
text = "Welcome, {name}!"
after = "10m"

[[rule]]
name = "echo"
on = ["member.created"]
do = "publish_post"
space = "s1"
title = "New here: {name}"
content = "<p>{name}</p>"
author = "{member_id}"

[[rule]]
name = "call"
on = ["*"]
do = "call_url"
url = "https://hooks.example/{event_id}?who={body.data.actor.id}"
"#;

/// The two destinations that [`SERVE`] names.
const SYSTEMS: &str = r#"
[destination.app]
connector = "postgres"
url = "embedded"

[destination.community]
connector = "bettermode"
network_id = "n"
api_token = "${BUBBLE_API_KEY}"
"#;

fn file(serve: &str) -> String {
    let database = "[destination]\nconnector = \"postgres\"\nurl = \"${DATABASE_URL:-embedded}\"\n";
    let whole = WHOLE.replace(database, SYSTEMS);
    whole.replace("from = \"user\"", "from = \"user\"\ninto = \"app.users\"") + serve
}

fn project(text: &str, more: &[(&str, &str)]) -> Project {
    let (project, problems) = parse(text, &environment(more), &Overrides::default());
    let problems: Vec<String> = problems.iter().map(|problem| shown(text, problem)).collect();
    assert!(problems.is_empty(), "{problems:?}");
    project.expect("a project")
}

fn refusals(text: &str, serve: &ServeConfig) -> Vec<String> {
    let shown = |problem: &Problem| {
        let place = problem.span.clone().expect("a place");
        format!("{}: {}", &text[place], problem.message)
    };
    serve.refusals().iter().map(shown).collect()
}

#[test]
fn a_file_without_serve_has_its_documented_defaults() {
    let serve = project(WHOLE, &[]).serve;
    assert_eq!(serve.listen, "127.0.0.1:8080");
    assert_eq!((serve.body_bytes_max, serve.keep_days), (1_048_576, 30));
    assert_eq!((serve.cache_seconds, serve.workers), (3_600, 4));
    assert_eq!((serve.admin_key, serve.redis, serve.mongodb), (None, None, None));
    assert_eq!((serve.community, serve.pages), (None, None));
    assert!(serve.webhooks.is_empty() && serve.rules.is_empty());
}

#[test]
fn everything_that_can_be_said_is_kept() {
    let stores = [("REDIS_URL", "redis://:hunter2@h"), ("MONGODB_URL", "mongodb+srv://u:hunter2@h/d")];
    let more = [("ADMIN_API_KEY", "k"), ("LANDFALL_LISTEN", "[::1]:9"), stores[0], stores[1]];
    let serve = project(&file(SERVE), &more).serve;
    assert_eq!((serve.listen.as_str(), serve.body_bytes_max, serve.keep_days), ("[::1]:9", 2048, 7));
    assert_eq!((serve.cache_seconds, serve.workers), (60, 2));
    assert_eq!(serve.admin_key, Some(Secret::new("k")));
    let stores = stores.map(|(_, address)| Some(Secret::new(address)));
    assert_eq!([serve.redis, serve.mongodb], stores);
    let community = SystemRef { role: Role::Destination, name: "community".to_owned() };
    assert_eq!((serve.community, serve.pages), (Some(community), None));

    let rules = &serve.rules;
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["members follow", "activities", "meetings", "welcome", "echo", "call"]);
    let on: Vec<&str> = rules[1].on.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(on, ["post.*", "reaction.*"]);
    let when: Vec<(String, &str)> =
        rules[0].when.iter().map(|(hole, text)| (hole.value.to_string(), text.as_str())).collect();
    let expected = [("status", "VERIFIED"), ("body.data.noun", "MEMBER"), ("body.data.0.x y", "1")];
    assert_eq!(when, expected.map(|(hole, text)| (hole.to_owned(), text)));
    assert_eq!(rules[3].after, Some(SignedDuration::from_mins(10)));
    assert!(rules.iter().filter(|rule| rule.name != "welcome").all(|rule| rule.after.is_none()));

    let Deed::ProcessMember { row: Some(row), pages: false } = &rules[0].deed else { panic!("{rules:?}") };
    let table = TableRef {
        destination: "app".to_owned(),
        schema: Some("crm".to_owned()),
        table: "members".to_owned(),
    };
    assert_eq!((&row.table.value, row.key.as_str()), (&table, "bettermode_member_id"));
    let columns: Vec<&str> = row.columns.iter().map(|(column, _)| column.as_str()).collect();
    assert_eq!(columns, ["email", "name"]);
    assert_eq!(rules[1].deed, Deed::TrackActivity);
    let Deed::ScheduleEvent { remind, text: Some(_) } = &rules[2].deed else { panic!("{rules:?}") };
    assert_eq!(*remind, [SignedDuration::from_hours(24), SignedDuration::from_hours(1)]);
    let Deed::SendMessage { to, .. } = &rules[3].deed else { panic!("{rules:?}") };
    let holes: Vec<&Hole> = to.value.holes().collect();
    assert_eq!(holes, [&Hole::Told("member_id".to_owned())]);
    assert!(matches!(&rules[4].deed, Deed::PublishPost { author: Some(_), .. }));
    assert!(matches!(&rules[5].deed, Deed::CallUrl { .. }));
}

#[test]
fn the_community_is_the_only_one_unless_it_is_named() {
    let source = "[source.circle]\nconnector = \"circle\"\n\
                  [source.old]\nconnector = \"bettermode\"\nnetwork_id = \"n\"\n";
    let head = "[project]\nname = \"x\"\n";
    let of = |name: &str| format!("[destination.{name}]\nconnector = \"bettermode\"\nnetwork_id = \"n\"\n");
    let role = |role, name: &str| Some(SystemRef { role, name: name.to_owned() });
    for (text, expected) in [
        (head.to_owned(), None),
        (format!("{head}{source}"), role(Role::Source, "old")),
        (format!("{head}{source}{}", of("new")), role(Role::Destination, "new")),
        (format!("{head}{}{}", of("a"), of("b")), None),
        (format!("{head}{}{}[serve]\ncommunity = \"b\"\n", of("a"), of("b")), role(Role::Destination, "b")),
        (format!("{head}{source}{}[serve]\ncommunity = \"old\"\n", of("a")), role(Role::Source, "old")),
    ] {
        assert_eq!(project(&text, &[]).serve.community, expected, "{text}");
    }
}

#[test]
fn serve_refuses_what_would_believe_everybody_and_nothing_else_stops() {
    let text = file(SERVE);
    let no_secret = "[serve.webhooks.bettermode]: `[serve.webhooks.bettermode]` has no secret, so that \
                     nobody could be believed";
    let no_token =
        "[serve.webhooks.circle]: `[serve.webhooks.circle]` has no token, and Circle signs nothing";
    let (secret, token) = (("BETTERMODE_WEBHOOK_SECRET", "s"), ("CIRCLE_WEBHOOK_TOKEN", "t"));
    let circle = ("INTEGRATION_ENABLE_CIRCLE", "true");
    for (more, expected) in [
        (vec![], vec![no_secret]),
        (vec![secret], vec![]),
        (vec![("BETTERMODE_WEBHOOK_SECRET", " , ")], vec![no_secret]),
        (vec![("INTEGRATION_ENABLE_BETTERMODE", "false")], vec![]),
        (vec![circle], vec![no_secret, no_token]),
        (vec![secret, circle], vec![no_token]),
        (vec![secret, circle, token], vec![]),
    ] {
        assert_eq!(refusals(&text, &project(&text, &more).serve), expected, "{more:?}");
    }
    let sender = "sender = \"bettermode\"";
    let unsigned = text.replacen(sender, &format!("{sender}\nallow_unsigned = true"), 1);
    assert_eq!(refusals(&unsigned, &project(&unsigned, &[]).serve), Vec::<String>::new());
}

#[test]
fn a_variable_of_serve_that_is_not_set_stops_serve_only() {
    let text = file(
        &SERVE
            .replace("${REDIS_URL:-}", "${REDIS_URL}")
            .replace("${LANDFALL_LISTEN:-127.0.0.1:8080}", "${LANDFALL_LISTEN}")
            .replace("workers = 2", "workers = \"${WORKERS}\"")
            .replace("text = \"Welcome, {name}!\"", "text = \"${WELCOME}\""),
    );
    let reading = read(&text, &environment(&[]), &Overrides::default());
    let serve = reading.project.unwrap_or_else(|| panic!("{:?}", reading.problems)).serve;
    assert_eq!((serve.listen.as_str(), serve.workers), ("127.0.0.1:8080", 4), "the defaults");
    let unset: Vec<(&str, &Needs)> = reading.unset.iter().map(|u| (u.name.as_str(), &u.needed_by)).collect();
    let names = ["LANDFALL_LISTEN", "REDIS_URL", "WORKERS", "WELCOME"];
    assert_eq!(unset, names.map(|name| (name, &Needs::Serve)));
}

#[test]
fn what_is_odd_about_holes_is_said_and_stops_nothing() {
    let text = file(
        &SERVE
            .replace("Welcome, {name}!", "Welcome, {nmae}!")
            .replace("on = [\"member.created\"]", "on = [\"post.*\"]"),
    );
    let (project, problems) = parse(&text, &environment(&[]), &Overrides::default());
    assert!(project.is_some());
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "no sender is known to tell `nmae`",
            "the post that this rule publishes is such an event again, without end"
        ]
    );
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `name`?"));
}
