//! The community that is there from the start: any number of members, the same for the same seed. All
//! people are invented.

use super::commands::{
    Actor, CollectionInput, DirectInput, EventInput, JoinInput, MessageInput, Place, PostInput,
    ReactionInput, SpaceInput, TagInput,
};
use super::ids::{Id, Ids};
use super::moment::Moment;
use super::permissions;
use super::scenario::{Import, Scenario};
use super::state::{
    CustomField, EmailStatus, FieldType, Mapping, MappingField, MappingType, Member, MemberField,
    MemberStatus, Network, NotificationSettings, PostContext, PostType, Role, RoleType, Rules, SpaceType,
    State,
};
use crate::culturebridge::{CITIES, Person};
use crate::rng::Rng;
use base::Secret;
use serde_json::{Value, json};

/// The password of every member.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// The community's past begins so long before its present, milliseconds: two years.
const PAST: i64 = 2 * 365 * 24 * 3_600_000;

const DAY: i64 = 24 * 3_600_000;

/// Every so-manieth member brings one of these.
const MEMBERS_OF_AN_EVENT: usize = 20;
const MEMBERS_OF_A_SPACE: usize = 50;
const MEMBERS_OF_A_CHAT: usize = 25;

const SPACES: &[&str] = &["Start Here", "Practice", "Questions", "Stories"];
const TAGS: &[&str] = &["Breathing", "Sleep", "Focus"];
const REACTIONS: &[&str] = &["+1", "heart", "clap"];
const TITLES: &[&str] = &["What helped me this week", "A question about evenings", "Notes from the walk"];

/// A community of that many members; 0: only the owner and the app's account, with roles and post types.
pub(super) fn community(records: u64, seed: u64, scenario: &Scenario, now: Moment) -> State {
    let mut ids = Ids::new(seed);
    let roles = roles(&mut ids);
    let network = network(&mut ids, now);
    // The past was written under no rule that a scenario could set.
    let mut rules = Rules { members: scenario.members, posts: scenario.posts, may_import: true };
    (rules.members.import, rules.posts.moderated) = (Import::Quiet, false);
    let mut state = State::new(rules, ids, network, roles, now.plus(-PAST));
    state.silent = true;
    post_types(&mut state);
    let owner = staff(&mut state, "river", "River Okafor", "river@example.test");
    let bot = staff(&mut state, "landfall-app", "Landfall App", "app@example.test");
    (state.network.owner_id, state.network.created_by_id) = (owner.clone(), owner.clone());
    state.bot_id = bot;
    if records > 0 {
        fill(&mut state, &Actor::person(&owner), records as usize, seed);
    }
    state.now = now;
    state.rules =
        Rules { members: scenario.members, posts: scenario.posts, may_import: scenario.auth.may_import };
    state.silent = false;
    state.sent.clear();
    state
}

fn roles(ids: &mut Ids) -> Vec<Role> {
    let kinds = [
        (RoleType::Admin, "Admin"),
        (RoleType::Moderator, "Moderator"),
        (RoleType::Member, "Member"),
        (RoleType::Guest, "Guest"),
    ];
    let role = |(kind, name): (RoleType, &str)| Role {
        id: ids.next(),
        name: name.to_owned(),
        kind,
        scopes: permissions::scopes(kind),
        visible: kind != RoleType::Guest,
        description: None,
    };
    kinds.map(role).into()
}

fn network(ids: &mut Ids, now: Moment) -> Network {
    let field = |key, name, kind| MemberField { key, name, kind, required: false, archived: false };
    Network {
        id: ids.next(),
        name: "Riverside".to_owned(),
        domain: "riverside.example.test".to_owned(),
        description: Some("A community that is made of paper".to_owned()),
        locale: "en-US".to_owned(),
        visibility: "public",
        membership: "open",
        status: "published",
        organization_id: ids.next(),
        owner_id: String::new(),
        created_by_id: String::new(),
        created_at: now.plus(-PAST),
        member_fields: vec![
            field("city", "City", FieldType::Text),
            field("newsletter", "Newsletter", FieldType::Boolean),
            field("sessions", "Sessions", FieldType::Number),
            field("joined_on", "Joined on", FieldType::Date),
            field("interests", "Interests", FieldType::Array),
        ],
        private_messaging: true,
    }
}

