//! URLs: <https://url.spec.whatwg.org/>. Nothing is kept here: JavaScript has the serialization and where its
//! components are. The parser is Ada, the one Node has; the crate `url` differs from the specification for `file:` URLs
//! and panics on some others.

mod ada;

use crate::runtime::native::{Call, Natives, Thrown};
use ada::Url;
use form_urlencoded::{byte_serialize, parse as parse_form};

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    host.function("urlParse", 3, parse);
    host.function("urlSet", 4, set);
    host.function("urlOrigin", 1, origin);
    host.function("queryParse", 1, query_parse);
    host.function("queryEncode", 1, query_encode);
}

/// `(url, base or undefined, Uint32Array for ranges or undefined)`: the serialization, or null.
fn parse(call: &mut Call<'_>) -> Result<(), Thrown> {
    let url = if call.is_undefined(1) {
        call.with_str(0, |text| Url::parse(text, None))?
    } else {
        let base = call.string(1)?;
        call.with_str(0, |text| Url::parse(text, Some(&base)))?
    };
    match url {
        Some(url) => give(call, &url, 2),
        None => {
            call.return_null();
            Ok(())
        }
    }
}

/// Return the serialization, and write the ranges of components to the argument meant for them.
fn give(call: &mut Call<'_>, url: &Url, ranges_argument: u32) -> Result<(), Thrown> {
    if !call.is_undefined(ranges_argument) {
        call.with_bytes_mut(ranges_argument, |places| {
            for (place, (start, end)) in places.as_chunks_mut::<8>().0.iter_mut().zip(url.ranges()) {
                place[..4].copy_from_slice(&start.to_le_bytes());
                place[4..].copy_from_slice(&end.to_le_bytes());
            }
        })?;
    }
    call.return_latin1(url.href())
}

/// `(serialization, setter, value, ranges)`: the new serialization.
fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Some(mut url) = call.with_str(0, |text| Url::parse(text, None))? else {
        return Err(call.type_error("not a URL"));
    };
    let setter = call.integer(1)?;
    call.with_str(2, |value| url.set(setter, value))?;
    give(call, &url, 3)
}

fn origin(call: &mut Call<'_>) -> Result<(), Thrown> {
    let origin = call.with_str(0, |text| Url::parse(text, None).map(|url| url.origin()))?;
    call.return_latin1(origin.as_deref().unwrap_or(b"null"))
}

/// Names and values of a query.
fn query_parse(call: &mut Call<'_>) -> Result<(), Thrown> {
    let pairs = call.with_str(0, |query| {
        let pairs = parse_form(query.as_bytes());
        pairs.flat_map(|(name, value)| [name.into_owned(), value.into_owned()]).collect::<Vec<_>>()
    })?;
    call.return_strings(pairs.iter().map(String::as_str))
}

/// A name or value as it stands in a query.
fn query_encode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let text = call.with_str(0, |text| byte_serialize(text.as_bytes()).collect::<String>())?;
    call.return_latin1(text.as_bytes())
}
