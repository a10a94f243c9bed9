//! Pages of guest memory: which ones a guest wrote to, and what lies under them. The one place of the runner with
//! `unsafe` code.
//!
//! `PAGEMAP_SCAN` (Linux 6.7) lists pages by category. A linear memory is a private mapping of its initial image followed
//! by anonymous zeros, so a page that was ever written is anonymous memory: present or swapped out, neither of the file
//! nor the shared zero page. Pages that are not listed still are what the image says.

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, UserfaultfdFlags, mmap, userfaultfd};
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};

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

/// Pages in a file of memory that are put over those of an instance: until it is written to, such a page is of the file,
/// so that an application's difference to its engine is not copied, and not listed as written.
#[derive(Debug)]
pub(crate) struct Overlay {
    file: File,
    /// Where runs of pages go in memory, in the order of the file.
    runs: Vec<Range<usize>>,
}

impl Overlay {
    /// Pages for these runs, whose offsets are multiples of the page size, with what `contents` gives for each.
    pub(crate) fn new(runs: Vec<Range<usize>>, contents: impl Fn(&Range<usize>) -> Vec<u8>) -> io::Result<Self> {
        let descriptor = memfd_create("application", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let mut file = File::from(descriptor);
        for run in &runs {
            file.write_all(&contents(run))?;
        }
        fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok(Self { file, runs })
    }

    /// Put the pages over those of `memory`, which has to be mapped for good: nothing may take a part of the mapping for
    /// what it was. That is so for a linear memory of Wasmtime's on-demand allocator, which only ever unmaps all of it.
    pub(crate) fn put_over(&self, memory: &mut [u8]) -> io::Result<()> {
        let mut offset = 0;
        for run in &self.runs {
            let target = memory.get_mut(run.clone()).ok_or_else(|| io::Error::other("beyond the end of memory"))?;
            let flags = MapFlags::PRIVATE | MapFlags::FIXED;
            // SAFETY: the pages replaced are exactly those that `target` borrows mutably, so nobody else refers to them;
            // they stay readable, writable and private. The file is sealed, so its pages neither change nor vanish, and
            // the mapping keeps them when the file is closed.
            unsafe {
                let protection = ProtFlags::READ | ProtFlags::WRITE;
                mmap(target.as_mut_ptr().cast(), target.len(), protection, flags, &self.file, offset)?;
            }
            offset += run.len() as u64;
        }
        Ok(())
    }
}

/// Keeps the kernel from mapping the neighbours of a page of a file that is read. Every mapped page costs a scan some
/// 25 ns, so that with them a scan of an engine's image takes five times as long.
///
/// A mapping that is registered for write protection with `userfaultfd` is left alone so; nothing is ever protected, and
/// what the scan says does not depend on it. Where `userfaultfd` is not allowed, scans are slower, that is all.
#[derive(Debug)]
pub(crate) struct Sparse(OwnedFd);

/// `_IOWR(0xAA, 0x3F, struct uffdio_api)` and `_IOWR(0xAA, 0x00, struct uffdio_register)` of `linux/userfaultfd.h`.
const UFFDIO_API: libc::Ioctl = 0xC018_AA3F_u32 as libc::Ioctl;
const UFFDIO_REGISTER: libc::Ioctl = 0xC020_AA00_u32 as libc::Ioctl;

/// Allowed to everyone, unlike faults in the kernel.
const UFFD_USER_MODE_ONLY: UserfaultfdFlags = UserfaultfdFlags::from_bits_retain(1);

/// Version of the interface; `UFFD_FEATURE_WP_ASYNC` (Linux 6.7), which allows mappings of any file to be registered.
const UFFD_API: u64 = 0xAA;
const UFFD_FEATURE_WP_ASYNC: u64 = 1 << 15;
const UFFDIO_REGISTER_MODE_WP: u64 = 1 << 1;

impl Sparse {
    /// If the system allows it to this process.
    pub(crate) fn open() -> io::Result<Self> {
        // SAFETY: the descriptor is used for registering only; it is never read, and no page is protected, so no thread
        // ever waits for it.
        let descriptor = unsafe { userfaultfd(UserfaultfdFlags::CLOEXEC | UFFD_USER_MODE_ONLY)? };
        // `struct uffdio_api`: version, features, ioctls.
        let mut api = [UFFD_API, UFFD_FEATURE_WP_ASYNC, 0];
        // SAFETY: `api` is laid out as the kernel's structure and outlives the call.
        match unsafe { libc::ioctl(descriptor.as_raw_fd(), UFFDIO_API, api.as_mut_ptr()) } {
            0 => Ok(Self(descriptor)),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Of `memory`, which starts and ends on a page boundary, map only what is touched.
    pub(crate) fn apply(&self, memory: &mut [u8]) -> io::Result<()> {
        // `struct uffdio_register`: start, length, mode, ioctls.
        let mut register = [memory.as_mut_ptr() as u64, memory.len() as u64, UFFDIO_REGISTER_MODE_WP, 0];
        // SAFETY: `register` is laid out as the kernel's structure and outlives the call. Registering changes neither the
        // contents nor the protection of `memory`, and ends when it is unmapped.
        match unsafe { libc::ioctl(self.0.as_raw_fd(), UFFDIO_REGISTER, register.as_mut_ptr()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
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

    #[test]
    fn overlaid_pages_are_written_only_when_they_are_written_to() {
        let Ok(scanner) = Scanner::open() else {
            println!("skipped: this kernel does not offer PAGEMAP_SCAN");
            return;
        };
        let runs = vec![PAGE_BYTES..3 * PAGE_BYTES, 5 * PAGE_BYTES..6 * PAGE_BYTES];
        let overlay = Overlay::new(runs, |run| vec![(run.start / PAGE_BYTES) as u8; run.len()]).unwrap();
        // Never given back, as `put_over` asks.
        let (bytes, range) = untouched(8);
        let memory = &mut Box::leak(bytes.into_boxed_slice())[range];
        memory[5 * PAGE_BYTES] = 77;
        overlay.put_over(memory).unwrap();
        let firsts: Vec<u8> = memory.iter().step_by(PAGE_BYTES).copied().collect();
        assert_eq!(firsts, [0, 1, 1, 0, 0, 5, 0, 0]);
        memory[2 * PAGE_BYTES] = 9;
        let mut written = Vec::new();
        scanner.written_runs(memory, &mut written).unwrap();
        assert_eq!(written, [2 * PAGE_BYTES..3 * PAGE_BYTES]);
        let second = overlay.put_over(memory);
        assert!(second.is_ok() && memory[2 * PAGE_BYTES] == 1);
    }
}
