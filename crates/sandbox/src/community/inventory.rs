//! What is odd in a community, kind by kind, with the ids, and how much of everything there is: the ground
//! truth for tests and demos.

use super::{Community, Standing, Status};
use crate::kinds::kinds;
use base::{RejectCode, SkipReason};
use std::collections::BTreeMap;

/// What must come of a record of some kind when the community moves with its e-mail addresses as keys, one
/// placeholder for people who are gone, and without those who never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is carried.
    Carried,
    /// It is carried, and belongs to the placeholder for people who are gone.
    Placeholder,
    /// It is left out on purpose.
    Skipped(SkipReason),
    /// It is rejected with that code.
    Reject(RejectCode),
}

use Outcome::{Carried, Placeholder, Reject, Skipped};

kinds! {
    /// A way of being odd. A record is of one kind at most; where several would fit, the one that rejects it.
    Kind {
        /// The e-mail is null.
        EmailMissing => "email_missing", "members", Reject(RejectCode::NotNull);
        /// The e-mail is an empty text.
        EmailEmpty => "email_empty", "members", Reject(RejectCode::NotNull);
        /// The e-mail equals that of an earlier member but for case.
        EmailTwin => "email_twin", "members", Reject(RejectCode::Unique);
        /// The earlier member of such a pair.
        EmailTwinFirst => "email_twin_first", "members", Carried;
        /// Invited, and never came.
        Invited => "invited", "members", Skipped(SkipReason::Where);
        /// Deactivated, and still listed: only where [`super::Settings::deactivated_listed`] says so.
        Deactivated => "deactivated", "members", Carried;
        /// Capitals in the e-mail; the member's posts show it in lower case.
        EmailCased => "email_cased", "members", Carried;
        /// All names are empty.
        NameEmpty => "name_empty", "members", Carried;
        /// A name of emoji, other scripts, invisible characters, blanks in front, or markup.
        NameOdd => "name_odd", "members", Carried;
        /// A headline of a thousand characters.
        HeadlineLong => "headline_long", "members", Carried;

        /// The space belongs to no group.
        SpaceUngrouped => "space_ungrouped", "spaces", Carried;
        /// Another space has the same name.
        SpaceNameTwice => "space_name_twice", "spaces", Carried;
        /// Only its members see the space.
        SpacePrivate => "space_private", "spaces", Carried;
        /// Nobody ever wrote in the space, though anybody could.
        SpaceEmpty => "space_empty", "spaces", Carried;

        /// The author is in no list of members.
        AuthorGone => "author_gone", "posts", Placeholder;
        /// The author was deactivated, and is listed.
        AuthorDeactivated => "author_deactivated", "posts", Carried;
        /// The author is rejected.
        AuthorRejected => "author_rejected", "posts", Reject(RejectCode::ParentRejected);
        /// Not published yet.
        PostDraft => "post_draft", "posts", Carried;
        /// To be published later.
        PostScheduled => "post_scheduled", "posts", Carried;
        /// The title is empty.
        TitleEmpty => "title_empty", "posts", Carried;
        /// A title of 300 characters.
        TitleLong => "title_long", "posts", Carried;
        /// A title with markup and entities that are to be read literally.
        TitleMarkup => "title_markup", "posts", Carried;
        /// The body is null, an empty text, or an element with nothing in it.
        BodyEmpty => "body_empty", "posts", Carried;
        /// A body of more than 100,000 characters.
        BodyLong => "body_long", "posts", Carried;
        /// Written before the rich editor: HTML only.
        BodyHtmlOnly => "body_html_only", "posts", Carried;
        /// A member is mentioned.
        BodyMention => "body_mention", "posts", Carried;
        /// Somebody who is gone is mentioned.
        BodyMentionGone => "body_mention_gone", "posts", Carried;
        /// A signed id that the map of objects does not know.
        BodyMentionUnknown => "body_mention_unknown", "posts", Carried;
        /// A picture in the text.
        BodyImage => "body_image", "posts", Carried;
        /// A file below the text.
        BodyAttachment => "body_attachment", "posts", Carried;
        /// A poll, whose votes nobody gives.
        BodyPoll => "body_poll", "posts", Carried;
        /// Something of another site.
        BodyEmbed => "body_embed", "posts", Carried;
        /// Scripts from right to left, joined emoji, combining marks, line separators.
        BodyOddText => "body_odd_text", "posts", Carried;
        /// HTML that an administrator wrote by hand, beside the body.
        CustomHtml => "custom_html", "posts", Carried;
        /// A picture above the title.
        CoverImage => "cover_image", "posts", Carried;

        /// The author is in no list of members.
        CommentAuthorGone => "comment_author_gone", "comments", Placeholder;
        /// The author is rejected.
        CommentAuthorRejected => "comment_author_rejected", "comments", Reject(RejectCode::ParentRejected);
        /// The post is rejected.
        CommentPostRejected => "comment_post_rejected", "comments", Reject(RejectCode::ParentRejected);
        /// The comment that it answers is rejected.
        CommentParentRejected => "comment_parent_rejected", "comments", Reject(RejectCode::ParentRejected);
        /// It stands below a picture, which no list gives.
        CommentOnImage => "comment_on_image", "comments", Reject(RejectCode::ParentMissing);
        /// It stands below an event.
        CommentOnEvent => "comment_on_event", "comments", Carried;
        /// It answers an answer to an answer, or deeper.
        CommentDeep => "comment_deep", "comments", Carried;
        /// It mentions a member.
        CommentMention => "comment_mention", "comments", Carried;
        /// An empty body.
        CommentEmpty => "comment_empty", "comments", Carried;

        /// The host is in no list of members.
        EventHostGone => "event_host_gone", "events", Placeholder;
        /// The host is rejected.
        EventHostRejected => "event_host_rejected", "events", Reject(RejectCode::ParentRejected);
        /// It ends before it starts.
        EventEndsFirst => "event_ends_first", "events", Reject(RejectCode::Check);
        /// Neither an end nor a duration.
        EventEndless => "event_endless", "events", Carried;
        /// The duration is not the time from start to end.
        EventDurationOdd => "event_duration_odd", "events", Carried;
        /// The place is plain text instead of an address.
        EventPlaceText => "event_place_text", "events", Carried;
        /// It happens online, and nobody says where.
        EventNoUrl => "event_no_url", "events", Carried;

        /// The tag of a lead, who is no member.
        TagOfLead => "tag_of_lead", "tagged_members", Carried;
        /// Another tag's name but for case.
        TagNameTwice => "tag_name_twice", "member_tags", Carried;
        /// The field was taken out of the profile; members still have values for it.
        FieldArchived => "field_archived", "profile_fields", Carried;
    }
}

