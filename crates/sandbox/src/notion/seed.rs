//! The workspace as it is found: a page that is shared, with the database of members that the HigherSelf
//! network keeps, and a page that is not shared.

use super::caller::{Caller, Version};
use super::check::At;
use super::handlers::Desk;
use super::id::Id;
use super::refusal::Refusal;
use super::scenario::{Limits, Query};
use super::store::{Store, User};
use crate::community::{self, Community, Standing};
use serde_json::{Value, json};

/// Of so many members one has no page in the database yet.
const MISSING_ONE_IN: u32 = 4;
/// Of so many members with a page one stands there with another case of the address.
const CASED_ONE_IN: u32 = 10;
/// Of so many members with a page one stands there twice.
const DOUBLED_ONE_IN: u32 = 40;

/// What the database of members holds at the start. Members are those of the community of the same seed and
/// size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// Pages in it.
    pub pages: u64,
    /// Addresses that have a page, in lower case, each once.
    pub emails: Vec<String>,
    /// Of these, those with capitals on their page.
    pub cased: Vec<String>,
    /// Of these, those with two pages.
    pub doubled: Vec<String>,
    /// Pages without an address.
    pub without_email: u64,
}

/// The ids of what is there at the start.
pub(super) struct Places {
    pub root: Id,
    pub members_database: Id,
    pub members_source: Id,
    pub private: Id,
    pub private_database: Id,
    pub members: Members,
}

/// Who is in the workspace: a person who made everything, two more, and the connections.
pub(super) fn people(store: &mut Store, connections: &[&str]) -> Vec<Id> {
    let mut add = |name: &str, email: Option<&str>| {
        let id = Id::draw(&mut store.rng);
        store.users.push(User { id, name: name.to_owned(), email: email.map(str::to_owned) });
        id
    };
    let mut ids = vec![add("Ida Okafor", Some("ida@higherself.example"))];
    add("Tomás Nagy", Some("tomas@higherself.example"));
    add("Sakura Müller", Some("sakura@higherself.example"));
    ids.extend(connections.iter().map(|name| add(name, None)));
    ids
}

/// Fills the workspace as the caller, who sees everything.
pub(super) fn fill(store: &mut Store, caller: &Caller, seed: u64, records: u64) -> Result<Places, Refusal> {
    let limits = Limits::default();
    let mut desk = Desk { store, caller, limits, query: Query::default() };
    let page = |desk: &mut Desk<'_>, title: &str, parent: Value| {
        let body = json!({"parent": parent, "properties": {"title": [{"text": {"content": title}}]}});
        desk.create_page(&At::body(&body)).map(|page| id_of(&page))
    };
    let root = page(&mut desk, "HigherSelf Network", json!({"workspace": true}))?;
    page(&mut desk, "Handbook", json!({"page_id": root.to_string()}))?;
    let private = page(&mut desk, "Board", json!({"workspace": true}))?;
    let made = desk.create_database(&At::body(&members_database(root)))?;
    let (members_database, members_source) = (id_of(&made), id_of(&made["data_sources"][0]));
    let ledger = json!({
        "parent": {"page_id": private.to_string()},
        "title": [{"text": {"content": "Salaries"}}],
        "initial_data_source": {"properties": {
            "Who": {"title": {}},
            "Amount": {"number": {"format": "euro"}},
        }},
    });
    let private_database = id_of(&desk.create_database(&At::body(&ledger))?);
    let members = members(&mut desk, members_source, seed, records)?;
    Ok(Places { root, members_database, members_source, private, private_database, members })
}

fn id_of(object: &Value) -> Id {
    // Only what the store has just shown comes here.
    object["id"].as_str().and_then(Id::parse).expect("what was made has an id")
}