/// Discussion and Comment, which every community has, and Question and Answer: an answer answers questions
/// only.
fn post_types(state: &mut State) {
    let mapping = |key, kind, title, field, main| Mapping {
        key,
        kind,
        title,
        field,
        required: true,
        is_main_content: main,
        is_searchable: true,
    };
    let title = mapping("title", MappingType::Text, "Title", "text1", false);
    let content = mapping("content", MappingType::Html, "Content", "html1", true);
    let ids: Vec<String> = (0..4).map(|_| state.ids.next()).collect();
    let now = state.now;
    let [comment, answer] = [ids[1].clone(), ids[3].clone()];
    for (n, (name, plural, slug, context, replies)) in [
        ("Discussion", "Discussions", "discussion", PostContext::Post, vec![comment.clone()]),
        ("Comment", "Comments", "comment", PostContext::Reply, vec![comment.clone()]),
        ("Question", "Questions", "question", PostContext::Post, vec![comment.clone(), answer]),
        ("Answer", "Answers", "answer", PostContext::Reply, vec![comment]),
    ]
    .into_iter()
    .enumerate()
    {
        let post = context == PostContext::Post;
        let mappings = if post { vec![title.clone(), content.clone()] } else { vec![content.clone()] };
        let kind = PostType {
            id: ids[n].clone(),
            name,
            plural_name: plural,
            slug,
            context,
            archived: false,
            mappings,
            allowed_reactions: post.then(|| vec!["+1", "heart", "clap", "agree", "disagree"]),
            single_choice_reactions: post.then(|| vec!["agree", "disagree"]),
            created_at: now,
            updated_at: now,
            replies,
        };
        state.post_types.insert(ids[n].clone(), kind);
    }
}

fn staff(state: &mut State, username: &str, name: &str, email: &str) -> String {
    let id = state.ids.next();
    let role = state.role_of(RoleType::Admin).id.clone();
    let now = state.now;
    state.put_member(Member {
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        email_status: Some(EmailStatus::Verified),
        teammate: true,
        verified_at: Some(now),
        password: Secret::new(PASSWORD),
        ..Member::new(id.clone(), username.to_owned(), role, now)
    });
    id
}

/// Members and what they did. A refusal here would be a mistake of this file: the test of it would show a
/// community with holes.
fn fill(state: &mut State, owner: &Actor, count: usize, seed: u64) {
    let mut rng = Rng::new(seed, "bettermode community");
    let begin = state.now;
    let step = PAST / (count as i64 + 1);
    let members: Vec<String> =
        (0..count).filter_map(|i| member(state, owner, i, begin.plus(step * i as i64), seed)).collect();
    state.now = begin.plus(step * count as i64);
    let spaces = spaces(state, owner, &members, &mut rng);
    for title in TAGS {
        drop(state.create_tag(owner, TagInput { title: (*title).to_owned(), slug: None, description: None }));
    }
    discussions(state, count, &spaces, &mut rng);
    meetings(state, owner, &members, &spaces, &mut rng);
}

/// Posts, replies and reactions, spread over what is left of the past.
fn discussions(state: &mut State, count: usize, spaces: &[String], rng: &mut Rng) {
    let types = [type_named(state, "Discussion"), type_named(state, "Comment")];
    let tick = PAST / (count as i64 + 1) / (3 * count as i64 + 1);
    let mut posts = Vec::new();
    for n in 0..count.div_ceil(2) {
        state.now = state.now.plus(tick);
        let space = &spaces[rng.index(spaces.len())];
        let author = somebody(state, space, rng);
        let title = format!("{} ({})", TITLES[n % TITLES.len()], n + 1);
        let link = format!("<a href=\"https://example.test/{n}\">a link</a>");
        let html = format!("<p>Note {} with <b>weight</b> &amp; {link}.</p>", n + 1);
        let input = PostInput {
            tag_names: Some(vec![TAGS[n % TAGS.len()].to_owned()]),
            mapping_fields: vec![field("title", MappingType::Text, &title), content(&html)],
            ..published(&types[0])
        };
        posts.extend(state.create_post(&author, Place::Space(space), input).ok());
    }
    let mut above = posts.clone();
    for n in 0..count {
        state.now = state.now.plus(tick);
        // Some answer a post, some an answer.
        let parent = above[rng.index(above.len())].clone();
        let space = state.posts.get(&parent).map(|post| post.space_id.clone()).unwrap_or_default();
        let author = somebody(state, &space, rng);
        let fields = vec![content(&format!("<p>Reply {}</p>", n + 1))];
        let input = PostInput { mapping_fields: fields, ..published(&types[1]) };
        above.extend(state.create_post(&author, Place::Beneath(&parent), input).ok());
        let reaction = rng.pick(REACTIONS).to_owned();
        let input = ReactionInput { reaction, participant_id: None, override_single_choice_reactions: None };
        drop(state.add_reaction(&author, &parent, input));
    }
}

fn published(kind: &str) -> PostInput {
    PostInput { post_type_id: kind.to_owned(), publish: true, ..PostInput::default() }
}

/// Somebody who is in a space.
fn somebody(state: &State, space: &str, rng: &mut Rng) -> Actor {
    let members = state.spaces.get(space).map(|space| &space.members);
    let found = members.and_then(|members| members.get_index(rng.index(members.len())));
    Actor::person(found.map_or(&state.network.owner_id, |(member, _)| member))
}

