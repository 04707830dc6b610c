//! The lists and single records of the administration.

use super::app::App;
use super::data::Stream;
use super::drift;
use super::endpoint::List;
use super::params::Params;
use super::records::members::points;
use super::refusal::Refusal;
use super::scenario::Replies;
use super::view::View;
use crate::community::{Space, Standing, Status, Thread};
use crate::serve::answer::Answer;
use serde_json::Value;

type Outcome = Result<Answer, Refusal>;

/// Members of the leaderboard.
const LEADERS: usize = 20;

/// Which members a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Active,
    Inactive,
    All,
}

/// The order of a list that can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Oldest,
    Newest,
}

const ORDERS: &[(&str, Order)] = &[("latest", Order::Newest), ("oldest", Order::Oldest)];
const STATUSES: &[(&str, Of)] = &[("active", Of::Active), ("inactive", Of::Inactive), ("all", Of::All)];

impl Of {
    fn takes(self, standing: Standing) -> bool {
        match self {
            Of::Active => standing == Standing::Active,
            Of::Inactive => standing != Standing::Active,
            Of::All => true,
        }
    }
}

/// `GET /LIST`.
pub(super) fn list(app: &App, list: List, params: &Params, now: i64) -> Outcome {
    let stream = match list {
        List::Members => Some(Stream::Members),
        List::Posts => Some(Stream::Posts),
        List::Comments => Some(Stream::Comments),
        List::Events => Some(Stream::Events),
        _ => None,
    };
    if let Some(stream) = stream {
        drift::before_list(app, stream, now);
    }
    let data = app.data();
    let view = View { app, data: &data, now };
    match list {
        List::Members => members(&view, params),
        List::Posts => posts(&view, params),
        List::Comments => comments(&view, params),
        List::Events => events(&view, params),
        List::SpaceMembers => {
            let space = space_of(&view, params.required("space_id")?)?;
            belonging(&view, params, &[&view.community().spaces[space]], |number| {
                view.space_member(&view.community().spaces[space], number)
            })
        }
        List::SpaceGroupMembers => {
            let id = params.required("space_group_id")?;
            let groups = view.community().groups;
            let found = groups.iter().position(|group| group.id == id);
            let group = found.ok_or(Refusal::Missing("Space group"))?;
            let spaces = view.community().spaces.iter().filter(|space| space.group == Some(group));
            belonging(&view, params, &spaces.collect::<Vec<_>>(), |number| {
                view.space_group_member(&groups[group], number)
            })
        }
        List::EventAttendees => {
            let id = params.required("event_id")?;
            match view.data.thread(id) {
                Some(Thread::Event(event)) => attendees(&view, params, event),
                // The service says this of an event that is not there.
                _ => Err(Refusal::Missing("Post")),
            }
        }
        List::MemberSpaces => member_spaces(&view, params),
        _ => few(&view, list, params),
    }
}

