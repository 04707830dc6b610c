//! The windows of 60 seconds, of each connection and of the workspace.

use super::scenario::Window;
use std::collections::HashMap;
use std::sync::Mutex;

/// The length of a window, milliseconds.
const LENGTH: i64 = 60_000;

/// When a window began, and the requests in it.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    since: Option<i64>,
    requests: u64,
}

/// The windows at present.
pub(super) struct Windows {
    window: Window,
    /// By token; the workspace's under an empty one.
    seen: Mutex<HashMap<String, Seen>>,
}

impl Windows {
    pub fn new(window: Window) -> Self {
        Self { window, seen: Mutex::default() }
    }

    /// Counts a request; beyond a limit, how many seconds are left of its window, and which one it was.
    pub fn take(&self, token: &str, now: i64) -> Result<(), (i64, &'static str)> {
        let mut seen = self.seen.lock().unwrap_or_else(|e| e.into_inner());
        let limits = [
            (token, self.window.connection, "connection_limit"),
            ("", self.window.workspace, "workspace_limit"),
        ];
        for (of, limit, reason) in limits {
            let Some(limit) = limit else { continue };
            let entry = seen.entry(of.to_owned()).or_default();
            let since = entry.since.filter(|since| now - since < LENGTH).unwrap_or_else(|| {
                entry.requests = 0;
                now
            });
            entry.since = Some(since);
            if entry.requests >= limit {
                return Err(((since + LENGTH - now + 999) / 1000, reason));
            }
            entry.requests += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_a_window_and_all_share_one() {
        let windows = Windows::new(Window { connection: Some(2), workspace: Some(3), ..Window::default() });
        let steps = [
            ("a", 0, Ok(())),
            ("a", 1_000, Ok(())),
            ("a", 2_000, Err((58, "connection_limit"))),
            ("b", 2_000, Ok(())),
            ("b", 3_000, Err((57, "workspace_limit"))),
            ("a", 60_000, Ok(())),
        ];
        for (token, now, expected) in steps {
            assert_eq!(windows.take(token, now), expected, "{token} at {now}");
        }
    }
}
