//! An echo server is the world behind the proxy.

use super::*;
use crate::wait;

const LIMIT: Duration = Duration::from_secs(30);

/// A server that sends back what it gets, until the test's process ends.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || io::copy(&mut &stream, &mut &stream));
        }
    });
    address
}

fn proxy() -> Proxy {
    Proxy::start(echo()).unwrap()
}

fn client(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Sends `bytes`, closes that direction, and gives what comes back before the end or the error.
fn round_trip(mut stream: &TcpStream, bytes: &[u8]) -> Vec<u8> {
    let mut back = Vec::new();
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut back);
    back
}

#[test]
fn without_orders_everything_passes() {
    let proxy = proxy();
    let bytes: Vec<u8> = (0..200_000u32).map(|n| n as u8).collect();
    assert_eq!(round_trip(&client(&proxy), &bytes), bytes);
    assert_eq!((proxy.accepted(), proxy.fired()), (1, 0));
    assert_eq!((proxy.moved(Direction::Up), proxy.moved(Direction::Down)), (200_000, 200_000));
}

#[test]
fn a_cut_comes_at_its_byte_once_and_later_connections_live() {
    for (direction, bytes) in [(Direction::Up, 0), (Direction::Up, 70_000), (Direction::Down, 70_000)] {
        let proxy = proxy();
        proxy.after(direction, bytes, Fault::Cut);
        let back = round_trip(&client(&proxy), &[7; 100_000]);
        assert!(back.len() as u64 <= bytes, "{direction:?}: {} came back", back.len());
        assert_eq!((proxy.moved(direction), proxy.fired()), (bytes, 1), "{direction:?}");
        assert_eq!(round_trip(&client(&proxy), b"again"), b"again");
    }
}

#[test]
fn what_is_stalled_moves_on_when_healed() {
    let proxy = proxy();
    proxy.after(Direction::Down, 3, Fault::Stall);
    let mut stream = client(&proxy);
    stream.write_all(b"abcdef").unwrap();
    let mut first = [0; 3];
    stream.read_exact(&mut first).unwrap();
    wait::until("the stall", LIMIT, || (proxy.moved(Direction::Down) == 3).then_some(())).unwrap();
    assert_eq!(proxy.fired(), 1);
    proxy.heal();
    let mut rest = [0; 3];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!((&first, &rest), (b"abc", b"def"));
}

#[test]
fn delay_changes_no_byte() {
    let proxy = proxy();
    proxy.after(Direction::Up, 2, Fault::Delay(Duration::from_millis(2)));
    assert_eq!(round_trip(&client(&proxy), &[9; 50_000]), [9; 50_000]);
    assert_eq!(proxy.fired(), 1);
}

#[test]
fn all_connections_can_be_cut_and_new_ones_refused() {
    let proxy = proxy();
    let mut stream = client(&proxy);
    stream.write_all(b"x").unwrap();
    stream.read_exact(&mut [0]).unwrap();
    proxy.refuse(true);
    proxy.cut();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(round_trip(&client(&proxy), b"no"), b"");
    proxy.heal();
    assert_eq!(round_trip(&client(&proxy), b"yes"), b"yes");
}

#[test]
fn a_dropped_proxy_ends_its_connections_the_stalled_too() {
    let proxy = proxy();
    proxy.after(Direction::Up, 1, Fault::Stall);
    let mut stream = client(&proxy);
    stream.write_all(b"abc").unwrap();
    wait::until("the stall", LIMIT, || (proxy.fired() == 1).then_some(())).unwrap();
    drop(proxy);
    let mut back = Vec::new();
    let _ = stream.read_to_end(&mut back);
    assert!(back.len() <= 1, "{back:?}");
}

#[test]
fn an_address_gets_the_proxy_in_the_place_of_its_server() {
    let proxy = proxy();
    let own = proxy.address().to_string();
    for (url, expected) in [
        ("postgresql://postgres@127.0.0.1:5432/db?x=1", format!("postgresql://postgres@{own}/db?x=1")),
        ("http://localhost:80", format!("http://{own}")),
        ("http://h?q=a@b/c", format!("http://{own}?q=a@b/c")),
        ("postgres://u:p%40@h:1/d", format!("postgres://u:p%40@{own}/d")),
    ] {
        assert_eq!(proxy.url(url), expected);
    }
}
