//! Structured log lines, into a sink that is handed in. No value of a record: ids, codes, counts.

use std::fmt::{Display, Formatter, Result, Write};

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

/// One line.
pub struct Line<'a> {
    /// How much it matters.
    pub level: Level,
    /// What happened: a fixed text, the same for every line of its kind.
    pub what: &'static str,
    /// With what: names and values.
    pub fields: &'a [(&'static str, &'a dyn Display)],
}

/// `events kept count=3 ms=2`; a value with anything but plain characters stands in quotes, on one line.
impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.what)?;
        for (name, value) in self.fields {
            let value = value.to_string();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/%+@".contains(c);
            if !value.is_empty() && value.chars().all(plain) {
                write!(f, " {name}={value}")?;
            } else {
                write!(f, " {name}={value:?}")?;
            }
        }
        Ok(())
    }
}

/// Where lines go.
pub trait Log: Send + Sync {
    /// Takes a line; it must not wait.
    fn write(&self, line: &Line<'_>);
}

impl Line<'_> {
    /// It as JSON, for who wants its fields apart.
    pub fn json(&self) -> String {
        let mut text = format!("{{\"what\":{}", serde_json::Value::from(self.what));
        for (name, value) in self.fields {
            let (name, value) = (serde_json::Value::from(*name), serde_json::Value::from(value.to_string()));
            // Writing to a string does not fail.
            let _ = write!(text, ",{name}:{value}");
        }
        text.push('}');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_break_out_of_its_line() {
        let fields: [(&str, &dyn Display); 4] =
            [("id", &"a-1"), ("ms", &12), ("fault", &"two words"), ("odd", &"a\nERROR \"x\"")];
        let line = Line { level: Level::Info, what: "request answered", fields: &fields };
        assert_eq!(
            line.to_string(),
            r#"request answered id=a-1 ms=12 fault="two words" odd="a\nERROR \"x\"""#
        );
        let json: serde_json::Value = serde_json::from_str(&line.json()).unwrap();
        assert_eq!(json["odd"], "a\nERROR \"x\"");
        assert_eq!(json["what"], "request answered");
    }
}
