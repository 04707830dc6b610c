//! Lists and single records.

use super::app::{App, Data};
use super::query::Query;
use super::search::{self, Search};
use super::visitor::{View, Who};
use super::{drift, page};
use crate::culturebridge::schema::TYPES;
use crate::rng::Rng;
use crate::serve::answer::Answer;
use crate::table::{Id, Table};
use base::Clock;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Records from which on a search without an index leaves the thread that serves.
const SCAN_ASIDE: usize = 2_000;

fn view(app: &App, data: &Data, kind: usize, who: Who) -> View {
    let kind = TYPES[kind];
    let privacy = app.scenario.privacy.get(kind.name);
    View::new(who, privacy, data.someone, kind, app.scenario.fields.keys)
}

/// `GET /obj/TYPE`.
pub(super) async fn list(app: &Arc<App>, data: &Arc<Data>, kind: usize, who: Who, query: &str) -> Answer {
    let mut query = match Query::read(query, TYPES[kind], &app.scenario) {
        Ok(query) => query,
        Err(answer) => return answer,
    };
    let view = view(app, data, kind, who);
    view.strip(&mut query, TYPES[kind], app.scenario.fields.keys);
    let drifts = app.scenario.drift.iter().any(|rule| rule.type_name == TYPES[kind].name);
    if drifts {
        before_list(app, data, kind);
    }
    app.counters.pages.fetch_add(1, Relaxed);
    let mut rng = Rng::new(app.seed ^ app.turn.fetch_add(1, Relaxed).rotate_left(32), "ties");
    let large = data.types[kind].read().len() > SCAN_ASIDE;
    if search::is_quick(&query, &view) || !large {
        return found(app, data, kind, &query, &view, drifts, &mut rng);
    }
    let (app, data) = (Arc::clone(app), Arc::clone(data));
    let search = move || found(&app, &data, kind, &query, &view, drifts, &mut rng);
    tokio::task::spawn_blocking(search).await.unwrap_or_else(|_| Answer::flat(500, "the search failed"))
}

fn found(
    app: &App,
    data: &Data,
    kind: usize,
    query: &Query,
    view: &View,
    drifts: bool,
    rng: &mut Rng,
) -> Answer {
    let state = &data.types[kind];
    let table = state.read();
    let keys = app.scenario.fields.keys;
    let wall = app.scenario.paging.wall;
    let found = Search { table: &table, kind: TYPES[kind], keys, query, view, wall }.run(rng);
    if drifts {
        state.served().note(&table, &found.slots);
    }
    page::answer(&table, query, &found, view, &app.scenario.paging)
}

/// Lets the drift rules of this type happen.
fn before_list(app: &App, data: &Data, kind: usize) {
    let state = &data.types[kind];
    let n = state.lists.fetch_add(1, Relaxed) + 1;
    for rule in &app.scenario.drift {
        if rule.type_name != TYPES[kind].name || !drift::is_due(rule, n) {
            continue;
        }
        let mut rng = Rng::new(app.seed ^ app.turn.fetch_add(1, Relaxed).rotate_left(32), "drift");
        let now = base::SystemClock.now().as_millisecond();
        let served = state.served();
        let mut changes = data.changes();
        let done = drift::apply(rule, &mut state.write(), kind, &served, &mut changes, now, &mut rng);
        app.counters.note(drift::told(&data.path, kind, done));
    }
}

/// `GET /obj/TYPE/UID`.
pub(super) fn record(app: &App, data: &Data, kind: usize, who: Who, id: &str, query: &str) -> Answer {
    match super::query::parameters(query) {
        Ok(parameters) => {
            if let Some((name, _)) = parameters.first() {
                return Answer::unrecognised(name);
            }
        }
        Err(answer) => return answer,
    }
    let view = view(app, data, kind, who);
    let table = data.types[kind].read();
    let slot = Id::parse(id).and_then(|id| table.find(id)).filter(|slot| view.finds(table.json(*slot)));
    match slot {
        Some(slot) => one(&table, slot, &view),
        None => Answer::no_record(app.scenario.auth.missing_record, TYPES[kind].name, id),
    }
}

fn one(table: &Table, slot: u32, view: &View) -> Answer {
    let mut body = b"{\"response\":".to_vec();
    view.write(table.json(slot), &mut body);
    body.push(b'}');
    Answer::new(200, "application/json", body)
}
