//! The id maps of a run, for people and other tools.

use arrow::array::AsArray;
use base::Fault;
use engine::Job;
use engine::accounts::{self, Accounts};
use ledger::{Fate, Run};
use report::Folder;
use serde_json::json;
use std::io::{self, Write};

/// The id maps, `{"source id": "destination id", …}`, of the entities that want one.
pub async fn write(job: &Job, run: &Run) -> Result<(), Fault> {
    let files = engine::run::files(job)?;
    for config in &job.project.entities {
        let (Some(name), Some(file)) = (&config.id_map, files.get(&config.name)) else { continue };
        let fields = std::slice::from_ref(&config.key.value);
        let mut accounts = Accounts::open(job, run, &config.name, file, fields)?;
        let mut out = Folder::open(job.folder.path())?.begin(&name.value)?;
        let cannot = |e: io::Error| Fault::stop(format!("cannot write {}: {e}", name.value));
        let mut before = "{";
        while let Some(here) = accounts.next().await? {
            let ids: Vec<String> = here
                .records
                .column(0)
                .as_string::<i32>()
                .iter()
                .map(|i| i.unwrap_or_default().into())
                .collect();
            let keys = accounts::keys(job, &config.name, &ids).await?;
            for (row, (id, key)) in ids.iter().zip(&keys).enumerate() {
                if here.fates.get(row).is_some_and(Fate::is_there) {
                    write!(out, "{before}\n  {}: {}", json!(id), json!(key)).map_err(cannot)?;
                    before = ",";
                }
            }
        }
        let end: &[u8] = if before == "{" { b"{\n}\n" } else { b"\n}\n" };
        out.write_all(end).map_err(cannot)?;
        out.keep()?;
    }
    Ok(())
}
