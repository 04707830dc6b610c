//! How scenarios are read, and how a stand-in starts and ends.

use super::support::notion;
use crate::support::{client, guided, told};
use sandbox::SandboxError;
use sandbox::community::RECORDS_MAX;
use sandbox::notion::{Options, Scenario, start};

#[test]
fn every_problem_of_a_scenario_is_told_with_its_line() {
    let toml = "\
old_version = \"yes\"
minute = true
[limits]
nesting = 0
[window]
reason = \"lists\"
[query]
lag = -1
[[fault]]
kind = \"status\"
endpoints = [\"page/create\"]
";
    let problems = Scenario::parse(toml).expect_err("many problems");
    let expected = [
        (1, "old_version is not true or false"),
        (2, "minute is no switch (did you mean minutes?)"),
        (4, "limits.nesting is not a whole number from 1 to 10"),
        (6, "window.reason does not know \"lists\" (did you mean \"list\"?)"),
        (8, "query.lag is not a whole number"),
        (11, "fault.endpoints does not know \"page/create\" (did you mean \"pages/create\"?)"),
    ];
    told(&problems, &expected);
}

#[test]
fn an_empty_scenario_is_the_well_behaved_one_and_the_documented_examples_are_read() {
    assert_eq!(Scenario::parse("").expect("nothing wrong"), Scenario::default());
    let switches = [
        "old_version",
        "minutes",
        "nesting",
        "blocks",
        "bytes",
        "bytes_looked_at",
        "connection",
        "workspace",
        "retry_after",
        "reason",
        "lag",
        "rows",
        "ignores_case",
        "milliseconds",
        "jitter",
        "kind",
        "status",
        "endpoints",
        "at",
        "every",
        "times",
        "after_work",
    ];
    guided(include_str!("../../../SCENARIOS-NOTION.md"), Scenario::parse, &switches);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why_and_what_is_stopped_is_gone() {
    let running = notion("[latency]\nmilliseconds = 1\n").await.running;
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
    assert_eq!(of("NOTION_API_URL"), Some(running.address.clone()));
    assert_eq!(of("NOTION_API_TOKEN"), Some(running.key.clone()));
    assert_eq!(of("NOTION_MEMBERS_DATABASE_ID"), Some(running.members_database_id.clone()));
    let address = format!("{}/v1/users/me", running.address);
    assert_eq!(client().get(&address).send().await.expect("an answer").status().as_u16(), 401);
    running.stop().await;
    assert!(client().get(&address).send().await.is_err());
}
