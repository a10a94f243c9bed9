//! Wasmtime's configuration. What decides machine code is in `engine_code_cache::codegen_config`, shared with the build
//! tool; here is what decides how instances are made, every setting with its reason and unit.

use crate::limits::Limits;
use crate::units::{HOST_STACK_BYTES, WASM_STACK_BYTES};
use anyhow::{Context, Result};
use wasmtime::{Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

/// Function table entries a module may have. SpiderMonkey has some 10,000; 8 bytes of address space each.
const TABLE_ELEMENTS_MAX: usize = 100_000;

/// Bytes of a table kept resident in a slot: all of it, so that no request faults it in again.
const TABLE_KEEP_RESIDENT_BYTES: usize = TABLE_ELEMENTS_MAX * 8;

/// Bytes of linear memory kept resident in a slot: above what requests touch (some 100 pages), or each pays page faults.
const MEMORY_KEEP_RESIDENT_BYTES: usize = 8 << 20;

/// Bytes of fiber stack kept resident: what a request's calls touch.
const FIBER_KEEP_RESIDENT_BYTES: usize = 64 << 10;

/// Slots beyond those that run: pristine images.
const SPARE_SLOTS: usize = 64;

/// Linear memories and tables of one module. More than one is for modules that are not our engines.
const PER_MODULE_MAX: u32 = 4;

/// `keep`: instances are kept and brought back by us. Then they are made on demand, so that memory whose pages are
/// protected is unmapped with its instance; making one costs more, but is rare. Else every request makes and drops one, which
/// a pool of slots makes fast. `counts`: [`instructions`] are counted.
pub(crate) fn engine(limits: &Limits, keep: bool, counts: bool) -> Result<Engine> {
    let mut config = engine_code_cache::codegen_config();
    config.consume_fuel(counts);
    config.max_wasm_stack(WASM_STACK_BYTES);
    config.async_stack_size(WASM_STACK_BYTES + HOST_STACK_BYTES);
    // A fiber stack is only ever reused for wasm, which cannot read what it has not written.
    config.async_stack_zeroing(false);
    if keep {
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        return Engine::new(&config).map_err(anyhow::Error::from);
    }
    let slots = slots(limits);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
    Engine::new(&config).map_err(anyhow::Error::from).with_context(|| {
        format!("cannot reserve address space for {slots} instances; lower --max-instances or raise `ulimit -v`")
    })
}

/// Have a store count instructions, if its engine does: each takes one of all the fuel that there can be.
pub(crate) fn count_instructions<T>(store: &mut Store<T>) {
    // An error says that the engine does not count.
    let _ = store.set_fuel(u64::MAX);
}

/// Wasm instructions that were run since [`count_instructions`], if the engine counts them.
pub(crate) fn instructions<T>(store: &Store<T>) -> Option<u64> {
    store.get_fuel().ok().map(|left| u64::MAX - left)
}

fn slots(limits: &Limits) -> u32 {
    u32::try_from(limits.instances + SPARE_SLOTS).unwrap_or(u32::MAX)
}

fn pool(slots: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(slots)
        .total_memories(slots)
        .total_tables(slots)
        .total_stacks(slots)
        .total_gc_heaps(slots);
    pool.max_memories_per_module(PER_MODULE_MAX).max_tables_per_module(PER_MODULE_MAX);
    pool.table_elements(TABLE_ELEMENTS_MAX).table_keep_resident(TABLE_KEEP_RESIDENT_BYTES);
    pool.linear_memory_keep_resident(MEMORY_KEEP_RESIDENT_BYTES);
    pool.async_stack_keep_resident(FIBER_KEEP_RESIDENT_BYTES);
    pool.pagemap_scan(if swap_is_on() { Enabled::No } else { Enabled::Auto });
    pool
}

/// Whether the system may swap. Wasmtime 48's scan takes a page that was swapped out for one that was never written, and
/// would leave it to the next instance.
fn swap_is_on() -> bool {
    // One heading, then a line for each swap area. Unreadable: assume the worse.
    std::fs::read_to_string("/proc/swaps").map_or(true, |swaps| swaps.lines().count() > 1)
}
