//! JavaScript strings to bytes. The engine keeps them as Latin-1 or UTF-16.

use super::native::Thrown;
use ::std::ptr::{self, NonNull};
use mozjs::jsapi::{
    JS_DeprecatedStringHasLatin1Chars, JS_GetLatin1StringCharsAndLength, JS_GetTwoByteStringCharsAndLength, JSContext,
    JSString,
};

/// The characters as the engine holds them.
enum Characters<'a> {
    Latin1(&'a [u8]),
    Utf16(&'a [u16]),
}

/// Look at the characters of `string`. `body` must not call into the engine: a collection could move them.
fn with_characters<R>(
    cx: *mut JSContext,
    string: NonNull<JSString>,
    body: impl FnOnce(Characters<'_>) -> R,
) -> Result<R, Thrown> {
    let string = string.as_ptr();
    let mut len = 0;
    // SAFETY: `string` is live (it came from a rooted argument), and the characters are used before anything that could
    // collect. Flattening a rope may fail for want of memory, which leaves an exception.
    unsafe {
        if JS_DeprecatedStringHasLatin1Chars(string) {
            let chars = JS_GetLatin1StringCharsAndLength(cx, ptr::null(), string, &mut len);
            let chars = NonNull::new(chars.cast_mut()).ok_or(Thrown)?;
            Ok(body(Characters::Latin1(::std::slice::from_raw_parts(chars.as_ptr(), len))))
        } else {
            let chars = JS_GetTwoByteStringCharsAndLength(cx, ptr::null(), string, &mut len);
            let chars = NonNull::new(chars.cast_mut()).ok_or(Thrown)?;
            Ok(body(Characters::Utf16(::std::slice::from_raw_parts(chars.as_ptr(), len))))
        }
    }
}

/// `string` as UTF-8, lone surrogates replaced by U+FFFD; borrowed from the engine where it is ASCII.
pub fn to_utf8<R>(cx: *mut JSContext, string: NonNull<JSString>, body: impl FnOnce(&str) -> R) -> Result<R, Thrown> {
    with_characters(cx, string, |characters| match characters {
        Characters::Latin1(bytes) if bytes.is_ascii() => body(::std::str::from_utf8(bytes).unwrap_or_default()),
        Characters::Latin1(bytes) => body(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>()),
        Characters::Utf16(units) => body(&String::from_utf16_lossy(units)),
    })
}

/// `string` as Latin-1 bytes, `None` if it has a character above U+00FF.
pub fn to_latin1(cx: *mut JSContext, string: NonNull<JSString>) -> Result<Option<Vec<u8>>, Thrown> {
    with_characters(cx, string, |characters| match characters {
        Characters::Latin1(bytes) => Some(bytes.to_vec()),
        Characters::Utf16(units) => units.iter().map(|&unit| u8::try_from(unit).ok()).collect(),
    })
}
