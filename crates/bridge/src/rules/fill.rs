//! Texts, filled with what an event tells.

use crate::event::Event;
use base::Template;
use base::template::{Hole, Piece};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Bytes of a filled text at most: far more than any service takes, and a bound on what a body that is
/// repeated in a text can grow to.
const TEXT_BYTES_MAX: usize = 256 << 10;

/// Everything but the unreserved characters of RFC 3986, section 2.3: a value stays within its part of an
/// address.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How what fills a hole is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// As text in HTML, also within the quotes of an attribute.
    Html,
    /// As a part of an address.
    Url,
}

/// Fills the texts of one action and remembers what was lacking.
#[derive(Debug)]
pub(super) struct Filler<'e> {
    event: &'e Event,
    lacks: Vec<String>,
}

impl<'e> Filler<'e> {
    pub(super) fn new(event: &'e Event) -> Self {
        Self { event, lacks: Vec::new() }
    }

    /// What was lacking, each once, in the order in which it was wanted. Names, no values.
    pub(super) fn lacks(self) -> Vec<String> {
        self.lacks
    }

    fn lack(&mut self, what: String) {
        if !self.lacks.contains(&what) {
            self.lacks.push(what);
        }
    }

    /// A text; when something lacks, what is returned is of no use.
    pub(super) fn text(&mut self, template: &Template, form: Form) -> String {
        let mut out = String::new();
        for piece in template.pieces() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(hole) => match self.event.tells(hole).filter(|told| !told.trim().is_empty()) {
                    Some(told) => write(&mut out, &told, form),
                    None => self.lack(format!("`{hole}` is not told")),
                },
            }
            if out.len() > TEXT_BYTES_MAX {
                self.lack(format!("a text grows beyond {} KiB", TEXT_BYTES_MAX >> 10));
                break;
            }
        }
        out
    }

    /// An address. A value that climbs (`..`) would lead to another place than the one that was written.
    pub(super) fn url(&mut self, template: &Template) -> String {
        let url = self.text(template, Form::Url);
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if path.split('/').any(|step| matches!(step, "." | "..")) {
            self.lack("what is told does not fit into an address".to_owned());
        }
        url
    }

    /// The value of a column; `None`: the event does not tell all of it, and the column is left out. What is
    /// told as nothing is nothing here.
    pub(super) fn column(&mut self, template: &Template) -> Option<String> {
        let mut out = String::new();
        for piece in template.pieces() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(hole) => out.push_str(&self.event.tells(hole)?),
            }
            if out.len() > TEXT_BYTES_MAX {
                self.lack(format!("a column grows beyond {} KiB", TEXT_BYTES_MAX >> 10));
                return None;
            }
        }
        Some(out)
    }

    /// An id that must be told.
    pub(super) fn told(&mut self, name: &str) -> String {
        match self.event.tells(&Hole::Told(name.to_owned())).filter(|told| !told.trim().is_empty()) {
            Some(told) => told,
            None => {
                self.lack(format!("`{name}` is not told"));
                String::new()
            }
        }
    }

    /// Remembers that a moment is not told, or told as no moment; what is returned is of no use.
    pub(super) fn no_moment(&mut self, name: &str) -> Timestamp {
        let told = self.event.told.contains_key(name);
        self.lack(format!("`{name}` is {}", if told { "no moment" } else { "not told" }));
        self.event.occurred
    }
}

fn write(out: &mut String, told: &str, form: Form) {
    match form {
        Form::Plain => out.push_str(told),
        Form::Url => out.extend(utf8_percent_encode(told, ENCODED)),
        Form::Html => {
            for c in told.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&#39;"),
                    c => out.push(c),
                }
            }
        }
    }
}
