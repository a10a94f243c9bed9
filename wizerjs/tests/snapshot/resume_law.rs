//! The law of stopping at a call: to run to the end is to run up to a call, snapshot, and resume.
//!
//! Shared by the tests and by the cargo-fuzz target in `fuzz/`.

use crate::law::{self, Limits, engine, is_too_large, state, without_numbers};
use std::fmt::Write;
use std::sync::OnceLock;
use wasmtime::{FuncType, Instance, Linker, Module, Store, V128, Val, ValType};
use wizerjs::initialize::{CallPoint, Error, Initializer, Options, Running};
use wizerjs::snapshot::{RESUMING_EXPORT, Rewrite, parse, rewrite};

/// The functions that a program may call, as imports of its text.
pub(crate) const HOST: &str = r#"
  (import "host" "nothing" (func $nothing))
  (import "host" "i32" (func $i32 (param i32) (result i32)))
  (import "host" "two" (func $two (param i64 f32) (result f64 i32)))
  (import "host" "v128" (func $v128 (param v128) (result v128)))
  (import "host" "i64" (func $i64 (param f64) (result i64)))
  (import "host" "function" (func $function (param funcref)))
"#;

/// A module made from `bytes`, the same for the same bytes, whose program is `main`.
pub(crate) fn generate(bytes: &[u8]) -> Option<Vec<u8>> {
    let fields = crate::resume_program::generate(bytes).ok()?;
    Some(wat::parse_str(format!("(module {HOST} {fields})")).expect("valid text format"))
}

/// Name, parameters and results of each of them.
fn host_functions() -> [(&'static str, Vec<ValType>, Vec<ValType>); 6] {
    use ValType::{F32, F64, I32, I64, V128};
    [
        ("nothing", vec![], vec![]),
        ("i32", vec![I32], vec![I32]),
        ("two", vec![I64, F32], vec![F64, I32]),
        ("v128", vec![V128], vec![V128]),
        ("i64", vec![F64], vec![I64]),
        ("function", vec![ValType::FUNCREF], vec![]),
    ]
}

/// Which calls of each function a program is stopped at.
const COUNTS: [u64; 4] = [1, 2, 5, 17];

/// What a program has called.
#[derive(Default)]
struct Calls {
    /// How often the instance had called that was snapshotted.
    before: u64,
    log: Vec<String>,
    limits: Limits,
}

impl Calls {
    /// A call of `name`: what it gives depends on how many there were before, and on nothing else.
    fn call(&mut self, name: &str, params: &[Val], results: &mut [Val], types: &[ValType]) {
        let number = self.before + self.log.len() as u64;
        let mut line = name.to_string();
        for param in params {
            // Writing to a string cannot fail.
            let _ = match param {
                Val::FuncRef(function) => write!(line, " function {}", function.is_some()),
                value => write!(line, " {value:?}"),
            };
        }
        self.log.push(line);
        for (position, (result, ty)) in (0u64..).zip(results.iter_mut().zip(types)) {
            let digest = blake3::hash(&[number, position].map(u64::to_le_bytes).concat());
            let (bits, _) = digest.as_bytes().split_first_chunk().expect("32 bytes");
            *result = value(u128::from_le_bytes(*bits), ty);
        }
    }
}

/// A value of this type; often a small integer, so that branches are taken and loops end.
fn value(bits: u128, ty: &ValType) -> Val {
    let low = bits as u64;
    let integer = if low >> 62 == 0 { low } else { low & 3 };
    match ty {
        ValType::I32 => Val::I32(integer as i32),
        ValType::I64 => Val::I64(integer.cast_signed()),
        ValType::F64 => Val::F64(((low & 1023) as f64 / 8.0).to_bits()),
        ValType::V128 => Val::V128(V128::from(bits)),
        other => panic!("no function of the host gives a {other}"),
    }
}

/// Define the host's functions; `calls` finds the calls in a store.
fn link<T: 'static>(linker: &mut Linker<T>, calls: fn(&mut T) -> &mut Calls) -> wasmtime::Result<()> {
    for (name, params, results) in host_functions() {
        let ty = FuncType::new(linker.engine(), params, results.clone());
        linker.func_new("host", name, ty, move |mut caller, params, given| {
            calls(caller.data_mut()).call(name, params, given, &results);
            Ok(())
        })?;
    }
    Ok(())
}

/// How a program ended. Whatever contradicts the law panics instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// It was stopped at this many of its calls, and gave the same when it was resumed.
    Same(usize),
    /// Its frames could not be captured, for this reason, without numbers.
    Refused(String),
    /// It makes no call by name.
    NoCall,
    /// It wants more memory than a case may have.
    TooLarge,
    /// It cannot be instantiated, for this reason.
    NotInstantiated(String),
}

/// Everything that can be seen of a program from outside.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    calls: Vec<String>,
    end: String,
    state: Vec<String>,
}