/// Lists that do not grow with the number of members, and tags.
fn few(view: &View<'_>, list: List, params: &Params) -> Outcome {
    let (community, paging) = (view.community(), &view.app.scenario.paging);
    let page = params.page(paging)?;
    match list {
        List::ProfileFields => {
            let archived = params.flag("archived")?;
            let fields: Vec<_> =
                community.fields().iter().filter(|field| field.archived == archived).collect();
            Ok(page.answer(paging, &fields, |field| view.profile_field(field)))
        }
        List::MemberTags => {
            let mut tags: Vec<_> = community.tags().iter().collect();
            if params.choice("sort", ORDERS, Order::Oldest)? == Order::Newest {
                tags.reverse();
            }
            Ok(page.answer(paging, &tags, |tag| view.member_tag(tag)))
        }
        List::TaggedMembers => {
            let tag = params.number("member_tag_id")?;
            let links = community.tag_links().filter(|link| tag.is_none_or(|tag| link.tag.id == tag));
            let mut links: Vec<_> = links.collect();
            links.reverse();
            Ok(page.answer(paging, &links, |link| view.tagged_member(link)))
        }
        List::SpaceGroups => {
            let groups: Vec<_> = community.groups.iter().rev().collect();
            Ok(page.answer(paging, &groups, |group| view.space_group(group)))
        }
        List::Spaces => {
            let mut spaces: Vec<usize> = (0..community.spaces.len()).collect();
            if params.choice("sort", ORDERS, Order::Newest)? == Order::Newest {
                spaces.reverse();
            }
            Ok(page.answer(paging, &spaces, |space| view.space_record(*space)))
        }
        List::Topics => {
            let topics: Vec<_> = community.topics().iter().rev().collect();
            Ok(page.answer(paging, &topics, |topic| view.topic(topic)))
        }
        List::AccessGroups => {
            let of = params.choice(
                "status",
                &[("active", Of::Active), ("archived", Of::Inactive), ("all", Of::All)],
                Of::Active,
            )?;
            let groups = community.access_groups().iter();
            let fits = |active: bool| of == Of::All || active == (of == Of::Active);
            let groups: Vec<_> = groups.filter(|group| fits(group.active)).collect();
            Ok(page.answer(paging, &groups, |group| view.access_group(group)))
        }
        List::CourseSections => {
            let space = params.number("space_id")?.map(|id| space_of(view, id)).transpose()?;
            let sections = community.sections().into_iter();
            let sections: Vec<_> = sections.filter(|s| space.is_none_or(|space| s.space == space)).collect();
            Ok(page.answer(paging, &sections, |section| view.course_section(section)))
        }
        List::CourseLessons => {
            let space = params.number("space_id")?.map(|id| space_of(view, id)).transpose()?;
            let wanted = post_status(params, None)?;
            let lessons = community.lessons().into_iter();
            let fits = |status: Status| wanted.is_none_or(|wanted| wanted == status);
            let lessons: Vec<_> =
                lessons.filter(|l| space.is_none_or(|space| l.space == space) && fits(l.status)).collect();
            Ok(page.answer(paging, &lessons, |lesson| view.course_lesson(lesson)))
        }
        List::InvitationLinks => Ok(page.answer(paging, &view.invitation_links(), Value::clone)),
        List::Forms => Ok(page.answer(paging, &view.forms(), Value::clone)),
        List::FlaggedContents => Ok(page.answer(paging, &view.flagged_contents(), Value::clone)),
        List::CommunitySegments => Ok(page.answer(paging, &view.segments(), Value::clone)),
        _ => Err(Refusal::Nowhere),
    }
}

fn members(view: &View<'_>, params: &Params) -> Outcome {
    let community = view.community();
    let of = params.choice("status", STATUSES, Of::Active)?;
    let tags = params.numbers("member_tag_ids")?;
    let page = params.page(&view.app.scenario.paging)?;
    let has_tags = |member| {
        let tagged = community.tags().iter().filter(|tag| tags.contains(&tag.id));
        tags.is_empty() || tagged.into_iter().any(|tag| community.has_tag(member, tag))
    };
    // Newest first: there is no parameter to sort by.
    let all: Vec<u32> = (0..community.members.len() as u32)
        .rev()
        .filter(|i| {
            let member = view.member(*i);
            community.is_listed(member) && of.takes(member.standing) && has_tags(member)
        })
        .collect();
    let ids = page.of(&all).iter().map(|i| view.member(*i).id).collect();
    view.app.served(Stream::Members).note(ids);
    Ok(page.answer(&view.app.scenario.paging, &all, |i| view.community_member(*i)))
}

fn posts(view: &View<'_>, params: &Params) -> Outcome {
    let community = view.community();
    let default = view.lists().published_only.then_some(Status::Published);
    let wanted = post_status(params, default)?;
    let space = params.number("space_id")?.map(|id| space_of(view, id)).transpose()?;
    let order = params.choice("sort", ORDERS, Order::Newest)?;
    let page = params.page(&view.app.scenario.paging)?;
    let fits = |i: &u32| {
        let post = &community.posts[*i as usize];
        let (by_status, by_space) =
            (wanted.is_none_or(|w| w == post.status), space.is_none_or(|s| s == post.space));
        !post.removed && by_status && by_space
    };
    let mut all: Vec<u32> = (0..community.posts.len() as u32).filter(fits).collect();
    if order == Order::Newest {
        all.reverse();
    }
    let ids = page.of(&all).iter().map(|i| community.posts[*i as usize].id).collect();
    view.app.served(Stream::Posts).note(ids);
    let show = |i: &u32| view.post(&community.posts[*i as usize], false);
    Ok(page.answer(&view.app.scenario.paging, &all, show))
}

/// The status that a list is restricted to; none for all.
fn post_status(params: &Params, default: Option<Status>) -> Result<Option<Status>, Refusal> {
    let choices = [
        ("published", Some(Status::Published)),
        ("draft", Some(Status::Draft)),
        ("scheduled", Some(Status::Scheduled)),
        ("all", None),
    ];
    params.choice("status", &choices, default)
}

