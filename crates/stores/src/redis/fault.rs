//! What an error of Redis means for whoever called.

use ::redis::{ErrorKind, RedisError, RetryMethod};
use base::Fault;

/// The fault of a call that was not answered in time.
pub(crate) fn late(what: &str) -> Fault {
    Fault::retry(format!("Redis did not answer {what} in time"))
}

/// The fault of a call that failed. The server's own words stay away: they may repeat what was sent.
pub(crate) fn fault(what: &str, error: &RedisError) -> Fault {
    if error.is_timeout() {
        return late(what);
    }
    if error.is_connection_refusal() {
        return Fault::retry("Redis refuses connections");
    }
    if error.is_io_error() || error.is_connection_dropped() {
        return Fault::retry(format!("the connection to Redis was lost at {what}"));
    }
    let code = error.code().unwrap_or_else(|| error.category());
    match (error.kind(), code) {
        (ErrorKind::AuthenticationFailed, _) | (_, "NOAUTH" | "WRONGPASS" | "NOPERM") => {
            Fault::usage(format!("Redis refused {what}: {code}"))
                .hint("REDIS_URL needs a user and a password that may use the keys bettermode:*")
        }
        // `OOM`, `MISCONF` and `READONLY` pass when somebody mends the server or a failover ends.
        (_, "OOM" | "MISCONF" | "READONLY" | "NOREPLICAS") => {
            Fault::retry(format!("Redis refused {what}: {code}"))
        }
        _ if !matches!(error.retry_method(), RetryMethod::NoRetry) => {
            Fault::retry(format!("Redis refused {what}: {code}"))
        }
        _ => Fault::fail(format!("Redis refused {what}: {code}")),
    }
}
