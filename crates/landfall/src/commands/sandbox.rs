//! `landfall sandbox`: a stand-in server until Ctrl-C.

use crate::args::Sandbox as Args;
use crate::face::Face;
use crate::words::Failure;
use base::{Exit, Fault};
use sandbox::{SandboxOptions, Scenario, Service};

/// Runs the command.
pub async fn run(face: &Face, args: &Args) -> Result<Exit, Failure> {
    let service = Service::from_word(&args.service).ok_or_else(|| {
        let known: Vec<&str> = Service::ALL.iter().map(|s| s.word()).collect();
        Fault::usage(format!("there is no stand-in for {}", args.service))
            .hint(format!("there is: {}", known.join(", ")))
    })?;
    let scenario = match &args.scenario {
        None => Scenario::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|e| Fault::usage(format!("cannot read {}: {e}", path.display())))?;
            Scenario::parse(&text).map_err(|problems| {
                let mut fault = Fault::usage(format!("{} has problems", path.display()));
                for p in problems {
                    let hint = p.problem.hint.map(|h| format!(" ({h})")).unwrap_or_default();
                    fault = fault.hint(format!("line {}: {}{hint}", p.line, p.problem.message));
                }
                fault
            })?
        }
    };
    let options = SandboxOptions { port: args.port, records: args.records, seed: args.seed, scenario };
    let running = sandbox::start(service, options).await.map_err(|e| Fault::usage(e.to_string()))?;
    if face.json() {
        face.data(serde_json::json!({ "address": running.address, "key": running.key }).to_string());
    } else {
        face.data(format!(
            "export BUBBLE_API_URL={}\nexport BUBBLE_API_KEY={}",
            running.address, running.key
        ));
        face.say("\nserving on this machine only; Ctrl-C ends it");
    }
    while face.cancel().asked().is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    running.stop().await;
    Ok(Exit::Done)
}
