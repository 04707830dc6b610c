//! Which MongoDB the same tests run over: the double, unless `cargo xtask test-mongo` says another one.

use super::Mongo;
use crate::doors;
use crate::files::{self, Scratch};
use crate::port;
use crate::process::{self, Process};
use crate::wait;
use rustix::process::Signal;
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// `double` (or nothing), `polodb:PROGRAM`, or the address of a server.
pub const VARIABLE: &str = "LANDFALL_TEST_MONGODB";

/// How long a server may take to listen.
const START_MAX: Duration = Duration::from_secs(30);
/// How long a killed server may take to be gone.
const STOP_MAX: Duration = Duration::from_secs(10);

/// A server for one test, with a database that nobody else has.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    database: String,
}

#[derive(Debug)]
enum Kind {
    Double(Mongo),
    PoloDb { process: Process, port: u16, _folder: Scratch },
    Real(String),
}

impl Server {
    /// The one that the environment wants.
    pub fn start() -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let wanted = doors::variable(VARIABLE).unwrap_or_default();
        let wanted = wanted.to_string_lossy();
        let kind = match wanted.split_once(':') {
            Some(("polodb", program)) => polodb(Path::new(program))?,
            Some(_) => Kind::Real(wanted.into_owned()),
            None => Kind::Double(Mongo::start()?),
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Ok(Self { kind, database: format!("landfall_test_{}_{number}", std::process::id()) })
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        match &self.kind {
            Kind::Double(double) => double.url_for(&self.database),
            Kind::PoloDb { port, .. } => format!("mongodb://127.0.0.1:{port}/{}", self.database),
            Kind::Real(url) => {
                let (before, options) = url.split_once('?').unwrap_or((url, ""));
                let host = before.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
                let question = if options.is_empty() { "" } else { "?" };
                format!("{host}/{}{question}{options}", self.database)
            }
        }
    }

    /// Whether somebody has to drop the database when the test is over.
    pub fn outlives(&self) -> bool {
        matches!(self.kind, Kind::Real(_))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Kind::PoloDb { process, .. } = &self.kind {
            let _ = process.signal(Signal::KILL);
            process.wait(STOP_MAX);
        }
    }
}

fn polodb(program: &Path) -> io::Result<Kind> {
    let folder = files::session()?;
    let mut started = None;
    port::on_a_free_one(|port| {
        let mut command = process::server(program, &folder.join("log"))?;
        command.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string(), "--path"]);
        command.arg(folder.join("data"));
        let process = Process::start(command, |_| ())?;
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(true);
        let up = wait::until("a start of PoloDB", START_MAX, || match process.ended() {
            Some(_) => Some(false),
            None => listens(),
        });
        if up? {
            started = Some((process, port));
            return Ok(());
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        Err(io::Error::other(format!("PoloDB did not start; its log:\n{log}")))
    })?;
    let (process, port) = started.ok_or_else(|| io::Error::other("PoloDB did not start"))?;
    Ok(Kind::PoloDb { process, port, _folder: folder })
}
