//! The bytes of a file with gzip undone, and where in the file they stand.

use super::STDIN;
use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

const GZIP: &[u8] = &[0x1f, 0x8b];
const BUFFER: usize = 1 << 16;

/// The bytes of a file with gzip undone.
pub(super) struct Source(BufReader<Unpacked>);

enum Unpacked {
    Plain(Counted),
    /// Members one after another (RFC 1952 2.2).
    Gzip {
        /// None between two members.
        member: Option<Box<GzDecoder<Counted>>>,
        rest: Option<Counted>,
        /// Where the member begins.
        began: u64,
    },
}

/// A reader that knows how far it has been read.
struct Counted {
    inner: BufReader<Box<dyn Read>>,
    at: u64,
}

impl Source {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let inner: Box<dyn Read> = if path.as_os_str() == STDIN {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path)?)
        };
        Self::new(inner)
    }

    pub(super) fn new(inner: Box<dyn Read>) -> io::Result<Self> {
        let mut counted = Counted {
            inner: BufReader::with_capacity(BUFFER, inner),
            at: 0,
        };
        let unpacked = if counted.fill_buf()?.starts_with(GZIP) {
            Unpacked::Gzip {
                member: None,
                rest: Some(counted),
                began: 0,
            }
        } else {
            Unpacked::Plain(counted)
        };
        Ok(Self(BufReader::with_capacity(BUFFER, unpacked)))
    }

    /// Whether a WARC file begins here (ISO 28500 4).
    pub(super) fn is_warc(&mut self) -> io::Result<bool> {
        Ok(self.0.fill_buf()?.starts_with(b"WARC/"))
    }

    /// Where the next byte stands in the file; in a gzip file, where its member begins.
    pub(super) fn offset(&mut self) -> io::Result<u64> {
        self.0.fill_buf()?;
        let ahead = self.0.buffer().len() as u64;
        Ok(match self.0.get_ref() {
            Unpacked::Plain(counted) => counted.at - ahead,
            Unpacked::Gzip { began, .. } => *began,
        })
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Read for Unpacked {
    /// Never more than what is left of one member, so that a record's place is known.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (member, rest, began) = match self {
            Self::Plain(counted) => return counted.read(out),
            Self::Gzip {
                member,
                rest,
                began,
            } => (member, rest, began),
        };
        loop {
            if let Some(decoder) = member {
                let read = decoder.read(out)?;
                if read > 0 || out.is_empty() {
                    return Ok(read);
                }
                *rest = member.take().map(|decoder| decoder.into_inner());
            }
            let Some(mut next) = rest.take() else {
                return Ok(0);
            };
            if !next.has_member()? {
                *rest = Some(next);
                return Ok(0);
            }
            *began = next.at;
            *member = Some(Box::new(GzDecoder::new(next)));
        }
    }
}

impl Counted {
    /// Whether a member follows; zeros that a tape or a disk added do not count as one.
    fn has_member(&mut self) -> io::Result<bool> {
        loop {
            let ahead = self.fill_buf()?;
            let zeros = ahead.iter().take_while(|byte| **byte == 0).count();
            match ahead.get(zeros) {
                Some(byte) if *byte == GZIP[0] => {
                    self.consume(zeros);
                    return Ok(true);
                }
                Some(_) => {
                    let what = format!("what follows byte {} is no gzip data", self.at);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                }
                None if zeros == 0 => return Ok(false),
                None => self.consume(zeros),
            }
        }
    }
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
        self.inner.consume(amount);
    }
}
