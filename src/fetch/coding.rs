//! Content codings undone as bytes come in (RFC 9110 8.4), with a cap on what comes out.
//!
//! A declared coding is a claim. Each layer looks at the first bytes before it believes it,
//! because servers label plain pages `gzip`, mix up zlib and raw deflate, and compress twice
//! while saying so once.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use zstd::stream::raw::{DParameter, InBuffer, Operation, OutBuffer};

/// Codings on top of each other that we undo; a chain beyond it is a bomb or a mistake.
const MOST_LAYERS: usize = 3;
/// A layer decides what it is when it has seen this many bytes, or all there are.
const HEAD: usize = 64;
/// Room made at once for decoded bytes.
const ROOM: usize = 32 * 1024;
/// RFC 9659: zstd as a content coding has a window of at most 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Why decoding goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The cap is reached; what fits is kept.
    Full,
    /// The bytes are not what they claim to be; what was decoded before is kept.
    Broken,
}

/// A coding as a server may declare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    Unknown,
    /// Not declared at all: gzip where the magic says so, else plain.
    Undeclared,
}

/// The layers of one body, outermost first, and what they have given so far.
pub(super) struct Chain {
    layers: Vec<Layer>,
    out: Vec<u8>,
    cap: usize,
}

enum Layer {
    Undecided { coding: Coding, head: Vec<u8> },
    Plain,
    Inflate(Inflate),
    Brotli(Box<Brotli>),
    Zstd(Zstd),
}

struct Inflate {
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

struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    over: bool,
}

struct Zstd {
    stream: zstd::stream::raw::Decoder<'static>,
    whole: bool,
    any: bool,
}

impl Chain {
    /// The chain that `headers` declare, giving at most `cap` bytes.
    pub(super) fn of(headers: &HeaderMap, cap: usize) -> Self {
        let mut codings = declared(headers);
        codings.reverse();
        codings.truncate(MOST_LAYERS + 1);
        if codings.len() < MOST_LAYERS && !is_packed_type(headers) {
            codings.push(Coding::Undeclared);
        }
        let layers = codings.into_iter().map(Layer::undecided).collect();
        Self {
            layers,
            out: Vec::new(),
            cap,
        }
    }

    /// Whether nothing needs to be undone, as far as is known.
    pub(super) fn is_plain(&self) -> bool {
        self.layers.iter().all(Layer::is_plain)
    }

    /// Takes the first bytes of a body: where they show that nothing is to be undone, no copy is made.
    pub(super) fn begin(&mut self, first: &[u8], about: usize) {
        if let [Layer::Undecided { coding, .. }] = self.layers.as_slice()
            && *coding == Coding::Undeclared
            && first.len() >= GZIP_MAGIC.len()
            && !first.starts_with(GZIP_MAGIC)
        {
            self.layers.clear();
        } else {
            self.out.reserve(about.min(self.cap));
        }
    }

    /// Decodes what came next.
    pub(super) fn push(&mut self, input: &[u8]) -> Result<(), Stop> {
        let Self { layers, out, cap } = self;
        if layers.len() > MOST_LAYERS {
            return Err(Stop::Broken);
        }
        pump(layers, input, out, *cap, false)
    }

    /// Decodes what was held back. `Broken` when a layer is not at its end.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        let Self { layers, out, cap } = self;
        pump(layers, &[], out, *cap, true)?;
        if layers.iter().all(Layer::is_whole) {
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }

    /// What was decoded.
    pub(super) fn into_output(self) -> Vec<u8> {
        self.out
    }
}

/// The codings of `Content-Encoding`, in the order in which they were applied.
fn declared(headers: &HeaderMap) -> Vec<Coding> {
    let values = headers.get_all(CONTENT_ENCODING).into_iter();
    let tokens = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    tokens.filter_map(Coding::named).collect()
}

