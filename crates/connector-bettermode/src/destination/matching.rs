//! Finding again what was written, when the answer that named it was lost: decisions without I/O.
//!
//! The service looks up members by the id that another system gave; of everything else it shows lists only.
//! What was written is known by that id, else by its address there, else by title and time.

use crate::types::Moment;
use jiff::{SignedDuration, Timestamp};

/// How far the service's clock may be from ours.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What a record is known by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks<'a> {
    /// The id that another system gave.
    pub external_id: Option<&'a str>,
    /// The address in another system.
    pub external_url: Option<&'a str>,
    /// The title or name; of what was written `None`: such records have none of their own.
    pub title: Option<&'a str>,
    /// The time of making; of what was written, the one that was given with it.
    pub created_at: Option<&'a Moment>,
}

/// What was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// What it is known by.
    pub marks: Marks<'a>,
    /// It was not written before this moment.
    pub since: Timestamp,
}

/// How well a candidate fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is another record.
    No,
    /// It has the same title and time.
    Likely,
    /// It has the same id or address of the other system.
    Sure,
}

impl Wanted<'_> {
    /// Whether there is anything to know it by. With nothing, it could be taken for somebody else's.
    pub fn is_known(&self) -> bool {
        let Marks { external_id, external_url, title, created_at } = self.marks;
        let titled = title.is_some_and(|title| !title.is_empty());
        external_id.is_some() || external_url.is_some() || titled || created_at.is_some()
    }

    /// How well a candidate fits.
    pub fn fit(&self, candidate: &Marks) -> Fit {
        let Marks { external_id, external_url, title, created_at } = self.marks;
        for (wanted, found) in [(external_id, candidate.external_id), (external_url, candidate.external_url)]
        {
            match (wanted, found) {
                (Some(wanted), Some(found)) if wanted == found => return Fit::Sure,
                // It is that of another record.
                (_, Some(_)) => return Fit::No,
                // The service may not have kept it.
                (_, None) => {}
            }
        }
        let titled = title.is_some_and(|title| !title.is_empty());
        let same_title = title.is_none_or(|title| title == candidate.title.unwrap_or_default());
        let dated = created_at.is_some_and(|at| candidate.created_at.is_some_and(|found| found.is(at)));
        let fresh = candidate.created_at.and_then(Moment::timestamp).is_none_or(|at| at >= self.earliest());
        if same_title && (dated || (titled && fresh)) { Fit::Likely } else { Fit::No }
    }

    /// Nothing that was made before this can be it, unless it was given that time.
    fn earliest(&self) -> Timestamp {
        self.since.checked_sub(SKEW).unwrap_or(Timestamp::MIN)
    }

    /// Whether a walk that goes back in time may stop behind this page: its records are in order, newest
    /// first, and have reached a time at which neither clock would have put it. A page whose records do not
    /// go back in time proves nothing about the next one.
    pub fn is_past(&self, page: &[Option<Timestamp>]) -> bool {
        let Some(times) = page.iter().copied().collect::<Option<Vec<Timestamp>>>() else { return false };
        let (Some(first), Some(last)) = (times.first(), times.last()) else { return false };
        let given = match self.marks.created_at {
            None => self.earliest(),
            Some(at) => match at.timestamp() {
                None => return false,
                Some(at) => at.min(self.earliest()),
            },
        };
        times.is_sorted_by(|one, next| one >= next) && last < first && *last < given
    }
}