fn member(state: &mut State, owner: &Actor, i: usize, joined: Moment, seed: u64) -> Option<String> {
    let person = Person::of(seed, i as u32);
    state.now = joined;
    let input = JoinInput {
        email: format!("{}{i}@example.test", person.handle),
        name: format!("{} {}", person.first, person.last),
        password: Secret::new(PASSWORD),
        username: Some(format!("{}{i}", person.handle)),
        verified: Some(true),
        ..JoinInput::default()
    };
    let id = state.join(owner, input).ok()?;
    let mut member = state.members.get(&id)?.clone();
    let value = |key: &str, value: Value| CustomField { key: key.to_owned(), value: value.to_string() };
    let (city, ..) = CITIES[i % CITIES.len()];
    member.fields = vec![value("city", json!(city)), value("newsletter", json!(i.is_multiple_of(3)))];
    member.last_seen_at = Some(joined.plus(DAY));
    member.score = (i % 7) as i64 * 10;
    match i % 20 {
        // Somebody who never proved the address, and somebody who was locked out.
        7 => (member.status, member.verified_at) = (MemberStatus::Unverified, None),
        13 => member.status = MemberStatus::Suspended,
        3 => {
            member.badges = vec![json!({"badgeId": "early", "shortDescription": "Early bird", "text": "E"})];
        }
        _ => {}
    }
    let active = member.status == MemberStatus::Verified;
    state.put_member(member);
    active.then_some(id)
}

fn spaces(state: &mut State, owner: &Actor, members: &[String], rng: &mut Rng) -> Vec<String> {
    let mut collections = Vec::new();
    for name in ["Welcome", "Circles"] {
        let input = CollectionInput {
            name: name.to_owned(),
            description: None,
            external_id: None,
            created_at: None,
            updated_at: None,
        };
        collections.extend(state.create_collection(owner, input).ok());
    }
    let more = members.len() / MEMBERS_OF_A_SPACE;
    let names = SPACES.iter().map(|name| (*name).to_owned());
    let names = names.chain((1..=more).map(|n| format!("Circle {n}")));
    let mut spaces = Vec::new();
    for (n, name) in names.enumerate() {
        // Most are in the spaces for everybody; a circle has its own few.
        let inside = match n.checked_sub(SPACES.len()) {
            None => members.iter().filter(|_| rng.chance(600)).cloned().collect(),
            Some(n) => {
                members.iter().skip(n * MEMBERS_OF_A_SPACE).take(MEMBERS_OF_A_SPACE).cloned().collect()
            }
        };
        let collection = collections.get(usize::from(n >= SPACES.len())).cloned();
        let input = SpaceInput {
            name,
            collection_id: collection.map(Id),
            kind: Some(SpaceType::Group),
            member_ids: Some(inside),
            ..SpaceInput::default()
        };
        spaces.extend(state.create_space(owner, input).ok());
    }
    spaces
}

/// Events, and chats of two.
fn meetings(state: &mut State, owner: &Actor, members: &[String], spaces: &[String], rng: &mut Rng) {
    let zones = ["Europe/London", "America/New_York"];
    for n in 0..members.len().div_ceil(MEMBERS_OF_AN_EVENT) {
        let start = state.now.plus(DAY * (n as i64 - 2) * 7);
        let input = EventInput {
            title: Some(format!("Evening circle {}", n + 1)),
            content: Some("<p>We sit together.</p>".to_owned()),
            start_time: Some(start),
            end_time: Some(start.plus(2 * 3_600_000)),
            time_zone: Some(zones[n % zones.len()].to_owned()),
            host_ids: Some(vec![owner.member.clone()]),
            notification_settings: Some(NotificationSettings {
                notify_on_delete: true,
                notify_on_register: false,
                notify_on_update: true,
                remind_before: true,
            }),
            ..EventInput::default()
        };
        let Ok(event) = state.create_event(owner, &spaces[n % spaces.len()], input) else { continue };
        for _ in 0..3 {
            let guest = Actor::person(&members[rng.index(members.len())]);
            drop(state.register(&guest, &event));
        }
    }
    for n in 0..members.len() / MEMBERS_OF_A_CHAT {
        let (one, other) = (&members[n * 2], &members[n * 2 + 1]);
        for (from, to) in [(one, other), (other, one)] {
            let message = MessageInput { content: format!("<p>Hello {n}</p>"), ..MessageInput::default() };
            let input = DirectInput { recipient_id: to.clone(), message };
            drop(state.send_to_member(&Actor::person(from), input));
        }
    }
}

fn type_named(state: &State, name: &str) -> String {
    let found = state.post_types.values().find(|kind| kind.name == name);
    found.map(|kind| kind.id.clone()).unwrap_or_default()
}

fn content(html: &str) -> MappingField {
    field("content", MappingType::Html, html)
}

fn field(key: &str, kind: MappingType, text: &str) -> MappingField {
    MappingField { key: key.to_owned(), kind, value: Value::from(text).to_string() }
}
