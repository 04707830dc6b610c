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
        let text = text.trim();
        if text.is_empty() {
            return refuse("is empty");
        }
        let Ok(mut url) = Url::parse(text) else {
            return refuse(if text.contains("://") {
                "cannot be read"
            } else {
                "does not begin with https://"
            });
        };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return refuse("does not begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("holds a user name or password; the key belongs into api_key");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("holds a query or fragment; the key belongs into api_key");
        }
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
        self.url.scheme() == "http" && !webclient::is_loopback(&self.url)
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

    #[test]
    fn only_a_foreign_http_address_sends_the_key_in_clear() {
        for (text, clear) in [
            ("http://127.0.0.1:1/api/1.1", false),
            ("http://[::1]:1/api/1.1", false),
            ("http://localhost/api/1.1", false),
            ("https://shop.example/api/1.1", false),
            ("http://shop.example/api/1.1", true),
        ] {
            assert_eq!(Address::parse(text).expect(text).is_in_clear(), clear, "{text}");
        }
    }
}
