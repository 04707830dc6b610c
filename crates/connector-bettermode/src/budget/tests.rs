//! The budget against a service that counts for itself, on a virtual clock.

use super::*;
use proptest::prelude::*;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn small() -> Limits {
    Limits {
        burst_requests: 5,
        burst_complexity: 100,
        day_requests: 40,
        day_complexity: 900,
        ..Limits::default()
    }
}

/// A request as the service sees it: when it is counted, and what it costs.
type Counted = (Duration, u64);

/// Whether any window of this length holds more than allowed.
fn exceeded(counted: &[Counted], window: Duration, requests: u64, complexity: u64) -> Option<String> {
    for (n, (begin, _)) in counted.iter().enumerate() {
        let inside: Vec<&Counted> = counted[n..].iter().take_while(|(at, _)| *at < *begin + window).collect();
        let points: u64 = inside.iter().map(|(_, points)| points).sum();
        if inside.len() as u64 > requests || points > complexity {
            return Some(format!("from {begin:?} on: {} requests, {points} points", inside.len()));
        }
    }
    None
}

/// One request of a session: what is taken for it, which share of that it really costs (in percent), how long
/// until the service counts it, how long until its answer is there, and how long until the next one is tried.
#[derive(Debug, Clone)]
struct Asked {
    taken: u64,
    share: u64,
    counted_after: u64,
    answered_after: u64,
    pause: u64,
    lost: bool,
}

prop_compose! {
    fn asked()(
        taken in 1u64..=60, share in 0u64..=100, first in 0u64..3_000, second in 0u64..3_000,
        pause in prop_oneof![8 => 0u64..400, 2 => 0u64..20_000, 1 => 0u64..9_000_000], lost in 0u8..20,
    ) -> Asked {
        let (counted_after, answered_after) = (first.min(second), first.max(second));
        Asked { taken, share, counted_after, answered_after, pause, lost: lost == 0 }
    }
}

proptest! {
    /// Several requests are on their way at once; answers come late, cost less than was taken, or never.
    #[test]
    fn no_window_is_ever_exceeded(session in prop::collection::vec(asked(), 1..160)) {
        let limits = small();
        let mut state = State::default();
        let mut now = Duration::ZERO;
        let mut counted: Vec<Counted> = Vec::new();
        let mut answers: Vec<(Duration, Ticket, u64)> = Vec::new();
        for one in &session {
            let ticket = loop {
                answers.sort_by_key(|(at, _, _)| *at);
                while answers.first().is_some_and(|(at, _, _)| *at <= now) {
                    let (at, ticket, cost) = answers.remove(0);
                    state.settle(at, ticket, Some(cost));
                }
                match state.take(&limits, now, one.taken) {
                    Take::Granted(ticket) => break ticket,
                    Take::Wait(wait) => {
                        prop_assert!(!wait.is_zero());
                        now += wait;
                    }
                    Take::TooLarge => prop_assert!(false, "it fits into every window"),
                }
            };
            let cost = (one.taken * one.share).div_ceil(100);
            counted.push((now + Duration::from_millis(one.counted_after), cost));
            if !one.lost {
                answers.push((now + Duration::from_millis(one.answered_after), ticket, cost));
            }
            now += Duration::from_millis(one.pause);
        }
        counted.sort();
        for (window, requests, complexity) in [
            (limits.burst_window, limits.burst_requests, limits.burst_complexity),
            (DAY, limits.day_requests, limits.day_complexity),
        ] {
            prop_assert_eq!(exceeded(&counted, window, requests, complexity), None);
        }
        prop_assert!(state.burst.len() as u64 <= limits.burst_requests && state.day.len() <= 99);
    }
}

#[test]
fn the_check_itself_finds_what_is_too_much() {
    let at = |s: u64| (seconds(s), 30);
    assert_eq!(exceeded(&[at(0), at(5), at(9)], seconds(10), 3, 90), None);
    assert!(exceeded(&[at(0), at(5), at(9)], seconds(10), 2, 90).is_some());
    assert!(exceeded(&[at(0), at(5), at(9)], seconds(10), 3, 89).is_some());
    assert_eq!(exceeded(&[at(0), at(5), at(10)], seconds(10), 2, 60), None);
}

#[test]
fn a_full_window_opens_when_its_oldest_answer_is_a_window_old() {
    let (limits, mut state) = (small(), State::default());
    let mut tickets = Vec::new();
    for n in 0..5 {
        let Take::Granted(ticket) = state.take(&limits, seconds(n), 10) else { panic!("{n}") };
        tickets.push(ticket);
    }
    assert_eq!(state.take(&limits, seconds(5), 10), Take::Wait(SOON), "all are on their way");
    state.settle(seconds(6), tickets[1], Some(10));
    state.settle(seconds(7), tickets[0], Some(10));
    assert_eq!(state.take(&limits, seconds(8), 10), Take::Wait(seconds(8)));
    assert!(matches!(state.take(&limits, seconds(16), 10), Take::Granted(_)));
}

#[test]
fn what_a_request_did_not_cost_is_given_back_and_what_it_cost_more_is_kept() {
    let (limits, mut state) = (small(), State::default());
    let Take::Granted(first) = state.take(&limits, seconds(0), 90) else { panic!("granted") };
    assert!(matches!(state.take(&limits, seconds(0), 20), Take::Wait(_)));
    state.settle(seconds(1), first, Some(10));
    let Take::Granted(second) = state.take(&limits, seconds(1), 20) else { panic!("granted") };
    state.settle(seconds(2), second, Some(95));
    assert_eq!(state.take(&limits, seconds(2), 20), Take::Wait(seconds(10)));
    assert_eq!(state.day.back().map(|part| part.complexity), Some(105));
}

#[test]
fn a_request_that_fits_into_no_window_is_refused() {
    let mut state = State::default();
    assert_eq!(state.take(&small(), seconds(0), 101), Take::TooLarge);
    assert!(matches!(state.take(&small(), seconds(0), 100), Take::Granted(_)));
    let none = Limits { burst_requests: 0, ..small() };
    assert_eq!(state.take(&none, seconds(0), 1), Take::TooLarge);
}

#[tokio::test]
async fn a_refusal_closes_the_budget_for_all() {
    let pace = Arc::new(Still);
    let budget = LocalBudget::new(small(), pace);
    for (asked, wait) in [(None, 10), (Some(3), 10), (Some(30), 30)] {
        budget.refused(asked.map(seconds)).await;
        assert_eq!(budget.take(1).await, Take::Wait(seconds(wait)));
    }
}

/// A clock that stands still.
struct Still;

impl Pace for Still {
    fn elapsed(&self) -> Duration {
        seconds(100)
    }
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
    fn fraction(&self) -> f64 {
        0.0
    }
    fn sleep(&self, _: Duration) -> webclient::pace::Sleep<'_> {
        Box::pin(std::future::ready(()))
    }
}
