//! `OP_MSG`, the one message of MongoDB's wire protocol
//! (<https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/>).

use bson::{Bson, Document};
use std::io::{self, Read, Write};

const OP_MSG: i32 = 2013;
const HEADER_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 4;
/// What `hello` says that we take.
pub(super) const MESSAGE_BYTES_MAX: usize = 48_000_000;

const CHECKSUM_PRESENT: u32 = 1;
const MORE_TO_COME: u32 = 1 << 1;
/// Bits that a receiver must know: the lower half.
const REQUIRED: u32 = 0xFFFF;

/// What a client sent.
pub(super) struct Request {
    pub(super) id: i32,
    /// The command with its document sequences as arrays in it.
    pub(super) command: Document,
    /// Whether the client does not want an answer.
    pub(super) unanswered: bool,
}

/// How an answer is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoilt {
    /// It says that a checksum follows, and a wrong one does.
    Checksum,
    /// Its document ends in the middle.
    Short,
}

/// The next message; `None`: the client has gone.
pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<Request>> {
    let mut header = [0; HEADER_BYTES];
    match stream.read_exact(&mut header) {
        Err(fault) if fault.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    let number = |at: usize| i32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (length, id, code) = (number(0), number(4), number(12));
    let length = usize::try_from(length).ok().filter(|n| (HEADER_BYTES..=MESSAGE_BYTES_MAX).contains(n));
    let length = length.ok_or_else(|| wrong("a message of an impossible length"))?;
    if code != OP_MSG {
        return Err(wrong("a message that is no OP_MSG"));
    }
    let mut body = vec![0; length - HEADER_BYTES];
    stream.read_exact(&mut body)?;
    let flags = body.get(..4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let flags = flags.ok_or_else(|| wrong("a message without flags"))?;
    if flags & REQUIRED & !(CHECKSUM_PRESENT | MORE_TO_COME) != 0 {
        return Err(wrong("a flag that nobody knows"));
    }
    let mut end = body.len();
    if flags & CHECKSUM_PRESENT != 0 {
        end = end.checked_sub(CHECKSUM_BYTES).ok_or_else(|| wrong("a checksum that is missing"))?;
        let sum = crc32c(header.iter().chain(&body[..end]).copied());
        if body[end..] != sum.to_le_bytes() {
            return Err(wrong("a checksum that is wrong"));
        }
    }
    let command = sections(body.get(4..end).ok_or_else(|| wrong("a message without a section"))?)?;
    Ok(Some(Request { id, command, unanswered: flags & MORE_TO_COME != 0 }))
}

fn sections(mut rest: &[u8]) -> io::Result<Document> {
    let (mut command, mut sequences) = (None, Vec::new());
    while let Some((kind, after)) = rest.split_first() {
        rest = after;
        match kind {
            0 if command.is_none() => command = Some(document(&mut rest)?),
            1 => {
                let size = rest.get(..4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
                let size = size.and_then(|size| usize::try_from(size).ok()).filter(|n| *n >= 4);
                let sequence = size.and_then(|size| rest.get(4..size).map(|inner| (inner, size)));
                let (inner, size) = sequence.ok_or_else(|| wrong("a sequence of an impossible length"))?;
                let end = inner.iter().position(|byte| *byte == 0);
                let end = end.ok_or_else(|| wrong("a sequence without a name"))?;
                let name = String::from_utf8(inner[..end].to_vec()).map_err(wrong)?;
                let (mut documents, mut values) = (&inner[end + 1..], Vec::new());
                while !documents.is_empty() {
                    values.push(Bson::Document(document(&mut documents)?));
                }
                sequences.push((name, values));
                rest = &rest[size..];
            }
            _ => return Err(wrong("a section of an unknown kind, or a second command")),
        }
    }
    let mut command = command.ok_or_else(|| wrong("a message without a command"))?;
    for (name, values) in sequences {
        if command.insert(name, values).is_some() {
            return Err(wrong("a sequence that the command holds too"));
        }
    }
    Ok(command)
}

fn document(rest: &mut &[u8]) -> io::Result<Document> {
    Document::from_reader(rest).map_err(wrong)
}

/// Answers a message.
pub(super) fn write(
    stream: &mut impl Write,
    to: i32,
    answer: &Document,
    spoilt: Option<Spoilt>,
) -> io::Result<()> {
    let mut document = answer.to_vec().map_err(wrong)?;
    if spoilt == Some(Spoilt::Short) {
        document.truncate(document.len() / 2);
    }
    let checksum = spoilt == Some(Spoilt::Checksum);
    let tail = if checksum { CHECKSUM_BYTES } else { 0 };
    let length = HEADER_BYTES + 4 + 1 + document.len() + tail;
    let mut message = Vec::with_capacity(length);
    for number in [i32::try_from(length).map_err(wrong)?, 0, to, OP_MSG] {
        message.extend(number.to_le_bytes());
    }
    let flags = if checksum { CHECKSUM_PRESENT } else { 0 };
    message.extend(flags.to_le_bytes());
    message.push(0);
    message.extend(document);
    if checksum {
        let wrong_one = !crc32c(message.iter().copied());
        message.extend(wrong_one.to_le_bytes());
    }
    stream.write_all(&message)
}

/// CRC-32C (Castagnoli), bit by bit.
fn crc32c(bytes: impl Iterator<Item = u8>) -> u32 {
    !bytes.fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 * (crc & 1)))
    })
}

fn wrong(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::doc;

    #[test]
    fn the_checksum_is_castagnolis() {
        // RFC 3720, B.4, and the usual check value.
        assert_eq!(crc32c([0; 32].into_iter()), 0x8A91_36AA);
        assert_eq!(crc32c(b"123456789".iter().copied()), 0xE306_9283);
    }

    #[test]
    fn an_answer_reads_as_a_request_and_a_spoilt_one_does_not() {
        let answer = doc! { "ok": 1.0, "text": "x" };
        for (spoilt, fits) in [(None, true), (Some(Spoilt::Checksum), false), (Some(Spoilt::Short), false)] {
            let mut bytes = Vec::new();
            write(&mut bytes, 7, &answer, spoilt).unwrap();
            let read = read(&mut bytes.as_slice());
            assert_eq!(read.is_ok_and(|r| r.is_some_and(|r| r.command == answer)), fits, "{spoilt:?}");
        }
    }

    #[test]
    fn a_sequence_becomes_an_array_of_its_command() {
        let (command, one) = (doc! { "insert": "c" }.to_vec().unwrap(), doc! { "_id": 1 }.to_vec().unwrap());
        let mut body = vec![0; 4];
        body.push(1);
        body.extend(u32::try_from(4 + 10 + one.len()).unwrap().to_le_bytes());
        body.extend(b"documents\0");
        body.extend(one);
        body.push(0);
        body.extend(command);
        let mut message = Vec::new();
        for number in [i32::try_from(HEADER_BYTES + body.len()).unwrap(), 3, 0, OP_MSG] {
            message.extend(number.to_le_bytes());
        }
        message.extend(body);
        let request = read(&mut message.as_slice()).unwrap().unwrap();
        assert_eq!(request.command, doc! { "insert": "c", "documents": [{ "_id": 1 }] });
        assert_eq!((request.id, request.unanswered), (3, false));
    }
}
