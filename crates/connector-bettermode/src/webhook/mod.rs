//! The wire side of webhooks: is it from the service, what does it tell, what is the answer.
//!
//! Everything here is pure. Whoever receives a request calls [`verify`] with the raw body, then
//! [`Payload::read`], stores what is to be stored, and answers with [`Payload::succeeded`] or
//! [`Payload::failed`].

mod answer;
mod names;
mod order;
mod payload;
mod signature;

pub use ::bridge::body::SECRET_KEYS;
pub use answer::{Answer, ErrorCode};
pub use names::{EventName, Route};
pub use order::RecordKey;
pub use payload::{Actor, NotAPayload, Payload, PayloadType, Subscription, Target};
pub use signature::{Headers, Refused, WINDOW, parse_secrets, verify};
