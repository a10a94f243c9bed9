//! An instance of an application: made, called, brought back to what it was, and taken over by another application.

mod base;
mod call;
mod image;
mod look;
mod mapped;
pub(crate) mod pages;
pub(crate) mod pool;
mod splits;

pub(crate) use base::Base;
pub(crate) use call::call;
pub(crate) use image::Image;
pub(crate) use pool::Idle;

use crate::errors::one_line;
use crate::load::wasmtime_engine;
use crate::memory::Share;
use crate::outcome::{Exit, Outcome};
use crate::state::{AppContext, RequestState};
use crate::units::PAGE_BYTES;
use anyhow::{Context, Result, bail, ensure};
use engine_abi::{State, export};
use image::Difference;
use look::Look;
use pages::WrittenPages;
use splits::Splits;
use std::sync::Arc;
use wasmtime::{Extern, Global, Instance as WasmInstance, Memory, Store, Trap, TypedFunc};

/// Ticks until a running guest is looked at: one has then passed in full.
const TICKS_TO_FIRST_LOOK: u64 = 2;

/// Written pages beyond which another application does not take over an instance: it would have to restore them too.
const TAKEN_OVER_WRITTEN_PAGES_MAX: usize = 256;

/// Bytes of a kept instance besides pages of its memory: its table, stack, page tables, and what is noted about it.
const INSTANCE_BYTES: usize = 256 << 10;

type Call = TypedFunc<(i32, i32), i32>;

pub(crate) struct Instance {
    store: Store<RequestState>,
    instance: WasmInstance,
    memory: Memory,
    allocate: Call,
    handle_request: Call,
    resume: Call,
    globals: Vec<Global>,
    /// What its memory has that the engine's has not, apart from the written pages.
    difference: Arc<Difference>,
    /// For the mappings of its image.
    _splits: Splits,
    /// `None`: it will not be brought back.
    written: Option<WrittenPages>,
    /// Written pages, when it was last brought back.
    written_pages: usize,
    look: Look,
}

/// Which function a message is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry {
    HandleRequest,
    Resume,
    RunMain,
}

/// Cost of resetting an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResetReport {
    /// Pages of 4 KiB that were restored: all that this instance ever wrote.
    pub pages: usize,
    /// Runs of neighbouring pages.
    pub runs: usize,
}

impl Instance {
    /// A new one. `keep`: it can be brought back.
    pub(crate) fn new(image: &Image, app: Arc<AppContext>, keep: bool) -> Result<Self> {
        let base: &Base = &image.base;
        let shared = &app.shared;
        let share =
            Share::new(&shared.budget, &app.memory_bytes, shared.limits.memory_bytes, base.pristine.image().len());
        let mut store = Store::new(base.pre.module().engine(), RequestState::new(app, None, share));
        store.limiter(|state| &mut state.share);
        wasmtime_engine::count_instructions(&mut store);
        store.epoch_deadline_callback(|mut context| Ok(context.data_mut().on_tick()));
        store.set_epoch_deadline(TICKS_TO_FIRST_LOOK);
        let instance = base::on_own_stack(base.pre.instantiate_async(&mut store));
        let instance = instance.map_err(one_line).context("cannot be instantiated")?;
        let exports = &base.exports;
        let memory = instance.get_module_export(&mut store, &exports.memory).and_then(Extern::into_memory);
        let memory = memory.context("no memory")?;
        store.data_mut().memory = Some(memory);
        let allocate = function(&instance, &mut store, &exports.allocate)?;
        let handle_request = function(&instance, &mut store, &exports.handle_request)?;
        let resume = function(&instance, &mut store, &exports.resume)?;
        let mut globals = Vec::with_capacity(exports.globals.len());
        for (_, export) in &exports.globals {
            let global = instance.get_module_export(&mut store, export).and_then(Extern::into_global);
            globals.push(global.context("no such global")?);
        }
        let mut made = Self {
            store,
            instance,
            memory,
            allocate,
            handle_request,
            resume,
            globals,
            difference: image.difference.clone(),
            _splits: Splits::default(),
            written: None,
            written_pages: 0,
            look: Look::default(),
        };
        made.grow_to(image)?;
        // SAFETY: it is an instance of the host that the image was made for.
        made._splits = unsafe { image.difference.put_into(made.memory.data_mut(&mut made.store)) };
        made.set_globals(image)?;
        if keep {
            // SAFETY: it is dropped with the store; the engine allocates on demand where instances are kept; and `put` and
            // `restore` are the only ones of the host who write.
            let written = unsafe { WrittenPages::watch(&mut made.store, &made.memory) };
            made.written = Some(written.context("its memory cannot be protected")?);
        }
        Ok(made)
    }

