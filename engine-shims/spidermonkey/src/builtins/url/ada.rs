//! Ada through its C interface: <https://github.com/ada-url/ada>, `ada_c.h`.

use ::std::ffi::c_char;
use ::std::ptr::NonNull;

/// The library's object.
enum Handle {}

/// A part of the library's object, valid until that changes.
#[repr(C)]
#[derive(Clone, Copy)]
struct Part {
    data: *const c_char,
    length: usize,
}

/// A string that the library gave away.
#[repr(C)]
#[derive(Clone, Copy)]
struct Owned {
    data: *const c_char,
    length: usize,
}

type Getter = unsafe extern "C" fn(*mut Handle) -> Part;

unsafe extern "C" {
    fn ada_parse(input: *const c_char, length: usize) -> *mut Handle;
    fn ada_parse_with_base(input: *const c_char, length: usize, base: *const c_char, base_length: usize)
    -> *mut Handle;
    fn ada_is_valid(url: *mut Handle) -> bool;
    fn ada_free(url: *mut Handle);
    fn ada_get_origin(url: *mut Handle) -> Owned;
    fn ada_free_owned_string(text: Owned);
    fn ada_get_href(url: *mut Handle) -> Part;
    fn ada_get_protocol(url: *mut Handle) -> Part;
    fn ada_get_username(url: *mut Handle) -> Part;
    fn ada_get_password(url: *mut Handle) -> Part;
    fn ada_get_host(url: *mut Handle) -> Part;
    fn ada_get_hostname(url: *mut Handle) -> Part;
    fn ada_get_port(url: *mut Handle) -> Part;
    fn ada_get_pathname(url: *mut Handle) -> Part;
    fn ada_get_search(url: *mut Handle) -> Part;
    fn ada_get_hash(url: *mut Handle) -> Part;
    fn ada_set_protocol(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_username(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_password(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_host(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_hostname(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_port(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_pathname(url: *mut Handle, input: *const c_char, length: usize) -> bool;
    fn ada_set_search(url: *mut Handle, input: *const c_char, length: usize);
    fn ada_set_hash(url: *mut Handle, input: *const c_char, length: usize);
}

/// Components whose places JavaScript gets, in the order of `url.js`.
const COMPONENTS: [Getter; 9] = [
    ada_get_protocol,
    ada_get_username,
    ada_get_password,
    ada_get_host,
    ada_get_hostname,
    ada_get_port,
    ada_get_pathname,
    ada_get_search,
    ada_get_hash,
];

/// A valid URL.
pub struct Url(NonNull<Handle>);

impl Drop for Url {
    fn drop(&mut self) {
        // SAFETY: it is ours, and not used again.
        unsafe { ada_free(self.0.as_ptr()) };
    }
}

impl Url {
    /// `None` for what is not a URL, or not one together with `base`.
    pub fn parse(input: &str, base: Option<&str>) -> Option<Self> {
        let (data, length) = (input.as_ptr().cast(), input.len());
        // SAFETY: the library reads the strings, which live until it returns.
        let handle = unsafe {
            match base {
                None => ada_parse(data, length),
                Some(base) => ada_parse_with_base(data, length, base.as_ptr().cast(), base.len()),
            }
        };
        let url = Self(NonNull::new(handle)?);
        // SAFETY: the object is live.
        unsafe { ada_is_valid(url.0.as_ptr()) }.then_some(url)
    }

    fn part(&self, getter: Getter) -> &[u8] {
        // SAFETY: the part is within the object, which cannot change while it is borrowed.
        unsafe {
            let Part { data, length } = getter(self.0.as_ptr());
            if length == 0 { &[] } else { ::std::slice::from_raw_parts(data.cast(), length) }
        }
    }

    /// The serialization, which is ASCII.
    pub fn href(&self) -> &[u8] {
        self.part(ada_get_href)
    }

    /// Where each of the components is in the serialization; an empty one may be anywhere.
    pub fn ranges(&self) -> [(u32, u32); COMPONENTS.len()] {
        let href = self.href();
        COMPONENTS.map(|getter| {
            let part = self.part(getter);
            let start = (part.as_ptr() as usize).wrapping_sub(href.as_ptr() as usize);
            let end = start.wrapping_add(part.len());
            // A URL is shorter than the 32-bit memory it is in.
            if part.is_empty() || end > href.len() { (0, 0) } else { (start as u32, end as u32) }
        })
    }

    /// The serialization of the origin.
    pub fn origin(&self) -> Vec<u8> {
        // SAFETY: the string is ours until it is given back.
        unsafe {
            let owned = ada_get_origin(self.0.as_ptr());
            let text = ::std::slice::from_raw_parts(owned.data.cast(), owned.length).to_vec();
            ada_free_owned_string(owned);
            text
        }
    }

    /// Run setter number `setter`, of those that `url.js` names. What it refuses changes nothing.
    pub fn set(&mut self, setter: i64, value: &str) {
        let (url, data, length) = (self.0.as_ptr(), value.as_ptr().cast(), value.len());
        // SAFETY: the object is live, and the library reads the string, which lives until it returns.
        unsafe {
            match setter {
                0 => drop(ada_set_protocol(url, data, length)),
                1 => drop(ada_set_username(url, data, length)),
                2 => drop(ada_set_password(url, data, length)),
                3 => drop(ada_set_host(url, data, length)),
                4 => drop(ada_set_hostname(url, data, length)),
                5 => drop(ada_set_port(url, data, length)),
                6 => drop(ada_set_pathname(url, data, length)),
                7 => ada_set_search(url, data, length),
                _ => ada_set_hash(url, data, length),
            }
        }
    }
}
