//! What is noted when something happens: events for webhooks, notices for people.

use super::Actor;
use crate::bettermode::moment::Moment;
use crate::bettermode::sent::SentKind;
use crate::bettermode::state::State;
use crate::bettermode::webhook::Happening;
use serde_json::{Map, Value, json};

impl State {
    /// Notes an event: its object as it is now, what it was before, and what it concerns.
    pub(super) fn tell(
        &mut self,
        name: &'static str,
        by: &Actor,
        object: Map<String, Value>,
        old: Option<Map<String, Value>>,
        target: Map<String, Value>,
    ) {
        if self.silent {
            return;
        }
        let id = self.ids.next();
        let Moment(at) = self.now;
        let role = self.role_type(&by.member);
        let role_id = self.members.get(&by.member).map(|member| member.role_id.clone());
        let actor = json!({"id": by.member, "roleId": role_id, "roleType": role});
        let mut whole = Map::new();
        whole.insert("organizationId".into(), self.network.organization_id.clone().into());
        whole.insert("networkId".into(), self.network.id.clone().into());
        whole.extend(target);
        self.happened.push(Happening { id, at: Moment(at), name, actor, object, old, target: whole });
    }

    /// An event about a member.
    pub(super) fn tell_member(
        &mut self,
        name: &'static str,
        by: &Actor,
        id: &str,
        old: Option<Map<String, Value>>,
    ) {
        let Some(member) = self.members.get(id).filter(|_| !self.silent) else { return };
        let mut object = self.member_wire(member);
        // The service shows its stored record, with the keys of secrets and without their values.
        for key in ["password", "verificationCode"] {
            object.insert(key.into(), Value::Null);
        }
        object.insert("attributes".into(), json!([null]));
        if object["fields"].as_array().is_some_and(Vec::is_empty) {
            object.insert("fields".into(), json!([null]));
        }
        self.tell(name, by, object, old, target(&[("memberId", id)]));
    }

    /// An event about a post or reply.
    pub(super) fn tell_post(
        &mut self,
        name: &'static str,
        by: &Actor,
        id: &str,
        old: Option<Map<String, Value>>,
    ) {
        let Some(post) = self.posts.get(id).filter(|_| !self.silent) else { return };
        let mut object = self.post_wire(post);
        object.insert("isReply".into(), post.replied_to_id.is_some().into());
        let concerns = target(&[("spaceId", &post.space_id), ("postId", id)]);
        self.tell(name, by, object, old, concerns);
    }

    /// An event about somebody's being in a space.
    pub(super) fn tell_membership(&mut self, name: &'static str, by: &Actor, space: &str, member: &str) {
        let object = target(&[("spaceId", space), ("memberId", member)]);
        self.tell(name, by, object.clone(), None, object);
    }

    /// Sends everybody in a space, except those who know it already.
    pub(super) fn send_to_space(&mut self, kind: SentKind, space: &str, except: &[&str]) {
        if self.silent {
            return;
        }
        let inside = self.spaces.get(space).map(|space| &space.members);
        let inside = inside.into_iter().flat_map(|members| members.keys());
        let there = inside.filter(|id| self.members.get(*id).is_some_and(|member| member.is_there()));
        let to: Vec<String> = there.filter(|id| !except.contains(&id.as_str())).cloned().collect();
        for member in to {
            self.sent.note(kind, &member);
        }
    }
}

/// What an event concerns.
pub(super) fn target(parts: &[(&str, &str)]) -> Map<String, Value> {
    parts.iter().map(|(key, id)| ((*key).to_owned(), (*id).into())).collect()
}
