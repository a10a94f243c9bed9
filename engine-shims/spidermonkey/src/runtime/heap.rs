//! The C heap and stack in a snapshot: few holes, and nothing left over in what is free.

use ::std::cell::Cell;
use ::std::ptr;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn free(ptr: *mut u8);
}

/// A hole of at least this size may stay: allocations out of it are next to each other.
const LARGE_HOLE_BYTES: usize = 64 * 1024;
/// Free memory at the end of the heap is clean after a stretch of this size that is.
const CLEAN_STRETCH_BYTES: usize = 1024 * 1024;
/// What is left over of a large hole when it is filled with ever smaller blocks down to this size may stay as it is.
const CLEARED_MIN_BYTES: usize = 512;
/// So many blocks are enough to reach the end of a heap of any size that is seen before a snapshot.
const BLOCKS_MAX: usize = 4096;
/// A page of wasm memory.
const PAGE_BYTES: usize = 64 * 1024;
/// What the allocator adds to a block, in bytes.
const HEADER_BYTES: usize = 8;
/// The compiler may keep this much below the address of a local variable in use.
const FRAME_BYTES: usize = 1024;

/// Fill the small holes of the C heap, for good, and zero the large ones. Holes are all over it, and the allocator
/// prefers small ones: a request that allocates thirty blocks would write thirty pages. What is filled is never touched
/// again, so it costs nothing but its place in the shared image.
pub fn plug_holes() {
    clear_large_holes();
    let mut size = LARGE_HOLE_BYTES;
    while size > 16 {
        // In steps of an eighth: what is left of a hole afterwards is small beside it.
        size = (size - (size / 8).max(8)) & !7;
        plug_holes_of(size);
    }
}

/// Zero what is free, from the smallest hole that is large up to where the end of the heap was never used, and then what is
/// left over at the ends of the holes.
fn clear_large_holes() {
    let mut blocks = Vec::with_capacity(BLOCKS_MAX);
    let mut clean_bytes = 0;
    while clean_bytes < CLEAN_STRETCH_BYTES && blocks.len() < blocks.capacity() && has_room() {
        let block = Block::new(LARGE_HOLE_BYTES);
        clean_bytes = if block.clear() { clean_bytes + LARGE_HOLE_BYTES } else { 0 };
        blocks.push(block);
    }
    let end = blocks.iter().map(|block| block.start.addr()).max().unwrap_or(0);
    let mut size = LARGE_HOLE_BYTES / 2;
    while size >= CLEARED_MIN_BYTES && blocks.len() < blocks.capacity() {
        let block = Block::new(size);
        if (1..end).contains(&block.start.addr()) {
            block.clear();
            blocks.push(block);
        } else {
            release(vec![block]);
            size /= 2;
        }
    }
    release(blocks);
}

/// Whether the end of the heap is so far away that another large block cannot make it grow.
fn has_room() -> bool {
    let end = heap_end();
    // SAFETY: a plain allocation, given back at once.
    let next = unsafe {
        let probe = malloc(LARGE_HOLE_BYTES);
        free(probe);
        probe.addr()
    };
    next != 0 && next + 2 * LARGE_HOLE_BYTES < end
}

/// Allocate blocks of `size`, zeroed, until they come out of a large hole; give that last run back.
fn plug_holes_of(size: usize) {
    let mut run: Vec<Block> = Vec::with_capacity(LARGE_HOLE_BYTES / size + 1);
    while run.len() <= LARGE_HOLE_BYTES / size {
        let block = Block::new(size);
        if block.start.is_null() {
            break;
        }
        block.clear();
        if run.last().is_some_and(|last| !last.is_before(&block)) {
            run.clear();
        }
        run.push(block);
    }
    release(run);
}

/// Give blocks back. Where two were neighbours they are one piece of free memory now, and what the allocator had written
/// between them means nothing any more: zero it. Nor does the list itself.
fn release(mut blocks: Vec<Block>) {
    for block in &blocks {
        // SAFETY: allocated by the caller, freed once.
        unsafe { free(block.start) };
    }
    blocks.sort_unstable_by_key(|block| block.start);
    for pair in blocks.windows(2) {
        if pair[0].is_before(&pair[1]) {
            // SAFETY: inside a piece of free memory, behind the links at its beginning.
            unsafe { clear(pair[1].start.wrapping_sub(HEADER_BYTES), HEADER_BYTES) };
        }
    }
    let list_bytes = blocks.capacity() * size_of::<Block>();
    blocks.clear();
    // SAFETY: the vector's own buffer, which has no elements any more.
    unsafe { clear(blocks.as_mut_ptr().cast(), list_bytes) };
}

