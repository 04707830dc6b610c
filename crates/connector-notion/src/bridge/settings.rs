//! Which properties tell of a member, and what they may be.

use crate::types::PropertyKind;
use ::bridge::ports::Member;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The property that holds the member's id, unless the project names another.
const ID_PROPERTY: &str = "BetterMode id";

/// What a page tells of a member besides the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Their name; mostly the title.
    Name,
    /// Their address.
    Email,
    /// Their name in addresses.
    Username,
    /// What the service calls their status.
    Status,
    /// When the service changed them last.
    Updated,
    /// That they are gone.
    Gone,
}

impl Field {
    /// All of them.
    pub const ALL: [Field; 6] =
        [Field::Name, Field::Email, Field::Username, Field::Status, Field::Updated, Field::Gone];

    /// Its word in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Email => "email",
            Field::Username => "username",
            Field::Status => "status",
            Field::Updated => "updated",
            Field::Gone => "gone",
        }
    }

    /// The kinds that its property may have; the first one is added where there is none.
    pub(super) fn kinds(self) -> &'static [PropertyKind] {
        use PropertyKind as K;
        match self {
            Field::Name | Field::Username => &[K::RichText, K::Title],
            Field::Email => &[K::Email, K::RichText, K::Title],
            Field::Status => &[K::Select, K::Status, K::RichText],
            Field::Updated => &[K::Date],
            Field::Gone => &[K::Checkbox],
        }
    }

    /// What its property should hold, as its column's text; `None`: nothing is known, and what is there
    /// stays. Of somebody who is gone only that is written: the service shows no more of them.
    pub(super) fn wanted(self, member: &Member, gone: bool) -> Option<String> {
        let text = match self {
            Field::Gone => Some(gone.to_string()),
            _ if gone => None,
            Field::Name => member.name.clone(),
            Field::Email => member.email.clone(),
            Field::Username => member.username.clone(),
            Field::Status => member.status.clone(),
            // The service keeps milliseconds.
            Field::Updated => {
                let at =
                    member.updated_at.and_then(|at| Timestamp::from_millisecond(at.as_millisecond()).ok());
                at.map(|at| at.to_string())
            }
        };
        text.filter(|text| !text.is_empty())
    }
}

/// What a project says about the database of members that the bridge keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagesSettings {
    /// The database (`NOTION_MEMBERS_DATABASE_ID`); the id of its data source is taken, too.
    pub database_id: String,
    /// Id or name of the data source, where the database has several.
    pub data_source: Option<String>,
    /// The property (rich text) that holds the member's id in the community: the mark by which their page is
    /// known.
    pub id_property: String,
    /// The properties that are written, by what they tell.
    pub properties: BTreeMap<Field, String>,
    /// Whether those that are missing are added. One that was renamed is missing, too, and who has no address
    /// gets a second page then: it is for the first start.
    pub add_properties: bool,
    /// Whether a page that has the member's address and no id yet becomes theirs. Else it stays what it is,
    /// and they get another one.
    pub adopt_by_email: bool,
}

impl PagesSettings {
    /// This database; names, addresses and statuses are written, and who is gone is ticked.
    pub fn new(database_id: impl Into<String>) -> Self {
        let properties = [
            (Field::Name, "Name"),
            (Field::Email, "Email"),
            (Field::Status, "BetterMode status"),
            (Field::Gone, "Left BetterMode"),
        ];
        Self {
            database_id: database_id.into(),
            data_source: None,
            id_property: ID_PROPERTY.into(),
            properties: properties.map(|(field, name)| (field, name.to_owned())).into_iter().collect(),
            add_properties: false,
            adopt_by_email: true,
        }
    }
}
