//! Broken files never make the reader panic, hang, or invent records.

use crate::support::read_all;
use export::csv::EmptyMeans;
use std::io::Cursor;

/// A small generator, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const LIKELY: &[u8] = b"\",\r\n\0 a\xff\xc3\xef\xbb\xbf";
    let at = random.below(bytes.len());
    let byte = LIKELY[random.below(LIKELY.len())];
    match random.below(6) {
        0 if !bytes.is_empty() => bytes[at] = byte,
        1 => bytes.insert(at.min(bytes.len()), byte),
        2 if !bytes.is_empty() => drop(bytes.remove(at)),
        3 => bytes.truncate(at),
        4 => {
            let tail = bytes[at.min(bytes.len())..].to_vec();
            bytes.extend_from_slice(&tail);
        }
        _ => bytes.push(byte),
    }
}

#[test]
fn broken_files_end_with_records_or_an_error() {
    let seeds: [&[u8]; 3] = [
        b"a,b\n1,\"x\"\"y\"\r\n,\"\"\n\"l1\nl2\",z\n",
        b"\xef\xbb\xbfa\n\n\"\"\n x \n",
        "é,b\r\n\"😀\",1\r\n\r\n".as_bytes(),
    ];
    let (mut good, mut bad) = (0, 0);
    for seed in 0..30_000u64 {
        let mut random = Random(seed);
        let mut bytes = seeds[random.below(seeds.len())].to_vec();
        for _ in 0..=random.below(5) {
            mutate(&mut bytes, &mut random);
        }
        let empty = [EmptyMeans::Quoted, EmptyMeans::Null, EmptyMeans::Text][random.below(3)];
        let (columns, table, error) = read_all(Cursor::new(&bytes), empty, 1 + random.below(4));
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        assert!(table.len() <= lines, "seed {seed}: more records than lines");
        assert!(table.iter().all(|row| row.len() == columns.len()), "seed {seed}");
        if let Some(place) = error.as_ref().and_then(|error| error.place()) {
            assert!(place.byte <= bytes.len() as u64 && place.line <= lines as u64, "seed {seed}: {place:?}");
            assert!(place.record <= table.len() as u64 + 1, "seed {seed}: {place:?}");
        }
        *(if error.is_some() { &mut bad } else { &mut good }) += 1;
    }
    assert!(good > 1000 && bad > 1000, "the mutations are one-sided: {good} good, {bad} bad");
}
