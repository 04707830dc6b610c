//! The reference of the project file for people, from the table of keys.

use crate::keys::{CONNECTORS, Key, SECTIONS, Shape};

/// What stands above the sections.
const HEAD: &str = "# The project file

`landfall.toml` is TOML. This page is made from the table of keys that `landfall check` uses.

`${NAME}` in a string reads a variable from the environment, or from `.env` beside the file (the environment
wins); `${NAME:-default}` has a default for a variable that is not set or empty; `$${` is a literal `${`.
A number, `true` or `false` from a variable is written in quotes: `batch_size = \"${BATCH_SIZE:-100}\"`.
Secrets are written only as `${NAME}`. Precedence: option, environment, `.env`, file, default.
Paths are relative to the folder of the file. Unknown keys are problems.
";

/// The reference as Markdown.
pub fn reference_markdown() -> String {
    let mut out = HEAD.to_owned();
    for section in SECTIONS {
        let name = section.name;
        let title = match section.shape {
            Shape::One => format!("[{name}]"),
            Shape::Named => format!("[{name}.NAME]"),
            Shape::List => format!("[[{name}]]"),
            Shape::System(_) => format!("[{name}] or [{name}.NAME]"),
        };
        out.push_str(&format!("\n## `{title}`\n\n{}\n\n", section.doc));
        rows(&mut out, section.keys);
        if let Some(variants) = section.variants() {
            for variant in variants.list {
                let (by, name, doc) = (variants.by, variant.name, variant.doc);
                out.push_str(&format!("\n### `{by} = \"{name}\"`\n\n{doc}\n"));
                if !variant.keys.is_empty() {
                    out.push('\n');
                    rows(&mut out, variant.keys);
                }
            }
        }
        if let Shape::System(role) = section.shape {
            for connector in CONNECTORS.iter().filter(|c| c.role == role) {
                out.push_str(&format!("\n### `connector = \"{}\"`\n\n{}\n\n", connector.name, connector.doc));
                rows(&mut out, connector.keys);
            }
        }
    }
    out
}

fn rows(out: &mut String, keys: &[Key]) {
    out.push_str("| key | takes | default | what it is for |\n|---|---|---|---|\n");
    for key in keys {
        let default = match (key.default, key.required) {
            (Some(default), _) if key.kind.bare() => format!("`{default}`"),
            (Some(default), _) => format!("`\"{default}\"`"),
            (None, true) => "must be there".to_owned(),
            (None, false) => String::new(),
        };
        let takes = key.kind.word().replace('|', "\\|");
        let doc = key.doc.replace('|', "\\|");
        out.push_str(&format!("| `{}` | {takes} | {default} | {doc} |\n", key.name));
    }
}
