//! How a client begins: the packets before the first message (manual, 53.2.1).

use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Bytes of a startup packet at most; as in PostgreSQL.
const PACKET_MAX: usize = 10_000;

/// What a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// A session.
    Session(Start),
    /// To end what another session is doing: its process id and secret.
    Cancel(i32, i32),
}

/// The settings of a startup packet that matter here. The others would change the session for everybody.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) user: String,
    pub(super) database: String,
    pub(super) application: String,
    /// The client speaks a later minor version or asks for options that we do not know.
    pub(super) negotiate: Option<Bytes>,
}

/// Reads packets until the client says what it wants; TLS and GSSAPI are declined.
pub(super) async fn read(stream: &mut UnixStream) -> Result<Wish> {
    loop {
        let length = stream.read_u32().await? as usize;
        if !(8..=PACKET_MAX).contains(&length) {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length - 4];
        stream.read_exact(&mut body).await?;
        match parse(&body)? {
            Some(wish) => return Ok(wish),
            None => stream.write_all(b"N").await?,
        }
    }
}

/// What a packet says; `None`: a question about encryption.
fn parse(body: &[u8]) -> Result<Option<Wish>> {
    let mut rest = body;
    match (rest.get_u16(), rest.get_u16()) {
        (1234, 5679 | 5680) => Ok(None),
        (1234, 5678) if rest.len() >= 8 => Ok(Some(Wish::Cancel(rest.get_i32(), rest.get_i32()))),
        (3, minor) => settings(rest, minor).map(|start| Some(Wish::Session(start))),
        _ => Err(ErrorKind::InvalidData.into()),
    }
}

fn settings(body: &[u8], minor: u16) -> Result<Start> {
    let invalid = || Error::from(ErrorKind::InvalidData);
    let mut start = Start::default();
    let mut unknown = Vec::new();
    let mut rest = body;
    while rest.first().is_some_and(|byte| *byte != 0) {
        let (name, tail) = super::wire::text(rest).ok_or_else(invalid)?;
        let (value, next) = super::wire::text(tail).ok_or_else(invalid)?;
        rest = next;
        let text = String::from_utf8_lossy(value).into_owned();
        match name {
            b"user" => start.user = text,
            b"database" => start.database = text,
            b"application_name" => start.application = text,
            name if name.starts_with(b"_pq_.") => unknown.push(name),
            _ => {}
        }
    }
    if minor > 0 || !unknown.is_empty() {
        let mut body = BytesMut::new();
        body.put_i32(0);
        body.put_i32(unknown.len() as i32);
        for name in unknown {
            body.put_slice(name);
            body.put_u8(0);
        }
        start.negotiate = Some(super::wire::message(b'v', &body));
    }
    if start.database.is_empty() {
        start.database.clone_from(&start.user);
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_mean_what_the_protocol_says() {
        let start =
            Start { user: "u".into(), database: "d".into(), application: "psql".into(), negotiate: None };
        let negotiate = |names: &[u8], count: u8| {
            let body = [&[0, 0, 0, 0, 0, 0, 0, count], names].concat();
            Some(super::super::wire::message(b'v', &body))
        };
        for (body, wish) in [
            (&b"\x04\xd2\x16\x2f"[..], None),
            (b"\x04\xd2\x16\x30", None),
            (b"\x04\xd2\x16\x2e\0\0\0\x07\0\0\0\x09", Some(Wish::Cancel(7, 9))),
            (
                b"\0\x03\0\0user\0u\0database\0d\0application_name\0psql\0options\0-c x=y\0\0",
                Some(Wish::Session(start)),
            ),
            (
                b"\0\x03\0\x02user\0u\0_pq_.x\x001\0\0",
                Some(Wish::Session(Start {
                    user: "u".into(),
                    database: "u".into(),
                    application: String::new(),
                    negotiate: negotiate(b"_pq_.x\0", 1),
                })),
            ),
        ] {
            assert_eq!(parse(body).unwrap(), wish, "{body:?}");
        }
        for body in [&b"\0\x02\0\0user\0u\0\0"[..], b"\0\x03\0\0user\0u", b"\x04\xd2\x16\x2e\0\0"] {
            assert!(parse(body).is_err(), "{body:?}");
        }
    }
}
