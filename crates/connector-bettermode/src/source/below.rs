//! Replies: they stand below posts and below each other, and no request lists them all.

use super::rows;
use super::streams::{About, Shape};
use super::tally::Tally;
use super::walk::{Batch, Node, Walker, odd};
use crate::client::Walk;
use crate::queries;
use base::Fault;
use connect::Completeness;
use serde_json::json;
use std::collections::HashSet;

/// How often the replies of a post are walked when their number is not what the post says.
const ROUNDS: u32 = 2;

/// Replies of one post that are held in memory at most before they are handed on.
const HELD_MAX: usize = 10_000;

/// How many replies a post says it has, and a reply those to it.
const DECLARED: &str = "totalRepliesCount";

impl Walker<'_> {
    /// Hands on the replies of these posts.
    pub(super) async fn below(&mut self, posts: &[Node]) -> Result<(), Fault> {
        let mut batch = Batch::default();
        for post in posts.iter().filter(|post| post.get() != "null") {
            let Some(id) = rows::id(post.get()) else {
                return Err(odd(self.about, "shows a post without an id"));
            };
            let declared = rows::number(post.get(), DECLARED).unwrap_or(0);
            // Before an interruption; it is counted already.
            if self.tally.kept.done.contains(&id) {
                continue;
            }
            // A post whose number of replies has changed is walked again.
            if self.tally.take(rows::hash(post.get()), declared) && declared > 0 {
                self.tally.declare_below(declared);
                let (fits, rest) = self.replies(&id, declared, batch).await?;
                self.tally.fits(rows::hash(post.get()), fits);
                batch = rest;
            }
            self.tally.kept.done.push(id);
            if batch.len() as u64 >= self.page_size {
                self.hand_on(std::mem::take(&mut batch)).await?;
            }
        }
        self.hand_on(batch).await
    }

    /// The replies of one post, and whether they are as many as it says it has.
    async fn replies(
        &mut self,
        post: &str,
        mut declared: u64,
        mut batch: Batch,
    ) -> Result<(bool, Batch), Fault> {
        let mut seen = HashSet::new();
        for _ in 0..ROUNDS {
            batch = self.replies_once(post, &mut seen, batch).await?;
            if seen.len() as u64 == declared {
                return Ok((true, batch));
            }
            // Replies may have come or gone meanwhile, or the post itself.
            let Some(now) = self.client.get_post(post).await? else { return Ok((true, batch)) };
            declared = now.total_replies_count.unwrap_or(0);
            if seen.len() as u64 == declared {
                return Ok((true, batch));
            }
        }
        Ok((false, batch))
    }

    /// Walks down from a post, and hands on what was not seen before.
    async fn replies_once(
        &mut self,
        post: &str,
        seen: &mut HashSet<u64>,
        mut batch: Batch,
    ) -> Result<Batch, Fault> {
        let (mut below, mut walked) = (vec![post.to_owned()], HashSet::new());
        while let Some(parent) = below.pop() {
            // A reply that is said to be below itself is not followed for ever.
            if !walked.insert(parent.clone()) {
                continue;
            }
            let mut pages = Walk::<Node>::new(self.client, &queries::REPLIES, json!({ "postId": parent }))
                .page_size(self.page_size);
            while let Some(page) = pages.next_page().await? {
                for node in page.nodes.iter().filter(|node| node.get() != "null") {
                    let Some(row) = rows::row(self.about, &self.columns, node.get()) else {
                        return Err(odd(self.about, "shows a reply that is none"));
                    };
                    if rows::number(node.get(), DECLARED).unwrap_or(0) > 0 {
                        below.extend(rows::id(node.get()));
                    }
                    if seen.insert(row.id) {
                        batch.push(row);
                    }
                }
                if batch.len() >= HELD_MAX {
                    // The checkpoint still stands before this post: its replies may come again.
                    self.hand_on(std::mem::take(&mut batch)).await?;
                }
            }
        }
        Ok(batch)
    }
}

/// The proof of a walk below others: that all of those were seen, and that each had as many below it as it
/// says.
pub(super) fn settled(about: &About, tally: &Tally, mut proof: Completeness) -> Completeness {
    if about.shape != Shape::Below {
        return proof;
    }
    (proof.declared_before, proof.declared_after) = (Some(tally.kept.declared), None);
    (proof.appeared, proof.changed, proof.vanished) = (0, 0, 0);
    let odd = tally.odd();
    if odd > 0 {
        proof.complete = false;
        proof.remarks.push(format!("{odd} posts do not have as many replies as they say"));
    }
    proof
}
