//! Which pages of a guest's memory were written to. With `mapped`, the one place of the runner with `unsafe` code.
//!
//! The memory of an instance that is to be brought back is write-protected. The first write to a page faults; Wasmtime's
//! signal handler asks the one of the store that is running, which is ours: it notes the page, lifts the protection, and the
//! write happens. From then on the page costs nothing, and is restored after every request. Requests of an application
//! write to the same pages time and again, so after the first few there are no faults, and what has to be restored is known
//! without asking the kernel. (Asked with `PAGEMAP_SCAN`, it takes 11 µs to look through the 17 MB of an engine.)
//!
//! Pages that are not noted still are what they were.

use super::splits::{EIGHTHS, Splits};
use crate::units::PAGE_BYTES;
use rustix::mm::{MprotectFlags, mprotect};
use std::ffi::c_void;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use wasmtime::unix::StoreExt;
use wasmtime::{Memory, Store};

/// Whether written pages can be noted on this system.
pub(crate) fn can_be_watched() -> bool {
    rustix::param::page_size() == PAGE_BYTES
}

/// How many pages are made writable at once: up to the fault of this number of an instance, so many. Protecting part of a
/// mapping splits it, and the kernel bounds the mappings of a process; a guest that writes to many places has larger parts
/// made writable, of which more than it wrote to has to be restored. Of 17 applications with npm packages, unwarmed, those
/// with the most places wrote to some 1,100; the last step reaches 64 thousand pages further, which is all of the memory that an
/// instance gets by default.
const STEPS: [(usize, usize); 5] = [(5120, 1), (6144, 4), (6656, 16), (7168, 64), (FAULTS_MAX, 256)];

/// Faults of one instance after which all of its memory is made writable: it is not worth bringing back.
const FAULTS_MAX: usize = 7424;

/// How many pages at least are made writable at once when this share of the splits that the process may have is taken, in
/// eighths: when there are many instances with many places, each has larger parts, before one has none.
const SCARCE_STEPS: [(usize, usize); 3] = [(4, 4), (6, 16), (7, 64)];

/// The pages of a memory that were written to since it was protected.
#[derive(Debug)]
pub(crate) struct WrittenPages {
    notes: Arc<Notes>,
    /// What was noted up to the fault of this number.
    runs: Vec<Range<usize>>,
    faults: usize,
}

/// What the signal handler works with: nothing here is allocated or locked.
#[derive(Debug)]
struct Notes {
    start: usize,
    bytes: usize,
    /// A bit for each page that is writable.
    writable: Box<[AtomicU64]>,
    /// As many as parts were made writable.
    splits: Splits,
    /// Whether everything was made writable, so that the written pages are unknown.
    all_writable: AtomicBool,
}

impl WrittenPages {
    /// Watch `memory`, the only one that the guest of `store` writes to, from now on.
    ///
    /// # Safety
    /// The result is not used after `store` was dropped, whose mapping is then unmapped as a whole: parts of it stay protected.
    /// Who else than the guest writes to the memory calls [`WrittenPages::before_write`] first.
    pub(crate) unsafe fn watch<T>(store: &mut Store<T>, memory: &Memory) -> io::Result<Self> {
        // Here, not in a signal handler.
        Splits::prepare();
        let notes = Arc::new(Notes::new(memory.data(&*store)));
        notes.protect()?;
        let handler = notes.clone();
        // SAFETY: the handler does what is safe in a signal handler, see `Notes::on_fault`, and the kernel passes it a valid
        // description of the signal.
        unsafe {
            store.set_signal_handler(move |signal, info, _| {
                let (code, address) = ((*info).si_code, (*info).si_addr());
                signal == libc::SIGSEGV && code == SEGV_ACCERR && handler.on_fault(address.addr())
            });
        }
        Ok(Self { notes, runs: Vec::new(), faults: 0 })
    }

    /// Prepare for a write to `range` while the guest does not run, when nobody handles faults.
    pub(crate) fn before_write(&self, range: Range<usize>) {
        let end = range.end.min(self.notes.bytes).div_ceil(PAGE_BYTES);
        let mut page = range.start / PAGE_BYTES;
        while page < end {
            let first = page;
            while page < end && !self.notes.is_writable(page) {
                page += 1;
            }
            if first < page {
                self.notes.make_writable(first..page);
            }
            page += 1;
        }
    }