/// The best of what was found, or how many are equally good.
pub(super) fn best<T>(found: Vec<(Fit, T)>) -> Result<Option<T>, usize> {
    let top = found.iter().map(|(fit, _)| *fit).max().unwrap_or(Fit::No);
    if top == Fit::No {
        return Ok(None);
    }
    let mut best: Vec<T> = found.into_iter().filter(|(fit, _)| *fit == top).map(|(_, one)| one).collect();
    if best.len() > 1 { Err(best.len()) } else { Ok(best.pop()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-01T{text}:00Z").parse().expect("a timestamp")
    }

    fn moment(text: &str) -> Moment {
        Moment::from(at(text))
    }

    #[test]
    fn what_was_written_is_told_from_everything_else() {
        let (old, now, before) = (Moment::new("2019-05-05T05:05:05.000Z"), moment("12:01"), moment("09:00"));
        let marks = Marks {
            external_id: Some("src-1"),
            external_url: Some("https://old.test/1"),
            title: Some("Hello"),
            created_at: Some(&old),
        };
        let since = |marks| Wanted { marks, since: at("12:00") };
        let only_words = Marks { external_id: None, external_url: None, ..marks };
        let wanted = since(marks);
        let without_ids = since(only_words);
        let undated = since(Marks { created_at: None, ..only_words });
        let untitled = since(Marks { title: None, ..only_words });
        let nothing = since(Marks::default());
        let found = |external_id, external_url, title, created_at| Marks {
            external_id,
            external_url,
            title,
            created_at,
        };
        let hello = Some("Hello");
        for (name, wanted, candidate, fit) in [
            ("its id", wanted, found(Some("src-1"), None, None, None), Fit::Sure),
            ("its address", wanted, found(None, Some("https://old.test/1"), None, None), Fit::Sure),
            ("another id", wanted, found(Some("src-2"), None, hello, Some(&old)), Fit::No),
            ("another address", wanted, found(None, Some("https://x.test"), hello, Some(&old)), Fit::No),
            ("an id, none wanted", without_ids, found(Some("src-2"), None, hello, Some(&old)), Fit::No),
            ("title and given time", wanted, found(None, None, hello, Some(&old)), Fit::Likely),
            ("title, dated by the service", wanted, found(None, None, hello, Some(&now)), Fit::Likely),
            ("title, too old", wanted, found(None, None, hello, Some(&before)), Fit::No),
            ("title, no time shown", wanted, found(None, None, hello, None), Fit::Likely),
            ("another title", wanted, found(None, None, Some("Hi"), Some(&old)), Fit::No),
            ("undated, fresh", undated, found(None, None, hello, Some(&now)), Fit::Likely),
            ("undated, too old", undated, found(None, None, hello, Some(&old)), Fit::No),
            ("untitled, given time", untitled, found(None, None, None, Some(&old)), Fit::Likely),
            ("untitled, shown with one", untitled, found(None, None, hello, Some(&old)), Fit::Likely),
            ("untitled, fresh only", untitled, found(None, None, None, Some(&now)), Fit::No),
            ("nothing to know it by", nothing, found(None, None, None, Some(&now)), Fit::No),
        ] {
            assert_eq!(wanted.fit(&candidate), fit, "{name}");
        }
        assert!(untitled.is_known() && undated.is_known() && !nothing.is_known());
    }

    #[test]
    fn a_walk_stops_only_when_it_is_surely_past() {
        let now = moment("12:30");
        let (given, odd) = (moment("08:00"), Moment::new("soon"));
        let made =
            |created_at| Wanted { marks: Marks { created_at, ..Marks::default() }, since: at("12:00") };
        let (since, dated, fresh) = (made(None), made(Some(&given)), made(Some(&now)));
        let unreadable = made(Some(&odd));
        for (name, wanted, page, past) in [
            ("older than the intent", since, vec!["12:10", "11:00"], true),
            ("within the skew", since, vec!["12:10", "11:56"], false),
            ("not there yet", since, vec!["12:30", "12:10"], false),
            ("oldest first", since, vec!["08:00", "09:00"], false),
            ("in no order", since, vec!["12:10", "12:20", "11:00"], false),
            ("all at once", since, vec!["11:00", "11:00"], false),
            ("one only", since, vec!["11:00"], false),
            ("none", since, vec![], false),
            ("before the given time", dated, vec!["09:00", "07:00"], true),
            ("behind the given time", dated, vec!["10:00", "09:00"], false),
            ("a given time after the intent", fresh, vec!["12:10", "11:00"], true),
            ("no given time to compare", unreadable, vec!["12:10", "01:00"], false),
        ] {
            let page: Vec<Option<Timestamp>> = page.into_iter().map(|time| Some(at(time))).collect();
            assert_eq!(wanted.is_past(&page), past, "{name}");
        }
        assert!(!since.is_past(&[Some(at("12:10")), None, Some(at("11:00"))]), "a time is missing");
    }

    #[test]
    fn the_best_one_is_taken_and_several_are_not() {
        let pick = |fits: &[Fit]| best(fits.iter().copied().zip(0..).collect::<Vec<(Fit, usize)>>());
        for (fits, expected) in [
            (&[][..], Ok(None)),
            (&[Fit::No, Fit::No], Ok(None)),
            (&[Fit::Likely, Fit::No], Ok(Some(0))),
            (&[Fit::Likely, Fit::Sure, Fit::Likely], Ok(Some(1))),
            (&[Fit::Likely, Fit::Likely], Err(2)),
            (&[Fit::Sure, Fit::Sure, Fit::No], Err(2)),
        ] {
            assert_eq!(pick(fits), expected, "{fits:?}");
        }
    }
}
