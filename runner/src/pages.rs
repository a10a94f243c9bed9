//! Which pages of a guest's memory were written to. The one place of the runner with `unsafe` code.
//!
//! `PAGEMAP_SCAN` (Linux 6.7) lists pages by category, in two ways, each for what it is fast at:
//!
//! - Part of a memory can be *tracked*: `userfaultfd` write-protects its pages, without anybody waiting for faults, and the
//!   kernel notes the first write to each. What is listed was written since. This asks nothing but one bit of every page.
//! - The rest is told from its mapping. A linear memory is a private mapping of its initial image followed by anonymous
//!   zeros, so a page that was ever written is anonymous memory: present or swapped out, neither of the file nor the shared
//!   zero page. That costs a look at every page that is mapped, so it is for parts that are mostly untouched.
//!
//! Pages that are not listed still are what they were.

use rustix::mm::{UserfaultfdFlags, userfaultfd};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};

/// Bytes of a page. The kernel's answers are in its own page size; other sizes are refused when the scanner is made.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Runs asked for at once: 24 bytes each, more than a request leaves behind.
const RUNS_AT_ONCE: usize = 256;

/// `_IOWR('f', 16, struct pm_scan_arg)` of `linux/fs.h`.
const PAGEMAP_SCAN: libc::Ioctl = 0xC060_6610_u32 as libc::Ioctl;

/// Category bits of `linux/fs.h`.
const PAGE_IS_WRITTEN: u64 = 1 << 1;
const PAGE_IS_FILE: u64 = 1 << 2;
const PAGE_IS_PRESENT: u64 = 1 << 3;
const PAGE_IS_SWAPPED: u64 = 1 << 4;
const PAGE_IS_PFNZERO: u64 = 1 << 5;

/// `struct pm_scan_arg`.
#[repr(C)]
#[derive(Default)]
struct ScanArgument {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

/// `struct page_region`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

/// `_IOWR(0xAA, …)` of `linux/userfaultfd.h`: `UFFDIO_API`, `UFFDIO_REGISTER`, `UFFDIO_WRITEPROTECT`.
const UFFDIO_API: libc::Ioctl = 0xC018_AA3F_u32 as libc::Ioctl;
const UFFDIO_REGISTER: libc::Ioctl = 0xC020_AA00_u32 as libc::Ioctl;
const UFFDIO_WRITEPROTECT: libc::Ioctl = 0xC018_AA06_u32 as libc::Ioctl;

/// Allowed to everyone, unlike waiting for faults in the kernel.
const UFFD_USER_MODE_ONLY: UserfaultfdFlags = UserfaultfdFlags::from_bits_retain(1);

/// Version of the interface; `UFFD_FEATURE_WP_ASYNC` (Linux 6.7): faults are resolved by the kernel, mappings of any file can
/// be registered, and pages that are not there yet are protected too.
const UFFD_API: u64 = 0xAA;
const UFFD_FEATURE_WP_ASYNC: u64 = 1 << 15;
const UFFDIO_REGISTER_MODE_WP: u64 = 1 << 1;
const UFFDIO_WRITEPROTECT_MODE_WP: u64 = 1 << 0;

/// What a scan lists: pages that have, with the bits of `inverted` turned, all of `mask` and one of `any`.
#[derive(Clone, Copy)]
struct Categories {
    inverted: u64,
    mask: u64,
    any: u64,
    /// Asking for no more than the mask allows the kernel's shortest way.
    returned: u64,
}

const TRACKED: Categories = Categories { inverted: 0, mask: PAGE_IS_WRITTEN, any: 0, returned: PAGE_IS_WRITTEN };

const ANONYMOUS: Categories = Categories {
    inverted: PAGE_IS_FILE | PAGE_IS_PFNZERO,
    mask: PAGE_IS_FILE | PAGE_IS_PFNZERO,
    any: PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
    returned: 0,
};

/// Lists written pages of this process.
#[derive(Debug)]
pub(crate) struct Scanner {
    pagemap: File,
    /// `None`: `userfaultfd` is not allowed; nothing can be tracked, and scans are slower.
    faults: Option<OwnedFd>,
}

impl Scanner {
    /// A scanner, if the kernel offers it to this process.
    pub(crate) fn open() -> io::Result<Self> {
        if rustix::param::page_size() != PAGE_BYTES {
            return Err(io::Error::other("the system's pages are not 4 KiB"));
        }
        let faults = open_faults();
        if let Err(error) = &faults {
            tracing::debug!(target: "runner", "scans are slower, userfaultfd is not allowed: {error}");
        }
        let scanner = Self { pagemap: File::open("/proc/self/pagemap")?, faults: faults.ok() };
        let page = vec![0u8; 2 * PAGE_BYTES];
        let aligned = page.as_ptr().align_offset(PAGE_BYTES);
        scanner.scan(&page[aligned..aligned + PAGE_BYTES], 0, ANONYMOUS, &mut Vec::new())?;
        Ok(scanner)
    }

