//! From the project's entities to mappers over the destination's catalogue: every problem, with its place in
//! the project file.

use crate::id_file::{self, IdFile};
use crate::job::Job;
use base::names::{nearest, normalise};
use base::{Fault, Problem};
use connect::destination::{Late, Mode, Table, TableName};
use connect::{FieldInfo, Stream};
use plan::{ColumnMapping, Key, KeyKind, Mapping, Origin, Step};
use project::EntityConfig;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use transform::{EntityKeys, Mapper};
use values::Kind;

/// The entities of a project, ready to map and load.
pub struct Prepared {
    /// By name.
    pub entities: BTreeMap<String, Entity>,
    /// The order in which they are loaded.
    pub order: Vec<Step>,
    /// Entities whose records were moved by other means: only referred to.
    pub elsewhere: BTreeMap<String, Arc<Table>>,
    /// The ids of records that were moved by other means.
    pub id_files: BTreeMap<String, Arc<IdFile>>,
}

/// An entity, ready to map and load.
#[derive(Clone)]
pub struct Entity {
    /// As the project file has it.
    pub config: EntityConfig,
    /// The destination's table.
    pub table: Arc<Table>,
    /// The compiled mapping.
    pub mapper: Mapper,
    /// The fields that the mapper wants, in this order.
    pub fields: Vec<String>,
    /// Columns that are written when all rows of its circle are there; empty outside of one.
    pub late: Vec<Late>,
}

impl Entity {
    /// What to do with rows that are there.
    pub fn mode(&self) -> Mode {
        match self.config.mode {
            project::Mode::Insert => Mode::Insert,
            project::Mode::Update => Mode::Update,
            project::Mode::Skip => Mode::Skip,
        }
    }

    /// Names of the columns that are written.
    pub fn columns(&self) -> Vec<String> {
        self.mapper.mapping().columns.iter().map(|c| c.column.clone()).collect()
    }

    /// The entities that it refers to.
    pub fn parents(&self) -> BTreeSet<String> {
        self.mapper.references().iter().map(|r| r.entity.clone()).collect()
    }
}

/// What preparing came to.
pub struct Outcome {
    /// `None` when a problem stops it.
    pub prepared: Option<Prepared>,
    /// Every problem.
    pub problems: Vec<Problem>,
}

/// The fields that each entity's stream has: from the export where it is there, else from the source.
pub type Fields = BTreeMap<String, Vec<String>>;

/// Prepares every entity whose fields are given.
pub async fn prepare(job: &Job, fields: &Fields) -> Result<Outcome, Fault> {
    let mut problems = Vec::new();
    let tables = tables(job, &mut problems).await?;
    let elsewhere = elsewhere(job, &mut problems).await?;
    let id_files = id_files(job, &tables, &elsewhere, &mut problems);
    let keys = Keys::of(tables.iter().chain(&elsewhere));
    let mut entities = BTreeMap::new();
    for config in &job.project.entities {
        let (Some(table), Some(fields)) = (tables.get(&config.name), fields.get(&config.name)) else {
            continue;
        };
        if let Some(entity) = entity(config, table, fields, &keys, &mut problems) {
            entities.insert(config.name.clone(), entity);
        }
    }
    let names: Vec<String> =
        job.project.entities.iter().map(|e| e.name.clone()).filter(|n| entities.contains_key(n)).collect();
    let references = entities.iter().map(|(name, e)| (name.clone(), e.parents())).collect();
    let mut order = plan::order(&names, &references);
    for step in order.iter_mut().filter(|s| s.cyclic) {
        let given = |name: &String| entities.get(name).is_some_and(|e| e.table.given_key);
        match step.entities.as_slice() {
            // Records of a service that refer to their own kind are made one after the other.
            [only] if given(only) => step.cyclic = false,
            names if names.iter().any(given) => problems.push(Problem::error(format!(
                "{} refer to each other in a circle, and a service writes nothing late",
                names.join(", ")
            ))),
            _ => step.entities = crate::circle::order(&mut entities, &step.entities, &mut problems),
        }
    }
    let stopped = problems.iter().any(|p| p.severity == base::Severity::Error);
    let prepared = (!stopped).then_some(Prepared { entities, order, elsewhere, id_files });
    Ok(Outcome { prepared, problems })
}

