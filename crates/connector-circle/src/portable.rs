//! What Circle's Admin API does not give, so that a report can name it instead of losing it in silence.

use std::collections::BTreeMap;

/// Something that stays behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPortable {
    /// A word for files: `likes`, `direct_messages`.
    pub name: &'static str,
    /// What it is and why it stays, one sentence without a full stop.
    pub why: &'static str,
    /// Where it is counted: streams, and the names of their counts.
    pub counted_in: &'static [(&'static str, &'static str)],
    /// How many there are, as far as the streams that were read to their end say; `None`: nothing says it.
    pub count: Option<u64>,
}

/// What was counted in streams: by stream, then by the name of the count.
pub type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// Everything that stays behind; documented in the Admin API's limits as of the end of 2025.
const ALL: &[NotPortable] = &[
    NotPortable {
        name: "likes",
        why: "the API gives totals of likes and not who they are from",
        counted_in: &[("posts", "likes"), ("comments", "likes"), ("events", "likes")],
        count: None,
    },
    NotPortable {
        name: "image_posts",
        why: "the API does not list image posts; spaces only name them",
        counted_in: &[("posts", crate::tally::UNLISTED)],
        count: None,
    },
    NotPortable {
        name: "chat_spaces",
        why: "the API does not show what was written in chat spaces",
        counted_in: &[("spaces", "chat_spaces")],
        count: None,
    },
    NotPortable {
        name: "direct_messages",
        why: "the API can send direct messages and not read them",
        counted_in: &[],
        count: None,
    },
    NotPortable { name: "poll_votes", why: "polls come without their votes", counted_in: &[], count: None },
    NotPortable {
        name: "course_progress",
        why: "the API does not say how far a member came in a course",
        counted_in: &[],
        count: None,
    },
    NotPortable { name: "payments", why: "the API does not show payments", counted_in: &[], count: None },
    NotPortable { name: "workflows", why: "the API does not show workflows", counted_in: &[], count: None },
];

/// What stays behind, with what was counted.
pub fn not_portable(counts: &Counts) -> Vec<NotPortable> {
    let with_count = |one: &NotPortable| {
        let found = one.counted_in.iter().filter_map(|(stream, name)| counts.get(*stream)?.get(*name));
        NotPortable { count: found.copied().reduce(|a, b| a + b), ..one.clone() }
    };
    ALL.iter().map(with_count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Spec;

    #[test]
    fn counts_are_those_of_the_streams_that_were_read() {
        let of = |pairs: &[(&str, u64)]| pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        let mut counts = Counts::new();
        let find = |counts: &Counts, name: &str| {
            not_portable(counts).into_iter().find(|one| one.name == name).expect("it is named").count
        };
        assert_eq!(find(&counts, "likes"), None);
        counts.insert("posts".into(), of(&[("likes", 4), ("unlisted_posts", 2)]));
        counts.insert("comments".into(), of(&[("likes", 1)]));
        assert_eq!(find(&counts, "likes"), Some(5));
        assert_eq!(find(&counts, "image_posts"), Some(2));
        assert_eq!(find(&counts, "direct_messages"), None);
    }

    #[test]
    fn what_is_said_to_be_counted_is_counted() {
        for one in ALL {
            assert!(!one.why.ends_with('.'), "{}", one.name);
            for (stream, name) in one.counted_in {
                let spec = Spec::named(stream).expect("a stream");
                let counted = spec.counts.iter().any(|count| count.name() == *name);
                assert!(counted || *name == crate::tally::UNLISTED, "{stream} does not count {name}");
            }
        }
    }
}
