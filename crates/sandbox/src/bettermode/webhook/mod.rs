//! Webhooks: what happened is told to whoever listens, signed, and the answers are judged.

mod envelope;
mod judge;
mod names;
mod sender;

pub(crate) use envelope::Happening;
pub use judge::Verdict;
pub(crate) use names::{EVENTS, EventName};
pub(crate) use sender::Sender;
pub use sender::{Burst, Delivery, Forgery, ListenProblem, Order};

/// Whether an address is on this machine: nothing else is ever called.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    ["127.0.0.1", "localhost", "::1"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_called() {
        for (url, expected) in [
            ("http://127.0.0.1:8080/webhooks/bettermode/member", true),
            ("http://localhost/x", true),
            ("http://[::1]:80/", true),
            ("http://127.0.0.1.example.test/", false),
            ("http://127.0.0.1@example.test/", false),
            ("http://example.test/?http://127.0.0.1", false),
            ("https://127.0.0.1/", false),
            ("127.0.0.1:80", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }
}
