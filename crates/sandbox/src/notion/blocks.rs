//! Blocks as requests send them: their kinds, their fields, how deep and how many.

use super::check::{At, Checked, wrong};
use super::id::Id;
use super::languages::LANGUAGES;
use super::looks::icon;
use super::refusal::Refusal;
use super::richtext::{self, EXPRESSION_MAX, URL_MAX, color};
use super::scenario::Limits;
use serde_json::{Map, Value, json};

/// Entries of a list of blocks at most.
pub(super) const CHILDREN_MAX: usize = 100;
/// Columns of a table at most: a bound of the stand-in.
const WIDTH_MAX: u64 = 100;

/// What a kind of block has for fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    ToDo,
    Heading,
    Callout,
    Code,
    Table,
    Row,
    Nothing,
    Contents,
    Address,
    File,
    Equation,
    Columns,
    Column,
    Synced,
    Link,
}

const SHAPES: &[(&str, Shape)] = &[
    ("paragraph", Shape::Text),
    ("bulleted_list_item", Shape::Text),
    ("numbered_list_item", Shape::Text),
    ("quote", Shape::Text),
    ("toggle", Shape::Text),
    ("to_do", Shape::ToDo),
    ("heading_1", Shape::Heading),
    ("heading_2", Shape::Heading),
    ("heading_3", Shape::Heading),
    ("heading_4", Shape::Heading),
    ("callout", Shape::Callout),
    ("code", Shape::Code),
    ("table", Shape::Table),
    ("table_row", Shape::Row),
    ("divider", Shape::Nothing),
    ("table_of_contents", Shape::Contents),
    ("bookmark", Shape::Address),
    ("embed", Shape::Address),
    ("image", Shape::File),
    ("file", Shape::File),
    ("video", Shape::File),
    ("pdf", Shape::File),
    ("equation", Shape::Equation),
    ("column_list", Shape::Columns),
    ("column", Shape::Column),
    ("synced_block", Shape::Synced),
    ("link_to_page", Shape::Link),
];

/// A block that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub kind: &'static str,
    pub content: Map<String, Value>,
    pub children: Vec<Draft>,
}

/// What blocks are read with.
pub(super) struct Reading<'a> {
    pub limits: Limits,
    /// Whether an id exists.
    pub knows: &'a dyn Fn(Id) -> bool,
}

impl Draft {
    /// A block of a text, as a person makes it.
    pub fn of_text(kind: &'static str, text: &str) -> Self {
        let mut content = Map::new();
        content.insert("rich_text".to_owned(), json!(richtext::of(text)));
        content.insert("color".to_owned(), json!("default"));
        Self { kind, content, children: Vec::new() }
    }

    fn count(&self) -> u64 {
        1 + self.children.iter().map(Draft::count).sum::<u64>()
    }
}

