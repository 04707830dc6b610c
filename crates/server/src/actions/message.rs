//! `send_message`: a direct message, never sent twice.

use super::{failed, not_found_out, since};
use crate::parts::Access;
use bridge::ports::{Community, Sent};
use bridge::{Action, Ending};

pub(super) async fn perform(
    community: &Access<dyn Community>,
    action: &Action,
    to: &str,
    text: &str,
) -> Ending {
    let community = match community.wanted("the community") {
        Ok(community) => community,
        Err(fault) => return Ending::Never { fault },
    };
    if let Some(begun) = action.unknown_since {
        match community.find_message(to, text, since(begun)).await {
            Ok(Some(id)) => return Ending::done(format!("message {id} was sent by an earlier attempt")),
            Ok(None) => {}
            Err(fault) => return not_found_out(fault),
        }
    }
    match community.send_message(to, text).await {
        Ok(Sent::Done(id)) => Ending::done(format!("message {id} sent")),
        Ok(Sent::Unknown(fault)) => Ending::Unknown { fault },
        Ok(Sent::Refused(fault)) | Err(fault) => failed(fault),
    }
}
