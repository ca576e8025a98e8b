//! Bytes as they are kept in columns: zstd blobs, and hashes as base-32 text.

use crate::parse::Article;
use crate::rights::Rights;
use rusqlite::types::Type;
use serde_json::{Map, Value};
use std::io;
use zstd::bulk::{Compressor, Decompressor};

/// The least effort: on links and articles level 3 saves a tenth more at twice the time.
const LEVEL: i32 = 1;
/// No blob of ours is larger; a damaged one may say that it is.
const MOST: u64 = 1 << 30;

/// Stands for a text that is its blocks' texts joined by blank lines.
const JOINED: &str = "\0";

/// An article as JSON, its text left out where the blocks say it all: most of the bytes, and
/// of the time to pack them.
pub(super) fn encode_article(
    article: &Article,
    rights: Option<&Rights>,
) -> rusqlite::Result<Vec<u8>> {
    let texts = article.blocks.iter().map(|block| block.text.as_str());
    let json = if joined(texts) == article.text {
        let text = JOINED.to_owned();
        serde_json::to_vec(&Article {
            text,
            ..article.clone()
        })
    } else {
        serde_json::to_vec(article)
    };
    let whole = json.and_then(|json| with_rights(json, rights));
    whole.map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

/// Adds what is said of the article's use as a last field.
fn with_rights(mut article: Vec<u8>, rights: Option<&Rights>) -> serde_json::Result<Vec<u8>> {
    if let Some(rights) = rights
        && article.pop_if(|last| *last == b'}').is_some()
    {
        article.extend_from_slice(b",\"rights\":");
        serde_json::to_writer(&mut article, rights)?;
        article.push(b'}');
    }
    Ok(article)
}

/// The fields of an article that [`encode_article`] made.
pub(super) fn decode_article(json: &[u8]) -> serde_json::Result<Map<String, Value>> {
    let mut fields: Map<String, Value> = serde_json::from_slice(json)?;
    if fields.get("text").is_some_and(|text| text == JOINED) {
        let blocks = fields.get("blocks").and_then(Value::as_array);
        let texts = blocks.into_iter().flatten();
        let text = joined(texts.filter_map(|block| block["text"].as_str()));
        fields.insert("text".to_owned(), text.into());
    }
    Ok(fields)
}

fn joined<'b>(texts: impl Iterator<Item = &'b str>) -> String {
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

/// Lower-case letters and digits 2 to 7, as RFC 4648 6 orders them.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// One compression context, used again for each blob.
pub(super) struct Packer(Compressor<'static>);

impl Packer {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(Compressor::new(LEVEL)?))
    }

    pub(super) fn pack(&mut self, bytes: &[u8]) -> rusqlite::Result<Vec<u8>> {
        self.0
            .compress(bytes)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
    }
}

/// One decompression context, used again for each blob.
#[derive(Default)]
pub(crate) struct Unpacker(Decompressor<'static>);

impl Unpacker {
    /// The bytes that were packed into `blob`, which column `column` held.
    pub(crate) fn unpack(&mut self, column: usize, blob: &[u8]) -> rusqlite::Result<Vec<u8>> {
        let size = match zstd::zstd_safe::get_frame_content_size(blob) {
            Ok(Some(size)) if size <= MOST => usize::try_from(size).unwrap_or_default(),
            _ => return Err(bad_value(column, "not a blob that was packed here")),
        };
        self.0
            .decompress(blob, size)
            .map_err(|e| bad_value(column, e))
    }
}

/// A value in column `column` that we cannot have written.
pub(crate) fn bad_value(
    column: usize,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, why.into())
}

/// Base-32 text without padding (RFC 4648 6), in lower case.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(letter(bits >> held));
        }
    }
    if held > 0 {
        text.push(letter(bits << (5 - held)));
    }
    text
}

fn letter(bits: u32) -> char {
    char::from(BASE32[(bits & 31) as usize])
}

/// SQLite's integers are signed; our times and counts stay far below the limit.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The way back from [`int`].
pub(super) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Block;

    #[test]
    fn base32_is_that_of_rfc_4648_without_padding() {
        for (bytes, text) in [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(&[255; 16]).len(), 26);
        assert_eq!(base32(&[255; 20]).len(), 32);
    }

    #[test]
    fn an_article_comes_back_with_its_text_whatever_its_blocks_say() {
        let block = |text: &str| Block {
            text: text.to_owned(),
            ..Block::default()
        };
        let blocks = [block("أول"), block(""), block("ثانٍ \u{200f}")];
        for text in ["أول\n\nثانٍ \u{200f}", "another", ""] {
            for blocks in [&blocks[..], &[]] {
                let article = Article {
                    text: text.to_owned(),
                    blocks: blocks.to_vec(),
                    ..Article::default()
                };
                let fields = decode_article(&encode_article(&article, None).unwrap()).unwrap();
                assert_eq!(fields["text"], text);
            }
        }
    }

    #[test]
    fn a_blob_comes_back_and_a_damaged_one_is_an_error() {
        let text = "سوق السمك ".repeat(100);
        let mut blob = Packer::new().unwrap().pack(text.as_bytes()).unwrap();
        let mut unpacker = Unpacker::default();
        assert_eq!(unpacker.unpack(0, &blob).unwrap(), text.as_bytes());
        blob.truncate(blob.len() / 2);
        unpacker.unpack(0, &blob).unwrap_err();
        unpacker.unpack(0, b"").unwrap_err();
        unpacker.unpack(0, &[0; 64]).unwrap_err();
    }
}
