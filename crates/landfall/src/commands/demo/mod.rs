//! `landfall demo`: the main job with nothing set up.

mod bridge;
mod stand_ins;

use crate::args::{Demo as Args, Global, Move};
use crate::commands::{move_, new};
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, bad, good, plural};
use base::{Exit, Fault};
use project::{Environment, Overrides};
use serde_json::{Value, json};
use stand_ins::{Running, StandIns};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Says that a folder is a demo's, so that the next one may replace it.
const MARK: &str = ".landfall-demo";

/// What to try next in every demo's folder.
const GO_ON: &str = "  landfall rejects                 what was refused, and why\n  landfall verify        \
                     \x20         compare again, every field of every record\n  landfall rollback         \
                     \x20      undo exactly what the run did";

/// Runs the command.
pub async fn run(face: &Face, args: &Args) -> Result<Exit, Failure> {
    let Some(stand_ins) = StandIns::of(&args.name) else {
        let names: Vec<String> =
            stand_ins::NAMES.iter().map(|name| format!("landfall demo {name}")).collect();
        let fault = Fault::usage(format!("there is no demo {}", args.name));
        return Err(names.into_iter().fold(fault, Fault::hint).into());
    };
    let records = args.records.unwrap_or(stand_ins.records());
    let dir = args.folder.clone().unwrap_or_else(|| Path::new("landfall-demo").join(&args.name));
    let dir = std::path::absolute(&dir).unwrap_or(dir);
    face.say(stand_ins.words(records));
    let running = stand_ins.start(records).await?;
    prepare(&dir, &args.name, &running.variables())?;
    face.say(format!(
        "Project copied to {}; its database is PostgreSQL inside this program.\n",
        dir.display()
    ));
    let global = Global {
        dir: Some(dir.clone()),
        json: face.json(),
        quiet: false,
        verbose: false,
        yes: true,
        color: crate::args::Color::Auto,
    };
    // The copy's own .env names the stand-ins; the environment is not read but for two stores, so a demo
    // never touches a real service.
    let dotenv = std::fs::read_to_string(dir.join(project::DOTENV_NAME)).unwrap_or_default();
    let (environment, _) = Environment::from_process_and(stores(), &dotenv);
    let parts = Parts { source: true, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &environment, &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "demo", parts).await?;
    super::check::problems_of(face, &job, false).await?;
    let outcome = move_::job_move(face, &global, &job, &Move::default()).await?;
    let Some(files) = &outcome.files else { return Ok(outcome.exit) };
    let found = result(&files.report);
    let expected = expected(&args.name, records);
    let rejected: u64 = files.report.entities.values().map(|e| e.rejected).sum();
    let same = expected.as_ref().is_none_or(|e| *e == found);
    if std::fs::write(dir.join("result.json"), format!("{found:#}\n")).is_err() {
        face.warn("the result could not be written beside the project");
    }
    face.say("");
    if same {
        let what = if expected.is_some() { ", all expected" } else { "" };
        face.say(good(&format!("{}{what}", plural(rejected, "reject"))));
    } else {
        face.say(bad(
            "the outcome is not the expected one (result.json beside the project, expected.json in it)",
        ));
    }
    drop(job);
    let same = match &running {
        Running::Community(community) => same & bridge::show(face, &dir, &environment, community).await?,
        Running::Culturebridge(_) => same,
    };
    face.say(format!(
        "\nGo on:\n  cd {}{}\n{}\n\n{}",
        shown(&dir),
        alias().map(|line| format!("\n  {line}")).unwrap_or_default(),
        GO_ON,
        stand_ins.your_own(),
    ));
    running.stop().await;
    Ok(if same { Exit::Done } else { Exit::Failed })
}

/// The stores that a demo uses when the environment names them.
fn stores() -> Vec<(String, String)> {
    let environment = wiring::environment();
    let set = |name: &str| environment.var(name).map(|value| (name.to_owned(), value.to_owned()));
    ["REDIS_URL", "MONGODB_URL"].into_iter().filter_map(set).collect()
}

/// The line that makes `landfall` a command for a person who started the program by its path, as cargo does.
fn alias() -> Option<String> {
    let by_path = std::env::args_os().next().is_some_and(|name| Path::new(&name).components().count() > 1);
    let program = std::env::current_exe().ok().filter(|_| by_path)?;
    Some(format!("alias landfall='{}'", program.display()))
}

fn shown(dir: &Path) -> String {
    let here = std::env::current_dir().ok();
    here.and_then(|h| dir.strip_prefix(h).ok().map(PathBuf::from))
        .unwrap_or_else(|| dir.to_owned())
        .display()
        .to_string()
}

/// Copies the example, an earlier demo replaced, and names the stand-ins.
fn prepare(dir: &Path, name: &str, variables: &[(&str, String)]) -> Result<(), Fault> {
    let cannot = |e: std::io::Error| Fault::stop(format!("cannot write the demo to {}: {e}", dir.display()));
    if dir.exists() {
        let empty = std::fs::read_dir(dir).map_err(cannot)?.next().is_none();
        if !empty && !dir.join(MARK).exists() {
            return Err(Fault::usage(format!("{} is there already and is no demo", dir.display()))
                .hint(format!("landfall demo {name} ANOTHER-FOLDER")));
        }
        if !empty {
            std::fs::remove_dir_all(dir).map_err(cannot)?;
        }
    }
    new::copy(name, dir)?;
    std::fs::write(dir.join(MARK), "made by `landfall demo`; the next one replaces this folder\n")
        .map_err(cannot)?;
    let toml = dir.join(project::FILE_NAME);
    let text = std::fs::read_to_string(&toml).map_err(cannot)?;
    std::fs::write(&toml, text.replace("\"${DATABASE_URL:-embedded}\"", "\"embedded\"")).map_err(cannot)?;
    let env: String = variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    std::fs::write(dir.join(project::DOTENV_NAME), env).map_err(cannot)
}

/// What a demo came to: the buckets per entity, the rejects by code, the findings by name.
fn result(report: &report::Report) -> Value {
    let entities: BTreeMap<&String, Value> = report
        .entities
        .iter()
        .map(|(name, e)| {
            let buckets = json!({
                "source": e.source, "loaded": e.loaded, "updated": e.updated, "unchanged": e.unchanged,
                "skipped": e.skipped, "rejected": e.rejected, "rejected_by_code": e.rejected_by_code,
            });
            (name, buckets)
        })
        .collect();
    let findings: BTreeMap<&String, u64> =
        report.checks.iter().filter(|c| c.rows > 0).map(|c| (&c.name, c.rows)).collect();
    json!({ "entities": entities, "findings": findings })
}

/// The outcome that the example promises for its default data.
fn expected(name: &str, records: u64) -> Option<Value> {
    let text = new::file(name, "expected.json")?;
    let expected: Value = serde_json::from_str(text).ok()?;
    (expected.get("records").and_then(Value::as_u64) == Some(records)).then(|| expected["outcome"].clone())
}
