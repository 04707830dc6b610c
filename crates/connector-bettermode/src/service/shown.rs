//! From what the service holds to columns.

use crate::destination::{Entry, Kind};
use crate::types::{Collection, Event, JsonText, Member, Moment, Post, Space};
use connect::service::Fields;
use serde_json::{Map, Value};

/// The columns of a record.
pub(super) fn shown(kind: Kind, entry: &Entry) -> Fields {
    match entry {
        Entry::Member(member) => member_of(member),
        Entry::Collection(collection) => collection_of(collection),
        Entry::Space(space) => space_of(space),
        Entry::Post(post) if kind == Kind::Reply => reply_of(post),
        Entry::Post(post) => post_of(post),
        Entry::Event(event) => event_of(event),
    }
}

fn fields<const N: usize>(columns: [(&str, Option<String>); N]) -> Fields {
    columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn member_of(member: &Member) -> Fields {
    let value = |field: &crate::types::MemberField| {
        let value = field.value.as_ref()?;
        Some((field.key.clone(), value.value().unwrap_or_else(|| Value::from(value.raw()))))
    };
    let custom: Map<String, Value> = member.fields.iter().filter_map(value).collect();
    fields([
        ("email", member.email.clone()),
        ("name", member.name.clone()),
        ("username", member.username.clone()),
        ("external_url", member.external_url.clone()),
        ("tagline", member.tagline.clone()),
        ("locale", member.locale.clone()),
        ("time_zone", member.time_zone.clone()),
        ("role_id", member.role_id.clone()),
        ("fields", (!custom.is_empty()).then(|| Value::Object(custom).to_string())),
        ("created_at", moment(member.created_at.as_ref())),
    ])
}

fn collection_of(collection: &Collection) -> Fields {
    fields([
        ("name", collection.name.clone()),
        ("description", collection.description.clone()),
        ("created_at", moment(collection.created_at.as_ref())),
    ])
}

fn space_of(space: &Space) -> Fields {
    let word = |kind: &crate::types::SpaceType| serde_json::to_value(kind).ok()?.as_str().map(String::from);
    fields([
        ("name", space.name.clone()),
        ("slug", space.slug.clone()),
        ("type", space.kind.as_ref().and_then(word)),
        ("collection_id", space.collection_id().map(String::from)),
        ("description", space.description.clone()),
        ("private", space.private.map(|flag| flag.to_string())),
        ("hidden", space.hidden.map(|flag| flag.to_string())),
        ("invite_only", space.invite_only.map(|flag| flag.to_string())),
        ("external_url", space.external_url.clone()),
        ("created_at", moment(space.created_at.as_ref())),
    ])
}

fn post_of(post: &Post) -> Fields {
    fields([
        ("space_id", post.space_id.clone()),
        ("owner_id", post.owner_id.clone()),
        ("title", post.field("title").or_else(|| post.title.clone())),
        ("content", post.field("content")),
        ("slug", post.slug.clone()),
        ("locked", post.locked.map(|flag| flag.to_string())),
        ("external_url", post.external_url.clone()),
        ("created_at", moment(post.created_at.as_ref())),
        ("published_at", moment(post.published_at.as_ref())),
    ])
}

fn reply_of(reply: &Post) -> Fields {
    // The ids of all that it replies to hold the post and, between it and the reply, other replies; whether
    // the post is the first or the last of them is not documented.
    let parent = reply.replied_to_id.clone();
    let (first, last) = (reply.replied_to_ids.first(), reply.replied_to_ids.last());
    let post = if first == parent.as_ref() { last } else { first };
    let post = post.cloned().or_else(|| parent.clone());
    fields([
        ("reply_to", parent.filter(|parent| Some(parent) != post.as_ref())),
        ("post_id", post),
        ("owner_id", reply.owner_id.clone()),
        ("content", reply.field("content")),
        ("external_url", reply.external_url.clone()),
        ("created_at", moment(reply.created_at.as_ref())),
    ])
}

fn event_of(event: &Event) -> Fields {
    let hosts = event.host_ids.iter().map(|id| JsonText::text(id).raw().to_owned()).collect::<Vec<_>>();
    fields([
        ("space_id", event.space_id.clone()),
        ("title", event.title.clone()),
        ("content", event.content.clone()),
        ("start_time", moment(event.start_time.as_ref())),
        ("end_time", moment(event.end_time.as_ref())),
        ("time_zone", event.time_zone.clone()),
        ("host_ids", Some(format!("[{}]", hosts.join(",")))),
        ("capacity", event.capacity.map(|count| count.to_string())),
    ])
}

fn moment(at: Option<&Moment>) -> Option<String> {
    at.map(|at| at.as_str().to_owned())
}
