//! `landfall actions`: what events caused; dead letters and their replay.

use crate::args::{Actions as Args, Global};
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, plural};
use base::{Exit, Fault};
use bridge::Outbox;
use bridge::action::ActionState;
use bridge::store::{ActionFilter, ActionLine};
use project::Overrides;

/// Runs the command.
pub async fn run(face: &Face, global: &Global, args: &Args) -> Result<Exit, Failure> {
    let dir = wiring::project_dir(global)?;
    let parts = Parts { source: false, destination: true, serve: false };
    let (project, _) = wiring::load(face, &dir, &wiring::environment(), &Overrides::default(), parts)?;
    let store = wiring::bridge::store(&project, "actions").await?;
    if !store.is_prepared().await? {
        face.say("nothing was heard here yet: landfall serve");
        return Ok(Exit::Done);
    }
    if let Some(which) = &args.replay {
        let id = match which.as_str() {
            "all" => None,
            number => Some(number.parse().map_err(|_| {
                Fault::usage(format!("--replay wants the number of an action, or all, not {number:?}"))
                    .hint("landfall actions --dead")
            })?),
        };
        let replayed = store.replay(id).await?;
        match global.json {
            true => face.data(serde_json::json!({ "replayed": replayed }).to_string()),
            false => face.say(format!("{} will be tried again", plural(replayed, "dead letter"))),
        }
        return Ok(Exit::Done);
    }
    let filter = ActionFilter { state: args.dead.then_some(ActionState::Dead), work: None };
    let lines = store.actions(&filter, None, args.limit).await?;
    if global.json {
        for line in &lines {
            face.data(serde_json::to_string(line).map_err(|e| Fault::bug(e.to_string()))?);
        }
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let head = ["action", "event", "kind", "rule", "does", "state", "attempts", "due", "said"];
    face.data(crate::tables::table(&head, &rows));
    Ok(Exit::Done)
}

fn row(line: &ActionLine) -> Vec<String> {
    vec![
        line.id.to_string(),
        line.event.to_string(),
        line.kind.clone(),
        line.rule.clone(),
        line.work.clone(),
        line.state.word().to_owned(),
        line.attempts.to_string(),
        line.due.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        line.said.clone(),
    ]
}