/// Call `entry` of an instance of `wasm` that has called `before` times already.
fn trace(wasm: &[u8], entry: &str, before: u64) -> Result<Trace, Outcome> {
    let refused = |error: wasmtime::Error| match error.root_cause().to_string() {
        cause if is_too_large(&cause) => Outcome::TooLarge,
        cause => Outcome::NotInstantiated(without_numbers(&cause)),
    };
    let module = Module::new(engine(), wasm).map_err(refused)?;
    let mut store = Store::new(engine(), Calls { before, ..Calls::default() });
    store.limiter(|calls| &mut calls.limits);
    let mut linker = Linker::new(engine());
    link(&mut linker, |calls| calls).expect("each is defined once");
    let instance = linker.instantiate(&mut store, &module).map_err(refused)?;
    let end = end(&mut store, instance, entry);
    if is_too_large(&end) {
        return Err(Outcome::TooLarge);
    }
    let state = state(&mut store, instance);
    Ok(Trace { calls: std::mem::take(&mut store.data_mut().log), end, state })
}

fn end(store: &mut Store<Calls>, instance: Instance, entry: &str) -> String {
    let function = instance.get_typed_func::<(), ()>(&mut *store, entry).expect("exported, and plain");
    match function.call(&mut *store, ()) {
        Ok(()) => "returned".to_string(),
        Err(error) => error.root_cause().to_string(),
    }
}

fn initializer() -> &'static Initializer {
    static INITIALIZER: OnceLock<Initializer> = OnceLock::new();
    INITIALIZER.get_or_init(|| Initializer::new(None).expect("an engine"))
}

/// The snapshot of `wasm` at a call that `entry` makes, and how many calls were made before.
pub(crate) fn snapshot_at(wasm: &[u8], entry: &str, call: &str) -> Result<(Vec<u8>, u64), Error> {
    let module = parse(wasm)?;
    let options =
        Options { at: Some(CallPoint::new(call)), max_memory_bytes: law::SNAPSHOT_BYTES, ..Options::default() };
    let run = |running: &mut Running<'_, Calls>| running.call::<(), ()>(entry, ());
    let link = |linker: &mut Linker<_>| {
        link(linker, |host: &mut wizerjs::initialize::Host<Calls>| &mut host.data)?;
        Ok(())
    };
    let mut initialized = initializer().run(&module, &options, Calls::default(), link, run)?;
    let before = initialized.stopped.data().log.len() as u64;
    let snapshot = initialized.stopped.capture(&module)?;
    let rewriting = Rewrite { entries: vec![entry.to_string()], ..Rewrite::default() };
    Ok((rewrite(&module, &snapshot, &rewriting)?.to_vec(), before))
}

/// Hold `wasm`, whose export `entry` is called, to the law at some of its calls.
pub(crate) fn check(wasm: &[u8], entry: &str) -> Outcome {
    let control = match trace(wasm, entry, 0) {
        Ok(control) => control,
        Err(outcome) => return outcome,
    };
    let (mut stops, mut refusal) = (0, None);
    for (name, _, _) in host_functions() {
        for count in COUNTS {
            match check_at(wasm, entry, &control, name, count) {
                Ok(()) => stops += 1,
                Err(Outcome::NoCall) => break,
                Err(outcome) => refusal = Some(outcome),
            }
        }
    }
    match (stops, refusal) {
        (0, Some(refusal)) => refusal,
        (0, None) => Outcome::NoCall,
        (stops, _) => Outcome::Same(stops),
    }
}

fn check_at(wasm: &[u8], entry: &str, control: &Trace, name: &str, count: u64) -> Result<(), Outcome> {
    let call = format!("host.{name}:{count}");
    let (output, before) = match snapshot_at(wasm, entry, &call) {
        Ok(output) => output,
        Err(Error::NotCalled { .. } | Error::UnknownCall { .. }) => return Err(Outcome::NoCall),
        Err(Error::Snapshot(defect @ wizerjs::snapshot::Error::Defect(_))) => panic!("{call}: {defect}"),
        Err(Error::Snapshot(refusal)) => return Err(Outcome::Refused(without_numbers(&refusal.to_string()))),
        Err(Error::WithoutMemory { .. }) => return Err(Outcome::TooLarge),
        Err(error) => panic!("{call}: {error}"),
    };
    law::validate(&output);
    assert_eq!(bodies(wasm), bodies(&output)[..bodies(wasm).len()], "{call}: a function is not what it was");
    let resumed = trace(&output, RESUMING_EXPORT, before).expect("the snapshot can be instantiated");
    let rest = control.calls.get(before as usize..).expect("no more calls than in the control");
    assert!(rest.first().is_some_and(|first| first.split(' ').next() == Some(name)), "{call}: stopped elsewhere");
    assert_eq!(resumed.calls, rest, "{call}: other calls");
    assert_eq!((&resumed.end, &resumed.state), (&control.end, &control.state), "{call}: another end");
    Ok(())
}

/// Function bodies of a module.
fn bodies(wasm: &[u8]) -> Vec<&[u8]> {
    wasmparser::Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload {
            Ok(wasmparser::Payload::CodeSectionEntry(body)) => Some(&wasm[body.range()]),
            _ => None,
        })
        .collect()
}
