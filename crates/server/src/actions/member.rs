//! `process_member`: row, cache and page follow a member.
//!
//! The row is written with the end of the action. A page is an action of its own behind it in the same lane,
//! so that Notion being away holds up neither row nor cache; the cache gets one only when it says no.

use super::{Actions, failed};
use base::Fault;
use bridge::ports::{Cache, Member, PageKept};
use bridge::{Action, Ending, Planned, Told, Work, Write};
use jiff::Timestamp;

/// Who it is about, what is known of them, and how new that is.
struct Known {
    member: Member,
    as_of: Timestamp,
    gone: bool,
    /// Whether the service says so, or only the event.
    fetched: bool,
}

pub(super) async fn perform(actions: &Actions, action: &Action) -> Ending {
    let Work::ProcessMember { member_id, table, cache, pages, gone } = &action.work else {
        return Ending::Never { fault: Fault::bug("no member to process") };
    };
    let mut effects = Vec::new();
    let mut writes = Vec::new();
    let mut then = Vec::new();
    if let Some(table) = table {
        writes.push(Write::Row { table: table.clone(), key: member_id.clone() });
        effects.push(format!("row of {}", table.name));
    }
    let page_later = *pages && (table.is_some() || *cache);
    if *cache || (*pages && !page_later) {
        let known = match known(actions, action, member_id, *gone).await {
            Ok(known) => known,
            // The row does not wait for the service either.
            Err(fault) if table.is_some() => {
                then.push(rest(action, 0, *cache, false));
                if *pages {
                    then.push(rest(action, 1, false, true));
                }
                effects.push(format!("the rest follows, because {fault}"));
                return Ending::Done { effect: effects.join(", "), writes, then };
            }
            Err(fault) => return failed(fault),
        };
        if *cache {
            match cached(actions, &known).await {
                Ok(effect) => effects.push(effect.into()),
                Err(fault) if table.is_some() => {
                    then.push(rest(action, 0, true, false));
                    effects.push(format!("the cache follows, because {fault}"));
                }
                Err(fault) => return failed(fault),
            }
        }
        if *pages && !page_later {
            match page(actions, &known).await {
                Ok(effect) => effects.push(effect),
                Err(fault) => return failed(fault),
            }
        }
    }
    if page_later {
        then.push(rest(action, 1, false, true));
        effects.push("page follows".into());
    }
    Ending::Done { effect: effects.join(", "), writes, then }
}

/// A part of the action as an action of its own, behind it in the lane.
fn rest(action: &Action, number: u32, cache: bool, pages: bool) -> Planned {
    let (member_id, gone) = match &action.work {
        Work::ProcessMember { member_id, gone, .. } => (member_id.clone(), *gone),
        _ => (String::new(), false),
    };
    Planned {
        rule: action.rule.clone(),
        number,
        lane: action.lane.clone(),
        due: action.event.occurred,
        work: Work::ProcessMember { member_id, table: None, cache, pages, gone },
    }
}

/// The newest that can be known: what the service says; without one, what the event told.
async fn known(actions: &Actions, action: &Action, id: &str, gone: bool) -> Result<Known, Fault> {
    let as_of = action.event.occurred;
    let told = || told(id, action.told(), as_of);
    if gone {
        return Ok(Known { member: told(), as_of, gone, fetched: false });
    }
    let Some(community) = actions.community.get() else {
        return Ok(Known { member: told(), as_of, gone, fetched: false });
    };
    Ok(match community.member(id).await? {
        Some(member) => {
            let as_of = member.updated_at.map_or(as_of, |updated| updated.max(as_of));
            Known { member, as_of, gone, fetched: true }
        }
        // The service has no such member any more, and the event that says so is under way: nothing is
        // cached.
        None => Known { member: told(), as_of, gone: true, fetched: true },
    })
}

fn told(id: &str, told: &Told, as_of: Timestamp) -> Member {
    let word = |name: &str| told.get(name).cloned();
    Member {
        id: id.to_owned(),
        email: word("email"),
        name: word("name"),
        username: word("username"),
        status: word("status"),
        updated_at: Some(as_of),
    }
}

async fn cached(actions: &Actions, known: &Known) -> Result<&'static str, Fault> {
    let Some(cache) = &actions.cache else {
        return Err(Fault::usage("a rule wants the cache, and the server has none"));
    };
    if known.gone {
        Cache::drop(&**cache, &known.member.id, known.as_of).await?;
        return Ok("dropped from the cache");
    }
    Ok(if cache.put(&known.member, known.as_of).await? { "cached" } else { "the cache knows a newer one" })
}

async fn page(actions: &Actions, known: &Known) -> Result<String, Fault> {
    let pages = actions.pages.wanted("the service of pages")?;
    // What the service does not know any more is not yet what the event says is gone; that event is under
    // way.
    if known.gone && known.fetched {
        return Ok("no page: the service does not know the member any more".into());
    }
    Ok(match pages.keep(&known.member, known.gone).await? {
        PageKept::Made(id) => format!("page {id} made"),
        PageKept::Changed(id) => format!("page {id} changed"),
        PageKept::Same(id) => format!("page {id} was as it should be"),
        PageKept::None => "no page, and none wanted".into(),
    })
}
