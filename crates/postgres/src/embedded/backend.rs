//! The one session of the embedded server.

use super::wire::{self, Piece, Splitter};
use super::{NAME, turn::Rest};
use base::Fault;
use bytes::{BufMut, Bytes, BytesMut};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// Seconds that the server may take to be ready. It takes half a second, and longer when it has to replay the
/// log after a crash: at most the gigabyte that `max_wal_size` allows.
const READY_SECONDS: u64 = 120;

/// Bytes asked of the socket at a time.
pub(super) const CHUNK: usize = 64 << 10;

/// Server messages are not held back for their size; the largest is a row, which PostgreSQL bounds with 1 GB.
const SERVER_MESSAGE_MAX: usize = 1 << 30;

/// The session.
#[derive(Debug)]
pub(super) struct Backend {
    pub(super) reader: OwnedReadHalf,
    pub(super) writer: OwnedWriteHalf,
    pub(super) input: BytesMut,
    pub(super) splitter: Splitter,
    /// The `ParameterStatus` messages of its start, for the start of every client.
    pub(super) parameters: Vec<Bytes>,
    /// Grows when the prepared statements of all clients are gone.
    pub(super) generation: u64,
    /// Whose turn was the last.
    pub(super) last_client: i32,
    /// The last client may have left settings behind.
    pub(super) settings_left: bool,
    /// Whose unnamed statement the session holds.
    pub(super) unnamed_of: i32,
}

/// How a statement of our own ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// The server said no.
    pub(super) failed: bool,
    /// The transaction status behind it.
    pub(super) status: u8,
}

impl Backend {
    /// Logs in, and moves the server to streaming: from its first COPY on, `pglite-oxide` hands the socket to
    /// PostgreSQL itself, so results are not collected in memory first.
    pub(super) async fn open(socket: &Path, generation: u64) -> std::result::Result<Self, Fault> {
        let opening = async {
            let stream =
                UnixStream::connect(socket).await.map_err(|error| cannot_start(&error.to_string()))?;
            let (reader, writer) = stream.into_split();
            let mut backend = Self {
                reader,
                writer,
                input: BytesMut::with_capacity(CHUNK),
                splitter: Splitter::new(b"dD", SERVER_MESSAGE_MAX),
                parameters: Vec::new(),
                generation,
                last_client: 0,
                settings_left: false,
                unnamed_of: 0,
            };
            backend.log_in().await?;
            let copy = "COPY (SELECT 1 WHERE false) TO STDOUT";
            match backend.ask(copy).await {
                Ok(Answer { failed: false, .. }) => Ok(backend),
                Ok(_) => Err(cannot_start("it refuses its first statement")),
                Err(error) => Err(cannot_start(&error.to_string())),
            }
        };
        match tokio::time::timeout(Duration::from_secs(READY_SECONDS), opening).await {
            Ok(opened) => opened,
            Err(_) => Err(cannot_start(&format!("no answer within {READY_SECONDS} s"))),
        }
    }

    async fn log_in(&mut self) -> std::result::Result<(), Fault> {
        let mut packet = BytesMut::new();
        packet.put_i32(0);
        packet.put_i32(196_608);
        for word in ["user", NAME, "database", NAME, "client_encoding", "UTF8"] {
            packet.put_slice(word.as_bytes());
            packet.put_u8(0);
        }
        packet.put_u8(0);
        let length = packet.len() as i32;
        packet[..4].copy_from_slice(&length.to_be_bytes());
        let broken = |error: Error| cannot_start(&error.to_string());
        self.writer.write_all(&packet).await.map_err(broken)?;
        loop {
            match self.piece().await.map_err(broken)? {
                Piece::Message(b'S', status) => self.parameters.push(status),
                Piece::Message(b'Z', _) => return Ok(()),
                // Nobody's data can be in a message of the start.
                Piece::Message(b'E', error) => {
                    let text = wire::field(&error, b'M').unwrap_or_default();
                    return Err(cannot_start(&String::from_utf8_lossy(text)));
                }
                _ => {}
            }
        }
    }

    /// Reads until a piece is there.
    pub(super) async fn piece(&mut self) -> Result<Piece> {
        loop {
            if let Some(piece) = self.cut()? {
                return Ok(piece);
            }
            self.input.reserve(CHUNK);
            if self.reader.read_buf(&mut self.input).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// The next piece of what has been read.
    pub(super) fn cut(&mut self) -> Result<Option<Piece>> {
        self.splitter.next(&mut self.input).map_err(|_| Error::from(ErrorKind::InvalidData))
    }

    /// Runs a statement of our own between two turns.
    pub(super) async fn ask(&mut self, sql: &str) -> Result<Answer> {
        self.exchange(&wire::query(sql)).await
    }

    /// Sends messages that end with one `ReadyForQuery`, and reads up to it.
    pub(super) async fn exchange(&mut self, messages: &[u8]) -> Result<Answer> {
        let mut failed = false;
        let mut left = messages;
        loop {
            while let Some(piece) = self.cut()? {
                match piece {
                    Piece::Message(b'E', _) => failed = true,
                    Piece::Message(b'Z', ready) => {
                        let status = wire::body(&ready).first().copied().unwrap_or(b'I');
                        return Ok(Answer { failed, status });
                    }
                    _ => {}
                }
            }
            self.input.reserve(CHUNK);
            // Both at once: the server may have to get rid of its answers before it can read on.
            tokio::select! {
                read = self.reader.read_buf(&mut self.input) => {
                    if read? == 0 {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                written = self.writer.write_buf(&mut left), if !left.is_empty() => {
                    written?;
                }
            }
        }
    }

    /// Brings the turn of a client that is gone to its end, `queued` being what was not yet sent for it;
    /// whether the session is good for another.
    pub(super) async fn finish(&mut self, queued: &[u8], rest: Rest, in_transaction: bool) -> Result<bool> {
        let mut messages = BytesMut::from(queued);
        if rest.copy_fail {
            messages.put_slice(&wire::message(b'f', b"the client is gone\0"));
        }
        if rest.spoil {
            // A statement that no server can parse, as the unnamed one.
            messages.put_slice(&wire::message(b'P', b"\0!\0\0\0"));
            self.unnamed_of = 0;
        }
        if rest.sync {
            messages.put_slice(&wire::message(b'S', b""));
        }
        let mut status = if in_transaction { b'T' } else { b'I' };
        if rest.wait {
            status = self.exchange(&messages).await?.status;
        } else if !messages.is_empty() {
            self.writer.write_all(&messages).await?;
        }
        if status == b'I' {
            return Ok(true);
        }
        let answer = self.ask("ROLLBACK").await?;
        Ok(!answer.failed && answer.status == b'I')
    }
}

fn cannot_start(why: &str) -> Fault {
    Fault::stop(format!("the embedded PostgreSQL does not start: {why}"))
}
