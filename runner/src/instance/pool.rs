//! Kept instances: where a request gets the one that handles it, and where that one goes afterwards.
//!
//! An application that has no kept instance takes over one of another application of the same engine, which takes 4 µs and
//! makes its reset 4 µs longer; a new one takes hundreds. It takes over one that was used just now, whose memory is in the
//! processor's caches. With 100 applications asked in turn a request took 10 µs more so than with one application; with 100
//! instances, each the application's own and out of the caches when its turn came, it took 30 µs more. So a few instances
//! serve any number of applications, and as many are kept as ran at the same time, as far as there is memory.

use super::{Base, Image, Instance};
use crate::state::AppContext;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Kept instances that were used last and are in the processor's caches. Of these the one that waits for longest is taken
/// over, so that two or three busy applications keep their own.
const HOT: usize = 4;

/// Uses of other instances after which an application's own one is not in the caches any more.
const COLD_AFTER: u64 = 64;

/// How often an instance is made although another could be taken over, while fewer than [`HOT`] are kept: applications that
/// take turns get their own, at a price that these make up for.
const MADE_EVERY: u64 = 32;

/// Kept instances of a host, each in the state of its application's image.
pub(crate) struct Idle {
    /// Bytes that they may have to themselves.
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// By the number of their last use.
    instances: BTreeMap<u64, Entry>,
    /// Images, and the numbers of the last uses of their instances.
    of_images: BTreeSet<(u64, u64)>,
    /// Bytes that the instances have to themselves.
    bytes: usize,
    /// Counts uses, as a clock.
    uses: u64,
    /// How often an application had no instance and could have taken one over.
    misses: u64,
}

/// What an application gets.
enum Taken {
    /// Its own instance.
    Own(Box<Instance>),
    /// Another application's, to be taken over.
    Other(Box<Instance>),
    Nothing,
}

struct Entry {
    image: u64,
    base: Arc<Base>,
    instance: Box<Instance>,
    bytes: usize,
}

impl Kept {
    /// `max_bytes`: what all of them may have.
    fn take(&mut self, image: &Image, max_bytes: usize) -> Taken {
        let own = self.of_images.range((image.id, 0)..=(image.id, u64::MAX)).next_back().map(|(_, last)| *last);
        if let Some(own) = own.filter(|own| self.uses - own < COLD_AFTER) {
            return self.remove(own).map_or(Taken::Nothing, Taken::Own);
        }
        if let Some((other, bytes)) = self.hot(image) {
            self.misses += 1;
            let has_room = self.instances.len() < HOT && self.bytes.saturating_add(bytes) <= max_bytes;
            let is_its_own_time = has_room && self.misses.is_multiple_of(MADE_EVERY);
            return if is_its_own_time { None } else { self.remove(other) }.map_or(Taken::Nothing, Taken::Other);
        }
        own.and_then(|own| self.remove(own)).map_or(Taken::Nothing, Taken::Own)
    }

    /// The one to be taken over by the application with this image, and its bytes.
    fn hot(&self, image: &Image) -> Option<(u64, usize)> {
        let fits = |entry: &Entry| Arc::ptr_eq(&entry.base, &image.base) && entry.instance.can_become(image);
        let mut hot = self.instances.iter().rev().take(HOT);
        hot.rfind(|(_, entry)| fits(entry)).map(|(last, entry)| (*last, entry.bytes))
    }

    fn keep(&mut self, image: &Image, instance: Box<Instance>) {
        let bytes = instance.private_bytes();
        self.bytes += bytes;
        self.uses += 1;
        self.of_images.insert((image.id, self.uses));
        self.instances.insert(self.uses, Entry { image: image.id, base: image.base.clone(), instance, bytes });
    }

    fn remove(&mut self, last: u64) -> Option<Box<Instance>> {
        self.remove_entry(last).map(|entry| entry.instance)
    }

    fn remove_entry(&mut self, last: u64) -> Option<Entry> {
        let entry = self.instances.remove(&last)?;
        self.of_images.remove(&(entry.image, last));
        self.bytes -= entry.bytes;
        Some(entry)
    }

    /// Those that were not used for longest, until the others have no more than so many bytes.
    fn surplus(&mut self, max_bytes: usize) -> Vec<Entry> {
        let mut surplus = Vec::new();
        while self.bytes > max_bytes
            && let Some(oldest) = self.instances.first_key_value().map(|(last, _)| *last)
        {
            surplus.extend(self.remove_entry(oldest));
        }
        surplus
    }
}

impl Idle {
    /// None. They may have so many bytes to themselves.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, kept: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, image: &Image) -> Taken {
        self.lock().take(image, self.max_bytes)
    }

    /// Keep an instance; those that there is no memory for are given back.
    fn keep(&self, image: &Image, instance: Box<Instance>) -> Vec<Entry> {
        let mut kept = self.lock();
        kept.keep(image, instance);
        kept.surplus(self.max_bytes)
    }

    /// Drop all of them.
    pub(crate) fn clear(&self) {
        let kept = std::mem::take(&mut *self.lock());
        drop(kept);
    }
}

/// An instance in the state of `image`: a kept one, else one of another application that becomes one, else a new one.
///
/// # Errors
/// No instance can be made.
pub(crate) fn acquire(idle: &Idle, image: &Image, context: &Arc<AppContext>) -> Result<Box<Instance>> {
    let metrics = &context.shared.metrics;
    match idle.take(image) {
        Taken::Own(instance) => {
            metrics.instances_reused.add_one();
            return Ok(instance);
        }
        Taken::Other(mut instance) => match instance.become_one_of(image, context.clone()) {
            Ok(()) => {
                metrics.instances_taken_over.add_one();
                return Ok(instance);
            }
            Err(reason) => {
                metrics.instances_dropped.add_one();
                tracing::debug!(target: "runner", app = context.name, "instance not taken over: {reason:#}");
            }
        },
        Taken::Nothing => {}
    }
    metrics.instances_created.add_one();
    Ok(Box::new(Instance::new(image, context.clone(), is_kept(image, context))?))
}

/// Reset an instance and keep it, or drop it. `usable` is false if something that ran in it rules out keeping it.
pub(crate) fn release(
    idle: &Idle,
    image: &Image,
    context: &Arc<AppContext>,
    mut instance: Box<Instance>,
    usable: bool,
) {
    let metrics = &context.shared.metrics;
    if !usable || !is_kept(image, context) {
        metrics.instances_dropped.add_one();
        return;
    }
    match instance.restore(image, context.clone()) {
        Ok(report) => {
            metrics.reset_pages.record(report.pages as u64);
            let surplus = idle.keep(image, instance);
            surplus.iter().for_each(|_| metrics.instances_dropped.add_one());
        }
        Err(reason) => {
            metrics.instances_dropped.add_one();
            tracing::debug!(target: "runner", app = context.name, "instance not kept: {reason:#}");
        }
    }
}

fn is_kept(image: &Image, context: &AppContext) -> bool {
    context.shared.keeps_instances && image.base.hidden_state.is_none()
}
