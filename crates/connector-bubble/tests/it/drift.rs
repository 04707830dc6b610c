//! Records that come, change and go while the walk goes on.

use crate::rig::{Export, shown, source};
use crate::stub::{Row, Stub, row};
use connect::Completeness;

const BASE: i64 = 1_700_000_000_000;
/// After the newest record at the beginning, and more than the margin.
const LATER: i64 = BASE + 3_600_000_000;

fn ids(rows: &[Row], which: &[usize]) -> Vec<String> {
    which.iter().map(|n| rows[*n].id.clone()).collect()
}

/// What happens to 300 records a minute apart, before which list request, and what must come of it.
struct Case {
    name: &'static str,
    /// Request, and numbers of records to delete.
    delete: Vec<(usize, Vec<usize>)>,
    /// Request, and numbers of records to change.
    change: Vec<(usize, Vec<usize>)>,
    /// Request, and how many records to make.
    make: Vec<(usize, usize)>,
    /// Deleted records that are in the export.
    gone: Vec<usize>,
    /// appeared, changed, vanished
    counts: (u64, u64, u64),
}

async fn run(case: &Case) -> (Stub, Export, Completeness) {
    let rows: Vec<Row> = (0..300).map(|n| row(n, BASE + 60_000 * n as i64)).collect();
    let stub = Stub::start(rows.clone()).await;
    let requests = case.delete.iter().map(|d| d.0).chain(case.change.iter().map(|d| d.0));
    let requests: std::collections::BTreeSet<usize> = requests.chain(case.make.iter().map(|d| d.0)).collect();
    for at in requests {
        let of = |list: &[(usize, Vec<usize>)]| -> Vec<String> {
            list.iter().filter(|one| one.0 == at).flat_map(|one| ids(&rows, &one.1)).collect()
        };
        let (delete, change) = (of(&case.delete), of(&case.change));
        let make: usize = case.make.iter().filter(|one| one.0 == at).map(|one| one.1).sum();
        let now = LATER + 1000 * at as i64;
        stub.world().changes.insert(
            at,
            Box::new(move |rows| {
                rows.retain(|row| !delete.contains(&row.id));
                for row in rows.iter_mut().filter(|row| change.contains(&row.id)) {
                    row.modified = now;
                    row.more = r#","N":"changed""#.into();
                }
                rows.extend((0..make).map(|n| row(10_000 + 100 * at + n, now + n as i64)));
            }),
        );
    }
    let mut export = Export::default();
    let outcome =
        export.run(&source(&stub), 50).await.unwrap_or_else(|f| panic!("{}: {}", case.name, shown(&f)));
    (stub, export, outcome)
}

/// Requests 0 to 2: sample, control, newest change; from 3 on pages of 50 with one row overlap: 3 brings
/// records 0..50, 4 brings 50..100, and so on to 8; 9 brings nothing new, 10 sweeps over changes, 11 counts.
#[tokio::test]
async fn what_comes_changes_and_goes_is_in_the_export_and_counted() {
    let none =
        || Case { name: "", delete: vec![], change: vec![], make: vec![], gone: vec![], counts: (0, 0, 0) };
    for case in [
        Case { name: "nothing", ..none() },
        Case { name: "came early", make: vec![(4, 3)], counts: (3, 0, 0), ..none() },
        Case { name: "came at the end", make: vec![(9, 3)], counts: (3, 0, 0), ..none() },
        Case { name: "came before the count", make: vec![(11, 3)], counts: (3, 0, 0), ..none() },
        Case { name: "more than a page came", make: vec![(9, 120)], counts: (120, 0, 0), ..none() },
        Case { name: "changed behind", change: vec![(6, vec![3, 4])], counts: (0, 2, 0), ..none() },
        Case { name: "changed ahead", change: vec![(4, vec![200])], counts: (0, 1, 0), ..none() },
        Case {
            name: "changed twice",
            change: vec![(4, vec![200, 1]), (8, vec![200])],
            counts: (0, 2, 0),
            ..none()
        },
        Case { name: "went ahead", delete: vec![(4, vec![200, 201])], ..none() },
        Case {
            name: "the last row went",
            delete: vec![(4, vec![49])],
            gone: vec![49],
            counts: (0, 0, 1),
            ..none()
        },
        Case {
            name: "the last row and its neighbours went",
            delete: vec![(4, vec![48, 49, 50, 51])],
            gone: vec![48, 49],
            counts: (0, 0, 2),
            ..none()
        },
        Case {
            name: "went behind",
            delete: vec![(6, vec![3, 4])],
            gone: vec![3, 4],
            counts: (0, 0, 2),
            ..none()
        },
        Case {
            name: "everything at once",
            delete: vec![(5, vec![3, 99, 250]), (9, vec![7])],
            change: vec![(5, vec![1, 260]), (7, vec![2])],
            make: vec![(5, 2), (9, 1), (11, 1)],
            gone: vec![3, 99, 7],
            counts: (4, 3, 3),
        },
        Case {
            name: "all but one went",
            delete: vec![(8, (0..299).collect())],
            gone: (0..250).collect(),
            counts: (0, 0, 250),
            ..none()
        },
    ] {
        let (stub, export, outcome) = run(&case).await;
        let name = case.name;
        assert!(outcome.complete, "{name}: {outcome:?}");
        assert_eq!((outcome.appeared, outcome.changed, outcome.vanished), case.counts, "{name}: {outcome:?}");
        let rows: Vec<Row> = (0..300).map(|n| row(n, BASE + 60_000 * n as i64)).collect();
        let gone = ids(&rows, &case.gone);
        export.assert_holds(&stub, &gone.iter().map(String::as_str).collect::<Vec<_>>(), name);
        let changed = stub
            .world()
            .rows
            .iter()
            .filter(|row| row.more.contains("changed"))
            .map(|r| r.id.clone())
            .collect::<Vec<_>>();
        for id in changed {
            assert_eq!(export.records[&id]["n"], "changed", "{name}: {id}");
        }
    }
}

#[tokio::test]
async fn an_application_that_never_rests_is_not_called_complete() {
    let stub = Stub::start((0..120).map(|n| row(n, BASE + n as i64)).collect()).await;
    for at in 3..200 {
        stub.world().changes.insert(at, Box::new(move |rows| rows.push(row(1000 + at, LATER + at as i64))));
    }
    let outcome = Export::default().run(&source(&stub), 50).await.expect("an export");
    assert!(!outcome.complete, "{outcome:?}");
    assert!(outcome.remarks.iter().any(|r| r.contains("at rest")), "{outcome:?}");
}

#[tokio::test]
async fn a_stopped_export_of_an_application_that_goes_on_is_complete_in_the_end() {
    for stop in 4..12 {
        let rows: Vec<Row> = (0..300).map(|n| row(n, BASE + 60_000 * n as i64)).collect();
        let stub = Stub::start(rows.clone()).await;
        stub.world().refuse_from = stop;
        let mut export = Export::default();
        if export.run(&source(&stub), 50).await.is_ok() {
            break;
        }
        {
            let mut world = stub.world();
            world.refuse_from = usize::MAX;
            world.rows.remove(1);
            world.rows[4].modified = LATER;
            world.rows.push(row(900, LATER + 1));
        }
        let outcome = export.run(&source(&stub), 50).await.expect("an export");
        let counts = (outcome.appeared, outcome.changed, outcome.vanished);
        assert_eq!(counts, (1, 1, 1), "{stop}: {outcome:?}");
        assert!(outcome.complete, "{stop}: {outcome:?}");
        export.assert_holds(&stub, &[rows[1].id.as_str()], &format!("stopped at {stop}"));
    }
}
