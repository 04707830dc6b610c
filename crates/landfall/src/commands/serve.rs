//! `landfall serve`: the server, until somebody asks to stop.

use crate::args::{Global, Serve as Args};
use crate::face::Face;
use crate::signals;
use crate::wiring::{self, Parts};
use crate::words::Failure;
use base::{Exit, Fault};
use project::Overrides;
use server::Server;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: false, serve: true };
    let (mut project, loaded) =
        wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    if let Some(listen) = &args.listen {
        project.serve.listen.clone_from(listen);
    }
    if project.serve.webhooks.iter().all(|webhook| !webhook.enabled) {
        face.warn("no webhook is heard: [serve.webhooks.NAME] sections say who may tell us something");
    }
    let wired = wiring::bridge::open(face, &project, &loaded.environment).await?;
    let server = Server::bind(wired.config, wired.parts).await?;
    let address = format!("http://{}", server.address());
    match face.json() {
        true => face.data(serde_json::json!({ "address": address }).to_string()),
        false => face.data(&address),
    }
    face.say("serving until Ctrl-C");
    server.run(signals::wish(face)).await?;
    drop(wired.stand_ins);
    match face.cancel().asked() {
        // To be stopped is how a server ends.
        Some(_) => Ok(Exit::Done),
        None => Err(Fault::bug("the server ended by itself").into()),
    }
}
