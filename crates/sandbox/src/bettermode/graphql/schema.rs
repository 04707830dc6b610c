//! The schema: our SDL, in the reading that a scenario chooses.

use crate::bettermode::scenario::{self, EventArguments};
use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use std::sync::LazyLock;

const COMMUNITY: &str = include_str!("../schema/community.graphql");
const MEMBERS: &str = include_str!("../schema/members.graphql");
const SPACES: &str = include_str!("../schema/spaces.graphql");
const POSTS: &str = include_str!("../schema/posts.graphql");
const EVENTS: &str = include_str!("../schema/events.graphql");
const CHATS: &str = include_str!("../schema/chats.graphql");

/// A value that no enum of the schema has; a fault puts it into answers.
pub(crate) const UNKNOWN_VALUE: &str = "SOMETHING_NEW";

/// What texts are checked against, and what answers are checked against.
pub(crate) struct Schemas {
    pub public: Valid<Schema>,
    /// The same, with [`UNKNOWN_VALUE`] in every enum.
    pub odd: Valid<Schema>,
}

impl Schemas {
    /// The schema of a scenario.
    pub fn new(switches: &scenario::Schema) -> Self {
        let sdl = sdl(switches);
        let public = read(&sdl);
        let enums = public.types.values().filter_map(|kind| match kind {
            ExtendedType::Enum(kind) if !kind.is_built_in() => Some(kind.name.as_str()),
            _ => None,
        });
        let more: String = enums.map(|name| format!("extend enum {name} {{ {UNKNOWN_VALUE} }}\n")).collect();
        let odd = read(&format!("{sdl}\n{more}"));
        Self { public, odd }
    }
}

fn sdl(switches: &scenario::Schema) -> String {
    let mut parts = vec![COMMUNITY.to_owned(), MEMBERS.to_owned(), SPACES.to_owned()];
    parts.push(match switches.update_publishes {
        false => POSTS.to_owned(),
        true => {
            let (before, edit) = POSTS.split_once("input UpdatePostInput {").unwrap_or((POSTS, ""));
            let edit = edit.replacen("publish: Boolean! = false", "publish: Boolean! = true", 1);
            format!("{before}input UpdatePostInput {{{edit}")
        }
    });
    match switches.events {
        EventArguments::Id => parts.push(EVENTS.to_owned()),
        EventArguments::EventId => parts.push(EVENTS.replace("(id: ID!", "(eventId: ID!")),
        EventArguments::Absent => {}
    }
    if switches.chats {
        parts.push(CHATS.to_owned());
    }
    parts.join("\n")
}

fn read(sdl: &str) -> Valid<Schema> {
    Schema::parse_and_validate(sdl, "schema.graphql").expect("a valid schema")
}

/// The fields of `Query` and `Mutation` in the widest reading: what faults can name.
pub(crate) fn root_fields() -> &'static [String] {
    static FIELDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let schema = read(&sdl(&scenario::Schema::default()));
        let roots = ["Query", "Mutation"].into_iter().filter_map(|root| schema.get_object(root));
        roots.flat_map(|root| root.fields.keys().map(ToString::to_string)).collect()
    });
    &FIELDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_of_the_schema_is_valid() {
        for events in [EventArguments::Id, EventArguments::EventId, EventArguments::Absent] {
            for (chats, update_publishes) in [(true, true), (true, false), (false, false)] {
                let schemas = Schemas::new(&scenario::Schema { events, chats, update_publishes });
                let has = |field| schemas.public.type_field("Query", field).is_ok();
                assert_eq!((has("event"), has("chats")), (events != EventArguments::Absent, chats));
                let edit = schemas.public.get_input_object("UpdatePostInput").expect("there");
                let publish = edit.fields["publish"].default_value.as_ref().expect("a default");
                assert_eq!(publish.to_bool(), Some(update_publishes));
                let create = schemas.public.get_input_object("CreatePostInput").expect("there");
                assert_eq!(
                    create.fields["publish"].default_value.as_ref().and_then(|v| v.to_bool()),
                    Some(false)
                );
                let field = schemas.public.type_field("Mutation", "deleteEvent");
                let named = field.ok().map(|field| field.arguments[0].name.to_string());
                let expected = match events {
                    EventArguments::Id => Some("id".to_owned()),
                    EventArguments::EventId => Some("eventId".to_owned()),
                    EventArguments::Absent => None,
                };
                assert_eq!(named, expected);
            }
        }
    }
}
