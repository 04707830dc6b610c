//! Everything that can be wrong with reach and rights, before anything is exported.

use crate::api::Api;
use crate::columns::USER;
use crate::describe::describe;
use crate::walk::control;
use base::{Class, Fault, Problem};

/// Letters of an admin token.
const KEY_CHARS: usize = 32;

/// Tries each stream; problems, unless the service cannot be reached at all.
pub(crate) async fn check(api: &Api, streams: &[String]) -> Result<Vec<Problem>, Fault> {
    let mut problems = settings(api);
    match api.types().await? {
        None => problems.push(
            Problem::note(
                "the API does not say which types and fields it has, so they are taken from the records",
            )
            .hint("a field that is empty in all records that were looked at shows up only when one has it"),
        ),
        Some(types) if streams.iter().all(|s| s != USER) && types.iter().all(|one| one.name != USER) => {
            problems.push(Problem::note("the API does not expose the type user"));
        }
        Some(_) => {}
    }
    for stream in streams {
        let tried = async {
            let described = describe(api, stream).await?;
            control(api, stream, &described.keys).await
        };
        match tried.await {
            Ok(()) => {}
            Err(fault) if fault.class == Class::Retry => return Err(fault),
            Err(fault) => {
                let problem = Problem::error(fault.what);
                let hint = fault.hints.join("; ");
                let problem = if hint.is_empty() { problem } else { problem.hint(hint) };
                // A refused key is one problem, not one for each stream.
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    Ok(problems)
}

fn settings(api: &Api) -> Vec<Problem> {
    let mut problems = Vec::new();
    match &api.key {
        None => problems.push(
            Problem::warning("no key is set, so Bubble shows only what everybody may see")
                .hint("set BUBBLE_API_KEY to an API token made under Settings, API"),
        ),
        Some(key) if key.expose().chars().count() != KEY_CHARS => problems.push(Problem::note(format!(
            "the key does not have the {KEY_CHARS} letters of an admin token; the token of a user sees only \
             what privacy rules let it see"
        ))),
        Some(_) => {}
    }
    if api.address.is_in_clear() {
        problems.push(
            Problem::warning("the key and all records travel unencrypted")
                .hint("begin BUBBLE_API_URL with https://"),
        );
    }
    problems
}
