//! The server itself: make, start, stop, kill, remove.

use super::{Options, binaries};
use crate::files::{self, Scratch};
use crate::port;
use crate::process::{Process, setpriv};
use crate::user::{self, User};
use crate::wait;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A start takes a second, after a crash a few; two slow cores with a busy disk take much longer.
const START_MAX: Duration = Duration::from_secs(60);
/// The same for a stop; then the server is killed.
const STOP_MAX: Duration = Duration::from_secs(30);
/// How a server is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Sessions are ended, everything is written, as an administrator does it.
    Fast,
    /// Everybody leaves at once; the next start recovers.
    Immediate,
}

/// A private PostgreSQL. Everyone on this machine may connect as the superuser `postgres`, without a
/// password, over loopback or the Unix socket.
#[derive(Debug)]
pub struct Postgres {
    folder: Scratch,
    binaries: PathBuf,
    user: Option<User>,
    port: u16,
    process: Option<Process>,
}

impl Postgres {
    /// Makes a server and starts it. As root it runs as `postgres` or `nobody`. A fault says what is missing,
    /// or shows the end of the server's log.
    pub fn start(options: &Options) -> io::Result<Self> {
        let user = user::unprivileged()?;
        let folder = files::session()?;
        for name in ["data", "socket"] {
            std::fs::create_dir(folder.join(name))?;
            if let Some(user) = user {
                std::os::unix::fs::chown(folder.join(name), Some(user.uid), Some(user.gid))?;
            }
        }
        let mut server = Self { folder, binaries: binaries()?, user, port: 0, process: None };
        server.make(options)?;
        port::on_a_free_one(|port| {
            server.port = port;
            server.launch()
        })?;
        Ok(server)
    }

    /// Where the server is: `postgresql://postgres@127.0.0.1:PORT/postgres`.
    pub fn url(&self) -> String {
        self.url_for("postgres")
    }

    /// The address of a database on it.
    pub fn url_for(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The address of a database on it over the Unix socket.
    pub fn socket_url_for(&self, database: &str) -> String {
        format!("postgresql:///{database}?user=postgres&host={}&port={}", self.socket().display(), self.port)
    }

    /// The folder of its Unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Its port on loopback; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// One of the server's programs: `psql`, `pg_dump`, …
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// What the server logged so far.
    pub fn log(&self) -> String {
        std::fs::read(self.log_path())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Runs SQL in a database with `psql`; gives the rows as lines, columns apart by `|`.
    pub fn psql(&self, database: &str, sql: &str) -> io::Result<String> {
        let output = Command::new(self.program("psql"))
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url_for(database), "-c", sql])
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        } else {
            Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()))
        }
    }

    /// Stops the server; what it holds stays for [`Postgres::resume`].
    pub fn stop(&mut self, how: Stop) -> io::Result<()> {
        let Some(process) = self.process.take() else { return Ok(()) };
        process.signal(match how {
            Stop::Fast => Signal::INT,
            Stop::Immediate => Signal::QUIT,
        })?;
        if process.wait(STOP_MAX).is_none() {
            process.signal(Signal::KILL)?;
            process.wait(STOP_MAX);
            return Err(io::Error::other("the server did not stop and was killed"));
        }
        Ok(())
    }

    /// Starts the stopped or killed server again, at the same address, with everything that it held.
    pub fn resume(&mut self) -> io::Result<()> {
        if self.process.as_ref().is_some_and(|p| p.ended().is_none()) {
            return Ok(());
        }
        // After a kill the old backends may live for a moment; the server refuses to start beside them.
        let mut last = None;
        wait::until("a restart of the server", START_MAX, || {
            let outcome = self.launch();
            let again =
                matches!(&outcome, Err(f) if f.to_string().contains("pre-existing shared memory block"));
            if again {
                last = outcome.err();
                return None;
            }
            Some(outcome)
        })
        .map_err(|timeout| last.take().unwrap_or(timeout))?
    }

    /// Stops and starts.
    pub fn restart(&mut self, how: Stop) -> io::Result<()> {
        self.stop(how)?;
        self.resume()
    }

    /// `kill -9` of the server as a whole, as when the machine runs out of memory.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(process) = self.process.take() else { return Ok(()) };
        process.signal(Signal::KILL)?;
        match process.wait(STOP_MAX) {
            Some(_) => Ok(()),
            None => Err(io::Error::other("the server outlived a kill")),
        }
    }

    /// `kill -9` of one backend (`pg_backend_pid()`): the server ends all sessions and recovers. A number
    /// that is none of its processes is refused.
    pub fn kill_backend(&self, pid: i32) -> io::Result<()> {
        let parent = self.process.as_ref().map(Process::pid);
        if parent.is_none() || parent_of(pid) != parent {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{pid} is no backend of this server"),
            ));
        }
        let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(kill_process(pid, Signal::KILL)?)
    }

    fn make(&self, options: &Options) -> io::Result<()> {
        let data = self.folder.join("data");
        let mut command = self.command(&self.program("initdb"));
        command
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--no-instructions", "-D"])
            .arg(&data);
        let output = command.output()?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
            return Err(io::Error::other(format!("initdb: {text}")));
        }
        use io::Write as _;
        let mut file = File::options().append(true).open(data.join("postgresql.conf"))?;
        file.write_all(options.configuration().as_bytes())
    }

    /// Starts the server and waits until it takes connections.
    fn launch(&mut self) -> io::Result<()> {
        let log = File::create(self.log_path())?;
        let server = self.program("postgres");
        // The uid is changed before `setpriv` runs, because a change of uid takes the death signal away.
        let mut command = match setpriv() {
            Some(setpriv) => {
                let mut command = self.command(setpriv);
                command.args(["--pdeathsig", "QUIT", "--"]).arg(&server);
                command
            }
            None => self.command(&server),
        };
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(self.socket());
        command.args(["-p", &self.port.to_string()]).stdout(log.try_clone()?).stderr(log).process_group(0);
        let process = Process::start(command, |_| ())?;
        let pid_file = self.folder.join("data/postmaster.pid");
        let started = wait::until("a start of the server", START_MAX, || match process.ended() {
            Some(_) => Some(false),
            None => ready(&pid_file, process.pid()).then_some(true),
        });
        match started {
            Ok(true) => {
                self.process = Some(process);
                Ok(())
            }
            outcome => {
                let _ = process.signal(Signal::KILL);
                Err(self.start_fault(outcome.err()))
            }
        }
    }

    fn start_fault(&self, timeout: Option<io::Error>) -> io::Error {
        let log = self.log();
        let kind = if log.contains("Address already in use") {
            io::ErrorKind::AddrInUse
        } else {
            io::ErrorKind::Other
        };
        let cause = timeout.map_or_else(|| "PostgreSQL did not start".to_owned(), |t| t.to_string());
        io::Error::new(kind, format!("{cause}; its log:\n{log}"))
    }

    /// A program in a bare environment, as the user that the server runs as.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").env("TZ", "UTC");
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stopped = self.stop(Stop::Immediate);
        if stopped.is_err() && !std::thread::panicking() {
            // A folder in use would stay; nothing more can be done about it here.
            let _ = self.kill();
        }
    }
}

