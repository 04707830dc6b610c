//! What a walk has to say, in words.

use super::{Doubt, POSTS, Tally, Why};
use crate::streams::Spec;
use crate::sweep::Unproven;

/// Why a walk cannot prove that it saw everything, what was odd, and what stays behind: sentences without
/// values of records.
pub(super) fn remarks(tally: &Tally, spec: &Spec) -> Vec<String> {
    let mut remarks = Vec::new();
    if tally.swept_again > 0 {
        let lists = match spec.parent() {
            None => String::new(),
            Some(_) => format!("of {} ", counted(tally.swept_again, "list")),
        };
        remarks.push(format!("{lists}the first reading proved nothing, so all was read again"));
    }
    remarks.extend(tally.doubts.iter().map(|doubt| doubt.words(spec)));
    if tally.doubts_more > 0 {
        remarks.push(format!("{} more are not proven either", counted(tally.doubts_more, "list")));
    }
    if !tally.parents_proven {
        let parents = spec.parent().map_or("parents", |parent| parent.stream);
        remarks.push(format!("the {parents} themselves could not be proven to be all"));
    }
    if tally.bare {
        let names: Vec<&str> = spec.unsure.iter().map(|(name, _)| *name).collect();
        remarks.push(format!(
            "Circle refused the condition {}, so what it hides by default is not here",
            names.join(", ")
        ));
    }
    if !tally.gone.is_empty() {
        let parents = spec.parent().map_or("parents", |parent| parent.stream);
        remarks.push(format!("{} of the {parents} went meanwhile", tally.gone.len()));
    }
    if spec.name == POSTS && tally.unlisted.is_none() {
        remarks
            .push("Circle does not list the spaces, so nothing says which posts the list leaves out".into());
    }
    if let Some(n) = tally.unlisted.filter(|n| *n > 0) {
        remarks.push(format!(
            "spaces name {} that the list of posts does not have (image posts, as far as is known): not \
             portable",
            counted(n, "post")
        ));
    }
    if let Some(likes) = tally.counts.get("likes").filter(|likes| **likes > 0) {
        remarks.push(format!("likes: {likes} are counted, and Circle does not say whose: not portable"));
    }
    remarks
}

impl Doubt {
    fn words(&self, spec: &Spec) -> String {
        let place = match (&self.parent, spec.parent()) {
            (Some(id), Some(parent)) => format!("{} {id}: ", parent.column.trim_end_matches("_id")),
            _ => String::new(),
        };
        let again = "export again when the community is at rest";
        let words = match self.why {
            Why::Unproven(Unproven::NoCount) => "Circle does not say how many records there are".to_owned(),
            Why::Unproven(Unproven::Count(listed, count)) => {
                format!("{listed} records were shown, and Circle says that there are {count}; {again}")
            }
            Why::Unproven(Unproven::Replies(shown, said)) => {
                format!("{shown} replies were shown, and the comments say that they have {said}; {again}")
            }
            Why::Unproven(Unproven::Restless) => format!("records came and went all the time; {again}"),
            Why::Refused(status) => format!("Circle refused the list ({status})"),
        };
        place + &words
    }
}

/// A number and its thing.
pub(crate) fn counted(n: u64, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}
