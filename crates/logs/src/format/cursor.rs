//! A place in a line, and the few things that are read from it.

/// Reads a line byte by byte, without copying.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next byte; 0 at the end.
    pub(super) fn peek(self) -> u8 {
        self.ahead(0)
    }

    /// The byte `by` places on; 0 past the end.
    pub(super) fn ahead(self, by: usize) -> u8 {
        self.bytes.get(self.at + by).copied().unwrap_or(0)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == byte && byte != 0;
        self.at += usize::from(is);
        is
    }

    pub(super) fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let byte = self.peek();
        (byte != 0 && set.contains(&byte)).then(|| {
            self.at += 1;
            byte
        })
    }

    pub(super) fn word(&mut self, word: &[u8]) -> bool {
        let is = self.rest().starts_with(word);
        self.at += if is { word.len() } else { 0 };
        is
    }

    /// One or more blanks.
    pub(super) fn blanks(&mut self) -> bool {
        let from = self.at;
        while matches!(self.peek(), b' ' | b'\t') {
            self.at += 1;
        }
        self.at > from
    }

    /// How many digits follow.
    pub(super) fn digits(self) -> usize {
        self.rest().iter().take_while(|b| b.is_ascii_digit()).count()
    }

    /// A number of exactly `n` digits, whatever follows.
    pub(super) fn fixed(&mut self, n: usize) -> Option<u32> {
        let mut value = 0u32;
        for i in 0..n {
            let byte = self.ahead(i);
            if !byte.is_ascii_digit() {
                return None;
            }
            value = value.wrapping_mul(10).wrapping_add(u32::from(byte - b'0'));
        }
        self.at += n;
        Some(value)
    }

    /// A number of one or two digits that no third follows.
    pub(super) fn short(&mut self) -> Option<u32> {
        let n = if self.ahead(1).is_ascii_digit() { 2 } else { 1 };
        let value = self.fixed(n)?;
        (!self.peek().is_ascii_digit()).then_some(value)
    }

    /// Digits of a fraction of a second as nanoseconds; what is finer is passed over.
    pub(super) fn fraction(&mut self) -> Option<u32> {
        let n = self.digits();
        if n == 0 {
            return None;
        }
        let mut nanos = 0u32;
        for i in 0..9 {
            let digit = if i < n { u32::from(self.ahead(i) - b'0') } else { 0 };
            nanos = nanos * 10 + digit;
        }
        self.at += n;
        Some(nanos)
    }
}
