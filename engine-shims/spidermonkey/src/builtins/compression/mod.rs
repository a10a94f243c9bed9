//! Codecs of `CompressionStream` and `DecompressionStream`: <https://compression.spec.whatwg.org/>

mod codec;

use crate::runtime::native::{Call, Natives, Thrown};
use ::std::cell::RefCell;
use codec::Codec;

thread_local! {
    /// Codecs in use; index plus 1 is what JavaScript has.
    static CODECS: RefCell<Vec<Option<Codec>>> = const { RefCell::new(Vec::new()) };
}

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    host.function("codecCreate", 2, create);
    host.function("codecWrite", 2, write);
    host.function("codecMore", 1, more);
    host.function("codecFinish", 1, finish);
    host.function("codecDrop", 1, drop_codec);
}

/// `(format, compress)`: the number of a new codec.
fn create(call: &mut Call<'_>) -> Result<(), Thrown> {
    let format = call.string(0)?;
    let compress = call.boolean(1);
    let codec = Codec::new(&format, compress).ok_or_else(|| call.type_error("no such format"))?;
    let number = CODECS.with_borrow_mut(|codecs| {
        let free = codecs.iter().position(Option::is_none).unwrap_or_else(|| {
            codecs.push(None);
            codecs.len() - 1
        });
        codecs[free] = Some(codec);
        free + 1
    });
    call.return_number(number as f64);
    Ok(())
}

/// Run `step` on the codec that argument 0 names; an error ends it and is thrown.
fn with_codec(
    call: &mut Call<'_>,
    step: impl FnOnce(&mut Codec) -> Result<Option<Vec<u8>>, &'static str>,
) -> Result<(), Thrown> {
    let index = (call.integer(0)? as usize).wrapping_sub(1);
    let result = CODECS.with_borrow_mut(|codecs| {
        let slot = codecs.get_mut(index)?;
        let result = step(slot.as_mut()?);
        if result.is_err() {
            *slot = None;
        }
        Some(result)
    });
    match result {
        Some(Ok(Some(bytes))) => call.return_uint8_array(&bytes),
        Some(Ok(None)) => {
            call.return_null();
            Ok(())
        }
        Some(Err(message)) => Err(call.type_error(message)),
        None => Err(call.type_error("the stream has already failed or ended")),
    }
}

/// `(number, bytes)`: a piece of output, or null when there is none left; `codecMore` gives the next.
fn write(call: &mut Call<'_>) -> Result<(), Thrown> {
    let input = call.with_bytes(1, <[u8]>::to_vec)?;
    with_codec(call, |codec| {
        codec.write(input);
        codec.more()
    })
}

fn more(call: &mut Call<'_>) -> Result<(), Thrown> {
    with_codec(call, Codec::more)
}

/// `(number)`: the rest of the output.
fn finish(call: &mut Call<'_>) -> Result<(), Thrown> {
    with_codec(call, |codec| codec.finish().map(Some))?;
    drop_codec(call)
}

fn drop_codec(call: &mut Call<'_>) -> Result<(), Thrown> {
    let index = (call.integer(0)? as usize).wrapping_sub(1);
    CODECS.with_borrow_mut(|codecs| {
        if let Some(slot) = codecs.get_mut(index) {
            *slot = None;
        }
    });
    Ok(())
}
