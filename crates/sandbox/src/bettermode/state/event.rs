//! Events and who comes.

use crate::bettermode::moment::Moment;
use serde::{Deserialize, Serialize};

/// `EventStatus`, as far as the stand-in brings an event there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EventStatus {
    Published,
    Deleted,
}

/// Which notices an event sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationSettings {
    pub notify_on_delete: bool,
    pub notify_on_register: bool,
    pub notify_on_update: bool,
    pub remind_before: bool,
}

/// How an event comes again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recurrence {
    pub frequency: String,
    pub repeats_on: Option<Vec<String>>,
    pub recurrence_end_date: Option<Moment>,
}

/// An address on the net.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct VirtualLocation {
    pub id: String,
    pub provider: String,
    pub url: String,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalLocation {
    pub id: String,
    pub place_id: Option<String>,
    pub latitude: f64,
    pub longitude: f64,
    pub display_name: Option<String>,
    pub formatted_address: Option<String>,
}

/// An event.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub id: String,
    pub title: String,
    pub content: String,
    pub slug: String,
    pub status: EventStatus,
    pub start_time: Moment,
    pub end_time: Moment,
    pub time_zone: String,
    pub capacity: Option<u64>,
    pub space_id: String,
    pub created_by_id: String,
    pub host_ids: Vec<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub thumbnail_id: Option<String>,
    pub tag_ids: Vec<String>,
    pub attachment_ids: Vec<String>,
    pub notification_settings: NotificationSettings,
    pub recurrence_config: Option<Recurrence>,
    pub virtual_locations: Vec<VirtualLocation>,
    pub physical_locations: Vec<PhysicalLocation>,
}

/// Somebody who comes, or came no longer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration {
    pub id: String,
    pub event_id: String,
    pub member_id: String,
    pub registered_at: Moment,
    pub cancelled_at: Option<Moment>,
}

impl Registration {
    /// Whether the member still comes.
    pub fn stands(&self) -> bool {
        self.cancelled_at.is_none()
    }

    /// `EventRegistrationStatus`.
    pub fn status(&self) -> &'static str {
        if self.stands() { "registered" } else { "cancelled" }
    }
}
