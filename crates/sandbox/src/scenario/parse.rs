//! A scenario from TOML.

use super::reader::{MILLISECONDS, Reader, ScenarioProblem, Section, read};
use super::strike::{COUNT, RETRY_AFTER};
use super::{
    Auth, Drift, Environments, ExcludeRemaining, Fault, FaultKind, Fields, Files, HugeRecord, Meta, Paging,
    Privacy, RateLimit, Requests, RetryAfter, Scenario, Unauthorized, Visible, Which,
};
use crate::culturebridge::schema::TYPES;
use crate::schema::{FieldKind, KeyMode, Type};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The service takes things of 20 MB at most; a little beyond it is for tests of what a client bears.
const HUGE: RangeInclusive<u64> = 1..=64_000_000;

const FAULTS: &[(&str, FaultKind)] = &[
    ("503", FaultKind::Unavailable),
    ("503-html", FaultKind::UnavailableHtml),
    ("500", FaultKind::Broken),
    ("429", FaultKind::TooMany),
    ("401", FaultKind::Unauthorized),
    ("cut", FaultKind::Cut),
    ("truncated", FaultKind::Truncated),
    ("html-200", FaultKind::Html),
    ("slow", FaultKind::Slow),
];

const VISIBLE: &[(&str, Visible)] = &[("all", Visible::All), ("own", Visible::Own), ("none", Visible::None)];

impl Scenario {
    /// Reads a scenario; all problems, each with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<ScenarioProblem>> {
        read(text, |r, root| Scenario {
            environment: environment(r, root),
            paging: paging(r, root),
            fields: fields(r, root),
            meta: meta(r, root),
            hidden_types: type_names(r, root, "hidden_types"),
            auth: auth(r, root),
            privacy: privacy(r, root),
            rate_limit: rate_limit(r, root),
            latency: r.latency(root),
            faults: faults(r, root),
            huge_record: huge_record(r, root),
            drift: drift(r, root),
            files: files(r, root),
        })
    }
}

fn environment<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Environments {
    let default = Environments::default();
    let Some(mut s) = r.section(root, "environment") else { return default };
    let mut branches = Vec::new();
    for (branch, span) in r.texts(&mut s, "branches") {
        let taken = ["api", "version-test", "fileupload", "signed"];
        if branch.is_empty() || branch.contains(['/', '?', '#', '%', ' ']) || taken.contains(&branch.as_str())
        {
            let message = format!("environment.branches: \"{branch}\" cannot be a path segment of its own");
            r.problem(span, message, None);
        } else {
            branches.push(branch);
        }
    }
    let environments = Environments {
        test: r.flag(&mut s, "test", default.test),
        test_records: r.number(&mut s, "test_records", 0..=crate::RECORDS_MAX),
        branches,
    };
    r.finish(&s);
    environments
}

fn paging<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Paging {
    let default = Paging::default();
    let Some(mut s) = r.section(root, "paging") else { return default };
    let unsure = [
        ("absent", ExcludeRemaining::Absent),
        ("zero", ExcludeRemaining::Zero),
        ("null", ExcludeRemaining::Null),
    ];
    let paging = Paging {
        wall: r.number(&mut s, "wall", COUNT).unwrap_or(default.wall),
        default_limit: r.number(&mut s, "default_limit", 1..=100).unwrap_or(default.default_limit),
        exclude_remaining: r
            .choice(&mut s, "exclude_remaining", &unsure)
            .unwrap_or(default.exclude_remaining),
        cap_sorted_count: r.flag(&mut s, "cap_sorted_count", default.cap_sorted_count),
    };
    r.finish(&s);
    paging
}

fn fields<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Fields {
    let Some(mut s) = r.section(root, "fields") else { return Fields::default() };
    let modes = [("display", KeyMode::Display), ("internal", KeyMode::Internal)];
    let fields = Fields {
        keys: r.choice(&mut s, "keys", &modes).unwrap_or_default(),
        compare_ids: r.flag(&mut s, "compare_ids", false),
    };
    r.finish(&s);
    fields
}

fn meta<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Meta {
    let default = Meta::default();
    let Some(mut s) = r.section(root, "meta") else { return default };
    let meta = Meta {
        meta: r.flag(&mut s, "meta", default.meta),
        swagger: r.flag(&mut s, "swagger", default.swagger),
        needs_token: r.flag(&mut s, "needs_token", default.needs_token),
    };
    r.finish(&s);
    meta
}

fn auth<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Auth {
    let default = Auth::default();
    let Some(mut s) = r.section(root, "auth") else { return default };
    let shapes = [("wrapped", Unauthorized::Wrapped), ("error_class", Unauthorized::ErrorClass)];
    let statuses = [("404", 404), ("400", 400)];
    let auth = Auth {
        unauthorized: r.choice(&mut s, "unauthorized", &shapes).unwrap_or(default.unauthorized),
        deployed: r.flag(&mut s, "deployed", default.deployed),
        missing_record: r.choice(&mut s, "missing_record", &statuses).unwrap_or(default.missing_record),
    };
    r.finish(&s);
    auth
}

