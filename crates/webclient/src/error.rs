//! What a request can fail of. No variant holds the key or a query string.

use base::Class;

/// Bytes of a refused answer that are kept for whoever explains it: error bodies are short, an HTML page is
/// cut.
pub const ERROR_BODY_BYTES: usize = 64 * 1024;

/// The beginning of a refused answer. It may hold a value of a record, so it shows only its length.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Body(pub Vec<u8>);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Why there is no answer. `path` is the path of the address, without its query; `attempts` counts all tries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The service answered with another status than 2xx.
    #[error("{path} answered with status {status}{}", tries(*attempts))]
    Status {
        /// The HTTP status.
        status: u16,
        /// The path that was asked.
        path: String,
        /// How many times it was tried.
        attempts: u32,
        /// Whether the answer says that it is HTML.
        html: bool,
        /// The beginning of the answer.
        body: Body,
    },
    /// The service sends its visitors elsewhere; the client does not follow, because of the key.
    #[error("{path} redirects ({status}) to {}", to_host.as_deref().unwrap_or("another path"))]
    Redirect {
        /// The HTTP status.
        status: u16,
        /// The path that was asked.
        path: String,
        /// The other host; `None`: the same.
        to_host: Option<String>,
    },
    /// No connection.
    #[error("{host} cannot be reached: {reason}{}", tries(*attempts))]
    Connect {
        /// Host and port.
        host: String,
        /// What the system says.
        reason: String,
        /// Whether the name is not known.
        unknown_host: bool,
        /// How many times it was tried.
        attempts: u32,
    },
    /// Nothing came for longer than the idle time.
    #[error("{path} did not answer in time{}", tries(*attempts))]
    Timeout {
        /// The path that was asked.
        path: String,
        /// How many times it was tried.
        attempts: u32,
    },
    /// The connection broke before the answer was whole.
    #[error("the answer of {path} was cut off{}", tries(*attempts))]
    Cut {
        /// The path that was asked.
        path: String,
        /// How many times it was tried.
        attempts: u32,
    },
    /// The answer is larger than [`crate::Settings::body_bytes_max`].
    #[error("the answer of {path} is larger than {bytes_max} bytes")]
    TooLarge {
        /// The path that was asked.
        path: String,
        /// The limit.
        bytes_max: usize,
    },
    /// The answer came, and is not what it should be.
    #[error("the answer of {path} cannot be read: {what}{}", tries(*attempts))]
    Malformed {
        /// The path that was asked.
        path: String,
        /// What is wrong with it.
        what: String,
        /// Whether it ended too early (another try was made) rather than being something else.
        cut: bool,
        /// Whether it is an HTML page.
        html: bool,
        /// How many times it was tried.
        attempts: u32,
    },
    /// The client could not be made, or the request could not be written.
    #[error("{what}")]
    Setup {
        /// Why.
        what: String,
    },
}

impl Error {
    /// What can be done about it.
    pub fn class(&self) -> Class {
        match self {
            Error::Status { status, .. } if (500..600).contains(status) || *status == 429 => Class::Retry,
            Error::Status { .. } | Error::TooLarge { .. } => Class::Stop,
            Error::Redirect { .. } | Error::Setup { .. } => Class::Usage,
            Error::Connect { .. } | Error::Timeout { .. } | Error::Cut { .. } => Class::Retry,
            Error::Malformed { cut: true, .. } => Class::Retry,
            Error::Malformed { .. } => Class::Stop,
        }
    }

    /// Whether the service may have done what it was asked for, although nobody can read its answer: a
    /// request that changes something must not be sent again before somebody has looked.
    pub fn may_have_acted(&self) -> bool {
        match self {
            Error::Status { status, .. } => (500..600).contains(status),
            Error::Timeout { .. } | Error::Cut { .. } => true,
            Error::TooLarge { .. } | Error::Malformed { .. } => true,
            Error::Redirect { .. } | Error::Connect { .. } | Error::Setup { .. } => false,
        }
    }

    /// Whether a smaller answer might have come through.
    pub fn smaller_may_help(&self) -> bool {
        matches!(
            self,
            Error::TooLarge { .. }
                | Error::Timeout { .. }
                | Error::Cut { .. }
                | Error::Malformed { cut: true, .. }
                | Error::Status { status: 504, .. }
        )
    }
}

fn tries(attempts: u32) -> String {
    if attempts > 1 { format!(" ({attempts} attempts)") } else { String::new() }
}
