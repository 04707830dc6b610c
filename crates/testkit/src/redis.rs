//! A private Redis: real, on a free port of loopback, in a temporary folder, writing nothing to disk, gone
//! when dropped.

use crate::doors;
use crate::files::{self, Scratch};
use crate::port;
use crate::process::{self, Process};
use crate::wait;
use rustix::process::Signal;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

/// A start takes a few milliseconds; on a machine under load much longer.
const START_MAX: Duration = Duration::from_secs(30);
/// How long a killed server may take to be gone.
const STOP_MAX: Duration = Duration::from_secs(10);
/// A server that listens answers at once.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// The server's program; `None`: it is not installed.
pub fn program() -> Option<PathBuf> {
    let path = doors::variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("redis-server")).find(|file| file.is_file())
}

/// A private Redis without a password.
#[derive(Debug)]
pub struct Redis {
    folder: Scratch,
    program: PathBuf,
    port: u16,
    process: Option<Process>,
}

impl Redis {
    /// Starts one. A fault says what is missing, or shows the end of the server's log.
    pub fn start() -> io::Result<Self> {
        let program = program().ok_or_else(|| {
            let words = "redis-server is not installed: no such program on the PATH";
            io::Error::new(io::ErrorKind::NotFound, words)
        })?;
        let mut server = Self { folder: files::session()?, program, port: 0, process: None };
        port::on_a_free_one(|port| {
            server.port = port;
            server.resume()
        })?;
        Ok(server)
    }

    /// Where it is: `redis://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Its port on loopback; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`: whatever it held is gone.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(process) = self.process.take() else { return Ok(()) };
        process.signal(Signal::KILL)?;
        match process.wait(STOP_MAX) {
            Some(_) => Ok(()),
            None => Err(io::Error::other("the server outlived a kill")),
        }
    }

    /// Starts the killed server again, at the same address, empty.
    pub fn resume(&mut self) -> io::Result<()> {
        if self.process.as_ref().is_some_and(|process| process.ended().is_none()) {
            return Ok(());
        }
        let mut command = process::server(&self.program, &self.folder.join("log"))?;
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
        command.args(["--appendonly", "no", "--dir"]).arg(self.folder.path());
        let process = Process::start(command, |_| ())?;
        let started = wait::until("a start of Redis", START_MAX, || match process.ended() {
            Some(_) => Some(false),
            None => self.ask("PING").is_ok_and(|answer| answer.starts_with("+PONG")).then_some(true),
        });
        match started {
            Ok(true) => {
                self.process = Some(process);
                Ok(())
            }
            outcome => {
                let _ = process.signal(Signal::KILL);
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                let in_use = log.contains("Address already in use");
                let kind = if in_use { io::ErrorKind::AddrInUse } else { io::ErrorKind::Other };
                let cause = outcome.err().map_or("Redis did not start".to_owned(), |late| late.to_string());
                Err(io::Error::new(kind, format!("{cause}; its log:\n{log}")))
            }
        }
    }

    /// Holds it (`SIGSTOP`): connections stay open and nothing is answered; `false` lets it go on.
    pub fn hold(&self, on: bool) -> io::Result<()> {
        let process = self.process.as_ref().ok_or_else(|| io::Error::other("the server is not running"))?;
        process.signal(if on { Signal::STOP } else { Signal::CONT })
    }

    /// Sends one command, words apart by blanks, and gives the answer as the wire has it.
    pub fn ask(&self, command: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.trim_end_matches("+OK\r\n").trim_end().to_owned())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // A folder in use would stay; nothing more can be done about it here.
        let _ = self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_server_comes_back_at_its_address_and_empty() {
        let mut server = Redis::start().unwrap();
        let port = server.port();
        assert_eq!(server.ask("SET a b").unwrap(), "");
        assert_eq!(server.ask("GET a").unwrap(), "$1\r\nb");
        server.kill().unwrap();
        server.ask("PING").unwrap_err();
        server.resume().unwrap();
        assert_eq!((server.ask("GET a").unwrap().as_str(), server.port()), ("$-1", port));
        let folder = server.folder.path().to_path_buf();
        drop(server);
        assert!(!folder.exists());
    }
}
