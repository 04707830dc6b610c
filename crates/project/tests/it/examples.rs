//! The examples are whole projects.

use crate::support::{example, shown};
use project::{DestinationUrl, Environment, Loaded, Mode, Needs, Overrides, load};
use std::collections::BTreeSet;

fn loaded(name: &str, env: &Environment) -> Loaded {
    load(&example(name), env, &Overrides::default()).expect("an example")
}

#[test]
fn culturebridge_moves_every_field_of_every_table() {
    let env = Environment::new([("BUBBLE_API_URL", "http://127.0.0.1:1/api/1.1"), ("BUBBLE_API_KEY", "k")]);
    let loaded = loaded("culturebridge", &env);
    let problems: Vec<String> = loaded.problems.iter().map(|p| shown(&loaded.text, p)).collect();
    assert!(problems.is_empty() && loaded.unset.is_empty(), "{problems:?} {:?}", loaded.unset);
    let project = loaded.project.expect("a project");
    assert_eq!(project.steps(), ["export", "users", "profiles", "bookings", "verify"]);
    assert_eq!(project.destinations[0].url, Some(DestinationUrl::Embedded));
    assert_eq!(project.ledger_destination.as_deref(), Some(""));
    assert_eq!(project.move_.batch_size, 100);

    // Every column of the destination but the derived id is mapped, and nothing else is.
    let schema = std::fs::read_to_string(example("culturebridge").join("schema.sql")).expect("the schema");
    for entity in &project.entities {
        let start = format!("CREATE TABLE IF NOT EXISTS {} (", entity.into.table);
        let body = schema.split(&start).nth(1).and_then(|b| b.split("\n);").next()).expect("the table");
        let columns: BTreeSet<&str> =
            body.lines().filter_map(|l| l.split_whitespace().next()).filter(|c| *c != "id").collect();
        let mapped: BTreeSet<&str> = entity.fields.iter().map(|(column, _)| column.as_str()).collect();
        assert_eq!(mapped, columns, "{}", entity.name);
        assert_eq!((entity.mode, entity.key.as_str()), (Mode::Update, "_id"), "{}", entity.name);
        assert_eq!(entity.id_map.is_some(), ["users", "bookings"].contains(&entity.name.as_str()));
    }
    let names: Vec<&str> = project.entities.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["users", "client_profiles", "coach_profiles", "bookings", "payments"]);
    let errors = project.checks.iter().filter(|c| c.level == project::Level::Error).count();
    assert_eq!((project.checks.len(), errors), (10, 6));
}

#[test]
fn without_its_key_culturebridge_still_lists_its_runs() {
    let loaded = loaded("culturebridge", &Environment::default());
    let unset: Vec<(&str, &Needs)> = loaded.unset.iter().map(|u| (u.name.as_str(), &u.needed_by)).collect();
    let source = Needs::Source(String::new());
    assert_eq!(unset, [("BUBBLE_API_URL", &source), ("BUBBLE_API_KEY", &source)]);
    assert!(loaded.project_for(|needs| matches!(needs, Needs::Destination(_))).is_some());
    assert!(loaded.project_for(|_| true).is_none());
    assert_eq!(loaded.problems_for(|_| true).len(), 2);
}

#[test]
fn the_variables_of_the_example_are_those_of_its_file() {
    let text = std::fs::read_to_string(example("culturebridge").join("landfall.toml")).expect("the file");
    let dotenv =
        std::fs::read_to_string(example("culturebridge").join(".env.example")).expect("the variables");
    let read: BTreeSet<&str> =
        text.split("${").skip(1).filter_map(|rest| rest.split([':', '}']).next()).collect();
    let offered: BTreeSet<&str> = dotenv
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(name, _)| name)
        .filter(|name| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        .collect();
    assert_eq!(read, offered);
    let (_, problems) = Environment::from_process_and([("A", "b")], &dotenv);
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn the_starter_has_no_problem_and_neither_has_what_it_suggests() {
    let loaded = loaded("blank", &Environment::default());
    assert!(loaded.project.is_some() && loaded.problems.is_empty(), "{:?}", loaded.problems);
    // With the suggestions taken and the alternative source left out it is a project as well.
    let (before, after) = loaded.text.split_once("# Or a Bubble").expect("the alternative");
    let rest = after.split_once("\n\n").map_or("", |(_, rest)| rest);
    let taken: String = format!("{before}{rest}")
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(code) if code.is_empty() || !code.starts_with(' ') => format!("{code}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let (project, problems) = project::parse(&taken, &Environment::default(), &Overrides::default());
    let project = project.unwrap_or_else(|| panic!("{problems:?}\n{taken}"));
    assert_eq!((project.entities.len(), project.checks.len()), (1, 1));
    assert!(problems.is_empty(), "{problems:?}");
}
