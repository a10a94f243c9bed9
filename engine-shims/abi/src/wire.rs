//! Reading and writing the bytes of a message.

use alloc::vec::Vec;
use core::fmt;

/// A message or a field of it that is not as it must be: which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed message: {}", self.0)
    }
}

impl core::error::Error for Malformed {}

/// Something with a layout. Decoding borrows from the bytes and must consume all of them.
pub trait Message<'a>: Sized {
    /// Append the layout of this value.
    fn write(&self, out: &mut Writer);

    /// Read a value of this layout from the front of what is left.
    ///
    /// # Errors
    /// [`Malformed`], naming the field.
    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed>;

    /// The bytes of this message.
    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.write(&mut out);
        out.into_bytes()
    }

    /// The message these bytes are, exactly.
    ///
    /// # Errors
    /// [`Malformed`], naming the field, or for bytes left over.
    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        let value = Self::read(&mut input)?;
        if input.is_empty() { Ok(value) } else { Err(Malformed("bytes after the end")) }
    }
}

/// Appends fields to a buffer.
#[derive(Default, Debug)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A writer into `buffer`, after what it already holds.
    pub fn new(buffer: Vec<u8>) -> Self {
        Self(buffer)
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// One byte: tags and flags.
    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    /// Two bytes, little-endian.
    pub fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Four bytes, little-endian.
    pub fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// A count of list entries. Guest memory has 32-bit addresses, so no list that fits in it saturates.
    pub fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// A length and as many bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.count(value.len());
        self.0.extend_from_slice(value);
    }

    /// UTF-8 text, laid out as [`Writer::bytes`].
    pub fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// Bytes as they are: fixed-size fields.
    pub fn raw(&mut self, value: &[u8]) {
        self.0.extend_from_slice(value);
    }

    /// Messages after each other, their count first.
    pub fn list<'a, T: Message<'a>>(&mut self, items: &[T]) {
        self.count(items.len());
        for item in items {
            item.write(self);
        }
    }
}

/// Takes fields from the front of a buffer. Every method fails instead of reading past its end.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.0.len()
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`Malformed`] with `field` if there are fewer.
    pub fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(Malformed(field))?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Malformed(field))?;
        self.0 = tail;
        Ok(*head)
    }

    /// As many bytes as the array has.
    ///
    /// # Errors
    /// [`Malformed`] with `field` at the end of input.
    pub fn raw<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Malformed> {
        self.array(field)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`Malformed`] with `field` at the end of input.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        Ok(self.array::<1>(field)?[0])
    }

    /// A byte that is 0 or 1.
    ///
    /// # Errors
    /// [`Malformed`] with `field` for anything else.
    pub fn flag(&mut self, field: &'static str) -> Result<bool, Malformed> {
        match self.u8(field)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed(field)),
        }
    }

    /// Two bytes, little-endian.
    ///
    /// # Errors
    /// [`Malformed`] with `field` at the end of input.
    pub fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        Ok(u16::from_le_bytes(self.array(field)?))
    }

    /// Four bytes, little-endian.
    ///
    /// # Errors
    /// [`Malformed`] with `field` at the end of input.
    pub fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array(field)?))
    }

    /// Eight bytes, little-endian.
    ///
    /// # Errors
    /// [`Malformed`] with `field` at the end of input.
    pub fn u64(&mut self, field: &'static str) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    /// The count of a list whose entries take at least `entry_bytes` each; one that cannot fit in what is left is
    /// refused here, so that no allocation is larger than a small multiple of the message.
    ///
    /// # Errors
    /// [`Malformed`] with `field`.
    pub fn count(&mut self, entry_bytes: usize, field: &'static str) -> Result<usize, Malformed> {
        let count = self.u32(field)? as usize;
        match count.checked_mul(entry_bytes) {
            Some(needed) if needed <= self.remaining() => Ok(count),
            _ => Err(Malformed(field)),
        }
    }

    /// A length and as many bytes.
    ///
    /// # Errors
    /// [`Malformed`] with `field` if fewer are left.
    pub fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.u32(field)? as usize;
        self.take(len, field)
    }

    /// UTF-8 text.
    ///
    /// # Errors
    /// [`Malformed`] with `field` for a bad length or bad UTF-8.
    pub fn text(&mut self, field: &'static str) -> Result<&'a str, Malformed> {
        core::str::from_utf8(self.bytes(field)?).map_err(|_| Malformed(field))
    }

    /// A list of messages of at least `entry_bytes` each.
    ///
    /// # Errors
    /// [`Malformed`] with `field` or that of an entry.
    pub fn list<T: Message<'a>>(&mut self, entry_bytes: usize, field: &'static str) -> Result<Vec<T>, Malformed> {
        let count = self.count(entry_bytes, field)?;
        (0..count).map(|_| T::read(self)).collect()
    }
}