/// A body of these types is a packed file by itself: to be unpacked by who reads it, if at all.
fn is_packed_type(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let essence = value.and_then(|value| value.split(|byte| *byte == b';').next());
    let packed: [&[u8]; 5] = [
        b"application/gzip",
        b"application/x-gzip",
        b"application/x-gunzip",
        b"application/octet-stream",
        b"binary/octet-stream",
    ];
    essence.is_some_and(|essence| {
        packed
            .iter()
            .any(|name| essence.trim_ascii().eq_ignore_ascii_case(name))
    })
}

impl Coding {
    /// The coding of a token; `None` for none at all.
    fn named(token: &[u8]) -> Option<Self> {
        let name = token.trim_ascii().to_ascii_lowercase();
        match name.as_slice() {
            b"" | b"identity" | b"none" => None,
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" | b"x-deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            b"zstd" => Some(Self::Zstd),
            _ => Some(Self::Unknown),
        }
    }
}

/// Feeds `input` to the first layer, its output to the next, and the last one's to `out`.
fn pump(
    layers: &mut [Layer],
    input: &[u8],
    out: &mut Vec<u8>,
    cap: usize,
    end: bool,
) -> Result<(), Stop> {
    let Some((layer, rest)) = layers.split_first_mut() else {
        return append(out, input, cap);
    };
    let head = layer.decide(input, end)?;
    let Some(input) = head.as_deref().or((!layer.is_undecided()).then_some(input)) else {
        return Ok(());
    };
    if layer.is_plain() {
        return pump(rest, input, out, cap, end);
    }
    if rest.iter().all(Layer::is_plain) {
        return drain(layer, input, out, cap);
    }
    through(layer, rest, input, out, cap)?;
    if end {
        pump(rest, &[], out, cap, true)
    } else {
        Ok(())
    }
}

fn append(out: &mut Vec<u8>, input: &[u8], cap: usize) -> Result<(), Stop> {
    let room = cap - out.len();
    out.extend_from_slice(&input[..input.len().min(room)]);
    if input.len() > room {
        Err(Stop::Full)
    } else {
        Ok(())
    }
}

/// Runs the last layer straight into the output.
fn drain(layer: &mut Layer, mut input: &[u8], out: &mut Vec<u8>, cap: usize) -> Result<(), Stop> {
    loop {
        let before = out.len();
        if out.capacity() - before < ROOM / 4 {
            out.reserve(before.clamp(ROOM, 1 << 20));
        }
        let read = layer.step(input, out);
        if out.len() > cap {
            out.truncate(cap);
            return Err(Stop::Full);
        }
        let read = read?;
        if read == 0 && out.len() == before {
            return Ok(());
        }
        input = &input[read..];
    }
}

/// Runs a layer into a small buffer, and that through the layers after it, so that a bomb in a
/// bomb never stands in memory between them.
fn through(
    layer: &mut Layer,
    rest: &mut [Layer],
    mut input: &[u8],
    out: &mut Vec<u8>,
    cap: usize,
) -> Result<(), Stop> {
    let mut middle = Vec::with_capacity(ROOM);
    loop {
        middle.clear();
        let read = layer.step(input, &mut middle);
        pump(rest, &middle, out, cap, false)?;
        let read = read?;
        if read == 0 && middle.is_empty() {
            return Ok(());
        }
        input = &input[read..];
    }
}

impl Layer {
    fn undecided(coding: Coding) -> Self {
        Self::Undecided {
            coding,
            head: Vec::new(),
        }
    }

    fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }

    fn is_undecided(&self) -> bool {
        matches!(self, Self::Undecided { .. })
    }

    /// Whether the layer is at an end of its data.
    fn is_whole(&self) -> bool {
        match self {
            Self::Undecided { head, .. } => head.is_empty(),
            Self::Plain => true,
            Self::Inflate(inflate) => matches!(inflate.state, Members::Between | Members::Over),
            Self::Brotli(brotli) => brotli.over,
            Self::Zstd(zstd) => zstd.whole,
        }
    }

    /// Gathers the first bytes of an undecided layer and decides once there are enough; then
    /// returns all that was gathered, to be decoded.
    fn decide(&mut self, input: &[u8], end: bool) -> Result<Option<Vec<u8>>, Stop> {
        let Self::Undecided { coding, head } = self else {
            return Ok(None);
        };
        head.extend_from_slice(input);
        if head.is_empty() || head.len() < HEAD && !end {
            return Ok(None);
        }
        let head = std::mem::take(head);
        *self = Self::choose(*coding, &head).ok_or(Stop::Broken)?;
        Ok(Some(head))
    }

    /// What a body that begins with `head` and is declared as `coding` really is.
    fn choose(coding: Coding, head: &[u8]) -> Option<Self> {
        if head.starts_with(GZIP_MAGIC) && coding != Coding::Brotli {
            return Some(Self::Inflate(Inflate::gzip()));
        }
        if coding == Coding::Undeclared {
            return Some(Self::Plain);
        }
        if head.starts_with(ZSTD_MAGIC) {
            return Zstd::new().map(Self::Zstd);
        }
        if head.len() >= HEAD / 2 && is_text(head) {
            return Some(Self::Plain);
        }
        let layer = match coding {
            Coding::Brotli => Some(Self::Brotli(Box::new(Brotli::new()))),
            Coding::Deflate => Inflate::zlib_or_raw(head).map(Self::Inflate),
            _ => None,
        };
        if is_text(head) && !layer.is_some_and(|layer| layer.decodes(head)) {
            return Some(Self::Plain);
        }
        match coding {
            Coding::Brotli => Some(Self::Brotli(Box::new(Brotli::new()))),
            _ => Inflate::zlib_or_raw(head).map(Self::Inflate),
        }
    }

    /// Whether `body` is a whole body of this layer: asked of short ones, which may pass for text.
    fn decodes(mut self, body: &[u8]) -> bool {
        let mut out = Vec::new();
        drain(&mut self, body, &mut out, ROOM).is_ok() && self.is_whole()
    }

    /// Takes from `input` what fits, decodes into the spare room of `out`, says how much it took.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
        match self {
            Self::Undecided { .. } | Self::Plain => {
                out.extend_from_slice(input);
                Ok(input.len())
            }
            Self::Inflate(inflate) => inflate.step(input, out),
            Self::Brotli(brotli) => brotli.step(input, out),
            Self::Zstd(zstd) => zstd.step(input, out),
        }
    }
}

/// Text in any charset that news sites use: no control characters but white space and escape.
/// Compressed data has one in nine bytes of those.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, 9..=13 | 0x1b) || *byte == 0x7f;
    utf16 || !bytes.iter().any(control)
}

impl Inflate {
    fn new(stream: Decompress, gzip: bool) -> Self {
        Self {
            stream,
            gzip,
            state: Members::First,
        }
    }

    fn gzip() -> Self {
        Self::new(Decompress::new_gzip(15), true)
    }

    /// `deflate` is a zlib stream by RFC 9110 8.4.1.2 and a raw one on many servers.
    fn zlib_or_raw(head: &[u8]) -> Option<Self> {
        let decodes = |zlib| {
            let mut scratch = Vec::with_capacity(ROOM);
            Decompress::new(zlib)
                .decompress_vec(head, &mut scratch, FlushDecompress::None)
                .is_ok()
        };
        let zlib = [true, false].into_iter().find(|zlib| decodes(*zlib))?;
        Some(Self::new(Decompress::new(zlib), false))
    }

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
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
    fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self {
            state: BrotliState::new_strict(alloc(), alloc(), alloc()),
            over: false,
        }
    }

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
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
    fn new() -> Option<Self> {
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

    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Stop> {
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

#[cfg(test)]
#[path = "coding_tests.rs"]
mod tests;
