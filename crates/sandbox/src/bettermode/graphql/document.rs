//! A request's text and variables: read, checked, and refused in the words of graphql-js.

use super::schema::Schemas;
use super::{cost, variables};
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::parser::Parser;
use apollo_compiler::response::{GraphQLError, JsonMap};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node};
use serde_json::{Map, Value, json};

/// Errors shown of one text; graphql-js stops after so many, too.
const ERRORS_MAX: usize = 100;

/// How deep a text may nest; deeper ones are attacks on the reader.
const DEPTH_MAX: usize = 64;

/// Tokens of a text at most.
const TOKENS_MAX: usize = 20_000;

/// A request that the schema allows.
pub(crate) struct Request {
    pub document: Valid<ExecutableDocument>,
    pub operation: Node<Operation>,
    pub variables: Valid<JsonMap>,
    /// The fields of `Query` or `Mutation` that it asks for, each once.
    pub fields: Vec<String>,
    /// By the documented costs.
    pub complexity: u64,
}

/// What is wrong with a request: entries of `errors`.
#[derive(Debug)]
pub(crate) struct Wrong(pub Vec<Value>);

impl Wrong {
    fn one(message: impl Into<String>) -> Self {
        Self(vec![json!({"message": message.into()})])
    }

    /// What stands in the place of an answer: no `data`, because nothing was executed.
    pub fn body(self) -> Value {
        json!({"errors": self.0})
    }
}

impl Request {
    /// Reads `{query, variables, operationName}`; the body is JSON already.
    pub fn read(schemas: &Schemas, body: &Value) -> Result<Self, Wrong> {
        let body = body.as_object().ok_or_else(|| Wrong::one("The body is not a JSON object."))?;
        let query = match body.get("query") {
            Some(Value::String(query)) if !query.trim().is_empty() => query,
            _ => return Err(Wrong::one("Must provide query string.")),
        };
        let name = match body.get("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return Err(Wrong::one("operationName is not a string.")),
        };
        let given = match body.get("variables") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(given)) => given.clone(),
            Some(_) => return Err(Wrong::one("Variables are invalid JSON.")),
        };
        let document = parse(schemas, query)?;
        let operation = match document.operations.get(name) {
            Ok(operation) => operation.clone(),
            Err(_) => {
                return Err(Wrong::one(match name {
                    Some(name) => format!("Unknown operation named \"{name}\"."),
                    None if document.operations.is_empty() => "Must provide an operation.".to_owned(),
                    None => "Must provide operation name if query contains multiple operations.".to_owned(),
                }));
            }
        };
        let variables = variables::read(&schemas.public, &operation, &given).map_err(Wrong)?;
        let mut fields = Vec::new();
        roots(&document, &operation.selection_set, &mut fields);
        let complexity = cost::of(&schemas.public, &document, &operation, &variables);
        Ok(Self { document, operation, variables, fields, complexity })
    }
}

fn parse(schemas: &Schemas, query: &str) -> Result<Valid<ExecutableDocument>, Wrong> {
    let mut parser = Parser::new().recursion_limit(DEPTH_MAX).token_limit(TOKENS_MAX);
    let wrong = match parser.parse_executable(&schemas.public, query, "query.graphql") {
        Ok(document) => match document.validate(&schemas.public) {
            Ok(document) => return Ok(document),
            Err(wrong) => wrong.errors,
        },
        Err(wrong) => wrong.errors,
    };
    let mut entries: Vec<Value> = Vec::new();
    for error in wrong.iter().take(ERRORS_MAX) {
        let entry = entry(&error.unstable_to_json_compat());
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    Err(Wrong(entries))
}

/// `{message, locations}` as graphql-js prints it.
fn entry(error: &GraphQLError) -> Value {
    let locations: Vec<Value> =
        error.locations.iter().map(|at| json!({"line": at.line, "column": at.column})).collect();
    json!({"message": error.message, "locations": locations})
}

fn roots(document: &ExecutableDocument, set: &SelectionSet, fields: &mut Vec<String>) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                if !fields.iter().any(|other| *other == field.name.as_str()) {
                    fields.push(field.name.to_string());
                }
            }
            Selection::InlineFragment(inline) => roots(document, &inline.selection_set, fields),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.fragment_name) {
                    roots(document, &fragment.selection_set, fields);
                }
            }
        }
    }
}
