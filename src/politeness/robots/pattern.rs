//! One rule's path pattern (RFC 9309 2.2.3): `*` matches any run of octets, a final `$` the end.

use super::octets;

/// A pattern in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Normal octets, with `*` for each run of stars; a star that ends it is left out.
    pub(super) text: String,
    /// The match must end where the path ends.
    pub(super) anchored: bool,
    /// Octets of the pattern as it was written: the longest match wins.
    pub(crate) weight: u32,
}

impl Pattern {
    /// Compiles a rule's value; an empty one matches nothing and is no pattern.
    pub(crate) fn compile(value: &str) -> Option<Self> {
        if value.is_empty() {
            return None;
        }
        let (body, anchored) = match value.strip_suffix('$') {
            Some(body) => (body, true),
            None => (value, false),
        };
        let mut text = String::with_capacity(body.len());
        let mut weight = usize::from(anchored);
        for (index, segment) in body.split('*').enumerate() {
            if index > 0 {
                weight += 1;
                if !text.ends_with('*') {
                    text.push('*');
                }
            }
            let before = text.len();
            octets::push(&mut text, segment.as_bytes());
            weight += text.len() - before;
            // These are legal where they stand, and escaped only so that they mean nothing.
            weight -= 2 * segment.matches(['$', '\'']).count();
        }
        let open = text.ends_with('*');
        text.truncate(
            text.trim_end_matches('*')
                .len()
                .max(usize::from(text.starts_with('*'))),
        );
        Some(Self {
            anchored: anchored && !open,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            text,
        })
    }

    /// What stands before the first `*`.
    pub(super) fn prefix(&self) -> &str {
        self.text.split('*').next().unwrap_or_default()
    }

    /// Does it match a path with its query, as it would stand in a request line?
    pub(crate) fn matches(&self, target: &str) -> bool {
        let path = octets::target(target);
        let rest = path.strip_prefix(self.prefix());
        rest.is_some_and(|rest| {
            tail_matches(&self.text[self.prefix().len()..], self.anchored, rest)
        })
    }

    /// Matches all that begins like it.
    pub(super) fn is_plain(&self) -> bool {
        !self.anchored && !self.text.contains('*')
    }
}

/// Does what follows a pattern's literal prefix match the rest of a path? `tail` is empty or
/// begins with `*`. Each piece is taken where it first occurs, which is never worse than a
/// later occurrence: linear time however many stars there are.
pub(super) fn tail_matches(tail: &str, anchored: bool, rest: &str) -> bool {
    let Some(pieces) = tail.strip_prefix('*') else {
        return !anchored || rest.is_empty();
    };
    let (middle, last) = pieces.rsplit_once('*').unwrap_or(("", pieces));
    let mut rest = match rest.strip_suffix(last) {
        Some(before) if anchored => before,
        None if anchored => return false,
        _ => rest,
    };
    for piece in middle.split('*') {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    anchored || rest.contains(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile_to_normal_form() {
        for (value, text, anchored, weight) in [
            ("/fish", "/fish", false, 5),
            ("/fish*", "/fish", false, 6),
            ("/*.php$", "/*.php", true, 7),
            ("/a*$", "/a", false, 4),
            ("/b$*", "/b%24", false, 4),
            ("****/cats", "*/cats", false, 9),
            ("*", "*", false, 1),
            ("***", "*", false, 3),
            ("$", "", true, 1),
            ("/x%2A", "/x%2A", false, 5),
            ("/ツ", "/%E3%83%84", false, 10),
        ] {
            let pattern = Pattern::compile(value).unwrap();
            let got = (pattern.text.as_str(), pattern.anchored, pattern.weight);
            assert_eq!(got, (text, anchored, weight), "{value}");
        }
        assert!(Pattern::compile("").is_none());
    }

    #[test]
    fn tails() {
        for (tail, anchored, rest, expected) in [
            ("", true, "", true),
            ("", true, "x", false),
            ("", false, "x", true),
            ("*", false, "", true),
            ("*ab", true, "ab-ab", true),
            ("*ab", true, "ab-a", false),
            ("*a*a", true, "a", false),
            ("*a*a", false, "aa", true),
            ("*a*b*c", false, "xxaxxbxxc", true),
            ("*a*b*c", false, "xxaxxcxxb", false),
        ] {
            assert_eq!(
                tail_matches(tail, anchored, rest),
                expected,
                "{tail} {rest}"
            );
        }
    }

    #[test]
    fn thirty_stars_cost_linear_time() {
        let pattern = Pattern::compile(&format!("/{}b$", "a*".repeat(30))).unwrap();
        let path = "a".repeat(100_000);
        let began = std::time::Instant::now();
        assert!(!tail_matches(&pattern.text[2..], pattern.anchored, &path));
        assert!(began.elapsed().as_millis() < 200);
    }
}
