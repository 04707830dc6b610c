//! The requests that the connector sends: lists, `/meta`, Swagger. Nothing else is ever sent.

use crate::address::Address;
use crate::explain::{Place, explain};
use crate::query::{Keys, Query};
use crate::schema::{self, Exposed};
use crate::wire::{self, Listing};
use base::{Fault, Secret};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::OnceCell;
use webclient::{Error, Malformed, ReadClient, Reply};

/// One application's API.
pub(crate) struct Api {
    pub address: Address,
    pub key: Option<Secret>,
    http: ReadClient,
    types: OnceCell<Option<Arc<[Exposed]>>>,
}

impl Api {
    pub fn new(address: Address, key: Option<Secret>, http: ReadClient) -> Self {
        Self { address, key, http, types: OnceCell::new() }
    }

    /// One page of a type.
    pub async fn list(&self, stream: &str, query: &Query, keys: &Keys) -> Result<Listing, Error> {
        let parameters = query.parameters();
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.http.get(&["obj", stream], &parameters, |reply| wire::listing(reply, keys)).await
    }

    /// The same, not read yet.
    pub async fn fetch(&self, stream: &str, query: &Query) -> Result<Reply, Error> {
        let parameters = query.parameters();
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.http.get(&["obj", stream], &parameters, Ok).await
    }

    /// How many records a request without conditions and order could show: `count` in an answer is only the
    /// length of its page, and what an ordered request says remains may be capped.
    pub async fn total(&self, stream: &str) -> Result<Option<u64>, Fault> {
        let query = Query { limit: 1, ..Query::default() };
        match self.list(stream, &query, &Keys::default()).await {
            Ok(listing) => Ok(listing.total(0)),
            Err(error) => Err(self.explain(&error, Some(stream)).await),
        }
    }

    /// The types that the API exposes; `None`: it does not say. Asked for once.
    pub async fn types(&self) -> Result<Option<Arc<[Exposed]>>, Fault> {
        let found = self.types.get_or_try_init(|| async {
            for (path, read) in [
                (&["meta"][..], schema::from_meta as fn(&Value) -> Option<Vec<Exposed>>),
                (&["meta", "swagger.json"][..], schema::from_swagger),
            ] {
                match self.http.get(path, &[], |reply| document(&reply)).await {
                    Ok(value) => {
                        if let Some(types) = read(&value) {
                            return Ok(Some(types.into()));
                        }
                    }
                    // Both documents can be switched off; what a type shows is enough.
                    Err(Error::Status { status: 400..=499, .. } | Error::Malformed { .. }) => {}
                    Err(error) => return Err(explain(&error, &self.place(None, None))),
                }
            }
            Ok(None)
        });
        found.await.cloned()
    }

    /// The fault that a failed request means. "Not found" has many reasons: the exposed types tell some
    /// apart.
    pub async fn explain(&self, error: &Error, stream: Option<&str>) -> Fault {
        let mut exposed: Option<Vec<String>> = None;
        if matches!(error, Error::Status { status: 404, .. }) {
            exposed = match self.types().await {
                Ok(types) => types.map(|types| types.iter().map(|one| one.name.clone()).collect()),
                Err(_) => None,
            };
        }
        explain(error, &self.place(stream, exposed.as_deref()))
    }

    fn place<'a>(&'a self, stream: Option<&'a str>, exposed: Option<&'a [String]>) -> Place<'a> {
        Place {
            address: self.address.url.as_str(),
            environment: &self.address.environment,
            stream,
            exposed,
            key: self.key.as_ref(),
        }
    }
}

fn document(reply: &Reply) -> Result<Value, Malformed> {
    let html = reply.html || webclient::starts_as_html(&reply.body);
    serde_json::from_slice(&reply.body).map_err(|e| Malformed {
        what: "it is not JSON".into(),
        cut: !html && e.is_eof() && !reply.body.is_empty(),
        html,
    })
}
