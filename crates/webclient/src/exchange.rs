//! One attempt at a request: limits before it, and what came back. Whoever sends it decides about another
//! one, with the help of [`Attempts`].

use crate::call::{Call, Kind, Payload};
use crate::error::{Body, ERROR_BODY_BYTES, Error};
use crate::pace::Pace;
use crate::retry::{Cause, Event, Observer, retry_after};
use crate::settings::Settings;
use crate::tls;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::Timestamp;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

type Limiter = RateLimiter<NotKeyed, InMemoryState, PaceClock, NoOpMiddleware<Duration>>;

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

/// Why one attempt failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// What happened.
    pub error: Error,
    /// What decides about another attempt; `None`: there is no use in one.
    pub cause: Option<Cause>,
    /// How long the service asks to wait, on 429, 503 and 529.
    pub retry_after: Option<Duration>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, cause: None, retry_after: None }
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

/// Sends requests below one address, one attempt at a time, and follows no redirect.
pub struct Exchange {
    http: reqwest::Client,
    base: Url,
    shared: Arc<Shared>,
}

/// What exchanges with several addresses have in common.
struct Shared {
    settings: Settings,
    permits: Semaphore,
    limiter: Option<Limiter>,
    /// No request leaves before this moment of [`Pace::elapsed`] (milliseconds): one connection that is told
    /// to wait speaks for all.
    not_before: AtomicU64,
    pace: Arc<dyn Pace>,
    observer: Option<Arc<dyn Observer>>,
}

impl Exchange {
    /// Requests below `base`.
    pub fn new(
        base: Url,
        settings: Settings,
        pace: Arc<dyn Pace>,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Self, Error> {
        names_a_host(&base)?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::settings(base.scheme() == "https")?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(settings.connections)
            .default_headers(headers(settings.headers)?)
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
        let shared = Shared { settings, permits, limiter, not_before, pace, observer };
        Ok(Self { http, base, shared: Arc::new(shared) })
    }

    /// Requests below another address, within the same limits. Of the two addresses the first decides whether
    /// there are root certificates: one that begins on this machine without TLS trusts no `https` address.
    pub fn elsewhere(&self, base: Url) -> Result<Self, Error> {
        names_a_host(&base)?;
        Ok(Self { http: self.http.clone(), base, shared: self.shared.clone() })
    }

    /// The address that everything is below.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The attempts at one request, of which none was made yet.
    pub fn attempts(&self) -> Attempts<'_> {
        Attempts { exchange: self, begun: self.shared.pace.elapsed(), number: 1 }
    }

    /// Sends `call` once, when the limits allow it. `attempt` is its number, for the error.
    pub async fn once(&self, call: &Call<'_>, attempt: u32) -> Result<Reply, Failed> {
        let url = self.url(call);
        // The semaphore is never closed.
        let _permit = self.shared.permits.acquire().await;
        self.admission().await;
        let response = self.request(&url, call)?.send().await.map_err(|e| self.failed(&url, attempt, &e))?;
        let status = response.status();
        if status.is_redirection() {
            let (path, to_host) = (url.path().to_owned(), location_host(&url, response.headers()));
            return Err(Error::Redirect { status: status.as_u16(), path, to_host }.into());
        }
        let html = is_html(response.headers());
        if !status.is_success() {
            return Err(self.refused(&url, attempt, response, status, html).await);
        }
        let date = header(response.headers(), &DATE)
            .and_then(|text| httpdate::parse_http_date(text).ok())
            .and_then(|at| Timestamp::try_from(at).ok());
        let body = self.body(&url, attempt, response).await?;
        Ok(Reply { body, date, html })
    }

    /// The failure of an attempt whose 2xx answer is not what it should be.
    pub fn malformed(&self, call: &Call<'_>, attempt: u32, malformed: Malformed) -> Failed {
        let Malformed { what, cut, html } = malformed;
        let path = self.url(call).path().to_owned();
        let error = Error::Malformed { path, what, cut, html, attempts: attempt };
        Failed { error, cause: cut.then_some(Cause::Cut), retry_after: None }
    }

