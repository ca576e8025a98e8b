//! Content codings undone as bytes come in (RFC 9110 8.4), with a cap on what comes out.
//!
//! A declared coding is a claim. Each layer looks at the first bytes before it believes it,
//! because servers label plain pages `gzip`, mix up zlib and raw deflate, and compress twice
//! while saying so once.

mod layers;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use layers::{Brotli, Inflate, Zstd};

/// Codings on top of each other that we undo; a chain beyond it is a bomb or a mistake.
const MOST_LAYERS: usize = 3;
/// A layer decides what it is when it has seen this many bytes, or all there are.
const HEAD: usize = 64;
/// Room made at once for decoded bytes.
const ROOM: usize = 32 * 1024;

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

    /// Bytes decoded so far.
    pub(super) fn given(&self) -> usize {
        self.out.len()
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
            Self::Inflate(inflate) => inflate.is_whole(),
            Self::Brotli(brotli) => brotli.is_whole(),
            Self::Zstd(zstd) => zstd.is_whole(),
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

#[cfg(test)]
mod tests;
