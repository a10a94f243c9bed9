//! A large difference: its pages are in one memory file, which every instance maps copy-on-write. An instance then costs what
//! it touches, not what its application has; and what no request writes is in memory once.

use super::base::Pristine;
use crate::units::PAGE_BYTES;
use anyhow::{Context, Result, ensure};
use engine_artifact::Delta;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::ffi::c_void;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::ptr;

/// Pages between two parts up to which they are one, at first: a page of the engine's image beside the application's costs
/// the process 4 KiB. What a JavaScript application with data has is in some hundred runs of pages.
const GAP_PAGES: usize = 2;

/// Parts, at most: each is a mapping of every instance, which takes 1.5 µs, and a process has some 65,000.
const PARTS_MAX: usize = 64;

/// The application's pages in a memory file.
#[derive(Debug)]
pub(super) struct Mapped {
    file: File,
    /// Parts of the instance's memory, ascending and apart; in the file they are one behind the other.
    parts: Vec<Part>,
    view: View,
}

#[derive(Debug, Clone)]
struct Part {
    memory: Range<usize>,
    /// Where it starts in the file.
    at: usize,
}

impl Mapped {
    /// # Errors
    /// The system gives no memory file, or no room for it.
    pub(super) fn new(pristine: &Pristine, delta: &Delta) -> Result<Self> {
        let mut bytes = 0;
        let part = |memory: Range<usize>| {
            let at = bytes;
            bytes += memory.len();
            Part { memory, at }
        };
        let parts: Vec<Part> = merged(delta).into_iter().map(part).collect();
        let mut file = File::from(memfd_create("application", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
        ftruncate(&file, bytes as u64)?;
        let mut page = [0; PAGE_BYTES];
        for start in parts.iter().flat_map(|part| part.memory.clone().step_by(PAGE_BYTES)) {
            let run = start..start + PAGE_BYTES;
            pristine.fill(&run, &mut page);
            delta.apply_within(&run, &mut page);
            file.write_all(&page).context("no memory for its image")?;
        }
        // From now on it is what it is: instances get copies of what they write to.
        fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let view = View::of(&file, bytes)?;
        Ok(Self { file, parts, view })
    }

    /// Mappings of every instance.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Bytes of memory that all instances share.
    pub(super) fn bytes(&self) -> usize {
        self.view.bytes
    }

    /// Make `part`, the memory in the range `run`, what it is in the image, as far as it is in this file; `pristine` is the rest.
    pub(super) fn fill(&self, pristine: &Pristine, run: &Range<usize>, part: &mut [u8]) {
        let first = self.parts.partition_point(|part| part.memory.end <= run.start);
        let mut at = run.start;
        for Part { memory, at: at_in_file } in &self.parts[first..] {
            if memory.start >= run.end {
                break;
            }
            let (start, end) = (memory.start.max(at), memory.end.min(run.end));
            if at < start {
                pristine.fill(&(at..start), &mut part[at - run.start..start - run.start]);
            }
            let from = at_in_file + start - memory.start;
            part[start - run.start..end - run.start].copy_from_slice(&self.view.bytes()[from..from + end - start]);
            at = end;
        }
        if at < run.end {
            pristine.fill(&(at..run.end), &mut part[at - run.start..]);
        }
    }

    /// Copy the parts into `memory`, which is the engine's.
    pub(super) fn copy_to(&self, memory: &mut [u8]) {
        for Part { memory: range, at } in &self.parts {
            memory[range.clone()].copy_from_slice(&self.view.bytes()[*at..at + range.len()]);
        }
    }

    /// Map the parts over `memory`, which is the engine's.
    ///
    /// # Safety
    /// `memory` is all of the linear memory of an instance that was made on demand, so that what is mapped there is unmapped
    /// with it and never used for another.
    pub(super) unsafe fn map_over(&self, memory: &mut [u8]) -> Result<()> {
        for Part { memory: range, at } in &self.parts {
            let target = memory.get_mut(range.clone()).context("it ends before its image")?;
            ensure!(target.as_ptr().addr().is_multiple_of(PAGE_BYTES), "it is not aligned");
            // SAFETY: the pages at `target` are all replaced, which nobody else refers to: it is borrowed mutably. They stay
            // readable and writable, private, and as long; the file is sealed, so all of its bytes exist for as long as it is mapped.
            unsafe {
                mmap(
                    target.as_mut_ptr().cast::<c_void>(),
                    target.len(),
                    ProtFlags::READ | ProtFlags::WRITE,
                    MapFlags::PRIVATE | MapFlags::FIXED,
                    &self.file,
                    *at as u64,
                )
            }
            .context("its image cannot be mapped")?;
        }
        Ok(())
    }
}

/// Pages that the difference touches, as ranges of addresses: joined where at most so many bytes are between them.
pub(super) fn page_runs(delta: &Delta, gap_bytes: usize) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for range in delta.ranges() {
        let start = range.start / PAGE_BYTES * PAGE_BYTES;
        let end = range.end.next_multiple_of(PAGE_BYTES);
        match runs.last_mut() {
            Some(last) if start <= last.end + gap_bytes => last.end = last.end.max(end),
            _ => runs.push(start..end),
        }
    }
    runs
}

/// [`page_runs`] with gaps so large that there are few.
fn merged(delta: &Delta) -> Vec<Range<usize>> {
    let mut gap_max = GAP_PAGES * PAGE_BYTES;
    loop {
        let parts = page_runs(delta, gap_max);
        if parts.len() <= PARTS_MAX {
            return parts;
        }
        gap_max *= 2;
    }
}

/// A file that nobody can change, as memory.
#[derive(Debug)]
struct View {
    start: *const u8,
    bytes: usize,
}

// SAFETY: it is memory that nobody writes to.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

impl View {
    fn of(file: &File, bytes: usize) -> Result<Self> {
        // SAFETY: a new mapping, where the kernel has room for it.
        let start = unsafe { mmap(ptr::null_mut(), bytes, ProtFlags::READ, MapFlags::PRIVATE, file, 0) }?;
        Ok(Self { start: start.cast(), bytes })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped and readable until this is dropped, and sealed: neither its bytes nor their number change.
        unsafe { std::slice::from_raw_parts(self.start, self.bytes) }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: it is this one's mapping, and nobody refers to it any more. If it fails, memory stays in use.
        let _ = unsafe { munmap(self.start.cast_mut().cast::<c_void>(), self.bytes) };
    }
}
