//! One client of the multiplexer, from its startup packet to its end.

use super::backend::{Backend, CHUNK};
use super::hub::Hub;
use super::startup::{self, Wish};
use super::turn::{Do, Turn};
use super::wire::{self, Piece, Splitter, Statement};
use super::{CLIENTS_MAX, MESSAGE_BYTES_MAX, NAME, STATEMENTS_MAX};
use base::Fault;
use bytes::{BufMut, Bytes, BytesMut};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// Bytes that may wait to be written to one side before the other is not read any more.
const QUEUE_BYTES: usize = 256 << 10;

/// Puts the session back to its settings at the start.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL";

/// Serves a client until it goes; `pid`: its process, `None` for the owner's own code.
pub(super) async fn serve(hub: Arc<Hub>, mut stream: UnixStream, pid: Option<i32>) {
    let start = match startup::read(&mut stream).await {
        Ok(Wish::Session(start)) => start,
        Ok(Wish::Cancel(id, secret)) => return hub.cancel(id, secret),
        Err(_) => return,
    };
    let (id, secret, clients) = hub.arrive();
    let refusal = if clients > CLIENTS_MAX {
        let text = format!("the embedded PostgreSQL has {CLIENTS_MAX} clients already");
        Some(wire::error("FATAL", "53300", &text, ""))
    } else if start.user != NAME {
        Some(wire::error(
            "FATAL",
            "28000",
            "the embedded PostgreSQL has one role, postgres",
            "connect as postgres",
        ))
    } else if start.database != NAME {
        let text = "the embedded PostgreSQL has one database, postgres";
        Some(wire::error("FATAL", "3D000", text, "connect to the database postgres"))
    } else {
        None
    };
    let mut out = BytesMut::new();
    match &refusal {
        Some(refusal) => out.put_slice(refusal),
        None => {
            out.put_slice(start.negotiate.as_deref().unwrap_or_default());
            out.put_slice(&wire::message(b'R', &[0; 4]));
            hub.parameters.iter().for_each(|status| out.put_slice(status));
            out.put_slice(&wire::message(b'K', &[id.to_be_bytes(), secret.to_be_bytes()].concat()));
            out.put_slice(&wire::ready(b'I'));
        }
    }
    if stream.write_all(&out).await.is_ok() && refusal.is_none() {
        let (reader, writer) = stream.into_split();
        let name = if start.application.is_empty() { "a client".into() } else { start.application };
        let mut client = Client {
            id,
            name: pid.map_or_else(|| name.clone(), |pid| format!("{name} (pid {pid})")),
            inside: pid.is_none(),
            reader,
            writer,
            input: BytesMut::new(),
            splitter: Splitter::new(b"", MESSAGE_BYTES_MAX),
            prefix: format!("{id}.").into_bytes(),
            statements: BTreeMap::new(),
            unnamed: None,
            generation: 0,
            hub: hub.clone(),
        };
        client.run().await;
        client.end().await;
    }
    hub.leave(id);
}

struct Client {
    hub: Arc<Hub>,
    id: i32,
    /// Who it is, for those who wait for it.
    name: String,
    inside: bool,
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    input: BytesMut,
    splitter: Splitter,
    prefix: Vec<u8>,
    /// Its prepared statements by name: the `Parse` messages that made them.
    statements: BTreeMap<Bytes, Bytes>,
    /// The `Parse` message of its unnamed statement.
    unnamed: Option<Bytes>,
    /// The session's generation that has its prepared statements.
    generation: u64,
}

/// The client is gone, or has been told to go.
struct Gone;

/// How the wait for the session ended.
enum Wait<'a> {
    Turn(tokio::sync::MutexGuard<'a, Option<Backend>>),
    Late,
    Cancelled,
    Gone,
}

/// How a turn ended.
enum End {
    /// The session is free; this is still to be written to the client.
    Over(BytesMut),
    /// The client is gone in the middle of it.
    Gone { turn: Turn, queued: BytesMut },
}

