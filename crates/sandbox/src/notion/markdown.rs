//! Markdown: a page's blocks as text, and a text as blocks, as far as lines go.

use super::blocks::Draft;
use super::id::Id;
use super::languages::LANGUAGES;
use super::richtext::{self, plain};
use super::store::Store;
use serde_json::{Map, Value, json};

/// How a block of a kind begins its line.
const HEADS: &[(&str, &str)] = &[
    ("heading_1", "# "),
    ("heading_2", "## "),
    ("heading_3", "### "),
    ("heading_4", "#### "),
    ("bulleted_list_item", "- "),
    ("numbered_list_item", "1. "),
    ("quote", "> "),
];

impl Store {
    /// The blocks below a page or block, each on its line, deeper ones indented.
    pub fn markdown(&self, id: Id) -> String {
        let mut out = String::new();
        self.write_markdown(id, 0, &mut out);
        out
    }

    fn write_markdown(&self, id: Id, depth: usize, out: &mut String) {
        for child in self.children(id).iter().filter(|child| !self.is_in_trash(**child)) {
            out.push_str(&"\t".repeat(depth));
            match self.blocks.get(child) {
                Some(block) => out.push_str(&line(block.kind, &block.content)),
                None => {
                    let title = self.pages.get(child).map(|page| plain(&self.title(page)));
                    out.push_str(&format!("[{}]({child})", title.unwrap_or_default()));
                }
            }
            out.push('\n');
            if self.blocks.contains_key(child) {
                self.write_markdown(*child, depth + 1, out);
            }
        }
    }
}

fn line(kind: &str, content: &Map<String, Value>) -> String {
    let text =
        content.get("rich_text").and_then(Value::as_array).map(|items| plain(items)).unwrap_or_default();
    let string = |key: &str| content.get(key).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "to_do" => {
            format!("- [{}] {text}", if content.get("checked") == Some(&json!(true)) { "x" } else { " " })
        }
        "code" => format!("```{}\n{text}\n```", string("language")),
        "divider" => "---".to_owned(),
        "equation" => format!("$${}$$", string("expression")),
        "bookmark" | "embed" => format!("[{0}]({0})", string("url")),
        "image" | "file" | "video" | "pdf" => {
            let url = content.get("external").and_then(|file| file["url"].as_str()).unwrap_or_default();
            format!("![]({url})")
        }
        "table_row" => {
            let cells = content.get("cells").and_then(Value::as_array).cloned().unwrap_or_default();
            let cells =
                cells.iter().map(|cell| cell.as_array().map(|items| plain(items)).unwrap_or_default());
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        }
        _ => {
            let head = HEADS.iter().find(|(other, _)| *other == kind).map_or("", |(_, head)| head);
            format!("{head}{text}")
        }
    }
}

/// The blocks of a text: a line is a block, code goes from fence to fence. Marks within a line stay as they
/// are.
pub(super) fn blocks(text: &str) -> Vec<Draft> {
    let mut all = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let language = if LANGUAGES.contains(&language) { language } else { "plain text" };
            let mut content = Map::new();
            content.insert("rich_text".to_owned(), json!(richtext::of(&code.join("\n"))));
            content.insert("language".to_owned(), json!(language));
            content.insert("caption".to_owned(), json!([]));
            all.push(Draft { kind: "code", content, children: Vec::new() });
            continue;
        }
        let todo = line.strip_prefix("- [ ] ").map(|rest| (rest, false));
        if let Some((rest, done)) = todo.or_else(|| line.strip_prefix("- [x] ").map(|rest| (rest, true))) {
            let mut draft = Draft::of_text("to_do", rest);
            draft.content.insert("checked".to_owned(), json!(done));
            all.push(draft);
        } else if line == "---" {
            all.push(Draft { kind: "divider", content: Map::new(), children: Vec::new() });
        } else if let Some((kind, rest)) =
            HEADS.iter().find_map(|(kind, head)| Some((*kind, line.strip_prefix(head)?)))
        {
            let mut draft = Draft::of_text(kind, rest);
            if kind.starts_with("heading") {
                draft.content.insert("is_toggleable".to_owned(), json!(false));
            }
            all.push(draft);
        } else if !line.trim().is_empty() {
            all.push(Draft::of_text("paragraph", line));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_blocks_and_blocks_the_same_lines() {
        let text = "# Plan\n## More\nA line\n- one\n1. first\n> said\n- [ ] open\n- [x] done\n---\n```rust\nlet a = 1;\n\nlet b;\n```\n";
        let drafts = blocks(text);
        let kinds: Vec<&str> = drafts.iter().map(|draft| draft.kind).collect();
        assert_eq!(
            kinds,
            [
                "heading_1",
                "heading_2",
                "paragraph",
                "bulleted_list_item",
                "numbered_list_item",
                "quote",
                "to_do",
                "to_do",
                "divider",
                "code"
            ]
        );
        let lines: Vec<String> = drafts.iter().map(|draft| line(draft.kind, &draft.content)).collect();
        assert_eq!(lines.join("\n") + "\n", text);
    }
}
