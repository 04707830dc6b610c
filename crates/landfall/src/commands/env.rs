//! `landfall env`: what is wrong with a `.env`, and the new one of an old one.

use crate::args::{Env as Args, EnvCommand, Global};
use crate::face::Face;
use crate::wiring;
use crate::words::{Failure, good, plural, warning_word};
use base::{Clock, Exit, Fault, Severity, SystemClock};
use project::envfile::{self, FileFacts};
use project::{FILE_NAME, Overrides};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs the command.
pub fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let here = |file: &Path| global.dir.as_deref().unwrap_or(Path::new("")).join(file);
    match &args.command {
        EnvCommand::Check { file } => check(face, &here(file)),
        EnvCommand::Migrate { file, to, dry_run } => {
            let file = here(file);
            migrate(face, &file, &to.as_deref().map_or(file.clone(), here), *dry_run)
        }
    }
}

fn check(face: &Face, file: &Path) -> Result<Exit, Failure> {
    let text = read(file)?;
    let mode = std::fs::metadata(file).ok().map(|m| m.permissions().mode());
    let findings = envfile::check(&text, FileFacts { mode, tracked: tracked(file) }, &wanted(file));
    if face.json() {
        let list: Vec<_> = findings
            .iter()
            .map(|f| {
                let severity = if f.severity == Severity::Error { "error" } else { "warning" };
                serde_json::json!({ "severity": severity, "line": f.line, "what": f.what, "hint": f.hint })
            })
            .collect();
        face.data(serde_json::json!({ "findings": list }).to_string());
    }
    for finding in &findings {
        let place = finding.line.map_or_else(String::new, |line| format!(", line {line}"));
        let hint = if finding.hint.is_empty() { String::new() } else { format!(" ({})", finding.hint) };
        let word = if finding.severity == Severity::Error { "error:".to_owned() } else { warning_word() };
        face.warn(format!("{word} {}{place}: {}{hint}", file.display(), finding.what));
    }
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count() as u64;
    match (errors, findings.is_empty()) {
        (0, true) => {
            face.say(good("nothing is missing, obsolete or unsafe"));
            Ok(Exit::Done)
        }
        (0, false) => Ok(Exit::Findings),
        _ => Err(Fault::usage(format!("{} has {}", file.display(), plural(errors, "problem"))).into()),
    }
}

/// Variables that the project beside the file reads and nothing sets.
fn wanted(file: &Path) -> Vec<String> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !dir.join(FILE_NAME).is_file() {
        return Vec::new();
    }
    let loaded = project::load(dir, &wiring::environment(), &Overrides::default());
    let mut names: Vec<String> = loaded.into_iter().flat_map(|l| l.unset).map(|u| u.name).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether git keeps a file; `None`: there is no git here.
fn tracked(file: &Path) -> Option<bool> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let status = Command::new("git")
        .args(["ls-files", "--error-unmatch", "--"])
        .arg(file.file_name()?)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    match status.code() {
        Some(0) => Some(true),
        Some(1) => Some(false),
        _ => None,
    }
}

fn migrate(face: &Face, file: &Path, to: &Path, dry_run: bool) -> Result<Exit, Failure> {
    let migrated = envfile::migrate(&read(file)?);
    for problem in &migrated.problems {
        face.warn(format!(
            "{} {}, line {}: {}",
            warning_word(),
            file.display(),
            problem.line,
            problem.message
        ));
    }
    let backup = envfile::backup_name(&to.display().to_string(), SystemClock.now());
    let writes = !dry_run && !(file == to && migrated.changes.is_empty());
    let replaces = writes && to.exists();
    if face.json() {
        let value = serde_json::json!({
            "diff": migrated.diff, "written": writes.then_some(to), "backup": replaces.then_some(&backup),
        });
        face.data(value.to_string());
    } else if !migrated.diff.is_empty() {
        face.data(migrated.diff.join("\n"));
    }
    if !writes {
        face.say(if migrated.changes.is_empty() {
            "nothing is to be changed"
        } else {
            "nothing was changed"
        });
        return Ok(Exit::Done);
    }
    if replaces {
        let old = read(to)?;
        write(Path::new(&backup), &old).map_err(|e| Fault::stop(format!("cannot write {backup}: {e}")))?;
        face.say(format!("the old one is kept as {backup}; it holds secrets"));
    }
    // Beside its final name first: a kill leaves the old one or the new one.
    let part = PathBuf::from(format!("{}.part", to.display()));
    let _ = std::fs::remove_file(&part);
    write(&part, &migrated.text)
        .and_then(|()| std::fs::rename(&part, to))
        .map_err(|e| Fault::stop(format!("cannot write {}: {e}", to.display())))?;
    face.say(format!("written to {}; landfall env check says what is still missing", to.display()));
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(file).map_err(|e| Fault::usage(format!("cannot read {}: {e}", file.display())))
}

/// A new file for its owner alone, on the disk when this returns.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut out = std::fs::File::options().write(true).create_new(true).mode(0o600).open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()
}
