//! From an address to a session.

mod faults;
mod session;
mod stream;

use crate::address::{Address, Binding, Host, Place, SslMode, Wanted, passfile};
use crate::tls;
use base::{Class, Fault};
use rustls::ClientConfig;
use std::error::Error as _;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, NoTls, config};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use faults::fault;
pub use session::{Cancel, Session};
pub(crate) use stream::Stream;

/// Seconds of silence after which the operating system asks whether the server is still there, and between
/// its questions; after [`KEEPALIVE_COUNT`] without an answer the connection counts as lost.
const KEEPALIVE_SECONDS: u64 = 20;

/// See [`KEEPALIVE_SECONDS`]: a server that vanished is noticed after two minutes, not after two hours.
const KEEPALIVE_COUNT: u32 = 5;

/// Where to dial again, for a cancellation.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// Host and port.
    Net(String, u16),
    /// A socket.
    Socket(PathBuf),
}

/// Connects and logs in; `role` (`landfall move`) is the name shown in `pg_stat_activity`, unless the address
/// asks for another.
///
/// The hosts are tried in order, as libpq does it: one that cannot be reached or is not ready gives way to
/// the next, one that refuses the login does not.
pub async fn connect(address: &Address, role: &str) -> Result<Session, Fault> {
    let net = address.hosts.iter().any(|host| matches!(host.place, Place::Net(_)));
    let tls = match address.ssl {
        SslMode::Disable => None,
        _ if !net => None,
        _ => Some(Arc::new(tls::config(address)?)),
    };
    let passes: &[Wanted] = match address.wanted {
        Wanted::PreferStandby => &[Wanted::Standby, Wanted::Any],
        _ => std::slice::from_ref(&address.wanted),
    };
    let mut faults: Vec<Fault> = Vec::new();
    for wanted in passes {
        for host in &address.hosts {
            let tried = match to_host(address, host, tls.as_ref(), role).await {
                Ok(session) => fits(session, *wanted, host).await,
                Err(fault) => Err(fault),
            };
            match tried {
                Ok(session) => return Ok(session),
                Err(fault) if fault.class == Class::Retry => {
                    if !faults.iter().any(|known| known.what == fault.what) {
                        faults.push(fault);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
    }
    Err(together(faults))
}

/// One fault for those of several hosts.
fn together(faults: Vec<Fault>) -> Fault {
    let mut faults = faults.into_iter();
    let Some(mut all) = faults.next() else {
        return Fault::bug("an address without hosts was to be connected to");
    };
    for fault in faults {
        all.what = format!("{}; {}", all.what, fault.what);
        for hint in fault.hints {
            if !all.hints.contains(&hint) {
                all.hints.push(hint);
            }
        }
    }
    all
}

/// Whether the server is of the kind that is wanted.
async fn fits(session: Session, wanted: Wanted, host: &Host) -> Result<Session, Fault> {
    let (question, answer) = match wanted {
        Wanted::Any | Wanted::PreferStandby => return Ok(session),
        Wanted::ReadWrite => ("SHOW transaction_read_only", "off"),
        Wanted::ReadOnly => ("SHOW transaction_read_only", "on"),
        Wanted::Primary => ("SELECT pg_is_in_recovery()::text", "false"),
        Wanted::Standby => ("SELECT pg_is_in_recovery()::text", "true"),
    };
    let row = session.query_one(question, &[]).await;
    let found: String = row
        .and_then(|row| row.try_get(0))
        .map_err(|error| session.fault(&error, "asking what the server is"))?;
    if found == answer {
        return Ok(session);
    }
    Err(Fault::retry(format!("{host} is not the kind of server that target_session_attrs asks for"))
        .hint("name further hosts in DATABASE_URL, or change target_session_attrs"))
}

/// Why one attempt failed, and whether the server may be friendlier with or without TLS.
struct Refusal {
    fault: Fault,
    transport: bool,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault, transport: false }
    }
}

/// Tries one host, with and without TLS in the order that the mode asks for.
async fn to_host(
    address: &Address,
    host: &Host,
    tls: Option<&Arc<ClientConfig>>,
    role: &str,
) -> Result<Session, Fault> {
    let order: &[config::SslMode] = match (address.ssl, &host.place) {
        (SslMode::Disable, _) | (_, Place::Folder(_)) => &[config::SslMode::Disable],
        (SslMode::Allow, _) => &[config::SslMode::Disable, config::SslMode::Require],
        (SslMode::Prefer, _) => &[config::SslMode::Prefer, config::SslMode::Disable],
        _ => &[config::SslMode::Require],
    };
    let mut first: Option<Fault> = None;
    for mode in order {
        let login = login(address, host, tls, *mode, role);
        let refusal = match tokio::time::timeout(address.timeout, login).await {
            Ok(Ok(session)) => return Ok(session),
            Ok(Err(refusal)) => refusal,
            Err(_) => timed_out(host, address.timeout).into(),
        };
        if !refusal.transport {
            return Err(first.unwrap_or(refusal.fault));
        }
        // The first answer is the one that a person can act on.
        first.get_or_insert(refusal.fault);
    }
    Err(first.unwrap_or_else(|| Fault::bug("no way to connect was tried")))
}

fn timed_out(host: &Host, limit: Duration) -> Fault {
    Fault::retry(format!("connecting to {host}: no answer within {} s", limit.as_secs()))
        .hint("check host and port in DATABASE_URL, and the firewall; connect_timeout=SECONDS waits longer")
}

async fn login(
    address: &Address,
    host: &Host,
    tls: Option<&Arc<ClientConfig>>,
    mode: config::SslMode,
    role: &str,
) -> Result<Session, Refusal> {
    let mut config = Config::new();
    config.user(&address.user).dbname(&address.database).ssl_mode(mode);
    config.application_name(address.application_name.as_deref().unwrap_or(role));
    config.channel_binding(match address.binding {
        Binding::Disable => config::ChannelBinding::Disable,
        Binding::Prefer => config::ChannelBinding::Prefer,
        Binding::Require => config::ChannelBinding::Require,
    });
    if let Some(options) = &address.options {
        config.options(options);
    }
    let password = passfile::password(address, host)?;
    if let Some(password) = &password {
        config.password(password.expose());
    }
    let line = match (&host.place, host.socket()) {
        (_, Some(socket)) => Line::Socket(socket),
        (Place::Net(name), None) => Line::Net(name.clone(), host.port),
        (Place::Folder(folder), None) => Line::Socket(folder.clone()),
    };
    let stream = dial(&line).await?;
    let tls = tls.filter(|_| mode != config::SslMode::Disable);
    let outcome = Session::over(stream, &config, line, tls.cloned(), host.to_string()).await;
    outcome.map_err(|error| refused(&error, address, host, password.is_some()))
}

/// Opens a connection, without speaking yet.
pub(crate) async fn dial(line: &Line) -> Result<Stream, Fault> {
    match line {
        Line::Socket(path) => match UnixStream::connect(path).await {
            Ok(stream) => Ok(Stream::Socket(stream)),
            Err(error) => Err(unreachable_fault(&path.display().to_string(), &error)
                .hint("is PostgreSQL running on this machine? DATABASE_URL may name host and port instead")),
        },
        Line::Net(name, port) => {
            let found = tokio::net::lookup_host((name.as_str(), *port)).await;
            let addresses: Vec<_> = match found {
                Ok(found) => found.collect(),
                Err(_) => Vec::new(),
            };
            if addresses.is_empty() {
                return Err(Fault::retry(format!(
                    "connecting to {name}:{port}: the host name cannot be resolved"
                ))
                .hint("check the host in DATABASE_URL, and this machine's name service"));
            }
            let mut last = None;
            for address in addresses {
                match TcpStream::connect(address).await {
                    Ok(stream) => {
                        keep_alive(&stream);
                        return Ok(Stream::Net(stream));
                    }
                    Err(error) => last = Some(error),
                }
            }
            let error = last.unwrap_or_else(|| ErrorKind::NotFound.into());
            Err(unreachable_fault(&format!("{name}:{port}"), &error)
                .hint("check host and port in DATABASE_URL, and that the server listens there"))
        }
    }
}

/// Best effort: a socket without these options works as well, only slower or with later notice of a loss.
fn keep_alive(stream: &TcpStream) {
    use rustix::net::sockopt;
    let silence = Duration::from_secs(KEEPALIVE_SECONDS);
    let _ = stream.set_nodelay(true);
    let _ = sockopt::set_socket_keepalive(stream, true);
    let _ = sockopt::set_tcp_keepidle(stream, silence);
    let _ = sockopt::set_tcp_keepintvl(stream, silence);
    let _ = sockopt::set_tcp_keepcnt(stream, KEEPALIVE_COUNT);
}

fn unreachable_fault(place: &str, error: &std::io::Error) -> Fault {
    let seen = match error.kind() {
        ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        ErrorKind::NotFound => "there is no such socket".to_owned(),
        ErrorKind::PermissionDenied => "this user may not use the socket".to_owned(),
        kind => kind.to_string(),
    };
    Fault::retry(format!("connecting to {place}: {seen}"))
}

/// The fault of a login that failed.
fn refused(error: &tokio_postgres::Error, address: &Address, host: &Host, had_password: bool) -> Refusal {
    let place = format!("connecting to {host}");
    if let Some(db) = error.as_db_error() {
        let fault = faults::of_server(db);
        let user = &address.user;
        let mut fault = match db.code().code() {
            "3D000" => fault.hint(format!("createdb {}", address.database)),
            "28000" if db.message().contains("does not exist") => {
                Fault::stop(format!("the role {user} does not exist (SQLSTATE 28000)"))
                    .hint(format!("createuser --login {user}"))
                    .hint("or name another user in DATABASE_URL")
            }
            _ => fault,
        };
        if fault.class == Class::Stop && !had_password {
            fault = fault.hint("DATABASE_URL has no password, and no PGPASSWORD or ~/.pgpass gives one");
        }
        // 28000 is also "no pg_hba.conf entry for …, no encryption".
        return Refusal { fault: fault.at(place), transport: db.code().code() == "28000" };
    }
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(reason) = source.downcast_ref::<rustls::Error>() {
            return Refusal { fault: handshake(reason).at(place), transport: true };
        }
        // tokio-rustls wraps its errors in an I/O error, whose source is not the wrapped error itself.
        if let Some(reason) = source
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            return Refusal { fault: handshake(reason).at(place), transport: true };
        }
        next = source.source();
    }
    let text = error.to_string();
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    let fault = if text.starts_with("error performing TLS") && source.contains("does not support TLS") {
        Fault::usage("the server does not speak TLS, and sslmode asks for it")
            .hint("switch TLS on at the server, or, on a network that you trust, use sslmode=disable")
    } else if text.starts_with("invalid configuration") && source.contains("password missing") {
        Fault::stop("the server wants a password, and there is none")
            .hint("put it into DATABASE_URL: postgresql://USER:PASSWORD@HOST/DATABASE")
    } else if text.starts_with("authentication error") {
        // The source is about the mechanism, never about the password.
        Fault::stop(format!("the login failed: {source}"))
            .hint("check user, password and channel_binding in DATABASE_URL")
    } else if error.is_closed() || text.starts_with("error communicating") {
        Fault::retry("the server broke off while it was asked to let us in")
            .hint("is this a PostgreSQL server? check host and port in DATABASE_URL")
    } else {
        faults::of_driver(error)
    };
    let transport = text.starts_with("error performing TLS");
    Refusal { fault: fault.at(place), transport }
}

fn handshake(reason: &rustls::Error) -> Fault {
    let (words, hint) = tls::explain(reason);
    let fault = Fault::usage(format!("the TLS handshake failed: {words}"));
    match hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

/// The connector for one stream.
pub(crate) fn connector(tls: &Arc<ClientConfig>, host: &str) -> Result<Connector, Fault> {
    let mut make = MakeRustlsConnect::new((**tls).clone());
    <MakeRustlsConnect as MakeTlsConnect<Stream>>::make_tls_connect(&mut make, host)
        .map_err(|_| Fault::usage("the host in DATABASE_URL is not a name that a certificate can have"))
}

pub(crate) type Connector = <MakeRustlsConnect as MakeTlsConnect<Stream>>::TlsConnect;

/// No TLS, for sockets.
pub(crate) const PLAIN: NoTls = NoTls;

#[cfg(test)]
mod tests {
    use super::*;

    fn is_send<T: Send>(_: &T) {}

    #[test]
    fn connecting_can_move_between_threads() {
        let around = crate::address::Around { user: Some("u".into()), ..Default::default() };
        let address = Address::parse("postgresql://db", &around).unwrap();
        is_send(&connect(&address, "x"));
    }
}
