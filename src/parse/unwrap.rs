//! Bodies that are gzip files: sitemaps named `.gz` are, and some servers compress them once
//! more on the way.

use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read;

/// Most that a gzip file may hold: the limit of the sitemap protocol, in bytes.
const MAX_OUTPUT: u64 = 50 << 20;
/// Most layers that are undone.
const MAX_LAYERS: usize = 2;

/// Undoes gzip by its magic number, whatever the headers say. What comes before an error or
/// the limit is kept; the second value says what was wrong.
pub(super) fn gunzip(body: &[u8]) -> (Cow<'_, [u8]>, Option<String>) {
    let mut body = Cow::Borrowed(body);
    for _ in 0..MAX_LAYERS {
        if !body.starts_with(b"\x1f\x8b\x08") {
            break;
        }
        let mut inner = Vec::new();
        let mut decoder = MultiGzDecoder::new(&*body).take(MAX_OUTPUT + 1);
        let result = decoder.read_to_end(&mut inner);
        let too_large = inner.len() as u64 > MAX_OUTPUT;
        if too_large {
            inner.truncate(usize::try_from(MAX_OUTPUT).unwrap_or(usize::MAX));
            return (
                inner.into(),
                Some("gzip file larger than 50 MiB: cut".to_owned()),
            );
        }
        match result {
            Err(error) if inner.is_empty() => {
                return (body, Some(format!("broken gzip file: {error}")));
            }
            Err(error) => return (inner.into(), Some(format!("broken gzip file: {error}"))),
            Ok(_) => body = inner.into(),
        }
    }
    (body, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn layers_cuts_and_bombs() {
        let once = gzip(b"<urlset>");
        let twice = gzip(&once);
        for body in [&b"<urlset>"[..], &once, &twice] {
            let (inner, fault) = gunzip(body);
            assert_eq!((&*inner, fault), (&b"<urlset>"[..], None));
        }
        let long: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let whole = gzip(&long);
        let (inner, fault) = gunzip(&whole[..whole.len() / 2]);
        assert!(fault.is_some() && long.starts_with(&inner) && inner.len() > 1_000);
        let bomb = gzip(&vec![0; 60 << 20]);
        let (inner, fault) = gunzip(&bomb);
        assert_eq!(inner.len(), 50 << 20);
        assert!(fault.is_some());
    }
}
