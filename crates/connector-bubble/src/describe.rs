//! What a stream looks like: what the service declares, completed by what its records show.

use crate::api::Api;
use crate::columns::Columns;
use crate::query::{ID, Keys, PAGE_MAX, Query};
use crate::schema::Exposed;
use crate::wire::Listing;
use base::{Fault, names};
use connect::Stream;
use connect::json::{self, Fields};

/// A stream, and what reading it needs.
pub(crate) struct Described {
    pub stream: Stream,
    pub columns: Columns,
    pub keys: Keys,
}

/// Describes a stream, from one page of it.
pub(crate) async fn describe(api: &Api, name: &str) -> Result<Described, Fault> {
    let exposed = match api.types().await? {
        None => None,
        Some(types) => match types.iter().find(|one| one.name == name) {
            Some(one) => Some(one.clone()),
            None => return Err(not_exposed(api, name, &types)),
        },
    };
    let listing = sample(api, name).await?;
    let rows: Vec<Fields> = (0..listing.rows.len()).map(|n| listing.fields(n)).collect();
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().filter_map(|(key, _)| json::string(key)).collect()).collect();
    let keys = Keys::seen_in(shown.iter().flatten().map(String::as_str));
    let declared = exposed.as_ref().map(|one| one.fields.as_slice()).unwrap_or_default();
    let mut columns = Columns::new(name, &keys, declared, &shown)?;
    for row in &rows {
        columns.record(row)?;
    }
    let stream = Stream {
        name: name.to_owned(),
        display: exposed.and_then(|one| one.display),
        fields: columns.infos().to_vec(),
        key: Some(ID.to_owned()),
        created: Some(names::normalise(&keys.created)),
        version: Some(names::normalise(&keys.modified)),
        total: listing.total(0),
    };
    Ok(Described { stream, columns, keys })
}

/// One page, as large as comes through.
async fn sample(api: &Api, name: &str) -> Result<Listing, Fault> {
    let mut limit = PAGE_MAX;
    loop {
        let query = Query { limit, ..Query::default() };
        match api.list(name, &query, &Keys::default()).await {
            Ok(listing) => return Ok(listing),
            Err(error) if error.smaller_may_help() && limit > 1 => limit = (limit / 10).max(1),
            Err(error) => return Err(api.explain(&error, Some(name)).await),
        }
    }
}

fn not_exposed(api: &Api, name: &str, types: &[Exposed]) -> Fault {
    let known: Vec<&str> = types.iter().map(|one| one.name.as_str()).collect();
    let fault = Fault::stop(format!("the API at {} does not expose a type {name}", api.address.url));
    let squeezed = name.to_lowercase().replace(' ', "");
    let near = known.iter().copied().find(|one| *one == squeezed);
    let fault = match near.or_else(|| names::nearest(name, known.iter().copied())) {
        Some(near) => fault.hint(format!("did you mean {near}?")),
        None => fault,
    };
    let list = if known.is_empty() { "no type at all".to_owned() } else { known.join(", ") };
    fault.hint(format!("it exposes: {list}")).hint(
        "to expose a type: Settings, API, Enable Data API, tick it; deploy, if the live version is read",
    )
}
