//! Within the process: a bounded cache of members and exact budgets. Nothing outlives the process, and no
//! other process sees it.

mod cache;
mod limits;
mod window;

pub use cache::{Bounds, MemoryCache};
pub use limits::{ENDPOINTS_MAX, MemoryLimits};

pub(crate) use limits::{Recent, possible};
pub(crate) use window::micros;

/// What it is called in [`bridge::ports::StoreState`].
pub(crate) const WHAT: &str = "in process";
