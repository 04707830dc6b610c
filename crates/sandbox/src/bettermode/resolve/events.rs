//! Events and who comes.

use super::{Resolved, action, maybe, media, page, unordered};
use crate::bettermode::commands::EventInput;
use crate::bettermode::graphql::{Args, Context, Node, Reply};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::state::{Event, EventStatus, Registration};
use serde_json::json;

pub(super) fn root(c: &Context<'_>, name: &str, args: &Args) -> Resolved {
    Ok(Some(match name {
        "event" => {
            let id = named(args)?;
            c.state().visible_event(&c.by, &id)?;
            Reply::Node(Node::Event(id))
        }
        "events" => return listed(c, args),
        "eventRegistrations" => {
            let event = args.id("eventId")?;
            let state = c.state();
            state.visible_event(&c.by, &event)?;
            let of_event = |r: &&Registration| r.event_id == event;
            let ids = state.registrations.values().filter(of_event).map(|r| r.id.clone());
            return page(c, args, "eventRegistrations", unordered(ids), Node::Registration);
        }
        "createEvent" => {
            let (space, input) = (args.id("spaceId")?, args.need::<EventInput>("input")?);
            Reply::Node(Node::Event(c.state_mut().create_event(&c.by, &space, input)?))
        }
        "updateEvent" => {
            let (id, input) = (named(args)?, args.need::<EventInput>("input")?);
            Reply::Node(Node::Event(c.state_mut().update_event(&c.by, &id, input)?))
        }
        "deleteEvent" => action(c.state_mut().delete_event(&c.by, &named(args)?)?),
        "registerForEvent" => action(c.state_mut().register(&c.by, &named(args)?)?),
        "cancelEventRegistration" => action(c.state_mut().cancel_registration(&c.by, &named(args)?)?),
        _ => return Ok(None),
    }))
}

/// The id of an event, under the name that the schema in force has for it.
fn named(args: &Args) -> Result<String, Refusal> {
    match args.some_id("id")? {
        Some(id) => Ok(id),
        None => args.id("eventId"),
    }
}

fn listed(c: &Context<'_>, args: &Args) -> Resolved {
    let (spaces, text) = (args.ids("spaceIds")?, args.get::<String>("query")?);
    let state = c.state();
    let takes = |event: &&Event| {
        event.status != EventStatus::Deleted
            && spaces.as_ref().is_none_or(|spaces| spaces.contains(&event.space_id))
            && text.as_ref().is_none_or(|text| event.title.to_lowercase().contains(&text.to_lowercase()))
            && state.sees_space(&c.by, &event.space_id)
    };
    let ids: Vec<String> = state.events.values().filter(takes).map(|event| event.id.clone()).collect();
    page(c, args, "events", unordered(ids), Node::Event)
}

pub(super) fn event(c: &Context<'_>, id: &str, name: &str) -> Option<Reply> {
    let state = c.state();
    let event = state.events.get(id)?;
    Some(match name {
        "space" => maybe(state.spaces.get(&event.space_id).map(|space| Node::Space(space.id.clone()))),
        "createdBy" => Reply::Node(Node::SpaceMember {
            space: event.space_id.clone(),
            member: event.created_by_id.clone(),
        }),
        "hosts" => Reply::Nodes(event.host_ids.iter().cloned().map(Node::Member).collect()),
        "thumbnail" => media(c, event.thumbnail_id.as_ref()),
        "tags" => {
            Reply::Json(json!(event.tag_ids.iter().filter_map(|id| state.tags.get(id)).collect::<Vec<_>>()))
        }
        _ => return None,
    })
}

pub(super) fn registration(c: &Context<'_>, id: &str, name: &str) -> Option<Reply> {
    let state = c.state();
    let found = state.registrations.get(id).filter(|_| name == "member")?;
    Some(Reply::Node(Node::Member(found.member_id.clone())))
}
