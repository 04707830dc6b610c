//! Counters with labels, and histograms.

use super::text;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counters of one name. Labels come from small fixed sets: names of settings, words of enums.
pub(crate) struct Family {
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    counts: Mutex<BTreeMap<Vec<String>, u64>>,
}

impl Family {
    pub fn new(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Self { name, help, labels, counts: Mutex::default() }
    }

    /// Counts one with these labels.
    pub fn one(&self, labels: &[&str]) {
        self.add(labels, 1);
    }

    /// Counts several.
    pub fn add(&self, labels: &[&str], count: u64) {
        debug_assert_eq!(labels.len(), self.labels.len());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        // Most are there already; those cost no key.
        match counts.iter_mut().find(|(known, _)| known.iter().eq(labels)) {
            Some((_, known)) => *known += count,
            None => {
                counts.insert(labels.iter().map(|label| (*label).to_owned()).collect(), count);
            }
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        text::head(out, self.name, self.help, "counter");
        for (values, count) in self.counts.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let pairs: Vec<_> = self.labels.iter().copied().zip(values.iter().map(String::as_str)).collect();
            text::sample(out, self.name, &pairs, &count.to_string());
        }
    }
}

/// How often a figure fell below each of some bounds.
pub(crate) struct Histogram {
    name: &'static str,
    help: &'static str,
    bounds: &'static [f64],
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// One for each bound, and one for what lies above all.
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    pub fn new(name: &'static str, help: &'static str, bounds: &'static [f64]) -> Self {
        let seen = Seen { counts: vec![0; bounds.len() + 1], sum: 0.0 };
        Self { name, help, bounds, seen: Mutex::new(seen) }
    }

    /// Takes a figure in.
    pub fn take(&self, value: f64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.counts[at] += 1;
        seen.sum += value;
    }

    /// Takes a time in.
    pub fn time(&self, time: Duration) {
        self.take(time.as_secs_f64());
    }

    pub(super) fn write(&self, out: &mut String) {
        text::head(out, self.name, self.help, "histogram");
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = format!("{}_bucket", self.name);
        let mut below = 0;
        for (bound, count) in self.bounds.iter().zip(&seen.counts) {
            below += count;
            text::sample(out, &bucket, &[("le", &bound.to_string())], &below.to_string());
        }
        let all: u64 = seen.counts.iter().sum();
        text::sample(out, &bucket, &[("le", "+Inf")], &all.to_string());
        text::sample(out, &format!("{}_sum", self.name), &[], &seen.sum.to_string());
        text::sample(out, &format!("{}_count", self.name), &[], &all.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_apart_by_their_labels() {
        let family = Family::new("x_total", "X", &["a", "b"]);
        family.one(&["1", "2"]);
        family.add(&["1", "2"], 2);
        family.one(&["1", "say \"hi\"\n\\"]);
        let mut out = String::new();
        family.write(&mut out);
        assert_eq!(
            out,
            "# HELP x_total X\n# TYPE x_total counter\n\
             x_total{a=\"1\",b=\"2\"} 3\nx_total{a=\"1\",b=\"say \\\"hi\\\"\\n\\\\\"} 1\n"
        );
    }

    #[test]
    fn a_histogram_counts_what_is_at_or_below_each_bound() {
        let histogram = Histogram::new("h", "H", &[1.0, 2.5]);
        for value in [0.5, 1.0, 2.0, 9.0] {
            histogram.take(value);
        }
        let mut out = String::new();
        histogram.write(&mut out);
        assert_eq!(
            out,
            "# HELP h H\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"2.5\"} 3\n\
             h_bucket{le=\"+Inf\"} 4\nh_sum 12.5\nh_count 4\n"
        );
    }
}
