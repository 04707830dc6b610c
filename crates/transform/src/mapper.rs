//! A compiled mapping: batches of text in, encoded columns and reasons out. It holds no state and asks
//! nobody.

use crate::cells::encode_column;
use crate::references::{Asked, ParentFate, Reference, Resolved};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, SchemaRef};
use base::{Fault, RejectCode, SkipReason};
use datafusion::physical_expr::PhysicalExpr;
use plan::{KeyKind, Mapping};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;
use values::{Cells, Context};

/// One column's expression.
#[derive(Debug, Clone)]
pub(crate) struct ColumnProgram {
    /// `None`: the run makes the value.
    pub(crate) expression: Option<Arc<dyn PhysicalExpr>>,
    /// The one source field that it reads, by position.
    pub(crate) only_field: Option<usize>,
}

/// A compiled mapping.
#[derive(Debug, Clone)]
pub struct Mapper {
    pub(crate) mapping: Mapping,
    pub(crate) answered: SchemaRef,
    pub(crate) key_field: usize,
    pub(crate) references: Vec<Reference>,
    pub(crate) asked: Vec<Arc<dyn PhysicalExpr>>,
    pub(crate) filter: Option<Arc<dyn PhysicalExpr>>,
    pub(crate) columns: Vec<ColumnProgram>,
}

/// A cell that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCell {
    /// The record, counted from the batch's first.
    pub record: usize,
    /// Position in the mapping's columns; `None`: the record as a whole.
    pub column: Option<usize>,
    /// The source's value.
    pub value: Option<String>,
    /// Why, in a word.
    pub code: RejectCode,
    /// Why, in a sentence without the value.
    pub reason: String,
}

/// What the mapping says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It can be carried.
    Carry,
    /// It is left out on purpose.
    Skip(SkipReason),
    /// It cannot be carried; the first reason (all are in `bad`).
    Reject(RejectCode),
}

/// A mapped batch.
#[derive(Debug)]
pub struct Mapped {
    /// The source ids, one per record; NULL for a record without.
    pub source_ids: StringArray,
    /// A verdict per record.
    pub verdicts: Vec<Verdict>,
    /// A column of cells per column of the mapping; cells of records that are not carried mean nothing. A
    /// column that the run fills (a numbered key, a password) is empty.
    pub columns: Vec<Cells>,
    /// The passwords as the source has them, when the mapping has a password column.
    pub passwords: Option<StringArray>,
    /// Every cell that does not fit.
    pub bad: Vec<BadCell>,
    /// For each column: records that took its default. (Only carried ones.)
    pub defaulted: Vec<Vec<u32>>,
}

impl Mapper {
    /// The mapping.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Its references, in the order in which [`Mapper::asked`] gives them and [`Mapper::map`] wants their
    /// answers.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Sets the wire bytes of a column's default, once they are evaluated.
    pub fn set_default(&mut self, column: usize, bytes: Option<Vec<u8>>) {
        self.mapping.columns[column].default = bytes;
    }

    /// The source ids that a batch refers to, one column per reference.
    pub fn asked(&self, batch: &RecordBatch) -> Result<Asked, Fault> {
        self.asked
            .iter()
            .map(|expression| {
                let array = evaluate(expression, batch).map_err(|why| Fault::usage(format!("ref: {why}")))?;
                Ok(array.as_string::<i32>().clone())
            })
            .collect()
    }

    /// Maps a batch whose columns are the stream's fields; `namespace` makes derived keys.
    pub fn map(
        &self,
        batch: &RecordBatch,
        answers: &[Resolved],
        namespace: &Uuid,
        context: &Context,
    ) -> Result<Mapped, Fault> {
        let rows = batch.num_rows();
        let source_ids = batch.column(self.key_field).as_string::<i32>().clone();
        let mut work = Work { verdicts: vec![Verdict::Carry; rows], bad: Vec::new() };
        work.keys(&source_ids);
        if let Some(filter) = &self.filter {
            work.filter(filter, batch);
        }
        work.parents(&self.references, answers, batch, self);
        let answered = self.with_answers(batch, answers)?;
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut defaulted = vec![Vec::new(); self.columns.len()];
        let mut passwords = None;
        for (position, program) in self.columns.iter().enumerate() {
            let target = &self.mapping.columns[position];
            let Some(expression) = &program.expression else {
                columns.push(self.made_by_the_run(&source_ids, namespace));
                continue;
            };
            let told_before = work.bad.len();
            let array = work.evaluate(position, expression, &answered, program, batch);
            if target.password {
                passwords = Some(text_column(&array)?);
                columns.push(Cells::default());
                continue;
            }
            let mut cells = Cells::default();
            encode_column(&array, &target.ty, context, &mut cells, |row, bad| {
                if work.carries(row) || work.is_rejected(row) {
                    let value = source_value(program, batch, &array, row);
                    work.reject(row, Some(position), value, bad.code, bad.why.to_string());
                }
            })?;
            work.nulls(position, target, told_before, &mut cells, &mut defaulted[position]);
            columns.push(cells);
        }
        for taken in &mut defaulted {
            taken.retain(|row| work.carries(*row as usize));
        }
        Ok(Mapped { source_ids, verdicts: work.verdicts, columns, passwords, bad: work.bad, defaulted })
    }

