//! Threads that parse and print: with stacks that a deeply nested source does not exhaust.

use super::nesting;
use std::io;
use std::sync::OnceLock;

/// Stack of a thread that parses or prints, in bytes: what nesting at the limit takes many times over. Memory is only
/// used where the stack has been.
const STACK_BYTES: usize = 1 << 30;

/// Run a future to its end, with the threads it may use.
///
/// # Errors
/// The system allows no more threads.
pub(super) fn run<T: Send>(future: impl Future<Output = T> + Send) -> io::Result<T> {
    // Before rolldown starts rayon's threads with small stacks.
    rayon_has_deep_stacks();
    std::thread::scope(|scope| {
        let main = std::thread::Builder::new().name("bundler".to_owned()).stack_size(STACK_BYTES);
        let thread = main.spawn_scoped(scope, || {
            let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).build()?;
            Ok(runtime.block_on(future))
        })?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// How deeply brackets may nest in a source.
pub(super) fn nesting_max() -> usize {
    if rayon_has_deep_stacks() { nesting::MAX } else { nesting::MAX_ON_SMALL_STACKS }
}

/// Whether rayon's threads, on which rolldown prints, have our stacks: only if nothing in this process used them before.
fn rayon_has_deep_stacks() -> bool {
    static DEEP: OnceLock<bool> = OnceLock::new();
    *DEEP.get_or_init(|| rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build_global().is_ok())
}
