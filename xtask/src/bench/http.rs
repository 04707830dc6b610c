//! The bare HTTP client that an export is compared with, and the listener that tells it which pages to ask
//! for.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes read at once.
const CHUNK: usize = 1 << 16;

/// Runs `work` with the address of a listener that hands everything on to `upstream` (`HOST:PORT`), and gives
/// the targets (path and query) of all requests that went through, in their order.
pub fn record<T>(upstream: &str, work: impl FnOnce(&str) -> T) -> io::Result<(T, Vec<String>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?.to_string();
    let targets = Mutex::new(Vec::new());
    let over = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            while let Ok((client, _)) = listener.accept() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let targets = &targets;
                scope.spawn(move || hand_on(client, upstream, targets));
            }
        });
        let outcome = work(&address);
        over.store(true, Ordering::SeqCst);
        // So that the listener looks up.
        let _ = TcpStream::connect(&address);
        outcome
    });
    Ok((outcome, targets.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// One connection, until one side ends it.
fn hand_on(mut client: TcpStream, upstream: &str, targets: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    let (mut back_from, mut back_to) = (server.try_clone()?, client.try_clone()?);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = io::copy(&mut back_from, &mut back_to);
            let _ = back_to.shutdown(Shutdown::Both);
        });
        let mut seen = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let n = client.read(&mut chunk).unwrap_or(0);
            if n == 0 || server.write_all(&chunk[..n]).is_err() {
                break;
            }
            seen.extend_from_slice(&chunk[..n]);
            while let Some(end) = head_end(&seen) {
                let head = String::from_utf8_lossy(&seen[..end]).into_owned();
                let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
                targets.lock().unwrap_or_else(PoisonError::into_inner).push(target);
                seen.drain(..end);
            }
        }
        let _ = server.shutdown(Shutdown::Both);
    });
    Ok(())
}

/// Asks for all targets, one after the other over one connection, and looks at nothing but lengths. Gives the
/// bytes of all bodies.
pub fn fetch(host: &str, key: &str, targets: &[String]) -> io::Result<u64> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    let mut total = 0;
    for target in targets {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        total += answer(&mut stream, &mut buffer)
            .map_err(|e| io::Error::new(e.kind(), format!("{target}: {e}")))?;
    }
    Ok(total)
}

/// Reads one answer, which must be 200; gives the length of its body. What is read is thrown away.
pub fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<u64> {
    buffer.resize(CHUNK, 0);
    let mut have = 0;
    let head = loop {
        let n = stream.read(&mut buffer[have..])?;
        have += n;
        if let Some(end) = head_end(&buffer[..have]) {
            break end;
        }
        if n == 0 || have == buffer.len() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no head of an answer"));
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
    let status = text.split(' ').nth(1).unwrap_or_default();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let (Some(length), "200") = (length.and_then(|l| l.trim().parse::<u64>().ok()), status) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("status {status:?}, or no length")));
    };
    let mut left = (length as usize).saturating_sub(have - head);
    while left > 0 {
        let room = left.min(CHUNK);
        let n = stream.read(&mut buffer[..room])?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= n;
    }
    Ok(length)
}

/// Where the body begins.
fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server of two connections that answers every request with a body of that many bytes.
    fn serve(listener: &TcpListener, status: &str, length: usize) {
        for _ in 0..2 {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut seen = Vec::new();
            let mut chunk = [0; 1000];
            while let Ok(n @ 1..) = stream.read(&mut chunk) {
                seen.extend_from_slice(&chunk[..n]);
                while let Some(end) = head_end(&seen) {
                    seen.drain(..end);
                    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
                    let _ = stream.write_all(head.as_bytes());
                    let _ = stream.write_all(&vec![b'x'; length]);
                }
            }
        }
    }

    #[test]
    fn what_was_asked_through_the_listener_can_be_asked_again() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let length = 3 * CHUNK + 17;
        let server = std::thread::spawn(move || serve(&listener, "200 OK", length));
        let asked = ["/a?b=c".to_owned(), "/d".to_owned()];
        let (bytes, targets) = record(&host, |address| fetch(address, "key", &asked).unwrap()).unwrap();
        assert_eq!(targets, asked);
        assert_eq!(bytes, 2 * length as u64);
        assert_eq!(fetch(&host, "key", &targets).unwrap(), bytes);
        server.join().unwrap();
    }

    #[test]
    fn an_answer_that_is_not_200_is_no_page() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || serve(&listener, "404 Not Found", 5));
        assert!(fetch(&host, "key", &["/a".to_owned()]).unwrap_err().to_string().contains("/a"));
        let _ = TcpStream::connect(&host);
        server.join().unwrap();
    }
}
