//! The people: who they are, and what their profiles say.

use super::casting::Cast;
use super::docs::File;
use super::structure::{FIELDS, Field, FieldKind};
use super::{Comment, Community, Inventory, Kind, Post, Settings, words};
use crate::culturebridge::{CITIES, END, Person, START, moments};
use crate::rng::Rng;
use crate::time::DAY;

/// What somebody is to the community.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A member.
    Active,
    /// Invited, and never came.
    Invited,
    /// A member once, whom an administrator deactivated.
    Deactivated,
    /// A member once, who left.
    Gone,
}

/// Somebody who is or was in the community.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The membership's id.
    pub id: u64,
    /// The person's id. It is always another member's membership id as well: mixing them up goes unnoticed.
    pub user_id: u64,
    pub standing: Standing,
    pub odd: Option<Kind>,
    /// Who has the same address but for case, and came earlier.
    pub twin: Option<u32>,
    /// Milliseconds since 1970, as all times here.
    pub created: i64,
    pub updated: i64,
    pub seen: Option<i64>,
    pub accepted: Option<i64>,
    /// Administrators see everything.
    pub admin: bool,
    /// Posts with a text, of every status.
    pub posts: u32,
    /// Posts that are pictures.
    pub images: u32,
    pub comments: u32,
    /// How often drift changed it.
    pub revision: u32,
    /// Whether drift took it out.
    pub removed: bool,
}

/// What a profile says.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub first: Option<String>,
    pub last: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub headline: Option<String>,
    pub avatar: Option<File>,
    pub uid: String,
    pub sso: Option<String>,
}

/// What a member entered into a field of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    List(Vec<&'static str>),
}

/// Where the ids of memberships begin.
const IDS_FROM: u64 = 41_000;

pub(super) fn make(settings: &Settings, cast: &Cast, inventory: &mut Inventory) -> Vec<Member> {
    let mut rng = Rng::new(settings.seed, "members");
    let n = cast.standings.len();
    let times = moments(n, START, END - 30 * DAY, &mut rng);
    let ids: Vec<u64> = (0..n as u64).map(|i| IDS_FROM + 3 * i + rng.below(3)).collect();
    let mut members = Vec::with_capacity(n);
    for (i, moment) in times.iter().enumerate() {
        let number = i as u32;
        let standing = cast.standings[i];
        let created = moment.ms as i64;
        let accepted =
            (standing != Standing::Invited).then(|| created + rng.between(1_000, 3 * 86_400_000) as i64);
        let odd = match (cast.kinds.get(&number), standing) {
            (None, Standing::Deactivated) if settings.deactivated_listed => Some(Kind::Deactivated),
            (kind, _) => kind.copied(),
        };
        if let Some(kind) = odd {
            inventory.note(kind, ids[i]);
        }
        let seen =
            accepted.filter(|_| rng.chance(900)).map(|at| (at + rng.below(400 * DAY as u64) as i64).min(END));
        members.push(Member {
            id: ids[i],
            user_id: ids[(i + n / 3 + 1) % n],
            standing,
            odd,
            twin: cast.twins.get(&number).copied(),
            created,
            updated: seen.or(accepted).unwrap_or(created),
            seen,
            accepted,
            admin: cast.named.first() == Some(&number),
            posts: 0,
            images: 0,
            comments: 0,
            revision: 0,
            removed: false,
        });
    }
    members
}

/// Counts what each member wrote.
pub(super) fn count(members: &mut [Member], posts: &[Post], images: &[Post], comments: &[Comment]) {
    for post in posts {
        members[post.author as usize].posts += 1;
    }
    for image in images {
        members[image.author as usize].images += 1;
    }
    for comment in comments {
        members[comment.author as usize].comments += 1;
    }
}

impl Community {
    /// Whether somebody is in the list of all members.
    pub(crate) fn is_listed(&self, member: &Member) -> bool {
        let listed = match member.standing {
            Standing::Active | Standing::Invited => true,
            Standing::Deactivated => self.settings.deactivated_listed,
            Standing::Gone => false,
        };
        listed && !member.removed
    }

