//! The table of streams. What is unsure about it stands in `NOTES.md`.

use super::{Count, Key, Lists, Parent, Spec};

/// What most streams have in common.
const PLAIN: Spec = Spec {
    name: "",
    display: "",
    path: &[],
    query: &[],
    unsure: &[],
    lists: Lists::One,
    key: Key::Id,
    columns: "",
    counts: &[],
};

const BY_SPACE: Parent = Parent { stream: "spaces", column: "space_id", space_type: None };
const BY_COURSE: Parent = Parent { space_type: Some("course"), ..BY_SPACE };
const BY_SPACE_GROUP: Parent = Parent { stream: "space_groups", column: "space_group_id", space_type: None };
const BY_EVENT: Parent = Parent { stream: "events", column: "event_id", space_type: None };
const BY_ACCESS_GROUP: Parent =
    Parent { stream: "access_groups", column: "access_group_id", space_type: None };

/// All streams, in the order in which a move wants them.
pub const STREAMS: &[Spec] = &[
    Spec {
        name: "members",
        display: "Members",
        path: &["community_members"],
        // By default only those who are active are shown.
        query: &[("status", "all")],
        columns: "id number, user_id number, public_uid, first_name, last_name, name, email, headline,
            avatar_url, profile_url, community_id number, created_at date, updated_at date,
            last_seen_at date, profile_confirmed_at date, accepted_invitation date, active boolean,
            sso_provider_user_id, posts_count number, comments_count number, member_tags list,
            profile_fields list, flattened_profile_fields object, gamification_stats object,
            activity_score object, activity_score_value number < activity_score.activity_score",
        ..PLAIN
    },
    Spec {
        name: "space_groups",
        display: "Space groups",
        path: &["space_groups"],
        columns: "id number, name, slug, created_at date, updated_at date",
        ..PLAIN
    },
    Spec {
        name: "spaces",
        display: "Spaces",
        path: &["spaces"],
        query: &[("sort", "oldest")],
        columns: "id number, name, slug, space_type, is_private boolean, url,
            space_group_id number < space_group.id, space_group object, topics list, post_ids list,
            created_at date, updated_at date",
        counts: &[Count::Spaces("chat_spaces", "chat")],
        ..PLAIN
    },
    Spec {
        name: "posts",
        display: "Posts",
        path: &["posts"],
        // Which statuses are shown by default is not documented.
        query: &[("status", "all"), ("sort", "oldest")],
        columns: "id number, status, name, slug, space_id number < space.id, user_id number < user.id,
            user_email < user.email, user_name < user.name, body object, body_html < body.body body,
            tiptap_body object, custom_html, topics list, cover_image, cover_image_url,
            likes_count number, comments_count number, published_at date, created_at date,
            updated_at date",
        counts: &[Count::Sum("likes", "likes_count")],
        ..PLAIN
    },
    Spec {
        name: "comments",
        display: "Comments",
        path: &["comments"],
        lists: Lists::PerParent(BY_SPACE),
        columns: "id number, parent_comment_id number, post_id number < post.id,
            space_id number < space.id, user_id number < user.id, user_email < user.email,
            user_name < user.name, user object, body object, body_html < body.body body,
            tiptap_body object, likes_count number, replies_count number, post object, space object,
            created_at date, updated_at date",
        counts: &[Count::Sum("likes", "likes_count")],
        ..PLAIN
    },
    Spec {
        name: "events",
        display: "Events",
        path: &["events"],
        query: &[("sort", "oldest")],
        columns: "id number, name, slug, space_id number < space.id, space object,
            user_id number < user.id, community_member_id number, member_email, body object,
            body_html < body.body body, tiptap_body object, starts_at date, ends_at date,
            duration_in_seconds number, location_type, virtual_location_url, in_person_location,
            rsvp_disabled boolean, likes_count number, comments_count number, published_at date,
            created_at date, updated_at date",
        counts: &[Count::Sum("likes", "likes_count")],
        ..PLAIN
    },
    Spec {
        name: "event_attendees",
        display: "Event attendees",
        path: &["event_attendees"],
        lists: Lists::PerParent(BY_EVENT),
        key: Key::Link("event_id"),
        columns: "_key, event_id number, community_member_id number, member_name, member_email,
            rsvp_date date, rsvp_status",
        ..PLAIN
    },
    Spec {
        name: "space_members",
        display: "Members of spaces",
        path: &["space_members"],
        query: &[("status", "all")],
        lists: Lists::PerParent(BY_SPACE),
        key: Key::Link("space_id"),
        columns: "_key, space_id number, community_member_id number < community_member.id,
            user_id number < community_member.user_id, user_email < community_member.email,
            user_name < community_member.name, moderator boolean, access_type, status,
            community_member object",
        ..PLAIN
    },
    Spec {
        name: "space_group_members",
        display: "Members of space groups",
        path: &["space_group_members"],
        query: &[("status", "all")],
        lists: Lists::PerParent(BY_SPACE_GROUP),
        key: Key::Link("space_group_id"),
        columns: "_key, space_group_id number, community_member_id number < community_member.id,
            user_id number < community_member.user_id, user_email < community_member.email,
            user_name < community_member.name, moderator boolean, access_type, status,
            community_member object",
        ..PLAIN
    },
    Spec {
        name: "member_tags",
        display: "Member tags",
        path: &["member_tags"],
        columns: "id number, name, is_public boolean, color, emoji, display_locations object,
            tagged_members_count number, created_at date, updated_at date",
        ..PLAIN
    },
    Spec {
        name: "tagged_members",
        display: "Tagged members",
        path: &["tagged_members"],
        key: Key::Link("member_tag_id"),
        columns: "_key, member_tag_id number, community_member_id number, user_email, lead_id number,
            contact_id number",
        ..PLAIN
    },
    Spec {
        name: "topics",
        display: "Topics",
        path: &["topics"],
        columns: "id number, name, admin_only boolean, space_ids list, created_at date, updated_at date",
        ..PLAIN
    },
    Spec {
        name: "profile_fields",
        display: "Profile fields",
        path: &["profile_fields"],
        // What is archived comes by a second list.
        lists: Lists::WithArchived,
        columns: "id number, label, key, field_type, choices list, choice_values list, pages list,
            archived boolean, created_at date, updated_at date",
        ..PLAIN
    },
    Spec {
        name: "access_groups",
        display: "Access groups",
        path: &["access_groups"],
        query: &[("status", "all")],
        columns: "id number, name, status, created_at date, updated_at date",
        ..PLAIN
    },
    Spec {
        name: "access_group_members",
        display: "Members of access groups",
        path: &["access_groups", "*", "community_members"],
        lists: Lists::PerParent(BY_ACCESS_GROUP),
        key: Key::Link("access_group_id"),
        columns: "_key, access_group_id number, community_member_id number",
        ..PLAIN
    },
    Spec {
        name: "course_sections",
        display: "Course sections",
        path: &["course_sections"],
        lists: Lists::PerParent(BY_COURSE),
        columns: "id number, name, space_id number < space.id, created_at date, updated_at date",
        ..PLAIN
    },
    Spec {
        name: "course_lessons",
        display: "Course lessons",
        path: &["course_lessons"],
        unsure: &[("status", "all")],
        lists: Lists::PerParent(BY_COURSE),
        columns: "id number, name, section_id number < section.id, space_id number < space.id, status,
            body_html < body.body body, created_at date, updated_at date",
        ..PLAIN
    },
];
