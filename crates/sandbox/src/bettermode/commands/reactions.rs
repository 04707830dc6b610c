//! Reactions to posts.

use super::tell::target;
use super::{Actor, May, ReactionInput, need_text};
use crate::bettermode::refusal::Refusal;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::State;
use serde_json::json;

impl State {
    /// Whoever reacts: the actor, or for an admin somebody else.
    fn reacting(&self, by: &Actor, participant: Option<String>) -> Result<String, Refusal> {
        let participant = participant.unwrap_or_else(|| by.member.clone());
        self.need_admin_or(by, &participant)?;
        let found = self.member(&participant).map(|member| member.id.clone());
        found.map_err(|_| Refusal::invalid("participantId", "There is no such member"))
    }

    /// Adds a reaction; that it is there already is no success.
    pub fn add_reaction(&mut self, by: &Actor, post: &str, input: ReactionInput) -> Result<bool, Refusal> {
        let participant = self.reacting(by, input.participant_id.map(|id| id.0))?;
        let found = self.visible_post(by, post)?;
        if !found.is_published() {
            return Err(Refusal::forbidden());
        }
        let (space, owner) = (found.space_id.clone(), found.owner_id.clone());
        self.need_right(by, &space, May::React)?;
        need_text("reaction", &input.reaction)?;
        let kind = self.post_types.get(&found.post_type_id).ok_or_else(Refusal::internal)?;
        let allowed = kind.allowed_reactions.as_ref();
        if allowed.is_some_and(|all| !all.contains(&input.reaction.as_str())) {
            return Err(Refusal::invalid("reaction", "The post type does not allow the reaction"));
        }
        let given = |reaction: &str| {
            found.reactions.get(reaction).is_some_and(|members| members.contains(&participant))
        };
        // Of those that exclude each other the member has at most one.
        let single = kind.single_choice_reactions.clone().unwrap_or_default();
        let excludes = single.contains(&input.reaction.as_str());
        let others = single.into_iter().filter(|other| excludes && *other != input.reaction && given(other));
        let others: Vec<&str> = others.collect();
        let replaces = input.override_single_choice_reactions == Some(true);
        if given(&input.reaction) || (!others.is_empty() && !replaces) {
            return Ok(false);
        }
        for other in others {
            self.take_reaction(by, post, other, &participant);
        }
        let entry = self.post_mut(post)?.reactions.entry(input.reaction.clone()).or_default();
        entry.insert(participant.clone());
        if owner != participant {
            self.sent.note(SentKind::ReactionNotice, &owner);
        }
        self.tell_reaction("reaction.added", by, post, &input.reaction, &participant);
        Ok(true)
    }

    /// Takes a reaction back; that there is none is no success.
    pub fn remove_reaction(
        &mut self,
        by: &Actor,
        post: &str,
        reaction: &str,
        participant: Option<String>,
    ) -> Result<bool, Refusal> {
        let participant = self.reacting(by, participant)?;
        self.visible_post(by, post)?;
        Ok(self.take_reaction(by, post, reaction, &participant))
    }

    fn take_reaction(&mut self, by: &Actor, post: &str, reaction: &str, participant: &str) -> bool {
        let found = self.posts.get_mut(post).and_then(|post| post.reactions.get_mut(reaction));
        let taken = found.is_some_and(|members| members.shift_remove(participant));
        if taken {
            self.tell_reaction("reaction.removed", by, post, reaction, participant);
        }
        taken
    }

    fn tell_reaction(&mut self, name: &'static str, by: &Actor, post: &str, reaction: &str, member: &str) {
        let object = json!({"reaction": reaction, "postId": post, "participantId": member});
        let object = object.as_object().cloned().unwrap_or_default();
        let space = self.posts.get(post).map_or(String::new(), |post| post.space_id.clone());
        let concerns = target(&[("spaceId", &space), ("postId", post), ("memberId", member)]);
        self.tell(name, by, object, None, concerns);
    }
}