fn comments(view: &View<'_>, params: &Params) -> Outcome {
    let community = view.community();
    let post = params.number("post_id")?;
    let space = params.number("space_id")?.map(|id| space_of(view, id)).transpose()?;
    if post.is_none() && space.is_none() && view.lists().comments_by_place {
        return Err(Refusal::Malformed("post_id or space_id is required".to_owned()));
    }
    let thread = post.map(|id| view.data.thread(id).ok_or(Refusal::Missing("Post"))).transpose()?;
    let page = params.page(&view.app.scenario.paging)?;
    let nested = view.lists().replies == Replies::Nested;
    let fits = |i: &u32| {
        let comment = &community.comments[*i as usize];
        let by_thread = thread.is_none_or(|thread| comment.thread == thread);
        let by_space = space.is_none_or(|space| view.data.place(comment.thread).1 == space);
        !comment.removed && by_thread && by_space && (!nested || comment.parent.is_none())
    };
    let all: Vec<u32> = (0..community.comments.len() as u32).rev().filter(fits).collect();
    let ids = page.of(&all).iter().map(|i| community.comments[*i as usize].id).collect();
    view.app.served(Stream::Comments).note(ids);
    Ok(page.answer(&view.app.scenario.paging, &all, |i| view.comment(*i)))
}

fn events(view: &View<'_>, params: &Params) -> Outcome {
    let community = view.community();
    let space = params.number("space_id")?.map(|id| space_of(view, id)).transpose()?;
    let order = params.choice("sort", ORDERS, Order::Newest)?;
    let page = params.page(&view.app.scenario.paging)?;
    let there = community.events.iter();
    let mut all: Vec<_> =
        there.filter(|e| !e.removed && space.is_none_or(|space| e.space == space)).collect();
    if order == Order::Newest {
        all.reverse();
    }
    view.app.served(Stream::Events).note(page.of(&all).iter().map(|event| event.id).collect());
    Ok(page.answer(&view.app.scenario.paging, &all, |event| view.event(event)))
}

fn attendees(view: &View<'_>, params: &Params, event: u32) -> Outcome {
    let page = params.page(&view.app.scenario.paging)?;
    let mut all = present_attendees(view, event);
    all.reverse();
    Ok(page.answer(&view.app.scenario.paging, &all, |attendee| view.event_attendee(attendee)))
}

/// Whoever answered and is still there.
pub(super) fn present_attendees(view: &View<'_>, event: u32) -> Vec<crate::community::Attendee> {
    let community = view.community();
    let mut all = community.attendees(&community.events[event as usize]);
    all.retain(|attendee| attendee.who.as_ref().map_or(true, |i| community.is_listed(view.member(*i))));
    all
}

/// Who belongs to any of some spaces, newest first.
fn belonging(view: &View<'_>, params: &Params, spaces: &[&Space], show: impl Fn(u32) -> Value) -> Outcome {
    let community = view.community();
    let of = params.choice("status", STATUSES, Of::All)?;
    let page = params.page(&view.app.scenario.paging)?;
    let fits = |i: &u32| {
        let member = view.member(*i);
        let inside = |space: &&Space| community.is_in(member, space) || community.is_awaited(member, space);
        community.is_listed(member) && of.takes(member.standing) && spaces.iter().any(inside)
    };
    let all: Vec<u32> = (0..community.members.len() as u32).rev().filter(fits).collect();
    Ok(page.answer(&view.app.scenario.paging, &all, |i| show(*i)))
}

fn member_spaces(view: &View<'_>, params: &Params) -> Outcome {
    let community = view.community();
    let number = match (params.number("community_member_id")?, params.text("user_email")) {
        (Some(id), _) => view.data.member(id),
        (None, Some(email)) => by_email(view, email),
        (None, None) => {
            return Err(Refusal::Malformed("community_member_id or user_email is required".to_owned()));
        }
    };
    let member = view.member(number.ok_or(Refusal::Missing("Community member"))?);
    let page = params.page(&view.app.scenario.paging)?;
    let all = (0..community.spaces.len()).rev();
    let all: Vec<usize> = all.filter(|i| community.is_in(member, &community.spaces[*i])).collect();
    Ok(page.answer(&view.app.scenario.paging, &all, |space| view.space_record(*space)))
}

fn space_of(view: &View<'_>, id: u64) -> Result<usize, Refusal> {
    let found = view.community().spaces.iter().position(|space| space.id == id);
    found.ok_or(Refusal::Missing("Space"))
}

