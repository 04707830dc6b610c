//! `landfall bettermode`: each call of the client. What was asked for goes to standard output as JSON,
//! personal data included, and nowhere else.

use crate::args::Global;
use crate::args::bettermode::{Bettermode as Args, Reads};
use crate::ask;
use crate::face::Face;
use crate::wiring;
use crate::wiring::testing::StandIns;
use crate::words::Failure;
use base::{Exit, Fault};
use bridge::off::{Disabled, Mode};
use connector_bettermode::calls;
use std::io::Read;
use std::path::Path;

/// Bytes that are read from standard input or a file at most: more than any post or image may have.
const INPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: Args) -> Result<Exit, Failure> {
    let environment = wiring::environment_beside(global);
    let mode = Mode::of(environment.var("TESTING_MODE"), environment.var("DISABLE_API_BETTERMODE"))?;
    // It serves as long as it is here.
    let stand_ins = match mode {
        Mode::Off => return Err(Disabled::fault().into()),
        Mode::Testing => Some(StandIns::start().await?),
        Mode::Live => None,
    };
    let client = match &stand_ins {
        Some(stand_ins) => stand_ins.bettermode_client()?,
        None => wiring::bettermode::from_environment(face, &environment)?,
    };
    let client = match args.acting_as {
        Some(member) => client.acting_as(member),
        None => client,
    };
    let call = args.command.call(&Outside)?;
    if let Some(changes) = call.changes() {
        face.say(format!("{changes}, at {}", client.address()));
        if mode == Mode::Live && ask::somebody(global) {
            ask::confirm(face, "Go on?").await?;
        }
    }
    let answer = calls::run(&client, call).await?;
    let text = if face.json() { answer.to_string() } else { format!("{answer:#}") };
    face.data(text);
    Ok(Exit::Done)
}

/// Standard input and files.
struct Outside;

impl Reads for Outside {
    fn input(&self) -> Result<String, Fault> {
        let bytes = bounded(std::io::stdin().lock(), "standard input")?;
        String::from_utf8(bytes).map_err(|_| Fault::usage("standard input is no text in UTF-8"))
    }

    fn file(&self, path: &Path) -> Result<Vec<u8>, Fault> {
        let name = path.display().to_string();
        let file = std::fs::File::open(path).map_err(|e| Fault::usage(format!("cannot read {name}: {e}")))?;
        bounded(file, &name)
    }
}

fn bounded(from: impl Read, name: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = from.take(INPUT_BYTES_MAX + 1).read_to_end(&mut bytes);
    match read {
        Err(e) => Err(Fault::usage(format!("cannot read {name}: {e}"))),
        Ok(_) if bytes.len() as u64 > INPUT_BYTES_MAX => {
            Err(Fault::usage(format!("{name} has more than {INPUT_BYTES_MAX} bytes")))
        }
        Ok(_) => Ok(bytes),
    }
}
