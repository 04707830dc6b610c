//! A scenario from TOML.

use super::faults::SILENCE;
use super::{
    Auth, Beyond, Errors, EventArguments, Fault, FaultKind, HeaderNames, Http, Import, ListPart, Listener,
    Members, Paging, Posts, RateLimit, Scenario, Schema, StatusAt, Webhooks,
};
use crate::bettermode::graphql::root_fields;
use crate::bettermode::permissions;
use crate::bettermode::webhook::{EVENTS, is_loopback};
use crate::scenario::{MILLISECONDS, Reader, ScenarioProblem, Section, read};
use std::ops::RangeInclusive;

/// Any sensible count.
const COUNT: RangeInclusive<u64> = 1..=1_000_000_000;
/// Ten years.
const SECONDS: RangeInclusive<u64> = 0..=315_360_000;
/// Sendings of one event: more would only be a loop.
const SENDINGS: RangeInclusive<u64> = 1..=100;

impl Scenario {
    /// Reads a scenario; all problems, each with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<ScenarioProblem>> {
        read(text, |r, root| Scenario {
            http: http(r, root),
            errors: errors(r, root),
            auth: auth(r, root),
            paging: paging(r, root),
            schema: schema(r, root),
            members: members(r, root),
            posts: posts(r, root),
            rate_limit: rate_limit(r, root),
            latency: r.latency(root),
            webhooks: webhooks(r, root),
            faults: faults(r, root),
        })
    }
}

fn http<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Http {
    let default = Http::default();
    let Some(mut s) = r.section(root, "http") else { return default };
    let http = Http {
        unauthorized: r
            .choice(&mut s, "unauthorized", &[("200", 200), ("401", 401)])
            .unwrap_or(default.unauthorized),
        bad_query: r.choice(&mut s, "bad_query", &[("400", 400), ("200", 200)]).unwrap_or(default.bad_query),
        graphql_path: r.flag(&mut s, "graphql_path", default.graphql_path),
    };
    r.finish(&s);
    http
}

fn errors<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Errors {
    let default = Errors::default();
    let Some(mut s) = r.section(root, "errors") else { return default };
    let places = [("top", StatusAt::Top), ("extensions", StatusAt::Extensions), ("both", StatusAt::Both)];
    let errors = Errors {
        status_at: r.choice(&mut s, "status_at", &places).unwrap_or(default.status_at),
        details: r.flag(&mut s, "details", default.details),
    };
    r.finish(&s);
    errors
}

fn auth<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Auth {
    let default = Auth::default();
    let Some(mut s) = r.section(root, "auth") else { return default };
    let flag = |r: &mut Reader<'t>, s: &mut Section<'t>, key, default| r.flag(s, key, default);
    let auth = Auth {
        installed: flag(r, &mut s, "installed", default.installed),
        gateway: flag(r, &mut s, "gateway", default.gateway),
        introspection_needs_token: flag(
            r,
            &mut s,
            "introspection_needs_token",
            default.introspection_needs_token,
        ),
        guest_seconds: r.number(&mut s, "guest_seconds", SECONDS).unwrap_or(default.guest_seconds),
        member_seconds: r.number(&mut s, "member_seconds", SECONDS).unwrap_or(default.member_seconds),
        app_seconds: r.number(&mut s, "app_seconds", SECONDS).unwrap_or(default.app_seconds),
        withheld: known(r, &mut s, "auth.withheld", permissions::all()),
        may_import: flag(r, &mut s, "may_import", default.may_import),
    };
    r.finish(&s);
    auth
}

fn paging<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Paging {
    let default = Paging::default();
    let Some(mut s) = r.section(root, "paging") else { return default };
    let beyond = [("refused", Beyond::Refused), ("cut", Beyond::Cut)];
    let parts =
        [("nodes", ListPart::Nodes), ("edges", ListPart::Edges), ("totalCount", ListPart::TotalCount)];
    let null = r.texts(&mut s, "null");
    let paging = Paging {
        limit_max: r.number(&mut s, "limit_max", COUNT).unwrap_or(default.limit_max),
        beyond: r.choice(&mut s, "beyond", &beyond).unwrap_or(default.beyond),
        null: null
            .into_iter()
            .filter_map(|(word, span)| r.one_of("paging.null", &word, span, &parts))
            .collect(),
    };
    r.finish(&s);
    paging
}

fn schema<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Schema {
    let default = Schema::default();
    let Some(mut s) = r.section(root, "schema") else { return default };
    let events = [
        ("id", EventArguments::Id),
        ("eventId", EventArguments::EventId),
        ("absent", EventArguments::Absent),
    ];
    let schema = Schema {
        events: r.choice(&mut s, "events", &events).unwrap_or(default.events),
        chats: r.flag(&mut s, "chats", default.chats),
        update_publishes: r.flag(&mut s, "update_publishes", default.update_publishes),
    };
    r.finish(&s);
    schema
}

fn members<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Members {
    let default = Members::default();
    let Some(mut s) = r.section(root, "members") else { return default };
    let ways = [("quiet", Import::Quiet), ("mailed", Import::Mailed), ("refused", Import::Refused)];
    let members = Members {
        import: r.choice(&mut s, "import", &ways).unwrap_or(default.import),
        deleted_keep_email: r.flag(&mut s, "deleted_keep_email", default.deleted_keep_email),
    };
    r.finish(&s);
    members
}

