//! Execution: the library walks the selections, this answers field by field.

use super::args::Args;
use super::document::Request;
use super::page::Page;
use super::schema::{Schemas, UNKNOWN_VALUE};
use crate::bettermode::app::App;
use crate::bettermode::auth::Who;
use crate::bettermode::commands::Actor;
use crate::bettermode::refusal::Refusal;
use crate::bettermode::resolve;
use crate::bettermode::scenario::ListPart;
use crate::bettermode::state::State;
use apollo_compiler::ast::Type;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::GraphQLError;
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value, json};
use std::cell::{Cell, OnceCell, Ref, RefCell, RefMut};
use std::rc::Rc;

/// What the library puts before the text of a field's error.
const PREFIX: &str = "resolver error: ";

/// A fault that strikes while a request is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trick {
    /// Every `Action` fails, and nothing is done.
    Failed,
    /// The first enum has a value that no schema has.
    UnknownEnum,
    /// The first nullable value beneath the root is an error.
    Partial,
}

/// Everything that a field needs to be answered.
pub(crate) struct Context<'c> {
    pub app: &'c App,
    pub who: &'c Who,
    /// The same as a member of the community.
    pub by: Actor,
    state: RefCell<&'c mut State>,
    trick: Cell<Option<Trick>>,
    refusals: RefCell<Vec<Refusal>>,
}

/// Something with fields.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Query,
    Mutation,
    /// All of its fields are here.
    Plain(Map<String, Value>),
    /// What a token gives: access and refresh, and whose they are.
    Tokens {
        access: String,
        refresh: String,
        member: String,
    },
    Network,
    Member(String),
    /// A member, shown to themselves: whom a token was just given to.
    Oneself(String),
    Collection(String),
    Space(String),
    /// Somebody in a space, or who was there once.
    SpaceMember {
        space: String,
        member: String,
    },
    PostType(String),
    Post(String),
    Reaction {
        post: String,
        reaction: String,
    },
    Participant {
        post: String,
        reaction: String,
        member: String,
    },
    Event(String),
    Registration(String),
    Page(Rc<Page>),
    /// A place in a page.
    Edge(Rc<Page>, usize),
}

/// What a field comes to.
pub(crate) enum Reply {
    /// A scalar, or objects whose fields are all there.
    Json(Value),
    Node(Node),
    Nodes(Vec<Node>),
    Page(Page),
    Null,
}

impl<'c> Context<'c> {
    pub fn new(app: &'c App, state: &'c mut State, who: &'c Who, trick: Option<Trick>) -> Self {
        let (state, trick) = (RefCell::new(state), Cell::new(trick));
        Self { app, who, by: who.actor(), state, trick, refusals: RefCell::default() }
    }

    /// The community; never held while another field is answered.
    pub fn state(&self) -> Ref<'_, State> {
        Ref::map(self.state.borrow(), |state| &**state)
    }

    /// The same, to change it.
    pub fn state_mut(&self) -> RefMut<'_, State> {
        RefMut::map(self.state.borrow_mut(), |state| &mut **state)
    }

    /// Executes a request.
    pub fn run(&'c self, schemas: &Schemas, request: &Request) -> Done {
        let odd = self.trick.get() == Some(Trick::UnknownEnum);
        let schema = if odd { &schemas.odd } else { &schemas.public };
        let root = if request.operation.is_mutation() { Node::Mutation } else { Node::Query };
        let root = Object { context: self, kind: String::new(), node: root, leaves: OnceCell::new() };
        let executed = Execution::new(schema, &request.document)
            .operation(&request.operation)
            .coerced_variable_values(&request.variables)
            .enable_schema_introspection(true)
            .execute_sync(&root);
        let internal = |message: String| (Refusal { message, ..Refusal::internal() }, Map::new());
        match executed {
            Ok(done) => {
                let errors = done.errors.iter().map(|error| self.refused(error)).collect();
                Done { data: json!(done.data), errors }
            }
            Err(cause) => Done { data: Value::Null, errors: vec![internal(cause.message().to_string())] },
        }
    }

    /// The refusal behind an error of the library, and where it is.
    fn refused(&self, error: &GraphQLError) -> (Refusal, Map<String, Value>) {
        let number = error.message.strip_prefix(PREFIX).and_then(|text| text.parse::<usize>().ok());
        let refusal = number.and_then(|number| self.refusals.borrow().get(number).cloned());
        let refusal =
            refusal.unwrap_or_else(|| Refusal { message: error.message.clone(), ..Refusal::internal() });
        let mut place = Map::new();
        place.insert("locations".into(), json!(error.locations));
        place.insert("path".into(), json!(error.path));
        (refusal, place)
    }

    /// The library carries a text only: the number of the refusal.
    fn refuse(&self, refusal: Refusal) -> FieldError {
        let mut refusals = self.refusals.borrow_mut();
        refusals.push(refusal);
        FieldError { message: (refusals.len() - 1).to_string() }
    }

    fn object(&'c self, kind: &str, node: Node) -> Object<'c> {
        Object { context: self, kind: kind.to_owned(), node, leaves: OnceCell::new() }
    }

    /// A reply as the library takes it, by the type that the schema declares.
    fn resolved<'r>(&'c self, info: &ResolveInfo<'_>, ty: &Type, reply: Reply) -> ResolvedValue<'r>
    where
        'c: 'r,
    {
        let kind = ty.inner_named_type();
        match reply {
            Reply::Null => ResolvedValue::null(),
            Reply::Node(node) => ResolvedValue::object(self.object(kind, node)),
            Reply::Nodes(nodes) => {
                let kind = kind.to_string();
                ResolvedValue::list(
                    nodes
                        .into_iter()
                        .map(move |node| ResolvedValue::object(self.object(&kind, node)))
                        .collect::<Vec<_>>(),
                )
            }
            Reply::Page(page) => ResolvedValue::object(self.object(kind, Node::Page(Rc::new(page)))),
            Reply::Json(value) => match info.schema().types.get(kind) {
                Some(ExtendedType::Scalar(_)) | None => leaves(value),
                Some(ExtendedType::Enum(_)) => leaves(self.oddly(value)),
                Some(_) => self.plain(kind, value),
            },
        }
    }

    fn plain<'r>(&'c self, kind: &str, value: Value) -> ResolvedValue<'r>
    where
        'c: 'r,
    {
        match value {
            Value::Object(map) => {
                let named = map.get("__typename").and_then(Value::as_str).unwrap_or(kind).to_owned();
                ResolvedValue::object(self.object(&named, Node::Plain(map)))
            }
            Value::Array(list) => {
                ResolvedValue::list(list.into_iter().map(|item| self.plain(kind, item)).collect::<Vec<_>>())
            }
            _ => ResolvedValue::null(),
        }
    }

    /// A value of an enum, once an unknown one when a fault wants it.
    fn oddly(&self, value: Value) -> Value {
        if self.trick.get() != Some(Trick::UnknownEnum) || value.is_null() || value == json!([]) {
            return value;
        }
        self.trick.set(None);
        if value.is_array() { json!([UNKNOWN_VALUE]) } else { UNKNOWN_VALUE.into() }
    }
}

