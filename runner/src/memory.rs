//! Memory that guests make the host use: a budget of all of them together, and a share of it for each.

use bytes::Bytes;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wasmtime::ResourceLimiter;

/// How much of what is left an application may have. Alone it comes to three quarters of the budget; however many take what
/// they can get, something is left for one more.
const TIMES_OF_FREE: usize = 3;

/// Bytes that the host holds for an instance that has used up its share: it can still say so.
const LAST_WORDS_BYTES: usize = 64 << 10;

/// Bytes of an element of a table: a pointer.
const TABLE_ELEMENT_BYTES: usize = size_of::<usize>();

/// What all guests of a host may use together. Pages of an application's image that a guest writes to are not in it: they are
/// as many as there are instances, at most.
#[derive(Debug)]
pub(crate) struct Budget {
    max_bytes: usize,
    used: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(max_bytes: usize) -> Arc<Self> {
        Arc::new(Self { max_bytes, used: AtomicUsize::new(0) })
    }

    /// Whether so many bytes more were there for an application that has `of_application`, and may have so many `beyond` its part;
    /// they are taken now.
    fn take(&self, of_application: usize, bytes: usize, beyond: usize) -> bool {
        let fits = |used: usize| {
            let used = used.checked_add(bytes)?;
            let free = self.max_bytes.checked_sub(used)?;
            let allowed = free.saturating_mul(TIMES_OF_FREE).saturating_add(beyond);
            (of_application.saturating_add(bytes) <= allowed).then_some(used)
        };
        self.used.fetch_update(Relaxed, Relaxed, fits).is_ok()
    }
}

/// A part of a budget, given back when dropped.
#[derive(Debug, Default)]
struct Taken {
    budget: Option<Arc<Budget>>,
    /// Bytes that the application has of it.
    of_application: Arc<AtomicUsize>,
    bytes: usize,
}

impl Taken {
    fn more(&mut self, bytes: usize, beyond: usize) -> bool {
        let of_application = self.of_application.load(Relaxed);
        let has_more = self.budget.as_ref().is_some_and(|budget| budget.take(of_application, bytes, beyond));
        if has_more {
            self.bytes += bytes;
            self.of_application.fetch_add(bytes, Relaxed);
        }
        has_more
    }

    /// Nothing, of the same budget and for the same application.
    fn nothing(&self) -> Self {
        Self { budget: self.budget.clone(), of_application: self.of_application.clone(), bytes: 0 }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.used.fetch_sub(self.bytes, Relaxed);
            self.of_application.fetch_sub(self.bytes, Relaxed);
        }
    }
}

/// What one instance may use: its memories and tables, and bytes that the host holds for its request.
#[derive(Debug, Default)]
pub(crate) struct Share {
    max_bytes: usize,
    /// Bytes of the image, which all instances share until they write to them.
    image_bytes: usize,
    /// Bytes of memories and tables.
    own_bytes: usize,
    /// Of those, and of the budget, what is not the image.
    taken: Taken,
    held_bytes: Arc<AtomicUsize>,
    was_refused: bool,
}

impl Share {
    /// For an instance of an image with so many bytes. `of_application`: bytes that its application has of the budget.
    pub(crate) fn new(
        budget: &Arc<Budget>,
        of_application: &Arc<AtomicUsize>,
        max_bytes: usize,
        image_bytes: usize,
    ) -> Self {
        let taken = Taken { budget: Some(budget.clone()), of_application: of_application.clone(), bytes: 0 };
        Self { max_bytes, image_bytes, taken, ..Self::default() }
    }

    /// The instance's memories and tables become so many bytes larger, if they may.
    fn grow(&mut self, bytes: usize) -> bool {
        let own_bytes = self.own_bytes.saturating_add(bytes);
        if own_bytes.saturating_add(self.held_bytes.load(Relaxed)) > self.max_bytes {
            self.was_refused = true;
            return false;
        }
        let to_take = own_bytes.saturating_sub(self.image_bytes).saturating_sub(self.taken.bytes);
        let may_grow = self.taken.more(to_take, 0);
        if may_grow {
            self.own_bytes = own_bytes;
        }
        may_grow
    }

    /// Whether a memory or table did not fit.
    pub(crate) fn was_refused(&self) -> bool {
        self.was_refused
    }

