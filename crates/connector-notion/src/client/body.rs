//! Calls about a page's body.

use super::Client;
use super::session::{Method, Request};
use crate::blocks::{Block, requests};
use crate::errors::{Error, Lost};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

const APPEND: &str = "append blocks";

/// The head of a block.
#[derive(Deserialize)]
struct Head {
    id: String,
}

impl Client {
    /// The blocks directly below a page or block, as the service shows them; `has_children` says
    /// whether there are more below one.
    pub async fn children(&self, block_id: &str) -> Result<Vec<Box<RawValue>>, Error> {
        self.session.whole_list("read blocks", &["blocks", block_id, "children"]).await
    }

    /// Puts blocks behind those of a page or block, level by level. It is no transaction: after an error a
    /// part of them may be there.
    pub async fn append(&self, parent_id: &str, blocks: &[Block]) -> Result<(), Error> {
        let mut open = vec![(parent_id.to_owned(), blocks)];
        // The parent that was put in last comes first; within one, requests keep their order.
        while let Some((parent, blocks)) = open.pop() {
            for request in requests(blocks) {
                let ids = self.append_once(&parent, &request.children).await?;
                open.extend(
                    request.later.into_iter().filter_map(|(at, rest)| Some((ids.get(at)?.clone(), rest))),
                );
            }
        }
        Ok(())
    }

    /// The ids of the new blocks, those of the first level only.
    async fn append_once(&self, parent: &str, children: &[Value]) -> Result<Vec<String>, Error> {
        let body = json!({"children": children, "position": {"type": "end"}});
        let path = ["blocks", parent, "children"];
        let list = self.session.list(&Request::new(APPEND, Method::Patch(&body), &path)).await?;
        let heads = list.results.iter().map(|raw| serde_json::from_str::<Head>(raw.get()).ok());
        let ids: Option<Vec<String>> = heads.map(|head| head.map(|head| head.id)).collect();
        ids.filter(|ids| ids.len() == children.len()).ok_or_else(|| Error::UnknownOutcome {
            call: APPEND,
            lost: Lost::Unreadable("it does not name each of the new blocks".into()),
        })
    }
}
