//! The second half of a community's demo: the server hears what members do, and acts on it.

use super::stand_ins::Community;
use crate::face::Face;
use crate::wiring::{self, Parts};
use crate::words::{Failure, bad, good};
use base::Fault;
use bridge::Inbox;
use bridge::store::{ActionFilter, ActionLine};
use project::{Environment, Overrides};
use sandbox::bettermode::Records;
use server::Server;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;

/// What the stand-in tells, by route.
const HEARD: [(&str, &[&str]); 3] = [
    ("member", &["member.created", "member.verified", "member.updated", "member.deleted"]),
    ("activity", &["post.created", "post.published"]),
    ("event", &["event.created", "event.updated"]),
];

/// How long everything that is due may take.
const DONE_WITHIN: Duration = Duration::from_secs(30);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Actions that are shown at most.
const SHOWN_MAX: usize = 100;

/// Serves, lets people do something, and shows what that caused; whether all of it was done.
pub async fn show(
    face: &Face,
    dir: &Path,
    environment: &Environment,
    community: &Community,
) -> Result<bool, Failure> {
    let parts = Parts { source: false, destination: false, serve: true };
    let (mut project, loaded) = wiring::load(face, dir, environment, &Overrides::default(), parts)?;
    "127.0.0.1:0".clone_into(&mut project.serve.listen);
    let wired = wiring::bridge::open(face, &project, &loaded.environment).await?;
    let store = (wired.parts.inbox.clone(), wired.parts.outbox.clone());
    let server = Server::bind(wired.config, wired.parts).await?;
    let address = format!("http://{}", server.address());
    face.say(format!("\nThe bridge: `landfall serve` hears what members do, at {address}."));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async move { drop(stopped.await) }));
    let happened = happen(community, &address).await;
    let waited = match &happened {
        Ok(()) => quiet(&*store.0).await,
        Err(_) => Ok(()),
    };
    let lines = store.1.actions(&ActionFilter::default(), None, SHOWN_MAX).await;
    drop(stop);
    let ended = serving.await.unwrap_or_else(|_| Err(Fault::bug("the server panicked")));
    happened?;
    waited?;
    ended?;
    Ok(told(face, &lines?))
}

/// Somebody joins, another one writes.
async fn happen(community: &Community, address: &str) -> Result<(), Fault> {
    for (route, names) in HEARD {
        let url = format!("{address}/webhooks/bettermode/{route}");
        let heard = community.bettermode.listen(&url, names).await;
        heard.map_err(|problem| Fault::fail(problem.to_string()))?;
    }
    let people = community.bettermode.people();
    let ada = people.join("Ada Newcomer", "ada.newcomer@people.example").map_err(Fault::fail)?;
    let spaces = community.bettermode.records(Records::Spaces);
    let space = spaces.first().and_then(|space| space["id"].as_str()).unwrap_or_default();
    people.join_space(&ada, space).map_err(Fault::fail)?;
    people.post(&ada, space, "Hello from the new house", "<p>Hello!</p>").map_err(Fault::fail)?;
    community.bettermode.settle().await;
    Ok(())
}

/// Waits until what is due is done.
async fn quiet(inbox: &dyn Inbox) -> Result<(), Fault> {
    let waiting = async {
        loop {
            let counts = inbox.counts().await?;
            if counts.events_judged > 0 && counts.events_new + counts.pending + counts.running == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let late = |_| Err(Fault::fail("the bridge has not done everything after half a minute"));
    tokio::time::timeout(DONE_WITHIN, waiting).await.unwrap_or_else(late)
}

/// A table of what was heard and done; whether nothing is left over.
fn told(face: &Face, lines: &[ActionLine]) -> bool {
    let mut counted: BTreeMap<(&str, &str, &str, &str), u64> = BTreeMap::new();
    for line in lines {
        let key = (line.kind.as_str(), line.rule.as_str(), line.work.as_str(), line.state.word());
        *counted.entry(key).or_default() += 1;
    }
    let row = |((kind, rule, work, state), count): (&(&str, &str, &str, &str), &u64)| {
        [kind, rule, work, state]
            .map(|text| (*text).to_owned())
            .into_iter()
            .chain([count.to_string()])
            .collect()
    };
    let rows: Vec<Vec<String>> = counted.iter().map(row).collect();
    face.data(crate::tables::table(&["event", "rule", "action", "state", "how many"], &rows));
    let done = lines.iter().all(|line| line.state == bridge::action::ActionState::Done);
    match done {
        true => face.say(good("every event was kept, and what it caused is done")),
        false => face.say(bad("some of what events caused is not done: landfall actions")),
    }
    done
}
