//! `json` and `jsonb`.
//!
//! The server keeps jsonb as a tree and prints it in one way: keys by length and then by bytes, `": "` and
//! `", "`, numbers as `numeric` prints them. Writing the same text here lets most cells agree byte for
//! byte when they come back.

use crate::bad::{Malformed, Why};
use crate::json_text::{DEPTH_MAX, Raw, Reader, quote};
use crate::numeric;
use std::ops::Range;

/// The first byte of jsonb on the wire (`jsonb_send`).
const VERSION: u8 = 1;

/// Bytes of a jsonb at most: lengths in its tree have 28 bits (`JENTRY_OFFLENMASK` in `jsonb.h`).
const JSONB_BYTES_MAX: usize = 0x0FFF_FFFF;

/// What is made of a text on its way through.
#[derive(Clone, Copy, PartialEq)]
enum Make {
    /// Nothing: it is only tried.
    Trial,
    /// The text that PostgreSQL prints of the jsonb.
    Jsonb,
    /// The same, and numbers of the same value look the same.
    Canonical,
}

/// Appends a json: the text as it is, once it is known to be right.
pub(crate) fn encode_json(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    Walk::new(text, Make::Trial, out).all()?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Appends a jsonb. On failure the caller drops what was appended.
pub(crate) fn encode_jsonb(text: &str, out: &mut Vec<u8>) -> Result<(), Why> {
    out.push(VERSION);
    Walk::new(text, Make::Jsonb, out).all()
}

/// The text of a jsonb on the wire.
pub(crate) fn read_jsonb(bytes: &[u8]) -> Result<&str, Malformed> {
    const MALFORMED: Malformed = Malformed::new("a jsonb");
    let text = bytes.strip_prefix(&[VERSION]).ok_or(MALFORMED)?;
    std::str::from_utf8(text).map_err(|_| MALFORMED)
}

/// Appends a text that is the same for all jsonb that PostgreSQL calls equal.
pub(crate) fn canonical(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let text = read_jsonb(bytes)?;
    Walk::new(text, Make::Canonical, out).all().map_err(|_| Malformed::new("a jsonb"))
}

/// A member of an object: its key in `Walk::keys`, and the whole of it in the output.
struct Member {
    key: Range<usize>,
    text: Range<usize>,
}

struct Walk<'a, 'o> {
    reader: Reader<'a>,
    make: Make,
    out: &'o mut Vec<u8>,
    /// Where the output began.
    start: usize,
    /// The keys of the objects around here, without escapes, one behind the other.
    keys: String,
    /// The members of the objects around here, the innermost object's last.
    members: Vec<Member>,
    /// Where members wait while they change places.
    swap: Vec<u8>,
}

impl<'a, 'o> Walk<'a, 'o> {
    fn new(text: &'a str, make: Make, out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        let (reader, members) = (Reader::new(text), Vec::new());
        Self { reader, make, out, start, keys: String::new(), members, swap: Vec::new() }
    }

    fn all(mut self) -> Result<(), Why> {
        self.value(0)?;
        self.reader.end()
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.make != Make::Trial {
            self.out.extend_from_slice(bytes);
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), Why> {
        match self.reader.peek().ok_or(Why::NotJson)? {
            b'{' => self.object(depth + 1)?,
            b'[' => self.list(depth + 1)?,
            b'"' => {
                let raw = self.reader.string()?;
                self.string(raw)?;
            }
            b'-' | b'0'..=b'9' => {
                let number = self.reader.number()?;
                if self.make != Make::Trial {
                    numeric::reprint(number, self.make == Make::Canonical, self.out)?;
                }
            }
            _ => {
                let word = self.reader.word()?;
                self.put(word.as_bytes());
            }
        }
        if self.make != Make::Trial && self.out.len() - self.start > JSONB_BYTES_MAX {
            return Err(Why::TooManyBytes { max: JSONB_BYTES_MAX });
        }
        Ok(())
    }

    fn string(&mut self, raw: Raw) -> Result<(), Why> {
        if self.make == Make::Trial {
            return Ok(());
        }
        if raw.nul {
            return Err(Why::EscapedNul);
        }
        if raw.escaped {
            let before = self.keys.len();
            raw.unescape(&mut self.keys);
            quote(&self.keys[before..], self.out);
            self.keys.truncate(before);
        } else {
            // Without escapes there is nothing in it that needs one.
            self.out.push(b'"');
            self.out.extend_from_slice(raw.text.as_bytes());
            self.out.push(b'"');
        }
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<(), Why> {
        self.open(b'[', depth)?;
        if !self.reader.take(b']') {
            loop {
                self.value(depth)?;
                if !self.reader.take(b',') {
                    break;
                }
                self.put(b", ");
            }
            self.reader.need(b']')?;
        }
        self.put(b"]");
        Ok(())
    }

    fn open(&mut self, bracket: u8, depth: usize) -> Result<(), Why> {
        if depth > DEPTH_MAX {
            return Err(Why::TooDeep { max: DEPTH_MAX });
        }
        self.reader.need(bracket)?;
        self.put(&[bracket]);
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), Why> {
        self.open(b'{', depth)?;
        let (first_member, first_key) = (self.members.len(), self.keys.len());
        if !self.reader.take(b'}') {
            loop {
                self.reader.peek();
                let raw = self.reader.string()?;
                let key = self.keys.len();
                raw.unescape(&mut self.keys);
                let key = key..self.keys.len();
                let start = self.out.len();
                self.string(raw)?;
                self.reader.need(b':')?;
                self.put(b": ");
                self.value(depth)?;
                self.members.push(Member { key, text: start..self.out.len() });
                if !self.reader.take(b',') {
                    break;
                }
                self.put(b", ");
            }
            self.reader.need(b'}')?;
            self.order(first_member)?;
        }
        self.members.truncate(first_member);
        self.keys.truncate(first_key);
        self.put(b"}");
        Ok(())
    }

    /// Puts the members of the innermost object into jsonb's order, and finds keys that stand twice.
    fn order(&mut self, first: usize) -> Result<(), Why> {
        let keys = self.keys.as_bytes();
        let rank = |member: &Member| (member.key.len(), &keys[member.key.clone()]);
        let members = &mut self.members[first..];
        if members.is_sorted_by(|a, b| rank(a) < rank(b)) {
            return Ok(());
        }
        let all = members[0].text.start;
        members.sort_unstable_by(|a, b| rank(a).cmp(&rank(b)));
        if members.windows(2).any(|pair| rank(&pair[0]) == rank(&pair[1])) {
            return Err(Why::KeyTwice);
        }
        if self.make != Make::Trial {
            self.swap.clear();
            self.swap.extend_from_slice(&self.out[all..]);
            self.out.truncate(all);
            for (at, member) in members.iter().enumerate() {
                if at > 0 {
                    self.out.extend_from_slice(b", ");
                }
                self.out.extend_from_slice(&self.swap[member.text.start - all..member.text.end - all]);
            }
        }
        Ok(())
    }
}
