//! Which pages of a memory a guest may have changed: the one place of the runner that speaks to the kernel directly.
//!
//! `PAGEMAP_SCAN` (Linux 6.7) lists pages by category. A linear memory is a private mapping of its initial image followed
//! by anonymous zeros, so a page that was ever written is anonymous memory: present or swapped out, neither of the file
//! nor the shared zero page. Pages that are not listed still are what the image says.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;

/// Bytes of a page. The kernel's answers are in its own page size; other sizes are refused when the scanner is made.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Runs asked for at once: 24 bytes each, more than a request leaves behind.
const RUNS_AT_ONCE: usize = 256;

/// `_IOWR('f', 16, struct pm_scan_arg)` of `linux/fs.h`.
const PAGEMAP_SCAN: libc::Ioctl = 0xC060_6610_u32 as libc::Ioctl;

/// Category bits of `linux/fs.h`.
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

/// Lists written pages of this process.
#[derive(Debug)]
pub(crate) struct Scanner(File);

impl Scanner {
    /// A scanner, if the kernel offers it to this process.
    pub(crate) fn open() -> io::Result<Self> {
        if rustix::param::page_size() != PAGE_BYTES {
            return Err(io::Error::other("the system's pages are not 4 KiB"));
        }
        let scanner = Self(File::open("/proc/self/pagemap")?);
        let page = vec![0u8; 2 * PAGE_BYTES];
        let aligned = page.as_ptr().align_offset(PAGE_BYTES);
        scanner.written_runs(&page[aligned..aligned + PAGE_BYTES], &mut Vec::new())?;
        Ok(scanner)
    }

    /// Append the written parts of `memory` to `runs`, as ascending offsets that are multiples of the page size.
    /// `memory` starts and ends on a page boundary.
    pub(crate) fn written_runs(&self, memory: &[u8], runs: &mut Vec<Range<usize>>) -> io::Result<()> {
        let base = memory.as_ptr() as u64;
        let end = base + memory.len() as u64;
        let mut regions = [Region::default(); RUNS_AT_ONCE];
        let mut start = base;
        while start < end {
            let mut argument = ScanArgument {
                size: size_of::<ScanArgument>() as u64,
                start,
                end,
                vec: regions.as_mut_ptr() as u64,
                vec_len: regions.len() as u64,
                category_inverted: PAGE_IS_FILE | PAGE_IS_PFNZERO,
                category_mask: PAGE_IS_FILE | PAGE_IS_PFNZERO,
                category_anyof_mask: PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
                ..Default::default()
            };
            // SAFETY: PAGEMAP_SCAN without flags changes nothing in the range it walks, which `memory` borrows. It
            // writes to `argument`, and at most `vec_len` regions to `vec`; both are laid out as the kernel's structures
            // and outlive the call.
            let found = unsafe { libc::ioctl(self.0.as_raw_fd(), PAGEMAP_SCAN, &raw mut argument) };
            let Ok(found) = usize::try_from(found) else { return Err(io::Error::last_os_error()) };
            for region in &regions[..found.min(RUNS_AT_ONCE)] {
                let run = (region.start.max(base) - base) as usize..(region.end.min(end) - base) as usize;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages of zeros that nobody has touched, page-aligned.
    fn untouched(pages: usize) -> (Vec<u8>, Range<usize>) {
        let bytes = vec![0u8; (pages + 1) * PAGE_BYTES];
        let start = bytes.as_ptr().align_offset(PAGE_BYTES);
        (bytes, start..start + pages * PAGE_BYTES)
    }

    #[test]
    fn lists_what_was_written_and_not_what_was_read() {
        let Ok(scanner) = Scanner::open() else {
            println!("skipped: this kernel does not offer PAGEMAP_SCAN");
            return;
        };
        let (mut bytes, range) = untouched(4096);
        let memory = &mut bytes[range];
        memory[PAGE_BYTES * 7 + 5] = 1;
        memory[PAGE_BYTES * 8] = 1;
        memory[PAGE_BYTES * 4095 + 4095] = 1;
        std::hint::black_box(memory[PAGE_BYTES * 100]);
        let mut runs = Vec::new();
        scanner.written_runs(memory, &mut runs).unwrap();
        assert_eq!(runs, [PAGE_BYTES * 7..PAGE_BYTES * 9, PAGE_BYTES * 4095..PAGE_BYTES * 4096]);
    }

    #[test]
    fn more_runs_than_are_asked_for_at_once() {
        let Ok(scanner) = Scanner::open() else {
            println!("skipped: this kernel does not offer PAGEMAP_SCAN");
            return;
        };
        let (mut bytes, range) = untouched(3 * RUNS_AT_ONCE);
        let memory = &mut bytes[range];
        for page in (0..3 * RUNS_AT_ONCE).step_by(2) {
            memory[page * PAGE_BYTES] = 1;
        }
        let mut runs = Vec::new();
        scanner.written_runs(memory, &mut runs).unwrap();
        let expected: Vec<_> =
            (0..3 * RUNS_AT_ONCE).step_by(2).map(|page| page * PAGE_BYTES..(page + 1) * PAGE_BYTES).collect();
        assert_eq!(runs, expected);
    }
}