/// The database as it grew: a column of nearly every type.
fn members_database(root: Id) -> Value {
    json!({
        "parent": {"type": "page_id", "page_id": root.to_string()},
        "title": [{"text": {"content": "Members"}}],
        "icon": {"type": "emoji", "emoji": "🌱"},
        "initial_data_source": {"properties": {
            "Name": {"title": {}},
            "Email": {"email": {}},
            "Status": {"select": {"options": [
                {"name": "Active", "color": "green"},
                {"name": "Invited", "color": "yellow"},
                {"name": "Left", "color": "gray"},
            ]}},
            "Stage": {"status": {}},
            "Tags": {"multi_select": {"options": [{"name": "Founder"}, {"name": "VIP"}]}},
            "Joined": {"date": {}},
            "Circle Member ID": {"rich_text": {}},
            "Posts": {"number": {"format": "number"}},
            "Newsletter": {"checkbox": {}},
            "Website": {"url": {}},
            "Phone": {"phone_number": {}},
            "Owner": {"people": {}},
            "Photo": {"files": {}},
            "No": {"unique_id": {"prefix": "HS"}},
            "Greeting": {"formula": {"expression": "prop(\"Name\")"}},
            "Created": {"created_time": {}},
            "Edited": {"last_edited_time": {}},
        }},
    })
}

/// Pages of members who were entered by hand.
fn members(desk: &mut Desk<'_>, source: Id, seed: u64, records: u64) -> Result<Members, Refusal> {
    let mut found = Members::default();
    if records == 0 {
        return Ok(found);
    }
    let community = community::generate(community::Settings::new(records, seed));
    let entered = community.members.iter().enumerate().map(|(i, _)| i as u32);
    for i in entered.filter(|i| i % MISSING_ONE_IN != 3) {
        let member = &community.members[i as usize];
        // Who has the address of somebody else was not entered: people notice that.
        if member.standing != Standing::Active || member.twin.is_some() {
            continue;
        }
        let Some(email) = row(desk, source, &community, i, false)? else {
            found.pages += 1;
            found.without_email += 1;
            continue;
        };
        found.pages += 1;
        found.emails.push(email.clone());
        if i.is_multiple_of(CASED_ONE_IN) {
            found.cased.push(email.clone());
        }
        if i % DOUBLED_ONE_IN == 1 {
            row(desk, source, &community, i, true)?;
            found.pages += 1;
            found.doubled.push(email);
        }
    }
    Ok(found)
}

/// Enters a member; the address in lower case.
fn row(
    desk: &mut Desk<'_>,
    source: Id,
    community: &Community,
    i: u32,
    again: bool,
) -> Result<Option<String>, Refusal> {
    let member = &community.members[i as usize];
    let profile = community.profile(i);
    let email = profile.email.map(|email| email.to_lowercase()).filter(|email| !email.is_empty());
    let shown = email
        .as_ref()
        .map(|email| if i.is_multiple_of(CASED_ONE_IN) { email.to_uppercase() } else { email.clone() });
    let mut properties = json!({
        "Name": {"title": [{"text": {"content": profile.name}}]},
        "Email": {"email": shown},
        "Status": {"select": {"name": "Active"}},
        "Joined": {"date": {"start": &crate::time::iso(member.created)[..10]}},
        "Posts": {"number": member.posts},
        "Newsletter": {"checkbox": i.is_multiple_of(2)},
    });
    if !again {
        properties["Circle Member ID"] = json!({"rich_text": [{"text": {"content": member.id.to_string()}}]});
        let tags = if i.is_multiple_of(7) { json!([{"name": "Founder"}]) } else { json!([]) };
        properties["Tags"] = json!({"multi_select": tags});
    }
    let body = json!({"parent": {"data_source_id": source.to_string()}, "properties": properties});
    desk.create_page(&At::body(&body))?;
    Ok(email)
}

/// Who fills the workspace, and who acts in it by hand.
pub(super) fn person(id: Id, now: i64) -> Caller {
    Caller { token: super::store::PEOPLE.to_owned(), user: id, version: Version::March2026, now }
}
