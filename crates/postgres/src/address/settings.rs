//! From names and values to a checked address.

use super::url::Given;
use super::{
    Address, Around, Binding, CONNECT_SECONDS, CONNECT_SECONDS_MAX, Host, PORT, Place, Roots, SOCKET_DIR,
    SslMode, Wanted, unescaped, unreadable,
};
use base::{Fault, Secret};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The parameters that an address may have. Others are refused: one that is ignored silently could be the one
/// that was to make the connection safe.
pub const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "gssencmode",
    "host",
    "options",
    "passfile",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// Puts the settings together with what stands around them and the defaults.
pub(super) fn build(given: &Given, around: &Around) -> Result<Address, Fault> {
    for (name, _) in given {
        if !KNOWN.contains(&name.as_str()) {
            return Err(unknown(name));
        }
    }
    // The last one wins, and an empty one counts as not given, as in libpq.
    let get = |name: &str| {
        let value = given.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        value.filter(|value| !value.is_empty())
    };

    let hosts = hosts(get("host"), get("port"))?;
    let user = match (get("user"), &around.user) {
        (Some(user), _) => user.to_owned(),
        (None, Some(user)) => user.clone(),
        (None, None) => return Err(unreadable("it names no user, and neither does the environment")),
    };
    let roots = match get("sslrootcert") {
        None => Roots::Default,
        Some("system") => Roots::System,
        Some(file) => Roots::File(PathBuf::from(file)),
    };
    match get("gssencmode") {
        None | Some("disable" | "prefer") => {}
        Some("require") => {
            return Err(Fault::usage("DATABASE_URL asks for gssencmode=require, which landfall cannot do")
                .hint("use TLS: sslmode=verify-full"));
        }
        Some(_) => return Err(wrong("gssencmode", "disable or prefer")),
    }
    Ok(Address {
        hosts,
        database: get("dbname").unwrap_or(&user).to_owned(),
        user,
        password: get("password").map(Secret::new).or_else(|| around.password.clone()),
        passfile: get("passfile")
            .map(PathBuf::from)
            .or_else(|| around.passfile.clone())
            .or_else(|| around.home.as_deref().map(|home| home.join(".pgpass"))),
        ssl: ssl_mode(get("sslmode"), &roots)?,
        roots,
        certificate: get("sslcert").map(PathBuf::from),
        key: get("sslkey").map(PathBuf::from),
        tls_home: around.home.as_deref().map(|home: &Path| home.join(".postgresql")),
        binding: match get("channel_binding") {
            None | Some("prefer") => Binding::Prefer,
            Some("disable") => Binding::Disable,
            Some("require") => Binding::Require,
            Some(_) => return Err(wrong("channel_binding", "disable, prefer or require")),
        },
        timeout: timeout(get("connect_timeout"))?,
        application_name: get("application_name").map(str::to_owned),
        options: get("options").map(str::to_owned),
        wanted: match get("target_session_attrs") {
            None | Some("any") => Wanted::Any,
            Some("read-write") => Wanted::ReadWrite,
            Some("read-only") => Wanted::ReadOnly,
            Some("primary") => Wanted::Primary,
            Some("standby") => Wanted::Standby,
            Some("prefer-standby") => Wanted::PreferStandby,
            Some(_) => {
                let words = "any, read-write, read-only, primary, standby or prefer-standby";
                return Err(wrong("target_session_attrs", words));
            }
        },
        dropped_driver: None,
    })
}

fn hosts(names: Option<&str>, ports: Option<&str>) -> Result<Vec<Host>, Fault> {
    let names: Vec<&str> = names.unwrap_or_default().split(',').collect();
    let ports: Vec<&str> = ports.unwrap_or_default().split(',').collect();
    if ports.len() != 1 && ports.len() != names.len() {
        return Err(unreadable("the number of ports is neither one nor that of the hosts"));
    }
    let mut hosts = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        // Not shown: with a password that was not encoded, it may stand here.
        let port = match ports.get(i).copied().unwrap_or(ports[0]) {
            "" => PORT,
            port => match port.parse() {
                Ok(0) | Err(_) => {
                    return Err(unreadable("the port is not a number from 1 to 65535")
                        .hint("a / or : in the user or password must be written as %2F or %3A"));
                }
                Ok(port) => port,
            },
        };
        if name.contains('@') {
            return Err(unescaped());
        }
        let place = match *name {
            "" => Place::Folder(PathBuf::from(SOCKET_DIR)),
            folder if folder.starts_with('/') => Place::Folder(PathBuf::from(folder)),
            name => Place::Net(name.to_owned()),
        };
        hosts.push(Host { place, port });
    }
    Ok(hosts)
}

/// libpq refuses `sslrootcert=system` with anything weaker than `verify-full`, and makes that its default: a
/// certificate of anybody whom a public authority knows proves nothing without the name.
fn ssl_mode(word: Option<&str>, roots: &Roots) -> Result<SslMode, Fault> {
    let mode = match word {
        None if *roots == Roots::System => SslMode::VerifyFull,
        None => SslMode::Prefer,
        Some("disable") => SslMode::Disable,
        Some("allow") => SslMode::Allow,
        Some("prefer") => SslMode::Prefer,
        Some("require") => SslMode::Require,
        Some("verify-ca") => SslMode::VerifyCa,
        Some("verify-full") => SslMode::VerifyFull,
        Some(_) => {
            return Err(wrong("sslmode", "disable, allow, prefer, require, verify-ca or verify-full"));
        }
    };
    if *roots == Roots::System && mode != SslMode::VerifyFull {
        return Err(Fault::usage(
            "DATABASE_URL has sslrootcert=system with an sslmode other than verify-full",
        )
        .hint("write sslmode=verify-full"));
    }
    Ok(mode)
}

fn timeout(word: Option<&str>) -> Result<Duration, Fault> {
    let seconds = match word.map(|word| word.trim().parse::<i64>()) {
        None => CONNECT_SECONDS,
        Some(Ok(0)) => CONNECT_SECONDS_MAX,
        Some(Ok(seconds)) if seconds > 0 => (seconds as u64).min(CONNECT_SECONDS_MAX),
        // libpq takes a negative number for "for ever".
        Some(Ok(_)) => CONNECT_SECONDS_MAX,
        Some(Err(_)) => return Err(wrong("connect_timeout", "a number of seconds")),
    };
    Ok(Duration::from_secs(seconds))
}

fn wrong(name: &str, words: &str) -> Fault {
    Fault::usage(format!("DATABASE_URL has a value for {name} that PostgreSQL does not know"))
        .hint(format!("{name} is one of: {words}"))
}

fn unknown(name: &str) -> Fault {
    let plain = !name.is_empty()
        && name.len() <= 40
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !plain {
        return unreadable("a parameter has a name that no parameter has");
    }
    let fault = Fault::usage(format!("DATABASE_URL has the parameter {name}, which landfall does not know"));
    let fault = match (name, base::names::nearest(name, KNOWN.iter().copied())) {
        ("ssl", _) => fault.hint("write sslmode=require instead of ssl"),
        ("pgbouncer", _) => fault.hint("use the address of the database itself, not of its pooler"),
        (_, Some(near)) => fault.hint(format!("did you mean {near}?")),
        _ => fault,
    };
    fault.hint(format!("leave it out; known are {}", KNOWN.join(", ")))
}
