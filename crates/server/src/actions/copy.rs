//! `keep_copy`: the event in the collection of events, outside when one is configured, else with the end of
//! the action.

use super::failed;
use bridge::ports::Collections;
use bridge::{Action, Ending, Write};

pub(super) async fn perform(collections: Option<&dyn Collections>, action: &Action) -> Ending {
    let effect = "copy kept".to_owned();
    let Some(collections) = collections else {
        let writes = vec![Write::EventCopy(action.event.clone())];
        return Ending::Done { effect, writes, then: Vec::new() };
    };
    match collections.event(&action.event).await {
        Ok(()) => Ending::done(effect),
        Err(fault) => failed(fault),
    }
}
