//! A strict double of MongoDB: its wire protocol over TCP, everything in memory, faults on purpose.
//!
//! It knows the commands in `commands.rs` and refuses every other one with 59 `CommandNotFound`, as well as
//! every field, operator and stage that it does not know: a test that passes has asked for nothing that was
//! quietly left out. The codec of documents is the `bson` crate, which the driver has too; everything else is
//! written from the protocol's description and shares no line with the driver.

mod commands;
mod query;
mod server;
mod wire;

use bson::{Document, doc};
use commands::State;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use wire::Spoilt;

pub use server::{Server, VARIABLE};

/// What goes wrong with one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is refused with this code, and nothing is done.
    Refused(i32),
    /// Somebody else is the primary now: 10107 `NotWritablePrimary`, and nothing is done.
    SteppedDown,
    /// The connection is closed instead of anything being done.
    CutBefore,
    /// It is done, and the connection is closed instead of an answer.
    CutAfter,
    /// It is done, and never answered.
    Silent,
    /// It is done, and the answer is said to carry a checksum and carries a wrong one.
    WrongChecksum,
    /// It is done, and the answer's document ends in the middle.
    CutShort,
}

/// A double on a free port of loopback. It and its connections end when it is dropped.
#[derive(Debug)]
pub struct Mongo {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    orders: Mutex<Orders>,
}

#[derive(Debug, Default)]
struct Orders {
    troubles: Vec<(String, Trouble)>,
    missing: Vec<String>,
    asked: Vec<Document>,
    away: bool,
    closing: bool,
    open: Vec<Weak<TcpStream>>,
}

impl Mongo {
    /// A server that stands alone.
    pub fn start() -> io::Result<Self> {
        Self::of(false)
    }

    /// The primary of a replica set of one: drivers try writes again by themselves.
    pub fn start_replica_set() -> io::Result<Self> {
        Self::of(true)
    }

    fn of(replica_set: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        if replica_set {
            shared.state().set = Some(("double".into(), address.to_string()));
        }
        let inner = Arc::clone(&shared);
        let acceptor =
            std::thread::Builder::new().name("mongo".into()).spawn(move || accept(&listener, &inner))?;
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// The address of a database on it.
    pub fn url_for(&self, database: &str) -> String {
        format!("mongodb://{}/{database}", self.address)
    }

    /// The next time that this command comes, this happens. Orders for one command wait for each other.
    pub fn trouble(&self, command: &str, trouble: Trouble) {
        self.shared.orders().troubles.push((command.into(), trouble));
    }

    /// Orders that nobody has run into.
    pub fn untroubled(&self) -> usize {
        self.shared.orders().troubles.len()
    }

    /// From now on it does not know this command.
    pub fn unlearn(&self, command: &str) {
        self.shared.orders().missing.push(command.into());
    }

    /// Goes away: open connections end, and new ones as soon as they are made. `false`: it is there again,
    /// with everything that it held.
    pub fn away(&self, on: bool) {
        let mut orders = self.shared.orders();
        orders.away = on;
        if on {
            orders.close();
        }
    }

    /// How often this command came.
    pub fn asked(&self, command: &str) -> usize {
        self.shared.orders().asked.iter().filter(|asked| commands::name(asked) == command).count()
    }

    /// A field of every command of this name that came and had it, as text.
    pub fn fields(&self, command: &str, field: &str) -> Vec<String> {
        let orders = self.shared.orders();
        let asked = orders.asked.iter().filter(|asked| commands::name(asked) == command);
        asked.filter_map(|asked| asked.get(field)).map(ToString::to_string).collect()
    }

    /// What a collection holds, in the order in which it came.
    pub fn documents(&self, database: &str, collection: &str) -> Vec<Document> {
        let place = (database.to_owned(), collection.to_owned());
        self.shared.state().collections.get(&place).cloned().unwrap_or_default()
    }

    /// The keys of the indexes that were made on a collection.
    pub fn indexes(&self, database: &str, collection: &str) -> Vec<Document> {
        let place = (database.to_owned(), collection.to_owned());
        self.shared.state().indexes.get(&place).cloned().unwrap_or_default()
    }
}

impl Drop for Mongo {
    fn drop(&mut self) {
        {
            let mut orders = self.shared.orders();
            orders.closing = true;
            orders.close();
        }
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Orders {
    fn close(&mut self) {
        for stream in self.open.drain(..).filter_map(|stream| stream.upgrade()) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn take(&mut self, command: &str) -> Option<Trouble> {
        let at = self.troubles.iter().position(|(wanted, _)| wanted == command)?;
        Some(self.troubles.remove(at).1)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let stream = Arc::new(stream);
        {
            let mut orders = shared.orders();
            if orders.closing {
                return;
            }
            if orders.away {
                continue;
            }
            orders.open.retain(|stream| stream.strong_count() > 0);
            orders.open.push(Arc::downgrade(&stream));
        }
        let shared = Arc::clone(shared);
        // A client that speaks nonsense is cut off, like one that has gone.
        let serve = move || drop(serve(&stream, &shared));
        let _ = std::thread::Builder::new().name("mongo-client".into()).spawn(serve);
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut input, mut output) = (stream, stream);
    while let Some(request) = wire::read(&mut input)? {
        let name = commands::name(&request.command).to_owned();
        let (trouble, missing) = {
            let mut orders = shared.orders();
            orders.asked.push(request.command.clone());
            (orders.take(&name), orders.missing.contains(&name))
        };
        let refused = match trouble {
            Some(Trouble::CutBefore) => break,
            Some(Trouble::SteppedDown) => Some(refusal(10_107, "NotWritablePrimary", "not primary")),
            Some(Trouble::Refused(code)) => Some(refusal(code, "OnPurpose", "refused on purpose")),
            _ if missing => Some(refusal(59, "CommandNotFound", "no such command")),
            _ => None,
        };
        let answer = match refused {
            Some(refused) => refused,
            None => shared.state().run(&request.command).unwrap_or_else(|refusal| refusal.document()),
        };
        let spoilt = match trouble {
            Some(Trouble::CutAfter) => break,
            Some(Trouble::Silent) => continue,
            Some(Trouble::WrongChecksum) => Some(Spoilt::Checksum),
            Some(Trouble::CutShort) => Some(Spoilt::Short),
            _ => None,
        };
        if !request.unanswered {
            wire::write(&mut output, request.id, &answer, spoilt)?;
        }
    }
    stream.shutdown(Shutdown::Both)
}

fn refusal(code: i32, name: &str, words: &str) -> Document {
    let mut refusal = doc! { "ok": 0.0, "errmsg": words, "code": code, "codeName": name };
    if code == 10_107 {
        // What tells a driver that it may write again.
        refusal.insert("errorLabels", ["RetryableWriteError"].as_slice());
    }
    refusal
}
