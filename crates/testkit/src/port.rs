//! Free ports of loopback, for servers that cannot be given one by the system.

use std::io;
use std::net::TcpListener;

/// Another process may take the free port before the server does; three in a row is not chance.
const PORTS_MAX: usize = 3;

/// Starts a server on a free port; on another one while the fault is that somebody has taken it.
pub(crate) fn on_a_free_one(mut start: impl FnMut(u16) -> io::Result<()>) -> io::Result<()> {
    let mut outcome = Ok(());
    for _ in 0..PORTS_MAX {
        outcome = start(free()?);
        if !matches!(&outcome, Err(fault) if fault.kind() == io::ErrorKind::AddrInUse) {
            break;
        }
    }
    outcome
}

/// A port of loopback that nobody uses at this moment.
fn free() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
