//! The address of an application's API, and which of its databases that is.

use base::Fault;
use webclient::Url;

/// What an address of the API ends in, whatever stands before it.
pub const API_PATH: &str = "/api/1.1";

/// A checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Everything is below this; ends in [`API_PATH`].
    pub url: Url,
    /// `live`, `test`, or the path before [`API_PATH`] as it is: how branches are written there is not sure,
    /// so nothing is made of it.
    pub environment: String,
}

impl Address {
    /// Checks an address as a person wrote it. It may hold no user name, query or fragment: those are where
    /// keys hide, so a refused address is not shown.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let hint = "set BUBBLE_API_URL to https://APP.bubbleapps.io/api/1.1, or \
                    https://APP.bubbleapps.io/version-test/api/1.1 for the test database";
        let refuse =
            |what: &str| Err(Fault::usage(format!("the address of the Bubble API {what}")).hint(hint));
        let mut url = match webclient::address(text) {
            Ok(url) => url,
            Err(error) if error.may_hold_the_key() => {
                return refuse(&format!("{error}; the key belongs into api_key"));
            }
            Err(error) => return refuse(&error.to_string()),
        };
        let path = url.path().trim_end_matches('/').to_owned();
        let Some(prefix) = path.strip_suffix(API_PATH) else {
            let seen = if path.is_empty() { "has no path".into() } else { format!("has the path {path}") };
            return refuse(&format!("must end in {API_PATH}; it {seen}"));
        };
        let environment = match prefix.trim_start_matches('/') {
            "" | "version-live" => "live".to_owned(),
            "version-test" => "test".to_owned(),
            other => other.to_owned(),
        };
        url.set_path(&path);
        Ok(Self { url, environment })
    }

    /// Whether the key would travel in clear text over a network.
    pub fn is_in_clear(&self) -> bool {
        webclient::is_in_clear(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which_database_it_is() {
        for (text, environment) in [
            ("https://app.bubbleapps.io/api/1.1", "live"),
            (" https://app.bubbleapps.io/api/1.1/ ", "live"),
            ("https://shop.example/version-test/api/1.1", "test"),
            ("https://shop.example/version-live/api/1.1", "live"),
            ("https://shop.example/93xq/api/1.1", "93xq"),
            ("https://shop.example/version-93xq/api/1.1", "version-93xq"),
            ("http://127.0.0.1:8080/a/b/api/1.1", "a/b"),
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.environment, environment, "{text}");
            assert!(address.url.as_str().ends_with(API_PATH), "{text}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_by_name_and_without_showing_what_may_be_a_key() {
        for (text, word) in [
            ("", "empty"),
            ("app.bubbleapps.io/api/1.1", "https://"),
            ("ftp://app.bubbleapps.io/api/1.1", "https://"),
            ("https://", "cannot be read"),
            ("https://app.bubbleapps.io", "no path"),
            ("https://app.bubbleapps.io/api/1.1/obj", "/api/1.1/obj"),
            ("https://u:s3cret@app.bubbleapps.io/api/1.1", "api_key"),
            ("https://app.bubbleapps.io/api/1.1?api_token=s3cret", "api_key"),
        ] {
            let fault = Address::parse(text).expect_err(text);
            assert_eq!(fault.class, base::Class::Usage);
            assert!(fault.what.contains(word), "{text}: {fault}");
            assert!(fault.hints[0].contains("BUBBLE_API_URL"));
            assert!(!format!("{fault:?}").contains("s3cret"), "{text}");
        }
    }
}