fn privacy<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> BTreeMap<String, Privacy> {
    let mut rules = BTreeMap::new();
    let Some(all) = r.section(root, "privacy") else { return rules };
    for name in all.keys() {
        let Some(mut s) = r.named(&all, &name) else { continue };
        let default = Privacy::default();
        let user = r.choice(&mut s, "user", VISIBLE).unwrap_or(default.user);
        let anonymous = r.choice(&mut s, "anonymous", VISIBLE).unwrap_or(default.anonymous);
        let hidden = r.texts(&mut s, "hidden_fields");
        r.finish(&s);
        let Some(kind) = type_of(r, "privacy", &name, None) else { continue };
        let choices: Vec<_> = kind.fields.iter().map(|field| (field.display, ())).collect();
        for (field, span) in &hidden {
            r.one_of(&format!("privacy.{name}.hidden_fields"), field, span.clone(), &choices);
        }
        let hidden_fields = hidden.into_iter().map(|(field, _)| field).collect();
        rules.insert(name, Privacy { user, anonymous, hidden_fields });
    }
    rules
}

fn rate_limit<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Option<RateLimit> {
    let mut s = r.section(root, "rate_limit")?;
    // The manual's limit of the legacy plans.
    let per_minute = r.number(&mut s, "per_minute", COUNT).unwrap_or(1000);
    let limit = RateLimit {
        per_minute,
        burst: r.number(&mut s, "burst", COUNT).unwrap_or(per_minute),
        retry_after: r.choice(&mut s, "retry_after", RETRY_AFTER).unwrap_or(RetryAfter::Absent),
    };
    r.finish(&s);
    Some(limit)
}

fn faults<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let which = [
        ("list", Requests::List),
        ("record", Requests::Record),
        ("meta", Requests::Meta),
        ("any", Requests::Any),
    ];
    for mut s in r.sections(root, "fault") {
        let kind = match r.required(&mut s, "kind") {
            Some((word, span)) => r.one_of("fault.kind", &word, span, FAULTS),
            None => None,
        };
        let fault = Fault {
            kind: kind.unwrap_or(FaultKind::Unavailable),
            at: r.numbers(&mut s, "at"),
            every: r.number(&mut s, "every", COUNT),
            times: r.number(&mut s, "times", COUNT),
            types: type_names(r, &mut s, "types"),
            requests: r.choice(&mut s, "requests", &which).unwrap_or(Requests::List),
            milliseconds: r.number(&mut s, "milliseconds", MILLISECONDS).unwrap_or(2000),
        };
        r.finish(&s);
        faults.push(fault);
    }
    faults
}

fn huge_record<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Option<HugeRecord> {
    let mut s = r.section(root, "huge_record")?;
    let type_name = r.required(&mut s, "type");
    let field = r.required(&mut s, "field");
    let bytes = r.number(&mut s, "bytes", HUGE).unwrap_or(20_000_000);
    r.finish(&s);
    let (type_name, type_span) = type_name?;
    let (field, span) = field?;
    let kind = type_of(r, "huge_record.type", &type_name, type_span)?;
    let texts: Vec<_> = kind
        .fields
        .iter()
        .filter(|field| field.kind == FieldKind::Text && field.display != "_id")
        .map(|field| (field.display, ()))
        .collect();
    r.one_of("huge_record.field", &field, span, &texts)?;
    Some(HugeRecord { type_name, field, bytes })
}

fn drift<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Vec<Drift> {
    let mut all = Vec::new();
    let which = [("served", Which::Served), ("pending", Which::Pending), ("any", Which::Any)];
    for mut s in r.sections(root, "drift") {
        let type_name = r.required(&mut s, "type");
        let drift = Drift {
            type_name: type_name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
            before: r.number(&mut s, "before", COUNT).unwrap_or(2),
            every: r.number(&mut s, "every", COUNT),
            insert: r.number(&mut s, "insert", 0..=10_000).unwrap_or(0),
            delete: r.number(&mut s, "delete", 0..=10_000).unwrap_or(0),
            modify: r.number(&mut s, "modify", 0..=10_000).unwrap_or(0),
            which: r.choice(&mut s, "which", &which).unwrap_or(Which::Any),
            same_millisecond: r.flag(&mut s, "same_millisecond", false),
        };
        r.finish(&s);
        if let Some((name, span)) = type_name {
            type_of(r, "drift.type", &name, span);
        }
        all.push(drift);
    }
    all
}

fn files<'t>(r: &mut Reader<'t>, root: &mut Section<'t>) -> Files {
    let Some(mut s) = r.section(root, "files") else { return Files::default() };
    let files = Files {
        missing_every: r.number(&mut s, "missing_every", COUNT),
        cut_every: r.number(&mut s, "cut_every", COUNT),
    };
    r.finish(&s);
    files
}

fn type_names<'t>(r: &mut Reader<'t>, section: &mut Section<'t>, key: &'static str) -> Vec<String> {
    let names = r.texts(section, key);
    names.into_iter().filter_map(|(name, span)| type_of(r, key, &name, span).map(|_| name)).collect()
}

fn type_of(
    r: &mut Reader<'_>,
    place: &str,
    name: &str,
    span: Option<std::ops::Range<usize>>,
) -> Option<&'static Type> {
    let types: Vec<_> = TYPES.iter().map(|kind| (kind.name, *kind)).collect();
    r.one_of(place, name, span, &types)
}
