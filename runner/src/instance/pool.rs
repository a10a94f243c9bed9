//! Kept instances: where a request gets the one that handles it, and where that one goes afterwards.

use super::{Image, Instance};
use crate::state::AppContext;
use anyhow::Result;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Kept instances of one engine, the most recently used last.
///
/// Each stands with its image's id, so that looking for one does not look into those of other applications.
#[derive(Default)]
pub(crate) struct Idle(Mutex<VecDeque<(u64, Box<Instance>)>>);

impl Idle {
    /// The most recently used instance of the application with this image.
    fn take(&self, image: u64) -> Option<Box<Instance>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = idle.iter().rposition(|(id, _)| *id == image)?;
        idle.remove(index).map(|(_, instance)| instance)
    }

    /// Keep an instance. If `max` are kept already, the one that was not used for longest is given back.
    fn keep(&self, image: u64, instance: Box<Instance>, max: usize) -> Option<Box<Instance>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push_back((image, instance));
        if idle.len() > max { idle.pop_front().map(|(_, instance)| instance) } else { None }
    }

    /// Drop all of them.
    pub(crate) fn clear(&self) {
        let idle = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        drop(idle);
    }
}

/// An instance in the state of `image`: a kept one, else a new one.
///
/// # Errors
/// No instance can be made.
pub(crate) fn acquire(image: &Image, context: &Arc<AppContext>) -> Result<Box<Instance>> {
    let shared = &context.shared;
    if let Some(instance) = image.base.idle.take(image.id) {
        shared.metrics.instances_reused.add_one();
        return Ok(instance);
    }
    shared.metrics.instances_created.add_one();
    let keep = shared.keeps_instances && image.base.hidden_state.is_none();
    Ok(Box::new(Instance::new(image, context.clone(), keep)?))
}

/// Reset an instance and keep it, or drop it. `usable` is false if something that ran in it rules out keeping it.
pub(crate) fn release(image: &Image, context: &Arc<AppContext>, mut instance: Box<Instance>, usable: bool) {
    let shared = &context.shared;
    if usable && shared.keeps_instances && image.base.hidden_state.is_none() {
        match instance.restore(image, context.clone()) {
            Ok(report) => {
                shared.metrics.reset_pages.record(report.pages as u64);
                if image.base.idle.keep(image.id, instance, shared.limits.kept_instances).is_none() {
                    return;
                }
            }
            Err(reason) => tracing::debug!(target: "runner", app = context.name, "instance not kept: {reason:#}"),
        }
    }
    shared.metrics.instances_dropped.add_one();
}