impl Reading<'_> {
    /// The blocks of a request's `children`.
    pub fn all(&self, at: &At<'_>) -> Checked<Vec<Draft>> {
        let drafts = self.list(at, 1)?;
        let (found, max) = (drafts.iter().map(Draft::count).sum::<u64>(), self.limits.blocks);
        if found > max {
            return Err(Refusal::Invalid(format!(
                "body failed validation: body.children should contain ≤ `{max}` blocks in all, instead was \
                 `{found}`."
            )));
        }
        Ok(drafts)
    }

    fn list(&self, at: &At<'_>, level: u64) -> Checked<Vec<Draft>> {
        at.list(CHILDREN_MAX)?.iter().map(|block| self.block(block, level)).collect()
    }

    fn block(&self, at: &At<'_>, level: u64) -> Checked<Draft> {
        let (kind, shape, inner) = kind_of(at)?;
        at.only(&["object", "type", kind])?;
        if let Some(object) = at.key("object") {
            object.word(&[("block", ())])?;
        }
        at.tagged(kind)?;
        let content = self.payload(shape, &inner, false)?;
        let children = inner.key("children");
        let children = match children {
            None if matches!(shape, Shape::Table | Shape::Columns) => {
                return Err(inner.lacks("children"));
            }
            None => Vec::new(),
            Some(children) if level >= self.limits.nesting || !takes_children(shape, &content) => {
                return Err(children.wrong("not present"));
            }
            Some(children) => self.list(&children, level + 1)?,
        };
        let draft = Draft { kind, content, children };
        draft
            .children
            .iter()
            .try_for_each(|child| fits(kind, &draft.content, child).map_err(|should| inner.wrong(should)))?;
        if shape == Shape::Table && draft.children.is_empty() {
            return Err(inner.wrong("a table with at least one row"));
        }
        Ok(draft)
    }

    /// The fields of a change to a block of that kind.
    pub fn change(&self, kind: &str, at: &At<'_>) -> Checked<Map<String, Value>> {
        let (found, shape, inner) = kind_of(at)?;
        if found != kind {
            return Err(Refusal::Invalid(format!(
                "The block is of type {kind}, which cannot be changed to {found}."
            )));
        }
        if let Some(children) = inner.key("children") {
            return Err(children.wrong("not present"));
        }
        self.payload(shape, &inner, true)
    }

    /// The fields of a block; `partly` for a change, which may leave out any of them.
    fn payload(&self, shape: Shape, at: &At<'_>, partly: bool) -> Checked<Map<String, Value>> {
        let fields: &[&str] = match shape {
            Shape::Text => &["rich_text", "color", "children"],
            Shape::ToDo => &["rich_text", "color", "checked", "children"],
            Shape::Heading => &["rich_text", "color", "is_toggleable", "children"],
            Shape::Callout => &["rich_text", "color", "icon", "children"],
            Shape::Code => &["rich_text", "language", "caption"],
            // The width of a table is for good.
            Shape::Table if partly => &["has_column_header", "has_row_header"],
            Shape::Table => &["table_width", "has_column_header", "has_row_header", "children"],
            Shape::Row => &["cells"],
            Shape::Nothing => &[],
            Shape::Contents => &["color"],
            Shape::Address => &["url", "caption"],
            Shape::File => &["type", "external", "caption", "name"],
            Shape::Equation => &["expression"],
            Shape::Columns | Shape::Column => &["children"],
            Shape::Synced => &["synced_from", "children"],
            Shape::Link => &["type", "page_id", "database_id"],
        };
        at.only(fields)?;
        let mut content = Map::new();
        for field in fields.iter().filter(|field| !["children", "type"].contains(field)) {
            match at.key(field) {
                Some(value) => drop(content.insert((*field).to_owned(), self.field(field, &value)?)),
                None if partly => {}
                None => match default(field) {
                    Some(value) => drop(content.insert((*field).to_owned(), value)),
                    None if optional(shape, field) => {}
                    None => return Err(at.lacks(field)),
                },
            }
        }
        if shape == Shape::File && content.contains_key("external") {
            at.tagged("external")?;
            content.insert("type".to_owned(), json!("external"));
        }
        if shape == Shape::Link {
            let (key, _) = at.one_of(&["page_id", "database_id"])?;
            at.tagged(key)?;
            content.insert("type".to_owned(), json!(key));
        }
        Ok(content)
    }

    fn field(&self, field: &str, at: &At<'_>) -> Checked<Value> {
        Ok(match field {
            "rich_text" | "caption" => json!(richtext::read(at, self.knows)?),
            "cells" => {
                let cells = at.list(WIDTH_MAX as usize)?;
                cells
                    .iter()
                    .map(|cell| richtext::read(cell, self.knows).map(Value::Array))
                    .collect::<Checked<_>>()?
            }
            "color" => json!(color(at)?),
            "checked" | "is_toggleable" | "has_column_header" | "has_row_header" => json!(at.flag()?),
            "icon" => icon(at)?,
            "language" => {
                let language = at.text()?;
                if !LANGUAGES.contains(&language) {
                    return Err(at.wrong("one of the supported languages"));
                }
                json!(language)
            }
            "table_width" => json!(at.whole(1, WIDTH_MAX)?),
            "url" => json!(at.url(URL_MAX)?),
            "external" => {
                at.only(&["url"])?;
                json!({"url": at.required("url")?.url(URL_MAX)?})
            }
            "name" => json!(at.short(URL_MAX)?),
            "expression" => json!(at.short(EXPRESSION_MAX)?),
            "synced_from" => match at.clone().present() {
                None => Value::Null,
                Some(from) => {
                    from.only(&["type", "block_id"])?;
                    json!({"type": "block_id", "block_id": self.known(&from.required("block_id")?)?})
                }
            },
            _ => json!(self.known(at)?),
        })
    }

    fn known(&self, at: &At<'_>) -> Checked<String> {
        let id = Some(at.id()?).filter(|id| (self.knows)(*id));
        id.map(|id| id.to_string()).ok_or_else(|| at.wrong("the id of something shared"))
    }
}

