//! Ids of records that were moved by other means: `id_map_from = "FILE"`.

use crate::job::Job;
use base::{Problem, names::nearest};
use connect::destination::Table;
use project::EntityConfig;
use serde_json::Value;
use std::collections::HashMap;
use values::Context;

/// Source id to destination id, both as text.
#[derive(Debug, Default)]
pub struct IdFile(HashMap<String, String>);

impl IdFile {
    /// The id in the destination.
    pub fn get(&self, source_id: &str) -> Option<&str> {
        self.0.get(source_id).map(String::as_str)
    }
}

/// Reads the file of an entity; every id in it must be one that the table's key takes.
pub fn read(job: &Job, config: &EntityConfig, table: &Table) -> Result<Option<IdFile>, Problem> {
    let Some(file) = &config.id_map_from else { return Ok(None) };
    let path = job.path(&file.value);
    let problem = |what: String| Problem::error(what).span(Some(file.span.clone()));
    let [key] = table.primary_key.as_slice() else {
        return Err(problem(format!("{}: {} has no key of one column", config.name, table.sql)));
    };
    let text = std::fs::read_to_string(&path).map_err(|e| {
        let mut told = problem(format!("{}: cannot read {}: {e}", config.name, path.display()));
        let folder = path.parent().and_then(|f| std::fs::read_dir(f).ok());
        let names: Vec<String> = folder
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(near) = nearest(&name, names.iter().map(String::as_str)) {
            told = told.hint(format!("did you mean {near}?"));
        }
        told
    })?;
    let form = "it wants {\"source id\": \"destination id\", …}";
    let parsed: HashMap<String, Value> = serde_json::from_str(&text).map_err(|e| {
        let place = format!("line {}, column {}", e.line(), e.column());
        problem(format!("{}: {} is no id map ({place})", config.name, path.display())).hint(form)
    })?;
    let mut ids = HashMap::with_capacity(parsed.len());
    let mut bad = Vec::new();
    for (source_id, value) in parsed {
        let id = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let fits =
            table.column(key).is_some_and(|c| c.ty.encode(&id, &Context::default(), &mut Vec::new()).is_ok());
        if fits && !id.is_empty() {
            ids.insert(source_id, id);
        } else {
            bad.push(source_id);
        }
    }
    bad.sort_unstable();
    match bad.first() {
        None => Ok(Some(IdFile(ids))),
        Some(first) => Err(problem(format!(
            "{}: {}: what stands for {first} and {} more is no key of {}",
            config.name,
            path.display(),
            bad.len() - 1,
            table.sql
        ))
        .hint(form)),
    }
}
