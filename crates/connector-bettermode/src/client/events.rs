//! Events. How their operations take arguments is a guess that stands in [`crate::queries`] alone.

use super::{Client, Walk};
use crate::errors::Error;
use crate::queries;
use crate::types::{Event, EventRegistration, EventUpdate, NewEvent};
use serde_json::{Value, json};

impl Client {
    /// An event by id; `None`: there is none.
    pub async fn get_event(&self, id: &str) -> Result<Option<Event>, Error> {
        self.find(&queries::EVENT, json!({ "id": id })).await
    }

    /// All events.
    pub fn events(&self) -> Walk<Event> {
        Walk::new(self, &queries::EVENTS, json!({}))
    }

    /// How many events there are.
    pub async fn events_total(&self) -> Result<Option<u64>, Error> {
        Walk::<Value>::new(self, &queries::EVENT_IDS, json!({})).total().await
    }

    /// Makes an event in a space. It is the token's member's, made now: neither can be set.
    pub async fn create_event(&self, space_id: &str, event: &NewEvent) -> Result<Event, Error> {
        self.call(&queries::CREATE_EVENT, json!({"spaceId": space_id, "input": event})).await
    }

    /// Changes an event.
    pub async fn update_event(&self, id: &str, update: &EventUpdate) -> Result<Event, Error> {
        self.call(&queries::UPDATE_EVENT, json!({"id": id, "input": update})).await
    }

    /// Deletes an event.
    pub async fn delete_event(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::DELETE_EVENT, json!({ "id": id })).await
    }

    /// Who comes to an event, and who came no longer.
    pub fn event_registrations(&self, event_id: &str) -> Walk<EventRegistration> {
        Walk::new(self, &queries::EVENT_REGISTRATIONS, json!({ "eventId": event_id }))
    }

    /// Registers the token's member; somebody else with [`Client::acting_as`]. [`Error::Failed`]: they are
    /// registered already, or nobody else may come.
    pub async fn register_for_event(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::REGISTER_FOR_EVENT, json!({ "id": id })).await
    }

    /// Takes that back. [`Error::Failed`]: they were not registered.
    pub async fn cancel_registration(&self, id: &str) -> Result<(), Error> {
        self.act(&queries::CANCEL_REGISTRATION, json!({ "id": id })).await
    }
}