    /// Track `part` of a memory from now on. The mapping has to be one that is unmapped as a whole and used by nobody else
    /// after, for what its next user could learn from a scan would be wrong. False if this system cannot.
    pub(crate) fn track(&self, part: &mut [u8]) -> bool {
        let Some(faults) = &self.faults else { return false };
        let (start, length) = (part.as_mut_ptr() as u64, part.len() as u64);
        // `struct uffdio_register`: start, length, mode, ioctls.
        let mut register = [start, length, UFFDIO_REGISTER_MODE_WP, 0];
        // `struct uffdio_writeprotect`: start, length, mode.
        let mut protect = [start, length, UFFDIO_WRITEPROTECT_MODE_WP];
        // SAFETY: both are laid out as the kernel's structures and outlive the calls. Neither changes the contents of
        // `part`, which is borrowed mutably, or how it can be accessed: the protection is lifted by the kernel itself at the
        // first write. It ends when `part` is unmapped.
        unsafe {
            libc::ioctl(faults.as_raw_fd(), UFFDIO_REGISTER, register.as_mut_ptr()) == 0
                && libc::ioctl(faults.as_raw_fd(), UFFDIO_WRITEPROTECT, protect.as_mut_ptr()) == 0
        }
    }

    /// List the written parts of `memory`, of which `tracked` is tracked, in `runs`: ascending offsets, multiples of the page
    /// size. `memory` and `tracked` start and end on page boundaries.
    pub(crate) fn written_runs(
        &self,
        memory: &[u8],
        tracked: &Range<usize>,
        runs: &mut Vec<Range<usize>>,
    ) -> io::Result<()> {
        runs.clear();
        self.scan(&memory[..tracked.start], 0, ANONYMOUS, runs)?;
        self.scan(&memory[tracked.clone()], tracked.start, TRACKED, runs)?;
        self.scan(&memory[tracked.end..], tracked.end, ANONYMOUS, runs)
    }

