//! The client: one address, one key, GET only.

use crate::error::{Body, ERROR_BODY_BYTES, Error};
use crate::pace::Pace;
use crate::retry::{Cause, Event, Observer, RetryPolicy, retry_after};
use crate::tls;
use base::Secret;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

type Limiter = RateLimiter<NotKeyed, InMemoryState, PaceClock, NoOpMiddleware<Duration>>;

/// Limits of a client.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time to open a connection, TLS included.
    pub connect_timeout: Duration,
    /// Time without a byte after which a request has timed out: a busy service may think for long.
    pub idle_timeout: Duration,
    /// Bytes of one answer: what a page of a hundred records of an ordinary service never reaches.
    pub body_bytes_max: usize,
    /// Requests at once.
    pub connections: usize,
    /// Requests in a minute; `None`: as many as there are.
    pub requests_per_minute: Option<NonZeroU32>,
    /// When to try again.
    pub retry: RetryPolicy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            body_bytes_max: 256 * 1024 * 1024,
            connections: 4,
            requests_per_minute: None,
            retry: RetryPolicy::default(),
        }
    }
}

/// How the key stands in the `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `Bearer KEY` (RFC 6750).
    Bearer,
    /// `Token KEY`, as services wrote it before that.
    Token,
}

/// An answer with status 2xx.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The body.
    pub body: Vec<u8>,
    /// The service's clock, from the `Date` header.
    pub date: Option<Timestamp>,
    /// Whether it says that it is HTML.
    pub html: bool,
}

/// Why a 2xx answer is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, without a value of a record.
    pub what: String,
    /// It ended too early: worth another try.
    pub cut: bool,
    /// It is an HTML page.
    pub html: bool,
}

/// Reads below one address, with one key.
pub struct ReadClient {
    http: reqwest::Client,
    base: Url,
    authorization: Option<Authorization>,
    settings: Settings,
    permits: Semaphore,
    limiter: Option<Limiter>,
    /// No request leaves before this moment of [`Pace::elapsed`] (milliseconds): one connection that is told
    /// to wait speaks for all.
    not_before: AtomicU64,
    pace: Arc<dyn Pace>,
    observer: Option<Arc<dyn Observer>>,
}

/// The key in each of its headers.
struct Authorization {
    bearer: HeaderValue,
    token: HeaderValue,
}

impl Authorization {
    fn new(key: &Secret) -> Result<Self, Error> {
        let header = |word: &str| {
            let mut value = HeaderValue::from_str(&format!("{word} {}", key.expose())).map_err(|_| {
                Error::Setup { what: "the key holds a character that no HTTP header can carry".into() }
            })?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok(Self { bearer: header("Bearer")?, token: header("Token")? })
    }

    fn header(&self, scheme: Scheme) -> HeaderValue {
        match scheme {
            Scheme::Bearer => self.bearer.clone(),
            Scheme::Token => self.token.clone(),
        }
    }
}

/// Gives the rate limiter the client's idea of time.
#[derive(Clone)]
struct PaceClock(Arc<dyn Pace>);

impl Clock for PaceClock {
    type Instant = Duration;
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Why one attempt failed.
struct Failed {
    error: Error,
    cause: Option<Cause>,
    retry_after: Option<Duration>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, cause: None, retry_after: None }
    }
}

