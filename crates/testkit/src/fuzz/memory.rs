//! How much memory this process has taken.

/// The most that the process ever had resident, in bytes (`VmHWM` in proc(5)); 0 where there is no `/proc`.
pub(super) fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: u64 =
        line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|n| n.parse().ok()).unwrap_or(0);
    kilobytes << 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_used_is_seen() {
        let before = peak();
        let used = vec![1u8; 64 << 20];
        assert_eq!(used.iter().map(|b| u64::from(*b)).sum::<u64>(), 64 << 20);
        assert!(peak() - before > 32 << 20);
    }
}
