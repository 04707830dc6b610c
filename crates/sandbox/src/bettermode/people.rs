//! What people do in their browsers while a client works: events fire, notices go out, no request is counted.

use super::app::App;
use super::commands::{
    Actor, DirectInput, JoinInput, LoginInput, MemberEdit, MessageInput, Place, PostEdit, PostInput,
    ReactionInput,
};
use super::refusal::Refusal;
use super::seed;
use super::state::{MappingField, MappingType, PostContext, State};
use base::Secret;
use serde_json::Value;

/// The people of a community. What the service refuses them comes back as its words.
pub struct People<'a> {
    app: &'a App,
}

impl<'a> People<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        Self { app }
    }

    fn act<T>(&self, deed: impl FnOnce(&mut State) -> Result<T, Refusal>) -> Result<T, String> {
        let mut state = self.app.state();
        let done = deed(&mut state).map_err(|refusal| refusal.message);
        self.app.tell(&mut state);
        done
    }

    fn admin(state: &State) -> Actor {
        Actor::person(&state.network.owner_id)
    }

    /// Somebody signs up; the new member's id. The address is not proven yet.
    pub fn join(&self, name: &str, email: &str) -> Result<String, String> {
        let (name, email) = (name.to_owned(), email.to_owned());
        let password = Secret::new(seed::PASSWORD);
        self.act(|state| {
            let guest = Actor::person(super::state::GUEST);
            state.join(&guest, JoinInput { name, email, password, ..JoinInput::default() })
        })
    }

    /// Whether somebody can sign in with a password.
    pub fn can_log_in(&self, email: &str, password: &str) -> bool {
        let input = LoginInput { username_or_email: email.to_owned(), password: Secret::new(password) };
        self.act(|state| state.log_in(&input)).is_ok()
    }

    /// A member writes another name over their own.
    pub fn rename(&self, member: &str, name: &str) -> Result<(), String> {
        let edit = MemberEdit { name: Some(name.to_owned()), ..MemberEdit::default() };
        self.act(|state| state.update_member(&Actor::person(member), None, edit)).map(drop)
    }

    /// The owner deletes a member.
    pub fn delete_member(&self, member: &str) -> Result<(), String> {
        self.act(|state| state.delete_member(&Self::admin(state), member)).map(drop)
    }

    /// The owner suspends a member.
    pub fn suspend(&self, member: &str) -> Result<(), String> {
        self.act(|state| state.suspend(&Self::admin(state), member, true)).map(drop)
    }

    /// A member blocks another one.
    pub fn block(&self, member: &str, blocked: &str) -> Result<(), String> {
        self.act(|state| {
            state.member(blocked)?;
            let mut changed = state.member(member)?.clone();
            changed.blocked_member_ids.push(blocked.to_owned());
            state.put_member(changed);
            Ok(())
        })
    }

    /// A member takes messages from staff only.
    pub fn take_staff_only(&self, member: &str) -> Result<(), String> {
        self.act(|state| {
            let mut changed = state.member(member)?.clone();
            changed.contact.staff_only = true;
            state.put_member(changed);
            Ok(())
        })
    }

    /// A member publishes a discussion in a space; its id.
    pub fn post(&self, member: &str, space: &str, title: &str, html: &str) -> Result<String, String> {
        self.act(|state| {
            let input = PostInput {
                post_type_id: type_of(state, PostContext::Post),
                mapping_fields: vec![field("title", MappingType::Text, title), content(html)],
                publish: true,
                ..PostInput::default()
            };
            state.create_post(&Actor::person(member), Place::Space(space), input)
        })
    }

    /// A member answers a post or a reply; the answer's id.
    pub fn reply(&self, member: &str, post: &str, html: &str) -> Result<String, String> {
        self.act(|state| {
            let input = PostInput {
                post_type_id: type_of(state, PostContext::Reply),
                mapping_fields: vec![content(html)],
                publish: true,
                ..PostInput::default()
            };
            state.create_post(&Actor::person(member), Place::Beneath(post), input)
        })
    }

    /// The owner of a post writes it anew.
    pub fn edit_post(&self, post: &str, html: &str) -> Result<(), String> {
        self.act(|state| {
            let owner = Actor::person(&state.post(post)?.owner_id.clone());
            let fields = Some(vec![content(html)]);
            let edit = PostEdit { mapping_fields: fields, publish: true, ..PostEdit::default() };
            state.update_post(&owner, post, edit).map(drop)
        })
    }

    /// The owner of a post deletes it.
    pub fn delete_post(&self, post: &str) -> Result<(), String> {
        self.act(|state| {
            let owner = Actor::person(&state.post(post)?.owner_id.clone());
            state.delete_post(&owner, post).map(drop)
        })
    }

    /// A moderator lets a post through that waits, or deletes it.
    pub fn moderate(&self, post: &str, let_through: bool) -> Result<bool, String> {
        self.act(|state| state.moderate(&Self::admin(state), post, let_through))
    }

    /// A member reacts to a post.
    pub fn react(&self, member: &str, post: &str, reaction: &str) -> Result<bool, String> {
        let input = ReactionInput {
            reaction: reaction.to_owned(),
            participant_id: None,
            override_single_choice_reactions: None,
        };
        self.act(|state| state.add_reaction(&Actor::person(member), post, input))
    }

    /// A member enters a space.
    pub fn join_space(&self, member: &str, space: &str) -> Result<bool, String> {
        self.act(|state| state.join_space(&Actor::person(member), space))
    }

    /// The owner deletes a space.
    pub fn delete_space(&self, space: &str) -> Result<(), String> {
        self.act(|state| state.delete_space(&Self::admin(state), space)).map(drop)
    }

    /// A member registers for an event.
    pub fn register(&self, member: &str, event: &str) -> Result<bool, String> {
        self.act(|state| state.register(&Actor::person(member), event))
    }

    /// A member writes to another one; ids of the chat and the message.
    pub fn message(&self, member: &str, to: &str, html: &str) -> Result<(String, String), String> {
        let message = MessageInput { content: html.to_owned(), ..MessageInput::default() };
        let input = DirectInput { recipient_id: to.to_owned(), message };
        self.act(|state| state.send_to_member(&Actor::person(member), input))
    }
}

/// The first post type of a context: Discussion, Comment.
fn type_of(state: &State, context: PostContext) -> String {
    let found = state.post_types.values().find(|kind| kind.context == context);
    found.map(|kind| kind.id.clone()).unwrap_or_default()
}

fn content(html: &str) -> MappingField {
    field("content", MappingType::Html, html)
}

fn field(key: &str, kind: MappingType, text: &str) -> MappingField {
    MappingField { key: key.to_owned(), kind, value: Value::from(text).to_string() }
}
