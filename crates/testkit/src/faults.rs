//! A proxy on loopback that breaks connections on demand.

use crate::doors;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes moved at a time. Small, so that a fault in mid-message is hit exactly and early.
const CHUNK_BYTES: usize = 16 * 1024;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is closed in both directions.
    Cut,
    /// It stays open and nothing moves any more in this direction, until [`Proxy::heal`].
    Stall,
    /// Every chunk in this direction, of every connection, waits this long first, until [`Proxy::heal`].
    Delay(Duration),
}

/// A TCP proxy in front of one server. Without orders it passes everything on; it and its connections end
/// when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
    accepted: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    order: Option<Order>,
    delay: [Duration; 2],
    /// Counts the calls of `heal`, so that what is held knows its own.
    healed: u64,
    refuse: bool,
    closing: bool,
    /// The sockets close when the two threads that hold them end.
    open: Vec<Weak<TcpStream>>,
    moved: [u64; 2],
    fired: u64,
}

/// A fault that waits for its moment.
#[derive(Debug, Clone, Copy)]
struct Order {
    direction: Direction,
    left: u64,
    fault: Fault,
}

impl Proxy {
    /// A proxy for the server at `upstream`, on a free port.
    pub fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream,
            state: Mutex::default(),
            changed: Condvar::new(),
            accepted: AtomicU64::new(0),
        });
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener)
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `url` with this proxy in the place of the server's `host:port`.
    pub fn url(&self, url: &str) -> String {
        let start = url.find("://").map_or(0, |at| at + 3);
        let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
        let host = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
        format!("{}{}{}", &url[..host], self.address, &url[end..])
    }

    /// After `bytes` more in `direction`, over all connections together, `fault` happens to the connection
    /// that carries the last of them, once. Replaces an order that has not fired.
    pub fn after(&self, direction: Direction, bytes: u64, fault: Fault) {
        self.shared.lock().order = Some(Order { direction, left: bytes, fault });
    }

    /// Closes every connection now.
    pub fn cut(&self) {
        self.shared.lock().close_all();
    }

    /// Whether new connections are closed at once, as by a server that is down.
    pub fn refuse(&self, on: bool) {
        self.shared.lock().refuse = on;
    }

    /// Takes all orders back; what was held moves on.
    pub fn heal(&self) {
        let mut state = self.shared.lock();
        state.order = None;
        state.delay = Default::default();
        state.refuse = false;
        state.healed += 1;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// How many orders have fired.
    pub fn fired(&self) -> u64 {
        self.shared.lock().fired
    }

    /// How many connections were made so far, refused ones included.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Bytes that went in a direction so far.
    pub fn moved(&self, direction: Direction) -> u64 {
        self.shared.lock().moved[direction as usize]
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closing = true;
        state.close_all();
        drop(state);
        self.shared.changed.notify_all();
        // Wakes the acceptor, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl State {
    fn close_all(&mut self) {
        self.open.drain(..).filter_map(|stream| stream.upgrade()).for_each(|stream| close(&stream));
    }

    /// How many of `length` bytes may go on, and what happens then.
    fn pass(&mut self, direction: Direction, length: usize) -> (usize, Option<Fault>) {
        let Some(order) = self.order.as_mut().filter(|order| order.direction == direction) else {
            return (length, None);
        };
        match usize::try_from(order.left) {
            Ok(left) if left <= length => {
                let fault = order.fault;
                self.order = None;
                self.fired += 1;
                (left, Some(fault))
            }
            _ => {
                order.left -= length as u64;
                (length, None)
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.lock().closing {
                return;
            }
            let Ok(client) = client else { continue };
            self.accepted.fetch_add(1, Ordering::SeqCst);
            if self.lock().refuse {
                continue;
            }
            let Ok(server) = TcpStream::connect(self.upstream) else { continue };
            let (client, server) = (Arc::new(client), Arc::new(server));
            {
                let mut state = self.lock();
                state.open.retain(|stream| stream.strong_count() > 0);
                state.open.extend([Arc::downgrade(&client), Arc::downgrade(&server)]);
            }
            for (direction, from, to) in
                [(Direction::Up, &client, &server), (Direction::Down, &server, &client)]
            {
                let (shared, from, to) = (Arc::clone(self), Arc::clone(from), Arc::clone(to));
                std::thread::spawn(move || {
                    if shared.pump(direction, &from, &to).is_err() {
                        close(&from);
                        close(&to);
                    }
                });
            }
        }
    }

    /// Moves bytes until one side ends; an error closes both.
    fn pump(&self, direction: Direction, mut from: &TcpStream, to: &TcpStream) -> io::Result<()> {
        let mut chunk = [0; CHUNK_BYTES];
        loop {
            let length = from.read(&mut chunk)?;
            if length == 0 {
                return to.shutdown(Shutdown::Write);
            }
            let (delay, (passed, fault), healed) = {
                let mut state = self.lock();
                (state.delay[direction as usize], state.pass(direction, length), state.healed)
            };
            if !delay.is_zero() {
                doors::pause(delay);
            }
            self.write(direction, to, &chunk[..passed])?;
            match fault {
                None => {}
                Some(Fault::Cut) => return Err(io::ErrorKind::ConnectionAborted.into()),
                Some(Fault::Stall) => self.hold(healed)?,
                Some(Fault::Delay(duration)) => self.lock().delay[direction as usize] = duration,
            }
            self.write(direction, to, &chunk[passed..length])?;
        }
    }

    fn write(&self, direction: Direction, mut to: &TcpStream, bytes: &[u8]) -> io::Result<()> {
        to.write_all(bytes)?;
        self.lock().moved[direction as usize] += bytes.len() as u64;
        Ok(())
    }

    /// Waits for a `heal` after the `healed`-th; an error when the proxy ends first.
    fn hold(&self, healed: u64) -> io::Result<()> {
        let mut state = self.lock();
        while state.healed == healed && !state.closing {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closing { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests;
