//! What Linux says about processes.

use std::fs;
use std::time::Duration;

/// Ticks in a second of the times in `/proc` (`USER_HZ`): part of Linux's interface, 100 on every machine
/// that Rust and PostgreSQL run on.
const TICKS: u64 = 100;

/// One line of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// The parent's number.
    pub parent: i32,
    /// CPU time of the process, user and system.
    pub own: Duration,
    /// CPU time of its children that have ended and were waited for.
    pub children: Duration,
}

/// The line of a process; also of one that has ended and was not waited for.
pub fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Fields are counted behind the name, which may hold blanks and parentheses itself.
fn parse_stat(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let time = |a, b| Some(Duration::from_millis((ticks(a)? + ticks(b)?) * 1000 / TICKS));
    Some(Stat { parent: fields.get(1)?.parse().ok()?, own: time(11, 12)?, children: time(13, 14)? })
}

/// CPU time of a process, of those of its children that live, and of those that have ended. It never goes
/// backward.
pub fn tree_cpu(root: i32) -> Duration {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, stat(pid)?)))
        .filter(|(pid, stat)| *pid == root || stat.parent == root)
        .map(|(_, stat)| stat.own + stat.children)
        .sum()
}

/// The most memory that a living process has had resident so far, in KiB.
pub fn peak_kib(pid: i32) -> Option<u64> {
    parse_peak(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn parse_peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_whatever_the_name_is() {
        let rest = "S 7 1 1 0 -1 4194560 1 2 3 4 150 50 300 100 20 0 9 0 1 2 3";
        for name in ["psql", "a b", "x) y"] {
            let stat = parse_stat(&format!("42 ({name}) {rest}")).unwrap();
            assert_eq!(stat.parent, 7, "{name}");
            assert_eq!((stat.own, stat.children), (Duration::from_secs(2), Duration::from_secs(4)));
        }
        assert_eq!(parse_stat("42 (psql) S 7"), None);
    }

    #[test]
    fn the_peak_is_the_high_water_mark_and_not_the_present_size() {
        assert_eq!(parse_peak("VmPeak:\t 900 kB\nVmHWM:\t   123 kB\nVmRSS:\t 100 kB\n"), Some(123));
        assert_eq!(parse_peak("Name:\tzombie\n"), None);
    }

    #[test]
    fn our_own_process_is_there() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(stat(pid).is_some() && peak_kib(pid).unwrap() > 0);
        assert!(tree_cpu(pid) >= Duration::ZERO);
    }
}
