//! Without the network: whether calls to the community go out at all, and what stands there when none do.

use crate::ports::{Community, Member, NewPost, Sent};
use async_trait::async_trait;
use base::Fault;
use jiff::Timestamp;

/// Where calls to the community go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To the service.
    Live,
    /// To a stand-in inside the program: nothing touches the network.
    Testing,
    /// Nowhere: they are refused. Webhooks are still heard.
    Off,
}

impl Mode {
    /// What `TESTING_MODE` and `DISABLE_API_BETTERMODE` come to: testing wins, because it asks nobody either.
    /// Not set and empty are `false`. A fault: a value that is neither yes nor no; to guess would be to call
    /// a real service.
    pub fn of(testing: Option<&str>, disabled: Option<&str>) -> Result<Self, Fault> {
        Ok(match (flag("TESTING_MODE", testing)?, flag("DISABLE_API_BETTERMODE", disabled)?) {
            (true, _) => Mode::Testing,
            (false, true) => Mode::Off,
            (false, false) => Mode::Live,
        })
    }
}

/// A switch as people write it.
fn flag(name: &str, value: Option<&str>) -> Result<bool, Fault> {
    let value = value.unwrap_or_default().trim();
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "" | "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Fault::usage(format!("{name} is neither true nor false")).hint(format!("{name}=true"))),
    }
}

/// The community while [`Mode::Off`]: every call is a fault that a person has to mend. What was to be done
/// becomes a dead letter, which can be replayed once calls are on again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disabled;

impl Disabled {
    /// Why nothing goes out.
    pub fn fault() -> Fault {
        Fault::usage("calls to BetterMode are switched off (DISABLE_API_BETTERMODE)")
            .hint("set DISABLE_API_BETTERMODE=false, then landfall actions --replay all")
            .hint("or TESTING_MODE=true, to talk to a stand-in on this machine")
    }
}

#[async_trait]
impl Community for Disabled {
    async fn check(&self) -> Result<(), Fault> {
        Err(Self::fault())
    }
    async fn member(&self, _: &str) -> Result<Option<Member>, Fault> {
        Err(Self::fault())
    }
    async fn send_message(&self, _: &str, _: &str) -> Result<Sent, Fault> {
        Err(Self::fault())
    }
    async fn find_message(&self, _: &str, _: &str, _: Timestamp) -> Result<Option<String>, Fault> {
        Err(Self::fault())
    }
    async fn publish(&self, _: &NewPost, _: &str) -> Result<Sent, Fault> {
        Err(Self::fault())
    }
    async fn find_post(&self, _: &str, _: &str, _: Timestamp) -> Result<Option<String>, Fault> {
        Err(Self::fault())
    }
    async fn registered(&self, _: &str, _: usize) -> Result<Vec<String>, Fault> {
        Err(Self::fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Class;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn testing_wins_and_nothing_is_guessed() {
        for (testing, disabled, mode) in [
            (None, None, Some(Mode::Live)),
            (Some(""), Some(""), Some(Mode::Live)),
            (Some("false"), Some("0"), Some(Mode::Live)),
            (Some("true"), None, Some(Mode::Testing)),
            (Some("True"), Some("true"), Some(Mode::Testing)),
            (Some(" yes "), Some("no"), Some(Mode::Testing)),
            (None, Some("TRUE"), Some(Mode::Off)),
            (Some("off"), Some("on"), Some(Mode::Off)),
            (Some("maybe"), None, None),
            (Some("true"), Some("2"), None),
        ] {
            assert_eq!(Mode::of(testing, disabled).ok(), mode, "{testing:?} {disabled:?}");
        }
    }

    /// What a future that waits for nothing comes to.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits for something"),
        }
    }

    #[test]
    fn every_call_is_refused_with_the_switch_that_did_it() {
        let post = NewPost { space_id: "s".into(), title: "t".into(), content: "c".into(), author_id: None };
        let since = Timestamp::UNIX_EPOCH;
        let faults = [
            now(Disabled.check()).err(),
            now(Disabled.member("m")).err(),
            now(Disabled.send_message("m", "x")).err(),
            now(Disabled.find_message("m", "x", since)).err(),
            now(Disabled.publish(&post, "mark")).err(),
            now(Disabled.find_post("s", "mark", since)).err(),
            now(Disabled.registered("e", 1)).err(),
        ];
        for fault in faults {
            let fault = fault.expect("refused");
            assert_eq!(fault.class, Class::Usage);
            assert!(fault.what.contains("DISABLE_API_BETTERMODE") && !fault.hints.is_empty());
        }
    }
}
