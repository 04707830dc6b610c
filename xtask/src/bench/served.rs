//! A server of the program that says where it is, as one line of JSON, and serves until it is dropped.

use super::proc;
use crate::failure::Failure;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The server.
pub struct Served {
    process: Child,
    /// `HOST:PORT`.
    pub host: String,
    /// All that it said.
    pub said: Value,
}

impl Served {
    /// Starts it; its address stands under this name in what it says.
    pub fn start(mut command: Command, address: &str) -> Result<Self, Failure> {
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(Failure::failed)?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(Failure::failed)?;
        }
        let said: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
        let address = said[address].as_str().unwrap_or_default();
        let host = address.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
        let served = Self { process, host, said };
        match served.host.is_empty() {
            true => Err(Failure::failed(format_args!("the server did not start; it said {line:?}"))),
            false => Ok(served),
        }
    }

    /// The most memory that it had so far.
    pub fn peak_mib(&self) -> f64 {
        let kib = i32::try_from(self.process.id()).ok().and_then(proc::peak_kib);
        #[expect(clippy::cast_precision_loss, reason = "kibibytes of one process")]
        kib.map_or(f64::NAN, |kib| kib as f64 / 1024.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // What it answered is kept; nothing else has to be saved.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
