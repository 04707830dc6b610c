//! Groups of spaces, spaces, topics, and who belongs to them.

use crate::circle::view::{COMMUNITY_ID, View, date};
use crate::community::{Group, Space, Standing, Topic};
use crate::culturebridge::START;
use serde_json::{Value, json};

impl View<'_> {
    pub fn community_record(&self) -> Value {
        json!({
            "id": COMMUNITY_ID,
            "slug": "higherself",
            "name": "The HigherSelf Network",
            "locale": "en",
            "is_private": true,
            "allow_signups_to_public_community": false,
            "prefs": {"has_posts": true, "has_spaces": true, "brand_color": "#553399"},
            "community_setting": {"public_apis_enabled": true, "dms_enabled": true, "events_enabled": true},
            "created_at": date(START),
            "updated_at": date(START),
        })
    }

    pub fn space_group(&self, group: &Group) -> Value {
        let number = self.community().groups.iter().position(|other| other.id == group.id);
        let spaces = self.community().spaces.iter().filter(|space| space.group == number);
        json!({
            "id": group.id,
            "name": group.name,
            "slug": group.slug,
            "is_hidden_from_non_members": group.hidden,
            "allow_members_to_create_spaces": false,
            "automatically_add_members_to_new_spaces": false,
            "space_order_array": spaces.clone().map(|space| space.id).collect::<Vec<_>>(),
            "spaces_count": spaces.count(),
            "community_id": COMMUNITY_ID,
            "created_at": date(START),
            "updated_at": date(START),
        })
    }

    /// A space; `post_ids` has whatever is in it, also what no list gives.
    pub fn space_record(&self, number: usize) -> Value {
        let community = self.community();
        let space = &community.spaces[number];
        let group = space.group.map(|group| &community.groups[group]);
        let group = group.map(|group| json!({"id": group.id, "name": group.name, "slug": group.slug}));
        let topics = community.topics().iter().filter(|topic| topic.spaces.contains(&number));
        json!({
            "id": space.id,
            "name": space.name,
            "slug": space.slug,
            "emoji": space.emoji,
            "space_type": space.kind.word(),
            "is_private": space.private,
            "is_hidden": false,
            "is_hidden_from_non_members": space.private,
            "is_post_disabled": !space.open,
            "url": self.site(&format!("c/{}", space.slug)),
            "community_id": COMMUNITY_ID,
            "space_group_id": group.as_ref().map_or(Value::Null, |group| group["id"].clone()),
            "space_group": group,
            "topics": topics.map(|topic| topic.id).collect::<Vec<_>>(),
            "post_ids": self.post_ids(number),
            "created_at": date(START + space.id as i64 * 1000),
            "updated_at": date(START + space.id as i64 * 1000),
        })
    }

    fn post_ids(&self, space: usize) -> Vec<u64> {
        let community = self.community();
        let posts = community.posts.iter().chain(&community.images);
        let posts = posts.filter(|post| post.space == space && !post.removed).map(|post| post.id);
        let events = community.events.iter().filter(|event| event.space == space && !event.removed);
        let mut ids: Vec<u64> = posts.chain(events.map(|event| event.id)).collect();
        ids.sort_unstable();
        ids
    }

    pub fn topic(&self, topic: &Topic) -> Value {
        let spaces = topic.spaces.iter().map(|space| self.community().spaces[*space].id);
        json!({
            "id": topic.id,
            "name": topic.name,
            "admin_only": topic.admin_only,
            "space_ids": spaces.collect::<Vec<_>>(),
            "created_at": date(START + topic.id as i64 * 1000),
        })
    }

    /// Who is in a space.
    pub fn space_member(&self, space: &Space, number: u32) -> Value {
        let mut row = self.belonging(space.id, number);
        row["space_id"] = json!(space.id);
        row["access_type"] = json!("direct");
        row
    }

    /// Who is in a group of spaces.
    pub fn space_group_member(&self, group: &Group, number: u32) -> Value {
        let mut row = self.belonging(group.id, number);
        row["space_group_id"] = json!(group.id);
        row
    }

    fn belonging(&self, thing: u64, number: u32) -> Value {
        let member = self.member(number);
        let status = if member.standing == Standing::Active { "active" } else { "inactive" };
        json!({
            "id": thing * 1_000_000 + member.id,
            "user_id": member.user_id,
            "community_member_id": member.id,
            "moderator": member.admin,
            "status": status,
            "community_member": self.person(number),
            "created_at": date(member.accepted.unwrap_or(member.created)),
        })
    }
}
