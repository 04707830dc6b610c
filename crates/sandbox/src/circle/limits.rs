//! The two limits: requests of an address in a while, and calls of the administration in a month.

use super::scenario::{Quota, Window};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Addresses that are remembered; the loopback interface has more, and a test uses a few.
const ADDRESSES_MAX: usize = 1_000;

/// The requests of each address in its present window.
pub(super) struct Windows {
    window: Option<Window>,
    /// By address: when the window began, in milliseconds since 1970, and the requests in it.
    seen: Mutex<HashMap<IpAddr, (i64, u64)>>,
}

/// The calls of the present month.
pub(super) struct Month {
    quota: Option<Quota>,
    /// The month, counted from 1970, and the calls in it.
    calls: Mutex<(i64, u64)>,
}

impl Windows {
    pub fn new(window: Option<Window>) -> Self {
        Self { window, seen: Mutex::default() }
    }

    /// Counts a request; beyond the limit, how many seconds are left of the window.
    pub fn take(&self, address: IpAddr, now: i64) -> Result<(), i64> {
        let Some(window) = &self.window else { return Ok(()) };
        let length = window.seconds as i64 * 1000;
        let mut seen = self.seen.lock().unwrap_or_else(|e| e.into_inner());
        if seen.len() >= ADDRESSES_MAX {
            seen.retain(|_, (since, _)| now - *since < length);
        }
        if seen.len() >= ADDRESSES_MAX {
            seen.clear();
        }
        let (since, requests) = seen.entry(address).or_insert((now, 0));
        if now - *since >= length {
            (*since, *requests) = (now, 0);
        }
        *requests += 1;
        if *requests <= window.requests { Ok(()) } else { Err((*since + length - now + 999) / 1000) }
    }
}

impl Month {
    pub fn new(quota: Option<Quota>, now: i64) -> Self {
        let used = quota.as_ref().map_or(0, |quota| quota.used);
        Self { quota, calls: Mutex::new((month(now), used)) }
    }

    /// Counts a call; beyond the quota, how many seconds are left of the month.
    pub fn take(&self, now: i64) -> Result<(), i64> {
        let mut calls = self.calls.lock().unwrap_or_else(|e| e.into_inner());
        if calls.0 != month(now) {
            *calls = (month(now), 0);
        }
        let monthly = self.quota.as_ref().map_or(u64::MAX, |quota| quota.monthly);
        if calls.1 >= monthly {
            return Err(until_next_month(now));
        }
        calls.1 += 1;
        Ok(())
    }

    /// The calls of the present month.
    pub fn calls(&self) -> u64 {
        self.calls.lock().unwrap_or_else(|e| e.into_inner()).1
    }
}

fn date(now: i64) -> jiff::civil::Date {
    let moment = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    moment.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn month(now: i64) -> i64 {
    let date = date(now);
    i64::from(date.year()) * 12 + i64::from(date.month())
}

fn until_next_month(now: i64) -> i64 {
    let next = date(now).last_of_month().tomorrow().unwrap_or(jiff::civil::Date::MAX);
    let next = next.to_zoned(jiff::tz::TimeZone::UTC).map_or(now, |at| at.timestamp().as_millisecond());
    (next - now + 999) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::RetryAfter;
    use std::net::Ipv4Addr;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const AWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

    #[test]
    fn a_window_opens_again_when_its_time_is_over_and_each_address_has_its_own() {
        let window = Window { requests: 2, seconds: 300, retry_after: RetryAfter::Absent };
        let windows = Windows::new(Some(window));
        let steps = [
            (HOME, 0, Ok(())),
            (HOME, 1_000, Ok(())),
            (HOME, 2_000, Err(298)),
            (AWAY, 2_000, Ok(())),
            (HOME, 299_999, Err(1)),
            (HOME, 300_000, Ok(())),
        ];
        for (address, now, expected) in steps {
            assert_eq!(windows.take(address, now), expected, "{address} at {now}");
        }
    }

    #[test]
    fn the_quota_is_a_calendar_months() {
        let february = 1_740_787_199_000; // 2025-02-28T23:59:59Z
        let quota = Quota { monthly: 10, used: 9, retry_after: RetryAfter::Absent };
        let month = Month::new(Some(quota), february);
        assert_eq!(month.take(february), Ok(()));
        assert_eq!(month.take(february), Err(1));
        assert_eq!(month.take(february + 1_000), Ok(()));
        assert_eq!(month.calls(), 1);
    }
}
