//! Wrong keys are counted, per address and altogether: guessing a key takes longer than it is worth.

use crate::limits::{LOGIN_WINDOW_SECONDS, LOGINS_ALL, LOGINS_PER_ADDRESS};
use jiff::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Wrong keys in the present window.
#[derive(Default)]
pub(super) struct Attempts(Mutex<Window>);

#[derive(Default)]
struct Window {
    /// Which window: seconds since 1970, divided by its length.
    number: i64,
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Attempts {
    /// Whether this address may try a key now. The try counts at once, so that a hundred at the same moment
    /// are not one.
    pub fn may(&self, address: IpAddr, now: Timestamp) -> bool {
        self.with(now, |window| {
            if window.all >= LOGINS_ALL {
                return false;
            }
            let tried = window.by_address.entry(address).or_default();
            if *tried >= LOGINS_PER_ADDRESS {
                return false;
            }
            *tried += 1;
            window.all += 1;
            true
        })
    }

    /// The key was right: the try does not count.
    pub fn right(&self, address: IpAddr, now: Timestamp) {
        self.with(now, |window| {
            window.all = window.all.saturating_sub(1);
            if let Some(tried) = window.by_address.get_mut(&address) {
                *tried = tried.saturating_sub(1);
            }
        });
    }

    fn with<T>(&self, now: Timestamp, act: impl FnOnce(&mut Window) -> T) -> T {
        let number = now.as_second().div_euclid(LOGIN_WINDOW_SECONDS);
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if window.number != number {
            *window = Window { number, ..Window::default() };
        }
        act(&mut window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from(n).into()
    }

    #[test]
    fn one_address_is_stopped_and_another_is_not() {
        let attempts = Attempts::default();
        for _ in 0..LOGINS_PER_ADDRESS {
            assert!(attempts.may(address(1), at(0)));
        }
        assert!(!attempts.may(address(1), at(0)));
        assert!(attempts.may(address(2), at(0)));
        assert!(attempts.may(address(1), at(LOGIN_WINDOW_SECONDS)), "the next window");
    }

    #[test]
    fn many_addresses_together_are_stopped() {
        let attempts = Attempts::default();
        let let_in = (0..LOGINS_ALL * 3).filter(|n| attempts.may(address(*n), at(5))).count();
        assert_eq!(let_in as u32, LOGINS_ALL);
    }

    #[test]
    fn right_keys_do_not_count() {
        let attempts = Attempts::default();
        for _ in 0..LOGINS_ALL * 2 {
            assert!(attempts.may(address(1), at(9)));
            attempts.right(address(1), at(9));
        }
    }
}
