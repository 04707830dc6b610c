//! From the expressions of a mapping to a [`Mapper`]: parse, put columns in place of `ref`, type, make
//! physical.

use crate::explain::{explain, one_record};
use crate::functions;
use crate::mapper::{ColumnProgram, Mapper};
use crate::references::{Fallback, Reference};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable, col, lit, when};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use plan::{Mapping, Origin};
use std::collections::BTreeSet;
use std::sync::Arc;
use values::Kind;

/// What a mapping may refer to: for each entity, whether its ids are uuids.
pub trait EntityKeys {
    /// `None`: there is no such entity.
    fn uuid_key(&self, entity: &str) -> Option<bool>;
    /// All entities, for hints.
    fn names(&self) -> Vec<String>;
}

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingProblem {
    /// The column, or `where`.
    pub place: String,
    /// Position in the mapping's columns; `None` for `where`.
    pub column: Option<usize>,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

/// A session that knows SQL and our functions, with names case-sensitive.
pub(crate) fn session() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(1).with_information_schema(false);
    config.options_mut().sql_parser.enable_ident_normalization = false;
    config.options_mut().sql_parser.dialect = datafusion::common::config::Dialect::PostgreSQL;
    let context = SessionContext::new_with_config(config);
    for function in functions::registered() {
        context.register_udf(function);
    }
    context
}

/// Compiles a mapping over a stream's fields; every problem that it has.
pub fn compile(
    mapping: &Mapping,
    fields: &[String],
    entities: &dyn EntityKeys,
) -> Result<Mapper, Vec<MappingProblem>> {
    let mut compiler = Compiler {
        context: session(),
        fields: text_schema(fields),
        entities,
        references: Vec::new(),
        asked: Vec::new(),
        answers: Vec::new(),
        problems: Vec::new(),
    };
    if !fields.contains(&mapping.key_field) {
        compiler.problems.push(MappingProblem {
            place: "key".into(),
            column: None,
            message: format!(
                "the stream has no field {}, which is the key of {}",
                mapping.key_field, mapping.entity
            ),
            hint: base::names::nearest(&mapping.key_field, fields.iter().map(String::as_str))
                .map(|near| format!("did you mean {near}?")),
        });
    }
    let filter = mapping.filter.as_ref().and_then(|origin| compiler.filter(origin));
    let columns: Vec<Option<Logical>> =
        mapping.columns.iter().enumerate().map(|(i, c)| compiler.column(i, c)).collect();
    compiler.finish(mapping, fields, columns, filter)
}

/// The fields that the expressions of a mapping read, without a catalogue; for `check` and `discover`.
pub fn fields_read(sql: &str, fields: &[String]) -> Option<BTreeSet<String>> {
    let context = session();
    let schema = DFSchema::try_from(text_schema(fields).as_ref().clone()).ok()?;
    let expression = context.parse_sql_expr(sql, &schema).ok()?;
    Some(expression.column_refs().iter().map(|c| c.name.clone()).collect())
}

/// A schema of nullable texts.
fn text_schema(fields: &[String]) -> SchemaRef {
    Arc::new(Schema::new(fields.iter().map(|f| Field::new(f, DataType::Utf8, true)).collect::<Vec<_>>()))
}

/// A column's expression after `ref` was taken out of it.
struct Logical {
    expression: Expr,
    /// The one field that it reads, for the `value` of rejects.
    only_field: Option<String>,
}

struct Compiler<'a> {
    context: SessionContext,
    fields: SchemaRef,
    entities: &'a dyn EntityKeys,
    references: Vec<Reference>,
    /// What stands inside each reference.
    asked: Vec<Expr>,
    /// The column that holds each answer.
    answers: Vec<Field>,
    problems: Vec<MappingProblem>,
}

