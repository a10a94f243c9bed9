//! Natives: Rust functions that the builtins bundle calls. See `builtins/README.md` for the list of what exists.

use super::strings;
use ::std::ffi::CString;
use ::std::ptr::NonNull;
use mozjs::conversions::Utf8Chars;
use mozjs::jsapi::{
    CallArgs, HandleValueArray, IsArrayBufferObject, JS_DefineFunction, JS_IsArrayBufferViewObject, JS_NewStringCopyN,
    JS_NewStringCopyUTF8N, JS_NewUint8Array, JS_NewUint8ArrayWithBuffer, JSContext, JSObject, JSString, NewArrayBuffer,
    NewArrayObject, ToNumberSlow, Value,
};
use mozjs::jsval::{BooleanValue, DoubleValue, Int32Value, JSVal, NullValue, ObjectValue, StringValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::{HandleObject, ToBoolean};

/// Proof that an exception is pending on the context; a native that returns it makes JavaScript throw.
#[derive(Debug)]
pub struct Thrown;

/// What a native is: any `fn(&mut Call) -> Result<(), Thrown>` item.
pub trait Native: Fn(&mut Call<'_>) -> Result<(), Thrown> + Copy + 'static {}
impl<F: Fn(&mut Call<'_>) -> Result<(), Thrown> + Copy + 'static> Native for F {}

/// The natives object while it is filled.
pub struct Natives<'a> {
    cx: *mut JSContext,
    object: HandleObject<'a>,
}

impl<'a> Natives<'a> {
    /// # Safety
    /// `cx` is the engine's context, in the realm of `object`.
    pub(super) unsafe fn new(cx: *mut JSContext, object: HandleObject<'a>) -> Self {
        Self { cx, object }
    }

    /// Define `name` as a function of the natives object.
    pub fn function<F: Native>(&mut self, name: &str, length: u32, native: F) {
        define(self.cx, self.object, name, length, native);
    }
}

/// Define `native` as method `name` of `object`.
pub fn define<F: Native>(cx: *mut JSContext, object: HandleObject<'_>, name: &str, length: u32, _native: F) {
    // The engine stores a bare function pointer. A function item has no data, so the trampoline can conjure it up.
    const { assert!(size_of::<F>() == 0, "a native is a function item, not a closure with captures") };
    let name = CString::new(name).expect("no NUL in a name");
    // SAFETY: `cx` is in the realm of `object`; the name is copied.
    let function = unsafe { JS_DefineFunction(cx, object.into(), name.as_ptr(), Some(trampoline::<F>), length, 0) };
    assert!(!function.is_null(), "out of memory while starting");
}

unsafe extern "C" fn trampoline<F: Native>(cx: *mut JSContext, argc: u32, vp: *mut Value) -> bool {
    // SAFETY: `F` has size 0 (checked in `define`), so any well-aligned pointer is a valid place to read it from.
    let native: F = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the engine passes the arguments that belong to `vp`.
    let arguments = unsafe { CallArgs::from_vp(vp, argc) };
    let mut call = Call { cx, arguments, _borrow: ::std::marker::PhantomData };
    call.return_undefined();
    native(&mut call).is_ok()
}

/// One call of a native: its arguments and its result.
pub struct Call<'a> {
    cx: *mut JSContext,
    arguments: CallArgs,
    _borrow: ::std::marker::PhantomData<&'a ()>,
}

impl Call<'_> {
    /// The engine's context.
    pub fn cx(&self) -> *mut JSContext {
        self.cx
    }

    /// Argument `index`, undefined when missing.
    pub fn value(&self, index: u32) -> JSVal {
        if index < self.arguments.argc_ { self.arguments.get(index).get() } else { UndefinedValue() }
    }

    /// Argument `index` as a rooted handle, undefined when missing.
    pub fn handle(&self, index: u32) -> mozjs::jsapi::HandleValue {
        self.arguments.get(index)
    }

    /// Whether argument `index` is missing or undefined.
    pub fn is_undefined(&self, index: u32) -> bool {
        self.value(index).is_undefined()
    }

    /// Argument `index` if it is an object.
    pub fn object(&self, index: u32) -> Option<*mut JSObject> {
        let value = self.value(index);
        value.is_object().then(|| value.to_object())
    }

    /// Argument `index`, converted by JavaScript's `ToNumber`.
    pub fn number(&mut self, index: u32) -> Result<f64, Thrown> {
        let value = self.value(index);
        if value.is_number() {
            return Ok(value.to_number());
        }
        let mut number = f64::NAN;
        // SAFETY: the handle points at a rooted argument.
        if unsafe { ToNumberSlow(self.cx, self.handle(index), &mut number) } { Ok(number) } else { Err(Thrown) }
    }

    /// Argument `index` as an integer, truncated and saturated; NaN is 0.
    pub fn integer(&mut self, index: u32) -> Result<i64, Thrown> {
        Ok(self.number(index)? as i64)
    }

    /// Argument `index`, converted by JavaScript's `ToBoolean`.
    pub fn boolean(&mut self, index: u32) -> bool {
        // SAFETY: the handle points at a rooted argument.
        unsafe { ToBoolean(mozjs::rust::HandleValue::from_raw(self.handle(index))) }
    }

    fn js_string(&mut self, index: u32) -> Result<NonNull<JSString>, Thrown> {
        let value = self.value(index);
        let string = if value.is_string() {
            value.to_string()
        } else {
            // SAFETY: the handle points at a rooted argument.
            unsafe { mozjs::jsapi::ToStringSlow(self.cx, self.handle(index)) }
        };
        NonNull::new(string).ok_or(Thrown)
    }

    /// Argument `index` as a USVString: converted by `ToString`, lone surrogates replaced by U+FFFD.
    pub fn string(&mut self, index: u32) -> Result<String, Thrown> {
        let string = self.js_string(index)?;
        strings::to_utf8(self.cx, string, |text| text.to_owned())
    }

    /// [`Call::string`] without making a copy where the engine's own bytes are ASCII.
    pub fn with_str<R>(&mut self, index: u32, body: impl FnOnce(&str) -> R) -> Result<R, Thrown> {
        let string = self.js_string(index)?;
        strings::to_utf8(self.cx, string, body)
    }

    /// Argument `index` as a ByteString: Latin-1 bytes; TypeError for a character above U+00FF.
    pub fn byte_string(&mut self, index: u32) -> Result<Vec<u8>, Thrown> {
        let string = self.js_string(index)?;
        match strings::to_latin1(self.cx, string)? {
            Some(bytes) => Ok(bytes),
            None => Err(self.type_error("the string has characters above U+00FF")),
        }
    }

    /// The bytes of argument `index`, an ArrayBuffer or a view of one. `body` must not call into JavaScript.
    pub fn with_bytes<R>(&mut self, index: u32, body: impl FnOnce(&[u8]) -> R) -> Result<R, Thrown> {
        self.with_bytes_mut(index, |bytes| body(bytes))
    }

    /// [`Call::with_bytes`], writable.
    pub fn with_bytes_mut<R>(&mut self, index: u32, body: impl FnOnce(&mut [u8]) -> R) -> Result<R, Thrown> {
        match self.object(index).and_then(buffer_bytes) {
            // SAFETY: the buffer is reachable from the arguments, and nothing runs that could move or free it.
            Some((data, len)) => Ok(body(unsafe { ::std::slice::from_raw_parts_mut(data, len) })),
            None => Err(self.type_error("expected an ArrayBuffer or a view of one")),
        }
    }

    /// Whether argument `index` is an ArrayBuffer or a view of one.
    pub fn is_bytes(&self, index: u32) -> bool {
        // SAFETY: the objects are live.
        self.object(index)
            .is_some_and(|object| unsafe { IsArrayBufferObject(object) || JS_IsArrayBufferViewObject(object) })
    }

    /// Set the result.
    pub fn return_value(&mut self, value: JSVal) {
        self.arguments.rval().set(value);
    }

    /// Return `undefined`.
    pub fn return_undefined(&mut self) {
        self.return_value(UndefinedValue());
    }

    /// Return `null`.
    pub fn return_null(&mut self) {
        self.return_value(NullValue());
    }

    /// Return a boolean.
    pub fn return_bool(&mut self, value: bool) {
        self.return_value(BooleanValue(value));
    }

    /// Return a number.
    pub fn return_number(&mut self, value: f64) {
        let integer = value as i32;
        let is_integer = f64::from(integer) == value && !(integer == 0 && value.is_sign_negative());
        self.return_value(if is_integer { Int32Value(integer) } else { DoubleValue(value) });
    }

    /// Return an object.
    pub fn return_object(&mut self, object: *mut JSObject) -> Result<(), Thrown> {
        let object = NonNull::new(object).ok_or(Thrown)?;
        self.return_value(ObjectValue(object.as_ptr()));
        Ok(())
    }

    /// Return a string.
    pub fn return_str(&mut self, text: &str) -> Result<(), Thrown> {
        let string = new_string(self.cx, text)?;
        self.return_value(string);
        Ok(())
    }

    /// Return a string of Latin-1 bytes.
    pub fn return_latin1(&mut self, bytes: &[u8]) -> Result<(), Thrown> {
        let string = new_latin1_string(self.cx, bytes)?;
        self.return_value(string);
        Ok(())
    }

    /// Return an array of strings, each given in Latin-1 bytes (flat header arrays).
    pub fn return_latin1_array<'b>(&mut self, items: impl IntoIterator<Item = &'b [u8]>) -> Result<(), Thrown> {
        let array = new_array(self.cx, items, new_latin1_string)?;
        self.return_object(array)
    }

    /// Return an array of strings.
    pub fn return_strings<'b>(&mut self, items: impl IntoIterator<Item = &'b str>) -> Result<(), Thrown> {
        let array = new_array(self.cx, items, new_string)?;
        self.return_object(array)
    }

    /// Return an ArrayBuffer with these bytes.
    pub fn return_array_buffer(&mut self, bytes: &[u8]) -> Result<(), Thrown> {
        let buffer = new_array_buffer(self.cx, bytes)?;
        self.return_object(buffer)
    }

    /// Return a Uint8Array with these bytes.
    pub fn return_uint8_array(&mut self, bytes: &[u8]) -> Result<(), Thrown> {
        let array = new_uint8_array(self.cx, bytes)?;
        self.return_object(array)
    }

    /// Throw a TypeError.
    pub fn type_error(&mut self, message: &str) -> Thrown {
        super::errors::throw(self.cx, "TypeError", message)
    }

    /// Throw a RangeError.
    pub fn range_error(&mut self, message: &str) -> Thrown {
        super::errors::throw(self.cx, "RangeError", message)
    }
}