/// A scalar, or a list of them.
fn leaves<'r>(value: Value) -> ResolvedValue<'r> {
    match value {
        Value::Array(list) => ResolvedValue::list(list.into_iter().map(leaves).collect::<Vec<_>>()),
        one => ResolvedValue::leaf(one),
    }
}

/// What an execution came to.
pub(crate) struct Done {
    pub data: Value,
    /// Each with `locations` and `path`.
    pub errors: Vec<(Refusal, Map<String, Value>)>,
}

struct Object<'c> {
    context: &'c Context<'c>,
    /// The name of its type; empty at the root.
    kind: String,
    node: Node,
    /// Its stored fields, read when the first of them is asked for.
    leaves: OnceCell<Map<String, Value>>,
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        match self.node {
            Node::Query => "Query",
            Node::Mutation => "Mutation",
            _ => &self.kind,
        }
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let context = self.context;
        let ty = &info.field_definition().ty;
        let root = matches!(self.node, Node::Query | Node::Mutation);
        if !root && !ty.is_non_null() && context.trick.get() == Some(Trick::Partial) {
            context.trick.set(None);
            return Err(context.refuse(Refusal::internal()));
        }
        if context.trick.get() == Some(Trick::Failed) && root && ty.inner_named_type() == "Action" {
            let failed = json!({"status": "failed"});
            let failed = if ty.is_list() { json!([failed]) } else { failed };
            return Ok(context.resolved(info, ty, Reply::Json(failed)));
        }
        let reply = self.reply(info).map_err(|refusal| context.refuse(refusal))?;
        Ok(context.resolved(info, ty, reply))
    }
}

impl Object<'_> {
    fn reply(&self, info: &ResolveInfo<'_>) -> Result<Reply, Refusal> {
        let name = info.field_name();
        match &self.node {
            Node::Plain(map) => Ok(map.get(name).map_or(Reply::Null, |value| Reply::Json(value.clone()))),
            Node::Page(page) => Ok(self.of_page(page, name)),
            Node::Edge(page, at) => {
                let (node, cursor) = &page.entries[*at];
                Ok(if name == "cursor" {
                    Reply::Json(cursor.clone().into())
                } else {
                    Reply::Node(node.clone())
                })
            }
            node => {
                let args = Args::new(info.arguments());
                if let Some(reply) = resolve::field(self.context, node, name, &args)? {
                    return Ok(reply);
                }
                let leaves = self.leaves.get_or_init(|| resolve::leaves(self.context, node));
                let leaf = leaves.get(name).cloned();
                leaf.map(Reply::Json).ok_or_else(|| Refusal {
                    message: format!("no resolver for {}.{name}", self.kind),
                    ..Refusal::internal()
                })
            }
        }
    }

    fn of_page(&self, page: &Rc<Page>, name: &str) -> Reply {
        let null = |part| self.context.app.scenario.paging.null.contains(&part);
        match name {
            "nodes" if null(ListPart::Nodes) => Reply::Null,
            "edges" if null(ListPart::Edges) => Reply::Null,
            "totalCount" if null(ListPart::TotalCount) => Reply::Null,
            "nodes" => Reply::Nodes(page.entries.iter().map(|(node, _)| node.clone()).collect()),
            "edges" => {
                Reply::Nodes((0..page.entries.len()).map(|at| Node::Edge(Rc::clone(page), at)).collect())
            }
            "totalCount" => Reply::Json(page.total.into()),
            _ => {
                let end = page.entries.last().map(|(_, cursor)| cursor);
                Reply::Json(json!({"endCursor": end, "hasNextPage": page.has_next}))
            }
        }
    }
}