/// An allocation, which lives until it is released, or for good.
struct Block {
    start: *mut u8,
    len: usize,
}

impl Block {
    fn new(len: usize) -> Self {
        // SAFETY: a plain allocation.
        Self { start: unsafe { malloc(len) }, len }
    }

    /// Zero it; whether it was.
    fn clear(&self) -> bool {
        // SAFETY: the block has this size.
        unsafe { clear(self.start, self.len) }
    }

    /// Whether `next` is the neighbour behind it.
    fn is_before(&self, next: &Self) -> bool {
        next.start > self.start && next.start.addr() - self.start.addr() <= self.len + 2 * HEADER_BYTES
    }
}

/// Zero `len` bytes; whether they were. Clean pages are only read, so that they stay out of the image.
unsafe fn clear(start: *mut u8, len: usize) -> bool {
    let mut was_clean = true;
    for word in (0..len / 4).map(|index| start.cast::<u32>().wrapping_add(index)) {
        // SAFETY: within the caller's memory, which is aligned to 8.
        unsafe {
            if ptr::read_volatile(word) != 0 {
                was_clean = false;
                ptr::write_volatile(word, 0);
            }
        }
    }
    was_clean
}

unsafe extern "C" {
    /// Where the memory ends that the linker asked for.
    static __heap_end: u8;
}

thread_local! {
    /// End of the heap, 0 while it is where the linker put it.
    static BREAK: Cell<usize> = const { Cell::new(0) };
}

fn heap_end() -> usize {
    match BREAK.get() {
        0 => (&raw const __heap_end).addr(),
        end => end,
    }
}

/// The allocator's source of memory, in place of the C library's. There, the end of the heap is the end of memory, so that
/// memory to spare would be heap, with the allocator's marks at its far end: an image of 30 MB for 6 MB of data.
#[unsafe(no_mangle)]
extern "C" fn sbrk(increment: isize) -> *mut u8 {
    const FAILED: *mut u8 = ptr::without_provenance_mut(usize::MAX);
    let start = heap_end();
    let Some(end) = start.checked_add_signed(increment) else { return FAILED };
    let missing_pages = end.saturating_sub(memory_bytes()).div_ceil(PAGE_BYTES);
    if missing_pages > 0 && core::arch::wasm32::memory_grow(0, missing_pages) == usize::MAX {
        return FAILED;
    }
    BREAK.set(end);
    ptr::with_exposed_provenance_mut(start)
}

fn memory_bytes() -> usize {
    core::arch::wasm32::memory_size(0) * PAGE_BYTES
}

/// Have at least `len` bytes of memory behind the heap.
pub fn reserve(len: usize) {
    let missing_pages = (heap_end() + len).saturating_sub(memory_bytes()).div_ceil(PAGE_BYTES);
    // Less is no error: memory may still grow when it is needed.
    core::arch::wasm32::memory_grow(0, missing_pages);
}

/// Zero the part of the C stack that is not in use: it begins at address 0.
#[inline(never)]
pub fn clear_stack() {
    let marker = 0u32;
    let end = (ptr::from_ref(&marker).addr() - FRAME_BYTES) & !7;
    let mut piece_end = end;
    let mut clean_bytes = 0;
    // What was used is at the upper end. Address 0 is never reached, so that no null pointer is followed.
    while piece_end > LARGE_HOLE_BYTES && clean_bytes < CLEAN_STRETCH_BYTES {
        piece_end -= LARGE_HOLE_BYTES;
        // SAFETY: nothing below this frame is in use.
        let was_clean = unsafe { clear(ptr::with_exposed_provenance_mut(piece_end), LARGE_HOLE_BYTES) };
        clean_bytes = if was_clean { clean_bytes + LARGE_HOLE_BYTES } else { 0 };
    }
}
