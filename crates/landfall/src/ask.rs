//! What a command asks a person, on a terminal only: whether it may begin, and what only a person can say.

use crate::args::Global;
use crate::face::Face;
use crate::signals;
use base::Fault;
use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

/// Whether there is somebody to ask, who has not answered already (`--yes`).
pub fn somebody(global: &Global) -> bool {
    !global.yes && std::io::stdin().is_terminal()
}

/// Asks; anything but a yes is a fault that says that nothing was changed.
pub async fn confirm(face: &Face, question: &str) -> Result<(), Fault> {
    match line(face, &format!("{question} [y/N] ")).await?.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Fault::usage("not confirmed; nothing was changed").hint("--yes answers beforehand")),
    }
}

/// Asks for a line of words; empty when there is none.
pub async fn line(face: &Face, question: &str) -> Result<String, Fault> {
    face.finish();
    {
        let mut out = anstream::stderr().lock();
        let _ = write!(out, "{question}").and_then(|()| out.flush());
    }
    // A person may think for long, and may answer with Ctrl-C.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = tokio::select! {
        answer = answer => answer.ok().and_then(Result::ok).unwrap_or_default(),
        fault = signals::asked(face, Duration::ZERO) => return Err(fault),
    };
    Ok(line.trim().to_owned())
}
