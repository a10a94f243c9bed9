//! How much memory the system has left for this process.

use std::fs;

/// Part of all memory below which what is left is little.
const LITTLE: u64 = 16;

/// Folder of the control group as a container sees its own.
const CONTROL_GROUP: &str = "/sys/fs/cgroup";

/// Bytes of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) total: u64,
    /// That can be had without swapping.
    pub(crate) available: u64,
}

impl Memory {
    /// The system's, or the control group's if that has less left. `None` if the system does not say.
    pub(crate) fn now() -> Option<Self> {
        let system = fs::read_to_string("/proc/meminfo").ok().and_then(|text| Self::of_system(&text));
        let group = |name: &str| fs::read_to_string(format!("{CONTROL_GROUP}/{name}")).ok();
        let files = (group("memory.max"), group("memory.current"), group("memory.stat"));
        let group = match files {
            (Some(max), Some(current), Some(stat)) => Self::of_group(&max, &current, &stat),
            _ => None,
        };
        [system, group].into_iter().flatten().min_by_key(|memory| memory.available)
    }

    /// So many eighths of the bytes that this process can have now; all addresses if the system does not say.
    pub(crate) fn eighths_of_available(eighths: u64) -> usize {
        Self::now().map_or(usize::MAX, |memory| usize::try_from(memory.available / 8 * eighths).unwrap_or(usize::MAX))
    }

    /// Whether what is left is little.
    pub(crate) fn is_short(self) -> bool {
        self.available < self.total / LITTLE
    }

    /// `/proc/meminfo`.
    fn of_system(text: &str) -> Option<Self> {
        let kib = |name: &str| -> Option<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix("kB")?.trim().parse().ok()
        };
        Some(Self { total: kib("MemTotal:")? << 10, available: kib("MemAvailable:")? << 10 })
    }

    /// `memory.max`, which may be `max`, `memory.current` and `memory.stat`: pages of files count as used, and can be had.
    fn of_group(max: &str, current: &str, stat: &str) -> Option<Self> {
        let total: u64 = max.trim().parse().ok()?;
        let current: u64 = current.trim().parse().ok()?;
        let part = |name: &str| -> u64 {
            let value = stat.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        let files = part("active_file") + part("inactive_file");
        Some(Self { total, available: total.saturating_sub(current.saturating_sub(files)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says() {
        let memory = Memory::of_system("MemTotal:       16000 kB\nMemFree:  1 kB\nMemAvailable:    1000 kB\n").unwrap();
        assert_eq!(memory, Memory { total: 16000 << 10, available: 1000 << 10 });
        assert!(!memory.is_short());
        assert!(Memory { available: (1000 << 10) - 1, ..memory }.is_short());
        assert_eq!(Memory::of_system("MemTotal: 1 kB"), None);
        let stat = "anon 3\nfile 12\nactive_file 4\ninactive_file 6\n";
        assert_eq!(Memory::of_group("max\n", "5\n", stat), None);
        assert_eq!(Memory::of_group("100\n", "99\n", stat), Some(Memory { total: 100, available: 11 }));
        assert_eq!(Memory::of_group("100\n", "99\n", ""), Some(Memory { total: 100, available: 1 }));
        assert!(Memory::now().is_some());
    }
}
