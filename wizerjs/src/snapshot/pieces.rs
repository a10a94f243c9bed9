//! Bytes that are partly new and partly somewhere already: code in the module, data in an instance's memory.

use std::ops::Range;

/// Bytes in pieces, in order. What is large is borrowed, so a snapshot is never in memory as a whole.
#[derive(Debug, Default)]
pub struct Pieces<'a> {
    new: Vec<u8>,
    order: Vec<Piece<'a>>,
    len: usize,
}

#[derive(Debug)]
enum Piece<'a> {
    /// A part of `new`.
    New(Range<usize>),
    Borrowed(&'a [u8]),
}

impl<'a> Pieces<'a> {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces; none is empty.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        self.order.iter().map(|piece| match piece {
            Piece::New(range) => &self.new[range.clone()],
            Piece::Borrowed(bytes) => bytes,
        })
    }

    /// All bytes in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len);
        self.slices().for_each(|slice| bytes.extend_from_slice(slice));
        bytes
    }

    /// Append what `write` writes.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.new.len();
        write(&mut self.new);
        self.take_in(start..self.new.len());
    }

    /// Append bytes that are elsewhere.
    pub(super) fn borrow(&mut self, bytes: &'a [u8]) {
        self.len += bytes.len();
        if !bytes.is_empty() {
            self.order.push(Piece::Borrowed(bytes));
        }
    }

    /// Append other pieces.
    pub(super) fn append(&mut self, other: Pieces<'a>) {
        let start = self.new.len();
        self.new.extend_from_slice(&other.new);
        for piece in other.order {
            match piece {
                Piece::New(range) => self.take_in(start + range.start..start + range.end),
                Piece::Borrowed(bytes) => self.borrow(bytes),
            }
        }
    }

    /// Note bytes of `new` that come next.
    fn take_in(&mut self, range: Range<usize>) {
        self.len += range.len();
        match self.order.last_mut() {
            Some(Piece::New(last)) if last.end == range.start => last.end = range.end,
            _ if range.is_empty() => {}
            _ => self.order.push(Piece::New(range)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    #[test]
    fn pieces_come_in_order_and_new_ones_that_touch_are_one() {
        let mut inner = Pieces::default();
        inner.push(|new| new.push(3));
        inner.borrow(&[4, 5]);
        let mut pieces = Pieces::default();
        pieces.push(|new| new.extend([0, 1]));
        pieces.push(|_| {});
        pieces.push(|new| new.push(2));
        pieces.append(inner);
        pieces.borrow(&[]);
        pieces.push(|new| new.push(6));
        assert_eq!(pieces.slices().collect::<Vec<_>>(), [&[0, 1, 2, 3][..], &[4, 5], &[6]]);
        assert_eq!(pieces.to_vec(), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(pieces.len(), 7);
    }
}
