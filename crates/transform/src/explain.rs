//! Why an expression cannot be used, in our words where DataFusion's lead astray.

use crate::functions;
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;

/// What stands in front of a message of DataFusion's that another one repeats.
const PREFIXES: &[&str] = &["Error during planning: ", "Execution error: "];

/// Refuses what needs more than the record at hand.
pub(crate) fn one_record(expression: &Expr) -> Result<(), String> {
    let found = |wanted: fn(&Expr) -> bool| expression.exists(|e| Ok(wanted(e))).unwrap_or(false);
    if found(|e| matches!(e, Expr::AggregateFunction(_) | Expr::WindowFunction(_))) {
        return Err("an aggregate cannot be used in a mapping".into());
    }
    if found(|e| {
        matches!(e, Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_))
    }) {
        return Err("a query cannot be used in a mapping".into());
    }
    Ok(())
}

/// DataFusion's words, shortened to the point, and what to write instead.
pub(crate) fn explain(error: &DataFusionError, fields: &SchemaRef, sql: &str) -> (String, Option<String>) {
    let text = error.find_root().message();
    let first = text.lines().next().unwrap_or_default();
    if let Some((_, inside)) = first.split_once("ParserError(\"") {
        let hint = (!sql.is_empty()).then(|| "the expression is SQL; texts stand in 'single quotes'".into());
        return (inside.trim_end_matches("\")").to_owned(), hint);
    }
    let mut message = first;
    // A function of ours says what is wrong at the end of what DataFusion says.
    if let Some((_, own)) = message.split_once("user-defined coercion failed with: ") {
        message = own;
    }
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| message.strip_prefix(prefix)) {
        message = rest;
    }
    for tail in [". Did you mean", ". Valid fields are", ", errors:", "\n"] {
        message = message.split_once(tail).map_or(message, |(head, _)| head);
    }
    let message = message.trim_end_matches('.');
    (message.to_owned(), nearest_field(message, fields).or_else(|| nearest_function(message)))
}

fn nearest_field(message: &str, fields: &SchemaRef) -> Option<String> {
    let name = message.strip_prefix("No field named ")?;
    let name = name.split(['.', ' ']).next()?.trim_matches('"');
    meant(name, fields.fields().iter().map(|f| f.name().as_str()))
}

fn nearest_function(message: &str) -> Option<String> {
    let name = message.strip_prefix("Invalid function '")?.split('\'').next()?;
    meant(name, functions::ALL.iter().map(|f| f.name))
}

fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    base::names::nearest(name, known).map(|near| format!("did you mean {near}?"))
}
