//! Chromium without a window: what a page becomes in a browser.
//!
//! Each call is a browser of its own with an empty profile. It finds no name and no host, so that a page
//! which needs the network is seen.

use crate::doors;
use crate::files::{Scratch, scratch};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Names that Chromium goes by.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Milliseconds of the page's own clock in which it has to be ready; they pass as fast as the machine can.
const READY_MS: u32 = 20_000;

/// The colours that a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Scheme {
    /// `light` or `dark`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A page after it was loaded and its scripts have run.
#[derive(Debug)]
pub struct Seen {
    /// The document, as HTML.
    pub document: String,
    /// The lines that the page and the browser's security wrote to the console.
    pub console: Vec<String>,
}

/// Loads a page and gives what became of it. Panics when there is no Chromium, or when it fails.
#[track_caller]
pub fn look(page: &Path, scheme: Scheme) -> Seen {
    let output = run(scheme, &["--dump-dom".into(), "--enable-logging=stderr".into(), address(page)]);
    let said = String::from_utf8_lossy(&output.stderr);
    let console = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Seen { document: String::from_utf8_lossy(&output.stdout).into_owned(), console }
}

/// Writes a picture of the page's first `height` pixels as a PNG; Chromium has no window below 500 pixels.
#[track_caller]
pub fn screenshot(page: &Path, scheme: Scheme, width: u32, height: u32, to: &Path) {
    let folder = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let size = format!("--window-size={width},{height}");
    run(scheme, &[format!("--screenshot={}", to.display()), size, address(page)]);
    assert!(to.is_file(), "Chromium wrote no {}", to.display());
}

/// Prints the page and gives the PDF, with the page's headings as its outline.
#[track_caller]
pub fn print(page: &Path) -> Vec<u8> {
    let folder = scratch();
    let to = folder.join("page.pdf");
    let options = [
        format!("--print-to-pdf={}", to.display()),
        "--no-pdf-header-footer".into(),
        "--generate-pdf-document-outline".into(),
        address(page),
    ];
    run(Scheme::Light, &options);
    std::fs::read(&to).unwrap_or_else(|fault| panic!("Chromium printed nothing: {fault}"))
}

fn address(page: &Path) -> String {
    format!("file://{}", page.display())
}

#[track_caller]
fn run(scheme: Scheme, options: &[String]) -> Output {
    let Some(program) = find() else {
        panic!("Chromium is missing: `cargo xtask test` installs it, or `apt-get install chromium`")
    };
    let profile: Scratch = scratch();
    let mut command = Command::new(program);
    command
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"])
        .args(["--force-device-scale-factor=1", "--host-resolver-rules=MAP * ~NOTFOUND"])
        .arg(format!("--virtual-time-budget={READY_MS}"))
        .arg(format!("--blink-settings=preferredColorScheme={}", u8::from(scheme == Scheme::Light)))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(options)
        .env("HOME", profile.path())
        .stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|fault| panic!("Chromium cannot be started: {fault}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "Chromium failed ({}): {said}", output.status);
    output
}

fn find() -> Option<PathBuf> {
    let path = doors::variable("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|file| file.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_run_colours_are_obeyed_and_the_console_is_heard() {
        let folder = scratch();
        let script =
            "document.title = matchMedia('(prefers-color-scheme: dark)').matches; console.error('heard')";
        let page =
            folder.write("page.html", format!("<!doctype html><h1>A heading</h1><script>{script}</script>"));
        for (scheme, title) in
            [(Scheme::Light, "<title>false</title>"), (Scheme::Dark, "<title>true</title>")]
        {
            let seen = look(&page, scheme);
            assert!(seen.document.contains(title), "{}", seen.document);
            assert!(seen.console.iter().any(|line| line.contains("heard")), "{:?}", seen.console);
        }
        let picture = folder.join("pictures/page.png");
        screenshot(&page, Scheme::Light, 600, 300, &picture);
        assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
        assert!(print(&page).starts_with(b"%PDF"));
    }
}
