//! Writes filled reports of every kind into a folder, to look at: `sample_report FOLDER`.
//! The schema of the JSON report goes there too, as `migration_report.schema.json`.

#[path = "../tests/it/sample/mod.rs"]
mod sample;

use report::Reset;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: sample_report FOLDER")?);
    let large = ("thirty_entities", sample::thirty_entities(), sample::extras());
    for (name, report, extras) in sample::all().into_iter().chain([large]) {
        let mut writing = report::Writing::begin(&folder.join(name), &report.run, extras.values, true)?;
        extras.rejects_shown.iter().try_for_each(|reject| writing.reject(reject))?;
        for n in report.passwords.iter().flat_map(|found| 0..found.unusable) {
            writing.reset(&Reset {
                source_id: format!("1699814417x{n}"),
                id: "7c1959b1-9577-53eb-8f13-1172aea512c0".into(),
                email: Some(format!("person{n}@example.org")),
                reason: "absent".into(),
            })?;
        }
        writing.finish(&report, &extras)?;
    }
    let schema = serde_json::to_string_pretty(&report::schema())? + "\n";
    std::fs::write(folder.join("migration_report.schema.json"), schema)?;
    Ok(())
}
