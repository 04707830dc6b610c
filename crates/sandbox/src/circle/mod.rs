//! Circle: the administration's API (Admin v2), the members' own (headless) as far as a move needs it, and
//! the files that both name.
//!
//! What the vendor's documents, its specification and its clients agree on is done as they say. Where they
//! are silent or disagree, a scenario switches between the readings. Of shapes that no source gives the
//! stand-in makes its own, with the field names that are known; `SCENARIOS-CIRCLE.md` names them. The data
//! is that of [`crate::community`]. The administration is read only: any other verb is refused and counted.

mod admin;
mod app;
mod data;
mod drift;
mod endpoint;
mod files;
mod headless;
mod limits;
mod params;
mod records;
mod refusal;
mod running;
mod scenario;
mod tokens;
mod view;

pub use data::Stream;
pub use running::{Change, ChangeKind, Options, Running, Stats, start};
pub use scenario::{
    Auth, Drift, ErrorDetails, Files, Headless, Lists, NextFlag, PageCount, Paging, Quota, Replies, Scenario,
    Schemes, Window,
};
