//! Reads a CSV file as the program does, several times, and says how fast:
//! `cargo run --release -p landfall-export --example read_csv -- users.csv [ROUNDS]`.

use export::csv::{CsvReader, EmptyMeans};
use std::error::Error;
use std::fs::File;
use std::io::{Write, stdout};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which file?")?;
    let rounds: u32 = args.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let bytes = File::open(&path)?.metadata()?.len();
    for _ in 0..rounds {
        let start = Instant::now();
        let mut reader = CsvReader::new(File::open(&path)?, EmptyMeans::Quoted)?;
        let mut records = 0;
        while let Some(batch) = reader.read_batch(base::limits::MAP_ROWS)? {
            records += batch.num_rows();
        }
        let seconds = start.elapsed().as_secs_f64();
        let rate = bytes as f64 / seconds / 1e6;
        writeln!(stdout(), "{records} records, {bytes} bytes, {seconds:.3} s, {rate:.0} MB/s")?;
    }
    Ok(())
}
