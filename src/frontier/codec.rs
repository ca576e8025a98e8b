//! Links as bytes: the one form of them on disk, in the frontier's records and in the store's log.
//!
//! ```text
//! version (1)  count  { head  [seed depth hops via priority]  length  suffix }*
//! ```
//!
//! All numbers but the four single bytes are varints. `head` is the length of the beginning
//! that the URL shares with the one before it, shifted left once; its lowest bit says that the
//! five fields are those of the link before. So what the links of a page have in common is
//! stored once, and a record can be read from the front without unpacking the rest.

use super::entry::{Link, Via};
use crate::normal::{NormalUrl, UrlError};

const VERSION: u8 = 1;

/// Why bytes are not a list of links.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Written by a newer gleaner, or no list of links at all.
    #[error("links in the unknown format {0}")]
    Version(u8),
    /// The bytes end too early, go on too long or contradict themselves.
    #[error("links cut short or garbled: {0}")]
    Garbled(&'static str),
    /// What stands where a URL should is none.
    #[error("a stored URL does not parse")]
    Url(#[from] UrlError),
}

/// Encodes links, in their order.
#[must_use]
pub fn encode_links(links: &[Link]) -> Vec<u8> {
    let mut encoder = Encoder::default();
    for link in links {
        encoder.push(link.into());
    }
    encoder.finish()
}

/// Decodes what [`encode_links`] made.
///
/// # Errors
/// When the bytes are anything else.
pub fn decode_links(bytes: &[u8]) -> Result<Vec<Link>, CodecError> {
    let mut reader = LinkReader::new(bytes, 0)?;
    let mut links = Vec::new();
    while reader.advance()? {
        links.push(reader.link()?);
    }
    Ok(links)
}

/// A link whose URL is still text.
#[derive(Clone, Copy)]
pub(super) struct RawLink<'a> {
    url: &'a [u8],
    fields: Fields,
}

impl<'a> From<&'a Link> for RawLink<'a> {
    fn from(link: &'a Link) -> Self {
        Self {
            url: link.url.as_str().as_bytes(),
            fields: Fields {
                seed: link.seed,
                depth: link.depth,
                hops: link.hops,
                via: link.via,
                priority: link.priority,
            },
        }
    }
}

impl RawLink<'_> {
    /// The link's rank.
    pub(super) fn priority(self) -> u8 {
        self.fields.priority
    }

    fn link(self) -> Result<Link, CodecError> {
        let text = str::from_utf8(self.url).map_err(|_| CodecError::Garbled("not UTF-8"))?;
        Ok(Link {
            url: NormalUrl::stored(text)?,
            seed: self.fields.seed,
            depth: self.fields.depth,
            hops: self.fields.hops,
            via: self.fields.via,
            priority: self.fields.priority,
        })
    }
}

/// What a link carries besides its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fields {
    seed: u32,
    depth: u8,
    hops: u8,
    via: Via,
    priority: u8,
}

/// Encodes links one after another.
#[derive(Default)]
pub(super) struct Encoder {
    body: Vec<u8>,
    count: u64,
    url: Vec<u8>,
    fields: Option<Fields>,
}

impl Encoder {
    /// Appends a link.
    pub(super) fn push(&mut self, link: RawLink<'_>) {
        let RawLink { url, fields } = link;
        let same = self.fields == Some(fields);
        let shared = common_beginning(&self.url, url);
        put_varint(&mut self.body, (shared as u64) << 1 | u64::from(same));
        if !same {
            put_varint(&mut self.body, u64::from(fields.seed));
            let small = [fields.depth, fields.hops, fields.via as u8, fields.priority];
            self.body.extend_from_slice(&small);
            self.fields = Some(fields);
        }
        put_varint(&mut self.body, (url.len() - shared) as u64);
        self.body.extend_from_slice(&url[shared..]);
        self.url.truncate(shared);
        self.url.extend_from_slice(&url[shared..]);
        self.count += 1;
    }

    /// Links so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Bytes so far.
    pub(super) fn size(&self) -> usize {
        self.body.len()
    }

    /// The encoded list.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.body.len() + 4);
        bytes.push(VERSION);
        put_varint(&mut bytes, self.count);
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Reads links one after another, and can rest between them.
pub(super) struct LinkReader<B> {
    bytes: B,
    at: usize,
    left: u64,
    url: Vec<u8>,
    fields: Option<Fields>,
}

impl<B: AsRef<[u8]>> LinkReader<B> {
    /// A reader before the first link of the list that begins `start` bytes into `bytes`.
    pub(super) fn new(bytes: B, start: usize) -> Result<Self, CodecError> {
        let mut reader = Self {
            bytes,
            at: start,
            left: 0,
            url: Vec::new(),
            fields: None,
        };
        match reader.byte()? {
            VERSION => reader.left = reader.varint()?,
            other => return Err(CodecError::Version(other)),
        }
        Ok(reader)
    }

    /// Links ahead.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Goes to the next link; `false` when there is none.
    pub(super) fn advance(&mut self) -> Result<bool, CodecError> {
        if self.left == 0 {
            let whole = self.at == self.bytes.as_ref().len();
            return if whole {
                Ok(false)
            } else {
                Err(CodecError::Garbled("bytes after the last link"))
            };
        }
        let head = self.varint()?;
        if head & 1 == 0 {
            self.fields = Some(self.read_fields()?);
        }
        let shared = usize::try_from(head >> 1).unwrap_or(usize::MAX);
        if shared > self.url.len() {
            return Err(CodecError::Garbled("a beginning that no URL before it has"));
        }
        self.url.truncate(shared);
        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        let end = self.at.checked_add(length);
        let suffix = end.and_then(|end| self.bytes.as_ref().get(self.at..end));
        self.url
            .extend_from_slice(suffix.ok_or(CodecError::Garbled("a URL past the end"))?);
        self.at += length;
        self.left -= 1;
        Ok(true)
    }

