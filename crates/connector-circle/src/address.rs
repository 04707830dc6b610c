//! The address of Circle's Admin API.

use base::Fault;
use webclient::Url;

/// Where Circle is, for every community.
pub const DEFAULT_URL: &str = "https://app.circle.so";

/// What every request of the Admin API, version 2, is below.
pub const API_PATH: &str = "/api/admin/v2";

/// A checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Everything is below this; ends in [`API_PATH`].
    pub url: Url,
}

impl Address {
    /// Checks an address as a person wrote it, with or without [`API_PATH`]. It may hold no user name, query
    /// or fragment: those are where tokens hide, so a refused address is not shown.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refuse = |what: &str| {
            Err(Fault::usage(format!("the address of the Circle API {what}"))
                .hint(format!("leave CIRCLE_API_URL away, or set it to {DEFAULT_URL}")))
        };
        let mut url = match webclient::address(text) {
            Ok(url) => url,
            Err(error) if error.may_hold_the_key() => {
                return refuse(&format!("{error}; the token belongs into CIRCLE_API_TOKEN"));
            }
            Err(error) => return refuse(&error.to_string()),
        };
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix(API_PATH).unwrap_or(path);
        if path.split('/').any(|part| part == "api") {
            return refuse(&format!("names another API of Circle; it is {API_PATH} that is read"));
        }
        let path = format!("{path}{API_PATH}");
        url.set_path(&path);
        Ok(Self { url })
    }

    /// Whether the token would travel in clear text over a network.
    pub fn is_in_clear(&self) -> bool {
        webclient::is_in_clear(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_the_admin_api_however_it_is_written() {
        for (text, expected) in [
            (DEFAULT_URL, "https://app.circle.so/api/admin/v2"),
            (" https://app.circle.so/ ", "https://app.circle.so/api/admin/v2"),
            ("https://app.circle.so/api/admin/v2", "https://app.circle.so/api/admin/v2"),
            ("https://app.circle.so/api/admin/v2/", "https://app.circle.so/api/admin/v2"),
            ("http://127.0.0.1:8080/circle", "http://127.0.0.1:8080/circle/api/admin/v2"),
        ] {
            assert_eq!(Address::parse(text).expect(text).url.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_by_name_and_without_showing_what_may_be_a_token() {
        for (text, word) in [
            ("", "empty"),
            ("app.circle.so", "https://"),
            ("ftp://app.circle.so", "https://"),
            ("https://", "cannot be read"),
            ("https://app.circle.so/api/v1", "another API"),
            ("https://app.circle.so/api/headless/v1", "another API"),
            ("https://u:s3cret@app.circle.so", "CIRCLE_API_TOKEN"),
            ("https://app.circle.so?token=s3cret", "CIRCLE_API_TOKEN"),
            ("https://app.circle.so#s3cret", "CIRCLE_API_TOKEN"),
        ] {
            let fault = Address::parse(text).expect_err(text);
            assert_eq!(fault.class, base::Class::Usage);
            assert!(fault.what.contains(word), "{text}: {fault}");
            assert!(fault.hints[0].contains("CIRCLE_API_URL"));
            assert!(!format!("{fault:?}").contains("s3cret"), "{text}");
        }
    }
}
