//! PostgreSQL's messages, as much of them as the multiplexer must understand (manual, 53.7).

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// A piece of a stream of messages.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A whole message with its header.
    Message(u8, Bytes),
    /// A part of a message whose content does not matter to us and that may be large.
    Part(Bytes),
}

/// A message that is longer than allowed, or whose length makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLength;

/// Cuts a stream into messages; those of the kinds in `bulk` are passed on in parts, as they come.
#[derive(Debug)]
pub(super) struct Splitter {
    bulk: &'static [u8],
    max: usize,
    left: usize,
}

impl Splitter {
    pub(super) fn new(bulk: &'static [u8], max: usize) -> Self {
        Self { bulk, max, left: 0 }
    }

    /// The next piece, if enough of it is there.
    pub(super) fn next(&mut self, from: &mut BytesMut) -> Result<Option<Piece>, BadLength> {
        if self.left > 0 {
            let take = self.left.min(from.len());
            self.left -= take;
            return Ok((take > 0).then(|| Piece::Part(from.split_to(take).freeze())));
        }
        if from.len() < 5 {
            return Ok(None);
        }
        let tag = from[0];
        let length = (&from[1..5]).get_i32();
        let total = usize::try_from(length).map_err(|_| BadLength)? + 1;
        if total < 5 {
            return Err(BadLength);
        }
        if self.bulk.contains(&tag) {
            let take = total.min(from.len());
            self.left = total - take;
            return Ok(Some(Piece::Part(from.split_to(take).freeze())));
        }
        if total > self.max {
            return Err(BadLength);
        }
        if from.len() < total {
            from.reserve(total - from.len());
            return Ok(None);
        }
        Ok(Some(Piece::Message(tag, from.split_to(total).freeze())))
    }
}

/// A message of this kind with this body.
pub(super) fn message(tag: u8, body: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(body.len() + 5);
    out.put_u8(tag);
    out.put_i32(body.len() as i32 + 4);
    out.put_slice(body);
    out.freeze()
}

/// `Query`.
pub(super) fn query(sql: &str) -> Bytes {
    message(b'Q', &[sql.as_bytes(), b"\0"].concat())
}

/// `ErrorResponse`.
pub(super) fn error(severity: &str, code: &str, text: &str, hint: &str) -> Bytes {
    let mut body = Vec::new();
    for (field, value) in [(b'S', severity), (b'V', severity), (b'C', code), (b'M', text), (b'H', hint)] {
        if !value.is_empty() {
            body.push(field);
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
    }
    body.push(0);
    message(b'E', &body)
}

/// `ReadyForQuery`.
pub(super) fn ready(status: u8) -> Bytes {
    message(b'Z', &[status])
}

/// `CommandComplete`.
pub(super) fn complete(tag: &str) -> Bytes {
    message(b'C', &[tag.as_bytes(), b"\0"].concat())
}

/// The bytes up to the next NUL, and what follows it.
pub(super) fn text(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = body.iter().position(|byte| *byte == 0)?;
    Some((&body[..end], &body[end + 1..]))
}

/// The body of a message.
pub(super) fn body(message: &Bytes) -> &[u8] {
    message.get(5..).unwrap_or_default()
}

/// The tag of a `CommandComplete`: `INSERT 0 1`.
pub(super) fn tag_of(message: &Bytes) -> &[u8] {
    text(body(message)).map(|(tag, _)| tag).unwrap_or_default()
}

/// A field of an `ErrorResponse`.
pub(super) fn field(message: &Bytes, wanted: u8) -> Option<&[u8]> {
    let mut rest = body(message);
    while let Some((kind, tail)) = rest.split_first().filter(|(kind, _)| **kind != 0) {
        let (value, next) = text(tail)?;
        if *kind == wanted {
            return Some(value);
        }
        rest = next;
    }
    None
}

/// What a message of a client says about prepared statements.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// Nothing.
    None,
    /// It makes the one of this name; empty: the unnamed one.
    Made(Bytes),
    /// It closes the one of this name.
    Closed(Bytes),
}

