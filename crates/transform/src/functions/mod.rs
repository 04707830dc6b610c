//! The functions of mappings beyond SQL's own: one file each, all listed here.
//!
//! A function is data: a name, how it is written, what it does, and a body from texts to a text. NULL in its
//! first argument gives NULL unless the function says otherwise. A body that cannot answer fails for that
//! record alone, which then is a reject.

mod absolute_url;
mod adapter;
mod blank_to_null;
mod from_base64;
mod hash_password;
mod json_text;
mod local_time;
mod parse_json;
mod parse_list;
mod recode;
mod reference;
mod rich_text;
mod round;
mod slug;

use datafusion::logical_expr::ScalarUDF;

/// The body: the arguments of one record to its result, or the reason why there is none.
pub type Body = fn(&[Option<&str>]) -> Result<Option<String>, String>;

/// A function of mappings.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name in SQL.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it gives, for the reference page.
    pub doc: &'static str,
    /// Calls and their results, for the reference page and the tests.
    pub examples: &'static [(&'static str, &'static str)],
    /// The least and the greatest number of arguments.
    pub arguments: (usize, usize),
    /// Whether what follows the first argument comes in pairs.
    pub in_pairs: bool,
    /// Whether a NULL as first argument gives NULL without asking the body.
    pub null_gives_null: bool,
    /// The body.
    pub body: Body,
}

/// All functions, in the order of the reference page.
pub const ALL: &[Function] = &[
    reference::REF,
    reference::REF_OR,
    reference::REF_OR_MISSING,
    recode::FUNCTION,
    hash_password::FUNCTION,
    parse_list::FUNCTION,
    parse_json::FUNCTION,
    json_text::FUNCTION,
    absolute_url::FUNCTION,
    blank_to_null::FUNCTION,
    round::FUNCTION,
    local_time::FUNCTION,
    from_base64::FUNCTION,
    slug::FUNCTION,
    rich_text::FUNCTION,
];

/// Any number of arguments, bounded so that a mistake is seen.
pub(crate) const ARGUMENTS_MAX: usize = 200;

/// The functions as DataFusion wants them.
pub(crate) fn registered() -> Vec<ScalarUDF> {
    ALL.iter().map(|f| ScalarUDF::from(adapter::TextFunction::new(*f))).collect()
}

/// The reference page of all functions, Markdown.
pub fn reference_markdown() -> String {
    let mut page = String::from(
        "# Functions of mappings\n\nBeside the functions of SQL (`coalesce`, `nullif`, `case`, `lower`, \
            `trim`, \
         `concat`, `substr`, `replace`,\n`regexp_replace`, `split_part`, …). All take and give text; the \
         destination's column decides the type in the end.\nWhere a function cannot answer, it rejects the \
             record \
         with a reason; it never gives NULL instead.\n",
    );
    for f in ALL {
        page.push_str(&format!("\n## `{}`\n\n{}\n", f.usage, f.doc));
        if f.examples.is_empty() {
            continue;
        }
        page.push_str("\n| expression | result |\n|---|---|\n");
        for (call, result) in f.examples {
            page.push_str(&format!("| {} | {} |\n", code(call), code(result)));
        }
    }
    page
}

/// A text in a cell of a table: exactly, also when it is empty, has blanks at its ends or a bar.
fn code(text: &str) -> String {
    match text {
        "" => "the empty text".into(),
        "NULL" => "NULL".into(),
        text if text.trim() != text => format!("`'{text}'`"),
        text => format!("`{}`", text.replace('|', "\\|")),
    }
}
