//! `landfall sandbox`: a stand-in server until Ctrl-C.

use crate::args::Sandbox as Args;
use crate::face::Face;
use crate::signals;
use crate::words::Failure;
use base::{Exit, Fault};
use sandbox::scenario::ScenarioProblem;
use sandbox::{SandboxError, SandboxOptions, Scenario, bettermode, circle, notion};
use std::path::Path;

/// The services that there are stand-ins for.
const SERVICES: [&str; 4] = ["bubble", "circle", "bettermode", "notion"];

/// Runs the command.
pub async fn run(face: &Face, args: &Args) -> Result<Exit, Failure> {
    let (port, records, seed) = (args.port, args.records, args.seed);
    match args.service.as_str() {
        "bubble" => {
            let scenario = scenario(args, Scenario::parse)?;
            let options = SandboxOptions { port, records, seed, scenario };
            let running = sandbox::start(sandbox::Service::Bubble, options).await.map_err(refused)?;
            let variables =
                [("BUBBLE_API_URL", running.address.clone()), ("BUBBLE_API_KEY", running.key.clone())];
            serve(face, &variables).await;
            running.stop().await;
        }
        "circle" => {
            let scenario = scenario(args, circle::Scenario::parse)?;
            let options = circle::Options { port, records, seed, scenario, ..Default::default() };
            let running = circle::start(options).await.map_err(refused)?;
            serve(face, &running.exports()).await;
            running.stop().await;
        }
        "bettermode" => {
            let scenario = scenario(args, bettermode::Scenario::parse)?;
            let options = bettermode::Options { port, records, seed, scenario, ..Default::default() };
            let running = bettermode::start(options).await.map_err(refused)?;
            serve(face, &running.exports()).await;
            running.stop().await;
        }
        "notion" => {
            let scenario = scenario(args, notion::Scenario::parse)?;
            let options = notion::Options { port, records, seed, scenario, ..Default::default() };
            let running = notion::start(options).await.map_err(refused)?;
            serve(face, &running.exports()).await;
            running.stop().await;
        }
        other => {
            return Err(Fault::usage(format!("there is no stand-in for {other}"))
                .hint(format!("there is: {}", SERVICES.join(", ")))
                .into());
        }
    }
    Ok(Exit::Done)
}

/// The scenario of the command line, or the well-behaved one.
fn scenario<T: Default>(
    args: &Args,
    parse: impl Fn(&str) -> Result<T, Vec<ScenarioProblem>>,
) -> Result<T, Failure> {
    let Some(path) = &args.scenario else { return Ok(T::default()) };
    let text = std::fs::read_to_string(path)
        .map_err(|e| Fault::usage(format!("cannot read {}: {e}", path.display())))?;
    parse(&text).map_err(|problems| problematic(path, problems).into())
}

fn problematic(path: &Path, problems: Vec<ScenarioProblem>) -> Fault {
    let mut fault = Fault::usage(format!("{} has problems", path.display()));
    for p in problems {
        let hint = p.problem.hint.map(|h| format!(" ({h})")).unwrap_or_default();
        fault = fault.hint(format!("line {}: {}{hint}", p.line, p.problem.message));
    }
    fault
}

fn refused(error: SandboxError) -> Failure {
    Fault::usage(error.to_string()).into()
}

/// Prints the variables that a project reads, and waits until somebody asks to stop.
async fn serve(face: &Face, variables: &[(&str, String)]) {
    if face.json() {
        let map: serde_json::Map<String, serde_json::Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        face.data(serde_json::Value::Object(map).to_string());
    } else {
        let lines: Vec<String> =
            variables.iter().map(|(name, value)| format!("export {name}={value}")).collect();
        face.data(lines.join("\n"));
        face.say("\nserving on this machine only; Ctrl-C ends it");
    }
    signals::wish(face).await;
}
