//! Addresses of services, as people write them.

use crate::exchange::is_loopback;
use reqwest::Url;

/// What is wrong with an address. None of these shows it: a refused one may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is none.
    #[error("is empty")]
    Empty,
    /// It is no address.
    #[error("cannot be read")]
    Unreadable,
    /// It leads to no web server.
    #[error("does not begin with https://")]
    NoWeb,
    /// It holds a user name or password.
    #[error("holds a user name or password")]
    Credentials,
    /// It holds a query or fragment.
    #[error("holds a query or fragment")]
    Query,
}

impl AddressError {
    /// Whether somebody may have written the key where it does not belong.
    pub fn may_hold_the_key(self) -> bool {
        matches!(self, Self::Credentials | Self::Query)
    }
}

/// The address of a service: of the web, and without user name, query or fragment, which is where keys hide.
pub fn address(text: &str) -> Result<Url, AddressError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if text.contains("://") => return Err(AddressError::Unreadable),
        Err(_) => return Err(AddressError::NoWeb),
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(AddressError::NoWeb);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(AddressError::Query);
    }
    Ok(url)
}

/// Whether a key would travel there in clear text over a network.
pub fn is_in_clear(url: &Url) -> bool {
    url.scheme() == "http" && !is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_web_and_holds_no_key() {
        for (text, expected) in [
            (" https://app.test/x/ ", Ok("https://app.test/x/")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/")),
            (" ", Err(AddressError::Empty)),
            ("https://", Err(AddressError::Unreadable)),
            ("app.test/x", Err(AddressError::NoWeb)),
            ("ftp://app.test", Err(AddressError::NoWeb)),
            ("mailto:a@app.test", Err(AddressError::NoWeb)),
            ("https://u@app.test", Err(AddressError::Credentials)),
            ("https://:p@app.test", Err(AddressError::Credentials)),
            ("https://app.test?key=1", Err(AddressError::Query)),
            ("https://app.test#key", Err(AddressError::Query)),
        ] {
            assert_eq!(address(text).as_ref().map(Url::as_str).map_err(|e| *e), expected, "{text}");
            let hides = matches!(expected, Err(AddressError::Credentials | AddressError::Query));
            assert_eq!(address(text).is_err_and(AddressError::may_hold_the_key), hides, "{text}");
        }
    }

    #[test]
    fn only_a_foreign_http_address_sends_the_key_in_clear() {
        for (text, clear) in [
            ("http://127.0.0.1:1", false),
            ("http://[::1]:1", false),
            ("http://localhost", false),
            ("https://app.test", false),
            ("http://app.test", true),
        ] {
            assert_eq!(is_in_clear(&address(text).expect(text)), clear, "{text}");
        }
    }
}