fn posts<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Posts {
    let default = Posts::default();
    let Some(mut s) = r.section(root, "posts") else { return default };
    let posts = Posts {
        edit_unpublishes: r.flag(&mut s, "edit_unpublishes", default.edit_unpublishes),
        rewrite_html: r.flag(&mut s, "rewrite_html", default.rewrite_html),
        moderated: r.flag(&mut s, "moderated", default.moderated),
    };
    r.finish(&s);
    posts
}

fn rate_limit<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Option<RateLimit> {
    let mut s = r.section(root, "rate_limit")?;
    let default = RateLimit::default();
    let limit = RateLimit {
        requests: r.number(&mut s, "requests", COUNT).unwrap_or(default.requests),
        complexity: r.number(&mut s, "complexity", COUNT).unwrap_or(default.complexity),
        seconds: r.number(&mut s, "seconds", COUNT).unwrap_or(default.seconds),
        day_requests: r.number(&mut s, "day_requests", COUNT).unwrap_or(default.day_requests),
        day_complexity: r.number(&mut s, "day_complexity", COUNT).unwrap_or(default.day_complexity),
        query_complexity: r.number(&mut s, "query_complexity", COUNT),
        retry_after: r.flag(&mut s, "retry_after", default.retry_after),
        stats: r.flag(&mut s, "stats", default.stats),
    };
    r.finish(&s);
    Some(limit)
}

fn webhooks<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Webhooks {
    let default = Webhooks::default();
    let Some(mut s) = r.section(root, "webhooks") else { return default };
    let headers = [("bettermode", HeaderNames::BetterMode), ("tribe", HeaderNames::Tribe)];
    let webhooks = Webhooks {
        headers: r.choice(&mut s, "headers", &headers).unwrap_or(default.headers),
        session_array: r.flag(&mut s, "session_array", default.session_array),
        entities: r.flag(&mut s, "entities", default.entities),
        attempts: r.number(&mut s, "attempts", SENDINGS).unwrap_or(default.attempts),
        timeout: r.number(&mut s, "timeout", MILLISECONDS).unwrap_or(default.timeout),
        pause: r.number(&mut s, "pause", MILLISECONDS).unwrap_or(default.pause),
        copies: r.number(&mut s, "copies", SENDINGS).unwrap_or(default.copies),
        listeners: listeners(r, &mut s),
    };
    r.finish(&s);
    webhooks
}

fn listeners<'t>(r: &mut Reader<'t>, webhooks: &mut Section<'t>) -> Vec<Listener> {
    let mut listeners = Vec::new();
    for mut s in r.sections(webhooks, "listener") {
        let url = r.required(&mut s, "url");
        let names = event_names(r, &mut s);
        r.finish(&s);
        let Some((url, span)) = url else { continue };
        if !is_loopback(&url) {
            let hint = Some("http://127.0.0.1:PORT/PATH".to_owned());
            r.problem(span, "webhooks.listener.url is not on this machine".to_owned(), hint);
        }
        listeners.push(Listener { url, names });
    }
    listeners
}

fn faults<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for mut s in r.sections(root, "fault") {
        let kind = match r.required(&mut s, "kind") {
            Some((word, span)) => r.one_of("fault.kind", &word, span, FaultKind::ALL),
            None => None,
        };
        let fields = known(r, &mut s, "fault.fields", root_fields().iter().map(String::as_str));
        let (at, every) = (r.numbers(&mut s, "at"), r.number(&mut s, "every", COUNT));
        let times = r.number(&mut s, "times", COUNT);
        let milliseconds = r.number(&mut s, "milliseconds", MILLISECONDS).unwrap_or(SILENCE);
        r.finish(&s);
        faults.extend(kind.map(|kind| Fault { kind, fields, at, every, times, milliseconds }));
    }
    faults
}

/// The texts under the last part of `name`, each of which must be one of those.
fn known<'t>(
    r: &mut Reader<'t>,
    s: &mut Section<'t>,
    name: &'static str,
    words: impl Iterator<Item = &'static str>,
) -> Vec<String> {
    let choices: Vec<(&'static str, ())> = words.map(|word| (word, ())).collect();
    let key = name.rsplit_once('.').map_or(name, |(_, key)| key);
    let texts = r.texts(s, key);
    let found =
        texts.into_iter().filter(|(word, span)| r.one_of(name, word, span.clone(), &choices).is_some());
    found.map(|(word, _)| word).collect()
}

/// Names of events; with a `*` at the end, the beginning of names.
fn event_names<'t>(r: &mut Reader<'t>, s: &mut Section<'t>) -> Vec<String> {
    let choices: Vec<(&'static str, ())> = EVENTS.iter().map(|event| (event.name, ())).collect();
    let mut names = Vec::new();
    for (name, span) in r.texts(s, "names") {
        let begins = name.strip_suffix('*').is_some_and(|b| EVENTS.iter().any(|e| e.name.starts_with(b)));
        if begins || r.one_of("webhooks.listener.names", &name, span, &choices).is_some() {
            names.push(name);
        }
    }
    names
}
