//! From a folder to a [`Job`]: the project file, its sources, its destination.

pub mod bettermode;
pub mod bridge;
mod budget;
mod destinations;
mod notion;
mod rules;
mod settings;
mod sources;
pub mod testing;

use crate::args::Global;
use crate::face::Face;
use crate::level::Level;
use crate::words::{Failure, problems};
use base::{Fault, Severity, SystemClock};
use connect::Source;
use engine::Job;
use export::ExportFolder;
use project::{Environment, Loaded, Needs, Overrides, Project};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of the embedded database and of locks.
pub const STATE_DIR: &str = ".landfall";

/// Commands that write, and so own the embedded database while they do.
const WRITERS: [&str; 4] = ["move", "demo", "rollback", "serve"];

/// Which outside parts a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The sources.
    pub source: bool,
    /// The destination.
    pub destination: bool,
    /// What `landfall serve` reads besides.
    pub serve: bool,
}

/// The project folder of the command.
pub fn project_dir(global: &Global) -> Result<PathBuf, Failure> {
    let start = match &global.dir {
        Some(dir) => dir.clone(),
        None => std::env::current_dir()
            .map_err(|e| Fault::usage(format!("cannot see the current folder: {e}")))?,
    };
    let start = std::path::absolute(&start).unwrap_or(start);
    project::find(&start)
        .map(
            |file| if file.is_file() { file.parent().map_or(start.clone(), Path::to_path_buf) } else { file },
        )
        .ok_or_else(|| {
            Fault::usage(format!("there is no landfall.toml in {} or above it", start.display()))
                .hint("landfall new culturebridge    writes a project to start from")
                .hint("landfall -C DIR …             works in another folder")
                .into()
        })
}

/// The environment of the process.
#[expect(clippy::disallowed_methods, reason = "the door to the environment")]
pub fn environment() -> Environment {
    Environment::new(std::env::vars())
}

/// The same with the `.env` of the project, for commands that need no project file; without a project, that
/// of the folder they work in.
pub fn environment_beside(global: &Global) -> Environment {
    let here = || global.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let dir = project_dir(global).unwrap_or_else(|_| here());
    let mut environment = environment();
    if let Ok(text) = std::fs::read_to_string(dir.join(".env")) {
        // What is odd in it, `landfall check` says.
        environment.add_dotenv(&text);
    }
    environment
}

/// Loads the project file and shows its problems; fails when one stops the command.
pub fn load(
    face: &Face,
    dir: &Path,
    environment: &Environment,
    overrides: &Overrides,
    parts: Parts,
) -> Result<(Project, Loaded), Failure> {
    let overrides = Overrides { options: face.given().clone(), ..overrides.clone() };
    let loaded = project::load(dir, environment, &overrides).map_err(|e| Fault::usage(e.to_string()))?;
    level(face, &loaded.environment);
    let needs = |needs: &Needs| match needs {
        Needs::Nothing => true,
        Needs::Source(_) => parts.source,
        Needs::Destination(_) => parts.destination,
        Needs::Serve => parts.serve,
    };
    let found = loaded.problems_for(needs);
    let shown = problems(&found, &loaded.text, &loaded.path.display().to_string(), face.verbose());
    if !shown.is_empty() {
        face.warn(shown.trim_end());
    }
    let errors = found.iter().filter(|p| p.severity == Severity::Error).count();
    match loaded.project_for(needs) {
        Some(project) => Ok((project.clone(), loaded)),
        None => Err(Fault::usage(format!(
            "{} has {}",
            loaded.path.display(),
            crate::words::plural(errors as u64, "problem")
        ))
        .into()),
    }
}

/// Takes `LOG_LEVEL`, which other programs read as well: a name that only they know is no reason to stop.
fn level(face: &Face, environment: &Environment) {
    let Some(name) = environment.var("LOG_LEVEL").filter(|name| !name.trim().is_empty()) else { return };
    match Level::of(name) {
        Some(level) => face.set_level(level),
        None => face.warn(format!(
            "{} LOG_LEVEL is none of {}; INFO is taken",
            crate::words::warning_word(),
            Level::names()
        )),
    }
}

/// Opens what the command needs.
pub async fn open(face: &Face, project: Project, command: &str, parts: Parts) -> Result<Job, Failure> {
    let mut sources: BTreeMap<String, Arc<dyn Source>> = BTreeMap::new();
    if parts.source {
        for config in &project.sources {
            sources.insert(config.name.clone(), sources::open(face, &project, config)?);
        }
    }
    let destination = destinations::open(face, &project, command).await?;
    let export_dir = project.path(&project.move_.export_dir);
    let folder = ExportFolder::open_or_create(&export_dir).map_err(|e| engine::reading::folder_fault(&e))?;
    Ok(Job {
        namespace: project.namespace(),
        sources,
        destination,
        folder,
        clock: Arc::new(SystemClock),
        observer: Arc::new(face.clone()),
        cancel: face.cancel(),
        project,
    })
}