    /// Protect all of the memory again, whose contents now count as unchanged. False: it cannot be protected.
    pub(crate) fn watch_anew(&mut self) -> bool {
        let notes = &self.notes;
        if notes.all_writable.load(Relaxed) || notes.protect().is_err() {
            return false;
        }
        notes.writable.iter().for_each(|bits| bits.store(0, Relaxed));
        notes.splits.give_back();
        self.faults = 0;
        self.runs.clear();
        true
    }

    /// The parts that were written to, ascending and apart, as offsets; multiples of the page size. `None`: too many.
    pub(crate) fn runs(&mut self) -> Option<&[Range<usize>]> {
        let notes = &self.notes;
        if notes.all_writable.load(Relaxed) {
            return None;
        }
        let faults = notes.splits.count();
        if faults != self.faults {
            self.faults = faults;
            self.runs.clear();
            for page in notes.writable_pages() {
                let (start, end) = (page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
                match self.runs.last_mut() {
                    Some(run) if run.end == start => run.end = end,
                    _ => self.runs.push(start..end),
                }
            }
        }
        Some(&self.runs)
    }
}

/// `si_code` of a fault by protection (`asm-generic/siginfo.h`).
const SEGV_ACCERR: libc::c_int = 2;

impl Notes {
    fn new(memory: &[u8]) -> Self {
        let pages = memory.len() / PAGE_BYTES;
        Self {
            start: memory.as_ptr().addr(),
            bytes: pages * PAGE_BYTES,
            writable: (0..pages.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            splits: Splits::default(),
            all_writable: AtomicBool::new(false),
        }
    }

    fn protect(&self) -> io::Result<()> {
        self.set_access(0, self.bytes / PAGE_BYTES, MprotectFlags::READ)
    }

    fn set_access(&self, page: usize, pages: usize, access: MprotectFlags) -> io::Result<()> {
        let (start, bytes) = (self.start + page * PAGE_BYTES, pages * PAGE_BYTES);
        // SAFETY: the range is within the memory (see the callers), which was readable and writable when it was watched and
        // is mapped for as long as its store lives, and nobody uses this after that. Only how it can be accessed changes, and
        // never to less than what the next access gets: a write to what is protected comes to `on_fault`, or was announced
        // by `before_write`.
        unsafe { mprotect(std::ptr::with_exposed_provenance_mut::<c_void>(start), bytes, access) }
            .map_err(io::Error::from)
    }

    /// Called in a signal handler, on the thread that runs the guest: nothing but atomics and system calls. False if the
    /// fault is not about a protected page.
    fn on_fault(&self, address: usize) -> bool {
        match address.checked_sub(self.start) {
            Some(offset) if offset < self.bytes => {
                let page = offset / PAGE_BYTES;
                !self.is_writable(page) && self.make_writable(page..page + 1)
            }
            _ => false,
        }
    }

    /// Make pages writable of which none is. False if they cannot be made so.
    fn make_writable(&self, pages: Range<usize>) -> bool {
        let (fault, taken) = (self.splits.count(), Splits::eighths_taken());
        let part = self.part(pages, fault, taken);
        if fault == FAULTS_MAX
            || taken >= EIGHTHS
            || self.set_access(part.start, part.len(), MprotectFlags::READ | MprotectFlags::WRITE).is_err()
        {
            return self.make_all_writable();
        }
        for page in part.clone() {
            self.writable[page / 64].fetch_or(1 << (page % 64), Relaxed);
        }
        self.splits.take(1);
        true
    }

    /// What is made writable for a write to `pages`, when so many eighths of the process's splits are taken.
    fn part(&self, pages: Range<usize>, fault: usize, taken: usize) -> Range<usize> {
        let step = STEPS.iter().find(|(faults, _)| fault < *faults).map_or(1, |(_, pages)| *pages);
        let scarce = SCARCE_STEPS.iter().rev().find(|(from, _)| taken >= *from).map_or(1, |(_, pages)| *pages);
        let step = step.max(scarce);
        let (start, end) = (pages.start / step * step, pages.end.div_ceil(step) * step);
        start..end.min(self.bytes / PAGE_BYTES)
    }

    fn is_writable(&self, page: usize) -> bool {
        self.all_writable.load(Relaxed) || self.writable[page / 64].load(Relaxed) >> (page % 64) & 1 != 0
    }

    /// In order.
    fn writable_pages(&self) -> impl Iterator<Item = usize> {
        self.writable.iter().enumerate().flat_map(|(index, bits)| {
            let mut bits = bits.load(Relaxed);
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(index * 64 + bit)
            })
        })
    }

