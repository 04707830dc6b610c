//! How a private server is to be.

/// Settings of a private server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub(super) fsync: bool,
    pub(super) settings: Vec<(String, String)>,
}

impl Default for Options {
    /// Quick and careless: nothing is forced to disk.
    fn default() -> Self {
        Self { fsync: false, settings: Vec::new() }
    }
}

impl Options {
    /// Whether commits are forced to disk: `true` for measurements. A killed *server* loses no commit either
    /// way; only a machine that loses power would.
    #[must_use]
    pub fn fsync(mut self, on: bool) -> Self {
        self.fsync = on;
        self
    }

    /// One more line of `postgresql.conf`.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// The lines of `postgresql.conf` that differ from the server's defaults.
    pub(super) fn configuration(&self) -> String {
        // Not `synchronous_commit = off`: with it a killed server forgets commits of the last moment.
        let careless = [("fsync", "off"), ("full_page_writes", "off")];
        let base = [
            ("listen_addresses", "127.0.0.1"),
            ("timezone", "UTC"),
            ("max_connections", "100"),
            ("log_min_messages", "warning"),
        ];
        let speed = if self.fsync { &[][..] } else { &careless[..] };
        let own = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        base.iter()
            .chain(speed)
            .copied()
            .chain(own)
            .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_quoted_and_come_last_so_that_they_win() {
        let text =
            Options::default().set("max_connections", "7").set("search_path", "'a', b").configuration();
        assert!(text.contains("fsync = 'off'\n"), "{text}");
        assert!(text.ends_with("max_connections = '7'\nsearch_path = '''a'', b'\n"), "{text}");
        assert!(!Options::default().fsync(true).configuration().contains("fsync"));
    }
}
