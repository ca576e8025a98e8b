//! Language and direction of a text: from its letters, checked against what the page says.

use super::function_words;
use whatlang::{Lang, Script};

/// How much of a text is looked at, in characters.
const LOOKED_AT: usize = 1_000;
/// The same where it is only to confirm what the page says.
const CONFIRMED_FROM: usize = 400;

/// The language of a story as BCP 47. `said` is what the page declares.
pub(super) fn of(text: &str, title: Option<&str>, said: Option<&str>) -> Option<String> {
    let said = said.and_then(primary);
    let length = said.as_ref().map_or(LOOKED_AT, |_| CONFIRMED_FROM);
    let sample = sample(text, title, length);
    if let Some(code) = said.as_deref()
        && function_words::speak(sample, code)
    {
        return said;
    }
    let Some(found) = whatlang::detect(sample) else {
        return said;
    };
    let code = two_letters(found.lang());
    let known = said.as_deref().and_then(language);
    let fits = match (&said, known) {
        (None, _) => false,
        // A language that the statistics do not know may be true wherever its script is.
        (Some(said), None) => script_fits(said, found.script()),
        (Some(_), Some(known)) => {
            known == found.lang() || (same_script(known, found.script()) && !found.is_reliable())
        }
    };
    if fits { said } else { Some(code.to_owned()) }
}

/// `rtl` or `ltr`, by the letters of the text.
pub(super) fn direction(text: &str, title: Option<&str>) -> Option<String> {
    let (mut right, mut left) = (0_usize, 0_usize);
    for c in sample(text, title, LOOKED_AT)
        .chars()
        .filter(|c| c.is_alphabetic())
    {
        match c as u32 {
            0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff => right += 1,
            _ => left += 1,
        }
    }
    (right + left > 0).then(|| if right > left { "rtl" } else { "ltr" }.to_owned())
}

fn sample<'a>(text: &'a str, title: Option<&'a str>, length: usize) -> &'a str {
    let text = if text.is_empty() {
        title.unwrap_or_default()
    } else {
        text
    };
    let end = text
        .char_indices()
        .nth(length)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// The language of a tag: `en` of `en-GB`.
fn primary(tag: &str) -> Option<String> {
    let primary = tag.trim().split(['-', '_', ',', ' ']).next()?;
    let is_tag =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    is_tag.then(|| primary.to_ascii_lowercase())
}

fn same_script(lang: Lang, script: Script) -> bool {
    script.langs().contains(&lang)
}

/// Whether a language that the statistics do not know is written in a script.
fn script_fits(code: &str, script: Script) -> bool {
    let other = match code {
        "ps" | "ckb" | "sd" | "ug" => Script::Arabic,
        "kk" | "ky" | "tg" | "mn" | "tt" => Script::Cyrillic,
        "yi" => Script::Hebrew,
        _ => Script::Latin,
    };
    other == script
}

fn language(code: &str) -> Option<Lang> {
    Lang::all()
        .iter()
        .copied()
        .find(|lang| two_letters(*lang) == code || lang.code() == code)
}

/// The shortest code (BCP 47 takes the ISO 639-1 code where there is one).
fn two_letters(lang: Lang) -> &'static str {
    const SHORT: [(&str, &str); 69] = [
        ("afr", "af"),
        ("aka", "ak"),
        ("amh", "am"),
        ("ara", "ar"),
        ("aze", "az"),
        ("bel", "be"),
        ("ben", "bn"),
        ("bul", "bg"),
        ("cat", "ca"),
        ("ces", "cs"),
        ("cmn", "zh"),
        ("cym", "cy"),
        ("dan", "da"),
        ("deu", "de"),
        ("ell", "el"),
        ("eng", "en"),
        ("epo", "eo"),
        ("est", "et"),
        ("fin", "fi"),
        ("fra", "fr"),
        ("guj", "gu"),
        ("heb", "he"),
        ("hin", "hi"),
        ("hrv", "hr"),
        ("hun", "hu"),
        ("hye", "hy"),
        ("ind", "id"),
        ("ita", "it"),
        ("jav", "jv"),
        ("jpn", "ja"),
        ("kan", "kn"),
        ("kat", "ka"),
        ("khm", "km"),
        ("kor", "ko"),
        ("lat", "la"),
        ("lav", "lv"),
        ("lit", "lt"),
        ("mal", "ml"),
        ("mar", "mr"),
        ("mkd", "mk"),
        ("mya", "my"),
        ("nep", "ne"),
        ("nld", "nl"),
        ("nob", "nb"),
        ("ori", "or"),
        ("pan", "pa"),
        ("pes", "fa"),
        ("pol", "pl"),
        ("por", "pt"),
        ("ron", "ro"),
        ("rus", "ru"),
        ("sin", "si"),
        ("slk", "sk"),
        ("slv", "sl"),
        ("sna", "sn"),
        ("spa", "es"),
        ("srp", "sr"),
        ("swe", "sv"),
        ("tam", "ta"),
        ("tel", "te"),
        ("tgl", "tl"),
        ("tha", "th"),
        ("tuk", "tk"),
        ("tur", "tr"),
        ("ukr", "uk"),
        ("urd", "ur"),
        ("uzb", "uz"),
        ("vie", "vi"),
        ("zul", "zu"),
    ];
    let found = SHORT.iter().find(|(long, _)| *long == lang.code());
    found.map_or_else(|| lang.code(), |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARABIC: &str = "أعلنت بلدية الميناء القديم، صباح اليوم، إعادة فتح سوق السمك بعد أعمال ترميم استمرت ثمانية أشهر";
    const ENGLISH: &str = "The harbour board in Fennick Sound voted on Tuesday to keep the night ferry running through the winter";

    #[test]
    fn languages() {
        let rows = [
            (ARABIC, None, "ar", "rtl"),
            (ARABIC, Some("en-US"), "ar", "rtl"),
            (ARABIC, Some("ckb"), "ckb", "rtl"),
            (ENGLISH, None, "en", "ltr"),
            (ENGLISH, Some("en_GB"), "en", "ltr"),
            (ENGLISH, Some("ar"), "en", "ltr"),
            (
                "港务委员会周二投票决定，夜间渡轮在整个冬季继续运营",
                None,
                "zh",
                "ltr",
            ),
        ];
        for (text, said, language, written) in rows {
            assert_eq!(
                of(text, None, said).as_deref(),
                Some(language),
                "{text} {said:?}"
            );
            assert_eq!(direction(text, None).as_deref(), Some(written), "{text}");
        }
        assert_eq!(of("", None, Some("fr")).as_deref(), Some("fr"));
        assert_eq!(direction("", None), None);
    }
}
