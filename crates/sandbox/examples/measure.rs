//! How fast the stand-in and the generators are:
//! `cargo run --release -p landfall-sandbox --example measure [BOOKINGS]`.

use sandbox::{SandboxOptions, Service, bench, culturebridge};
use std::io::Write;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Pages asked for per measurement.
const PAGES: u32 = 2000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let records = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let mut out = std::io::stdout();

    let begun = Instant::now();
    let rows = 2_000_000;
    let written = bench::bookings_csv(rows, 1, &mut std::io::sink())?;
    let rate = written.bytes as f64 / 1e6 / begun.elapsed().as_secs_f64();
    writeln!(out, "bench CSV: {rate:.0} MB/s, {} bytes a row", written.bytes / rows)?;

    let begun = Instant::now();
    let data = culturebridge::generate(culturebridge::Settings::new(400, 1));
    writeln!(out, "400 bookings: {:?} ({} users)", begun.elapsed(), data.tables[0].len())?;

    let begun = Instant::now();
    let options = SandboxOptions { records, ..SandboxOptions::default() };
    let running = sandbox::start(Service::Bubble, options).await?;
    writeln!(out, "start with {records} bookings: {:?}, {} MB resident", begun.elapsed(), resident_mb())?;

    let sort = "sort_field=Created%20Date&additional_sort_fields=%5B%7B%22sort_field%22%3A%22_id%22%7D%5D";
    let middle = running.record("booking", &running.ids("booking")[records as usize / 2]).unwrap_or_default();
    let at = String::from_utf8_lossy(&middle).split('"').nth(7).unwrap_or_default().to_owned();
    let constraint = |key: &str, kind: &str, value: &str| {
        let text = format!(r#"[{{"key":"{key}","constraint_type":"{kind}","value":"{value}"}}]"#);
        let plain = |b: u8| b.is_ascii_alphanumeric();
        let encoded: String = text
            .bytes()
            .map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") })
            .collect();
        format!("constraints={encoded}")
    };
    let newer = constraint("Created Date", "greater than", &at);
    let middle = String::from_utf8_lossy(&middle).into_owned();
    let client =
        middle.split("client_user_id\":\"").nth(1).and_then(|rest| rest.get(..32)).unwrap_or_default();
    let equals = constraint("client_user_id", "equals", client);
    for (name, query, pages) in [
        ("sorted, first page", format!("limit=100&{sort}"), PAGES),
        ("sorted, behind a date", format!("limit=100&{sort}&{newer}"), PAGES),
        ("unsorted, deep", "limit=100&cursor=40000".to_owned(), PAGES),
        ("equals, first time", equals.clone(), 1),
        ("equals, again", equals, 100),
        ("a scan", constraint("notes", "is_empty", ""), 1),
    ] {
        let (each, bytes) = ask(&running.address, &running.key, &query, pages).await?;
        writeln!(out, "{name}: {each:?} a page of {bytes} bytes")?;
    }
    writeln!(out, "{:?}, {} MB resident", running.stats(), resident_mb())?;
    running.stop().await;
    Ok(())
}

/// Asks over one connection; the time of one answer, and its size.
async fn ask(address: &str, key: &str, query: &str, pages: u32) -> std::io::Result<(Duration, usize)> {
    let host = address.trim_start_matches("http://").trim_end_matches("/api/1.1");
    let mut stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /api/1.1/obj/booking?{query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\r\n"
    );
    let mut buffer = vec![0u8; 1 << 20];
    let mut size = 0;
    let begun = Instant::now();
    for _ in 0..pages {
        stream.write_all(request.as_bytes()).await?;
        let (mut have, mut wanted) = (0, usize::MAX);
        while have < wanted {
            let n = stream.read(&mut buffer[have..]).await?;
            if n == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            have += n;
            if wanted == usize::MAX
                && let Some(head) = buffer[..have].windows(4).position(|four| four == b"\r\n\r\n")
            {
                let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
                let length = text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                wanted = head + 4 + length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
            }
        }
        size = wanted;
    }
    Ok((begun.elapsed() / pages, size))
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}