    fn with_answers(&self, batch: &RecordBatch, answers: &[Resolved]) -> Result<RecordBatch, Fault> {
        let mut columns = batch.columns().to_vec();
        for (answer, field) in answers.iter().zip(&self.answered.fields()[columns.len()..]) {
            columns.push(match (answer.ids.data_type(), field.data_type()) {
                (DataType::FixedSizeBinary(16), DataType::Utf8) => Arc::new(uuid_texts(&answer.ids)),
                _ => Arc::clone(&answer.ids),
            });
        }
        RecordBatch::try_new_with_options(
            Arc::clone(&self.answered),
            columns,
            &arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
        )
        .map_err(|e| {
            Fault::bug(format!("{}: the answers to its references do not fit: {e}", self.mapping.entity))
        })
    }

    /// Derived keys; numbered ones are filled by the run.
    fn made_by_the_run(&self, source_ids: &StringArray, namespace: &Uuid) -> Cells {
        let mut cells = Cells::default();
        if self.mapping.key.kind == KeyKind::Derived {
            for id in source_ids {
                match id {
                    Some(id) => {
                        cells.push(base::ids::record_id(namespace, &self.mapping.entity, id).as_bytes());
                    }
                    None => cells.push_null(),
                }
            }
        }
        cells
    }
}

/// Verdicts and bad cells as they are found.
struct Work {
    verdicts: Vec<Verdict>,
    bad: Vec<BadCell>,
}

impl Work {
    fn carries(&self, record: usize) -> bool {
        self.verdicts[record] == Verdict::Carry
    }

    fn is_rejected(&self, record: usize) -> bool {
        matches!(self.verdicts[record], Verdict::Reject(_))
    }

    fn reject(
        &mut self,
        record: usize,
        column: Option<usize>,
        value: Option<String>,
        code: RejectCode,
        reason: String,
    ) {
        if self.carries(record) {
            self.verdicts[record] = Verdict::Reject(code);
        }
        self.bad.push(BadCell { record, column, value, code, reason });
    }

    fn keys(&mut self, source_ids: &StringArray) {
        for (record, id) in source_ids.iter().enumerate() {
            if id.is_none_or(str::is_empty) {
                self.reject(record, None, None, RejectCode::NoKey, "the record has no id".into());
            }
        }
    }

    fn filter(&mut self, filter: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) {
        let (array, failures) = evaluate_each(filter, batch, &DataType::Boolean);
        let kept: &BooleanArray = array.as_boolean();
        let mut failures = failures.into_iter().peekable();
        for record in 0..batch.num_rows() {
            let failure = failures.next_if(|(row, _)| *row == record);
            if !self.carries(record) {
                continue;
            }
            if let Some((_, why)) = failure {
                self.reject(record, None, None, RejectCode::WhereUnknown, format!("where fails: {why}"));
            } else if kept.is_null(record) {
                self.reject(record, None, None, RejectCode::WhereUnknown, "where gives NULL".into());
            } else if !kept.value(record) {
                self.verdicts[record] = Verdict::Skip(SkipReason::Where);
            }
        }
    }

    fn parents(
        &mut self,
        references: &[Reference],
        answers: &[Resolved],
        batch: &RecordBatch,
        mapper: &Mapper,
    ) {
        for (reference, answer) in references.iter().zip(answers) {
            for (record, fate) in answer.fates.iter().enumerate() {
                let left_out = matches!(fate, ParentFate::Skipped | ParentFate::BeyondLimit);
                if left_out && reference.fallback.leaves(*fate) && self.carries(record) {
                    self.verdicts[record] = Verdict::Skip(SkipReason::ParentSkipped);
                }
            }
        }
        for (reference, answer) in references.iter().zip(answers) {
            for (record, fate) in answer.fates.iter().enumerate() {
                if !reference.fallback.leaves(*fate) {
                    continue;
                }
                let (code, reason) = match fate {
                    ParentFate::Rejected => (RejectCode::ParentRejected, "was rejected"),
                    ParentFate::Missing => {
                        (RejectCode::ParentMissing, "is neither in the export nor in the destination")
                    }
                    ParentFate::There | ParentFate::Skipped | ParentFate::BeyondLimit => continue,
                };
                if !self.carries(record) && !self.is_rejected(record) {
                    continue;
                }
                let only_field = mapper.columns[reference.column].only_field;
                let value = only_field.and_then(|f| text_at(batch.column(f), record));
                let reason = format!("the record of {} that it refers to {reason}", reference.entity);
                self.reject(record, Some(reference.column), value, code, reason);
            }
        }
    }