    fn grow_to(&mut self, image: &Image) -> Result<()> {
        let missing = image.memory_pages.saturating_sub(self.memory.size(&self.store));
        if missing > 0 {
            let grown = self.memory.grow(&mut self.store, missing).map_err(one_line);
            grown.context("the application needs more memory than is allowed")?;
        }
        Ok(())
    }

    fn set_globals(&mut self, image: &Image) -> Result<()> {
        for (global, value) in self.globals.iter().zip(&image.globals) {
            global.set(&mut self.store, *value)?;
        }
        Ok(())
    }

    /// As [`wasmtime_engine::instructions`].
    pub(crate) fn instructions(&self) -> Option<u64> {
        wasmtime_engine::instructions(&self.store)
    }

    pub(crate) fn state(&self) -> &RequestState {
        self.store.data()
    }

    pub(crate) fn state_mut(&mut self) -> &mut RequestState {
        self.store.data_mut()
    }

    /// [`Instance::call`] without a break for this thread.
    pub(crate) fn call_at_once(&mut self, entry: Entry, message: &[u8]) -> Result<State, Outcome> {
        base::on_own_stack(self.call(entry, message))
    }

    /// Hand a message to the guest and let it run until it gives control back: on a stack of its own, which it leaves at
    /// every tick for others to run, and in between, only to move to another thread.
    pub(crate) async fn call(&mut self, entry: Entry, message: &[u8]) -> Result<State, Outcome> {
        let parameters = message_length(message)?;
        self.store.set_epoch_deadline(TICKS_TO_FIRST_LOOK);
        let pointer = self.allocate.call_async(&mut self.store, parameters).await.map_err(ending)?;
        self.put(pointer, message)?;
        let function = self.entry(entry)?;
        let state = function.call_async(&mut self.store, (pointer, parameters.0)).await.map_err(ending)?;
        known_state(state)
    }

    fn entry(&mut self, entry: Entry) -> Result<Call, Outcome> {
        match entry {
            Entry::HandleRequest => Ok(self.handle_request.clone()),
            Entry::Resume => Ok(self.resume.clone()),
            Entry::RunMain => self
                .instance
                .get_typed_func(&mut self.store, export::RUN_MAIN)
                .map_err(|_| Outcome::Trapped("its engine cannot run commands".to_owned())),
        }
    }

    fn put(&mut self, pointer: i32, message: &[u8]) -> Result<(), Outcome> {
        if pointer == 0 {
            return Err(Outcome::Trapped(format!("it has no memory for a message of {} bytes", message.len())));
        }
        let start = pointer as u32 as usize;
        if let Some(written) = &self.written {
            written.before_write(start..start + message.len());
        }
        self.memory
            .write(&mut self.store, start, message)
            .map_err(|_| Outcome::Trapped(format!("it allocated {} bytes outside of its memory", message.len())))
    }

    /// Bring the instance to what `image` says, for a request of `app`. An error says why it has to be thrown away.
    pub(crate) fn restore(&mut self, image: &Image, app: Arc<AppContext>) -> Result<ResetReport> {
        let limit = app.shared.limits.kept_dirty_pages;
        let share = self.store.data_mut().share.renewed();
        *self.store.data_mut() = RequestState::new(app, Some(self.memory), share);
        let memory = self.memory.data_mut(&mut self.store);
        ensure!(memory.len() == image.memory_bytes(), "its memory has grown");
        let written = self.written.as_mut().context("its writes were not watched")?;
        let runs = written.runs().context("it wrote to too many places")?;
        let pages = runs.iter().map(|run| run.len() / PAGE_BYTES).sum();
        ensure!(pages <= limit, "it wrote to {pages} pages");
        let report = ResetReport { pages, runs: runs.len() };
        if self.look.is_due(pages) {
            let changed = look::restore(image, runs, memory);
            if look::is_worth_forgetting(pages, changed) {
                ensure!(written.watch_anew(), "its memory cannot be protected again");
                self.written_pages = 0;
                self.set_globals(image)?;
                return Ok(report);
            }
        } else {
            for run in runs {
                image.fill(run, &mut memory[run.clone()]);
            }
        }
        self.written_pages = pages;
        self.set_globals(image)?;
        Ok(report)
    }

