//! Which crate may know which: layers, and heavy dependencies behind one door each.

use super::{Problem, Rule};
use serde_json::Value;

/// The layers, as ARCHITECTURE.md draws them. Every connector is on that of `connector-`.
const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("project", 1),
    ("plan", 1),
    ("values", 1),
    ("ledger", 1),
    ("richtext", 1),
    ("bridge", 1),
    ("runbook", 1),
    ("connect", 1),
    ("export", 1),
    ("webclient", 2),
    ("transform", 2),
    ("postgres", 2),
    ("service", 2),
    ("stores", 2),
    ("connector-", 2),
    ("engine", 3),
    ("report", 3),
    ("sandbox", 3),
    ("server", 3),
    ("landfall", 4),
    (TESTKIT, TOOLS),
    (XTASK, TOOLS),
];

/// Beside the layers: no part of the program.
const TOOLS: u8 = u8::MAX;
const TESTKIT: &str = "testkit";
const XTASK: &str = "xtask";

/// Edges within a layer. None of them may close a circle; cargo sees to that.
const SIDEWAYS: &[(&str, &str)] = &[
    ("connect", "ledger"),
    ("connect", "values"),
    ("plan", "values"),
    ("export", "connect"),
    ("export", "ledger"),
    ("export", "values"),
    ("connector-", "webclient"),
];

/// Edges upward that tests may have: a connector is tested against the stand-in of its service.
const UPWARD_IN_TESTS: &[&str] = &["sandbox"];

/// Dependencies that one crate hides: their beginning, the crate, and whether tests may know them too.
const CONFINED: &[(&str, &str, bool)] = &[
    ("datafusion", "transform", false),
    ("tokio-postgres", "postgres", true),
    ("postgres-types", "postgres", true),
    ("postgres-protocol", "postgres", true),
    ("pglite-oxide", "postgres", false),
    ("redis", "stores", true),
    ("mongodb", "stores", true),
];

/// A dependency as a manifest declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    from: String,
    to: String,
    /// Whether only tests have it.
    test: bool,
    /// Whether it is a crate of the workspace.
    ours: bool,
}

/// The edges of `cargo metadata --no-deps`, ours without `landfall-` in front.
pub fn edges(metadata: &Value) -> Vec<Edge> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut edges = Vec::new();
    for package in list(metadata, "packages") {
        for dependency in list(&package, "dependencies") {
            let ours = dependency["path"].is_string();
            let to = dependency["name"].as_str().unwrap_or_default();
            edges.push(Edge {
                from: short(package["name"].as_str().unwrap_or_default()).to_owned(),
                to: if ours { short(to) } else { to }.to_owned(),
                test: dependency["kind"] == "dev",
                ours,
            });
        }
    }
    edges
}

fn short(name: &str) -> &str {
    name.strip_prefix("landfall-").unwrap_or(name)
}

/// What is wrong with the edges.
pub fn problems(edges: &[Edge]) -> Vec<Problem> {
    let refused = |edge: &Edge| {
        let (rule, message) = match if edge.ours { layered(edge) } else { confined(edge) } {
            Ok(()) => return None,
            Err(refusal) => refusal,
        };
        let file = if edge.from == XTASK {
            "xtask/Cargo.toml".into()
        } else {
            format!("crates/{}/Cargo.toml", edge.from)
        };
        Some(Problem { file, line: None, rule, message })
    };
    edges.iter().filter_map(refused).collect()
}

fn layered(edge: &Edge) -> Result<(), (Rule, String)> {
    let refuse = |message: String| Err((Rule::Layer, message));
    let (from, to) = (edge.from.as_str(), edge.to.as_str());
    let (Some(from_layer), Some(to_layer)) = (layer(from), layer(to)) else {
        let stranger = if layer(from).is_none() { from } else { to };
        return refuse(format!("{stranger} has no layer; give it one in ARCHITECTURE.md and in `tidy`"));
    };
    match (from_layer, to_layer) {
        (TOOLS, TOOLS) if (from, to) == (XTASK, TESTKIT) => Ok(()),
        (_, TOOLS) if to == TESTKIT && edge.test => Ok(()),
        (_, TOOLS) => {
            refuse(format!("{to} is no part of the program: tests may depend on it, {from} may not"))
        }
        (TOOLS, _) => refuse(format!("{from} stands beside the program and must not depend on {to}")),
        (above, below) if above > below => Ok(()),
        (same, other) if same == other && (edge.test || sideways(from, to)) => Ok(()),
        _ if edge.test && UPWARD_IN_TESTS.contains(&to) => Ok(()),
        _ => refuse(format!("{from} (layer {from_layer}) must not depend on {to} (layer {to_layer})")),
    }
}

