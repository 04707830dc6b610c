//! Stand-ins for the services that people leave, and the data they hold.
//!
//! [`start`] serves a strict imitation of a service on the loopback interface: what the real service
//! refuses, it refuses. A [`Scenario`] switches on its limits, faults and oddities. [`culturebridge`] makes
//! the data, the same for the same seed, with an exact inventory of what is wrong with it. [`circle`] and
//! [`notion`] are other services, with the data of [`community`]; [`bettermode`] has a community of its own.
//! [`bench`] makes the input of benchmarks.

pub mod bare;
pub mod bench;
pub mod bettermode;
mod bubble;
pub mod circle;
pub mod community;
pub mod culturebridge;
mod http;
mod json;
mod kinds;
pub mod notion;
mod rng;
pub mod scenario;
pub mod schema;
mod serve;
pub mod table;
mod time;

pub use bubble::running::{Change, ChangeKind, Running, Stats};
pub use scenario::{Scenario, ScenarioProblem};
pub use serve::time::SharedClock;

/// Bookings that a data set may have at most: slots of a table are 32-bit, and memory ends long before.
pub const RECORDS_MAX: u64 = 10_000_000;

/// What to serve, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct SandboxOptions {
    /// The TCP port; 0 takes a free one.
    pub port: u16,
    /// The number of bookings; the others are in proportion.
    pub records: u64,
    /// Where the data, the token and the random choices come from.
    pub seed: u64,
    /// How the service behaves.
    pub scenario: Scenario,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self { port: 0, records: 400, seed: 1, scenario: Scenario::default() }
    }
}

/// A service that can be imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// Bubble's Data API, with the data of CultureBridge.
    Bubble,
}

impl Service {
    /// All of them.
    pub const ALL: &'static [Service] = &[Service::Bubble];

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Service::Bubble => "bubble",
        }
    }

    /// The service of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|service| service.word() == word)
    }
}

/// Why a stand-in did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The port is taken, or the system refuses it.
    #[error("the sandbox cannot listen on 127.0.0.1:{port}: {cause}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        cause: std::io::Error,
    },
    /// More bookings than a table can number.
    #[error("the sandbox makes {RECORDS_MAX} bookings at most, not {records}")]
    TooManyRecords {
        /// The number asked for.
        records: u64,
    },
    /// More members than a community may have.
    #[error("the sandbox makes {most} members at most, not {records}")]
    TooManyMembers {
        /// The number asked for.
        records: u64,
        /// As many as there may be.
        most: u64,
    },
    /// The scenario fits no data: a record that is to be made huge does not exist.
    #[error("the scenario's huge record: {type_name} has no record whose {field} could be long")]
    NoHugeRecord {
        /// The type.
        type_name: String,
        /// The field.
        field: String,
    },
    /// A listener of the scenario cannot be told anything.
    #[error("{url} does not listen: {problem}")]
    Listener {
        /// Its address.
        url: String,
        /// Why not.
        problem: bettermode::ListenProblem,
    },
    /// The HTTP client for webhooks could not be made.
    #[error("the sandbox cannot make an HTTP client")]
    Client,
    /// The task that made the data ended without it.
    #[error("the data of the sandbox could not be made")]
    Data,
}

/// Starts a stand-in on 127.0.0.1; it serves until [`Running::stop`] or until its handle is dropped.
pub async fn start(service: Service, options: SandboxOptions) -> Result<Running, SandboxError> {
    if options.records > RECORDS_MAX {
        return Err(SandboxError::TooManyRecords { records: options.records });
    }
    match service {
        Service::Bubble => bubble::running::start(options).await,
    }
}
