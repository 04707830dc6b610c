//! What does not grow with the number of members: groups, spaces, topics, tags, fields of profiles, access
//! groups; and who belongs to them.

use super::{Community, Inventory, Kind, Member, Settings, Standing, mix, sample};

/// A group of spaces.
#[derive(Debug)]
pub(crate) struct Group {
    pub id: u64,
    pub name: &'static str,
    pub slug: &'static str,
    /// Not shown to those who belong to none of its spaces.
    pub hidden: bool,
}

/// What a space is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpaceKind {
    Basic,
    Event,
    Members,
    Image,
    Course,
    Chat,
}

impl SpaceKind {
    pub fn word(self) -> &'static str {
        match self {
            SpaceKind::Basic => "basic",
            SpaceKind::Event => "event",
            SpaceKind::Members => "members",
            SpaceKind::Image => "image",
            SpaceKind::Course => "course",
            SpaceKind::Chat => "chat",
        }
    }
}

/// A space.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Space {
    pub id: u64,
    pub name: &'static str,
    pub slug: &'static str,
    pub emoji: Option<&'static str>,
    pub kind: SpaceKind,
    /// The group's number.
    pub group: Option<usize>,
    /// Of 1,000 active members, how many belong to it; all may see it when it is not private.
    pub share: u64,
    pub private: bool,
    /// Whether members may write there.
    pub open: bool,
}

/// A topic that posts of some spaces may have.
#[derive(Debug)]
pub(crate) struct Topic {
    pub id: u64,
    pub name: &'static str,
    pub admin_only: bool,
    /// Numbers of spaces.
    pub spaces: &'static [usize],
}

/// A tag that members and leads may have.
#[derive(Debug)]
pub(crate) struct Tag {
    pub id: u64,
    pub name: &'static str,
    pub public: bool,
    pub color: Option<&'static str>,
    pub emoji: Option<&'static str>,
    /// Of 1,000 active members, how many have it.
    pub share: u64,
}

/// Somebody whose address is known and who is no member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lead {
    pub id: u64,
    pub contact: u64,
    pub email: String,
}

/// A tag of somebody.
#[derive(Debug, Clone)]
pub(crate) struct TagLink {
    pub id: u64,
    pub tag: &'static Tag,
    /// The member's number; a lead's when it is the other.
    pub holder: Result<u32, Lead>,
}

/// What may be entered into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Text,
    Textarea,
    Link,
    Number,
    Location,
    Date,
    /// One choice.
    Select,
    /// Any number of choices.
    Checkbox,
}

impl FieldKind {
    pub fn word(self) -> &'static str {
        match self {
            FieldKind::Text => "text",
            FieldKind::Textarea => "textarea",
            FieldKind::Link => "link",
            FieldKind::Number => "number",
            FieldKind::Location => "location",
            FieldKind::Date => "date",
            FieldKind::Select => "select",
            FieldKind::Checkbox => "checkbox",
        }
    }
}

/// A field of the profile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub id: u64,
    pub label: &'static str,
    pub key: &'static str,
    pub kind: FieldKind,
    pub choices: &'static [&'static str],
    /// Of 1,000 members, how many filled it in.
    pub filled: u64,
    pub archived: bool,
}

/// People who bought or were given access to something.
#[derive(Debug)]
pub(crate) struct AccessGroup {
    pub id: u64,
    pub name: &'static str,
    pub active: bool,
    /// Of 1,000 active members, how many are in it.
    pub share: u64,
}

const fn group(id: u64, name: &'static str, slug: &'static str, hidden: bool) -> Group {
    Group { id, name, slug, hidden }
}

pub(super) static GROUPS: &[Group] = &[
    group(3101, "Welcome", "welcome", false),
    group(3102, "Together", "together", false),
    group(3104, "Inner Circle", "inner-circle", true),
    group(3107, "Learn 📚", "learn", false),
    group(3111, "2027 (soon)", "2027-soon", true),
];

type About = (SpaceKind, Option<usize>);

const fn space(id: u64, name: &'static str, slug: &'static str, about: About, share: u64) -> Space {
    let (kind, group) = about;
    Space { id, name, slug, emoji: None, kind, group, share, private: false, open: true }
}

const fn private(space: Space) -> Space {
    Space { private: true, ..space }
}

const fn with_emoji(emoji: &'static str, space: Space) -> Space {
    Space { emoji: Some(emoji), ..space }
}

const fn closed(space: Space) -> Space {
    Space { open: false, ..space }
}

use SpaceKind::{Basic, Chat, Course, Event, Image, Members};

