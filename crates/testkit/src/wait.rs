//! Waiting for something to become true, instead of sleeping and hoping.

use crate::doors;
use std::io;
use std::time::{Duration, Instant};

/// How often a probe is asked. Short, because every test that starts something pays half of it.
const POLL: Duration = Duration::from_millis(5);

/// Asks `probe` until it answers `Some`; a fault of kind `TimedOut` that names `what` after `limit`.
pub fn until<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> io::Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = probe() {
            return Ok(value);
        }
        if start.elapsed() >= limit {
            let text = format!("{what}: not within {} s", limit.as_secs_f32());
            return Err(io::Error::new(io::ErrorKind::TimedOut, text));
        }
        doors::pause(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_decides_when_to_go_on() {
        let mut asked = 0;
        let answer = until("third time", Duration::from_secs(10), || {
            asked += 1;
            (asked == 3).then_some("here")
        });
        assert_eq!(answer.unwrap(), "here");
        assert_eq!(asked, 3);
    }

    #[test]
    fn a_limit_is_a_fault_that_names_what_was_waited_for() {
        let fault = until("a miracle", Duration::ZERO, || None::<()>).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::TimedOut);
        assert!(fault.to_string().starts_with("a miracle:"), "{fault}");
    }
}
