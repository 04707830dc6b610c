//! The client of those who only read: one address, one key, GET only.

use crate::call::{Authorization, Call, Payload, Scheme};
use crate::error::Error;
use crate::exchange::{Exchange, Failed, Malformed, Reply};
use crate::pace::Pace;
use crate::retry::Observer;
use crate::settings::Settings;
use base::Secret;
use reqwest::Url;
use std::sync::Arc;

/// Reads below one address, with one key.
pub struct ReadClient {
    exchange: Exchange,
    key: Option<Secret>,
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
        // One that no header can carry is told before anything is sent.
        key.map(|key| Authorization::keyed(Scheme::Bearer, key)).transpose()?;
        Ok(Self { exchange: Exchange::new(base, settings, pace, observer)?, key: key.cloned() })
    }

    /// The address that everything is below.
    pub fn base(&self) -> &Url {
        self.exchange.base()
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
        let authorization = self.key.as_ref().map(|key| Authorization::keyed(scheme, key)).transpose()?;
        let call = Call { segments, query, authorization: authorization.as_ref(), payload: Payload::None };
        let mut attempts = self.exchange.attempts();
        loop {
            let number = attempts.number();
            let tried = match self.exchange.once(&call, number).await {
                Ok(reply) => decode(reply).map_err(|bad| self.exchange.malformed(&call, number, bad)),
                Err(failed) => Err(failed),
            };
            match tried {
                Ok(value) => return Ok(value),
                Err(Failed { error, cause: Some(cause), retry_after }) => {
                    if !attempts.again(&call, cause, retry_after).await {
                        return Err(error);
                    }
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }
}
