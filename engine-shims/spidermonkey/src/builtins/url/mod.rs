//! URLs: <https://url.spec.whatwg.org/>. Nothing is kept here: JavaScript has the serialization and its offsets.

use crate::runtime::native::{Call, Natives, Thrown};
use ::url::{Position, Url, form_urlencoded, quirks};

/// Where the components of a serialization begin and end; the order is that of `url.js`.
const POSITIONS: [Position; OFFSETS] = [
    Position::AfterScheme,
    Position::BeforeUsername,
    Position::AfterUsername,
    Position::BeforePassword,
    Position::AfterPassword,
    Position::BeforeHost,
    Position::AfterHost,
    Position::BeforePort,
    Position::AfterPort,
    Position::AfterPath,
    Position::AfterQuery,
    Position::BeforePath,
];
const OFFSETS: usize = 12;

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    host.function("urlParse", 3, parse);
    host.function("urlSet", 4, set);
    host.function("urlOrigin", 1, origin);
    host.function("queryParse", 1, query_parse);
    host.function("queryEncode", 1, query_encode);
}

/// `(url, base or undefined, Uint32Array for offsets or undefined)`: the serialization, or null.
fn parse(call: &mut Call<'_>) -> Result<(), Thrown> {
    let base = if call.is_undefined(1) { None } else { Some(call.with_str(1, Url::parse)?) };
    let url = match base {
        None => call.with_str(0, Url::parse)?,
        Some(Ok(base)) => call.with_str(0, |text| base.join(text))?,
        Some(Err(error)) => Err(error),
    };
    match url {
        Ok(url) => give(call, &url, 2),
        Err(_) => {
            call.return_null();
            Ok(())
        }
    }
}

/// Return the serialization, and write offsets to the argument meant for them.
fn give(call: &mut Call<'_>, url: &Url, offsets_argument: u32) -> Result<(), Thrown> {
    if !call.is_undefined(offsets_argument) {
        call.with_bytes_mut(offsets_argument, |offsets| {
            for (offset, position) in offsets.as_chunks_mut::<4>().0.iter_mut().zip(POSITIONS) {
                // A URL is shorter than the 32-bit memory it is in.
                *offset = (url[..position].len() as u32).to_le_bytes();
            }
        })?;
    }
    call.return_latin1(url.as_str().as_bytes())
}

/// `(serialization, setter, value, offsets)`: the new serialization; what a setter refuses leaves it as it was.
fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    let Ok(mut url) = call.with_str(0, Url::parse)? else {
        return Err(call.type_error("not a URL"));
    };
    let setter = call.integer(1)?;
    let value = call.string(2)?;
    // The error of a setter means that it changed nothing, which the specification asks for.
    let _ = match setter {
        0 => quirks::set_protocol(&mut url, &value),
        1 => quirks::set_username(&mut url, &value),
        2 => quirks::set_password(&mut url, &value),
        3 => quirks::set_host(&mut url, &value),
        4 => quirks::set_hostname(&mut url, &value),
        5 => quirks::set_port(&mut url, &value),
        6 => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        7 => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        _ => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
    };
    give(call, &url, 3)
}

fn origin(call: &mut Call<'_>) -> Result<(), Thrown> {
    let origin = call.with_str(0, |text| Url::parse(text).map(|url| quirks::origin(&url)))?;
    call.return_str(origin.as_deref().unwrap_or("null"))
}

/// Names and values of a query.
fn query_parse(call: &mut Call<'_>) -> Result<(), Thrown> {
    let pairs = call.with_str(0, |query| {
        form_urlencoded::parse(query.as_bytes()).flat_map(|(name, value)| [name.into_owned(), value.into_owned()]).collect::<Vec<_>>()
    })?;
    call.return_strings(pairs.iter().map(String::as_str))
}

/// A name or value as it stands in a query.
fn query_encode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let text = call.with_str(0, |text| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())?;
    call.return_latin1(text.as_bytes())
}
