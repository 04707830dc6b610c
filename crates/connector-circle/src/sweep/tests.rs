//! Sweeps page by page, without a service.

use super::*;
use crate::wire::Row;

const BEGUN: i64 = 10_000_000;

/// `id`, `id@updated`, `id!` for a nested reply, `id(replies)`; made long before the walk unless the id is
/// above 900.
fn shown(text: &str) -> Vec<Shown> {
    let one = |word: &str| {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let after = |mark: char| word.split_once(mark).and_then(|(_, rest)| digits(rest).parse().ok());
        let id: u64 = digits(word).parse().expect("an id");
        Shown {
            row: Row::default(),
            nested: word.contains('!'),
            given: Vec::new(),
            key: id.to_string(),
            id,
            created: Some(if id > 900 { BEGUN + 1 } else { 1 }),
            updated: Some(after('@').unwrap_or(1)),
            replies: after('(').unwrap_or(0) as u64,
            is_reply: word.contains('!'),
            counts: vec![("likes", 2)],
        }
    };
    text.split_whitespace().map(one).collect()
}

fn envelope(more: bool, count: u64) -> Envelope {
    Envelope { page: None, per_page: None, more, count: Some(count), date: Some(BEGUN) }
}

fn take(sweep: &mut Sweep, page: &Envelope, text: &str) -> Result<String, Odd> {
    let rows = shown(text);
    let taken = sweep.take(page, &rows, Since { begun: Some(BEGUN) }, &IdSet::default())?;
    let ids: Vec<&str> = taken.new.iter().map(|n| rows[*n].key.as_str()).collect();
    Ok(ids.join(" "))
}

/// Pages of one or more sweeps, `more` unless it is the last of its sweep: what is handed on of each, and
/// how each sweep is judged.
fn read(sweeps: &[&[(&str, u64)]]) -> String {
    let mut sweep = Sweep::new(2);
    let mut out = Vec::new();
    for pages in sweeps {
        for (n, (text, count)) in pages.iter().enumerate() {
            // What a checkpoint keeps is all that a walk needs.
            let kept = serde_json::to_string(&sweep).expect("JSON");
            sweep = serde_json::from_str(&kept).expect("a sweep");
            let more = n + 1 < pages.len();
            let date = Some(BEGUN + 1000 * i64::from(sweep.number - 1));
            let page = Envelope { date, ..envelope(more, *count) };
            out.push(take(&mut sweep, &page, text).expect("an ordinary page"));
        }
        out.push(match sweep.judge() {
            Verdict::Again => "again".into(),
            Verdict::Over(Ok(())) => {
                format!("proven +{} ~{} -{}", sweep.appeared, sweep.changed, sweep.vanished())
            }
            Verdict::Over(Err(why)) => format!("{why:?}"),
        });
    }
    out.join(" | ")
}

#[test]
fn counts_decide_whether_a_list_is_read() {
    for (name, sweeps, expected) in [
        ("at rest", &[&[("1 2", 3), ("3", 3)][..]][..], "1 2 | 3 | proven +0 ~0 -0"),
        ("empty", &[&[("", 0)]], " | proven +0 ~0 -0"),
        (
            "one came in front and moved one on",
            &[&[("3 2", 3), ("2 1", 4)], &[("901 3", 4), ("2 1", 4)]],
            "3 2 | 1 | again | 901 |  | proven +1 ~0 -0",
        ),
        (
            "one went and another was jumped over",
            &[&[("4 3", 4), ("1", 3)], &[("3 2", 3), ("1", 3)]],
            "4 3 | 1 | again | 2 |  | proven +0 ~0 -1",
        ),
        (
            "one went and one came, which leaves the first and last count alike",
            &[&[("1 2", 5), ("4 5", 4), ("901", 5)], &[("2 3", 5), ("4 5", 5), ("901", 5)]],
            "1 2 | 4 5 | 901 | again | 3 |  |  | proven +1 ~0 -1",
        ),
        (
            "one went and one came between the same two pages",
            &[&[("9 8", 4), ("6 901", 4)], &[("8 7", 4), ("6 901", 4)]],
            "9 8 | 6 901 | again | 7 |  | proven +1 ~0 -1",
        ),
        (
            "changed meanwhile",
            &[&[("1 2", 4), ("3", 3)], &[("1@10000001 2", 3), ("3", 3)]],
            "1 2 | 3 | again | 1 |  | proven +0 ~1 -0",
        ),
        (
            "changed just before the walk",
            &[&[("1 2", 3), ("2@9999999", 3)], &[("1 2@9999999", 3), ("3", 3)]],
            "1 2 | 2 | again | 2 | 3 | proven +0 ~0 -0",
        ),
        (
            "a record is counted and never shown",
            &[&[("1 2", 3)], &[("1 2", 3)]],
            "1 2 | again |  | Count(2, 3)",
        ),
        ("more are shown than counted", &[&[("1 2", 1)], &[("1 2", 1)]], "1 2 | again |  | Count(2, 1)"),
        (
            "never at rest",
            &[
                &[("1 2", 3), ("3", 4)],
                &[("1 2", 4), ("3", 5)],
                &[("1 2", 5), ("3", 6)],
                &[("1 2", 6), ("3", 7)],
                &[("1 2", 7), ("3", 8)],
            ],
            "1 2 | 3 | again |  |  | again |  |  | again |  |  | again |  |  | Restless",
        ),
        ("replies inside only", &[&[("1(2) 2! 3!", 1)]], "1 2 3 | proven +0 ~0 -0"),
        ("replies in the list too", &[&[("1(1) 2! 2", 2)]], "1 2 2 | proven +0 ~0 -0"),
        (
            "a reply is said to be there and is not",
            &[&[("1(2) 2!", 1)], &[("1(2) 2!", 1)]],
            "1 2 | again |  | Replies(1, 2)",
        ),
        (
            "a reply went meanwhile",
            &[&[("1(2) 2!", 1)], &[("1(1) 2!", 1)]],
            "1 2 | again |  | proven +0 ~0 -0",
        ),
    ] {
        assert_eq!(read(sweeps), expected, "{name}");
    }
}

