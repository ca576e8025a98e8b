//! Numbers in groups of seven bits, lowest first, the high bit saying that more follow.

/// Reads on through bytes; past their end there are zeros and empty slices.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn at(bytes: &'a [u8], at: u32) -> Option<Self> {
        let rest = bytes.get(at as usize..).filter(|rest| !rest.is_empty());
        rest.map(Self)
    }

    pub(super) fn number(&mut self) -> u32 {
        let (mut number, mut shift) = (0, 0);
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            number |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        number
    }

    pub(super) fn take(&mut self, length: u32) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(length as usize).unwrap_or_default();
        self.0 = rest;
        taken
    }
}

/// Appends a number.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, 1 << 24, u32::MAX];
        let mut bytes = Vec::new();
        for number in numbers {
            put(&mut bytes, number);
        }
        let mut cursor = Cursor::at(&bytes, 0).unwrap();
        assert_eq!(numbers.map(|_| cursor.number()), numbers);
        assert_eq!((cursor.number(), cursor.take(1)), (0, [].as_slice()));
        assert!(Cursor::at(&bytes, 1_000).is_none());
    }
}
