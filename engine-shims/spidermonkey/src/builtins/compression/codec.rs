//! One compressor or decompressor, taking input in chunks and giving output in pieces.

use ::std::io::Write;
use flate2::write::{DeflateEncoder, GzDecoder, GzEncoder, ZlibEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};

/// Input is fed in slices of this many bytes: deflate expands at most 1032 times, so a step makes at most 264 KB.
const SLICE_BYTES: usize = 256;
/// A piece of output is given as soon as it has this many bytes.
const PIECE_BYTES: usize = 65_536;

const CORRUPT: &str = "the compressed data is not well formed";
const TRAILING: &str = "there is data after the end of the compressed data";
const TRUNCATED: &str = "the compressed data ends too early";

/// A codec and the input it has not taken yet.
pub struct Codec {
    kind: Kind,
    input: Vec<u8>,
    position: usize,
    /// Told after the output that came before it.
    failure: Option<&'static str>,
}

enum Kind {
    Deflate(ZlibEncoder<Vec<u8>>),
    DeflateRaw(DeflateEncoder<Vec<u8>>),
    Gzip(GzEncoder<Vec<u8>>),
    Inflate { state: Decompress, output: Vec<u8>, ended: bool },
    Gunzip { decoder: GzDecoder<Vec<u8>>, ended: bool },
}

impl Codec {
    /// `None` for a format that does not exist.
    pub fn new(format: &str, compress: bool) -> Option<Self> {
        let level = Compression::default();
        let inflate = |zlib| Kind::Inflate { state: Decompress::new(zlib), output: Vec::new(), ended: false };
        let kind = match (format, compress) {
            ("deflate", true) => Kind::Deflate(ZlibEncoder::new(Vec::new(), level)),
            ("deflate-raw", true) => Kind::DeflateRaw(DeflateEncoder::new(Vec::new(), level)),
            ("gzip", true) => Kind::Gzip(GzEncoder::new(Vec::new(), level)),
            ("deflate", false) => inflate(true),
            ("deflate-raw", false) => inflate(false),
            ("gzip", false) => Kind::Gunzip { decoder: GzDecoder::new(Vec::new()), ended: false },
            _ => return None,
        };
        Some(Self { kind, input: Vec::new(), position: 0, failure: None })
    }

    /// Take the next chunk. The one before must have been used up by [`Codec::more`].
    pub fn write(&mut self, input: Vec<u8>) {
        self.input = input;
        self.position = 0;
    }

    /// The next piece of output, or `None` when the input is used up.
    pub fn more(&mut self) -> Result<Option<Vec<u8>>, &'static str> {
        while self.failure.is_none() && self.position < self.input.len() && self.kind.output().len() < PIECE_BYTES {
            let end = self.input.len().min(self.position + SLICE_BYTES);
            match self.kind.step(&self.input[self.position..end]) {
                Ok(used) => self.position += used,
                Err(failure) => self.failure = Some(failure),
            }
        }
        let output = ::std::mem::take(self.kind.output());
        if let (true, Some(failure)) = (output.is_empty(), self.failure) {
            return Err(failure);
        }
        Ok((!output.is_empty()).then_some(output))
    }

    /// End of input: the rest of the output.
    pub fn finish(&mut self) -> Result<Vec<u8>, &'static str> {
        match &mut self.kind {
            Kind::Deflate(encoder) => encoder.try_finish().map_err(|_| CORRUPT)?,
            Kind::DeflateRaw(encoder) => encoder.try_finish().map_err(|_| CORRUPT)?,
            Kind::Gzip(encoder) => encoder.try_finish().map_err(|_| CORRUPT)?,
            Kind::Inflate { ended: true, .. } | Kind::Gunzip { ended: true, .. } => {}
            Kind::Inflate { .. } => return Err(TRUNCATED),
            Kind::Gunzip { decoder, .. } => decoder.try_finish().map_err(|_| TRUNCATED)?,
        }
        Ok(::std::mem::take(self.kind.output()))
    }
}

impl Kind {
    fn output(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Deflate(encoder) => encoder.get_mut(),
            Self::DeflateRaw(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Inflate { output, .. } => output,
            Self::Gunzip { decoder, .. } => decoder.get_mut(),
        }
    }

    /// Feed a slice, which is not empty; how many bytes of it were used.
    fn step(&mut self, slice: &[u8]) -> Result<usize, &'static str> {
        match self {
            Self::Deflate(encoder) => encoder.write(slice).map_err(|_| CORRUPT),
            Self::DeflateRaw(encoder) => encoder.write(slice).map_err(|_| CORRUPT),
            Self::Gzip(encoder) => encoder.write(slice).map_err(|_| CORRUPT),
            Self::Inflate { ended: true, .. } | Self::Gunzip { ended: true, .. } => Err(TRAILING),
            Self::Inflate { state, output, ended } => inflate(state, output, ended, slice),
            Self::Gunzip { decoder, ended } => {
                let used = decoder.write(slice).map_err(|_| CORRUPT)?;
                if used == 0 {
                    // Nothing is taken once the trailer was read; whether it was right is known at the end.
                    decoder.try_finish().map_err(|_| CORRUPT)?;
                    *ended = true;
                    return Err(TRAILING);
                }
                Ok(used)
            }
        }
    }
}

fn inflate(
    state: &mut Decompress,
    output: &mut Vec<u8>,
    ended: &mut bool,
    slice: &[u8],
) -> Result<usize, &'static str> {
    let before = state.total_in();
    loop {
        output.reserve(PIECE_BYTES);
        let used = (state.total_in() - before) as usize;
        let written = output.len();
        let status = state.decompress_vec(&slice[used..], output, FlushDecompress::None).map_err(|_| CORRUPT)?;
        let used = (state.total_in() - before) as usize;
        if status == Status::StreamEnd {
            *ended = true;
            return Ok(used);
        }
        // All input is in, and there was room to spare for its output.
        if used == slice.len() && output.len() < output.capacity() {
            return Ok(used);
        }
        if used < slice.len() && output.len() == written && status == Status::BufError {
            return Err(CORRUPT);
        }
    }
}
