//! Everything that can be wrong with reach and rights, before anything is exported.

use super::streams::About;
use super::walk::count;
use crate::client::Client;
use base::{Class, Fault, Problem};

/// Tries each stream; problems, unless the service cannot be reached at all.
pub(super) async fn check(client: &Client, streams: &[String]) -> Result<Vec<Problem>, Fault> {
    let mut problems = Vec::new();
    if client.is_in_clear() {
        problems.push(
            Problem::warning("tokens and all records travel unencrypted")
                .hint("begin BETTERMODE_API_URL with https://"),
        );
    }
    if !client.can_renew() {
        problems.push(
            Problem::warning("the token cannot be renewed when it ends, which stops a long run")
                .hint("set BETTERMODE_CLIENT_ID and BETTERMODE_CLIENT_SECRET"),
        );
    }
    if let Err(error) = client.network().await {
        let fault = Fault::from(error);
        if fault.class == Class::Retry {
            return Err(fault);
        }
        // Without the community nothing else is to be had.
        problems.push(problem(fault));
        return Ok(problems);
    }
    for stream in streams {
        let tried = async { count(client, About::of(stream)?).await };
        match tried.await {
            Ok(_) => {}
            Err(fault) if fault.class == Class::Retry => return Err(fault),
            Err(fault) => problems.push(problem(fault.at(stream))),
        }
    }
    Ok(problems)
}

fn problem(fault: Fault) -> Problem {
    let hint = fault.hints.join("; ");
    let problem = Problem::error(fault.what);
    if hint.is_empty() { problem } else { problem.hint(hint) }
}
