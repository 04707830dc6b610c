//! libpq's password file: lines `host:port:database:user:password` (PostgreSQL manual, 34.16).

use super::{Address, Host, Place};
use base::{Fault, Secret};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;

/// Bytes of a password file that are read at most; a larger one is none.
const BYTES_MAX: u64 = 1 << 20;

/// The password for one host: that of the address, else that of the password file. A file that is not there
/// is no problem; one that others can read is, as for libpq.
pub fn password(address: &Address, host: &Host) -> Result<Option<Secret>, Fault> {
    if address.password.is_some() {
        return Ok(address.password.clone());
    }
    let Some(path) = &address.passfile else { return Ok(None) };
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => {
            return Err(Fault::usage(format!("{} cannot be read: {}", path.display(), error.kind())));
        }
    };
    if !meta.is_file() || meta.len() > BYTES_MAX {
        return Ok(None);
    }
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(Fault::usage(format!("the password file {} can be read by others", path.display()))
            .hint(format!("chmod 600 {}", path.display())));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::usage(format!("{} cannot be read: {}", path.display(), error.kind())))?;
    Ok(find(&text, host, &address.database, &address.user).map(Secret::new))
}

/// The password of the first line that fits. `*` fits everything, `\` takes the next character as it is; a
/// Unix socket in the default folder is `localhost`.
pub fn find(text: &str, host: &Host, database: &str, user: &str) -> Option<String> {
    let folder;
    let name = match &host.place {
        Place::Net(name) => name.as_str(),
        Place::Folder(path) if path.as_os_str() == super::SOCKET_DIR => "localhost",
        Place::Folder(path) => {
            folder = path.to_string_lossy();
            &folder
        }
    };
    let port = host.port.to_string();
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in [name, &port, database, user] {
            let (field, raw, tail) = field(rest)?;
            if raw != "*" && field != wanted {
                return None;
            }
            rest = tail;
        }
        Some(field_all(rest))
    })
}

/// A field up to the next colon: unescaped, raw, and what follows.
fn field(text: &str) -> Option<(String, &str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ':' => return Some((field_all(&text[..at]), &text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

fn field_all(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}
