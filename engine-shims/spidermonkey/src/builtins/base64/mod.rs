//! `atob` and `btoa`: <https://infra.spec.whatwg.org/#forgiving-base64>

use crate::runtime::native::{Call, Natives, Thrown};
use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

/// Define the natives of this API.
pub fn install(host: &mut Natives<'_>) {
    host.function("base64Encode", 1, encode);
    host.function("base64Decode", 1, decode);
}

fn encode(call: &mut Call<'_>) -> Result<(), Thrown> {
    let bytes = call.byte_string(0)?;
    call.return_latin1(STANDARD.encode(bytes).as_bytes())
}

/// A string of bytes, or null.
fn decode(call: &mut Call<'_>) -> Result<(), Thrown> {
    match call.with_str(0, |text| data_url::forgiving_base64::decode_to_vec(text.as_bytes()))? {
        Ok(bytes) => call.return_latin1(&bytes),
        Err(_) => {
            call.return_null();
            Ok(())
        }
    }
}