/// Spaces, in order of their ids.
pub(super) static SPACES: &[Space] = &[
    with_emoji("👋", closed(space(7001, "Start here", "start-here", (Basic, Some(0)), 1000))),
    space(7002, "Introductions", "introductions", (Basic, Some(0)), 900),
    space(7004, "General", "general", (Basic, Some(1)), 800),
    with_emoji("🧘🏽‍♀️", space(7005, "Practice & «Rituale»", "practice-rituale", (Basic, Some(1)), 600)),
    space(7008, "Ask anything", "ask-anything", (Basic, Some(1)), 700),
    space(7009, "Gallery", "gallery", (Image, Some(1)), 500),
    with_emoji("📅", space(7010, "Gatherings", "gatherings", (Event, Some(1)), 700)),
    private(space(7013, "The inner room", "the-inner-room", (Basic, Some(2)), 120)),
    private(space(7014, "Retreats", "retreats", (Event, Some(2)), 120)),
    space(7015, "Everybody", "everybody", (Members, Some(0)), 1000),
    space(7017, "Breathwork", "breathwork", (Course, Some(3)), 300),
    private(space(7018, "Foundations for facilitators", "foundations", (Course, Some(3)), 60)),
    space(7020, "Lounge", "lounge", (Chat, Some(1)), 500),
    private(space(7021, "Facilitators", "facilitators", (Chat, Some(2)), 60)),
    space(7024, "General", "general-1", (Basic, Some(3)), 300),
    space(7026, "Café ☕ & Co.", "cafe-co", (Basic, None), 200),
    space(7030, "Ideas", "ideas", (Basic, Some(1)), 100),
];

/// The space in which nobody ever wrote.
const EMPTY: u64 = 7030;

pub(super) static FIELDS: &[Field] = &[
    field(501, "Where do you live?", "city", FieldKind::Location, &[], 700),
    field(502, "About me", "about_me", FieldKind::Textarea, &[], 400),
    field(503, "Website", "website", FieldKind::Link, &[], 250),
    field(504, "Years of practice", "years_of_practice", FieldKind::Number, &[], 500),
    field(506, "Birthday", "birthday", FieldKind::Date, &[], 300),
    field(507, "Pronouns", "pronouns", FieldKind::Select, &["she/her", "he/him", "they/them", "ask me"], 500),
    field(
        508,
        "Interests",
        "interests",
        FieldKind::Checkbox,
        &["Breath", "Movement", "Sound", "Silence", "Writing", "«Sonstiges», egal"],
        600,
    ),
    field(511, "What brings you here? (one line)", "what_brings_you_here", FieldKind::Text, &[], 350),
    archived(field(490, "Fax", "fax", FieldKind::Text, &[], 20)),
    archived(field(495, "Plan", "plan", FieldKind::Select, &["monthly", "yearly", "founder"], 200)),
];

const fn field(
    id: u64,
    label: &'static str,
    key: &'static str,
    kind: FieldKind,
    choices: &'static [&'static str],
    filled: u64,
) -> Field {
    Field { id, label, key, kind, choices, filled, archived: false }
}

const fn archived(field: Field) -> Field {
    Field { archived: true, ..field }
}

const fn topic(id: u64, name: &'static str, admin_only: bool, spaces: &'static [usize]) -> Topic {
    Topic { id, name, admin_only, spaces }
}

static TOPICS: &[Topic] = &[
    topic(201, "News", true, &[0]),
    topic(202, "Question", false, &[2, 4]),
    topic(203, "Story", false, &[1, 2, 3]),
    topic(205, "Breath & body", false, &[3]),
    topic(206, "🎉 Wins", false, &[1, 2, 3, 4, 15]),
    topic(209, "never used", false, &[]),
];

type Look = (Option<&'static str>, Option<&'static str>);

const fn tag(id: u64, name: &'static str, public: bool, look: Look, share: u64) -> Tag {
    let (color, emoji) = look;
    Tag { id, name, public, color, emoji, share }
}

static TAGS: &[Tag] = &[
    tag(61, "Founder", true, (Some("#FF8800"), Some("🌱")), 60),
    tag(62, "VIP", true, (Some("#222222"), None), 30),
    tag(63, "vip", false, (None, None), 10),
    tag(65, "Facilitator", true, (Some("#0055AA"), Some("🪷")), 50),
    tag(66, "Newsletter", false, (None, None), 400),
    tag(68, "Paid: retreat \"Autumn\", 2025", false, (None, None), 25),
    tag(70, "never used", false, (None, None), 0),
];

/// The tag whose name another one has but for case.
const TAG_TWICE: u64 = 63;

/// The tag that leads have, by number.
const LEADS_TAG: usize = 4;

static ACCESS_GROUPS: &[AccessGroup] = &[
    AccessGroup { id: 81, name: "Founders", active: true, share: 60 },
    AccessGroup { id: 82, name: "Retreat guests", active: true, share: 120 },
    AccessGroup { id: 84, name: "Trial 2024", active: false, share: 40 },
];