/// The kind of a block: the one key that names one.
fn kind_of<'v>(at: &At<'v>) -> Checked<(&'static str, Shape, At<'v>)> {
    at.object()?;
    let found = SHAPES.iter().find_map(|(kind, shape)| Some((*kind, *shape, at.key(kind)?)));
    found.ok_or_else(|| match at.key("type") {
        Some(kind) => kind.wrong("a type of block that can be made"),
        None => at.wrong("an object with the name of a block type"),
    })
}

/// What a field is that a request leaves out.
fn default(field: &str) -> Option<Value> {
    Some(match field {
        "color" => json!("default"),
        "checked" | "is_toggleable" | "has_column_header" | "has_row_header" => json!(false),
        "caption" => json!([]),
        "icon" | "synced_from" => Value::Null,
        _ => return None,
    })
}

/// Whether a field without a default may be left out: a file's name, and one of the two places of a link.
fn optional(shape: Shape, field: &str) -> bool {
    shape == Shape::Link || (shape == Shape::File && field == "name")
}

/// Whether blocks may stand in a block; in a heading only when it can be folded.
fn takes_children(shape: Shape, content: &Map<String, Value>) -> bool {
    match shape {
        Shape::Heading => content.get("is_toggleable") == Some(&json!(true)),
        Shape::Text
        | Shape::ToDo
        | Shape::Callout
        | Shape::Table
        | Shape::Columns
        | Shape::Column
        | Shape::Synced => true,
        _ => false,
    }
}

/// Whether blocks may be added to one of that kind.
pub(super) fn may_have_children(kind: &str, content: &Map<String, Value>) -> bool {
    let shape = SHAPES.iter().find(|(other, _)| *other == kind).map(|(_, shape)| *shape);
    shape.is_some_and(|shape| takes_children(shape, content))
}

/// Whether a block may stand in one of that kind; else what should be there. A page has no kind.
pub(super) fn fits(parent: &str, content: &Map<String, Value>, child: &Draft) -> Result<(), &'static str> {
    match (parent, child.kind) {
        ("table", "table_row") => {
            let width = content.get("table_width").and_then(Value::as_u64);
            let cells = child.content.get("cells").and_then(Value::as_array).map(|cells| cells.len() as u64);
            if width == cells { Ok(()) } else { Err("a table whose rows have as many cells as it is wide") }
        }
        ("table", _) => Err("a table of rows"),
        (_, "table_row") => Err("a table around its rows"),
        ("column_list", "column") => Ok(()),
        ("column_list", _) => Err("a list of columns"),
        (_, "column") => Err("a list around its columns"),
        _ => Ok(()),
    }
}

/// What is wrong with blocks that do not fit below the thing they were sent to.
pub(super) fn misplaced(should: &str) -> Refusal {
    wrong("body.children", should, None)
}
