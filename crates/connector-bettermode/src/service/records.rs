//! From columns to what the service takes.

use crate::destination::{Change, Kind, Record};
use crate::types::{
    EventUpdate, JsonText, MemberField, MemberUpdate, Moment, NewCollection, NewEvent, NewMember, NewPost,
    NewSpace, NotificationSettings, PostType, PostUpdate,
};
use base::RejectCode;
use connect::service::{Fields, Refusal};
use jiff::Timestamp;
use serde_json::Value;

/// The types that posts and replies are written as.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// Of posts: it has a title and a content.
    pub(super) post: Option<PostType>,
    /// Of replies.
    pub(super) reply: Option<PostType>,
}

/// A record to be made.
pub(super) fn record(kind: Kind, fields: &Fields, mark: &str, places: &Places) -> Result<Record, Refusal> {
    let row = Row(fields);
    let external_id = Some(mark.to_owned());
    Ok(match kind {
        Kind::Member => {
            let created_at = row.moment("created_at")?;
            let member = NewMember {
                username: row.text("username"),
                external_id,
                external_url: row.text("external_url"),
                tagline: row.text("tagline"),
                created_at,
                ..NewMember::verified(row.needed("email")?, row.needed("name")?)
            };
            // The rest can only be given to a member who is there.
            let then = MemberUpdate {
                role_id: row.text("role_id"),
                locale: row.text("locale"),
                time_zone: row.text("time_zone"),
                fields: row.custom_fields()?,
                ..MemberUpdate::default()
            };
            Record::Member { member, then: Box::new(then) }
        }
        Kind::Collection => Record::Collection(NewCollection {
            name: row.needed("name")?,
            description: row.text("description"),
            external_id,
            created_at: row.moment("created_at")?,
            updated_at: None,
        }),
        Kind::Space => Record::Space(NewSpace {
            name: row.needed("name")?,
            slug: row.text("slug"),
            // A word that the service does not know is its to refuse.
            kind: row.text("type").and_then(|word| serde_json::from_value(Value::from(word)).ok()),
            collection_id: row.text("collection_id"),
            description: row.text("description"),
            private: row.flag("private"),
            hidden: row.flag("hidden"),
            invite_only: row.flag("invite_only"),
            external_id,
            external_url: row.text("external_url"),
            created_at: row.moment("created_at")?,
            ..NewSpace::default()
        }),
        Kind::Post => {
            let place = place(places.post.as_ref(), "posts")?;
            let fields = vec![
                place.field("title", &row.needed("title")?),
                place.field("content", &row.needed("content")?),
            ];
            let post = NewPost {
                owner_id: row.text("owner_id"),
                created_at: row.moment("created_at")?,
                published_at: row.moment("published_at")?,
                external_id,
                external_url: row.text("external_url"),
                slug: row.text("slug"),
                locked: row.flag("locked"),
                ..NewPost::published(&place.id, fields)
            };
            Record::Post { space_id: row.needed("space_id")?, post }
        }
        Kind::Reply => {
            let place = place(places.reply.as_ref(), "replies")?;
            let created_at = row.moment("created_at")?;
            let reply = NewPost {
                owner_id: row.text("owner_id"),
                published_at: created_at.clone(),
                created_at,
                external_id,
                external_url: row.text("external_url"),
                ..NewPost::published(&place.id, vec![place.field("content", &row.needed("content")?)])
            };
            let post_id = row.text("reply_to").map_or_else(|| row.needed("post_id"), Ok)?;
            Record::Reply { post_id, reply }
        }
        Kind::Event => {
            let event = NewEvent {
                title: row.needed("title")?,
                content: row.needed("content")?,
                start_time: row.time("start_time")?,
                end_time: row.time("end_time")?,
                time_zone: row.needed("time_zone")?,
                host_ids: row.texts("host_ids")?,
                notification_settings: NotificationSettings::SILENT,
                slug: None,
                capacity: row.count("capacity")?,
                virtual_locations: Vec::new(),
            };
            Record::Event { space_id: row.needed("space_id")?, event }
        }
    })
}