fn confined(edge: &Edge) -> Result<(), (Rule, String)> {
    let Some((_, home, tests)) = CONFINED.iter().find(|(name, _, _)| edge.to.starts_with(name)) else {
        return Ok(());
    };
    if edge.from == *home || (*tests && (edge.test || edge.from == TESTKIT)) {
        return Ok(());
    }
    Err((Rule::Confined, format!("{} stands behind {home}; {} must go through it", edge.to, edge.from)))
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(known, _)| same(known, name)).map(|(_, layer)| *layer)
}

fn sideways(from: &str, to: &str) -> bool {
    SIDEWAYS.iter().any(|(a, b)| same(a, from) && same(b, to))
}

/// Whether `name` is what the table says; an entry that ends with `-` is a family.
fn same(entry: &str, name: &str) -> bool {
    if entry.ends_with('-') { name.starts_with(entry) } else { entry == name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `from → to`, `from ⇢ to` for tests; a crate in brackets is not ours.
    fn edge(text: &str) -> Edge {
        let test = text.contains('⇢');
        let (from, to) = text.split_once(if test { " ⇢ " } else { " → " }).unwrap();
        let ours = !to.starts_with('[');
        Edge { from: from.into(), to: to.trim_matches(['[', ']']).into(), test, ours }
    }

    #[test]
    fn edges_go_downward_and_heavy_dependencies_stay_behind_their_door() {
        use Rule::{Confined, Layer};
        for (text, expected) in [
            ("landfall → engine", None),
            ("engine → transform", None),
            ("values → base", None),
            ("export → connect", None),
            ("plan → values", None),
            ("values → plan", Some(Layer)),
            ("connect → export", Some(Layer)),
            ("connector-bubble → webclient", None),
            ("webclient → connector-bubble", Some(Layer)),
            ("connector-bubble → connector-files", Some(Layer)),
            ("connector-bubble ⇢ sandbox", None),
            ("connector-bubble → sandbox", Some(Layer)),
            ("base → values", Some(Layer)),
            ("base ⇢ engine", Some(Layer)),
            ("transform → postgres", Some(Layer)),
            ("transform ⇢ postgres", None),
            ("postgres ⇢ testkit", None),
            ("postgres → testkit", Some(Layer)),
            ("landfall → xtask", Some(Layer)),
            ("xtask → testkit", None),
            ("xtask → landfall", Some(Layer)),
            ("testkit → base", Some(Layer)),
            ("stranger → base", Some(Layer)),
            ("engine → stranger", Some(Layer)),
            ("transform → [datafusion]", None),
            ("engine → [datafusion-common]", Some(Confined)),
            ("engine ⇢ [datafusion]", Some(Confined)),
            ("postgres → [tokio-postgres-rustls]", None),
            ("engine → [tokio-postgres]", Some(Confined)),
            ("values ⇢ [tokio-postgres]", None),
            ("testkit → [tokio-postgres]", None),
            ("landfall → [pglite-oxide]", Some(Confined)),
            ("stores → [mongodb]", None),
            ("engine → [redis]", Some(Confined)),
            ("engine → [serde]", None),
        ] {
            let found: Vec<_> = problems(&[edge(text)]).into_iter().map(|problem| problem.rule).collect();
            assert_eq!(found, Vec::from_iter(expected), "{text}");
        }
    }

    #[test]
    fn edges_are_read_as_cargo_writes_them() {
        let metadata = json!({ "packages": [{ "name": "landfall-engine", "dependencies": [
            { "name": "landfall-base", "kind": null, "path": "/x/base" },
            { "name": "landfall-testkit", "kind": "dev", "path": "/x/testkit" },
            { "name": "tokio-postgres", "kind": null, "rename": "pg" },
        ]}]});
        assert_eq!(
            edges(&metadata),
            [edge("engine → base"), edge("engine ⇢ testkit"), edge("engine → [tokio-postgres]")]
        );
    }
}
