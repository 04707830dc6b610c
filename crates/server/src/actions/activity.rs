//! `track_activity`: a line about what a member did, outside when collections are configured, else with the
//! end of the action.

use super::failed;
use bridge::action::Activity;
use bridge::ports::Collections;
use bridge::{Action, Ending, Write};

pub(super) async fn perform(
    collections: Option<&dyn Collections>,
    action: &Action,
    member_id: &str,
    activity: &str,
) -> Ending {
    let activity = Activity {
        id: format!("{}/{}", action.event.sender, action.event.id),
        member_id: member_id.to_owned(),
        activity_type: activity.to_owned(),
        timestamp: action.event.occurred,
        data: action.told().clone(),
    };
    let effect = "activity written down".to_owned();
    let Some(collections) = collections else {
        return Ending::Done { effect, writes: vec![Write::Activity(activity)], then: Vec::new() };
    };
    match collections.activity(&activity).await {
        Ok(()) => Ending::done(effect),
        Err(fault) => failed(fault),
    }
}
