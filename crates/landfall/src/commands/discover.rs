//! `landfall discover`: what the source offers and the destination has; `--write` drafts the mapping.

use crate::args::{Discover as Args, Global};
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, grouped, table as table_name};
use base::names::{nearest, normalise};
use base::{Exit, Fault};
use connect::Stream;
use connect::destination::Table;
use project::Overrides;
use std::fmt::Write;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: true, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "discover", parts).await?;
    let mut streams = Vec::new();
    for (name, source) in &job.sources {
        streams.extend(source.discover(true).await?.into_iter().map(|s| (name.clone(), s)));
    }
    let names = job.destination.all_tables().await?;
    let tables: Vec<Table> = job.destination.tables(&names).await?.into_iter().flatten().collect();
    if global.json {
        let list: Vec<_> = streams.iter().map(|(_, s)| serde_json::json!(s)).collect();
        let tables: Vec<_> = tables
            .iter()
            .map(|t| {
                let columns: Vec<_> = t
                    .columns
                    .iter()
                    .map(|c| serde_json::json!({ "name": c.name, "type": c.ty.name }))
                    .collect();
                serde_json::json!({ "schema": t.schema, "name": t.name, "columns": columns })
            })
            .collect();
        face.data(serde_json::json!({ "streams": list, "tables": tables }).to_string());
    } else {
        for (_, stream) in &streams {
            let total = stream.total.map_or_else(|| "?".into(), grouped);
            face.data(format!("\n{} ({total} records)", stream.name));
            let rows: Vec<Vec<String>> = stream
                .fields
                .iter()
                .map(|f| vec![f.name.clone(), f.kind.clone(), f.original.clone()])
                .collect();
            face.data(crate::tables::table(&["field", "kind", "in the source"], &rows));
        }
        for table in &tables {
            let columns: Vec<String> =
                table.columns.iter().map(|c| format!("{} {}", c.name, c.ty.name)).collect();
            face.data(format!("\ntable {}: {}", table_name(&table.sql), columns.join(", ")));
        }
    }
    if args.write {
        let new: Vec<&(String, Stream)> = streams
            .iter()
            .filter(|(_, s)| !job.project.entities.iter().any(|e| e.from.value.stream == s.name))
            .collect();
        if new.is_empty() {
            face.say("every stream has its entity already; nothing written");
            return Ok(Exit::Done);
        }
        let drafts: String = new.iter().map(|(source, s)| draft(source, s, &tables)).collect();
        let path = dir.join(project::FILE_NAME);
        let cannot = |e: std::io::Error| Fault::stop(format!("cannot write {}: {e}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(cannot)?;
        std::fs::write(&path, format!("{}\n{drafts}", text.trim_end())).map_err(cannot)?;
        face.say(format!(
            "{} drafted in {}; they are guesses by name: correct them",
            new.len(),
            path.display()
        ));
    }
    Ok(Exit::Done)
}

/// A section for a stream: the table and the columns whose names are nearest; what has no column is ignored.
fn draft(source: &str, stream: &Stream, tables: &[Table]) -> String {
    let name = normalise(&stream.name);
    let plural = format!("{name}s");
    let table = tables.iter().find(|t| t.name == plural || t.name == name).or_else(|| {
        nearest(&plural, tables.iter().map(|t| t.name.as_str()))
            .and_then(|n| tables.iter().find(|t| t.name == n))
    });
    let entity = table.map_or(plural.as_str(), |t| t.name.as_str());
    let from = if source.is_empty() { stream.name.clone() } else { format!("{source}.{}", stream.name) };
    let key = stream.key.as_deref().unwrap_or("_id");
    let mut fields = String::new();
    let mut used = vec![key.to_owned()];
    for column in table.map(|t| t.columns.as_slice()).unwrap_or_default() {
        if table.is_some_and(|t| t.primary_key.contains(&column.name)) || column.generated {
            continue;
        }
        let alias = match column.name.as_str() {
            "created_at" => stream.created.as_deref(),
            "updated_at" => stream.version.as_deref(),
            _ => None,
        };
        let names = stream.fields.iter().map(|f| f.name.as_str());
        match alias
            .or_else(|| names.clone().find(|n| *n == column.name))
            .or_else(|| nearest(&column.name, names))
        {
            Some(field) => {
                used.push(field.to_owned());
                let _ = writeln!(fields, "{} = \"{field}\"", column.name);
            }
            None => {
                let _ = writeln!(fields, "# {} = \"…\"          # {}", column.name, column.ty.name);
            }
        }
    }
    let ignored: Vec<String> =
        stream.fields.iter().filter(|f| !used.contains(&f.name)).map(|f| format!("{:?}", f.name)).collect();
    format!(
        "\n[entity.{entity}]\nfrom = \"{from}\"\ninto = \"{entity}\"\nkey = \"{key}\"\nignore = \
        [{}]\n\n[entity.{entity}.fields]\n{fields}",
        ignored.join(", ")
    )
}
