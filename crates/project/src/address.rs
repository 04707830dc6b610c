//! Addresses: which parts may hold a password, and what is dropped.

use crate::template::Piece;

/// Stands for the value of a variable while an address is looked at; no text of a file can hold it.
const VARIABLE: char = '\u{0}';

/// Whether a password stands in the address as literal text, or in a default, or anywhere outside `${NAME}`.
pub(crate) fn literal_password(pieces: &[Piece]) -> bool {
    let bare: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable { .. } => VARIABLE.to_string(),
        })
        .collect();
    let defaults = pieces.iter().filter_map(|piece| match piece {
        Piece::Variable { default, .. } => default.clone(),
        Piece::Text(_) => None,
    });
    let filled: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable { default: Some(default), .. } => default.clone(),
            Piece::Variable { default: None, .. } => VARIABLE.to_string(),
        })
        .collect();
    std::iter::once(bare).chain(defaults).chain(std::iter::once(filled)).any(|text| holds_password(&text))
}

/// Whether a PostgreSQL address holds a password that is not wholly a variable's.
pub(crate) fn holds_password(address: &str) -> bool {
    let told = |value: &str| value.chars().any(|c| c != VARIABLE && c != '\'' && c != '"');
    if let Some((_, rest)) = address.split_once("://") {
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        // A password with a `/` or `?` that nobody escaped goes beyond the authority.
        let users = authority.rsplit_once('@').or_else(|| rest.rsplit_once('@'));
        if users.and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, word)| told(word)) {
            return true;
        }
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        return query
            .split('&')
            .any(|pair| pair.split_once('=').is_some_and(|(name, word)| is_password(name) && told(word)));
    }
    // key=value, with blanks around the equals sign allowed.
    let mut parts = address.split('=').peekable();
    while let (Some(before), Some(after)) = (parts.next(), parts.peek()) {
        let name = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        if is_password(name) && told(after.split_whitespace().next().unwrap_or_default()) {
            return true;
        }
    }
    false
}

fn is_password(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name == "password" || name == "sslpassword" || name == "passwd"
}

/// Whether it is an address that the PostgreSQL connector can try: the two schemes of libpq, or `key=value`.
pub(crate) fn is_postgres(address: &str) -> bool {
    match address.split_once("://") {
        Some((scheme, _)) => {
            matches!(scheme.split('+').next(), Some("postgres" | "postgresql")) && !scheme.ends_with('+')
        }
        None => address.split_once('=').is_some_and(|(name, _)| {
            let name = name.trim();
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        }),
    }
}

/// The address without the driver that other tools write into the scheme, and that driver:
/// `postgresql+asyncpg://…` → `postgresql://…`, `asyncpg`.
pub(crate) fn without_driver(address: &str) -> (String, Option<&str>) {
    if let Some((scheme, rest)) = address.split_once("://")
        && let Some((base, driver)) = scheme.split_once('+')
        && matches!(base, "postgres" | "postgresql")
    {
        return (format!("{base}://{rest}"), Some(driver));
    }
    (address.to_owned(), None)
}

/// What an HTTP address must not hold, if it does; a secret could hide there, and addresses are shown.
pub(crate) fn http_odd(address: &str) -> Option<&'static str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if authority.contains('@') {
        Some("a user name or password")
    } else if rest.contains(['?', '#']) {
        Some("a query")
    } else if authority.is_empty() || authority.starts_with(':') {
        Some("no host")
    } else if rest.contains(char::is_whitespace) {
        Some("a blank")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    #[test]
    fn a_password_in_an_address_is_seen_wherever_it_can_stand() {
        for (address, expected) in [
            ("embedded", false),
            ("${DATABASE_URL}", false),
            ("${DATABASE_URL:-embedded}", false),
            ("postgres://user@host/db", false),
            ("postgres://host:5432/db", false),
            ("postgres://u:${PW}@host/db", false),
            ("postgres://${U}:${PW}@${HOST}:5432/db", false),
            ("postgres://u:pw@host/db", true),
            ("postgres://u:p/w@host/db", true),
            ("postgres://u:p?w@host/db", true),
            ("postgres://u:pre${PW}@host/db", true),
            ("postgres://u:${PW:-pw}@host/db", true),
            ("postgres://u:${PW:-}@host/db", false),
            ("${URL:-postgres://u:pw@host/db}", true),
            ("postgres://u@host/db?password=pw", true),
            ("postgres://u@host/db?sslmode=require&password=${PW}", false),
            ("postgres://u@host/db?sslpassword=x", true),
            ("host=h password=pw", true),
            ("host=h password = 'pw'", true),
            ("host=h password='${PW}'", false),
            ("host=h user=u", false),
        ] {
            assert_eq!(literal_password(&template::parse(address).unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_driver_is_dropped_and_nothing_else() {
        for (address, expected, driver) in [
            ("postgresql+asyncpg://u@h/d", "postgresql://u@h/d", Some("asyncpg")),
            ("postgres+psycopg2://u:a+b@h/d", "postgres://u:a+b@h/d", Some("psycopg2")),
            ("postgresql://u:a+b@h/d", "postgresql://u:a+b@h/d", None),
            ("embedded", "embedded", None),
        ] {
            assert_eq!(without_driver(address), (expected.to_owned(), driver), "{address}");
        }
    }

    #[test]
    fn addresses_of_other_systems_are_seen() {
        for (address, expected) in [
            ("postgres://h/d", true),
            ("postgresql+asyncpg://h/d", true),
            ("host=h dbname=d", true),
            ("mysql://h/d", false),
            ("postgresql+://h", false),
            ("/var/run", false),
            ("Embedded", false),
        ] {
            assert_eq!(is_postgres(address), expected, "{address}");
        }
        for (address, expected) in [
            ("https://app.example/api/1.1", None),
            ("http://127.0.0.1:8080/api/1.1", None),
            ("https://u:p@app.example/", Some("a user name or password")),
            ("https://app.example/?api_token=x", Some("a query")),
            ("https:///api", Some("no host")),
        ] {
            assert_eq!(http_odd(address), expected, "{address}");
        }
    }
}
