//! How scenarios are read, and how a stand-in starts and ends.

use super::support::circle;
use crate::support::{client, guided, told};
use sandbox::SandboxError;
use sandbox::circle::{Options, Scenario, start};
use sandbox::community::RECORDS_MAX;

#[test]
fn every_problem_of_a_scenario_is_told_with_its_line() {
    let toml = "\
[auth]
schemes = \"beerer\"
[paging]
max_per_page = 0
next = \"right\"
[[fault]]
status = 503
[[fault]]
kind = \"status\"
status = 200
endpoints = [\"post\"]
[[drift]]
stream = \"spaces\"
[weather]
rain = true
";
    let problems = Scenario::parse(toml).expect_err("many problems");
    let expected = [
        (2, "auth.schemes does not know \"beerer\" (did you mean \"bearer\"?)"),
        (4, "paging.max_per_page is not a whole number from 1"),
        (5, "paging.next is no switch"),
        (6, "fault.kind is missing"),
        (10, "fault.status is not a whole number from 400 to 599"),
        (11, "fault.endpoints does not know \"post\" (did you mean \"posts\"?)"),
        (13, "drift.stream does not know \"spaces\""),
        (14, "weather is no switch"),
    ];
    told(&problems, &expected);
}

#[test]
fn an_empty_scenario_is_the_well_behaved_one_and_the_documented_examples_are_read() {
    assert_eq!(Scenario::parse("").expect("nothing wrong"), Scenario::default());
    let switches = [
        "schemes",
        "eligible",
        "default_per_page",
        "max_per_page",
        "page_count",
        "next_flag",
        "tiptap",
        "replies",
        "published_only",
        "comments_by_place",
        "deactivated",
        "nested_choices",
        "details",
        "monthly",
        "used",
        "retry_after",
        "requests",
        "seconds",
        "access_seconds",
        "refresh_seconds",
        "window_has_id",
        "link_seconds",
        "signed_every",
        "missing_every",
        "cut_every",
        "milliseconds",
        "jitter",
        "kind",
        "status",
        "endpoints",
        "at",
        "every",
        "times",
        "after_work",
        "stream",
        "before",
        "insert",
        "remove",
        "edit",
        "which",
    ];
    guided(include_str!("../../../SCENARIOS-CIRCLE.md"), Scenario::parse, &switches);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why_and_what_is_stopped_is_gone() {
    let running = circle(10, "[latency]\nmilliseconds = 1\njitter = 1\n").await.running;
    let port = running.address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let cases = [
        (Options { port, ..Options::default() }, "cannot listen"),
        (Options { records: RECORDS_MAX + 1, ..Options::default() }, "members at most"),
    ];
    for (options, expected) in cases {
        let cause: SandboxError = start(options).await.expect_err("refused");
        assert!(cause.to_string().contains(expected), "{cause}");
    }
    let exports = running.exports();
    let of = |name: &str| exports.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
    assert_eq!(of("CIRCLE_API_URL"), Some(running.address.clone()));
    assert_eq!(of("CIRCLE_API_TOKEN"), Some(running.key.clone()));
    assert_eq!(of("CIRCLE_COMMUNITY_ID"), Some(running.community_id.to_string()));
    let address = format!("{}/api/admin/v2/community", running.address);
    assert_eq!(client().get(&address).send().await.expect("an answer").status().as_u16(), 401);
    running.stop().await;
    assert!(client().get(&address).send().await.is_err());
}
