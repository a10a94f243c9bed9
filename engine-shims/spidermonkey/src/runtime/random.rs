//! Randomness. `Math.random` is our own: the engine's generator keeps its state in the realm, and every instance that is
//! restored from one snapshot would count out the same numbers. Ours is seeded by the host on first use, and forgets its
//! seed before a snapshot.

use super::native::{Call, Natives, Thrown, define};
use super::{errors, wasi};
use ::std::cell::Cell;
use engine_abi::Kind;
use mozjs::jsapi::JSContext;
use mozjs::rust::HandleObject;

thread_local! {
    /// State of xorshift128+ (Vigna, "Further scramblings of Marsaglia's xorshift generators"); `None` before the seed.
    static STATE: Cell<Option<[u64; 2]>> = const { Cell::new(None) };
}

/// Replace `Math.random`.
pub fn install_math_random(cx: *mut JSContext, math: HandleObject<'_>) {
    define(cx, math, "random", 0, math_random);
}

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("randomBytes", 1, random_bytes);
}

/// Forget the seed: the next number is seeded anew.
pub fn reset() {
    STATE.set(None);
}

fn seed() -> [u64; 2] {
    let mut bytes = [0; 16];
    wasi::fill_random(&mut bytes);
    let (low, high) = bytes.split_at(8);
    let word = |half: &[u8]| half.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    // All zeros is the one state the generator never leaves.
    [word(low), word(high) | 1]
}

fn note_read(cx: *mut JSContext) {
    errors::note_read(cx, "randomness", Some(Kind::RandomRead), Kind::WarmUpRandom);
}

fn math_random(call: &mut Call<'_>) -> Result<(), Thrown> {
    note_read(call.cx());
    let [mut s1, s0] = STATE.get().unwrap_or_else(seed);
    let sum = s0.wrapping_add(s1);
    s1 ^= s1 << 23;
    STATE.set(Some([s0, s1 ^ s0 ^ (s1 >> 18) ^ (s0 >> 5)]));
    // The 53 bits of a double's mantissa, from the upper ones, which are the better ones.
    call.return_number((sum >> 11) as f64 / (1u64 << 53) as f64);
    Ok(())
}

fn random_bytes(call: &mut Call<'_>) -> Result<(), Thrown> {
    note_read(call.cx());
    call.with_bytes_mut(0, wasi::fill_random)
}