impl Compiler<'_> {
    fn problem(&mut self, place: &str, column: Option<usize>, message: String, hint: Option<String>) {
        self.problems.push(MappingProblem { place: place.into(), column, message, hint });
    }

    fn parse(&mut self, place: &str, column: Option<usize>, origin: &Origin) -> Option<Expr> {
        let parsed = DFSchema::try_from(self.fields.as_ref().clone())
            .and_then(|schema| self.context.parse_sql_expr(&origin.sql, &schema));
        match parsed {
            Ok(expression) => match one_record(&expression) {
                Ok(()) => Some(expression),
                Err(message) => {
                    let hint = "an expression sees the fields of one record";
                    self.problem(place, column, message, Some(hint.into()));
                    None
                }
            },
            Err(error) => {
                let (message, hint) = explain(&error, &self.fields, &origin.sql);
                self.problem(place, column, message, hint);
                None
            }
        }
    }

    fn filter(&mut self, origin: &Origin) -> Option<Expr> {
        let expression = self.parse("where", None, origin)?;
        if calls(&expression, is_reference) {
            let hint = "compare the source's own fields; records that refer to left-out ones are left out \
            by themselves";
            self.problem("where", None, "ref cannot be used in where".into(), Some(hint.into()));
            return None;
        }
        let schema = DFSchema::try_from(self.fields.as_ref().clone()).ok()?;
        match expression.get_type(&schema) {
            Ok(DataType::Boolean) => Some(expression),
            Ok(other) => {
                let hint = "all fields are text: write for example active = 'true'";
                self.problem(
                    "where",
                    None,
                    format!("where gives {other}, not true or false"),
                    Some(hint.into()),
                );
                None
            }
            Err(error) => {
                let (message, hint) = explain(&error, &self.fields, &origin.sql);
                self.problem("where", None, message, hint);
                None
            }
        }
    }

    fn column(&mut self, position: usize, column: &plan::ColumnMapping) -> Option<Logical> {
        let origin = column.origin.as_ref()?;
        let mut expression = self.parse(&column.column, Some(position), origin)?;
        if column.password {
            expression = password_argument(expression);
        }
        let nested = called(&expression) != Some("hash_password");
        if nested && calls(&expression, |name| name == "hash_password") {
            let message = "hash_password must be the outermost function of the expression".into();
            let hint = "what changes the password stands inside: hash_password(trim(password))";
            self.problem(&column.column, Some(position), message, Some(hint.into()));
            return None;
        }
        let mut read: BTreeSet<String> = expression.column_refs().iter().map(|c| c.name.clone()).collect();
        let only_field = if read.len() == 1 { read.pop_first() } else { None };
        let whole = called(&expression).and_then(Fallback::of) == Some(Fallback::None);
        let before = self.problems.len();
        let replaced = expression.transform_down(|e| {
            let Some(fallback) = called(&e).and_then(Fallback::of) else { return Ok(Transformed::no(e)) };
            Ok(match self.reference(position, column, e.clone(), fallback, whole) {
                Some(answer) => Transformed::new(answer, true, TreeNodeRecursion::Jump),
                None => Transformed::new(e, false, TreeNodeRecursion::Jump),
            })
        });
        match replaced {
            Ok(t) if self.problems.len() == before => Some(Logical { expression: t.data, only_field }),
            _ => None,
        }
    }

    /// The column in place of a reference.
    fn reference(
        &mut self,
        position: usize,
        target: &plan::ColumnMapping,
        call: Expr,
        fallback: Fallback,
        whole: bool,
    ) -> Option<Expr> {
        let place = target.column.as_str();
        let Expr::ScalarFunction(call) = call else { return None };
        let name = call.func.name().to_owned();
        let inside = call.args.iter().any(|argument| calls(argument, is_reference));
        if inside {
            let hint = "write coalesce(ref_or('users', a, NULL), ref_or('users', b, NULL))";
            let message = "a reference stands inside another".into();
            self.problem(place, Some(position), message, Some(hint.into()));
            return None;
        }
        let mut arguments = call.args.into_iter();
        let (Some(entity), Some(id)) = (arguments.next(), arguments.next()) else {
            self.problem(place, Some(position), format!("{name} takes an entity and an id"), None);
            return None;
        };
        let Expr::Literal(ScalarValue::Utf8(Some(entity)), _) = entity else {
            let hint = "write ref('users', user_id)";
            self.problem(
                place,
                Some(position),
                "ref takes the entity as a text constant".into(),
                Some(hint.into()),
            );
            return None;
        };
        let Some(uuid_key) = self.entities.uuid_key(&entity) else {
            let names = self.entities.names();
            let hint = base::names::nearest(&entity, names.iter().map(String::as_str))
                .map(|near| format!("did you mean {near}?"));
            self.problem(place, Some(position), format!("there is no entity {entity} to refer to"), hint);
            return None;
        };
        let answer = format!("$ref{}", self.references.len());
        // Sixteen bytes only where they are the cell; everywhere else an id is a text.
        let bytes = uuid_key && whole && target.ty.kind == Kind::Uuid;
        let data_type = if bytes { DataType::FixedSizeBinary(16) } else { DataType::Utf8 };
        self.answers.push(Field::new(&answer, data_type, true));
        self.references.push(Reference { entity, column: position, fallback });
        self.asked.push(id);
        let answer = col(datafusion::common::Column::new_unqualified(answer));
        if fallback == Fallback::None {
            return Some(answer);
        }
        let Some(otherwise) = arguments.next() else {
            let message = format!("{name} takes an entity, an id and a fallback");
            self.problem(place, Some(position), message, None);
            return None;
        };
        when(answer.clone().is_not_null(), answer).otherwise(otherwise).ok()
    }

    fn finish(
        mut self,
        mapping: &Mapping,
        fields: &[String],
        columns: Vec<Option<Logical>>,
        filter: Option<Expr>,
    ) -> Result<Mapper, Vec<MappingProblem>> {
        let mut both: Vec<Field> = self.fields.fields().iter().map(|f| f.as_ref().clone()).collect();
        both.extend(self.answers.iter().cloned());
        let answered: SchemaRef = Arc::new(Schema::new(both));
        let asked = self.asked.clone();
        let asked_programs: Vec<_> = asked
            .into_iter()
            .enumerate()
            .filter_map(|(i, e)| {
                let column = self.references[i].column;
                let place = mapping.columns[column].column.clone();
                self.physical(&place, Some(column), cast_to_text(e), &self.fields.clone())
            })
            .collect();
        let filter = filter.and_then(|f| self.physical("where", None, f, &self.fields.clone()));
        let mut programs = Vec::with_capacity(columns.len());
        for (position, logical) in columns.into_iter().enumerate() {
            programs.push(match logical {
                None => ColumnProgram { expression: None, only_field: None },
                Some(l) => ColumnProgram {
                    expression: self.physical(
                        &mapping.columns[position].column,
                        Some(position),
                        l.expression,
                        &answered,
                    ),
                    only_field: l.only_field.and_then(|f| fields.iter().position(|name| *name == f)),
                },
            });
        }
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let key_field = fields.iter().position(|f| *f == mapping.key_field).unwrap_or_default();
        Ok(Mapper {
            mapping: mapping.clone(),
            answered,
            key_field,
            references: self.references,
            asked: asked_programs,
            filter,
            columns: programs,
        })
    }

    fn physical(
        &mut self,
        place: &str,
        column: Option<usize>,
        expression: Expr,
        schema: &SchemaRef,
    ) -> Option<Arc<dyn PhysicalExpr>> {
        let made = DFSchema::try_from(schema.as_ref().clone()).and_then(|schema| {
            let expression = simplified(expression, &schema)?;
            self.context.create_physical_expr(expression, &schema)
        });
        match made {
            Ok(physical) => Some(physical),
            Err(error) => {
                let (message, hint) = explain(&error, &self.fields, "");
                self.problem(place, column, message, hint);
                None
            }
        }
    }
}