/// How much of everything there is, also of what no list gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Members in the list of all.
    pub members: u64,
    /// Of these, active.
    pub members_active: u64,
    /// Groups of spaces.
    pub space_groups: u64,
    /// Spaces of every type.
    pub spaces: u64,
    /// Topics.
    pub topics: u64,
    /// Tags.
    pub member_tags: u64,
    /// Links of tags to members and leads.
    pub tagged_members: u64,
    /// Fields of profiles that are in use.
    pub profile_fields: u64,
    /// Fields of profiles that were archived.
    pub profile_fields_archived: u64,
    /// Posts with a text, of every status.
    pub posts: u64,
    /// Of these, published.
    pub posts_published: u64,
    /// Posts that are pictures: no list of the administration gives them.
    pub image_posts: u64,
    /// Comments of every depth.
    pub comments: u64,
    /// Of these, those that answer no other.
    pub comments_top: u64,
    /// Events.
    pub events: u64,
    /// People who answered an invitation to an event, with leads.
    pub event_attendees: u64,
    /// Sections of courses.
    pub course_sections: u64,
    /// Lessons of courses.
    pub course_lessons: u64,
    /// Likes of posts, pictures, events and comments: who gave them is known per record only.
    pub likes: u64,
    /// Polls in posts; their votes are not given.
    pub polls: u64,
    /// Rooms in which members talk to each other.
    pub chat_rooms: u64,
    /// What they said there.
    pub chat_messages: u64,
}

