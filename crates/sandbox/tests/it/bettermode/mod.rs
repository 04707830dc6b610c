//! The stand-in of BetterMode from outside: request by request, what comes back.

mod auth;
mod chats;
mod events;
mod faults;
mod limits;
mod members;
mod paging;
mod people;
mod posts;
mod reactions;
mod schema;
mod spaces;
mod support;
mod uploads;
mod webhooks;