    fn evaluate(
        &mut self,
        position: usize,
        expression: &Arc<dyn PhysicalExpr>,
        answered: &RecordBatch,
        program: &ColumnProgram,
        batch: &RecordBatch,
    ) -> ArrayRef {
        match evaluate(expression, answered) {
            Ok(array) => array,
            Err(_) => {
                let data_type = expression.data_type(answered.schema_ref()).unwrap_or(DataType::Utf8);
                let (array, failures) = evaluate_each(expression, answered, &data_type);
                for (record, why) in failures {
                    if self.carries(record) || self.is_rejected(record) {
                        let value = program.only_field.and_then(|f| text_at(batch.column(f), record));
                        self.reject(record, Some(position), value, RejectCode::BadValue, why);
                    }
                }
                array
            }
        }
    }

    /// NULLs of a NOT NULL column: the default, or a reject. `told_before`: how many bad cells there were
    /// before this column's.
    fn nulls(
        &mut self,
        position: usize,
        target: &plan::ColumnMapping,
        told_before: usize,
        cells: &mut Cells,
        taken: &mut Vec<u32>,
    ) {
        if !target.not_null || cells.null_count() == 0 {
            return;
        }
        let told: HashSet<usize> = self.bad[told_before..].iter().map(|b| b.record).collect();
        let mut filled = Cells::default();
        for row in 0..cells.len() {
            match (cells.get(row), &target.default) {
                (Some(bytes), _) => filled.push(bytes),
                (None, Some(default)) => {
                    filled.push(default);
                    taken.push(u32::try_from(row).unwrap_or(u32::MAX));
                }
                (None, None) => {
                    filled.push_null();
                    if !told.contains(&row) && (self.carries(row) || self.is_rejected(row)) {
                        let reason = "no value, and the column takes no NULL".to_string();
                        self.reject(row, Some(position), None, RejectCode::NotNull, reason);
                    }
                }
            }
        }
        *cells = filled;
    }
}

/// Evaluates over a whole batch.
fn evaluate(expression: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<ArrayRef, String> {
    let rows = batch.num_rows();
    expression.evaluate(batch).and_then(|value| value.into_array(rows)).map_err(|e| reason(&e))
}

/// Evaluates where the batch as a whole fails: halves until the failing records stand alone. Gives NULL for
/// them, and why each failed.
fn evaluate_each(
    expression: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    data_type: &DataType,
) -> (ArrayRef, Vec<(usize, String)>) {
    let mut failures = Vec::new();
    let mut pieces: Vec<ArrayRef> = Vec::new();
    let mut todo = vec![(0, batch.num_rows())];
    while let Some((start, count)) = todo.pop() {
        match evaluate(expression, &batch.slice(start, count)) {
            Ok(array) if array.data_type() == data_type => pieces.push(array),
            Ok(_) => {
                let other = "the expression gives a value of another type here";
                failures.extend((start..start + count).map(|row| (row, other.to_owned())));
                pieces.push(new_null_array(data_type, count));
            }
            Err(why) if count == 1 => {
                failures.push((start, why));
                pieces.push(new_null_array(data_type, 1));
            }
            Err(_) => {
                todo.push((start + count / 2, count - count / 2));
                todo.push((start, count / 2));
            }
        }
    }
    let views: Vec<&dyn Array> = pieces.iter().map(|p| p.as_ref()).collect();
    let whole = concat(&views).unwrap_or_else(|_| new_null_array(data_type, batch.num_rows()));
    (whole, failures)
}

/// Why an expression failed, without the value: our functions say so themselves, others only that they did.
fn reason(error: &datafusion::error::DataFusionError) -> String {
    match error.find_root() {
        datafusion::error::DataFusionError::Execution(why) => why.clone(),
        _ => "the expression fails for this value".into(),
    }
}

/// The value for a reject: the one field that the expression reads, else the expression's result.
fn source_value(
    program: &ColumnProgram,
    batch: &RecordBatch,
    result: &ArrayRef,
    row: usize,
) -> Option<String> {
    match program.only_field {
        Some(field) => text_at(batch.column(field), row),
        None => text_at(result, row),
    }
}

fn text_at(array: &ArrayRef, row: usize) -> Option<String> {
    match array.data_type() {
        _ if array.is_null(row) => None,
        DataType::Utf8 => Some(array.as_string::<i32>().value(row).to_owned()),
        _ => arrow::util::display::array_value_to_string(array, row).ok(),
    }
}

fn text_column(array: &ArrayRef) -> Result<StringArray, Fault> {
    arrow::compute::cast(array, &DataType::Utf8)
        .map(|a| a.as_string::<i32>().clone())
        .map_err(|e| Fault::bug(format!("a password column that is no text: {e}")))
}

fn uuid_texts(ids: &ArrayRef) -> StringArray {
    let ids = ids.as_fixed_size_binary();
    ids.iter().map(|id| id.and_then(|b| Uuid::from_slice(b).ok()).map(|u| u.to_string())).collect()
}