/// Some functions of SQL (`coalesce`) exist in plans only: the simplifier puts what they mean in their place.
fn simplified(expression: Expr, schema: &DFSchema) -> Result<Expr, DataFusionError> {
    let context = SimplifyContext::builder().with_schema(Arc::new(schema.clone())).build();
    let simplifier = ExprSimplifier::new(context);
    let typed = simplifier.coerce(expression, schema)?;
    simplifier.simplify(typed)
}

fn cast_to_text(expression: Expr) -> Expr {
    datafusion::logical_expr::cast(expression, DataType::Utf8)
}

/// The name of the function that an expression calls.
fn called(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::ScalarFunction(call) => Some(call.func.name()),
        _ => None,
    }
}

/// Whether a function of that kind stands anywhere in an expression.
fn calls(expression: &Expr, kind: impl Fn(&str) -> bool) -> bool {
    expression.exists(|e| Ok(called(e).is_some_and(&kind))).unwrap_or(false)
}

fn is_reference(name: &str) -> bool {
    Fallback::of(name).is_some()
}

/// Whether `hash_password` is the outermost function of an expression.
pub fn is_password(sql: &str, fields: &[String]) -> bool {
    let context = session();
    DFSchema::try_from(text_schema(fields).as_ref().clone())
        .and_then(|schema| context.parse_sql_expr(sql, &schema))
        .is_ok_and(|e| called(&e) == Some("hash_password"))
}

/// The source field that `hash_password(field)` reads, when that is all that it reads.
pub fn password_field(sql: &str, fields: &[String]) -> Option<String> {
    if !is_password(sql, fields) {
        return None;
    }
    let mut read = fields_read(sql, fields)?;
    if read.len() == 1 { read.pop_first() } else { None }
}

/// The entities that an expression refers to, by name, also unknown ones.
pub fn entities_referred(sql: &str, fields: &[String]) -> BTreeSet<String> {
    let context = session();
    let mut names = BTreeSet::new();
    let Ok(schema) = DFSchema::try_from(text_schema(fields).as_ref().clone()) else { return names };
    let Ok(expression) = context.parse_sql_expr(sql, &schema) else { return names };
    let walked = expression.apply(|e| {
        if let Expr::ScalarFunction(call) = e
            && is_reference(call.func.name())
            && let Some(Expr::Literal(ScalarValue::Utf8(Some(entity)), _)) = call.args.first()
        {
            names.insert(entity.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    debug_assert!(walked.is_ok());
    names
}

fn password_argument(expression: Expr) -> Expr {
    match expression {
        Expr::ScalarFunction(mut call) if call.func.name() == "hash_password" && call.args.len() == 1 => {
            call.args.pop().unwrap_or_else(|| lit(ScalarValue::Utf8(None)))
        }
        other => other,
    }
}
