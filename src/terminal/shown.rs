//! Text that others wrote, made harmless for a terminal.

use std::fmt::{self, Display, Write};

/// Shows a value with everything escaped that could steer a terminal or turn the direction of
/// what stands beside it: control characters (C0, C1, line breaks too), bidirectional controls
/// (UAX 9), line and paragraph separators. Letters of every script stay as they are.
#[derive(Clone, Copy, Debug)]
pub struct Shown<T>(pub T);

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaping = Escaping(String::new());
        write!(escaping, "{}", self.0)?;
        f.pad(&escaping.0)
    }
}

/// A log line made harmless: its last line break stays. In JSON the escapes are JSON's own.
pub(super) fn log_line(line: &str, json: bool) -> String {
    let (text, end) = match line.strip_suffix('\n') {
        Some(text) => (text, "\n"),
        None => (line, ""),
    };
    let mut out = String::with_capacity(line.len());
    for letter in text.chars() {
        push(&mut out, letter, json);
    }
    out.push_str(end);
    out
}

struct Escaping(String);

impl Write for Escaping {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            push(&mut self.0, letter, false);
        }
        Ok(())
    }
}

fn push(out: &mut String, letter: char, json: bool) {
    if !steers(letter) {
        out.push(letter);
    } else if json {
        // All of these lie in the basic plane, so one unit is enough.
        out.push_str("\\u");
        let digits = format!("{:04x}", u32::from(letter));
        out.push_str(&digits);
    } else {
        out.extend(letter.escape_default());
    }
}

fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_escaped_and_scripts_are_kept() {
        for (text, shown) in [
            ("plain", "plain"),
            ("الأخبار ‌می‌خواهم 新聞", "الأخبار ‌می‌خواهم 新聞"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}gpj", "\\u{202e}gpj"),
            (
                "\u{2066}\u{200f}\u{7f}\0",
                "\\u{2066}\\u{200f}\\u{7f}\\u{0}",
            ),
        ] {
            assert_eq!(Shown(text).to_string(), shown);
        }
        assert_eq!(
            format!("{:>5}|{:<5}|", Shown("ab"), Shown("ab")),
            "   ab|ab   |"
        );
    }

    #[test]
    fn log_lines_stay_lines_and_json_stays_json() {
        assert_eq!(log_line("a\u{1b}b\nc\n", false), "a\\u{1b}b\\nc\n");
        let line = log_line("{\"title\":\"\u{202e}x\u{9b}\"}\n", true);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["title"], "\u{202e}x\u{9b}");
        assert!(line.is_ascii());
    }
}
