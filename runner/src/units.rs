//! Sizes that several rooms share: pages of the system and of wasm, and the stacks that guests run on.

/// Bytes of a MiB.
pub(crate) const MIB: usize = 1 << 20;

/// Bytes of a page.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Bytes of a wasm page.
const WASM_PAGE_BYTES: usize = 64 << 10;

/// Native stack that wasm may use, in bytes: address space, used only as deep as calls go. The guest stops recursion before
/// all of it is used, because that is a JavaScript error and its end is a trap; it counts on this much (`patches/` of the
/// guest).
pub(crate) const WASM_STACK_BYTES: usize = 21 << 20;

/// What host functions called from wasm may use beyond [`WASM_STACK_BYTES`], in bytes.
pub(crate) const HOST_STACK_BYTES: usize = 512 << 10;

/// Bytes of `pages` pages of wasm.
pub(crate) fn wasm_pages_bytes(pages: u64) -> usize {
    usize::try_from(pages).unwrap_or(usize::MAX).saturating_mul(WASM_PAGE_BYTES)
}