impl ReadClient {
    /// A client for everything below `base`. The key is sent to that host only.
    pub fn new(
        base: Url,
        key: Option<&Secret>,
        settings: Settings,
        pace: Arc<dyn Pace>,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, Error> {
        if base.cannot_be_a_base() || !base.has_host() {
            return Err(Error::Setup { what: "the address names no host".into() });
        }
        let authorization = key.map(Authorization::new).transpose()?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::settings(base.scheme() == "https")?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(settings.connections)
            .user_agent(concat!("landfall/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base) {
            // A proxy cannot reach this machine's own servers.
            builder = builder.no_proxy();
        }
        let http =
            builder.build().map_err(|_| Error::Setup { what: "the HTTP client cannot be made".into() })?;
        let limiter = settings.requests_per_minute.map(|n| {
            // Spread over the minute, a second's worth at once: a service may count by any minute.
            let burst = NonZeroU32::new(n.get().div_ceil(60)).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::per_minute(n).allow_burst(burst);
            RateLimiter::direct_with_clock(quota, PaceClock(pace.clone()))
        });
        let permits = Semaphore::new(settings.connections.max(1));
        let not_before = AtomicU64::new(0);
        Ok(Self { http, base, authorization, settings, permits, limiter, not_before, pace, observer })
    }

    /// The address that everything is below.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// [`get_as`](Self::get_as) with the key as [`Scheme::Bearer`].
    pub async fn get<T>(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        decode: impl Fn(Reply) -> Result<T, Malformed>,
    ) -> Result<T, Error> {
        self.get_as(Scheme::Bearer, segments, query, decode).await
    }

    /// Asks for `base/segments…?query`, tries again where that may help, and hands each 2xx answer to
    /// `decode`, whose verdict [`Malformed::cut`] counts as a failed attempt.
    pub async fn get_as<T>(
        &self,
        scheme: Scheme,
        segments: &[&str],
        query: &[(&str, &str)],
        decode: impl Fn(Reply) -> Result<T, Malformed>,
    ) -> Result<T, Error> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let begun = self.pace.elapsed();
        let mut attempt = 1;
        loop {
            let failed = match self.attempt(scheme, &url, attempt, &decode).await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            let Some(cause) = failed.cause else { return Err(failed.error) };
            let spent = self.pace.elapsed().saturating_sub(begun);
            let fraction = self.pace.fraction();
            let asked = failed.retry_after;
            let Some(wait) = self.settings.retry.wait(cause, attempt, spent, asked, fraction) else {
                return Err(failed.error);
            };
            if let Some(observer) = &self.observer {
                let (path, asked) = (url.path().to_owned(), asked.is_some());
                observer.event(&Event::Waiting { cause, path, attempt, wait, asked });
            }
            if matches!(cause, Cause::Status(429 | 503)) {
                let until = (self.pace.elapsed() + wait).as_millis();
                self.not_before.fetch_max(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
            self.pace.sleep(wait).await;
            attempt += 1;
        }
    }

    /// Waits until a request may leave.
    async fn admission(&self) {
        loop {
            let until = Duration::from_millis(self.not_before.load(Ordering::Relaxed));
            let wait = until.saturating_sub(self.pace.elapsed());
            if wait.is_zero() {
                break;
            }
            self.pace.sleep(wait).await;
        }
        if let Some(limiter) = &self.limiter {
            while let Err(not_yet) = limiter.check() {
                self.pace.sleep(not_yet.wait_time_from(self.pace.elapsed())).await;
            }
        }
    }

    async fn attempt<T>(
        &self,
        scheme: Scheme,
        url: &Url,
        attempt: u32,
        decode: &impl Fn(Reply) -> Result<T, Malformed>,
    ) -> Result<T, Failed> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        self.admission().await;
        let path = || url.path().to_owned();
        let mut request = self.http.get(url.clone());
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.header(scheme));
        }
        let response = request.send().await.map_err(|e| self.failed(url, attempt, &e))?;
        let status = response.status();
        if status.is_redirection() {
            let to_host = location_host(url, response.headers());
            return Err(Error::Redirect { status: status.as_u16(), path: path(), to_host }.into());
        }
        let html = is_html(response.headers());
        if !status.is_success() {
            return Err(self.refused(url, attempt, response, status, html).await);
        }
        let date = header(response.headers(), &DATE)
            .and_then(|text| httpdate::parse_http_date(text).ok())
            .and_then(|at| Timestamp::try_from(at).ok());
        let body = self.body(url, attempt, response).await?;
        decode(Reply { body, date, html }).map_err(|Malformed { what, cut, html }| Failed {
            error: Error::Malformed { path: path(), what, cut, html, attempts: attempt },
            cause: cut.then_some(Cause::Cut),
            retry_after: None,
        })
    }

