//! Codings, true and false ones.

use super::*;
use flate2::Compression;
use http::HeaderValue;
use std::io::Write;

const CAP: usize = 1 << 20;

fn page() -> Vec<u8> {
    let body = "<p>The council met on Tuesday and heard the harbour report.</p>\n".repeat(400);
    format!("<!DOCTYPE html><html><body>{body}</body></html>").into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

/// A brotli stream of uncompressed metablocks (RFC 7932 9.2), as there is no encoder here.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![false];
    let put = |bits: &mut Vec<bool>, value: usize, count: usize| {
        bits.extend((0..count).map(|bit| value >> bit & 1 == 1));
    };
    for block in bytes.chunks(1 << 16) {
        put(&mut bits, 0, 1);
        put(&mut bits, 0, 2);
        put(&mut bits, block.len() - 1, 16);
        put(&mut bits, 1, 1);
        while !bits.len().is_multiple_of(8) {
            bits.push(false);
        }
        for byte in block {
            put(&mut bits, usize::from(*byte), 8);
        }
    }
    put(&mut bits, 3, 2);
    bits.chunks(8)
        .map(|byte| {
            byte.iter()
                .rev()
                .fold(0, |sum, bit| sum << 1 | u8::from(*bit))
        })
        .collect()
}

fn head(coding: &str, media: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media).unwrap());
    if !coding.is_empty() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
    }
    headers
}

/// Decodes `sent` in pieces of `step` bytes.
fn decode(headers: &HeaderMap, sent: &[u8], step: usize, cap: usize) -> (Vec<u8>, Option<Stop>) {
    let mut chain = Chain::of(headers, cap);
    let mut plain = Vec::new();
    let mut stopped = None;
    for (number, piece) in sent.chunks(step).enumerate() {
        if number == 0 {
            chain.begin(piece, 0);
        }
        plain.extend_from_slice(piece);
        if let Err(stop) = chain.push(piece) {
            stopped = Some(stop);
            break;
        }
    }
    let stopped = stopped.or(chain.finish().err());
    if chain.is_plain() {
        (plain, stopped)
    } else {
        (chain.into_output(), stopped)
    }
}

#[test]
fn codings_as_declared_and_as_they_really_are() {
    let page = page();
    let rows: &[(&str, Vec<u8>)] = &[
        ("", page.clone()),
        ("identity", page.clone()),
        ("gzip", gzip(&page)),
        ("x-gzip", gzip(&page)),
        ("GZIP", gzip(&page)),
        ("deflate", zlib(&page)),
        ("deflate", raw(&page)),
        ("zstd", zstd(&page)),
        ("br", brotli(&page)),
        ("gzip, gzip", gzip(&gzip(&page))),
        ("deflate, gzip", gzip(&raw(&page))),
        ("br, zstd, gzip", gzip(&zstd(&brotli(&page)))),
        // lies
        ("gzip", page.clone()),
        ("br", page.clone()),
        ("deflate", page.clone()),
        ("zstd", page.clone()),
        ("utf-8", page.clone()),
        ("utf-8", gzip(&page)),
        ("deflate", gzip(&page)),
        ("gzip", zlib(&page)),
        ("gzip", raw(&page)),
        ("gzip", zstd(&page)),
        ("gzip", gzip(&gzip(&page))),
        ("gzip, gzip", gzip(&page)),
        ("", gzip(&page)),
        ("identity", gzip(&page)),
        // what follows
        ("gzip", [gzip(&page[..9]), gzip(&page[9..])].concat()),
        ("gzip", [gzip(&page), vec![0; 20]].concat()),
        (
            "gzip",
            [gzip(&page), vec![0x1f, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]].concat(),
        ),
        ("zstd", [zstd(&page[..9]), zstd(&page[9..])].concat()),
        ("deflate", [zlib(&page), vec![1, 2, 3]].concat()),
    ];
    for (number, (coding, sent)) in rows.iter().enumerate() {
        for step in [1, 7, 64, 1000, usize::MAX] {
            let (decoded, stop) = decode(&head(coding, "text/html"), sent, step, CAP);
            assert_eq!(stop, None, "row {number}: {coding}, pieces of {step}");
            assert!(decoded == page, "row {number}: {coding}, pieces of {step}");
        }
    }
}

#[test]
fn short_bodies() {
    for body in [&b""[..], b"a", b"no", b"\xef\xbb\xbf"] {
        for coding in ["", "gzip", "br", "deflate", "zstd"] {
            let (decoded, stop) = decode(&head(coding, "text/html"), body, 1, CAP);
            assert_eq!(
                (decoded.as_slice(), stop),
                (body, None),
                "{coding} {body:?}"
            );
        }
        let (decoded, stop) = decode(&head("gzip", "text/html"), &gzip(body), 1, CAP);
        assert_eq!((decoded.as_slice(), stop), (body, None));
    }
}

