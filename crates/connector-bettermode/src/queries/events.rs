//! Events. **The one place that knows how their operations take arguments**, which nobody has seen: the guess
//! is that they take them as posts do. If the service says otherwise, these texts change and nothing else.

use super::{Cost, Operation, read, write};

const EVENT_PARTS: &str = "fragment EventParts on Event {
  id title content slug status spaceId createdById hostIds startTime endTime timeZone
  capacity registrationsCount createdAt updatedAt
}";

/// An event: an object, the list of its hosts.
const EVENT_COST: u64 = 1 + 1;

/// One event.
pub const EVENT: Operation = read(
    "Event",
    "event",
    Cost::of(EVENT_COST),
    "query Event($id: ID!) { event(id: $id) { ...EventParts } }",
    &[EVENT_PARTS],
);

/// Events by page.
pub const EVENTS: Operation = read(
    "Events",
    "events",
    Cost::page(EVENT_COST),
    "query Events($limit: Int!, $after: String) {
  events(limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ...EventParts }
  }
}",
    &[EVENT_PARTS],
);

/// Their ids only.
pub const EVENT_IDS: Operation = read(
    "EventIds",
    "events",
    Cost::page(1),
    "query EventIds($limit: Int!, $after: String) {
  events(limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { id }
  }
}",
    &[],
);

/// Makes an event.
pub const CREATE_EVENT: Operation = write(
    "CreateEvent",
    "createEvent",
    Cost::of(EVENT_COST),
    "mutation CreateEvent($spaceId: ID!, $input: CreateEventInput!) {
  createEvent(spaceId: $spaceId, input: $input) { ...EventParts }
}",
    &[EVENT_PARTS],
);

/// Changes an event.
pub const UPDATE_EVENT: Operation = write(
    "UpdateEvent",
    "updateEvent",
    Cost::of(EVENT_COST),
    "mutation UpdateEvent($id: ID!, $input: UpdateEventInput!) {
  updateEvent(id: $id, input: $input) { ...EventParts }
}",
    &[EVENT_PARTS],
);

/// Deletes an event.
pub const DELETE_EVENT: Operation = write(
    "DeleteEvent",
    "deleteEvent",
    Cost::of(1),
    "mutation DeleteEvent($id: ID!) { deleteEvent(id: $id) { status } }",
    &[],
);

/// Who comes to an event, by page.
pub const EVENT_REGISTRATIONS: Operation = read(
    "EventRegistrations",
    "eventRegistrations",
    Cost::page(1),
    "query EventRegistrations($eventId: ID!, $limit: Int!, $after: String) {
  eventRegistrations(eventId: $eventId, limit: $limit, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { id eventId memberId status registeredAt cancelledAt }
  }
}",
    &[],
);

/// Registers the token's member.
pub const REGISTER_FOR_EVENT: Operation = write(
    "RegisterForEvent",
    "registerForEvent",
    Cost::of(1),
    "mutation RegisterForEvent($id: ID!) { registerForEvent(id: $id) { status } }",
    &[],
);

/// Takes that back.
pub const CANCEL_REGISTRATION: Operation = write(
    "CancelRegistration",
    "cancelEventRegistration",
    Cost::of(1),
    "mutation CancelRegistration($id: ID!) { cancelEventRegistration(id: $id) { status } }",
    &[],
);
