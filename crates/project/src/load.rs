//! The edge: finds and reads `landfall.toml` and `.env`.

use crate::check::{self, Reading};
use crate::environment::Environment;
use crate::model::{OptionConfig, Project};
use crate::overrides::Overrides;
use crate::unset::{Needs, UnsetVariable};
use base::{Problem, Severity};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The name of a project file.
pub const FILE_NAME: &str = "landfall.toml";

/// The name of the file with variables beside it.
pub const DOTENV_NAME: &str = ".env";

/// Bytes of a project file or a `.env` at most: thousands of mappings; a larger one is a mistake, not a
/// project.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A project file as it was read.
#[derive(Debug)]
pub struct Loaded {
    /// The project; `None`: an error stops, or a variable that no command can do without is not set.
    pub project: Option<Project>,
    /// All problems but unset variables: those of the file in its order, then those of `.env`.
    pub problems: Vec<Problem>,
    /// Variables that are not set, in the order of the file; [`Loaded::problems_for`] makes problems of them.
    pub unset: Vec<UnsetVariable>,
    /// The options that the file declares, as far as they can be read, also when there is no project.
    pub options: Vec<OptionConfig>,
    /// The text of the file, to show lines of: literal secrets in it are made unreadable, places stay right.
    pub text: String,
    /// The file.
    pub path: PathBuf,
    /// The variables, those of `.env` included.
    pub environment: Environment,
}

impl Loaded {
    /// All problems for a command that needs these systems: an unset variable that one of them reads, or that
    /// no command can do without, is an error; others are left out.
    pub fn problems_for(&self, needs: impl Fn(&Needs) -> bool) -> Vec<Problem> {
        let unset = self.unset.iter().filter(|u| u.needed_by == Needs::Nothing || needs(&u.needed_by));
        let mut problems: Vec<Problem> =
            self.problems.iter().cloned().chain(unset.map(|u| u.problem())).collect();
        check::sort(&mut problems);
        problems
    }

    /// The project for a command that needs these systems, or `None` when an error stops it.
    pub fn project_for(&self, needs: impl Fn(&Needs) -> bool) -> Option<&Project> {
        let stopped = self.problems_for(needs).iter().any(|p| p.severity == Severity::Error);
        self.project.as_ref().filter(|_| !stopped)
    }
}

/// Why a file could not be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {cause}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub cause: io::Error,
}

/// The folder with a `landfall.toml`: `start`, or the nearest of its parents.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|dir| dir.join(FILE_NAME).is_file()).map(Path::to_path_buf)
}

/// Reads the project in `dir`. `env` holds the variables of the process; those of a `.env` in `dir` are
/// added.
pub fn load(dir: &Path, env: &Environment, overrides: &Overrides) -> Result<Loaded, LoadError> {
    let path = dir.join(FILE_NAME);
    let text = text(&path)?;
    let mut environment = env.clone();
    let odd = match self::text(&dir.join(DOTENV_NAME)) {
        Ok(dotenv) => environment.add_dotenv(&dotenv),
        Err(error) if error.cause.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let Reading { mut project, mut problems, unset, options, shown } =
        check::read(&text, &environment, overrides);
    if let Some(project) = &mut project {
        project.root = dir.to_path_buf();
    }
    problems.extend(odd);
    Ok(Loaded { project, problems, unset, options, text: shown, path, environment })
}

fn text(path: &Path) -> Result<String, LoadError> {
    let error = |cause| LoadError { path: path.to_path_buf(), cause };
    let mut text = String::new();
    File::open(path).and_then(|f| f.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)).map_err(error)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        let what = format!("it is larger than {} MiB", FILE_BYTES_MAX >> 20);
        return Err(error(io::Error::new(io::ErrorKind::FileTooLarge, what)));
    }
    Ok(text)
}
