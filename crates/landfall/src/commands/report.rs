//! `landfall report`: the files of a run, again.

use crate::args::{Global, RunArg as Args};
use crate::commands::find_run;
use crate::face::Face;
use crate::reporting::{self, Seen};
use crate::wiring::{self, Parts};
use crate::words::Failure;
use base::Exit;
use project::Overrides;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let job = wiring::open(face, project, "report", parts).await?;
    let run = find_run(&job, args.run.as_deref()).await?;
    let job = engine::replay::job_of(&job, &run)?;
    let files = reporting::write(&job, &run, face, &Seen::default(), None).await?;
    if global.json {
        face.data(report::json(&files.report));
    } else {
        face.data(report::summary(&files.report));
        face.say(format!("page: {}", files.written.html.display()));
    }
    Ok(Exit::Done)
}
