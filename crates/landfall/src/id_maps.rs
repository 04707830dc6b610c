//! The id maps of a run, for people and other tools.

use arrow::array::AsArray;
use base::Fault;
use base::limits::MAP_ROWS;
use engine::Job;
use engine::reading::Reading;
use ledger::Run;

/// The id maps, `{"source id": "destination id", …}`, of the entities that want one.
pub async fn write(job: &Job, run: &Run) -> Result<(), Fault> {
    let files = engine::run::files(job)?;
    for config in &job.project.entities {
        let (Some(name), Some(file)) = (&config.id_map, files.get(&config.name)) else { continue };
        let mut out = String::from("{");
        let mut reading = Reading::open(file, std::slice::from_ref(&config.key.value))?;
        let mut record = 0u64;
        loop {
            let page = job.destination.ledger().batches(run.id, &config.name, record).await?;
            if page.is_empty() {
                break;
            }
            for batch in page {
                let mut at = 0;
                while at < batch.fates.len() {
                    let Some(rows) = reading.next(MAP_ROWS.min(batch.fates.len() - at))? else { break };
                    let ids: Vec<String> = rows
                        .column(0)
                        .as_string::<i32>()
                        .iter()
                        .map(|i| i.unwrap_or_default().to_owned())
                        .collect();
                    let stored = job.destination.mapped_ids(&config.name, &ids).await?;
                    for (row, id) in ids.iter().enumerate() {
                        if batch.fates.get(at + row).is_some_and(ledger::Fate::is_there) {
                            let key = stored[row].clone().unwrap_or_else(|| {
                                base::ids::record_id(&job.namespace, &config.name, id).to_string()
                            });
                            let comma = if out.len() > 1 { "," } else { "" };
                            out.push_str(&format!(
                                "{comma}\n  {}: {}",
                                serde_json::json!(id),
                                serde_json::json!(key)
                            ));
                        }
                    }
                    at += rows.num_rows();
                }
                record += batch.fates.len() as u64;
            }
        }
        out.push_str("\n}\n");
        crate::reporting::write_file(job.folder.path(), &name.value, &out)?;
    }
    Ok(())
}
