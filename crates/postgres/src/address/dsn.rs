//! The form `host=db.example.org dbname='my app' password=it\'s`.

use super::unreadable;
use super::url::Given;
use base::Fault;

/// Reads it as `conninfo_parse` of libpq does: blanks around `=`, single quotes, backslashes.
pub(super) fn parse(text: &str) -> Result<Given, Fault> {
    let mut given = Given::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(given);
        }
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| *c != '=' && !c.is_whitespace()) {
            name.push(c);
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.next() != Some('=') {
            // The name is not shown: it may be the rest of a password with a blank.
            return Err(unreadable("a word has no =")
                .hint("put a value with blanks into single quotes: password='two words'"));
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        given.push((name, value(&mut rest)?));
    }
}

fn value(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, Fault> {
    let mut out = String::new();
    let quoted = rest.next_if_eq(&'\'').is_some();
    loop {
        match rest.next() {
            None if quoted => return Err(unreadable("a single quote is not closed")),
            None => return Ok(out),
            Some('\'') if quoted => return Ok(out),
            Some('\\') => out.extend(rest.next()),
            Some(c) if !quoted && c.is_whitespace() => return Ok(out),
            Some(c) => out.push(c),
        }
    }
}
