//! `publish_post`: a post, never published twice. It carries the action's mark, by which it is found again.

use super::{failed, not_found_out, since};
use crate::parts::Access;
use base::Fault;
use bridge::ports::{Community, NewPost, Sent};
use bridge::{Action, Ending, Work};

pub(super) async fn perform(community: &Access<dyn Community>, action: &Action) -> Ending {
    let Work::PublishPost { space_id, title, content, author_id } = &action.work else {
        return Ending::Never { fault: Fault::bug("nothing to publish") };
    };
    let community = match community.wanted("the community") {
        Ok(community) => community,
        Err(fault) => return Ending::Never { fault },
    };
    let mark = action.mark();
    if let Some(begun) = action.unknown_since {
        match community.find_post(space_id, &mark, since(begun)).await {
            Ok(Some(id)) => return Ending::done(format!("post {id} was published by an earlier attempt")),
            Ok(None) => {}
            Err(fault) => return not_found_out(fault),
        }
    }
    let post = NewPost {
        space_id: space_id.clone(),
        title: title.clone(),
        content: content.clone(),
        author_id: author_id.clone(),
    };
    match community.publish(&post, &mark).await {
        Ok(Sent::Done(id)) => Ending::done(format!("post {id} published")),
        Ok(Sent::Unknown(fault)) => Ending::Unknown { fault },
        Ok(Sent::Refused(fault)) | Err(fault) => failed(fault),
    }
}
