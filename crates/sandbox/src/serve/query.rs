//! Query strings, decoded.

/// Names under which people try to send a token in the address.
const TOKEN_NAMES: &[&str] = &["api_token", "api_key", "apikey", "token", "access_token", "key", "bearer"];

/// Whether a query brings something that is called like a token.
pub(crate) fn names_token(query: &str) -> bool {
    let mut names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names.any(|name| TOKEN_NAMES.iter().any(|token| token.eq_ignore_ascii_case(name)))
}

/// The names and values of a query string in its order; `None` when it is not properly encoded.
pub(crate) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            decode(name, true).zip(decode(value, true))
        })
        .collect()
}

/// Undoes percent encoding; in queries `+` is a blank.
pub(crate) fn decode(text: &str, query: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let high = (bytes.next()? as char).to_digit(16)?;
                let low = (bytes.next()? as char).to_digit(16)?;
                out.push((high * 16 + low) as u8);
            }
            b'+' if query => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_and_broken_one_refused() {
        for (text, query, expected) in [
            ("Created%20Date", true, Some("Created Date")),
            ("Created+Date", true, Some("Created Date")),
            ("a+b", false, Some("a+b")),
            ("%C3%A9", true, Some("é")),
            ("%C3", true, None),
            ("%4", true, None),
            ("%zz", true, None),
        ] {
            assert_eq!(decode(text, query).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_query_is_read_pair_by_pair() {
        for (text, expected) in [
            ("", Some(vec![])),
            ("a=1&b", Some(vec![("a", "1"), ("b", "")])),
            ("a=1&a=2", Some(vec![("a", "1"), ("a", "2")])),
            ("q=x%3Dy%26z", Some(vec![("q", "x=y&z")])),
            ("a=%zz", None),
        ] {
            let read = pairs(text);
            let read = read.as_ref().map(|all| all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect());
            assert_eq!(read, expected, "{text}");
        }
    }
}