    /// The whole body, unless it is too large.
    async fn body(&self, url: &Url, attempt: u32, mut response: Response) -> Result<Vec<u8>, Failed> {
        let bytes_max = self.settings.body_bytes_max;
        let too_large = || Failed::from(Error::TooLarge { path: url.path().to_owned(), bytes_max });
        let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > bytes_max {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(announced);
        while let Some(chunk) = response.chunk().await.map_err(|e| self.failed(url, attempt, &e))? {
            if body.len() + chunk.len() > bytes_max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// An answer with another status than 2xx: its status decides, its body explains.
    async fn refused(
        &self,
        url: &Url,
        attempt: u32,
        mut response: Response,
        status: StatusCode,
        html: bool,
    ) -> Failed {
        let asked = header(response.headers(), &RETRY_AFTER)
            .and_then(|text| retry_after(text, self.pace.now()))
            .filter(|_| matches!(status.as_u16(), 429 | 503));
        let mut body = Vec::new();
        // An explanation that is cut off is still an explanation.
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = ERROR_BODY_BYTES - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if body.len() == ERROR_BODY_BYTES {
                break;
            }
        }
        let html = html || starts_as_html(&body);
        let (path, body) = (url.path().to_owned(), Body(body));
        Failed {
            error: Error::Status { status: status.as_u16(), path, attempts: attempt, html, body },
            cause: Some(Cause::Status(status.as_u16())),
            retry_after: asked,
        }
    }

    /// What the HTTP library says, without the address that it would say it with.
    fn failed(&self, url: &Url, attempt: u32, error: &reqwest::Error) -> Failed {
        let path = url.path().to_owned();
        let (error, cause) = if error.is_timeout() && !error.is_connect() {
            (Error::Timeout { path, attempts: attempt }, Cause::Timeout)
        } else if error.is_connect() {
            let (reason, unknown_host) = connect_reason(error);
            let host = host_and_port(&self.base);
            (Error::Connect { host, reason, unknown_host, attempts: attempt }, Cause::Connect)
        } else if error.is_builder() {
            return Error::Setup { what: format!("no request can be written for {path}") }.into();
        } else {
            (Error::Cut { path, attempts: attempt }, Cause::Cut)
        };
        Failed { error, cause: Some(cause), retry_after: None }
    }
}

/// Whether the text begins as an HTML page does.
pub fn starts_as_html(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let head = &start[..start.len().min(9)];
    head.eq_ignore_ascii_case(b"<!doctype") || head.get(..5).is_some_and(|h| h.eq_ignore_ascii_case(b"<html"))
}

fn header<'a>(headers: &'a HeaderMap, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_html(headers: &HeaderMap) -> bool {
    header(headers, &CONTENT_TYPE).is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}

fn location_host(url: &Url, headers: &HeaderMap) -> Option<String> {
    let to = url.join(header(headers, &LOCATION)?).ok()?;
    (to.host_str() != url.host_str() || to.port_or_known_default() != url.port_or_known_default())
        .then(|| host_and_port(&to))
}

/// The host, with its port where it is not the usual one.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The innermost reason, in the system's words, and whether the name is unknown.
fn connect_reason(error: &reqwest::Error) -> (String, bool) {
    let mut innermost: &dyn std::error::Error = error;
    let mut unknown_host = false;
    while let Some(source) = innermost.source() {
        innermost = source;
        unknown_host |= source.to_string().contains("dns error");
    }
    if error.is_timeout() {
        return ("no connection in time".into(), unknown_host);
    }
    (innermost.to_string(), unknown_host)
}
