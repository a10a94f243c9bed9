//! Encodings: <https://encoding.spec.whatwg.org/>

use crate::runtime::native::{Call, Natives, Thrown};
use ::std::cell::RefCell;
use encoding_rs::{Decoder, DecoderResult, Encoding, REPLACEMENT};

thread_local! {
    /// Decoders of `TextDecoder`s in the middle of a stream; index plus 1 is what JavaScript has.
    static DECODERS: RefCell<Vec<Option<Decoder>>> = const { RefCell::new(Vec::new()) };
}

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    host.function("encodingForLabel", 1, encoding_for_label);
    host.function("decode", 4, decode);
    host.function("decoderCreate", 2, decoder_create);
    host.function("decoderDecode", 4, decoder_decode);
    host.function("utf8Encode", 1, utf8_encode);
    host.function("utf8EncodeInto", 3, utf8_encode_into);
    host.function("latin1", 1, latin1);
}

/// The name of an encoding in lower case, or null for an unknown label and for `replacement`.
fn encoding_for_label(call: &mut Call<'_>) -> Result<(), Thrown> {
    let encoding = call.with_str(0, |label| Encoding::for_label_no_replacement(label.as_bytes()))?;
    match encoding {
        Some(encoding) if encoding != REPLACEMENT => call.return_str(&encoding.name().to_ascii_lowercase()),
        _ => {
            call.return_null();
            Ok(())
        }
    }
}

/// The encoding of a name that `encoding_for_label` gave.
fn encoding_argument(call: &mut Call<'_>) -> Result<&'static Encoding, Thrown> {
    let encoding = call.with_str(0, |name| Encoding::for_label_no_replacement(name.as_bytes()))?;
    encoding.ok_or_else(|| call.range_error("no such encoding"))
}

fn new_decoder(encoding: &'static Encoding, keep_bom: bool) -> Decoder {
    if keep_bom { encoding.new_decoder_without_bom_handling() } else { encoding.new_decoder_with_bom_removal() }
}

/// `(name, bytes, fatal, keep BOM)`: the text, or null if it is malformed and that is fatal.
fn decode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let encoding = encoding_argument(call)?;
    let fatal = call.boolean(2);
    let keep_bom = call.boolean(3);
    let text = call.with_bytes(1, |bytes| {
        if fatal && keep_bom {
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        } else if fatal {
            // There is no one-shot function that removes a BOM and reports errors.
            run(&mut new_decoder(encoding, false), bytes, true, true).map(Into::into)
        } else if keep_bom {
            Some(encoding.decode_without_bom_handling(bytes).0)
        } else {
            Some(encoding.decode_with_bom_removal(bytes).0)
        }
        .map(::std::borrow::Cow::into_owned)
    })?;
    return_text(call, text)
}

fn return_text(call: &mut Call<'_>, text: Option<String>) -> Result<(), Thrown> {
    match text {
        Some(text) => call.return_str(&text),
        None => {
            call.return_null();
            Ok(())
        }
    }
}

/// Everything that `decoder` makes of `bytes`, `None` on a fatal error.
fn run(decoder: &mut Decoder, bytes: &[u8], fatal: bool, last: bool) -> Option<String> {
    let mut text = String::new();
    if fatal {
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len())?);
        let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, last);
        (result == DecoderResult::InputEmpty).then_some(text)
    } else {
        text.reserve(decoder.max_utf8_buffer_length(bytes.len())?);
        let _ = decoder.decode_to_string(bytes, &mut text, last);
        Some(text)
    }
}

/// `(name, keep BOM)`: the number of a new decoder.
fn decoder_create(call: &mut Call<'_>) -> Result<(), Thrown> {
    let encoding = encoding_argument(call)?;
    let decoder = new_decoder(encoding, call.boolean(1));
    let number = DECODERS.with_borrow_mut(|decoders| {
        let free = decoders.iter().position(Option::is_none).unwrap_or_else(|| {
            decoders.push(None);
            decoders.len() - 1
        });
        decoders[free] = Some(decoder);
        free + 1
    });
    call.return_number(number as f64);
    Ok(())
}

/// `(number, bytes, fatal, last)`: as `decode`. The decoder is gone after the last piece and after an error.
fn decoder_decode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let index = call.integer(0)? as usize - 1;
    let (fatal, last) = (call.boolean(2), call.boolean(3));
    let Some(mut decoder) = DECODERS.with_borrow_mut(|decoders| decoders.get_mut(index).and_then(Option::take)) else {
        return Err(call.type_error("no such decoder"));
    };
    let text = call.with_bytes(1, |bytes| run(&mut decoder, bytes, fatal, last))?;
    if !last && text.is_some() {
        DECODERS.with_borrow_mut(|decoders| decoders[index] = Some(decoder));
    }
    return_text(call, text)
}

fn utf8_encode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let text = call.string(0)?;
    call.return_uint8_array(text.as_bytes())
}

/// `(text, destination, counts)`: as much as fits; code units read and bytes written go to the `Uint32Array` `counts`.
fn utf8_encode_into(call: &mut Call<'_>) -> Result<(), Thrown> {
    let text = call.string(0)?;
    let (read, written) = call.with_bytes_mut(1, |destination| {
        let mut end = text.len().min(destination.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        destination[..end].copy_from_slice(&text.as_bytes()[..end]);
        (text[..end].encode_utf16().count(), end)
    })?;
    call.with_bytes_mut(2, |counts| {
        counts[..4].copy_from_slice(&(read as u32).to_le_bytes());
        counts[4..8].copy_from_slice(&(written as u32).to_le_bytes());
    })
}

/// Bytes as a string of as many characters.
fn latin1(call: &mut Call<'_>) -> Result<(), Thrown> {
    let bytes = call.with_bytes(0, <[u8]>::to_vec)?;
    call.return_latin1(&bytes)
}
