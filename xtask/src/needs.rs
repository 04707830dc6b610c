//! What the tests need from the machine, and how it gets there.

use crate::doors::{self, say};
use crate::failure::Failure;
use crate::repository::{Repository, output, run};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What runs the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// cargo-nextest: each test a process of its own, with a time limit.
    Nextest,
    /// `cargo test`, where nextest cannot be installed.
    Cargo,
}

/// Something that Debian's packages bring.
struct Need {
    what: &'static str,
    /// Packages that bring it, the first that is known is taken.
    packages: &'static [&'static str],
    there: fn() -> bool,
    /// Whether tests can do without it.
    required: bool,
}

/// Another installation may be going on; it is waited for, in seconds.
const LOCK_WAIT: &str = "DPkg::Lock::Timeout=300";

const NEEDS: &[Need] = &[
    Need {
        what: "PostgreSQL",
        packages: &["postgresql-15", "postgresql"],
        there: || testkit::postgres::binaries().is_ok(),
        required: true,
    },
    Need {
        what: "Redis",
        packages: &["redis-server"],
        there: || testkit::redis::program().is_some(),
        required: true,
    },
    Need {
        what: "Chromium",
        packages: &["chromium"],
        there: || ["chromium", "chromium-browser", "google-chrome"].iter().any(|name| find(name).is_some()),
        required: false,
    },
];

/// What PoloDB's build needs: the bindings of its storage engine are made from C++ headers.
const POLODB_NEEDS: &[Need] = &[
    Need {
        what: "libclang",
        packages: &["libclang-dev"],
        there: || libclang(Path::new("/usr/lib")),
        required: true,
    },
    Need {
        what: "a C++ compiler",
        packages: &["g++"],
        there: || ["c++", "g++", "clang++"].iter().any(|name| find(name).is_some()),
        required: true,
    },
];

/// Installs what the tests need and is missing, as root or with a `sudo` that asks nothing.
pub fn packages(repository: &Repository) -> Result<(), Failure> {
    bring(repository, NEEDS)
}

/// The same for what builds PoloDB.
pub fn polodb(repository: &Repository) -> Result<(), Failure> {
    bring(repository, POLODB_NEEDS)
}

fn bring(repository: &Repository, needs: &[Need]) -> Result<(), Failure> {
    let missing: Vec<_> = needs.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let installed = install(repository, &missing);
    for need in missing.iter().filter(|need| !(need.there)()) {
        let why =
            installed.as_ref().err().and_then(Failure::words).unwrap_or("the installation did not bring it");
        let words =
            format!("{} is missing ({why}); install it: apt-get install {}", need.what, need.packages[0]);
        if need.required {
            return Err(Failure::failed(words));
        }
        say(format_args!("xtask: {words}; tests that need it will fail"));
    }
    Ok(())
}

fn install(repository: &Repository, missing: &[&Need]) -> Result<(), Failure> {
    let prefix =
        privilege(repository).ok_or_else(|| Failure::failed("neither root nor sudo without a password"))?;
    if find("apt-get").is_none() {
        return Err(Failure::failed("this machine has no apt-get"));
    }
    let apt = |arguments: &[&str]| {
        let program = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", LOCK_WAIT];
        let words: Vec<&str> = [prefix, &program, arguments].concat();
        // stderr only: our stdout is the runner's.
        run(repository.program(words[0]).args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()))
    };
    let names: Vec<_> = missing.iter().map(|need| need.what).collect();
    say(format_args!("installing {} (once per machine)", names.join(", ")));
    apt(&["update"]).map_err(|_| Failure::failed("apt-get update failed"))?;
    for need in missing {
        let known = |name: &&&str| {
            let policy = output(repository.program("apt-cache").args(["policy", name])).unwrap_or_default();
            let policy = String::from_utf8_lossy(&policy);
            policy.contains("Candidate:") && !policy.contains("Candidate: (none)")
        };
        let package = need.packages.iter().find(known).unwrap_or(&need.packages[0]);
        if apt(&["install", "-y", "--no-install-recommends", package]).is_err() {
            say(format_args!("xtask: apt-get install {package} failed"));
        }
    }
    Ok(())
}

/// What stands in front of a command that changes the system; `None`: we may not.
fn privilege(repository: &Repository) -> Option<&'static [&'static str]> {
    let id = output(repository.program("id").arg("-u")).ok()?;
    if id.trim_ascii() == b"0" {
        return Some(&[]);
    }
    let sudo = ["sudo", "-n"];
    let allowed = output(repository.program(sudo[0]).args([sudo[1], "true"])).is_ok();
    allowed.then_some(&["sudo", "-n"])
}

/// cargo-nextest, installed if it is missing; else `cargo test`.
pub fn runner(repository: &Repository) -> Runner {
    let there = |mut cargo: Command| output(cargo.args(["nextest", "--version"])).is_ok();
    if there(repository.cargo()) {
        return Runner::Nextest;
    }
    say("cargo-nextest is missing; building it with `cargo install` (some minutes, once per machine)");
    let built = run(repository.cargo().args(["install", "--locked", "--quiet", "cargo-nextest"]));
    if built.is_ok() && there(repository.cargo()) {
        return Runner::Nextest;
    }
    say("cargo-nextest could not be installed; `cargo test` runs the tests instead");
    Runner::Cargo
}

/// Whether one of LLVM's versions below `root`, `llvm-14/lib`, has the library.
fn libclang(root: &Path) -> bool {
    let folders = std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut llvms = folders
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("llvm-")));
    llvms.any(|llvm| {
        let mut files = std::fs::read_dir(llvm.join("lib")).into_iter().flatten().flatten();
        files.any(|file| file.file_name().to_string_lossy().starts_with("libclang"))
    })
}

/// The program of that name on the PATH.
fn find(name: &str) -> Option<PathBuf> {
    let path = doors::variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path_by_their_whole_name() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
    }

    #[test]
    fn every_need_names_a_package() {
        assert!(NEEDS.iter().chain(POLODB_NEEDS).all(|need| !need.packages.is_empty()));
    }

    #[test]
    fn libclang_is_found_in_the_folder_of_any_version() {
        let folder = testkit::scratch();
        folder.write("llvm-14/lib/libLLVM-14.so", "");
        folder.write("x86_64-linux-gnu/lib/libclang.so", "");
        assert!(!libclang(folder.path()));
        folder.write("llvm-16/lib/libclang-16.so.1", "");
        assert!(libclang(folder.path()));
    }
}