impl Client {
    async fn run(&mut self) {
        while let Ok((tag, message)) = self.message().await {
            match tag {
                b'X' => return,
                // The rest of a COPY that has failed.
                b'd' | b'c' | b'f' => continue,
                _ => {}
            }
            let hub = self.hub.clone();
            let go_on = match self.wait(&hub).await {
                Wait::Turn(mut slot) => {
                    hub.hold(Some(self.name.clone()));
                    let outcome = self.with(&mut slot, tag, message).await;
                    hub.hold(None);
                    drop(slot);
                    // Not before: a client that is slow to read must not keep the others waiting.
                    match outcome {
                        Ok(last) => self.writer.write_all(&last).await.map_err(|_| Gone),
                        Err(gone) => Err(gone),
                    }
                }
                Wait::Cancelled => self.cancelled(tag).await,
                Wait::Late => {
                    let text =
                        format!("the embedded PostgreSQL serves one client at a time, and {}", hub.held_by());
                    self.bye("55P03", &text, "end its transaction, or wait until it is done").await
                }
                Wait::Gone => Err(Gone),
            };
            if go_on.is_err() {
                return;
            }
        }
    }

    /// The next message.
    async fn message(&mut self) -> Result<(u8, Bytes), Gone> {
        loop {
            match self.splitter.next(&mut self.input) {
                Ok(Some(Piece::Message(tag, message))) => return Ok((tag, message)),
                Ok(Some(Piece::Part(_))) => {}
                Ok(None) => {
                    self.input.reserve(CHUNK);
                    if self.reader.read_buf(&mut self.input).await.unwrap_or(0) == 0 {
                        return Err(Gone);
                    }
                }
                Err(_) => return self.too_long().await,
            }
        }
    }

    async fn too_long<T>(&mut self) -> Result<T, Gone> {
        let text = format!("a message is longer than {} MB", MESSAGE_BYTES_MAX >> 20);
        self.bye("54000", &text, "send large values in smaller parts, or use a PostgreSQL server").await
    }

    /// Says why, and is done with the client.
    async fn bye<T>(&mut self, code: &str, text: &str, hint: &str) -> Result<T, Gone> {
        let _ = self.writer.write_all(&wire::error("FATAL", code, text, hint)).await;
        Err(Gone)
    }