/// The message with the names of prepared statements behind `prefix`, so that clients do not get in each
/// other's way; `None` when it is malformed. The unnamed statement stays unnamed. Portals keep their names:
/// they end with their transaction, and a transaction belongs to one client.
pub(super) fn rename(tag: u8, whole: &Bytes, prefix: &[u8]) -> Option<(Bytes, Statement)> {
    let content = body(whole);
    let (before, name, after) = match tag {
        b'P' => {
            let (name, after) = text(content)?;
            (&content[..0], name, after)
        }
        b'B' => {
            let (portal, rest) = text(content)?;
            let (name, after) = text(rest)?;
            (&content[..portal.len() + 1], name, after)
        }
        b'D' | b'C' => {
            let (kind, rest) = content.split_first()?;
            if *kind != b'S' {
                return Some((whole.clone(), Statement::None));
            }
            let (name, after) = text(rest)?;
            (&content[..1], name, after)
        }
        _ => return Some((whole.clone(), Statement::None)),
    };
    let statement = match tag {
        b'P' => Statement::Made(whole.slice_ref(name)),
        b'C' => Statement::Closed(whole.slice_ref(name)),
        _ => Statement::None,
    };
    if name.is_empty() {
        return Some((whole.clone(), statement));
    }
    let new = [before, prefix, name, b"\0", after].concat();
    Some((message(tag, &new), statement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_into_messages_wherever_it_breaks() {
        let mut all = Vec::new();
        for part in [query("SELECT 1"), message(b'd', &[7; 40]), ready(b'I'), message(b'd', b"")] {
            all.extend_from_slice(&part);
        }
        for size in 1..all.len() {
            let mut splitter = Splitter::new(b"d", 100);
            let (mut buffer, mut seen, mut bulk) = (BytesMut::new(), Vec::new(), 0);
            for chunk in all.chunks(size) {
                buffer.extend_from_slice(chunk);
                while let Some(piece) = splitter.next(&mut buffer).unwrap() {
                    match piece {
                        Piece::Message(tag, whole) => seen.push((tag, whole.len())),
                        Piece::Part(part) => bulk += part.len(),
                    }
                }
            }
            assert_eq!(seen, [(b'Q', 14), (b'Z', 6)], "chunks of {size}");
            assert_eq!(bulk, 45 + 5, "chunks of {size}");
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn a_length_that_makes_no_sense_is_refused() {
        for bytes in [&b"Q\0\0\0\x03"[..], b"Q\xff\xff\xff\xff", b"Q\0\0\0\x65"] {
            let mut splitter = Splitter::new(b"d", 100);
            assert_eq!(splitter.next(&mut BytesMut::from(bytes)), Err(BadLength), "{bytes:?}");
        }
    }

    #[test]
    fn names_of_statements_get_the_clients_prefix_and_nothing_else_changes() {
        for (tag, given, expected, statement) in [
            (b'P', &b"s\0SELECT 1\0\0\0"[..], &b"7_s\0SELECT 1\0\0\0"[..], Statement::Made(Bytes::from("s"))),
            (b'P', b"\0SELECT 1\0\0\0", b"\0SELECT 1\0\0\0", Statement::Made(Bytes::new())),
            (b'B', b"p\0s\0\0\0\0\0\0\0", b"p\x007_s\0\0\0\0\0\0\0", Statement::None),
            (b'B', b"\0\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\0", Statement::None),
            (b'D', b"Ss\0", b"S7_s\0", Statement::None),
            (b'D', b"Pp\0", b"Pp\0", Statement::None),
            (b'C', b"Ss\0", b"S7_s\0", Statement::Closed(Bytes::from("s"))),
            (b'C', b"Pp\0", b"Pp\0", Statement::None),
            (b'E', b"p\0\0\0\0\0", b"p\0\0\0\0\0", Statement::None),
        ] {
            let (found, what) = rename(tag, &message(tag, given), b"7_").unwrap();
            assert_eq!(found, message(tag, expected), "{given:?}");
            assert_eq!(what, statement, "{given:?}");
        }
        for (tag, malformed) in
            [(b'P', &b"no end"[..]), (b'B', b"p\0no end"), (b'D', b""), (b'C', b"Sno end")]
        {
            assert_eq!(rename(tag, &message(tag, malformed), b"7_"), None);
        }
    }

    #[test]
    fn fields_of_an_error_are_found() {
        let message = error("FATAL", "55P03", "no", "");
        assert_eq!(field(&message, b'C'), Some(&b"55P03"[..]));
        assert_eq!(field(&message, b'M'), Some(&b"no"[..]));
        assert_eq!(field(&message, b'H'), None);
        assert_eq!(tag_of(&complete("SET")), b"SET");
    }
}
