//! Files of cases: a text, its variables, and every problem that it has, as a snapshot beside this file.

use crate::support::shown;
use project::{Environment, Overrides};

/// The problems of every case of a file. A case is `=== title`, perhaps lines `$ NAME=VALUE`, then the text.
/// Cases whose title ends in `+` get a valid `[project]`, `[source]` and `[destination]` in front.
fn all(cases: &str) -> String {
    const FRONT: &str = "[project]\nname = \"x\"\n[source]\nconnector = \"files\"\npath = \"in\"\n\
                         [destination]\nconnector = \"postgres\"\nurl = \"embedded\"\n";
    let mut out = String::new();
    for case in cases.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let mut variables = Vec::new();
        let mut text = if title.ends_with('+') { FRONT.to_owned() } else { String::new() };
        for line in rest.split_inclusive('\n') {
            match line.strip_prefix("$ ").and_then(|l| l.trim_end().split_once('=')) {
                Some(variable) => variables.push(variable),
                None => text.push_str(line),
            }
        }
        let env = Environment::new(variables.iter().copied());
        let (project, problems) = project::parse(&text, &env, &Overrides::default());
        let state = if project.is_some() { "ok" } else { "stopped" };
        out.push_str(&format!("=== {title}: {state}\n"));
        for problem in &problems {
            out.push_str(&shown(&text, problem));
            out.push('\n');
        }
    }
    out
}

#[test]
fn mistakes_in_the_toml_itself() {
    insta::assert_snapshot!(all(include_str!("problems/syntax.txt")));
}

#[test]
fn mistakes_in_keys_and_types() {
    insta::assert_snapshot!(all(include_str!("problems/keys.txt")));
}

#[test]
fn mistakes_in_sources_and_destinations() {
    insta::assert_snapshot!(all(include_str!("problems/systems.txt")));
}

#[test]
fn mistakes_in_entities_and_checks() {
    insta::assert_snapshot!(all(include_str!("problems/entities.txt")));
}

#[test]
fn mistakes_with_variables_and_secrets() {
    let shown = all(include_str!("problems/secrets.txt"));
    insta::assert_snapshot!(shown.replace("hunter2", "HUNTER2 SHOWN"));
    // Messages and hints never hold a secret; the quoted place may, which is why `Reading::shown` masks it.
    for line in shown.lines().filter(|l| l.starts_with("    ")) {
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn mistakes_in_options() {
    insta::assert_snapshot!(all(include_str!("problems/options.txt")));
}

#[test]
fn mistakes_in_what_serves() {
    let shown = all(include_str!("problems/serve.txt"));
    insta::assert_snapshot!(shown.replace("hunter2", "HUNTER2 SHOWN"));
    for line in shown.lines().filter(|l| l.starts_with("    ")) {
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn mistakes_in_rules() {
    let shown = all(include_str!("problems/rules.txt"));
    insta::assert_snapshot!(shown.replace("hunter2", "HUNTER2 SHOWN"));
    for line in shown.lines().filter(|l| l.starts_with("    ")) {
        assert!(!line.contains("hunter2"), "{line}");
    }
}