/// Notes what is odd in what does not grow, and the leads.
pub(super) fn note(settings: &Settings, inventory: &mut Inventory) {
    for (i, space) in SPACES.iter().enumerate() {
        let twice = SPACES[..i].iter().any(|other| other.name == space.name);
        let kind = match space {
            _ if twice => Kind::SpaceNameTwice,
            Space { group: None, .. } => Kind::SpaceUngrouped,
            Space { private: true, .. } => Kind::SpacePrivate,
            Space { id: EMPTY, .. } => Kind::SpaceEmpty,
            _ => continue,
        };
        inventory.note(kind, space.id);
    }
    inventory.note(Kind::TagNameTwice, TAG_TWICE);
    for field in FIELDS.iter().filter(|field| field.archived) {
        inventory.note(Kind::FieldArchived, field.id);
    }
    for lead in 0..leads_count(settings) {
        inventory.note(Kind::TagOfLead, lead_link_id(lead));
    }
}

/// Numbers of the spaces of a kind in which people write.
pub(super) fn written(kind: SpaceKind) -> Vec<usize> {
    let spaces = SPACES.iter().enumerate();
    spaces.filter(|(_, space)| space.kind == kind && space.id != EMPTY).map(|(i, _)| i).collect()
}

/// The ids of the topics that posts of a space may have.
pub(super) fn topics_of(space: usize) -> impl Iterator<Item = u64> {
    TOPICS.iter().filter(move |topic| topic.spaces.contains(&space)).map(|topic| topic.id)
}

/// Leads: one to eight members, at least two, when anything is odd.
fn leads_count(settings: &Settings) -> u64 {
    if settings.scale() == 0 { 0 } else { (settings.records / 8).max(2) }
}

/// Ids of links to leads come after those of all links to members.
fn lead_link_id(lead: u64) -> u64 {
    9_000_000_000 + lead
}

impl Community {
    pub(crate) fn topics(&self) -> &'static [Topic] {
        TOPICS
    }

    pub(crate) fn tags(&self) -> &'static [Tag] {
        TAGS
    }

    pub(crate) fn access_groups(&self) -> &'static [AccessGroup] {
        ACCESS_GROUPS
    }

    /// Whether a member is one of the share that belongs to the thing of that id; nobody else's draw.
    fn has_share(&self, member: &Member, id: u64, share: u64) -> bool {
        member.standing == Standing::Active && mix(self.settings.seed ^ (member.id << 20) ^ id) % 1000 < share
    }

    /// Whether a member belongs to a space; administrators belong to all.
    pub(crate) fn is_in(&self, member: &Member, space: &Space) -> bool {
        member.admin || self.has_share(member, space.id, space.share)
    }

    /// Whether somebody was invited into a space and never came: these are its members as well.
    pub(crate) fn is_awaited(&self, member: &Member, space: &Space) -> bool {
        member.standing == Standing::Invited && space.share >= 900
    }

    /// Whether a member has an access group.
    pub(crate) fn has_access(&self, member: &Member, group: &AccessGroup) -> bool {
        self.has_share(member, group.id, group.share)
    }

    /// Whether a member has a tag.
    pub(crate) fn has_tag(&self, member: &Member, tag: &Tag) -> bool {
        self.has_share(member, tag.id, tag.share)
    }

    /// Lead number `i`.
    pub(crate) fn lead(&self, i: u64) -> Lead {
        Lead { id: 12_000 + i, contact: 77_000 + 2 * i, email: format!("lead{i}@letters.example") }
    }

    /// Leads drawn for a purpose.
    pub(crate) fn some_leads(&self, seed: u64, k: u64) -> impl Iterator<Item = Lead> {
        sample(seed, k, leads_count(&self.settings)).map(|i| self.lead(i))
    }

    /// The tags of all members, oldest first, then those of leads.
    pub(crate) fn tag_links(&self) -> impl Iterator<Item = TagLink> {
        let listed = self.members.iter().enumerate().filter(|(_, member)| self.is_listed(member));
        let members = listed.flat_map(move |(i, member)| {
            let tags = TAGS.iter().enumerate().filter(|(_, tag)| self.has_tag(member, tag));
            tags.map(move |(t, tag)| TagLink {
                id: 500_000 + (i * TAGS.len() + t) as u64,
                tag,
                holder: Ok(i as u32),
            })
        });
        let leads = (0..leads_count(&self.settings)).map(|lead| TagLink {
            id: lead_link_id(lead),
            tag: &TAGS[LEADS_TAG],
            holder: Err(self.lead(lead)),
        });
        members.chain(leads)
    }
}
