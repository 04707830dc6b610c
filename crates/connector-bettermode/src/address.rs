//! The address of the service, and which other addresses a token may go to.

use base::Fault;
use webclient::Url;

/// The service's address in the United States.
pub const US: &str = "https://api.bettermode.com";
/// The service's address in the European Union.
pub const EU: &str = "https://api.bettermode.de";
/// The service's address under its earlier name.
pub const OLD: &str = "https://app.tribe.so/graphql";

/// Hosts that an answer may send a token to.
const HOSTS: &[&str] = &["api.bettermode.com", "api.bettermode.de", "app.tribe.so"];

/// A checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Checks an address as a person wrote it; any host is taken, because who sets it knows where the token
    /// goes. It may hold no user name, query or fragment: those are where secrets hide, so a refused address
    /// is not shown.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        read(text).map(Self).map_err(|what| {
            Fault::usage(format!("the address of the BetterMode API {what}")).hint(format!(
                "set BETTERMODE_API_URL to {US}, or {EU} for a community in the European Union"
            ))
        })
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address that an answer names for a token (`gatewayUrl`), if the token may go there: to the hosts
    /// of the service, or where we are already. A stand-in on this machine never sends anybody away from it.
    pub fn gateway(&self, text: &str) -> Option<Url> {
        let url = read(text).ok()?;
        if url.origin() == self.0.origin() {
            return Some(url);
        }
        let known = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| HOSTS.contains(&host));
        (known && !webclient::is_loopback(&self.0)).then_some(url)
    }

    /// Whether tokens would travel in clear text over a network.
    pub fn is_in_clear(&self) -> bool {
        self.0.scheme() == "http" && !webclient::is_loopback(&self.0)
    }
}

fn read(text: &str) -> Result<Url, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    let url = Url::parse(text)
        .map_err(|_| if text.contains("://") { "cannot be read" } else { "does not begin with https://" })?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("does not begin with https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("holds a query or fragment");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_somebody_set_is_taken_and_what_may_hide_a_secret_is_not() {
        for text in [US, EU, OLD, " https://api.bettermode.com/graphql ", "http://127.0.0.1:9/x"] {
            Address::parse(text).expect(text);
        }
        for (text, word) in [
            ("", "empty"),
            ("api.bettermode.com", "https://"),
            ("ftp://api.bettermode.com", "https://"),
            ("https://", "cannot be read"),
            ("https://u:s3cret@api.bettermode.com", "user name"),
            ("https://api.bettermode.com?token=s3cret", "query"),
        ] {
            let fault = Address::parse(text).expect_err(text);
            assert_eq!(fault.class, base::Class::Usage);
            assert!(fault.what.contains(word), "{text}: {fault}");
            assert!(!format!("{fault:?}").contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn a_token_follows_an_answer_only_to_known_hosts() {
        for (home, gateway, allowed) in [
            (US, EU, true),
            (US, "https://api.bettermode.de/graphql", true),
            (OLD, US, true),
            (US, "https://api.bettermode.com.evil.test", false),
            (US, "https://evil.test/api.bettermode.com", false),
            (US, "https://api.bettermode.com:8443", false),
            (US, "http://api.bettermode.com", false),
            (US, "https://x@api.bettermode.com", false),
            (US, "nonsense", false),
            (US, "", false),
            ("https://own.test/api", "https://own.test/other", true),
            ("https://own.test/api", "https://own.test:444/", false),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/graphql", true),
            ("http://127.0.0.1:9", "http://127.0.0.1:10/", false),
            ("http://127.0.0.1:9", US, false),
        ] {
            let home = Address::parse(home).expect(home);
            assert_eq!(home.gateway(gateway).is_some(), allowed, "{home:?} {gateway}");
        }
    }

    #[test]
    fn only_a_foreign_http_address_sends_tokens_in_clear() {
        for (text, clear) in [(US, false), ("http://localhost:1", false), ("http://own.test", true)] {
            assert_eq!(Address::parse(text).expect(text).is_in_clear(), clear, "{text}");
        }
    }
}