    /// Whether an instance that was brought back can become one with `image`, of the same engine, for less than a new one
    /// costs.
    pub(crate) fn can_become(&self, image: &Image) -> bool {
        self.difference.is_small()
            && image.difference.is_small()
            && self.written_pages <= TAKEN_OVER_WRITTEN_PAGES_MAX
            && self.memory.data_size(&self.store) == image.memory_bytes()
    }

    /// Make an instance that was brought back one with `image`, of the same engine, for a request of `app`. An error says
    /// why it has to be thrown away.
    pub(crate) fn become_one_of(&mut self, image: &Image, app: Arc<AppContext>) -> Result<()> {
        let share = self.store.data_mut().share.moved(&app.memory_bytes).context("there is no memory for it")?;
        *self.store.data_mut() = RequestState::new(app, Some(self.memory), share);
        let memory = self.memory.data_mut(&mut self.store);
        ensure!(memory.len() == image.memory_bytes(), "its memory has another size");
        let written = self.written.as_mut().context("its writes were not watched")?;
        // What is noted is restored from now on, whatever image the instance has next.
        let differences = (self.difference.copied(), image.difference.copied());
        let (Some((before, runs_before)), Some((after, runs_after))) = differences else {
            bail!("its image is mapped")
        };
        runs_before.iter().chain(runs_after).for_each(|run| written.before_write(run.clone()));
        ensure!(written.runs().is_some(), "it wrote to too many places");
        for range in before.ranges() {
            image.base.pristine.fill(&range, &mut memory[range.clone()]);
        }
        after.apply(memory);
        self.difference = image.difference.clone();
        self.look = Look::default();
        self.set_globals(image)
    }

    /// Bytes of memory that a kept instance has to itself.
    pub(crate) fn private_bytes(&self) -> usize {
        INSTANCE_BYTES + (self.written_pages + self.difference.private_pages()) * PAGE_BYTES
    }

    /// Compare everything a guest can see of itself with `image`.
    pub(crate) fn compare(&mut self, image: &Image) -> Result<()> {
        let memory = self.memory.data(&self.store);
        let mut expected = image.base.pristine.image().to_vec();
        expected.resize(image.memory_bytes().max(expected.len()), 0);
        image.difference.copy_to(&mut expected);
        ensure!(memory.len() == expected.len(), "memory has {} bytes, the image {}", memory.len(), expected.len());
        // Equal as a whole, nearly always, which is one `memcmp`.
        if memory != expected
            && let Some(at) = (0..memory.len()).find(|&at| memory[at] != expected[at])
        {
            bail!("byte {at:#x} of memory is {:#x}, in the image {:#x}", memory[at], expected[at]);
        }
        for (index, global) in self.globals.clone().iter().enumerate() {
            let (name, _) = &image.base.exports.globals[index];
            let (is, should) = (global.get(&mut self.store), image.globals[index]);
            ensure!(format!("{is:?}") == format!("{should:?}"), "global {name} is {is:?}, in the image {should:?}");
        }
        Ok(())
    }
}

fn function(instance: &WasmInstance, store: &mut Store<RequestState>, export: &wasmtime::ModuleExport) -> Result<Call> {
    let function = instance.get_module_export(&mut *store, export).and_then(Extern::into_func);
    Ok(function.context("no such function")?.typed(&*store)?)
}

/// Parameters of `allocate` for a message.
fn message_length(message: &[u8]) -> Result<(i32, i32), Outcome> {
    // Messages are bytes: any address will do.
    const ALIGNMENT: i32 = 1;
    match i32::try_from(message.len()) {
        Ok(length) => Ok((length, ALIGNMENT)),
        Err(_) => Err(Outcome::Trapped(format!("a message of {} bytes does not fit", message.len()))),
    }
}

fn known_state(state: i32) -> Result<State, Outcome> {
    State::from_code(state)
        .ok_or_else(|| Outcome::Trapped(format!("it answered with state {state}, which has no meaning")))
}

/// The outcome that an error out of wasm stands for.
fn ending(error: wasmtime::Error) -> Outcome {
    if let Some(Exit(code)) = error.downcast_ref::<Exit>() {
        return Outcome::Exited(*code);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Outcome::TimedOut,
        Some(trap) => Outcome::Trapped(trap.to_string()),
        None => Outcome::Trapped(one_line(error).to_string()),
    }
}
