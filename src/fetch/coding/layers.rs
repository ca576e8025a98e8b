//! The decoders of single codings, each a step at a time: input is taken as far as it fits,
//! output goes into the room that the vector has.

use super::{GZIP_MAGIC, ROOM, Stop};
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, InBuffer, Operation, OutBuffer};

/// RFC 9659: zstd as a content coding has a window of at most 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

/// gzip, zlib or raw deflate.
pub(super) struct Inflate {
    stream: Decompress,
    gzip: bool,
    state: Members,
}

/// Where in a sequence of gzip members we are (RFC 1952 2.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    /// Within the first.
    First,
    /// One or more are whole and nothing of another has been seen.
    Between,
    /// Within a later one.
    Later,
    /// What follows is not a member: it is ignored, as gzip does.
    Over,
}

/// Brotli (RFC 7932).
pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    over: bool,
}

/// Zstandard (RFC 8878).
pub(super) struct Zstd {
    stream: zstd::stream::raw::Decoder<'static>,
    whole: bool,
    any: bool,
}

impl Inflate {
    fn new(stream: Decompress, gzip: bool) -> Self {
        Self {
            stream,
            gzip,
            state: Members::First,
        }
    }

    pub(super) fn gzip() -> Self {
        Self::new(Decompress::new_gzip(15), true)
    }

    /// Whether a stream has ended and none has begun after it.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.state, Members::Between | Members::Over)
    }

    /// `deflate` is a zlib stream by RFC 9110 8.4.1.2 and a raw one on many servers.
    pub(super) fn zlib_or_raw(head: &[u8]) -> Option<Self> {
        let decodes = |zlib| {
            let mut scratch = Vec::with_capacity(ROOM);
            Decompress::new(zlib)
                .decompress_vec(head, &mut scratch, FlushDecompress::None)
                .is_ok()
        };
        let zlib = [true, false].into_iter().find(|zlib| decodes(*zlib))?;
        Some(Self::new(Decompress::new(zlib), false))
    }

    /// Takes from `input` what fits, decodes into the room of `out`, says how much it took.
    pub(super) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
        match self.state {
            Members::Over => return Ok(input.len()),
            Members::Between if input.is_empty() => return Ok(0),
            Members::Between if !self.gzip || input[0] != GZIP_MAGIC[0] => {
                self.state = Members::Over;
                return Ok(input.len());
            }
            Members::Between => {
                self.stream = Decompress::new_gzip(15);
                self.state = Members::Later;
            }
            Members::First | Members::Later => {}
        }
        self.inflate(input, out)
    }

    fn inflate(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
        let before = self.stream.total_in();
        let answer = self
            .stream
            .decompress_vec(input, out, FlushDecompress::None);
        match answer {
            Ok(Status::StreamEnd) => self.state = Members::Between,
            Ok(Status::Ok | Status::BufError) => {}
            Err(_) if self.state == Members::Later && self.stream.total_out() == 0 => {
                self.state = Members::Over;
                return Ok(input.len());
            }
            Err(_) => return Err(Stop::Broken),
        }
        Ok(usize::try_from(self.stream.total_in() - before).unwrap_or(input.len()))
    }
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self {
            state: BrotliState::new_strict(alloc(), alloc(), alloc()),
            over: false,
        }
    }

    /// Whether the stream has ended.
    pub(super) fn is_whole(&self) -> bool {
        self.over
    }

    /// Takes from `input` what fits, decodes into the room of `out`, says how much it took.
    pub(super) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
        if self.over {
            return Ok(input.len());
        }
        let before = out.len();
        let mut left = input.len();
        let mut read = 0;
        let mut room = out.capacity() - before;
        let mut wrote = 0;
        out.resize(before + room, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            input,
            &mut room,
            &mut wrote,
            &mut out[before..],
            &mut 0,
            &mut self.state,
        );
        out.truncate(before + wrote);
        match result {
            BrotliResult::ResultFailure => return Err(Stop::Broken),
            BrotliResult::ResultSuccess => self.over = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(read)
    }
}

impl Zstd {
    pub(super) fn new() -> Option<Self> {
        let mut stream = zstd::stream::raw::Decoder::new().ok()?;
        stream
            .set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))
            .ok()?;
        Some(Self {
            stream,
            whole: false,
            any: false,
        })
    }

    /// Whether a frame has ended and none has begun after it.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Takes from `input` what fits, decodes into the room of `out`, says how much it took.
    pub(super) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
        if input.is_empty() && self.whole {
            return Ok(0);
        }
        let before = out.len();
        let mut from = InBuffer::around(input);
        let answer = self
            .stream
            .run(&mut from, &mut OutBuffer::around_pos(out, before));
        match answer {
            Ok(hint) => self.whole = hint == 0,
            // What follows the last whole frame is ignored, as with gzip.
            Err(_) if self.whole && self.any => return Ok(input.len()),
            Err(_) => return Err(Stop::Broken),
        }
        self.any |= self.whole;
        Ok(from.pos())
    }
}