    fn make_all_writable(&self) -> bool {
        let access = MprotectFlags::READ | MprotectFlags::WRITE;
        let done = self.set_access(0, self.bytes / PAGE_BYTES, access).is_ok();
        self.all_writable.store(true, Relaxed);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Caller, Engine, Extern, Instance, Linker, Module, TypedFunc};

    /// A guest with 64 wasm pages, of which it writes the first byte of `count` pages of 4 KiB, each `step` after the last; or
    /// has the host do so.
    const GUEST: &str = r#"(module
        (import "" "write" (func $host (param i32)))
        (memory (export "memory") 64)
        (data (i32.const 0x5000) "data")
        (func (export "write") (param $at i32) (param $step i32) (param $count i32)
            (loop $again
                (i32.store8 (local.get $at) (i32.const 1))
                (local.set $at (i32.add (local.get $at) (local.get $step)))
                (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
        (func (export "read") (param $at i32) (drop (i32.load (local.get $at))))
        (func (export "fill") (param $at i32) (param $len i32) (memory.fill (local.get $at) (i32.const 1) (local.get $len)))
        (func (export "host") (param $at i32) (call $host (local.get $at))))"#;

    struct Guest {
        store: Store<()>,
        instance: Instance,
        memory: Memory,
        written: WrittenPages,
    }

    impl Guest {
        fn new() -> Self {
            let engine = Engine::default();
            let module = Module::new(&engine, wat::parse_str(GUEST).unwrap()).unwrap();
            let mut linker = Linker::new(&engine);
            let write = |mut caller: Caller<'_, ()>, at: i32| {
                let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
                memory.write(caller, at as usize, b"written by the host").unwrap();
            };
            linker.func_wrap("", "write", write).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let memory = instance.get_memory(&mut store, "memory").unwrap();
            // SAFETY: both are dropped together, and memories are allocated on demand.
            let written = unsafe { WrittenPages::watch(&mut store, &memory) }.unwrap();
            Self { store, instance, memory, written }
        }

        fn function<P: wasmtime::WasmParams>(&mut self, name: &str) -> TypedFunc<P, ()> {
            self.instance.get_typed_func(&mut self.store, name).unwrap()
        }

        fn write(&mut self, at: usize, step: usize, count: usize) {
            let function = self.function::<(i32, i32, i32)>("write");
            function.call(&mut self.store, (at as i32, step as i32, count as i32)).unwrap();
        }

        /// First pages of the written parts, and those after the last.
        fn pages(&mut self) -> Option<Vec<(usize, usize)>> {
            let pages = |run: &Range<usize>| (run.start / PAGE_BYTES, run.end / PAGE_BYTES);
            self.written.runs().map(|runs| runs.iter().map(pages).collect())
        }
    }

    #[test]
    fn notes_what_was_written_and_not_what_was_read() {
        let mut guest = Guest::new();
        assert_eq!(guest.pages().unwrap(), []);
        guest.write(PAGE_BYTES * 9 + 5, 1, 1);
        guest.write(PAGE_BYTES * 7, PAGE_BYTES, 2);
        guest.write((64 << 16) - 1, 1, 1);
        guest.function::<i32>("read").call(&mut guest.store, 5 * PAGE_BYTES as i32).unwrap();
        assert_eq!(guest.pages().unwrap(), [(7, 10), (1023, 1024)]);
        let data = guest.memory.data(&guest.store);
        assert_eq!((data[PAGE_BYTES * 9 + 5], &data[0x5000..0x5004]), (1, &b"data"[..]));
    }

    #[test]
    fn notes_what_others_write() {
        let mut guest = Guest::new();
        let at = PAGE_BYTES * 5 - 3;
        guest.function::<i32>("host").call(&mut guest.store, at as i32).unwrap();
        guest.function::<(i32, i32)>("fill").call(&mut guest.store, (0x8fff, 0x1002)).unwrap();
        guest.written.before_write(0x40fff..0x41001);
        guest.memory.write(&mut guest.store, 0x40fff, b"ab").unwrap();
        guest.written.before_write(usize::MAX - 1..usize::MAX);
        assert_eq!(guest.pages().unwrap(), [(4, 6), (8, 11), (64, 66)]);
        assert!(guest.memory.data(&guest.store)[at..].starts_with(b"written by the host"));
    }

    #[test]
    fn notes_can_be_forgotten() {
        let mut guest = Guest::new();
        guest.written.before_write(PAGE_BYTES * 3..PAGE_BYTES * 6);
        guest.write(PAGE_BYTES * 9, PAGE_BYTES * 2, 3);
        assert_eq!(guest.pages().unwrap(), [(3, 6), (9, 10), (11, 12), (13, 14)]);
        assert!(guest.written.watch_anew());
        assert_eq!(guest.pages().unwrap(), []);
        guest.write(PAGE_BYTES * 9, PAGE_BYTES * 2, 1);
        guest.written.before_write(PAGE_BYTES * 8..PAGE_BYTES * 11);
        assert_eq!(guest.pages().unwrap(), [(8, 11)]);
        assert_eq!(guest.written.notes.splits.count(), 3, "what is writable already is noted once");
        assert!(guest.written.watch_anew());
        // As many as before: what was read of the notes then does not count.
        guest.write(PAGE_BYTES * 20, PAGE_BYTES * 2, 3);
        assert_eq!(guest.pages().unwrap(), [(20, 21), (22, 23), (24, 25)]);
    }

    #[test]
    fn many_writes_are_noted_in_larger_parts() {
        let mut guest = Guest::new();
        let steps = STEPS.map(|(faults, pages)| (faults, pages));
        for (index, (faults, pages)) in steps.into_iter().enumerate() {
            // As if it had written to so many other places before.
            let before = index.checked_sub(1).map_or(0, |index| steps[index].0);
            for fault in [before, faults - 1] {
                let part = guest.written.notes.part(700..701, fault, 0);
                assert_eq!(part, 700 / pages * pages..(700 / pages + 1) * pages, "fault {fault}");
            }
        }
        let single = steps[0].0;
        guest.written.notes.splits.take(single - 2);
        guest.write(0, 2 * PAGE_BYTES, 2);
        assert_eq!(guest.pages().unwrap(), [(0, 1), (2, 3)]);
        guest.write(800 * PAGE_BYTES, PAGE_BYTES, 7);
        assert_eq!(guest.pages().unwrap()[2..], [(800, 808)]);
    }

    #[test]
    fn parts_are_larger_when_mappings_are_scarce() {
        let guest = Guest::new();
        let pages = |fault, taken| guest.written.notes.part(0..1, fault, taken).len();
        assert_eq!([0, 3, 4, 5, 6, 7, 8].map(|taken| pages(0, taken)), [1, 1, 4, 4, 16, 64, 64]);
        assert_eq!(pages(FAULTS_MAX - 1, 4), 256);
    }

    #[test]
    fn the_steps_reach_all_of_an_instances_memory() {
        let default_pages = crate::limits::Limits::default().memory_bytes / PAGE_BYTES;
        let [.., (before, _), (last, pages)] = STEPS;
        assert!((last - before) * pages >= default_pages);
    }

    #[test]
    fn too_many_writes_are_not_told_apart() {
        let mut guest = Guest::new();
        // As if it had written to that many places before.
        guest.written.notes.splits.take(FAULTS_MAX - 1);
        guest.write(0, 1, 1);
        assert!(guest.pages().is_some());
        guest.write(0, PAGE_BYTES, 1024);
        assert_eq!(guest.pages(), None);
        guest.write(0, PAGE_BYTES, 1024);
    }

    #[test]
    fn accesses_outside_of_memory_still_trap() {
        let mut guest = Guest::new();
        let read = guest.function::<i32>("read");
        for at in [64 << 16, -4] {
            let error = read.call(&mut guest.store, at).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::MemoryOutOfBounds));
        }
        let write = guest.function::<(i32, i32, i32)>("write");
        let error = write.call(&mut guest.store, ((64 << 16) - 1, 1, 2)).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::MemoryOutOfBounds));
        assert_eq!(guest.pages().unwrap(), [(1023, 1024)]);
    }
}
