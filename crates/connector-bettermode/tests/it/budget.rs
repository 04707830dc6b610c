//! The client as a whole within the service's limits: many calls at once, on a virtual clock, against a
//! service that counts for itself.

use crate::rig::{TestPace, client_of, config, ports};
use crate::stub::{Act, Request, Stub};
use async_trait::async_trait;
use connector_bettermode::budget::{Budget, Limits, Take, Ticket};
use connector_bettermode::{Client, Error, MemberFilter};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use webclient::Pace;

/// A service that answers pages of members and reports what they cost; it notes when it was asked, and how
/// much that was.
async fn service(pace: Arc<TestPace>, factor: u64, pages: usize) -> (Stub, Arc<Mutex<Vec<(Duration, u64)>>>) {
    let counted = Arc::new(Mutex::new(Vec::new()));
    let (seen, mut page) = (counted.clone(), 0);
    let stub = Stub::start(move |request: &Request| {
        let limit = request.variables["limit"].as_u64().unwrap_or(0);
        let cost = factor * (2 + 6 * limit);
        seen.lock().expect("not poisoned").push((pace.elapsed(), cost));
        page += 1;
        let body = json!({"data": {"members": {"totalCount": 1, "nodes": [{"id": format!("m{page}")}],
            "pageInfo": {"endCursor": format!("c{page}"), "hasNextPage": page < pages}}},
            "extensions": {"complexity": cost}});
        Act::Answer(200, body.to_string())
    })
    .await;
    (stub, counted)
}

/// The most that was asked in any window.
fn most(counted: &[(Duration, u64)], window: Duration) -> (usize, u64) {
    let inside = |begin: Duration| counted.iter().filter(move |(at, _)| (begin..begin + window).contains(at));
    let requests = counted.iter().map(|(begin, _)| inside(*begin).count()).max().unwrap_or(0);
    let points =
        counted.iter().map(|(begin, _)| inside(*begin).map(|(_, cost)| cost).sum()).max().unwrap_or(0);
    (requests, points)
}

#[tokio::test]
async fn a_walk_stays_within_every_window() {
    for (factor, pages) in [(1, 60), (3, 60)] {
        let pace = Arc::new(TestPace::default());
        let (stub, counted) = service(pace.clone(), factor, pages).await;
        let client = Client::with(&config(&stub.url), ports(pace)).expect("a client");
        let members = client.members(&MemberFilter::default()).all(1_000).await.expect("members");
        assert_eq!(members.len(), pages);
        let counted = counted.lock().expect("not poisoned").clone();
        // What the first answer costs can only be estimated; from then on it is known.
        let (requests, points) = most(&counted[1..], Limits::default().burst_window);
        assert!(requests <= 20 && points <= 2_000, "{factor}: {requests} requests, {points} points");
        let pages: Vec<u64> = counted.iter().map(|(_, cost)| *cost).collect();
        assert!(pages[1..].iter().all(|cost| *cost <= 1_000), "{factor}: {pages:?}");
    }
}

#[tokio::test]
async fn many_calls_at_once_share_one_budget() {
    let pace = Arc::new(TestPace::default());
    let (stub, counted) = service(pace.clone(), 1, usize::MAX).await;
    let client = Client::with(&config(&stub.url), ports(pace)).expect("a client");
    let calls = (0..90).map(|_| {
        let client = client.clone();
        async move { client.members(&MemberFilter::default()).page_size(1).next_page().await }
    });
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    let counted = counted.lock().expect("not poisoned").clone();
    assert_eq!(counted.len(), 90);
    let (requests, _) = most(&counted, Limits::default().burst_window);
    assert!(requests <= 20, "{requests} requests in a window");
}

#[tokio::test]
async fn a_day_that_is_used_up_stops_instead_of_waiting_for_hours() {
    let stub = Stub::script(vec![Act::Data(json!({"network": {"id": "n"}}))]).await;
    let mut config = config(&stub.url);
    config.limits = Limits { day_requests: 3, ..Limits::default() };
    let (client, pace) = client_of(&config);
    for _ in 0..3 {
        client.network().await.expect("a network");
    }
    let error = client.network().await.expect_err("used up");
    assert!(matches!(error, Error::BudgetSpent { minutes: 1400..=1460, .. }), "{error:?}");
    assert_eq!(error.class(), base::Class::Stop);
    assert_eq!((stub.requests().len(), pace.waited()), (3, Duration::ZERO));
    pace.pass(Duration::from_secs(25 * 3600));
    client.network().await.expect("another day");
}

#[tokio::test]
async fn a_request_that_no_window_allows_is_not_sent() {
    let stub = Stub::script(vec![Act::Data(json!({}))]).await;
    let mut config = config(&stub.url);
    config.limits = Limits { burst_complexity: 5, ..Limits::default() };
    let (client, _) = client_of(&config);
    let error = client.members(&MemberFilter::default()).next_page().await.expect_err("too complex");
    assert_eq!(error, Error::TooComplex { operation: "Members", complexity: 8 });
    assert!(stub.requests().is_empty());
}

/// A budget that somebody else keeps.
#[derive(Default)]
struct Shared(Mutex<Vec<String>>);

#[async_trait]
impl Budget for Shared {
    async fn take(&self, complexity: u64) -> Take {
        let mut said = self.0.lock().expect("not poisoned");
        said.push(format!("take {complexity}"));
        if said.len() == 1 { Take::Wait(Duration::from_secs(4)) } else { Take::Granted(Ticket(7)) }
    }
    async fn settle(&self, ticket: Ticket, complexity: Option<u64>) {
        self.0.lock().expect("not poisoned").push(format!("settle {} {complexity:?}", ticket.0));
    }
    async fn refused(&self, retry_after: Option<Duration>) {
        self.0.lock().expect("not poisoned").push(format!("refused {retry_after:?}"));
    }
}

#[tokio::test]
async fn a_shared_budget_is_asked_and_told_everything() {
    let answer = json!({"data": {"network": {"id": "n"}}, "extensions": {"complexity": 3}}).to_string();
    let stub = Stub::script(vec![Act::RetryAfter(429, "9"), Act::Answer(200, answer)]).await;
    let (pace, budget) = (Arc::new(TestPace::default()), Arc::new(Shared::default()));
    let mut ports = ports(pace.clone());
    ports.budget = Some(budget.clone());
    Client::with(&config(&stub.url), ports).expect("a client").network().await.expect("a network");
    let said = budget.0.lock().expect("not poisoned").clone();
    assert_eq!(said, ["take 1", "take 1", "settle 7 None", "refused Some(9s)", "take 1", "settle 7 Some(3)"]);
    assert_eq!(pace.waits.lock().expect("not poisoned")[0], Duration::from_secs(4));
}
