//! Everything that can be wrong with reach and rights, before anything is exported.

use crate::api::Api;
use crate::describe::{describe, named};
use base::{Class, Fault, Problem};
use webclient::Error;

/// Tries each stream; problems, unless the service cannot be reached at all.
pub(crate) async fn check(api: &Api, streams: &[String]) -> Result<Vec<Problem>, Fault> {
    let mut problems = settings(api);
    match api.community().await {
        Ok(community) => problems.extend(other_community(api, community.scalar(&["id"]).as_deref(), |id| {
            community.scalar(&["slug"]).is_some_and(|slug| slug == id)
        })),
        // What is wrong with the token shows at every stream again, and is one problem.
        Err(error) => match api.explain(&error, None) {
            fault if fault.class == Class::Retry => return Err(fault),
            _ if matches!(error, Error::Status { status: 404, .. }) => {
                problems.extend(unknown_community(api))
            }
            fault => add(&mut problems, &fault),
        },
    }
    for stream in streams {
        let tried = async { describe(api, named(stream)?).await };
        match tried.await {
            Ok(_) => {}
            Err(fault) if fault.class == Class::Retry => return Err(fault),
            Err(fault) => add(&mut problems, &fault),
        }
    }
    Ok(problems)
}

fn add(problems: &mut Vec<Problem>, fault: &Fault) {
    // The place of a refused token is the same whatever was asked for.
    let problem = Problem::error(fault.what.clone());
    let hint = fault.hints.join("; ");
    let problem = if hint.is_empty() { problem } else { problem.hint(hint) };
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}

fn settings(api: &Api) -> Vec<Problem> {
    let mut problems = Vec::new();
    if api.token.is_none() {
        problems.push(
            Problem::error("no token is set, and Circle shows nothing without one")
                .hint("set CIRCLE_API_TOKEN to a token of the type Admin V2"),
        );
    }
    if api.address.is_in_clear() {
        problems.push(
            Problem::warning("the token and all records travel unencrypted")
                .hint("begin CIRCLE_API_URL with https://"),
        );
    }
    problems
}

fn unknown_community(api: &Api) -> Option<Problem> {
    api.community_id.is_some().then(|| {
        Problem::warning("Circle does not say which community the token belongs to")
            .hint("make sure that the token was made in the community that CIRCLE_COMMUNITY_ID names")
    })
}

/// Whether the token belongs to another community than the settings name: a move of the wrong one.
fn other_community(api: &Api, id: Option<&str>, is_slug: impl Fn(&str) -> bool) -> Option<Problem> {
    let wanted = api.community_id.as_deref()?;
    let id = id?;
    (id != wanted && !is_slug(wanted)).then(|| {
        Problem::error(format!(
            "the token belongs to the community {id}, and the settings name the community {wanted}"
        ))
        .hint("check CIRCLE_COMMUNITY_ID and CIRCLE_API_TOKEN: the token decides what is read")
    })
}
