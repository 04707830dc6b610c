//! The endpoints: which path leads where, and the names by which they are counted.

/// A list of the administration, at `/api/admin/v2/WORD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Members,
    ProfileFields,
    MemberTags,
    TaggedMembers,
    SpaceGroups,
    Spaces,
    Topics,
    SpaceMembers,
    SpaceGroupMembers,
    AccessGroups,
    Posts,
    Comments,
    Events,
    EventAttendees,
    CourseSections,
    CourseLessons,
    InvitationLinks,
    Forms,
    FlaggedContents,
    CommunitySegments,
    MemberSpaces,
}

/// What a path leads to. An id is as it stands in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint<'p> {
    Community,
    List(List),
    /// A single record of a list.
    Show(List, &'p str),
    MemberSearch,
    AccessGroupMembers(&'p str),
    Leaderboard,
    AuthToken,
    Headless(Headless<'p>),
    /// An address of a file, which redirects.
    Blob(&'p str, &'p str),
    /// Where it redirects to.
    Storage(&'p str, &'p str),
}

/// The members' own API, at `/api/headless/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headless<'p> {
    PostLikes(&'p str),
    CommentLikes(&'p str),
    SpacePosts(&'p str),
    PostComments(&'p str),
    CommentReplies(&'p str),
    EventAttendees(&'p str),
    CourseSections(&'p str),
    LessonFiles(&'p str, &'p str),
    Members,
    Rooms,
    RoomMessages(&'p str),
}

/// Lists with their words and the names of their single records; the latter none where there is no such call.
const LISTS: &[(List, &str, Option<&str>)] = &[
    (List::Members, "community_members", Some("community_members/show")),
    (List::ProfileFields, "profile_fields", None),
    (List::MemberTags, "member_tags", Some("member_tags/show")),
    (List::TaggedMembers, "tagged_members", None),
    (List::SpaceGroups, "space_groups", Some("space_groups/show")),
    (List::Spaces, "spaces", Some("spaces/show")),
    (List::Topics, "topics", Some("topics/show")),
    (List::SpaceMembers, "space_members", None),
    (List::SpaceGroupMembers, "space_group_members", None),
    (List::AccessGroups, "access_groups", None),
    (List::Posts, "posts", Some("posts/show")),
    (List::Comments, "comments", Some("comments/show")),
    (List::Events, "events", Some("events/show")),
    (List::EventAttendees, "event_attendees", None),
    (List::CourseSections, "course_sections", Some("course_sections/show")),
    (List::CourseLessons, "course_lessons", Some("course_lessons/show")),
    (List::InvitationLinks, "invitation_links", None),
    (List::Forms, "forms", None),
    (List::FlaggedContents, "flagged_contents", None),
    (List::CommunitySegments, "community_segments", None),
    (List::MemberSpaces, "community_member_spaces", None),
];

/// All names, for scenarios.
pub(super) const NAMES: &[&str] = &[
    "community",
    "community_members",
    "community_members/show",
    "community_members/search",
    "profile_fields",
    "member_tags",
    "member_tags/show",
    "tagged_members",
    "space_groups",
    "space_groups/show",
    "spaces",
    "spaces/show",
    "topics",
    "topics/show",
    "space_members",
    "space_group_members",
    "access_groups",
    "access_groups/community_members",
    "posts",
    "posts/show",
    "comments",
    "comments/show",
    "events",
    "events/show",
    "event_attendees",
    "course_sections",
    "course_sections/show",
    "course_lessons",
    "course_lessons/show",
    "invitation_links",
    "forms",
    "flagged_contents",
    "community_segments",
    "community_member_spaces",
    "gamification/leaderboard",
    "headless/auth_token",
    "headless/posts/user_likes",
    "headless/comments/user_likes",
    "headless/spaces/posts",
    "headless/posts/comments",
    "headless/comments/replies",
    "headless/events/event_attendees",
    "headless/courses/sections",
    "headless/courses/lessons/files",
    "headless/community_members",
    "headless/messages",
    "headless/messages/chat_room_messages",
    "files/blob",
    "files/storage",
];

impl List {
    fn entry(self) -> (&'static str, Option<&'static str>) {
        let found = LISTS.iter().find(|(list, _, _)| *list == self);
        found.map_or(("", None), |(_, word, show)| (word, *show))
    }

    pub fn word(self) -> &'static str {
        self.entry().0
    }
}

impl<'p> Endpoint<'p> {
    /// Where a path leads; `None` for nowhere.
    pub fn of(path: &'p str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments[..] {
            ["api", "admin", "v2", ref rest @ ..] => Self::admin(rest),
            ["api", "v1", "headless", "auth_token"] => Some(Endpoint::AuthToken),
            ["api", "headless", "v1", ref rest @ ..] => Self::headless(rest).map(Endpoint::Headless),
            ["rails", "active_storage", "blobs", "redirect", key, name] => Some(Endpoint::Blob(key, name)),
            ["storage", key, name] => Some(Endpoint::Storage(key, name)),
            _ => None,
        }
    }

    fn admin(rest: &[&'p str]) -> Option<Self> {
        let list = |word: &str| LISTS.iter().find(|(_, other, _)| *other == word);
        match *rest {
            ["community"] => Some(Endpoint::Community),
            ["community_members", "search"] => Some(Endpoint::MemberSearch),
            ["access_groups", id, "community_members"] => Some(Endpoint::AccessGroupMembers(id)),
            ["gamification", "leaderboard"] => Some(Endpoint::Leaderboard),
            [word] => list(word).map(|(list, _, _)| Endpoint::List(*list)),
            [word, id] => {
                list(word).filter(|(_, _, show)| show.is_some()).map(|(list, ..)| Endpoint::Show(*list, id))
            }
            _ => None,
        }
    }

    fn headless(rest: &[&'p str]) -> Option<Headless<'p>> {
        Some(match *rest {
            ["posts", id, "user_likes"] => Headless::PostLikes(id),
            ["comments", id, "user_likes"] => Headless::CommentLikes(id),
            ["spaces", id, "posts"] => Headless::SpacePosts(id),
            ["posts", id, "comments"] => Headless::PostComments(id),
            ["comments", id, "replies"] => Headless::CommentReplies(id),
            ["events", id, "event_attendees"] => Headless::EventAttendees(id),
            ["courses", id, "sections"] => Headless::CourseSections(id),
            ["courses", course, "lessons", id, "files"] => Headless::LessonFiles(course, id),
            ["community_members"] => Headless::Members,
            ["messages"] => Headless::Rooms,
            ["messages", uuid, "chat_room_messages"] => Headless::RoomMessages(uuid),
            _ => return None,
        })
    }

    /// The name by which it is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Endpoint::Community => "community",
            Endpoint::List(list) => list.word(),
            Endpoint::Show(list, _) => list.entry().1.unwrap_or_default(),
            Endpoint::MemberSearch => "community_members/search",
            Endpoint::AccessGroupMembers(_) => "access_groups/community_members",
            Endpoint::Leaderboard => "gamification/leaderboard",
            Endpoint::AuthToken => "headless/auth_token",
            Endpoint::Headless(call) => match call {
                Headless::PostLikes(_) => "headless/posts/user_likes",
                Headless::CommentLikes(_) => "headless/comments/user_likes",
                Headless::SpacePosts(_) => "headless/spaces/posts",
                Headless::PostComments(_) => "headless/posts/comments",
                Headless::CommentReplies(_) => "headless/comments/replies",
                Headless::EventAttendees(_) => "headless/events/event_attendees",
                Headless::CourseSections(_) => "headless/courses/sections",
                Headless::LessonFiles(..) => "headless/courses/lessons/files",
                Headless::Members => "headless/community_members",
                Headless::Rooms => "headless/messages",
                Headless::RoomMessages(_) => "headless/messages/chat_room_messages",
            },
            Endpoint::Blob(..) => "files/blob",
            Endpoint::Storage(..) => "files/storage",
        }
    }

    /// Whether it is one of the administration.
    pub fn is_admin(&self) -> bool {
        !matches!(
            self,
            Endpoint::AuthToken | Endpoint::Headless(_) | Endpoint::Blob(..) | Endpoint::Storage(..)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_name_that_scenarios_know() {
        let admin = "/api/admin/v2";
        let headless = "/api/headless/v1";
        let mut paths: Vec<String> = LISTS.iter().map(|(_, word, _)| format!("{admin}/{word}")).collect();
        paths.extend(LISTS.iter().filter(|l| l.2.is_some()).map(|(_, word, _)| format!("{admin}/{word}/7")));
        for path in [
            "community",
            "community_members/search",
            "access_groups/1/community_members",
            "gamification/leaderboard",
        ] {
            paths.push(format!("{admin}/{path}"));
        }
        for path in [
            "posts/1/user_likes",
            "comments/1/user_likes",
            "spaces/1/posts",
            "posts/1/comments",
            "comments/1/replies",
            "events/1/event_attendees",
            "courses/1/sections",
            "courses/1/lessons/2/files",
            "community_members",
            "messages",
            "messages/u/chat_room_messages",
        ] {
            paths.push(format!("{headless}/{path}"));
        }
        paths.push("/api/v1/headless/auth_token".to_owned());
        paths.push("/rails/active_storage/blobs/redirect/k/n".to_owned());
        paths.push("/storage/k/n".to_owned());
        let mut names: Vec<&str> =
            paths.iter().map(|path| Endpoint::of(path).unwrap_or_else(|| panic!("{path}")).name()).collect();
        names.sort_unstable();
        let mut known = NAMES.to_vec();
        known.sort_unstable();
        assert_eq!(names, known);
        for nowhere in ["/", "/api/admin/v2", "/api/admin/v2/chats", "/api/admin/v2/forms/7", "/api/v1/posts"]
        {
            assert_eq!(Endpoint::of(nowhere), None, "{nowhere}");
        }
    }
}
