//! The streams that a community offers, and their fields.

use crate::queries::{self, Operation};
use base::{Fault, names};
use connect::{FieldInfo, Stream};
use std::sync::Arc;

/// How a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Pages of records.
    Pages,
    /// A plain list, all at once.
    List,
    /// Records below others: replies stand below posts, and no request lists them all.
    Below,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct About {
    pub name: &'static str,
    pub display: &'static str,
    pub shape: Shape,
    /// Asks for whole records; of [`Shape::Below`]: for those that are below one.
    pub operation: &'static Operation,
    /// Asks for what is counted: the records' ids; of [`Shape::Below`]: the ids of what they are below.
    pub ids: &'static Operation,
    /// Names as the service has them, and what they hold.
    fields: &'static [(&'static str, &'static str)],
}

/// The key of every record.
pub(crate) const ID: &str = "id";
/// Its time of making.
pub(crate) const CREATED: &str = "createdAt";
/// Its time of change.
pub(crate) const UPDATED: &str = "updatedAt";
/// The custom fields of members: names and values.
pub(crate) const FIELDS: &str = "fields";
/// What posts say: names and values.
pub(crate) const MAPPING_FIELDS: &str = "mappingFields";
/// The field of what posts say that is their text, by itself.
pub(crate) const CONTENT: &str = "content";
/// What the column of [`CONTENT`] is made from.
const CONTENT_ORIGINAL: &str = "mappingFields[content]";

const POST_FIELDS: &[(&str, &str)] = &[
    (ID, "text"),
    ("postTypeId", "text"),
    ("spaceId", "space"),
    ("ownerId", "member"),
    ("createdById", "member"),
    ("isAnonymous", "boolean"),
    ("status", "text"),
    ("title", "text"),
    (CONTENT_ORIGINAL, "html"),
    ("slug", "text"),
    ("url", "text"),
    ("externalId", "text"),
    ("externalUrl", "text"),
    ("locked", "boolean"),
    ("isHidden", "boolean"),
    ("repliedToId", "post"),
    ("repliedToIds", "list of post"),
    ("repliesCount", "number"),
    ("totalRepliesCount", "number"),
    ("reactionsCount", "number"),
    ("publishedAt", "date"),
    (CREATED, "date"),
    (UPDATED, "date"),
    ("tagIds", "list of tag"),
    ("language", "text"),
    (MAPPING_FIELDS, "object"),
];

/// All of them.
pub(crate) const STREAMS: &[About] = &[
    About {
        name: "members",
        display: "Members",
        shape: Shape::Pages,
        operation: &queries::MEMBERS,
        ids: &queries::MEMBER_IDS,
        fields: &[
            (ID, "text"),
            ("username", "text"),
            ("name", "text"),
            ("displayName", "text"),
            ("email", "text"),
            ("emailStatus", "text"),
            ("externalId", "text"),
            ("externalUrl", "text"),
            ("status", "text"),
            ("roleId", "role"),
            (FIELDS, "object"),
            ("tagline", "text"),
            ("locale", "text"),
            ("timeZone", "text"),
            ("profilePictureId", "image"),
            ("score", "number"),
            ("flagged", "boolean"),
            ("teammate", "boolean"),
            (CREATED, "date"),
            (UPDATED, "date"),
            ("verifiedAt", "date"),
            ("lastSeenAt", "date"),
            ("url", "text"),
        ],
    },
    About {
        name: "collections",
        display: "Collections",
        shape: Shape::List,
        operation: &queries::COLLECTIONS,
        ids: &queries::COLLECTIONS,
        fields: &[
            (ID, "text"),
            ("name", "text"),
            ("description", "text"),
            ("externalId", "text"),
            (CREATED, "date"),
            (UPDATED, "date"),
        ],
    },
    About {
        name: "spaces",
        display: "Spaces",
        shape: Shape::Pages,
        operation: &queries::SPACES,
        ids: &queries::SPACE_IDS,
        fields: &[
            (ID, "text"),
            ("name", "text"),
            ("slug", "text"),
            ("type", "text"),
            ("collection", "object"),
            ("description", "text"),
            ("private", "boolean"),
            ("hidden", "boolean"),
            ("inviteOnly", "boolean"),
            ("nonAdminsCanInvite", "boolean"),
            ("externalId", "text"),
            ("externalUrl", "text"),
            (CREATED, "date"),
            (UPDATED, "date"),
        ],
    },
    About {
        name: "posts",
        display: "Posts",
        shape: Shape::Pages,
        operation: &queries::POSTS,
        ids: &queries::POST_IDS,
        fields: POST_FIELDS,
    },
    About {
        name: "replies",
        display: "Comments",
        shape: Shape::Below,
        operation: &queries::REPLIES,
        ids: &queries::POST_IDS,
        fields: POST_FIELDS,
    },
    About {
        name: "events",
        display: "Events",
        shape: Shape::Pages,
        operation: &queries::EVENTS,
        ids: &queries::EVENT_IDS,
        fields: &[
            (ID, "text"),
            ("title", "text"),
            ("content", "html"),
            ("slug", "text"),
            ("status", "text"),
            ("spaceId", "space"),
            ("createdById", "member"),
            ("hostIds", "list of member"),
            ("startTime", "date"),
            ("endTime", "date"),
            ("timeZone", "text"),
            ("capacity", "number"),
            ("registrationsCount", "number"),
            (CREATED, "date"),
            (UPDATED, "date"),
        ],
    },
];