#[test]
fn a_packed_file_stays_packed() {
    let sent = gzip(&page());
    for media in [
        "application/gzip",
        "application/x-gzip; x=y",
        "application/octet-stream",
    ] {
        let (decoded, stop) = decode(&head("", media), &sent, 100, CAP);
        assert_eq!((decoded == sent, stop), (true, None), "{media}");
        let (decoded, stop) = decode(&head("gzip", media), &gzip(&sent), 100, CAP);
        assert_eq!((decoded == sent, stop), (true, None), "{media}");
    }
}

#[test]
fn what_came_before_a_cut_is_kept() {
    let page = page();
    let codings: [(&str, Vec<u8>); 4] = [
        ("gzip", gzip(&page)),
        ("deflate", zlib(&page)),
        ("zstd", zstd(&page)),
        ("br", brotli(&page)),
    ];
    for (coding, sent) in &codings {
        for keep in (1..sent.len()).step_by(5) {
            let (decoded, stop) = decode(&head(coding, "text/html"), &sent[..keep], 50, CAP);
            let whole = stop.is_none();
            assert!(
                !whole || keep < 16 || decoded == page,
                "{coding} {keep} of {}",
                sent.len()
            );
            assert!(keep < 16 || page.starts_with(&decoded), "{coding} {keep}");
        }
    }
}

#[test]
fn damage_is_noticed() {
    let noise: Vec<u8> = (0..400u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1])
        .collect();
    for coding in ["gzip", "zstd", "compress", "gzip, compress", "br"] {
        let (_, stop) = decode(&head(coding, "text/html"), &noise, 100, CAP);
        assert_eq!(stop, Some(Stop::Broken), "{coding}");
    }
    let deep = "gzip, gzip, gzip, gzip";
    let (_, stop) = decode(&head(deep, "text/html"), &gzip(b"a"), 100, CAP);
    assert_eq!(stop, Some(Stop::Broken));
}

#[test]
fn bombs_stop_at_the_cap() {
    let zeros = vec![b' '; 6 << 20];
    let bombs: [(&str, Vec<u8>); 5] = [
        ("gzip", gzip(&zeros)),
        ("zstd", zstd(&zeros)),
        ("deflate", raw(&zeros)),
        ("gzip, gzip", gzip(&gzip(&zeros))),
        ("gzip, gzip, gzip", gzip(&gzip(&gzip(&zeros)))),
    ];
    for (coding, sent) in &bombs {
        for step in [1000, usize::MAX] {
            let (decoded, stop) = decode(&head(coding, "text/html"), sent, step, CAP);
            assert_eq!((decoded.len(), stop), (CAP, Some(Stop::Full)), "{coding}");
            assert!(
                decoded.capacity() <= 3 * CAP,
                "{coding}: {}",
                decoded.capacity()
            );
        }
    }
}

#[test]
fn a_body_of_just_the_cap_is_whole() {
    let page = page();
    for (coding, sent) in [
        ("gzip", gzip(&page)),
        ("zstd", zstd(&page)),
        ("br", brotli(&page)),
    ] {
        let (decoded, stop) = decode(&head(coding, "text/html"), &sent, 100, page.len());
        assert_eq!((decoded == page, stop), (true, None), "{coding}");
        let (_, stop) = decode(&head(coding, "text/html"), &sent, 100, page.len() - 1);
        assert_eq!(stop, Some(Stop::Full), "{coding}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    /// Whatever comes: no panic, no endless loop, no byte above the cap, nothing made up.
    #[test]
    fn damaged_streams_do_no_harm(
        which in 0usize..6,
        flips in proptest::collection::vec((0usize..4000, 0u8..=255), 0..4),
        step in 1usize..3000,
        cap in 0usize..40_000,
    ) {
        let page = page();
        let (coding, mut sent) = match which {
            0 => ("gzip", gzip(&page)),
            1 => ("deflate", zlib(&page)),
            2 => ("deflate", raw(&page)),
            3 => ("zstd", zstd(&page)),
            4 => ("br", brotli(&page)),
            _ => ("zstd, gzip", gzip(&zstd(&page))),
        };
        for (place, value) in &flips {
            let place = place % sent.len();
            sent[place] = *value;
        }
        let (decoded, stop) = decode(&head(coding, "text/html"), &sent, step, cap);
        let plain = decoded == sent;
        proptest::prop_assert!(plain || decoded.len() <= cap);
        if flips.is_empty() {
            proptest::prop_assert!(page.starts_with(&decoded));
            proptest::prop_assert_eq!(stop.is_none(), cap >= page.len());
        }
    }
}