#[test]
fn without_a_count_there_is_no_proof() {
    let mut sweep = Sweep::new(2);
    let page = Envelope { count: None, ..envelope(false, 0) };
    take(&mut sweep, &page, "1 2").expect("a page");
    assert_eq!(sweep.judge(), Verdict::Over(Err(Unproven::NoCount)));
}

#[test]
fn an_odd_page_is_refused() {
    for (name, page, text, odd) in [
        ("empty", envelope(true, 9), "", Odd::EmptyButMore),
        ("another page", Envelope { page: Some(7), ..envelope(true, 9) }, "1", Odd::OtherPage),
        ("the same again", envelope(true, 2), "1 2", Odd::Endless),
    ] {
        let mut sweep = Sweep::new(2);
        take(&mut sweep, &Envelope { page: Some(1), ..envelope(true, 9) }, "1 2").expect(name);
        assert_eq!(take(&mut sweep, &page, text), Err(odd), "{name}");
    }
    // A crowd that came while the walk stood still moves whole pages on.
    let mut sweep = Sweep::new(2);
    take(&mut sweep, &envelope(true, 9), "1 2").expect("a page");
    assert_eq!(take(&mut sweep, &envelope(true, 9), "1 2"), Ok(String::new()));
}

#[test]
fn a_service_that_shows_fewer_is_asked_for_fewer() {
    let echo = |per_page, more| Envelope { per_page: Some(per_page), ..envelope(more, 5) };
    let mut sweep = Sweep::new(100);
    take(&mut sweep, &echo(3, true), "1 2 3").expect("a page");
    assert_eq!((sweep.page, sweep.per_page), (2, 3));
    // What an answer shows more of than it says is not believed.
    take(&mut sweep, &echo(1, true), "4 5").expect("a page");
    assert_eq!((sweep.page, sweep.per_page), (3, 3));
    sweep = Sweep { page: 2, ..sweep };
    // The last page may count its own records.
    take(&mut sweep, &echo(2, false), "4 5").expect("a page");
    assert_eq!((sweep.per_page, sweep.judge()), (3, Verdict::Over(Ok(()))));

    let mut sweep = Sweep::new(3);
    take(&mut sweep, &echo(3, true), "1 2 3").expect("a page");
    assert_eq!(take(&mut sweep, &echo(2, true), "3 4"), Ok(String::new()), "it begins elsewhere");
    assert_eq!((sweep.number, sweep.page, sweep.per_page), (2, 1, 2));
    let flip = (0..100).find_map(|n| take(&mut sweep, &echo(2 + n % 2, true), &format!("{n}")).err());
    assert_eq!(flip, Some(Odd::OtherSize));
}

#[test]
fn smaller_pages_begin_where_the_larger_would_have() {
    for (per_page, page, smaller) in [
        (100, 3, vec![(50, 5), (25, 9), (5, 41), (1, 201)]),
        (60, 2, vec![(30, 3), (15, 5), (5, 13), (1, 61)]),
        (7, 1, vec![(1, 1)]),
        (1, 9, vec![]),
    ] {
        let mut sweep = Sweep { page, ..Sweep::new(per_page) };
        let mut steps = Vec::new();
        while sweep.ask_for_less() {
            steps.push((sweep.per_page, sweep.page));
        }
        assert_eq!(steps, smaller, "{per_page}");
    }
}

#[test]
fn sums_are_those_of_the_last_sweep_and_of_each_record_once() {
    let mut sweep = Sweep::new(2);
    take(&mut sweep, &envelope(true, 3), "1 2").expect("a page");
    take(&mut sweep, &envelope(false, 4), "2 3").expect("a page");
    assert_eq!(sweep.counts()["likes"], 6);
    assert_eq!(sweep.judge(), Verdict::Again);
    assert!(sweep.counts().is_empty());
    take(&mut sweep, &envelope(false, 1), "2").expect("a page");
    assert_eq!(sweep.counts()["likes"], 2);
    assert_eq!(sweep.into_ids().iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn records_of_another_list_are_counted_and_not_handed_on() {
    let mut sweep = Sweep::new(2);
    let elsewhere: IdSet = [1].into_iter().collect();
    let taken = sweep.take(&envelope(false, 2), &shown("1 2"), Since::default(), &elsewhere);
    assert_eq!(taken, Ok(Taken { new: vec![1], over: true }));
    assert_eq!(sweep.judge(), Verdict::Over(Ok(())));
}