/// Columns that are to change.
pub(super) fn change(kind: Kind, fields: &Fields, places: &Places) -> Result<Change, Refusal> {
    let row = Row(fields);
    let fixed: &[&str] = match kind {
        Kind::Post => &["space_id", "slug"],
        Kind::Reply => &["post_id", "reply_to"],
        Kind::Event => &["space_id"],
        Kind::Member | Kind::Collection | Kind::Space => &[],
    };
    if let Some(column) = fixed.iter().find(|column| fields.contains_key(**column)) {
        return Err(refusal(column, "it can be given only when the record is made"));
    }
    Ok(match kind {
        Kind::Post | Kind::Reply => {
            let place = if kind == Kind::Post { &places.post } else { &places.reply };
            let place = self::place(place.as_ref(), "posts")?;
            let said = ["title", "content"].into_iter().filter_map(|key| Some((key, row.text(key)?)));
            Change::Post(PostUpdate {
                mapping_fields: said.map(|(key, text)| place.field(key, &text)).collect(),
                owner_id: row.text("owner_id"),
                created_at: row.moment("created_at")?,
                published_at: row.moment("published_at")?,
                external_url: row.text("external_url"),
                locked: row.flag("locked"),
                ..PostUpdate::published()
            })
        }
        Kind::Event => Change::Event(EventUpdate {
            title: row.text("title"),
            content: row.text("content"),
            start_time: row.moment("start_time")?,
            end_time: row.moment("end_time")?,
            time_zone: row.text("time_zone"),
            host_ids: fields.contains_key("host_ids").then(|| row.texts("host_ids")).transpose()?,
            capacity: row.count("capacity")?,
        }),
        Kind::Member | Kind::Collection | Kind::Space => Change::Member(MemberUpdate {
            email: row.text("email"),
            name: row.text("name"),
            username: row.text("username"),
            external_url: row.text("external_url"),
            tagline: row.text("tagline"),
            locale: row.text("locale"),
            time_zone: row.text("time_zone"),
            role_id: row.text("role_id"),
            fields: row.custom_fields()?,
            created_at: row.moment("created_at")?,
            ..MemberUpdate::default()
        }),
    })
}

fn place<'a>(place: Option<&'a PostType>, what: &str) -> Result<&'a PostType, Refusal> {
    place.ok_or_else(|| refusal("", &format!("the community has no type for {what}")))
}

fn refusal(column: &str, reason: &str) -> Refusal {
    Refusal { column: column.to_owned(), code: RejectCode::BadValue, reason: reason.to_owned() }
}

/// Columns by name.
struct Row<'a>(&'a Fields);

impl Row<'_> {
    fn text(&self, column: &str) -> Option<String> {
        self.0.get(column).cloned().flatten()
    }

    fn needed(&self, column: &str) -> Result<String, Refusal> {
        self.text(column).ok_or_else(|| Refusal {
            column: column.to_owned(),
            code: RejectCode::NotNull,
            reason: format!("BetterMode wants a {column}"),
        })
    }

    /// A flag as PostgreSQL shows it.
    fn flag(&self, column: &str) -> Option<bool> {
        self.text(column).map(|text| text == "t" || text == "true")
    }

    fn count(&self, column: &str) -> Result<Option<u64>, Refusal> {
        let number = |text: String| text.parse().map_err(|_| refusal(column, "it is no count"));
        self.text(column).map(number).transpose()
    }

    /// A point in time as PostgreSQL shows it.
    fn moment(&self, column: &str) -> Result<Option<Moment>, Refusal> {
        let moment = |text: String| {
            let at: Result<Timestamp, _> = text.replacen(' ', "T", 1).parse();
            at.map(Moment::from).map_err(|_| refusal(column, "BetterMode knows no such time"))
        };
        self.text(column).map(moment).transpose()
    }

    fn time(&self, column: &str) -> Result<Moment, Refusal> {
        self.needed(column)?;
        self.moment(column)?.ok_or_else(|| refusal(column, "it is no time"))
    }

    /// An array as PostgreSQL shows it, of ids: no id holds a comma or a quote.
    fn texts(&self, column: &str) -> Result<Vec<String>, Refusal> {
        let text = self.needed(column)?;
        let inner = text.trim_start_matches('{').trim_end_matches('}');
        let ids = inner.split(',').map(|id| id.trim_matches('"').to_owned());
        Ok(ids.filter(|id| !id.is_empty()).collect())
    }

    /// Custom fields of a member: an object of theirs.
    fn custom_fields(&self) -> Result<Vec<MemberField>, Refusal> {
        let Some(text) = self.text("fields") else { return Ok(Vec::new()) };
        match serde_json::from_str(&text) {
            Ok(Value::Object(fields)) => Ok(fields
                .into_iter()
                .map(|(key, value)| MemberField { key, value: Some(JsonText::of(&value)) })
                .collect()),
            _ => Err(refusal("fields", "BetterMode wants an object: field → value")),
        }
    }
}
