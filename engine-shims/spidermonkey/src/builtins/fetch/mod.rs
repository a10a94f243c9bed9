//! MIME types and `data:` URLs: <https://mimesniff.spec.whatwg.org/> <https://fetch.spec.whatwg.org/#data-url-processor>

use crate::runtime::native::{Call, Natives, Thrown};
use data_url::DataUrl;
use data_url::mime::Mime;

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    host.function("mimeParse", 1, mime_parse);
    host.function("mimeNormalize", 1, mime_normalize);
    host.function("dataUrlType", 1, data_url_type);
    host.function("dataUrlBytes", 1, data_url_bytes);
}

/// The essence, and names and values of parameters after it; null if it cannot be parsed.
fn mime_parse(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mime = call.with_str(0, str::parse::<Mime>)?;
    let Ok(mime) = mime else {
        call.return_null();
        return Ok(());
    };
    let essence = format!("{}/{}", mime.type_, mime.subtype);
    let parameters = mime.parameters.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    call.return_strings(::std::iter::once(essence.as_str()).chain(parameters))
}

/// A MIME type as it is serialized, empty if it cannot be parsed.
fn mime_normalize(call: &mut Call<'_>) -> Result<(), Thrown> {
    let text = call.with_str(0, |text| text.parse::<Mime>().map(|mime| mime.to_string()).unwrap_or_default())?;
    call.return_str(&text)
}

/// The MIME type of a `data:` URL, or null.
fn data_url_type(call: &mut Call<'_>) -> Result<(), Thrown> {
    match call.with_str(0, |url| DataUrl::process(url).ok().map(|data| data.mime_type().to_string()))? {
        Some(text) => call.return_str(&text),
        None => {
            call.return_null();
            Ok(())
        }
    }
}

/// The content of a `data:` URL, or null.
fn data_url_bytes(call: &mut Call<'_>) -> Result<(), Thrown> {
    match call.with_str(0, |url| DataUrl::process(url).ok()?.decode_to_vec().ok().map(|(bytes, _)| bytes))? {
        Some(bytes) => call.return_uint8_array(&bytes),
        None => {
            call.return_null();
            Ok(())
        }
    }
}
