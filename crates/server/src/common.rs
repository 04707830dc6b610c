//! What routes and loops share.

use crate::config::Config;
use crate::dice::Dice;
use crate::log::{Level, Line};
use crate::metrics::Metrics;
use crate::parts::Parts;
use std::fmt::Display;
use tokio::sync::Notify;

/// What routes and loops share.
pub(crate) struct Core {
    pub config: Config,
    pub parts: Parts,
    pub metrics: Metrics,
    pub dice: Dice,
    /// When the server was made.
    pub started: jiff::Timestamp,
    /// New events are there.
    pub to_judge: Notify,
    /// New actions are there.
    pub to_work: Notify,
}

impl Core {
    pub fn new(config: Config, parts: Parts) -> Self {
        let dice = Dice::new(parts.seed);
        let started = parts.clock.now();
        Self {
            config,
            parts,
            metrics: Metrics::default(),
            dice,
            started,
            to_judge: Notify::new(),
            to_work: Notify::new(),
        }
    }

    /// Writes a log line.
    pub fn log(&self, level: Level, what: &'static str, fields: &[(&'static str, &dyn Display)]) {
        self.parts.log.write(&Line { level, what, fields });
    }

    /// The present moment.
    pub fn now(&self) -> jiff::Timestamp {
        self.parts.clock.now()
    }
}
