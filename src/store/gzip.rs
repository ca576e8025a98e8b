//! One gzip member a record (RFC 1952), with a body that is compressed already left as it is.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// No flags, no time, unknown system (RFC 1952 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// The most that a stored block holds (RFC 1951 3.2.4).
const STORED: usize = 0xffff;

/// A compressor that is used again for each member: making one costs more than a small record.
pub(super) struct Gzip(Compress);

impl Gzip {
    pub(super) fn new() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }

    /// Appends one member that holds `head`, `body` and `tail`. With `coded`, the body is
    /// compressed already and goes into stored blocks.
    pub(super) fn member(
        &mut self,
        out: &mut Vec<u8>,
        [head, body, tail]: [&[u8]; 3],
        coded: bool,
    ) {
        out.extend_from_slice(&HEADER);
        self.0.reset();
        self.deflate(out, head, FlushCompress::None);
        if coded {
            // A sync flush ends on a byte's edge, where stored blocks may follow.
            self.deflate(out, &[], FlushCompress::Sync);
            for block in body.chunks(STORED) {
                stored(out, block, false);
            }
            stored(out, tail, true);
        } else {
            self.deflate(out, body, FlushCompress::None);
            self.deflate(out, tail, FlushCompress::Finish);
        }
        let mut crc = Crc::new();
        for part in [head, body, tail] {
            crc.update(part);
        }
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&crc.amount().to_le_bytes());
    }

    fn deflate(&mut self, out: &mut Vec<u8>, mut input: &[u8], flush: FlushCompress) {
        loop {
            out.reserve(input.len() / 3 + 512);
            let before = self.0.total_in();
            let status = self.0.compress_vec(input, out, flush);
            let taken = usize::try_from(self.0.total_in() - before).unwrap_or(usize::MAX);
            input = input.get(taken..).unwrap_or_default();
            let room = out.len() < out.capacity();
            match (flush, status) {
                // Only misuse of the stream is an error here, and only its end is an end.
                (_, Err(_) | Ok(Status::StreamEnd)) => return,
                (FlushCompress::Finish, _) => {}
                _ if input.is_empty() && room => return,
                _ => {}
            }
        }
    }
}

/// One stored block (RFC 1951 3.2.4).
fn stored(out: &mut Vec<u8>, block: &[u8], last: bool) {
    let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
    out.push(u8::from(last));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(block);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn members_of_all_sizes_inflate_to_what_went_in() {
        let mut gzip = Gzip::new();
        for size in [0, 1, 100, 65_535, 65_536, 300_000] {
            let noise: Vec<u8> = (0..size)
                .map(|i: u32| i.wrapping_mul(2_654_435_761).to_be_bytes()[0])
                .collect();
            for coded in [false, true] {
                let mut out = Vec::new();
                gzip.member(&mut out, [b"head", &noise, b"\r\n\r\n"], coded);
                let mut back = Vec::new();
                let mut reader = flate2::read::GzDecoder::new(&out[..]);
                reader.read_to_end(&mut back).unwrap();
                assert_eq!(
                    back,
                    [b"head", &noise[..], b"\r\n\r\n"].concat(),
                    "{size} {coded}"
                );
                assert!(reader.into_inner().is_empty());
            }
        }
    }
}