/// Where the bytes of an ArrayBuffer or view are. Valid until JavaScript runs or the collector moves it.
fn buffer_bytes(object: *mut JSObject) -> Option<(*mut u8, usize)> {
    let (mut len, mut shared, mut data) = (0, false, ::std::ptr::null_mut());
    // SAFETY: `object` is live; each accessor is used for the class it was checked to have.
    unsafe {
        if IsArrayBufferObject(object) {
            mozjs::jsapi::GetArrayBufferLengthAndData(object, &mut len, &mut shared, &mut data);
        } else if JS_IsArrayBufferViewObject(object) {
            mozjs::jsapi::GetArrayBufferViewLengthAndData(object, &mut len, &mut shared, &mut data);
        } else {
            return None;
        }
    }
    // An empty or detached buffer may have no address.
    Some(if data.is_null() { (NonNull::dangling().as_ptr(), 0) } else { (data, len) })
}

/// A JavaScript string of `text`.
pub fn new_string(cx: *mut JSContext, text: &str) -> Result<JSVal, Thrown> {
    if text.is_ascii() {
        return new_latin1_string(cx, text.as_bytes());
    }
    // SAFETY: the characters are valid UTF-8 and copied.
    let string = unsafe { JS_NewStringCopyUTF8N(cx, &*Utf8Chars::from(text)) };
    // SAFETY: checked not to be null.
    NonNull::new(string).map(|string| StringValue(unsafe { string.as_ref() })).ok_or(Thrown)
}

