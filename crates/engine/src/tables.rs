//! The tables that checks and `landfall sql` may name, streamed: `source.ENTITY`, `mapped.ENTITY`,
//! `dest.TABLE`.

use crate::defaults;
use crate::job::Job;
use crate::load::context;
use crate::parents::Parents;
use crate::prepare::{Entity, Prepared};
use crate::reading::{FileFacts, Reading};
use arrow::array::{ArrayRef, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use base::Fault;
use base::limits::MAP_ROWS;
use connect::destination::{RowSink, Table};
use ledger::{EntityRun, Run};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;
use transform::Verdict;
use transform::query::{Catalog, Producer};
use values::PgType;

/// Everything that a query over this project may name.
pub async fn catalog(
    job: &Job,
    files: &BTreeMap<String, FileFacts>,
    prepared: &Prepared,
    run: Option<&Run>,
) -> Result<Catalog, Fault> {
    let mut catalog = Catalog::default();
    let begun: Vec<EntityRun> = match run {
        Some(run) => job.destination.ledger().entities(run.id).await?,
        None => Vec::new(),
    };
    for (name, file) in files {
        catalog.add("source", name, file.columns.clone(), source(file.clone()));
    }
    for (name, entity) in &prepared.entities {
        let Some(file) = files.get(name) else { continue };
        let mut entity = entity.clone();
        if let Some(begun) = begun.iter().find(|b| b.entity == *name) {
            defaults::apply(&mut entity, begun)?;
        }
        let parents = Arc::new(Parents::ids_only(job, prepared, &entity)?);
        let columns = entity.columns();
        catalog.add("mapped", name, columns, mapped(job.clone(), file.clone(), entity.clone(), parents));
    }
    for (name, table) in destination_tables(prepared) {
        let columns: Vec<String> =
            table.columns.iter().filter(|c| c.ty.loadable()).map(|c| c.name.clone()).collect();
        let producer = dest(job.clone(), Arc::clone(table), columns.clone());
        catalog.add("dest", &name, columns, producer);
    }
    Ok(catalog)
}

/// The tables that entities go into, each once. Of those that are called alike each is called by its whole
/// name: `dest."community.members"`.
fn destination_tables(prepared: &Prepared) -> BTreeMap<String, &Arc<Table>> {
    let all: BTreeMap<String, &Arc<Table>> =
        prepared.entities.values().map(|e| (whole_name(&e.table), &e.table)).collect();
    let called = |name: &str| all.values().filter(|t| t.name == name).count();
    let short = |(whole, table): (String, &'_ Arc<Table>)| match called(&table.name) {
        1 => table.name.clone(),
        _ => whole,
    };
    all.iter().map(|(whole, table)| (short((whole.clone(), table)), *table)).collect()
}

fn whole_name(table: &Table) -> String {
    let parts = [table.destination.as_str(), table.schema.as_str(), table.name.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

type Send = Sender<Result<RecordBatch, Fault>>;

fn source(file: FileFacts) -> Producer {
    Arc::new(move |send: Send| {
        let file = file.clone();
        tokio::task::spawn_blocking(move || {
            let told = (|| {
                let mut reading = Reading::open(&file, &file.columns)?;
                while let Some(batch) = reading.next(MAP_ROWS)? {
                    if send.blocking_send(Ok(batch)).is_err() {
                        break;
                    }
                }
                Ok(())
            })();
            say(&send, told);
        });
    })
}

/// A fault reaches the query as its last batch.
fn say(send: &Send, told: Result<(), Fault>) {
    if let Err(fault) = told {
        // The query may have ended already; then nobody needs to hear.
        let _ = send.blocking_send(Err(fault));
    }
}

fn mapped(job: Job, file: FileFacts, entity: Entity, parents: Arc<Parents>) -> Producer {
    Arc::new(move |send: Send| {
        let (job, file, entity, parents) = (job.clone(), file.clone(), entity.clone(), Arc::clone(&parents));
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let told = (|| {
                let context = context(&job, &entity.config.name)?;
                let types: Vec<PgType> =
                    entity.mapper.mapping().columns.iter().map(|c| c.ty.clone()).collect();
                let mut reading = Reading::open(&file, &entity.fields)?;
                while let Some(records) = reading.next(MAP_ROWS)? {
                    let mut answers = Vec::new();
                    for (reference, ids) in
                        entity.mapper.references().iter().zip(entity.mapper.asked(&records)?)
                    {
                        answers.push(runtime.block_on(parents.ids(&job, &reference.entity, &ids))?);
                    }
                    let mapped = entity.mapper.map(&records, &answers, &job.namespace, &context)?;
                    let carried: Vec<usize> =
                        (0..records.num_rows()).filter(|i| mapped.verdicts[*i] == Verdict::Carry).collect();
                    let columns = mapped.columns.iter().zip(&types).map(|(cells, ty)| {
                        // Columns that the run fills (numbers, passwords) are empty before it does.
                        carried
                            .iter()
                            .map(|i| {
                                (*i < cells.len())
                                    .then(|| cells.get(*i))
                                    .flatten()
                                    .and_then(|b| ty.show(b).ok())
                            })
                            .collect::<StringArray>()
                    });
                    let batch = texts(&entity.columns(), columns.collect())?;
                    if send.blocking_send(Ok(batch)).is_err() {
                        break;
                    }
                }
                Ok(())
            })();
            say(&send, told);
        });
    })
}

fn dest(job: Job, table: Arc<Table>, columns: Vec<String>) -> Producer {
    Arc::new(move |send: Send| {
        let (job, table, columns) = (job.clone(), Arc::clone(&table), columns.clone());
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let types: Vec<PgType> =
                columns.iter().filter_map(|c| table.column(c).map(|c| c.ty.clone())).collect();
            let builders = types.iter().map(|_| StringBuilder::new()).collect();
            let mut rows = Shown { types, columns: columns.clone(), builders, held: 0, send: send.clone() };
            let told = runtime
                .block_on(job.destination.scan(&table, &columns, &mut rows))
                .and_then(|()| rows.flush());
            say(&send, told);
        });
    })
}

/// Turns rows into batches of texts.
struct Shown {
    types: Vec<PgType>,
    columns: Vec<String>,
    builders: Vec<StringBuilder>,
    held: usize,
    send: Send,
}

impl Shown {
    fn flush(&mut self) -> Result<(), Fault> {
        let arrays = self.builders.iter_mut().map(StringBuilder::finish).collect();
        self.held = 0;
        let batch = texts(&self.columns, arrays)?;
        let send = self.send.clone();
        // The scan drives a connection on this thread; sending may wait for the query.
        tokio::task::block_in_place(|| send.blocking_send(Ok(batch)))
            .map_err(|_| Fault::stop("the query has ended"))
    }
}

impl RowSink for Shown {
    fn row(&mut self, row: &[u8]) -> Result<(), Fault> {
        for ((builder, ty), field) in
            self.builders.iter_mut().zip(&self.types).zip(crate::verify::fields(row)?)
        {
            builder.append_option(field.and_then(|b| ty.show(b).ok()));
        }
        self.held += 1;
        if self.held >= MAP_ROWS { self.flush() } else { Ok(()) }
    }
}

fn texts(columns: &[String], arrays: Vec<StringArray>) -> Result<RecordBatch, Fault> {
    let fields: Vec<Field> = columns.iter().map(|c| Field::new(c, DataType::Utf8, true)).collect();
    let arrays: Vec<ArrayRef> = arrays.into_iter().map(|a| Arc::new(a) as ArrayRef).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|e| Fault::bug(e.to_string()))
}
