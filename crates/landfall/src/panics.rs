//! A panic is a bug of ours: exit status 70, with a sentence and without a value.

use crate::words::Failure;
use base::{Exit, Fault};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// Where the first panic was: the others are its consequences.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Notes the place of a panic instead of printing its message, which may quote a value.
pub fn listen() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PLACE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(place);
    }));
}

/// Runs the command; a panic in it becomes a fault that tells its place.
pub fn caught(work: impl FnOnce() -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    let ended = catch_unwind(AssertUnwindSafe(work));
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
    match ended {
        Ok(Err(mut failure)) if failure.fault.class == base::Class::Bug && !place.is_empty() => {
            failure.fault.what = format!("{} (at {place})", failure.fault.what);
            Err(failure)
        }
        Ok(ended) => ended,
        Err(_) => Err(Failure {
            saved: "whatever the ledger and the export hold; a batch is there as a whole or not at all"
                .into(),
            pending: "the rest of the command".into(),
            ..Failure::from(Fault::bug(format!("a bug in landfall (at {place})")))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_fault_that_names_its_place_and_no_value() {
        listen();
        let value = "lena@example.org";
        let ended = caught(|| panic!("cannot take {value}"));
        let _ = std::panic::take_hook();
        let failure = ended.expect_err("it panicked");
        assert_eq!(failure.fault.exit(), Exit::Bug);
        assert!(failure.fault.what.contains("panics.rs:"), "{}", failure.fault.what);
        for text in [&failure.fault.what, &failure.saved, &failure.pending, &failure.go_on] {
            assert!(!text.contains(value) && !text.is_empty(), "{text}");
        }
    }
}
