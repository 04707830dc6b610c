//! What a request costs, by the documented costs: a scalar or an enum 0, an object 1, a list of scalars 1,
//! a list of objects five times the object, a page 2 and as many nodes as it may have.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::Schema;
use apollo_compiler::ast::Value as Written;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::response::JsonMap;

const LIST_OF_OBJECTS: u64 = 5;
const LIST_OF_SCALARS: u64 = 1;
const OBJECT: u64 = 1;
const PAGE: u64 = 2;

/// The complexity of an operation.
pub(super) fn of(
    schema: &Schema,
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
) -> u64 {
    Pricing { schema, document, variables }.set(&operation.selection_set)
}

struct Pricing<'p> {
    schema: &'p Schema,
    document: &'p ExecutableDocument,
    variables: &'p JsonMap,
}

impl Pricing<'_> {
    fn set(&self, set: &SelectionSet) -> u64 {
        let cost = |selection: &Selection| match selection {
            Selection::Field(field) => self.field(field),
            Selection::InlineFragment(inline) => self.set(&inline.selection_set),
            Selection::FragmentSpread(spread) => {
                self.document.fragments.get(&spread.fragment_name).map_or(0, |f| self.set(&f.selection_set))
            }
        };
        set.selections.iter().map(cost).fold(0, u64::saturating_add)
    }

    fn field(&self, field: &Field) -> u64 {
        if field.name.starts_with("__") {
            return 0;
        }
        let of_objects = !field.selection_set.selections.is_empty();
        if field.ty().is_list() {
            return match of_objects {
                true => LIST_OF_OBJECTS.saturating_mul(OBJECT.saturating_add(self.set(&field.selection_set))),
                false => LIST_OF_SCALARS,
            };
        }
        if !of_objects {
            return 0;
        }
        let is_page = self.schema.type_field(field.ty().inner_named_type(), "pageInfo").is_ok();
        match self.limit(field).filter(|_| is_page) {
            Some(limit) => PAGE.saturating_add(limit.saturating_mul(self.nodes(&field.selection_set))),
            None => OBJECT.saturating_add(self.set(&field.selection_set)),
        }
    }

    /// The cost of one node of a page, whichever way its nodes are asked for; the rest of the page is free.
    fn nodes(&self, set: &SelectionSet) -> u64 {
        let cost = |selection: &Selection| match selection {
            Selection::Field(field) => match field.name.as_str() {
                "nodes" | "data" => OBJECT.saturating_add(self.set(&field.selection_set)),
                "edges" => self.set(&field.selection_set),
                _ => 0,
            },
            Selection::InlineFragment(inline) => self.nodes(&inline.selection_set),
            Selection::FragmentSpread(spread) => {
                self.document.fragments.get(&spread.fragment_name).map_or(0, |f| self.nodes(&f.selection_set))
            }
        };
        set.selections.iter().map(cost).fold(0, u64::saturating_add)
    }

    fn limit(&self, field: &Field) -> Option<u64> {
        let argument = field.arguments.iter().find(|argument| argument.name == "limit")?;
        match argument.value.as_ref() {
            Written::Int(number) => number.as_str().parse().ok(),
            Written::Variable(name) => self.variables.get(name.as_str())?.as_u64(),
            _ => None,
        }
    }
}