/// What must come of the records of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fates {
    /// Records in the source.
    pub source: u64,
    /// Carried, with those of the placeholder.
    pub carried: u64,
    /// Of these, belonging to the placeholder.
    pub placeholder: u64,
    /// Left out on purpose, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Rejected, by code.
    pub rejected: BTreeMap<RejectCode, u64>,
}

/// The records of each kind, in the order in which they were made, and the totals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    kinds: BTreeMap<Kind, Vec<u64>>,
    /// How much of everything there is.
    pub totals: Totals,
}

impl Inventory {
    pub(super) fn note(&mut self, kind: Kind, id: u64) {
        self.kinds.entry(kind).or_default().push(id);
    }

    /// The ids of the records of a kind.
    pub fn ids(&self, kind: Kind) -> &[u64] {
        self.kinds.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// How many records are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.ids(kind).len()
    }

    /// Every kind that occurs, with its ids.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &[u64])> {
        self.kinds.iter().map(|(kind, ids)| (*kind, ids.as_slice()))
    }

    /// What must come of the records of `members`, `space_groups`, `spaces`, `posts`, `comments` or `events`;
    /// nothing for any other name.
    pub fn fates(&self, stream: &str) -> Fates {
        let totals = &self.totals;
        let source = match stream {
            "members" => totals.members,
            "space_groups" => totals.space_groups,
            "spaces" => totals.spaces,
            "posts" => totals.posts,
            "comments" => totals.comments,
            "events" => totals.events,
            _ => 0,
        };
        let mut fates = Fates { source, carried: source, ..Fates::default() };
        for (kind, ids) in self.iter().filter(|(kind, _)| kind.stream() == stream) {
            let n = ids.len() as u64;
            match kind.outcome() {
                Carried => {}
                Placeholder => fates.placeholder += n,
                Skipped(reason) => *fates.skipped.entry(reason).or_default() += n,
                Reject(code) => *fates.rejected.entry(code).or_default() += n,
            }
        }
        fates.carried -= fates.skipped.values().sum::<u64>() + fates.rejected.values().sum::<u64>();
        fates
    }
}

impl Totals {
    pub(super) fn of(community: &Community) -> Self {
        let count = |n: usize| n as u64;
        let members = &community.members;
        let standing = |wanted| count(members.iter().filter(|m| m.standing == wanted).count());
        let listed = |member: &&super::Member| community.is_listed(member);
        let likes = |of: &[super::Post]| of.iter().map(|post| u64::from(post.likes)).sum::<u64>();
        let event_likes: u64 = community.events.iter().map(|event| u64::from(event.likes)).sum();
        let comment_likes: u64 = community.comments.iter().map(|comment| u64::from(comment.likes)).sum();
        let fields = community.fields();
        let archived = fields.iter().filter(|field| field.archived).count();
        Self {
            members: count(members.iter().filter(listed).count()),
            members_active: standing(Standing::Active),
            space_groups: count(community.groups.len()),
            spaces: count(community.spaces.len()),
            topics: count(community.topics().len()),
            member_tags: count(community.tags().len()),
            tagged_members: community.tag_links().count() as u64,
            profile_fields: count(fields.len() - archived),
            profile_fields_archived: count(archived),
            posts: count(community.posts.len()),
            posts_published: count(
                community.posts.iter().filter(|post| post.status == Status::Published).count(),
            ),
            image_posts: count(community.images.len()),
            comments: count(community.comments.len()),
            comments_top: count(community.comments.iter().filter(|c| c.parent.is_none()).count()),
            events: count(community.events.len()),
            event_attendees: community.events.iter().map(|event| community.attendees_count(event)).sum(),
            course_sections: count(community.sections().len()),
            course_lessons: count(community.lessons().len()),
            likes: likes(&community.posts) + likes(&community.images) + event_likes + comment_likes,
            polls: count(community.inventory.count(Kind::BodyPoll)),
            chat_rooms: count(community.rooms.len()),
            chat_messages: community.rooms.iter().map(|room| u64::from(room.messages)).sum(),
        }
    }
}
