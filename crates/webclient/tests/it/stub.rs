//! A server of fixed answers, written byte by byte, so that it can also break off.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes and closes.
    Send(String),
    /// Sends nothing and keeps the connection open.
    Hang,
    /// Closes at once.
    Close,
}

/// A server that answers the n-th request with the n-th act, and every later one with the last.
pub struct Stub {
    pub address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
struct Request {
    head: String,
    body: Vec<u8>,
}

impl Stub {
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, acts.clone(), seen.clone()));
            }
        });
        Self { address, requests }
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.requests.lock().expect("not poisoned").iter().map(|request| request.head.clone()).collect()
    }

    /// The bodies of the requests so far, as far as they are text.
    pub fn bodies(&self) -> Vec<String> {
        let requests = self.requests.lock().expect("not poisoned");
        requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect()
    }
}

async fn answer(mut stream: TcpStream, acts: Vec<Act>, requests: Arc<Mutex<Vec<Request>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length =
        head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let nth = {
        let mut requests = requests.lock().expect("not poisoned");
        requests.push(Request { head, body });
        requests.len() - 1
    };
    match &acts[nth.min(acts.len() - 1)] {
        Act::Send(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Act::Hang => std::future::pending::<()>().await,
        Act::Close => {}
    }
}

/// A whole answer.
pub fn reply(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Send(format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    ))
}