    /// A copy of these bytes that counts for as long as somebody has it; `None` if it does not fit.
    pub(crate) fn hold(&self, bytes: &[u8]) -> Option<Bytes> {
        if bytes.is_empty() {
            return Some(Bytes::new());
        }
        let count = bytes.len();
        let held_bytes = Held { count, of: self.held_bytes.clone() };
        let held_before = held_bytes.of.fetch_add(count, Relaxed);
        let bytes_then = self.own_bytes.saturating_add(held_before).saturating_add(count);
        if bytes_then > self.max_bytes.saturating_add(LAST_WORDS_BYTES) {
            return None;
        }
        let mut taken = self.taken.nothing();
        taken
            .more(count, LAST_WORDS_BYTES)
            .then(|| Bytes::from_owner(Copied { bytes: bytes.into(), _held: held_bytes, _taken: taken }))
    }

    /// The share of the next request of the same instance, which becomes one of another application. `None`: that one may not
    /// have as much as the instance has. `of_application`: bytes that it has of the budget.
    pub(crate) fn moved(&mut self, of_application: &Arc<AtomicUsize>) -> Option<Self> {
        let mut next = self.renewed();
        let budget = next.taken.budget.clone();
        let mut taken = Taken { budget, of_application: of_application.clone(), bytes: 0 };
        if next.taken.bytes > 0 && !taken.more(next.taken.bytes, 0) {
            return None;
        }
        next.taken = taken;
        Some(next)
    }

    /// The share of the next request of the same instance. What the host still holds for the one before is not its affair.
    pub(crate) fn renewed(&mut self) -> Self {
        let mut next = mem::take(self);
        if Arc::get_mut(&mut next.held_bytes).is_none() {
            next.held_bytes = Arc::default();
        }
        next
    }
}

impl ResourceLimiter for Share {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // Nothing is taken for what is refused anyway.
        let may_be = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(may_be && self.grow(desired.saturating_sub(current)))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let may_be = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(may_be && self.grow(desired.saturating_sub(current).saturating_mul(TABLE_ELEMENT_BYTES)))
    }
}

/// Bytes that the host holds for a request.
struct Held {
    count: usize,
    of: Arc<AtomicUsize>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.fetch_sub(self.count, Relaxed);
    }
}

struct Copied {
    bytes: Box<[u8]>,
    _held: Held,
    _taken: Taken,
}

impl AsRef<[u8]> for Copied {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(budget: &Arc<Budget>, max_bytes: usize, image_bytes: usize) -> Share {
        Share::new(budget, &Arc::default(), max_bytes, image_bytes)
    }

    #[test]
    fn a_share_is_one_sum() {
        let budget = Budget::new(1_000_000);
        let mut share = share(&budget, 100, 40);
        assert!(share.grow(40) && share.grow(10));
        assert_eq!(budget.used.load(Relaxed), 10, "the image is everybody's");
        let held = share.hold(&[7; 30]).unwrap();
        assert_eq!((&held[..2], budget.used.load(Relaxed)), (&[7, 7][..], 40));
        assert!(!share.grow(21));
        assert!(share.hold(&[0; 21 + LAST_WORDS_BYTES]).is_none());
        assert_eq!(budget.used.load(Relaxed), 40);
        assert!(share.grow(20));
        assert!(share.hold(&[0; LAST_WORDS_BYTES]).is_some(), "it can still answer");
        let mut next = share.renewed();
        assert!(next.grow(30), "what is held for the request before does not count");
        drop((held, share, next));
        assert_eq!(budget.used.load(Relaxed), 0);
    }

    #[test]
    fn a_share_can_become_anothers() {
        let budget = Budget::new(1000);
        let (one, other) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut share = Share::new(&budget, &one, 500, 40);
        assert!(share.grow(140));
        let mut moved = share.moved(&other).unwrap();
        assert_eq!((one.load(Relaxed), other.load(Relaxed), budget.used.load(Relaxed)), (0, 100, 100));
        assert!(moved.grow(10) && !moved.grow(400));
        other.store(3000, Relaxed);
        assert!(moved.moved(&other).is_none(), "it has too much already");
    }

    #[test]
    fn no_application_has_all_of_the_budget() {
        const MIB: usize = 1 << 20;
        let budget = Budget::new(1000 * MIB);
        let greedy = Arc::default();
        let mut greedy = [(); 2].map(|()| Share::new(&budget, &greedy, usize::MAX, 0));
        let mut other = share(&budget, usize::MAX, 0);
        assert!(greedy[0].grow(400 * MIB) && greedy[1].grow(350 * MIB));
        assert!(!greedy[1].grow(1) && greedy[0].hold(&[0; MIB]).is_none());
        assert!(greedy[0].hold(&[0]).is_some(), "it can still answer");
        assert!(other.grow(150 * MIB) && !other.grow(50 * MIB) && !other.grow(usize::MAX));
        greedy[0] = Share::default();
        assert!(greedy[1].grow(1) && other.hold(&[0; MIB]).is_some());
    }
}