impl About {
    /// The stream of that name.
    pub fn of(name: &str) -> Result<&'static Self, Fault> {
        if let Some(about) = STREAMS.iter().find(|about| about.name == name) {
            return Ok(about);
        }
        let known: Vec<&str> = STREAMS.iter().map(|about| about.name).collect();
        let fault = Fault::usage(format!("BetterMode has no stream {name}"));
        let fault = match names::nearest(name, known.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault,
        };
        Err(fault.hint(format!("it has: {}", known.join(", "))))
    }

    /// Its fields as the export has them. What posts say has its text in a column of its own besides.
    pub fn infos(&self) -> Vec<FieldInfo> {
        let info = |(original, kind): &(&str, &str)| {
            let name = match *original {
                CONTENT_ORIGINAL => CONTENT.to_owned(),
                original => names::normalise(original),
            };
            FieldInfo { name, original: (*original).to_owned(), kind: (*kind).to_owned() }
        };
        self.fields.iter().map(info).collect()
    }

    /// The names of its columns.
    pub fn columns(&self) -> Arc<[String]> {
        self.infos().into_iter().map(|info| info.name).collect()
    }

    /// Where the values of its columns come from: a key of the record, or `None` for [`CONTENT`] of
    /// [`MAPPING_FIELDS`].
    pub fn keys(&self) -> impl Iterator<Item = Option<&'static str>> {
        self.fields.iter().map(|(original, _)| (*original != CONTENT_ORIGINAL).then_some(*original))
    }

    /// What it looks like from outside.
    pub fn stream(&self, total: Option<u64>) -> Stream {
        Stream {
            name: self.name.to_owned(),
            display: Some(self.display.to_owned()),
            fields: self.infos(),
            key: Some(names::normalise(ID)),
            created: Some(names::normalise(CREATED)),
            version: Some(names::normalise(UPDATED)),
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_asked_for_and_has_a_column_of_its_own() {
        for about in STREAMS {
            let document = about.operation.document();
            for key in about.keys().flatten() {
                let asked = document.split(|c: char| !c.is_alphanumeric()).any(|word| word == key);
                assert!(asked, "{}: {key}", about.name);
            }
            let mut columns = about.columns().to_vec();
            columns.sort();
            columns.dedup();
            assert_eq!(columns.len(), about.infos().len(), "{}", about.name);
            for key in [ID, CREATED, UPDATED] {
                assert!(columns.contains(&names::normalise(key)), "{}: {key}", about.name);
            }
        }
    }

    #[test]
    fn an_unknown_stream_is_named_with_its_neighbour() {
        let fault = About::of("member").expect_err("no such stream");
        assert_eq!(fault.hints[0], "did you mean members?");
        assert!(About::of("weather").expect_err("no such stream").hints[0].contains("members, collections"));
    }
}