/// The tables of the entities; when none is there yet, as the project's schema script would make them.
async fn tables(job: &Job, problems: &mut Vec<Problem>) -> Result<BTreeMap<String, Arc<Table>>, Fault> {
    let names: Vec<TableName> = job.project.entities.iter().map(table_name).collect();
    let mut found = job.destination.tables(&names).await?;
    let own = in_database(job);
    if !names.iter().zip(&found).any(|(name, table)| own.contains(name) && table.is_some())
        && let Some((_, sql)) = crate::run::schema_script(job)?
    {
        // A move will run the script first; until then its tables are looked at and rolled back.
        found = job.destination.tables_after(&sql, &names).await?;
    }
    named(job, &job.project.entities, found, problems).await
}

/// The tables of entities that were moved by other means.
async fn elsewhere(job: &Job, problems: &mut Vec<Problem>) -> Result<BTreeMap<String, Arc<Table>>, Fault> {
    let names: Vec<TableName> = job.project.elsewhere.iter().map(table_name).collect();
    let found = job.destination.tables(&names).await?;
    named(job, &job.project.elsewhere, found, problems).await
}

/// Tables by their entities; one that is missing is a problem.
async fn named(
    job: &Job,
    entities: &[EntityConfig],
    found: Vec<Option<Table>>,
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<String, Arc<Table>>, Fault> {
    let mut tables = BTreeMap::new();
    for (config, table) in entities.iter().zip(found) {
        match table {
            Some(table) => {
                tables.insert(config.name.clone(), Arc::new(table));
            }
            None => {
                let all = job.destination.all_tables().await?;
                let near = nearest(&config.into.value.table, all.iter().map(|t| t.name.as_str()));
                let mut problem =
                    Problem::error(format!("the destination has no table {}", table_name(config)))
                        .span(Some(config.into.span.clone()));
                if let Some(near) = near {
                    problem = problem.hint(format!("did you mean {near}?"));
                }
                problems.push(problem);
            }
        }
    }
    Ok(tables)
}

/// The id files of all entities that have one.
fn id_files(
    job: &Job,
    tables: &BTreeMap<String, Arc<Table>>,
    elsewhere: &BTreeMap<String, Arc<Table>>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Arc<IdFile>> {
    let mut files = BTreeMap::new();
    for config in job.project.entities.iter().chain(&job.project.elsewhere) {
        let Some(table) = tables.get(&config.name).or_else(|| elsewhere.get(&config.name)) else { continue };
        match id_file::read(job, config, table) {
            Ok(None) => {}
            Ok(Some(file)) => {
                files.insert(config.name.clone(), Arc::new(file));
            }
            Err(problem) => problems.push(problem),
        }
    }
    files
}

/// The tables of the project's database: those of services are there always.
pub fn in_database(job: &Job) -> Vec<TableName> {
    let kept = |name: &str| job.project.destination(name).is_some_and(|d| d.connector == "postgres");
    let entities = job.project.entities.iter().filter(|e| kept(&e.into.value.destination));
    entities.map(table_name).collect()
}

/// The table of an entity.
pub fn table_name(config: &EntityConfig) -> TableName {
    let into = &config.into.value;
    TableName { destination: into.destination.clone(), schema: into.schema.clone(), name: into.table.clone() }
}

/// What the entities' keys are, for `ref`.
struct Keys {
    uuid: BTreeMap<String, bool>,
}

impl Keys {
    fn of<'a>(tables: impl Iterator<Item = (&'a String, &'a Arc<Table>)>) -> Self {
        let uuid = tables
            .map(|(name, t)| {
                let uuid = t.primary_key.len() == 1
                    && t.column(&t.primary_key[0]).is_some_and(|c| c.ty.kind == Kind::Uuid);
                (name.clone(), uuid)
            })
            .collect();
        Self { uuid }
    }
}

impl EntityKeys for Keys {
    fn uuid_key(&self, entity: &str) -> Option<bool> {
        self.uuid.get(entity).copied()
    }
    fn names(&self) -> Vec<String> {
        self.uuid.keys().cloned().collect()
    }
}

fn entity(
    config: &EntityConfig,
    table: &Arc<Table>,
    fields: &[String],
    keys: &dyn EntityKeys,
    problems: &mut Vec<Problem>,
) -> Option<Entity> {
    let before = problems.len();
    let mut fields = fields.to_vec();
    let key = key(config, table, problems)?;
    let mut columns = Vec::new();
    for name in &key.columns {
        if key.kind != KeyKind::Mapped {
            let column = table.column(name)?;
            columns.push(ColumnMapping {
                column: name.clone(),
                ty: column.ty.clone(),
                not_null: true,
                default: None,
                origin: None,
                password: false,
            });
        }
    }
    let mut mapped: Vec<ColumnMapping> = Vec::new();
    for (name, expression) in &config.fields {
        if let Some(column) = column(config, table, name, expression, &mut fields, problems) {
            mapped.push(column);
        }
    }
    // The key's columns come first, in the key's order, whoever fills them.
    mapped.sort_by_key(|c| key.columns.iter().position(|k| *k == c.column).unwrap_or(usize::MAX));
    columns.extend(mapped);
    unfilled(config, table, &columns, problems);
    if problems[before..].iter().any(|p| p.severity == base::Severity::Error) {
        return None;
    }
    let mapping = Mapping {
        entity: config.name.clone(),
        key_field: config.key.value.clone(),
        key,
        columns,
        filter: config.where_.as_ref().map(|e| Origin { sql: e.sql.clone(), span: Some(e.span.clone()) }),
    };
    match transform::compile(&mapping, &fields, keys) {
        Ok(mapper) => {
            let (config, table) = (config.clone(), Arc::clone(table));
            Some(Entity { config, table, mapper, fields, late: Vec::new() })
        }
        Err(found) => {
            for problem in found {
                let span = match (problem.column, problem.place.as_str()) {
                    (Some(i), _) => mapping.columns[i].origin.as_ref().and_then(|o| o.span.clone()),
                    (None, "where") => config.where_.as_ref().map(|e| e.span.clone()),
                    _ => Some(config.key.span.clone()),
                };
                let mut told =
                    Problem::error(format!("{}.{}: {}", config.name, problem.place, problem.message))
                        .span(span);
                if let Some(hint) = problem.hint {
                    told = told.hint(hint);
                }
                problems.push(told);
            }
            None
        }
    }
}

/// Where the destination's key comes from.
fn key(config: &EntityConfig, table: &Table, problems: &mut Vec<Problem>) -> Option<Key> {
    let columns = table.primary_key.clone();
    let span = Some(config.into.span.clone());
    if columns.is_empty() {
        problems.push(
            Problem::error(format!(
                "{} has no primary key, and rows without one cannot be compared or undone",
                table.sql
            ))
            .span(span)
            .hint(format!("ALTER TABLE {} ADD PRIMARY KEY (…)", table.sql)),
        );
        return None;
    }
    let mapped = columns.iter().filter(|c| config.fields.iter().any(|(name, _)| name.value == **c)).count();
    if mapped == columns.len() {
        return Some(Key { columns, kind: KeyKind::Mapped });
    }
    if let ([only], 0) = (columns.as_slice(), mapped) {
        let column = table.column(only)?;
        if table.given_key {
            return Some(Key { columns, kind: KeyKind::Given });
        }
        match column.ty.kind {
            Kind::Uuid => return Some(Key { columns, kind: KeyKind::Derived }),
            Kind::Int2 | Kind::Int4 | Kind::Int8 if column.sequence.is_some() => {
                return Some(Key { columns, kind: KeyKind::Numbered });
            }
            _ => {}
        }
    }
    let missing: Vec<&str> = columns
        .iter()
        .filter(|c| !config.fields.iter().any(|(name, _)| name.value == **c))
        .map(String::as_str)
        .collect();
    problems.push(
        Problem::error(format!("{}: nothing fills the key column {}", config.name, missing.join(", ")))
            .span(Some(config.span.clone()))
            .hint(
                "map it under fields; only a single uuid, or a number with a sequence, is filled by itself",
            ),
    );
    None
}

fn column(
    config: &EntityConfig,
    table: &Table,
    name: &project::Spanned<String>,
    expression: &project::Expr,
    fields: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Option<ColumnMapping> {
    let Some(column) = table.column(&name.value) else {
        let mut problem = Problem::error(format!("{} has no column {}", table.sql, name.value))
            .span(Some(name.span.clone()));
        if let Some(near) = nearest(&name.value, table.columns.iter().map(|c| c.name.as_str())) {
            problem = problem.hint(format!("did you mean {near}?"));
        }
        problems.push(problem);
        return None;
    };
    if column.generated {
        problems.push(
            Problem::error(format!("{}.{} is a generated column; nobody writes it", table.sql, name.value))
                .span(Some(name.span.clone()))
                .hint("remove the line"),
        );
        return None;
    }
    if !column.ty.loadable() {
        problems.push(
            Problem::error(format!(
                "{}.{} has type {}, which landfall cannot write",
                table.sql, name.value, column.ty.name
            ))
            .span(Some(name.span.clone()))
            .hint("leave it out and fill it in the database afterwards, or use a text column"),
        );
        return None;
    }
    // Bubble and its like never give passwords out, so the field may be unknown; every user then gets a hash
    // that no password fits.
    let password = match transform::compile::password_field(&expression.sql, fields) {
        Some(_) => true,
        None => {
            let missing =
                expression.sql.trim().strip_prefix("hash_password(").and_then(|s| s.strip_suffix(')'));
            match missing.map(str::trim).filter(|f| f.chars().all(|c| c.is_alphanumeric() || c == '_')) {
                Some(field) if !fields.iter().any(|f| f == field) => {
                    problems.push(
                        Problem::note(format!(
                            "{}: the source has no field {field}; every record gets a password that nothing \
                            fits, and is \
                             listed for a reset",
                            config.name
                        ))
                        .span(Some(expression.span.clone())),
                    );
                    fields.push(field.to_owned());
                    true
                }
                _ => transform::compile::is_password(&expression.sql, fields),
            }
        }
    };
    Some(ColumnMapping {
        column: name.value.clone(),
        ty: column.ty.clone(),
        not_null: column.not_null,
        default: None,
        origin: Some(Origin { sql: expression.sql.clone(), span: Some(expression.span.clone()) }),
        password,
    })
}

/// Columns that nothing fills: a problem where NULL is refused, else a note.
fn unfilled(config: &EntityConfig, table: &Table, columns: &[ColumnMapping], problems: &mut Vec<Problem>) {
    for column in &table.columns {
        let filled = columns.iter().any(|c| c.column == column.name)
            || table.primary_key.contains(&column.name)
            || column.generated
            || column.default.is_some()
            || column.sequence.is_some();
        if filled {
            continue;
        }
        problems.push(if column.not_null {
            Problem::error(format!(
                "{}: nothing fills {}.{}, which takes no NULL and has no default",
                config.name, table.sql, column.name
            ))
            .span(Some(config.span.clone()))
            .hint(format!("add a line under [entity.{}.fields]: {} = \"…\"", config.name, column.name))
        } else {
            Problem::note(format!(
                "{}: nothing fills {}.{}; it stays NULL",
                config.name, table.sql, column.name
            ))
        });
    }
}

/// Fields of a stream that nothing maps or ignores: a warning with a line to paste. What the connector adds
/// to the service's own fields (a name that is not its original's) is exported all the same and only noted.
pub fn unmapped(config: &EntityConfig, stream: &Stream, problems: &mut Vec<Problem>) {
    let fields: Vec<String> = stream.fields.iter().map(|f| f.name.clone()).collect();
    let mut used: BTreeSet<String> = BTreeSet::from([config.key.value.clone()]);
    used.extend(config.version.iter().map(|v| v.value.clone()));
    used.extend(config.ignore.iter().map(|i| i.value.clone()));
    used.extend(stream.created.iter().chain(&stream.version).cloned());
    let expressions = config.fields.iter().map(|(_, e)| e).chain(&config.where_);
    for expression in expressions {
        used.extend(transform::compile::fields_read(&expression.sql, &fields).unwrap_or_default());
    }
    let (left, added): (Vec<&FieldInfo>, Vec<&FieldInfo>) = stream
        .fields
        .iter()
        .filter(|f| !used.contains(&f.name))
        .partition(|f| f.name == normalise(&f.original));
    for field in added {
        let message = format!("{}: {} is exported, and nothing maps it", config.name, field.name);
        problems.push(Problem::note(message).span(Some(config.span.clone())));
    }
    let left: Vec<&str> = left.iter().map(|f| f.name.as_str()).collect();
    if left.is_empty() {
        return;
    }
    let all: Vec<String> =
        config.ignore.iter().map(|i| i.value.clone()).chain(left.iter().map(|l| (*l).to_owned())).collect();
    let listed = all.iter().map(|f| format!("{f:?}")).collect::<Vec<_>>().join(", ");
    let message = format!("{}: nothing maps {}", config.name, left.join(", "));
    let problem = if config.strict_fields { Problem::error(message) } else { Problem::warning(message) };
    problems.push(
        problem.span(Some(config.span.clone())).hint(format!("map them, or write: ignore = [{listed}]")),
    );
}
