//! Every operation against a schema of our own: that it is well formed, asks for what there is, bounds its
//! pages, and costs what it says it does.

use apollo_compiler::executable::{Field, Operation as Parsed, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use connector_bettermode::queries::{ALL, Cost, Operation};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

const SDL: &str = include_str!("../schema.graphql");

static SCHEMA: LazyLock<Valid<Schema>> = LazyLock::new(|| {
    Schema::parse_and_validate(SDL, "schema.graphql").unwrap_or_else(|e| panic!("{}", e.errors))
});

/// The documents of all operations.
static DOCUMENTS: LazyLock<HashMap<&'static str, Valid<ExecutableDocument>>> = LazyLock::new(|| {
    let parse = |operation: &&Operation| {
        ExecutableDocument::parse_and_validate(&SCHEMA, operation.document(), operation.name)
            .unwrap_or_else(|e| panic!("{}", e.errors))
    };
    ALL.iter().map(|operation| (operation.name, parse(operation))).collect()
});

fn only<'a>(document: &'a ExecutableDocument, operation: &Operation) -> &'a Parsed {
    document.operations.get(Some(operation.name)).expect("one operation, of that name")
}

#[test]
fn every_operation_fits_the_schema() {
    for operation in ALL {
        let document = &DOCUMENTS[operation.name];
        assert_eq!(document.operations.len(), 1, "{}", operation.name);
        let parsed = only(document, operation);
        let roots: Vec<&str> =
            parsed.root_fields(document).map(|field| field.response_key().as_str()).collect();
        assert_eq!(roots, [operation.root], "{}", operation.name);
        let repeatable = parsed.is_query() || operation.name == "Login";
        assert_eq!(
            operation.repeatable, repeatable,
            "{}: what changes something is not sent twice",
            operation.name
        );
    }
}

#[test]
fn a_wrong_operation_would_be_found() {
    let fine = "query A($limit: Int!) { members(limit: $limit) { nodes { id } } }";
    for (text, ok) in [
        (fine, true),
        ("query A { members { nodes { id } } }", false),
        ("query A($limit: Int!) { members(limit: $limit) { nodes { idd } } }", false),
        ("query A($limit: String!) { members(limit: $limit) { nodes { id } } }", false),
        ("query A($limit: Int!, $x: ID) { members(limit: $limit) { nodes { id } } }", false),
        ("query A($limit: Int!) { members(limit: $limit) { nodes } }", false),
    ] {
        assert_eq!(ExecutableDocument::parse_and_validate(&SCHEMA, text, "a").is_ok(), ok, "{text}");
    }
}

#[test]
fn names_are_told_apart_and_no_operation_is_left_out() {
    let names: BTreeSet<&str> = ALL.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), ALL.len());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/queries");
    let mut written = 0;
    for file in std::fs::read_dir(folder).expect("the folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        written += text
            .lines()
            .filter(|line| line.starts_with("pub const ") && line.contains(": Operation"))
            .count();
    }
    assert_eq!(written, ALL.len(), "an operation is missing in ALL");
}

#[test]
fn every_operation_costs_what_the_documented_rules_say() {
    for operation in ALL {
        let document = &DOCUMENTS[operation.name];
        let (fixed, per_record) = costs(document, &only(document, operation).selection_set);
        assert_eq!(operation.cost, Cost { fixed, per_record }, "{}", operation.name);
    }
}

/// What a selection costs, as a number and a factor of its `limit`.
fn costs(document: &ExecutableDocument, set: &SelectionSet) -> (u64, u64) {
    let mut total = (0, 0);
    for selection in &set.selections {
        let (fixed, per_record) = match selection {
            Selection::Field(field) => field_costs(document, field),
            Selection::FragmentSpread(spread) => {
                costs(document, &document.fragments[&spread.fragment_name].selection_set)
            }
            Selection::InlineFragment(inline) => costs(document, &inline.selection_set),
        };
        total = (total.0 + fixed, total.1 + per_record);
    }
    total
}

fn field_costs(document: &ExecutableDocument, field: &Field) -> (u64, u64) {
    let (ty, is_list) = (field.inner_type_def(&SCHEMA), field.ty().is_list());
    if !matches!(ty, Some(ExtendedType::Object(_))) {
        return (u64::from(is_list), 0);
    }
    let nodes = field.selection_set.selections.iter().find_map(|selection| {
        selection.as_field().filter(|inner| {
            let paged = field.definition.arguments.iter().any(|argument| argument.name == "limit");
            paged && matches!(inner.name.as_str(), "nodes" | "data")
        })
    });
    if let Some(nodes) = nodes {
        let (node, _) = costs(document, &nodes.selection_set);
        return (2, 1 + node);
    }
    let (inner, per_record) = costs(document, &field.selection_set);
    assert_eq!(per_record, 0, "{}: a page below something else", field.name);
    if is_list { (5 * (1 + inner), 0) } else { (1 + inner, 0) }
}

/// The operation of that name.
pub fn operation(name: &str) -> &'static Operation {
    ALL.iter().find(|operation| operation.name == name).expect("an operation of that name")
}

/// Fails unless the variables of a request are what its operation takes.
pub fn check_variables(request: &crate::stub::Request) {
    let parsed = only(&DOCUMENTS[request.operation.as_str()], operation(&request.operation));
    let variables = serde_json::from_value(request.variables.clone()).expect("an object");
    if let Err(e) = apollo_compiler::request::coerce_variable_values(&SCHEMA, parsed, &variables) {
        panic!("{}: {}: {e:?}", request.operation, request.variables);
    }
}