/// A JavaScript string of Latin-1 bytes.
pub fn new_latin1_string(cx: *mut JSContext, bytes: &[u8]) -> Result<JSVal, Thrown> {
    // SAFETY: the bytes are copied.
    let string = unsafe { JS_NewStringCopyN(cx, bytes.as_ptr().cast(), bytes.len()) };
    // SAFETY: checked not to be null.
    NonNull::new(string).map(|string| StringValue(unsafe { string.as_ref() })).ok_or(Thrown)
}

/// A JavaScript array made of items, each converted by `convert`.
pub fn new_array<T>(
    cx: *mut JSContext,
    items: impl IntoIterator<Item = T>,
    convert: impl Fn(*mut JSContext, T) -> Result<JSVal, Thrown>,
) -> Result<*mut JSObject, Thrown> {
    rooted!(in(cx) let mut values = Vec::<JSVal>::new());
    for item in items {
        let value = convert(cx, item)?;
        values.push(value);
    }
    let elements = HandleValueArray { length_: values.len(), elements_: values[..].as_ptr() };
    // SAFETY: the values are rooted for the duration of the call.
    let array = unsafe { NewArrayObject(cx, &elements) };
    if array.is_null() { Err(Thrown) } else { Ok(array) }
}

/// A new ArrayBuffer holding a copy of `bytes`.
pub fn new_array_buffer(cx: *mut JSContext, bytes: &[u8]) -> Result<*mut JSObject, Thrown> {
    // SAFETY: plain allocation.
    let buffer = unsafe { NewArrayBuffer(cx, bytes.len()) };
    fill(buffer, bytes)
}

/// A new Uint8Array holding a copy of `bytes`.
pub fn new_uint8_array(cx: *mut JSContext, bytes: &[u8]) -> Result<*mut JSObject, Thrown> {
    // Small arrays live in the object itself; longer ones get a buffer at once, which `subarray` or `buffer` would need.
    const INLINE_MAX_BYTES: usize = 96;
    if bytes.len() <= INLINE_MAX_BYTES {
        // SAFETY: plain allocation.
        return fill(unsafe { JS_NewUint8Array(cx, bytes.len()) }, bytes);
    }
    rooted!(in(cx) let buffer = new_array_buffer(cx, bytes)?);
    // SAFETY: the buffer is rooted; -1 means its whole length.
    let array = unsafe { JS_NewUint8ArrayWithBuffer(cx, buffer.handle().into(), 0, -1) };
    if array.is_null() { Err(Thrown) } else { Ok(array) }
}

fn fill(object: *mut JSObject, bytes: &[u8]) -> Result<*mut JSObject, Thrown> {
    let object = NonNull::new(object).ok_or(Thrown)?.as_ptr();
    let (data, len) = buffer_bytes(object).ok_or(Thrown)?;
    assert_eq!(len, bytes.len(), "a new buffer has the length it was asked for");
    // SAFETY: `data` has room for `len` bytes, and a new buffer overlaps nothing.
    unsafe { data.copy_from_nonoverlapping(bytes.as_ptr(), len) };
    Ok(object)
}