/// Whether the server of that number says in its pid file that it takes connections (the file's 8th line, as
/// `pg_ctl` reads it).
fn ready(pid_file: &Path, pid: i32) -> bool {
    let text = std::fs::read_to_string(pid_file).unwrap_or_default();
    let mut lines = text.lines();
    lines.next().is_some_and(|line| line.trim() == pid.to_string())
        && lines.nth(6).is_some_and(|line| line.trim() == "ready")
}

/// The parent of a process (the 4th field of `/proc/PID/stat`; the 2nd may hold blanks, in parentheses).
fn parent_of(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One server for all of it: making one costs seconds on a slow machine.
    #[test]
    fn a_server_keeps_what_it_committed_through_stop_kill_and_crash() {
        let options = Options::default().set("work_mem", "7MB");
        let mut server = Postgres::start(&options).unwrap();
        let port = server.port();
        assert_eq!(server.psql("postgres", "SHOW fsync; SHOW work_mem").unwrap(), "off\n7MB");
        server.psql("postgres", "CREATE TABLE t (n int); INSERT INTO t VALUES (1)").unwrap();

        server.restart(Stop::Fast).unwrap();
        server.psql("postgres", "INSERT INTO t VALUES (2)").unwrap();
        server.restart(Stop::Immediate).unwrap();
        assert_eq!(server.psql("postgres", "SELECT n FROM t ORDER BY n").unwrap(), "1\n2");

        server.psql("postgres", "INSERT INTO t VALUES (3)").unwrap();
        server.kill().unwrap();
        server.psql("postgres", "SELECT 1").unwrap_err();
        server.resume().unwrap();
        assert_eq!(server.psql("postgres", "SELECT count(*) FROM t").unwrap(), "3");
        assert_eq!(server.port(), port);

        let backend = backend_of_another_session(&server);
        server.kill_backend(backend).unwrap();
        wait::until("recovery", START_MAX, || server.psql("postgres", "SELECT count(*) FROM t").ok())
            .unwrap();
        assert_eq!(server.kill_backend(1).unwrap_err().kind(), io::ErrorKind::InvalidInput);

        let folder = server.folder.path().to_path_buf();
        drop(server);
        assert!(!folder.exists());
    }

    /// A session that sleeps in the server; gives its backend's number.
    fn backend_of_another_session(server: &Postgres) -> i32 {
        let mut command = Command::new(server.program("psql"));
        command.args(["-X", "-d", &server.url(), "-c", "SELECT pg_sleep(600)"]).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Process::start(command, |_| ()).unwrap();
        let sql = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
        wait::until("the other session", START_MAX, || server.psql("postgres", sql).ok()?.parse().ok())
            .unwrap()
    }

    #[test]
    fn a_setting_that_the_server_refuses_is_a_fault_that_shows_its_log() {
        let fault = Postgres::start(&Options::default().set("no_such_setting", "1")).unwrap_err();
        assert!(fault.to_string().contains("no_such_setting"), "{fault}");
    }
}
