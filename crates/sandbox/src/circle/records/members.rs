//! Members, their tags, the fields of their profiles, access groups.

use crate::circle::view::{COMMUNITY_ID, View, date, date_or_null, odd_date};
use crate::community::{AccessGroup, Field, Member, Standing, Tag, TagLink, Value as Entry};
use serde_json::{Map, Value, json};

impl View<'_> {
    /// A member of the list of members.
    pub fn community_member(&self, number: u32) -> Value {
        let community = self.community();
        let member = self.member(number);
        let profile = community.profile(number);
        let tags = community.tags().iter().filter(|tag| community.has_tag(member, tag));
        let tags: Vec<Value> = tags.map(|tag| json!({"id": tag.id, "name": tag.name})).collect();
        let mut flattened = Map::new();
        let mut fields = Vec::new();
        for field in community.fields() {
            let value = match community.value(number, field) {
                None => Value::Null,
                Some(Entry::Text(text)) => json!(text),
                Some(Entry::List(list)) => json!(list),
            };
            flattened.insert(field.key.to_owned(), value.clone());
            if !field.archived && !value.is_null() {
                fields.push(json!({
                    "id": field.id,
                    "label": field.label,
                    "key": field.key,
                    "field_type": field.kind.word(),
                    "value": value,
                }));
            }
        }
        json!({
            "id": member.id,
            "user_id": member.user_id,
            "community_id": COMMUNITY_ID,
            "public_uid": profile.uid,
            "first_name": profile.first,
            "last_name": profile.last,
            "name": profile.name,
            "email": profile.email,
            "headline": profile.headline,
            "avatar_url": profile.avatar.map(|file| self.app.file_url(&file, self.now)),
            "profile_url": self.site(&format!("u/{}", profile.uid)),
            "created_at": date(member.created),
            "updated_at": date(member.updated),
            "last_seen_at": date_or_null(member.seen),
            "profile_confirmed_at": date_or_null(member.accepted),
            "accepted_invitation": odd_date(member.accepted),
            "active": member.standing == Standing::Active,
            "sso_provider_user_id": profile.sso,
            "posts_count": member.posts + member.images,
            "comments_count": member.comments,
            "member_tags": tags,
            "profile_fields": fields,
            "flattened_profile_fields": flattened,
            "gamification_stats": gamification(member),
            "activity_score": {
                "activity_score": format!("{}.0", points(member) / 3),
                "presence": (member.posts > 0).then(|| format!("{}.5", member.posts)),
                "participation": null,
                "contribution": null,
            },
        })
    }

    /// The short form of a member within another record.
    pub fn person(&self, number: u32) -> Value {
        let member = self.member(number);
        let profile = self.community().profile(number);
        json!({
            "id": member.id,
            "user_id": member.user_id,
            "public_uid": profile.uid,
            "name": profile.name,
            "email": self.shown_email(number),
            "headline": profile.headline,
            "avatar_url": profile.avatar.map(|file| self.app.file_url(&file, self.now)),
        })
    }

    /// A place of the leaderboard.
    pub fn leader(&self, place: usize, number: u32) -> Value {
        let mut person = self.person(number);
        person["rank"] = json!(place + 1);
        person["points"] = json!(points(self.member(number)));
        person
    }

    pub fn profile_field(&self, field: &Field) -> Value {
        let choices = field.choices.iter().enumerate().map(|(i, choice)| {
            if self.lists().nested_choices {
                json!({"id": field.id * 10 + i as u64, "value": choice})
            } else {
                json!(choice)
            }
        });
        json!({
            "id": field.id,
            "label": field.label,
            "key": field.key,
            "field_type": field.kind.word(),
            "choices": choices.collect::<Vec<_>>(),
            "pages": if field.archived { json!([]) } else { json!([{"name": "profile", "visible": true}]) },
            "archived": field.archived,
        })
    }

    pub fn member_tag(&self, tag: &Tag) -> Value {
        let community = self.community();
        let links = community.tag_links();
        json!({
            "id": tag.id,
            "name": tag.name,
            "is_public": tag.public,
            "color": tag.color,
            "emoji": tag.emoji,
            "display_format": "label",
            "display_locations": if tag.public { json!(["post_bio", "member_directory"]) } else { json!([]) },
            "tagged_members_count": links.filter(|link| link.tag.id == tag.id).count(),
        })
    }

    /// A tag of a member or of a lead.
    pub fn tagged_member(&self, link: &TagLink) -> Value {
        let (member, email, lead, contact) = match &link.holder {
            Ok(number) => (Some(self.member(*number)), self.shown_email(*number), None, None),
            Err(lead) => (None, Some(lead.email.clone()), Some(lead.id), Some(lead.contact)),
        };
        json!({
            "id": link.id,
            "member_tag_id": link.tag.id,
            "community_member_id": member.map(|member| member.id),
            "user_id": member.map(|member| member.user_id),
            "user_email": email,
            "lead_id": lead,
            "contact_id": contact,
        })
    }

    pub fn access_group(&self, group: &AccessGroup) -> Value {
        json!({
            "id": group.id,
            "name": group.name,
            "status": if group.active { "active" } else { "archived" },
            "community_id": COMMUNITY_ID,
        })
    }

    /// Who is in an access group: ids only.
    pub fn access_group_member(&self, group: &AccessGroup, number: u32) -> Value {
        let member = self.member(number);
        json!({
            "id": group.id * 1_000_000 + member.id,
            "access_group_id": group.id,
            "community_member_id": member.id,
            "status": "active",
        })
    }
}

/// What somebody's writing is worth on the leaderboard.
pub fn points(member: &Member) -> u32 {
    member.posts * 10 + member.images * 5 + member.comments * 3
}

fn gamification(member: &Member) -> Value {
    let points = points(member);
    if points == 0 {
        return Value::Null;
    }
    json!({
        "community_member_id": member.id,
        "total_points": points,
        "current_level": 1 + points / 50,
        "current_level_name": format!("Level {}", 1 + points / 50),
    })
}