    /// Append the pages of `part`, which is at `offset`, that are of these categories.
    fn scan(&self, part: &[u8], offset: usize, categories: Categories, runs: &mut Vec<Range<usize>>) -> io::Result<()> {
        let base = part.as_ptr() as u64;
        let end = base + part.len() as u64;
        let mut regions = [Region::default(); RUNS_AT_ONCE];
        let mut start = base;
        while start < end {
            let mut argument = ScanArgument {
                size: size_of::<ScanArgument>() as u64,
                start,
                end,
                vec: regions.as_mut_ptr() as u64,
                vec_len: regions.len() as u64,
                category_inverted: categories.inverted,
                category_mask: categories.mask,
                category_anyof_mask: categories.any,
                return_mask: categories.returned,
                ..Default::default()
            };
            // SAFETY: PAGEMAP_SCAN without flags changes nothing in the range it walks, which `part` borrows. It writes to
            // `argument`, and at most `vec_len` regions to `vec`; both are laid out as the kernel's structures and outlive
            // the call.
            let found = unsafe { libc::ioctl(self.pagemap.as_raw_fd(), PAGEMAP_SCAN, &raw mut argument) };
            let Ok(found) = usize::try_from(found) else { return Err(io::Error::last_os_error()) };
            for region in &regions[..found.min(RUNS_AT_ONCE)] {
                let within = |address: u64| offset + (address.clamp(base, end) - base) as usize;
                let run = within(region.start)..within(region.end);
                match runs.last_mut() {
                    Some(last) if last.end == run.start => last.end = run.end,
                    _ => runs.push(run),
                }
            }
            if argument.walk_end <= start {
                return Err(io::Error::other("PAGEMAP_SCAN made no progress"));
            }
            start = argument.walk_end;
        }
        Ok(())
    }
}

fn open_faults() -> io::Result<OwnedFd> {
    // SAFETY: the descriptor is used for registering and protecting only. It is never read: with asynchronous protection
    // no thread ever waits for it.
    let descriptor = unsafe { userfaultfd(UserfaultfdFlags::CLOEXEC | UFFD_USER_MODE_ONLY)? };
    // `struct uffdio_api`: version, features, ioctls.
    let mut api = [UFFD_API, UFFD_FEATURE_WP_ASYNC, 0];
    // SAFETY: `api` is laid out as the kernel's structure and outlives the call.
    match unsafe { libc::ioctl(descriptor.as_raw_fd(), UFFDIO_API, api.as_mut_ptr()) } {
        0 => Ok(descriptor),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// Pages of zeros that nobody has touched, page-aligned, never given back.
    fn untouched(pages: usize) -> &'static mut [u8] {
        let bytes = vec![0u8; (pages + 1) * PAGE_BYTES].leak();
        let start = bytes.as_ptr().align_offset(PAGE_BYTES);
        &mut bytes[start..start + pages * PAGE_BYTES]
    }

    fn scanner() -> Option<Scanner> {
        Scanner::open().inspect_err(|error| println!("skipped: this kernel does not list pages: {error}")).ok()
    }

    fn pages(numbers: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
        numbers.map(|page| page * PAGE_BYTES..(page + 1) * PAGE_BYTES).collect()
    }

    #[test]
    fn lists_what_was_written_and_not_what_was_read() {
        let Some(scanner) = scanner() else { return };
        let memory = untouched(4096);
        memory[PAGE_BYTES * 7 + 5] = 1;
        memory[PAGE_BYTES * 8] = 1;
        memory[PAGE_BYTES * 4095 + 4095] = 1;
        std::hint::black_box(memory[PAGE_BYTES * 100]);
        let mut runs = Vec::new();
        scanner.written_runs(memory, &(0..0), &mut runs).unwrap();
        assert_eq!(runs, [PAGE_BYTES * 7..PAGE_BYTES * 9, PAGE_BYTES * 4095..PAGE_BYTES * 4096]);
    }

    #[test]
    fn more_runs_than_are_asked_for_at_once() {
        let Some(scanner) = scanner() else { return };
        let memory = untouched(3 * RUNS_AT_ONCE);
        for page in (0..3 * RUNS_AT_ONCE).step_by(2) {
            memory[page * PAGE_BYTES] = 1;
        }
        let mut runs = Vec::new();
        scanner.written_runs(memory, &(0..0), &mut runs).unwrap();
        assert_eq!(runs, pages((0..3 * RUNS_AT_ONCE).step_by(2)));
    }

    #[test]
    fn a_tracked_part_lists_what_was_written_since_by_whomever() {
        let Some(scanner) = scanner() else { return };
        let memory = untouched(64);
        memory[PAGE_BYTES * 20..PAGE_BYTES * 24].fill(1);
        let tracked = 16 * PAGE_BYTES..48 * PAGE_BYTES;
        if !scanner.track(&mut memory[tracked.clone()]) {
            println!("skipped: userfaultfd is not allowed");
            return;
        }
        let mut runs = Vec::new();
        scanner.written_runs(memory, &tracked, &mut runs).unwrap();
        assert_eq!(runs, []);
        // Read, written where it was written before, written for the first time, written by the kernel, outside.
        std::hint::black_box((memory[PAGE_BYTES * 20], memory[PAGE_BYTES * 30]));
        memory[PAGE_BYTES * 22] = 2;
        memory[PAGE_BYTES * 40] = 2;
        let at = PAGE_BYTES * 44;
        File::open("/dev/zero").unwrap().read_exact(&mut memory[at..at + 8]).unwrap();
        memory[PAGE_BYTES * 60] = 2;
        for _ in 0..2 {
            scanner.written_runs(memory, &tracked, &mut runs).unwrap();
            assert_eq!(runs, pages([22, 40, 44, 60].into_iter()));
        }
    }
}
