//! Events: things that take place. Only the newest schema has them, and how their mutations take arguments is
//! not known for sure (`NOTES.md`).

use super::Moment;
use super::lenient;
use super::words::{EventStatus, RegistrationStatus};
use serde::{Deserialize, Serialize};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The service's id.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// What it is about, HTML.
    pub content: Option<String>,
    /// Its name in addresses.
    pub slug: Option<String>,
    /// Where it stands.
    pub status: Option<EventStatus>,
    /// The space that it is in.
    pub space_id: Option<String>,
    /// Who made it: the token's member, always.
    pub created_by_id: Option<String>,
    /// Who gives it.
    #[serde(default, deserialize_with = "lenient::list")]
    pub host_ids: Vec<String>,
    /// When it begins.
    pub start_time: Option<Moment>,
    /// When it ends.
    pub end_time: Option<Moment>,
    /// The time zone that it is shown in.
    pub time_zone: Option<String>,
    /// How many may come.
    pub capacity: Option<u64>,
    /// How many will come.
    pub registrations_count: Option<u64>,
    /// When it was made; cannot be set.
    pub created_at: Option<Moment>,
    /// When it changed; cannot be set.
    pub updated_at: Option<Moment>,
}

/// Somebody who comes to an event, or came no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRegistration {
    /// The service's id.
    pub id: Option<String>,
    /// The event.
    pub event_id: Option<String>,
    /// The member.
    pub member_id: Option<String>,
    /// Whether they come.
    pub status: Option<RegistrationStatus>,
    /// When they said so.
    pub registered_at: Option<Moment>,
    /// When they took it back.
    pub cancelled_at: Option<Moment>,
}

impl EventRegistration {
    /// Whether the member still comes; of what the service does not say, yes.
    pub fn stands(&self) -> bool {
        self.status != Some(RegistrationStatus::Cancelled)
    }
}

/// When an event tells people about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationSettings {
    /// When it is deleted.
    pub notify_on_delete: bool,
    /// When somebody registers.
    pub notify_on_register: bool,
    /// When it changes.
    pub notify_on_update: bool,
    /// Before it begins.
    pub remind_before: bool,
}

impl NotificationSettings {
    /// It never does.
    pub const SILENT: Self = Self {
        notify_on_delete: false,
        notify_on_register: false,
        notify_on_update: false,
        remind_before: false,
    };
}

/// An event to be made. It can be given no owner, no date of making and no external id.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEvent {
    /// Its title.
    pub title: String,
    /// What it is about, HTML.
    pub content: String,
    /// When it begins.
    pub start_time: Moment,
    /// When it ends.
    pub end_time: Moment,
    /// The time zone that it is shown in.
    pub time_zone: String,
    /// Who gives it.
    pub host_ids: Vec<String>,
    /// When it tells people about itself.
    pub notification_settings: NotificationSettings,
    /// Its name in addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// How many may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
    /// Where it is on the net.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub virtual_locations: Vec<VirtualLocation>,
}

impl std::fmt::Debug for NewEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewEvent").field("start_time", &self.start_time).finish_non_exhaustive()
    }
}

/// A place on the net.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualLocation {
    /// Whose: the service's word for it.
    pub provider: String,
    /// Its address.
    pub url: String,
}

/// What is to change about an event; what is `None` stays.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventUpdate {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about, HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Moment>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    /// The time zone that it is shown in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Who gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_ids: Option<Vec<String>>,
    /// How many may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
}

impl std::fmt::Debug for EventUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventUpdate").field("start_time", &self.start_time).finish_non_exhaustive()
    }
}