    /// Waits for the session, and watches the client meanwhile.
    async fn wait<'a>(&mut self, hub: &'a Hub) -> Wait<'a> {
        if let Ok(turn) = hub.backend.try_lock() {
            return Wait::Turn(turn);
        }
        let limit = if self.inside { hub.waits.inside } else { hub.waits.outside };
        let cancelled = hub.waiting(self.id, true);
        let turn = hub.backend.lock();
        let late = tokio::time::sleep(limit);
        tokio::pin!(turn, late);
        let outcome = loop {
            self.input.reserve(CHUNK);
            tokio::select! {
                biased;
                turn = &mut turn => break Wait::Turn(turn),
                () = cancelled.notified() => break Wait::Cancelled,
                read = self.reader.read_buf(&mut self.input), if self.input.len() < QUEUE_BYTES => {
                    if read.unwrap_or(0) == 0 {
                        break Wait::Gone;
                    }
                }
                () = &mut late => break Wait::Late,
            }
        };
        hub.waiting(self.id, false);
        outcome
    }

    /// Answers a statement that was cancelled before its turn came.
    async fn cancelled(&mut self, first: u8) -> Result<(), Gone> {
        let text = "canceling statement due to user request";
        let mut out = BytesMut::from(&wire::error("ERROR", "57014", text, "")[..]);
        let mut tag = first;
        // In the extended protocol everything up to Sync is left out after an error.
        while !matches!(tag, b'Q' | b'F' | b'S') {
            tag = self.message().await?.0;
            if tag == b'X' {
                return Err(Gone);
            }
        }
        out.put_slice(&wire::ready(b'I'));
        self.writer.write_all(&out).await.map_err(|_| Gone)
    }

    /// A turn at the session, and what is to be done when it does not end well.
    async fn with(&mut self, slot: &mut Option<Backend>, tag: u8, message: Bytes) -> Result<BytesMut, Gone> {
        let Some(backend) = slot.as_mut() else {
            let text = format!("the embedded PostgreSQL is gone: {}", self.hub.lost());
            return self.bye("57P02", &text, "start the command again").await;
        };
        let lost = match self.turn(backend, tag, message).await {
            Ok(End::Over(last)) => return Ok(last),
            Ok(End::Gone { turn, queued }) => {
                let hub = self.hub.clone();
                hub.hold(Some(format!("{}, which is gone,", self.name)));
                match backend.finish(&queued, turn.rest(), turn.in_transaction()).await {
                    Ok(true) => return Err(Gone),
                    Ok(false) => match hub.restart(backend).await {
                        Ok(()) => return Err(Gone),
                        Err(fault) => fault,
                    },
                    Err(error) => broken(&error),
                }
            }
            Err(fault) => fault,
        };
        *slot = None;
        let text = format!("the embedded PostgreSQL is gone: {lost}");
        self.hub.lose(lost);
        self.bye("57P02", &text, "start the command again").await
    }

    /// From the first message to the `ReadyForQuery` that says idle.
    async fn turn(&mut self, backend: &mut Backend, tag: u8, message: Bytes) -> Result<End, Fault> {
        self.make_ready(backend, tag).await.map_err(|error| broken(&error))?;
        let mut turn = Turn::new();
        let (mut up, mut down) = (BytesMut::new(), BytesMut::new());
        if let Err(why) = self.take(&mut turn, backend, tag, &message, &mut up) {
            let _: Result<(), Gone> = self.bye("08P01", why, "").await;
            return Ok(End::Gone { turn, queued: up });
        }
        drop(message);
        loop {
            while turn.listening() && up.len() < QUEUE_BYTES {
                match self.splitter.next(&mut self.input) {
                    Ok(Some(Piece::Message(b'X', _))) => return Ok(End::Gone { turn, queued: up }),
                    Ok(Some(Piece::Message(tag, message))) => {
                        if let Err(why) = self.take(&mut turn, backend, tag, &message, &mut up) {
                            let _: Result<(), Gone> = self.bye("08P01", why, "").await;
                            return Ok(End::Gone { turn, queued: up });
                        }
                    }
                    Ok(Some(Piece::Part(_))) => {}
                    Ok(None) => break,
                    Err(_) => {
                        let _: Result<(), Gone> = self.too_long().await;
                        return Ok(End::Gone { turn, queued: up });
                    }
                }
            }
            let mut over = false;
            while !over && let Some(piece) = backend.cut().map_err(|error| broken(&error))? {
                over = self.give(&mut turn, backend, piece, &mut up, &mut down).await?;
            }
            if over {
                return Ok(End::Over(down));
            }
            backend.input.reserve(CHUNK);
            self.input.reserve(CHUNK);
            let listening = turn.listening() && up.len() < QUEUE_BYTES;
            // All four directions at once, for either side may have to be read before it can read.
            tokio::select! {
                read = backend.reader.read_buf(&mut backend.input), if down.len() < QUEUE_BYTES => {
                    if read.map_err(|error| broken(&error))? == 0 {
                        return Err(broken(&std::io::ErrorKind::UnexpectedEof.into()));
                    }
                }
                written = backend.writer.write_buf(&mut up), if !up.is_empty() => {
                    written.map_err(|error| broken(&error))?;
                }
                read = self.reader.read_buf(&mut self.input), if listening => {
                    if read.unwrap_or(0) == 0 {
                        return Ok(End::Gone { turn, queued: up });
                    }
                }
                written = self.writer.write_buf(&mut down), if !down.is_empty() => {
                    if written.unwrap_or(0) == 0 {
                        return Ok(End::Gone { turn, queued: up });
                    }
                }
            }
        }
    }

    /// Brings the session into the state in which this client may take it over.
    async fn make_ready(&mut self, backend: &mut Backend, first: u8) -> std::io::Result<()> {
        if backend.last_client != self.id {
            if backend.settings_left {
                backend.ask(RESET).await?;
                backend.settings_left = false;
            }
            backend.last_client = self.id;
        }
        if backend.generation != self.generation {
            // A statement that cannot be prepared any more is missing when it is used, which says enough.
            for parse in self.statements.values() {
                backend.exchange(&synced(parse)).await?;
            }
            self.generation = backend.generation;
        }
        // Others may have used the unnamed statement in between.
        if backend.unnamed_of != self.id
            && !matches!(first, b'P' | b'Q')
            && let Some(parse) = &self.unnamed
        {
            backend.exchange(&synced(parse)).await?;
            backend.unnamed_of = self.id;
        }
        Ok(())
    }

    /// A message of the client's on its way to the server, or why it does not go there.
    fn take(
        &mut self,
        turn: &mut Turn,
        backend: &mut Backend,
        tag: u8,
        message: &Bytes,
        up: &mut BytesMut,
    ) -> Result<(), &'static str> {
        if turn.hears(tag) == Do::Drop {
            return Ok(());
        }
        let (renamed, statement) =
            wire::rename(tag, message, &self.prefix).ok_or("a message is malformed")?;
        up.put_slice(&renamed);
        match statement {
            Statement::Made(name) if name.is_empty() => {
                backend.unnamed_of = self.id;
                self.unnamed = Some(renamed);
            }
            Statement::Made(name) => {
                // Copies: a slice would keep the whole buffer that it was read into.
                self.statements.insert(Bytes::copy_from_slice(&name), Bytes::copy_from_slice(&renamed));
                if self.statements.len() > STATEMENTS_MAX {
                    return Err("the client has too many prepared statements");
                }
            }
            Statement::Closed(name) if name.is_empty() => self.unnamed = None,
            Statement::Closed(name) => {
                self.statements.remove(&name);
            }
            Statement::None => {}
        }
        Ok(())
    }

    /// A piece from the server on its way to the client; whether the turn is over.
    async fn give(
        &mut self,
        turn: &mut Turn,
        backend: &mut Backend,
        piece: Piece,
        up: &mut BytesMut,
        down: &mut BytesMut,
    ) -> Result<bool, Fault> {
        let (tag, message) = match piece {
            Piece::Part(part) => {
                down.put_slice(&part);
                return Ok(false);
            }
            Piece::Message(tag, message) => (tag, message),
        };
        match tag {
            b'G' => turn.copy_in(),
            b'E' if is_wedged(&message) => {
                // The client asked for an end of its transaction, and the server cannot give it any more.
                self.hub.restart(backend).await?;
                up.clear();
                down.put_slice(&wire::complete("ROLLBACK"));
                if turn.listening() {
                    // Its Sync is still to come, and the new session answers it.
                    return Ok(false);
                }
                down.put_slice(&wire::ready(b'I'));
                return Ok(turn.ready(b'I'));
            }
            b'E' => turn.failed(),
            b'C' => match wire::tag_of(&message) {
                b"BEGIN" | b"START TRANSACTION" => turn.begun(),
                b"SET" | b"RESET" => backend.settings_left = true,
                b"DEALLOCATE ALL" | b"DISCARD ALL" => {
                    // Everybody's statements are gone; the others make theirs again in their turn.
                    backend.generation += 1;
                    backend.unnamed_of = 0;
                    self.generation = backend.generation;
                    self.statements.clear();
                    self.unnamed = None;
                }
                _ => {}
            },
            b'Z' => {
                let mut status = wire::body(&message).first().copied().unwrap_or(b'I');
                if turn.astray(status) {
                    let answer = backend.ask("ROLLBACK").await.map_err(|error| broken(&error))?;
                    if answer.failed || answer.status != b'I' {
                        self.hub.restart(backend).await?;
                        up.clear();
                    }
                    status = b'I';
                }
                if status == b'I' {
                    self.hub.commit().map_err(|error| {
                        Fault::stop(format!("the disk does not take what was committed: {}", error.kind()))
                            .hint("look for a full or broken disk under .landfall/")
                    })?;
                }
                down.put_slice(&wire::ready(status));
                return Ok(turn.ready(status));
            }
            _ => {}
        }
        down.put_slice(&message);
        Ok(false)
    }

    /// Takes away what the client leaves in the session.
    async fn end(self) {
        let Self { hub, id, inside, prefix, statements, generation, reader, writer, .. } = self;
        // At once: what follows may have to wait.
        drop((reader, writer));
        if inside && statements.is_empty() {
            return;
        }
        let mut slot = hub.backend.lock().await;
        let Some(backend) = slot.as_mut() else { return };
        // Settings made by a function (`set_config`) cannot be seen going by.
        backend.settings_left |= !inside && backend.last_client == id;
        if generation != backend.generation || statements.is_empty() {
            return;
        }
        let mut messages = BytesMut::new();
        for name in statements.keys() {
            let body = [b"S", &prefix[..], &name[..], b"\0"].concat();
            messages.put_slice(&wire::message(b'C', &body));
        }
        messages.put_slice(&wire::message(b'S', b""));
        if let Err(error) = backend.exchange(&messages).await {
            *slot = None;
            hub.lose(broken(&error));
        }
    }
}

fn synced(parse: &Bytes) -> BytesMut {
    let mut messages = BytesMut::from(&parse[..]);
    messages.put_slice(&wire::message(b'S', b""));
    messages
}

/// After an error inside a PL/pgSQL block with an exception handler the WebAssembly server cannot end its
/// transaction: every attempt says this.
fn is_wedged(error: &Bytes) -> bool {
    wire::field(error, b'C') == Some(b"24000")
        && wire::field(error, b'M').is_some_and(|text| text.starts_with(b"cannot drop active portal"))
}

fn broken(error: &std::io::Error) -> Fault {
    Fault::retry(format!("its session broke: {}", error.kind()))
}
