//! What a stream looks like: what the documents say, completed by what its records show.

use crate::api::{Api, Ask};
use crate::columns::of_sample;
use crate::shown::shown;
use crate::streams::{List, Lists, STREAMS, Spec};
use base::{Fault, names};
use connect::Stream;

/// Records that are looked at: as many as the service shows by default.
const SAMPLE_ROWS: u64 = 10;

/// The stream of that name; a fault that names the nearest.
pub(crate) fn named(name: &str) -> Result<&'static Spec, Fault> {
    Spec::named(name).ok_or_else(|| {
        let known = STREAMS.iter().map(|spec| spec.name);
        let fault = Fault::usage(format!("Circle has no stream {name}"));
        let fault = match names::nearest(&name.to_lowercase(), known.clone()) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault,
        };
        fault.hint(format!("it has: {}", known.collect::<Vec<_>>().join(", ")))
    })
}

/// A stream by what the documents say.
pub(crate) fn documented(spec: &Spec) -> Stream {
    let declared = |column: &str| spec.declares(column).then(|| column.to_owned());
    Stream {
        name: spec.name.to_owned(),
        display: Some(spec.display.to_owned()),
        fields: of_sample(spec, &[]).infos().to_vec(),
        key: Some(spec.key_column().to_owned()),
        created: declared("created_at"),
        version: declared("updated_at"),
        total: None,
    }
}

/// Describes a stream, from a few records of it: one request, or two where it has parents.
pub(crate) async fn describe(api: &Api, spec: &'static Spec) -> Result<Stream, Fault> {
    let stream = documented(spec);
    let list = match spec.parent() {
        None => List::default(),
        Some(_) => match first_parent(api, spec).await? {
            Some(id) => List::of(id),
            None => return Ok(stream),
        },
    };
    let ask = Ask { spec, list: &list, page: 1, per_page: SAMPLE_ROWS, bare: false };
    let listing = match api.page_even_bare(ask).await {
        Err(error) if error.smaller_may_help() => api.page_even_bare(Ask { per_page: 1, ..ask }).await,
        answer => answer,
    };
    let listing = listing.map_err(|error| api.explain(&error, Some(spec.name)))?;
    let total = listing.count.filter(|_| spec.lists == Lists::One);
    let fields = of_sample(spec, &shown(spec, &list, listing)).infos().to_vec();
    Ok(Stream { fields, total, ..stream })
}

/// The first parent on the first page of them.
async fn first_parent(api: &Api, spec: &Spec) -> Result<Option<String>, Fault> {
    let Some((parent, of)) = spec.parent().and_then(|parent| Some((parent, Spec::named(parent.stream)?)))
    else {
        return Ok(None);
    };
    let list = List::default();
    let ask = Ask { spec: of, list: &list, page: 1, per_page: crate::api::PER_PAGE_MAX as u64, bare: false };
    let listing = api.page(&ask).await.map_err(|error| api.explain(&error, Some(of.name)))?;
    let rows = shown(of, &list, listing);
    let first = rows.into_iter().find(|row| crate::api::is_wanted(parent, row));
    Ok(first.map(|row| row.key))
}
