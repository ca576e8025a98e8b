//! What can be told from the shape of a URL: files that are no pages, and traps.
//!
//! Only what is certain: nothing is guessed from words in a path, so login pages, tags and
//! archives stay in.

use super::rejection::{Rejection, Trap};
use crate::normal::NormalUrl;

/// Bytes of the longest URL that may enter. An Arabic letter takes six.
pub(super) const MOST_BYTES: usize = 2_000;

/// Segments of the longest path that may enter.
pub(super) const MOST_SEGMENTS: usize = 15;

/// A segment stands no more often in a row than this; dates repeat one (`/11/11/11`).
const MOST_REPEATS: usize = 3;

/// And a run of two or more segments no more often than this.
const MOST_CYCLES: usize = 2;

/// Extensions of files that are no pages, feeds or sitemaps, in byte order for the search.
#[rustfmt::skip]
const UNWANTED: [&str; 118] = [
    "3gp", "7z", "aac", "aiff", "apk", "appx", "asf", "avi", "avif", "azw3", "bin", "bmp", "bz2",
    "cab", "class", "crx", "css", "csv", "cur", "deb", "dll", "dmg", "doc", "docm", "docx", "dotx",
    "eot", "eps", "epub", "exe", "flac", "flv", "gif", "gz", "heic", "heif", "ico", "ics", "img",
    "ipa", "iso", "jar", "jfif", "jp2", "jpe", "jpeg", "jpg", "js", "jxl", "lz", "lz4", "m2ts",
    "m3u", "m3u8", "m4a", "m4v", "mid", "midi", "mjs", "mkv", "mobi", "mov", "mp2", "mp3", "mp4",
    "mpd", "mpeg", "mpg", "mpga", "msi", "odp", "ods", "odt", "oga", "ogg", "ogv", "opus", "otf",
    "pdf", "pkg", "png", "pps", "ppsx", "ppt", "pptx", "ps", "psd", "rar", "rpm", "rtf", "srt",
    "svg", "swf", "tar", "tgz", "tif", "tiff", "torrent", "ttf", "vcf", "vtt", "wasm", "wav",
    "webm", "webmanifest", "webp", "wma", "wmv", "woff", "woff2", "xls", "xlsb", "xlsm", "xlsx",
    "xpi", "xz", "zip", "zst",
];

/// The extension for which the URL is no page, or none.
fn unwanted_extension(url: &NormalUrl) -> Option<&'static str> {
    let (_, file) = url.url().path().rsplit_once('/')?;
    let (stem, extension) = file.rsplit_once('.')?;
    let lower = || extension.bytes().map(|byte| byte.to_ascii_lowercase());
    let found = UNWANTED.binary_search_by(|known| known.bytes().cmp(lower()));
    let known = *UNWANTED.get(found.ok()?)?;
    // `sitemap.xml.gz`, and lists of URLs.
    let is_sitemap = known == "gz" && has_ending(stem, &[".xml", ".txt"]);
    (!is_sitemap).then_some(known)
}

fn has_ending(stem: &str, endings: &[&str]) -> bool {
    let stem = stem.to_ascii_lowercase();
    endings.iter().any(|ending| stem.ends_with(ending))
}

/// Looks at length, extension and path. `may_be_file`: the finder knows that it is a feed or a
/// sitemap, whatever its name.
pub(super) fn check(url: &NormalUrl, may_be_file: bool) -> Result<(), Rejection> {
    if url.as_str().len() > MOST_BYTES {
        return Err(Rejection::TooLong);
    }
    if !may_be_file && let Some(extension) = unwanted_extension(url) {
        return Err(Rejection::UnwantedExtension(extension));
    }
    trap(url.url().path()).map_or(Ok(()), |trap| Err(Rejection::Trap(trap)))
}

fn trap(path: &str) -> Option<Trap> {
    let path = path.strip_prefix('/').unwrap_or(path);
    // A slash at the end begins no segment.
    let path = path.strip_suffix('/').unwrap_or(path);
    let count = 1 + path.bytes().filter(|&byte| byte == b'/').count();
    if count > MOST_SEGMENTS {
        return Some(Trap::DeepPath);
    }
    if count <= MOST_REPEATS {
        return None;
    }
    let mut segments = [""; MOST_SEGMENTS];
    for (place, segment) in segments.iter_mut().zip(path.split('/')) {
        *place = segment;
    }
    repeats(&segments[..count]).then_some(Trap::RepeatedSegments)
}

/// Whether some run of segments stands too often in a row.
fn repeats(segments: &[&str]) -> bool {
    (1..=segments.len() / 2).any(|period| {
        let most = if period == 1 {
            MOST_REPEATS
        } else {
            MOST_CYCLES
        };
        let pairs = segments.iter().zip(&segments[period..]);
        let mut run = 0;
        pairs.into_iter().any(|(one, other)| {
            run = if one == other { run + 1 } else { 0 };
            run >= most * period
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_can_be_searched() {
        assert!(UNWANTED.is_sorted());
    }
}