    /// What the profile of member number `i` says.
    pub(crate) fn profile(&self, i: u32) -> Profile {
        let member = &self.members[i as usize];
        let person = Person::of(self.settings.seed ^ 0xc0, i);
        let mut rng = self.settings.rng("profile", member.id, 0);
        let odd = member.odd;
        let (first, last) = match odd {
            Some(Kind::NameEmpty) => (None, None),
            Some(Kind::NameOdd) => {
                let (first, last) = words::ODD_NAMES[i as usize % words::ODD_NAMES.len()];
                (Some(first.to_owned()), Some(last.to_owned()))
            }
            _ => (Some(person.first.to_owned()), Some(person.last.to_owned())),
        };
        let name = [first.as_deref(), last.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let address = self.address(i, &person);
        let email = match odd {
            Some(Kind::EmailMissing) => None,
            Some(Kind::EmailEmpty) => Some(String::new()),
            Some(Kind::EmailCased | Kind::EmailTwin) => Some(capitals(&address)),
            _ => Some(address),
        };
        let headline = match odd {
            Some(Kind::HeadlineLong) => {
                Some(words::HEADLINES[0].repeat(1_000 / words::HEADLINES[0].len() + 1))
            }
            _ => {
                rng.chance(400).then(|| format!("{}{}", rng.pick(words::HEADLINES), edited(member.revision)))
            }
        };
        Profile {
            first,
            last,
            name,
            email,
            headline,
            avatar: rng.chance(600).then(|| File::new("avatar", "image/jpeg", &mut rng)),
            uid: format!("{:08x}", rng.bits() >> 32),
            sso: rng.chance(250).then(|| format!("hs-{}", member.user_id * 17)),
        }
    }

    /// The address without its capitals.
    fn address(&self, i: u32, person: &Person) -> String {
        match self.members[i as usize].twin {
            Some(first) => self.address(first, &Person::of(self.settings.seed ^ 0xc0, first)),
            None => format!("{}{i}@{}", person.handle, person.domain),
        }
    }

    /// What member number `i` entered into a field; `None` when nothing.
    pub(crate) fn value(&self, i: u32, field: &Field) -> Option<Value> {
        let member = &self.members[i as usize];
        let mut rng = self.settings.rng("field", member.id ^ (field.id << 32), 0);
        if member.standing == Standing::Invited || !rng.chance(field.filled) {
            return None;
        }
        let one = |rng: &mut Rng| field.choices[rng.index(field.choices.len())];
        Some(match field.kind {
            FieldKind::Text => Value::Text((rng.pick(words::HEADLINES)).to_owned()),
            FieldKind::Textarea => {
                Value::Text(format!("{}\r\n{}", rng.pick(words::SENTENCES), rng.pick(words::SENTENCES)))
            }
            FieldKind::Link => {
                Value::Text(format!("https://{}.example/{}", rng.pick(words::SITES), member.id))
            }
            FieldKind::Number => Value::Text(rng.below(40).to_string()),
            FieldKind::Location => Value::Text(CITIES[rng.index(CITIES.len())].0.to_owned()),
            FieldKind::Date => Value::Text(format!(
                "{}-{:02}-{:02}",
                1950 + rng.below(55),
                1 + rng.below(12),
                1 + rng.below(28)
            )),
            FieldKind::Select => Value::Text(one(&mut rng).to_owned()),
            FieldKind::Checkbox => {
                let n = rng.between(1, field.choices.len() as u64) as usize;
                let from = rng.index(field.choices.len());
                Value::List((0..n).map(|k| field.choices[(from + k) % field.choices.len()]).collect())
            }
        })
    }

    /// The fields of profiles, those in use and the archived ones.
    pub(crate) fn fields(&self) -> &'static [Field] {
        FIELDS
    }
}

/// Every word of an address with a capital.
fn capitals(address: &str) -> String {
    let mut start = true;
    let capital = |c: char| {
        let out = if start { c.to_ascii_uppercase() } else { c };
        start = !c.is_ascii_alphanumeric();
        out
    };
    address.chars().map(capital).collect()
}

/// What shows that a text was changed.
pub(super) fn edited(revision: u32) -> String {
    if revision == 0 { String::new() } else { format!(" (edited {revision})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_change_the_case_and_nothing_else() {
        let address = "ada.de.la.cruz7@mail.example";
        assert_eq!(capitals(address), "Ada.De.La.Cruz7@Mail.Example");
        assert_eq!(capitals(address).to_lowercase(), address);
    }
}
