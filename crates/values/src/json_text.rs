//! JSON (RFC 8259) token by token: one reader for json, jsonb and lists of values.

use crate::bad::Why;

/// How deep lists and objects may nest: the reader is recursive, and a thread's stack is finite.
pub(crate) const DEPTH_MAX: usize = 512;

/// A place in a JSON text.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// A string between its quotes, as written; its escapes are known to be right.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a> {
    /// What stands between the quotes.
    pub text: &'a str,
    /// Whether a backslash is in it.
    pub escaped: bool,
    /// Whether `\u0000` is in it.
    pub nul: bool,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is no white space; it stays where it is.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes the next byte that is no white space if it is `byte`.
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Takes `byte`, which must be next.
    #[inline]
    pub fn need(&mut self, byte: u8) -> Result<(), Why> {
        if self.take(byte) { Ok(()) } else { Err(Why::NotJson) }
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), Why> {
        if self.peek().is_none() { Ok(()) } else { Err(Why::NotJson) }
    }

    /// The place in the text.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text from a place on to here.
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Takes `true`, `false` or `null`.
    pub fn word(&mut self) -> Result<&'a str, Why> {
        for word in ["true", "false", "null"] {
            if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(word);
            }
        }
        Err(Why::NotJson)
    }

    /// Takes a number; JSON has no leading zeros, no plus and digits on both sides of the point.
    pub fn number(&mut self) -> Result<&'a str, Why> {
        let rest = &self.text.as_bytes()[self.at..];
        let mut end = usize::from(rest.first() == Some(&b'-'));
        let digits = |end: &mut usize| {
            let start = *end;
            while rest.get(*end).is_some_and(u8::is_ascii_digit) {
                *end += 1;
            }
            *end - start
        };
        let start = end;
        let int = digits(&mut end);
        if int == 0 || (int > 1 && rest[start] == b'0') {
            return Err(Why::NotJson);
        }
        if rest.get(end) == Some(&b'.') {
            end += 1;
            if digits(&mut end) == 0 {
                return Err(Why::NotJson);
            }
        }
        if matches!(rest.get(end), Some(b'e' | b'E')) {
            end += 1;
            end += usize::from(matches!(rest.get(end), Some(b'+' | b'-')));
            if digits(&mut end) == 0 {
                return Err(Why::NotJson);
            }
        }
        let start = self.at;
        self.at += end;
        Ok(self.since(start))
    }

    /// Takes a string, quotes and all.
    pub fn string(&mut self) -> Result<Raw<'a>, Why> {
        self.need(b'"')?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let (mut escaped, mut nul) = (false, false);
        loop {
            match bytes.get(self.at).ok_or(Why::NotJson)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    nul |= self.escape()? == Some('\0');
                }
                0..=0x1F => return Err(Why::NotJson),
                _ => self.at += 1,
            }
        }
        let text = self.since(start);
        self.at += 1;
        Ok(Raw { text, escaped, nul })
    }

    /// Takes a value of any kind; `depth` lists and objects are around it. Keys that stand twice are not
    /// seen.
    pub fn skip(&mut self, depth: usize) -> Result<(), Why> {
        if depth >= DEPTH_MAX {
            return Err(Why::TooDeep { max: DEPTH_MAX });
        }
        match self.peek().ok_or(Why::NotJson)? {
            b'{' => {
                self.at += 1;
                if self.take(b'}') {
                    return Ok(());
                }
                loop {
                    self.peek();
                    self.string()?;
                    self.need(b':')?;
                    self.skip(depth + 1)?;
                    if !self.take(b',') {
                        return self.need(b'}');
                    }
                }
            }
            b'[' => {
                self.at += 1;
                if self.take(b']') {
                    return Ok(());
                }
                loop {
                    self.skip(depth + 1)?;
                    if !self.take(b',') {
                        return self.need(b']');
                    }
                }
            }
            b'"' => self.string().map(|_| ()),
            b'-' | b'0'..=b'9' => self.number().map(|_| ()),
            _ => self.word().map(|_| ()),
        }
    }

    /// Takes an escape; a pair of surrogates is one.
    fn escape(&mut self) -> Result<Option<char>, Why> {
        let (c, length) = escape(&self.text.as_bytes()[self.at..])?;
        self.at += length;
        Ok(Some(c))
    }
}

/// The character of the escape at the front, and the escape's length.
fn escape(text: &[u8]) -> Result<(char, usize), Why> {
    let c = match text.get(1).ok_or(Why::NotJson)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = four_digits(&text[2..]).ok_or(Why::NotJson)?;
            if let Some(c) = char::from_u32(high) {
                return Ok((c, 6));
            }
            let low = match &text[6..] {
                [b'\\', b'u', rest @ ..] => four_digits(rest).ok_or(Why::NotJson)?,
                _ => return Err(Why::LoneSurrogate),
            };
            let pair = (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low);
            let code = 0x1_0000 + ((high & 0x3FF) << 10 | low & 0x3FF);
            return match char::from_u32(code) {
                Some(c) if pair => Ok((c, 12)),
                _ => Err(Why::LoneSurrogate),
            };
        }
        _ => return Err(Why::NotJson),
    };
    Ok((c, 2))
}

fn four_digits(text: &[u8]) -> Option<u32> {
    text.get(..4)?.iter().try_fold(0, |n, d| Some(n << 4 | u32::from(crate::text::hex_digit(*d)?)))
}

impl Raw<'_> {
    /// Appends the characters that the string stands for.
    pub fn unescape(self, out: &mut String) {
        let mut rest = self.text;
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            // The reader has tried every escape.
            let Ok((c, length)) = escape(&rest.as_bytes()[at..]) else { break };
            out.push(c);
            rest = &rest[at + length..];
        }
        out.push_str(rest);
    }
}

/// Appends a string with quotes as PostgreSQL writes it (`escape_json`).
pub(crate) fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let short: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            8 => b"\\b",
            12 => b"\\f",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..=0x1F => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        if short.is_empty() {
            let mut long = String::from("\\u00");
            crate::text::push_hex(*byte, &mut long);
            out.extend_from_slice(long.as_bytes());
        } else {
            out.extend_from_slice(short);
        }
    }
    out.extend_from_slice(&bytes[done..]);
    out.push(b'"');
}