    /// The text of the link that [`LinkReader::advance`] went to.
    pub(super) fn text(&self) -> &[u8] {
        &self.url
    }

    /// The rank of the link that [`LinkReader::advance`] went to.
    pub(super) fn priority(&self) -> Option<u8> {
        self.fields.map(|fields| fields.priority)
    }

    /// The link that [`LinkReader::advance`] went to, as it stands in the bytes.
    pub(super) fn raw(&self) -> Result<RawLink<'_>, CodecError> {
        Ok(RawLink {
            url: &self.url,
            fields: self.fields.ok_or(CodecError::Garbled("no fields"))?,
        })
    }

    /// The link that [`LinkReader::advance`] went to.
    pub(super) fn link(&self) -> Result<Link, CodecError> {
        self.raw()?.link()
    }

    fn read_fields(&mut self) -> Result<Fields, CodecError> {
        let seed = u32::try_from(self.varint()?);
        Ok(Fields {
            seed: seed.map_err(|_| CodecError::Garbled("a seed number past 32 bits"))?,
            depth: self.byte()?,
            hops: self.byte()?,
            via: Via::of_code(self.byte()?).ok_or(CodecError::Garbled("an unknown `via`"))?,
            priority: self.byte()?,
        })
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        let byte = self.bytes.as_ref().get(self.at).copied();
        self.at += 1;
        byte.ok_or(CodecError::Garbled("too short"))
    }

    fn varint(&mut self) -> Result<u64, CodecError> {
        take_varint(self.bytes.as_ref(), &mut self.at).ok_or(CodecError::Garbled("a bad number"))
    }
}

/// How many bytes two texts begin with in common, found eight at a time.
fn common_beginning(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let shared = 8 * words.take_while(|(a, b)| a == b).count();
    let rest = a[shared..].iter().zip(&b[shared..]);
    shared + rest.take_while(|(a, b)| a == b).count()
}

/// Appends a number in groups of seven bits, lowest first, the high bit saying that more follow.
pub(super) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    bytes.push(low_bits(number));
}

fn low_bits(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

/// Reads a number that [`put_varint`] wrote and moves `at` past it.
pub(super) fn take_varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        let bits = u64::from(byte & 0x7f);
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return (number >> shift == bits).then_some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(url: &str, seed: u32, priority: u8) -> Link {
        Link {
            url: NormalUrl::parse(url).unwrap(),
            seed,
            depth: 2,
            hops: 0,
            via: Via::Front,
            priority,
        }
    }

    #[test]
    fn the_common_beginning_is_stored_once() {
        let links: Vec<Link> = (0..20)
            .map(|n| {
                link(
                    &format!("https://news.example/2026/01/story-{n}.html"),
                    1,
                    40,
                )
            })
            .collect();
        let bytes = encode_links(&links);
        assert!(bytes.len() < 45 + 20 * 10, "{} bytes", bytes.len());
        assert_eq!(decode_links(&bytes).unwrap(), links);
    }

    #[test]
    fn an_empty_list_is_a_list() {
        assert_eq!(decode_links(&encode_links(&[])).unwrap(), []);
    }

    #[test]
    fn bytes_of_another_kind_are_refused() {
        let good = encode_links(&[link("http://a.example/x", 1, 40)]);
        let mut newer = good.clone();
        newer[0] = 9;
        assert!(matches!(decode_links(&newer), Err(CodecError::Version(9))));
        for cut in 0..good.len() {
            assert!(decode_links(&good[..cut]).is_err(), "cut at {cut}");
        }
        let longer = [good.as_slice(), b"x"].concat();
        assert!(decode_links(&longer).is_err());
    }

    fn any_link() -> impl Strategy<Value = Link> {
        let urls = "https?://[a-c]{1,3}\\.example/[a-z/%\\p{Arabic}]{0,20}(\\?[a-z=&]{0,8})?";
        (urls, any::<u32>(), any::<[u8; 3]>(), 0..5_u8).prop_map(|(url, seed, small, via)| Link {
            url: NormalUrl::parse(&url).unwrap(),
            seed,
            depth: small[0],
            hops: small[1],
            via: Via::of_code(via).unwrap(),
            priority: small[2],
        })
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(links in prop::collection::vec(any_link(), 0..40)) {
            prop_assert_eq!(decode_links(&encode_links(&links)).unwrap(), links);
        }

        #[test]
        fn garbage_is_an_error_or_links_never_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_links(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
            }
            let _ = decode_links(&bytes);
        }

        #[test]
        fn a_changed_byte_is_no_panic(links in prop::collection::vec(any_link(), 1..9), at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let mut bytes = encode_links(&links);
            let at = at.index(bytes.len());
            bytes[at] = to;
            let _ = decode_links(&bytes);
        }

        #[test]
        fn numbers_survive(number in any::<u64>()) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            prop_assert_eq!(take_varint(&bytes, &mut 0), Some(number));
        }
    }
}
