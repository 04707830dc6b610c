//! The form `postgresql://user:password@host:port,host:port/database?name=value`.

use super::{unescaped, unreadable};
use base::Fault;

/// Name and value of each setting, in the order of the text; later ones win.
pub(super) type Given = Vec<(String, String)>;

/// The driver of the scheme and the rest behind `://`, when it is a URL of ours.
pub(super) fn split(text: &str) -> Option<(Option<String>, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (scheme, driver) = match scheme.split_once('+') {
        Some((scheme, driver)) => (scheme, Some(driver.to_owned())),
        None => (scheme, None),
    };
    (scheme == "postgresql" || scheme == "postgres").then_some((driver, rest))
}

/// Reads what stands behind `://`, as `conninfo_uri_parse_options` of libpq does.
pub(super) fn parse(rest: &str) -> Result<Given, Fault> {
    let mut given = Given::new();
    // The user ends at the first `@` before any `/`.
    let end = rest.find(['@', '/']).filter(|at| rest.as_bytes()[*at] == b'@');
    let rest = match end {
        None => rest,
        Some(at) => {
            let (user, password) = match rest[..at].split_once(':') {
                Some((user, password)) => (user, Some(password)),
                None => (&rest[..at], None),
            };
            push(&mut given, "user", user)?;
            push(&mut given, "password", password.unwrap_or_default())?;
            &rest[at + 1..]
        }
    };
    let (body, query) = match rest.split_once('?') {
        Some((body, query)) => (body, query),
        None => (rest, ""),
    };
    // A further `@` is never part of a host; it is the rest of a password that was not encoded.
    if body.contains('@') {
        return Err(unescaped());
    }
    let (authority, database) = body.split_once('/').unwrap_or((body, ""));
    hosts(authority, &mut given)?;
    push(&mut given, "dbname", database)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(unreadable("a parameter behind the ? has no ="));
        };
        given.push((decode(name)?, decode(value)?));
    }
    Ok(given)
}

/// `host:port,host:port`, with IPv6 addresses in brackets.
fn hosts(authority: &str, given: &mut Given) -> Result<(), Fault> {
    if authority.is_empty() {
        return Ok(());
    }
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for one in authority.split(',') {
        let (name, port) = if let Some(inner) = one.strip_prefix('[') {
            let Some((name, tail)) = inner.split_once(']') else {
                return Err(unreadable("the [ of an IPv6 address is not closed"));
            };
            match (tail, tail.strip_prefix(':')) {
                ("", _) => (name, ""),
                (_, Some(port)) => (name, port),
                _ => return Err(unreadable("behind the ] of an IPv6 address stands neither : nor /")),
            }
        } else {
            one.split_once(':').unwrap_or((one, ""))
        };
        names.push(decode(name)?);
        ports.push(decode(port)?);
    }
    given.push(("host".into(), names.join(",")));
    if ports.iter().any(|port| !port.is_empty()) {
        given.push(("port".into(), ports.join(",")));
    }
    Ok(())
}

fn push(given: &mut Given, name: &str, value: &str) -> Result<(), Fault> {
    if !value.is_empty() {
        given.push((name.into(), decode(value)?));
    }
    Ok(())
}

/// Percent-decoding as libpq does it: `%00` is refused, `+` stays a plus.
fn decode(text: &str) -> Result<String, Fault> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) if high + low > 0 => out.push((high * 16 + low) as u8),
            (Some(_), Some(_)) => return Err(unreadable("%00 is not allowed")),
            _ => {
                return Err(unreadable("a % is not followed by two hexadecimal digits")
                    .hint("write a % in the password as %25"));
            }
        }
    }
    String::from_utf8(out).map_err(|_| unreadable("a percent-encoded part is not UTF-8"))
}