/// The listed member of an address, without regard to case; of two the one who came first.
pub(super) fn by_email(view: &View<'_>, email: &str) -> Option<u32> {
    let community = view.community();
    let wanted = email.to_lowercase();
    let all = 0..community.members.len() as u32;
    let mut listed = all.filter(|i| community.is_listed(view.member(*i)));
    listed.find(|i| {
        !wanted.is_empty() && community.profile(*i).email.is_some_and(|e| e.to_lowercase() == wanted)
    })
}

/// `GET /LIST/ID`.
pub(super) fn show(app: &App, list: List, id: &str, now: i64) -> Outcome {
    let data = app.data();
    let view = View { app, data: &data, now };
    let community = view.community();
    let found = id.parse::<u64>().ok().and_then(|id| match list {
        List::Members => data.member(id).map(|number| view.community_member(number)),
        List::MemberTags => community.tags().iter().find(|tag| tag.id == id).map(|tag| view.member_tag(tag)),
        List::SpaceGroups => {
            community.groups.iter().find(|group| group.id == id).map(|group| view.space_group(group))
        }
        List::Spaces => {
            community.spaces.iter().position(|space| space.id == id).map(|space| view.space_record(space))
        }
        List::Topics => community.topics().iter().find(|topic| topic.id == id).map(|topic| view.topic(topic)),
        List::Posts => match data.thread(id) {
            Some(Thread::Post(post)) => Some(view.post(&community.posts[post as usize], true)),
            _ => None,
        },
        List::Comments => data.comment(id).map(|comment| view.comment(comment)),
        List::Events => match data.thread(id) {
            Some(Thread::Event(event)) => Some(view.event(&community.events[event as usize])),
            _ => None,
        },
        List::CourseSections => community
            .sections()
            .iter()
            .find(|section| section.id == id)
            .map(|section| view.course_section(section)),
        List::CourseLessons => {
            community.lessons().iter().find(|lesson| lesson.id == id).map(|lesson| view.course_lesson(lesson))
        }
        _ => None,
    });
    let thing = match list {
        List::Members => "Community member",
        List::MemberTags => "Member tag",
        List::SpaceGroups => "Space group",
        List::Spaces => "Space",
        List::Topics => "Topic",
        List::Posts => "Post",
        List::Comments => "Comment",
        List::Events => "Event",
        List::CourseSections => "Course section",
        _ => "Course lesson",
    };
    found.map(|record| Answer::json(200, &record)).ok_or(Refusal::Missing(thing))
}

/// `GET /community`.
pub(super) fn community(app: &App, now: i64) -> Outcome {
    let data = app.data();
    Ok(Answer::json(200, &View { app, data: &data, now }.community_record()))
}

/// `GET /community_members/search`.
pub(super) fn search(app: &App, params: &Params, now: i64) -> Outcome {
    let data = app.data();
    let view = View { app, data: &data, now };
    let email = params.text("email").ok_or_else(|| Refusal::Malformed("email is required".to_owned()))?;
    let number = by_email(&view, email).ok_or(Refusal::Missing("Community member"))?;
    Ok(Answer::json(200, &view.community_member(number)))
}

/// `GET /access_groups/ID/community_members`.
pub(super) fn access_group_members(app: &App, id: &str, params: &Params, now: i64) -> Outcome {
    let data = app.data();
    let view = View { app, data: &data, now };
    let community = view.community();
    let found = community.access_groups().iter().find(|group| group.id.to_string() == id);
    let group = found.ok_or(Refusal::Missing("Access group"))?;
    let page = params.page(&app.scenario.paging)?;
    let has = |i: &u32| community.is_listed(view.member(*i)) && community.has_access(view.member(*i), group);
    let all: Vec<u32> = (0..community.members.len() as u32).rev().filter(has).collect();
    Ok(page.answer(&app.scenario.paging, &all, |i| view.access_group_member(group, *i)))
}

/// `GET /gamification/leaderboard`.
pub(super) fn leaderboard(app: &App, params: &Params, now: i64) -> Outcome {
    let data = app.data();
    let view = View { app, data: &data, now };
    let page = params.page(&app.scenario.paging)?;
    let listed = |i: &u32| view.community().is_listed(view.member(*i));
    let mut all: Vec<u32> = (0..view.community().members.len() as u32).filter(listed).collect();
    all.sort_by_key(|i| std::cmp::Reverse(points(view.member(*i))));
    let leaders: Vec<(usize, u32)> = all.into_iter().take(LEADERS).enumerate().collect();
    Ok(page.answer(&app.scenario.paging, &leaders, |(place, i)| view.leader(*place, *i)))
}