    fn url(&self, call: &Call<'_>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut()
            && !call.segments.is_empty()
        {
            path.pop_if_empty().extend(call.segments);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        url
    }

    fn request(&self, url: &Url, call: &Call<'_>) -> Result<RequestBuilder, Error> {
        let request = match call.payload {
            Payload::None => self.http.get(url.clone()),
            Payload::Json(json) => {
                self.http.post(url.clone()).header(CONTENT_TYPE, "application/json").body(json.to_vec())
            }
            Payload::Patch(json) => {
                self.http.patch(url.clone()).header(CONTENT_TYPE, "application/json").body(json.to_vec())
            }
            Payload::Form(form) => self.http.post(url.clone()).multipart(form.multipart()?),
        };
        Ok(match call.authorization.map(|authorization| &authorization.0) {
            None => request,
            Some(Kind::Key(value)) => request.header(AUTHORIZATION, value.clone()),
            Some(Kind::Basic { user, password }) => request.basic_auth(user, Some(password.expose())),
        })
    }

    /// Waits until a request may leave.
    async fn admission(&self) {
        let Shared { not_before, limiter, pace, .. } = &*self.shared;
        loop {
            let until = Duration::from_millis(not_before.load(Ordering::Relaxed));
            let wait = until.saturating_sub(pace.elapsed());
            if wait.is_zero() {
                break;
            }
            pace.sleep(wait).await;
        }
        if let Some(limiter) = limiter {
            while let Err(not_yet) = limiter.check() {
                pace.sleep(not_yet.wait_time_from(pace.elapsed())).await;
            }
        }
    }

    /// The whole body, unless it is too large.
    async fn body(&self, url: &Url, attempt: u32, mut response: Response) -> Result<Vec<u8>, Failed> {
        let bytes_max = self.shared.settings.body_bytes_max;
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
            .and_then(|text| retry_after(text, self.shared.pace.now()))
            .filter(|_| matches!(status.as_u16(), 429 | 503 | 529));
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

/// Counts the attempts at one request and waits between them.
pub struct Attempts<'a> {
    exchange: &'a Exchange,
    begun: Duration,
    number: u32,
}

impl Attempts<'_> {
    /// The number of the attempt that is being made, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Waits for the next attempt at `call`, which failed of `cause`; `false`: there is no further one.
    pub async fn again(&mut self, call: &Call<'_>, cause: Cause, retry_after: Option<Duration>) -> bool {
        let Shared { settings, not_before, pace, observer, .. } = &*self.exchange.shared;
        let spent = pace.elapsed().saturating_sub(self.begun);
        let attempt = self.number;
        let Some(wait) = settings.retry.wait(cause, attempt, spent, retry_after, pace.fraction()) else {
            return false;
        };
        if let Some(observer) = observer {
            let (path, asked) = (self.exchange.url(call).path().to_owned(), retry_after.is_some());
            observer.event(&Event::Waiting { cause, path, attempt, wait, asked });
        }
        if matches!(cause, Cause::Status(429 | 503 | 529)) {
            let until = (pace.elapsed() + wait).as_millis();
            not_before.fetch_max(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        pace.sleep(wait).await;
        self.number += 1;
        true
    }
}

/// Whether the text begins as an HTML page does.
pub fn starts_as_html(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    let head = &start[..start.len().min(9)];
    head.eq_ignore_ascii_case(b"<!doctype") || head.get(..5).is_some_and(|h| h.eq_ignore_ascii_case(b"<html"))
}

/// Whether the address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn names_a_host(base: &Url) -> Result<(), Error> {
    if base.cannot_be_a_base() || !base.has_host() {
        return Err(Error::Setup { what: "the address names no host".into() });
    }
    Ok(())
}

/// The headers of every request.
fn headers(pairs: &[(&'static str, &'static str)]) -> Result<HeaderMap, Error> {
    let bad = || Error::Setup { what: "a header of every request cannot be written".into() };
    let pair = |(name, value): &(&'static str, &'static str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        Ok((name, HeaderValue::from_str(value).map_err(|_| bad())?))
    };
    pairs.iter().map(pair).collect()
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
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
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The innermost reason, in the system's words, and whether the name is unknown.
pub(crate) fn connect_reason(error: &reqwest::Error) -> (String, bool) {
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
