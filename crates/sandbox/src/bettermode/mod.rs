//! BetterMode: its GraphQL API, its webhooks, and a small community.
//!
//! What is known of the wire, what is only supposed, and which switch stands for which reading is in
//! `BETTERMODE.md` beside the manifest. Where readings differ the stricter one is the default.

mod answer;
mod app;
mod auth;
mod clock;
mod commands;
mod counters;
mod faults;
mod filter;
mod graphql;
mod html;
mod ids;
mod limits;
mod moment;
mod people;
mod permissions;
mod refusal;
mod resolve;
mod running;
pub mod scenario;
mod seed;
mod sent;
mod state;
mod upload;
mod webhook;

pub use clock::HandClock;
pub use counters::Stats;
pub use people::People;
pub use running::{MEMBERS_MAX, Options, Records, Running, start};
pub use scenario::{Fault, FaultKind, Listener, Scenario};
pub use sent::{Sending, SentKind};
pub use webhook::{Burst, Delivery, Forgery, ListenProblem, Order, Verdict};
