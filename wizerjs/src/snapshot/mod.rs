//! Bytes in, bytes out: parse, instrument, capture, rewrite.
