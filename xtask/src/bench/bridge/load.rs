//! The generator: requests over many connections, as fast as they are answered or at a steady rate.
//!
//! At a steady rate a request has its moment, whether or not the one before it was answered in time, and its
//! latency counts from that moment: a receiver that stalls cannot hide it.

use super::super::http;
use crate::failure::Failure;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Connections at once, as a service with many workers has them.
pub const CONNECTIONS: usize = 64;

/// What a run of requests came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Requests a second, from the first to the last answer.
    pub rate: f64,
    /// How long each answer took, sorted.
    latencies: Vec<Duration>,
}

impl Outcome {
    /// The latency that this share of the answers stayed below, milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "counts of requests are small"
        )]
        let at = (self.latencies.len() as f64 * share).ceil() as usize;
        let at = at.clamp(1, self.latencies.len().max(1)) - 1;
        self.latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// Sends all requests; each must be answered 200. `rate`: requests a second, `None`: as fast as possible.
pub fn send(host: &str, requests: &[Vec<u8>], rate: Option<f64>) -> Result<Outcome, Failure> {
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(host).map_err(Failure::failed)?;
        stream.set_nodelay(true).map_err(Failure::failed)?;
        streams.push(stream);
    }
    let began = Instant::now();
    let due = |number: usize| match rate {
        #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
        Some(rate) => began + Duration::from_secs_f64(number as f64 / rate),
        None => Instant::now(),
    };
    let one = |connection: usize, mut stream: TcpStream| -> io::Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        let mut buffer = Vec::new();
        for number in (connection..requests.len()).step_by(CONNECTIONS) {
            let due = due(number);
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            stream.write_all(&requests[number])?;
            http::answer(&mut stream, &mut buffer)?;
            latencies.push(due.elapsed());
        }
        Ok(latencies)
    };
    let found: io::Result<Vec<Vec<Duration>>> = std::thread::scope(|scope| {
        let run = |(number, stream)| scope.spawn(move || one(number, stream));
        let threads: Vec<_> = streams.into_iter().enumerate().map(run).collect();
        let lost = || io::Error::other("a connection's thread broke");
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(lost()))).collect()
    });
    let took = began.elapsed();
    let mut latencies = found.map_err(Failure::failed)?.concat();
    latencies.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
    let rate = latencies.len() as f64 / took.as_secs_f64();
    Ok(Outcome { rate, latencies })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::net::TcpListener;

    /// A server that answers every request alike, until the last connection ends.
    fn serve(listener: &TcpListener, answer: &'static str) {
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                let Ok((mut stream, _)) = listener.accept() else { return };
                scope.spawn(move || {
                    let mut chunk = [0; 100];
                    while let Ok(1..) = stream.read(&mut chunk) {
                        let _ = stream.write_all(answer.as_bytes());
                    }
                });
            }
        });
    }

    fn sent(answer: &'static str, rate: Option<f64>) -> Result<Outcome, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || serve(&listener, answer));
        let requests = vec![b"POST / HTTP/1.1\r\n\r\n".to_vec(); 200];
        let outcome = send(&host, &requests, rate);
        server.join().unwrap();
        outcome
    }

    #[test]
    fn every_request_is_answered_and_counted_at_any_rate() {
        for rate in [None, Some(5_000.0)] {
            let outcome = sent("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", rate).unwrap();
            assert_eq!(outcome.latencies.len(), 200);
            assert!(outcome.rate > 0.0);
        }
    }

    #[test]
    fn an_answer_that_is_not_200_fails_the_measurement() {
        assert!(sent("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", None).is_err());
    }

    #[test]
    fn percentiles_are_those_of_sorted_latencies() {
        let latencies = (1..=1000).map(Duration::from_millis).collect();
        let outcome = Outcome { rate: 1.0, latencies };
        for (share, expected) in [(0.5, 500.0), (0.99, 990.0), (0.999, 999.0), (1.0, 1000.0), (0.0, 1.0)] {
            assert_eq!(outcome.percentile(share), expected, "{share}");
        }
    }
}
