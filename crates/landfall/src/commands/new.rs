//! `landfall new`: a starter project.

use crate::args::New as Args;
use crate::face::Face;
use crate::words::Failure;
use base::{Exit, Fault};
use include_dir::{Dir, include_dir};
use std::path::Path;

/// The examples, built into the program.
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples");

/// Runs the command.
pub fn run(face: &Face, args: &Args) -> Result<Exit, Failure> {
    let dir = args.folder.clone().unwrap_or_else(|| args.name.clone().into());
    if dir.exists() && std::fs::read_dir(&dir).is_ok_and(|mut d| d.next().is_some()) {
        return Err(Fault::usage(format!("{} is there already", dir.display()))
            .hint(format!("landfall new {} ANOTHER-FOLDER", args.name))
            .into());
    }
    copy(&args.name, &dir)?;
    if args.name == "blank" {
        name_project(&dir)?;
    }
    face.say(format!(
        "Written to {}.\n\n  cd {}\n  landfall check     what is still missing\n  landfall plan      what a \
        move would do\n  landfall move",
        dir.display(),
        dir.display()
    ));
    Ok(Exit::Done)
}

/// The names of the examples.
fn names() -> Vec<String> {
    EXAMPLES.dirs().map(|d| d.path().display().to_string()).collect()
}

/// A file of an example.
pub fn file(example: &str, name: &str) -> Option<&'static str> {
    EXAMPLES.get_file(Path::new(example).join(name))?.contents_utf8()
}

/// Copies an example.
pub fn copy(example: &str, dir: &Path) -> Result<(), Fault> {
    let Some(found) = EXAMPLES.get_dir(example) else {
        let names = names();
        let mut fault = Fault::usage(format!("there is no example {example}"))
            .hint(format!("examples: {}", names.join(", ")));
        if let Some(near) = base::names::nearest(example, names.iter().map(String::as_str)) {
            fault = fault.hint(format!("did you mean {near}?"));
        }
        return Err(fault);
    };
    write_all(found, dir).map_err(|e| Fault::stop(format!("cannot write {}: {e}", dir.display())))
}

/// Writes the files of a folder, and those of the folders in it.
fn write_all(found: &Dir<'_>, dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for file in found.files() {
        std::fs::write(dir.join(file.path().file_name().unwrap_or_default()), file.contents())?;
    }
    for inner in found.dirs() {
        write_all(inner, &dir.join(inner.path().file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// A blank project is called like its folder, because ids are made from the name.
fn name_project(dir: &Path) -> Result<(), Fault> {
    let path = dir.join(project::FILE_NAME);
    let cannot = |e: std::io::Error| Fault::stop(format!("cannot write {}: {e}", path.display()));
    let folder = std::path::absolute(dir).map_err(cannot)?;
    let name = base::names::normalise(&folder.file_name().unwrap_or_default().to_string_lossy());
    let text = std::fs::read_to_string(&path).map_err(cannot)?;
    std::fs::write(&path, text.replace("name = \"blank\"", &format!("name = \"{name}\""))).map_err(cannot)
}
