//! Takes a CSV file through a part as an extraction would, and says how long it took and how much memory:
//! `cargo run --release -p landfall-export --example finish_part -- bookings.csv [PAGE_SIZE]`.

use arrow::array::{Array, AsArray};
use export::csv::{CsvReader, EmptyMeans};
use export::{Counts, ExportFolder, FinishOrder, Part};
use std::error::Error;
use std::fs::File;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which file?")?;
    let page_size: usize = args.next().map_or(Ok(100), |size| size.parse())?;
    let temp = tempfile::tempdir_in(".")?;
    let folder = ExportFolder::open_or_create(temp.path())?;
    let mut part = Part::create(&folder, "bench", &"example")?;
    let mut reader = CsvReader::new(File::open(&path)?, EmptyMeans::Quoted)?;
    let columns = reader.columns().to_vec();
    let mut spent = Duration::ZERO;
    let mut pages = 0u64;
    while let Some(batch) = reader.read_batch(page_size)? {
        let rows: Vec<Vec<Option<String>>> = (0..batch.num_rows())
            .map(|row| {
                let columns = batch.columns().iter().map(|column| column.as_string::<i32>());
                columns.map(|c| c.is_valid(row).then(|| c.value(row).to_owned())).collect()
            })
            .collect();
        let start = Instant::now();
        part.append(&columns, &rows, &[], &serde_json::json!({"page": pages}), &Counts::new())?;
        spent += start.elapsed();
        pages += 1;
    }
    let start = Instant::now();
    let named = |name: &str| columns.iter().find(|column| *column == name).cloned();
    let order =
        FinishOrder { key: named("_id"), created: named("created_date"), version: named("modified_date") };
    let finished = part.finish(order)?;
    let finishing = start.elapsed();
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown").to_owned();
    let each = spent.as_secs_f64() / pages.max(1) as f64 * 1e6;
    writeln!(
        stdout(),
        "{} records in {pages} pages: {each:.0} µs a page; finish {:.2} s (in order: {}); {peak}",
        finished.records,
        finishing.as_secs_f64(),
        finished.in_order,
    )?;
    Ok(())
}
