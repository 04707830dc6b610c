//! How much is said: levels by the names that `LOG_LEVEL` takes, in any case.

/// How much a line matters; the order is that of their weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For who looks for a cause.
    Debug,
    /// What happens.
    Info,
    /// What wants attention.
    Warning,
    /// What went wrong.
    Error,
}

/// The names, Python's among them.
const NAMES: [(&str, Level); 10] = [
    ("NOTSET", Level::Debug),
    ("TRACE", Level::Debug),
    ("DEBUG", Level::Debug),
    ("INFO", Level::Info),
    ("WARN", Level::Warning),
    ("WARNING", Level::Warning),
    ("ERROR", Level::Error),
    ("CRITICAL", Level::Error),
    ("FATAL", Level::Error),
    ("OFF", Level::Error),
];

impl Level {
    /// The level of that name.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, level)| *level)
    }

    /// The names, for a message.
    pub fn names() -> String {
        ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"].join(", ")
    }

    /// Its word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn names_are_taken_in_any_case_and_nothing_else_is() {
        for (name, expected) in [
            ("debug", Some(Level::Debug)),
            ("Info", Some(Level::Info)),
            ("WARNING", Some(Level::Warning)),
            ("warn", Some(Level::Warning)),
            (" error ", Some(Level::Error)),
            ("Critical", Some(Level::Error)),
            ("NotSet", Some(Level::Debug)),
            ("loud", None),
            ("", None),
        ] {
            assert_eq!(Level::of(name), expected, "{name:?}");
        }
    }
}
