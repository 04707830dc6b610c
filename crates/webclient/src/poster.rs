//! Posts JSON to any address, once: for calls whose id makes a repetition harmless and whose sender decides
//! about it. Redirects are not followed.

use crate::error::Error;
use crate::exchange::{connect_reason, host_and_port};
use crate::retry::retry_after;
use crate::tls;
use base::{Clock, SystemClock};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Url};
use std::time::Duration;

/// Time to open a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// Connections to one host that are kept for the next call.
const IDLE_PER_HOST: usize = 4;

/// Posts JSON documents.
pub struct Poster {
    http: Client,
    /// For this machine's own servers, which no proxy reaches.
    near: Client,
}

/// What came back; the body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The HTTP status, whatever it is.
    pub status: u16,
    /// How long the other side asks to wait.
    pub retry_after: Option<Duration>,
}

impl Poster {
    /// Posts that end within `timeout`.
    pub fn new(timeout: Duration) -> Result<Self, Error> {
        let client = |near: bool| {
            let builder = Client::builder()
                .tls_backend_preconfigured(tls::settings(true)?)
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT)
                .timeout(timeout)
                .pool_max_idle_per_host(IDLE_PER_HOST)
                .user_agent(concat!("landfall/", env!("CARGO_PKG_VERSION")));
            let builder = if near { builder.no_proxy() } else { builder };
            builder.build().map_err(|_| Error::Setup { what: "the HTTP client cannot be made".into() })
        };
        Ok(Self { http: client(false)?, near: client(true)? })
    }

    /// Posts `json` with these headers. Any status is an answer. Errors name the host only: the rest of such
    /// an address often is a secret.
    pub async fn post(&self, url: &Url, headers: &[(&str, &str)], json: Vec<u8>) -> Result<Posted, Error> {
        let client = if crate::is_loopback(url) { &self.near } else { &self.http };
        let request = client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(json);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.map_err(|error| failed(url, &error))?;
        let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        Ok(Posted {
            status: answer.status().as_u16(),
            retry_after: wait.and_then(|text| retry_after(text, SystemClock.now())),
        })
    }
}

fn failed(url: &Url, error: &reqwest::Error) -> Error {
    let path = host_and_port(url);
    if error.is_connect() {
        let (reason, unknown_host) = connect_reason(error);
        Error::Connect { host: path, reason, unknown_host, attempts: 1 }
    } else if error.is_timeout() {
        Error::Timeout { path, attempts: 1 }
    } else if error.is_builder() {
        Error::Setup { what: format!("no request can be written for {path}") }
    } else {
        Error::Cut { path, attempts: 1 }
    }
}
