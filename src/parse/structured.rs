//! Structured field values (RFC 9651): lists and dictionaries, read strictly. One fault, and the
//! whole field says nothing.

/// A bare item, as far as fields that we read tell items apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    /// `?1`, or no value at all.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// `name`.
    Token(String),
    /// `"text"`.
    Text(String),
    /// `@1700000000`: seconds since 1970.
    Date(i64),
    /// A kind that we have no use for: decimals, bytes, inner lists.
    Other,
}

/// A name and its value; the last of a name counts and stands where the first did.
pub(crate) type Pairs = Vec<(String, Bare)>;

/// A dictionary, parameters left out (RFC 9651 4.2.2).
pub(crate) fn dictionary(field: &str) -> Option<Pairs> {
    let mut input = Input(field.trim_start_matches(' '));
    let mut found = Pairs::new();
    while !input.0.is_empty() {
        let key = input.key()?;
        let value = input.value_after_key()?;
        put(&mut found, key, value);
        input.parameters()?;
        input.next_member()?;
    }
    Some(found)
}

/// A list of items, each with its parameters (RFC 9651 4.2.1).
pub(crate) fn list(field: &str) -> Option<Vec<(Bare, Pairs)>> {
    let mut input = Input(field.trim_start_matches(' '));
    let mut found = Vec::new();
    while !input.0.is_empty() {
        let item = input.item_or_inner_list()?;
        found.push((item, input.parameters()?));
        input.next_member()?;
    }
    Some(found)
}

fn put(pairs: &mut Pairs, key: &str, value: Bare) {
    match pairs.iter_mut().find(|(own, _)| own == key) {
        Some((_, own)) => *own = value,
        None => pairs.push((key.to_owned(), value)),
    }
}

/// What is left of a field.
struct Input<'f>(&'f str);

impl<'f> Input<'f> {
    fn eat(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'f str {
        let end = self.0.find(|c| !fits(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    /// Goes to the next member; a comma that nothing follows is a fault.
    fn next_member(&mut self) -> Option<()> {
        self.take_while(is_blank);
        if self.0.is_empty() {
            return Some(());
        }
        let more = self.eat(',');
        self.take_while(is_blank);
        (more && !self.0.is_empty()).then_some(())
    }

    fn key(&mut self) -> Option<&'f str> {
        let starts = |c: char| c.is_ascii_lowercase() || c == '*';
        self.0.starts_with(starts).then(|| {
            self.take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.*".contains(c))
        })
    }

    fn value_after_key(&mut self) -> Option<Bare> {
        if self.eat('=') {
            self.item_or_inner_list()
        } else {
            Some(Bare::Boolean(true))
        }
    }

    fn parameters(&mut self) -> Option<Pairs> {
        let mut found = Pairs::new();
        while self.eat(';') {
            self.take_while(|c| c == ' ');
            let key = self.key()?;
            let value = if self.eat('=') {
                self.bare()?
            } else {
                Bare::Boolean(true)
            };
            put(&mut found, key, value);
        }
        Some(found)
    }

    fn item_or_inner_list(&mut self) -> Option<Bare> {
        if !self.eat('(') {
            return self.bare();
        }
        loop {
            self.take_while(|c| c == ' ');
            if self.eat(')') {
                return Some(Bare::Other);
            }
            self.bare()?;
            self.parameters()?;
            if !self.0.starts_with([' ', ')']) {
                return None;
            }
        }
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.0.chars().next()? {
            '-' | '0'..='9' => self.number(),
            '"' => self.text().map(Bare::Text),
            '*' | 'a'..='z' | 'A'..='Z' => {
                let token = self.take_while(|c| is_tchar(c) || matches!(c, ':' | '/'));
                Some(Bare::Token(token.to_owned()))
            }
            '?' => self.boolean(),
            ':' => self.bytes(),
            '@' => {
                self.eat('@');
                match self.number()? {
                    Bare::Integer(seconds) => Some(Bare::Date(seconds)),
                    _ => None,
                }
            }
            '%' => {
                self.eat('%');
                self.text().map(|_| Bare::Other)
            }
            _ => None,
        }
    }

    fn boolean(&mut self) -> Option<Bare> {
        self.eat('?');
        match (self.eat('1'), self.eat('0')) {
            (true, false) => Some(Bare::Boolean(true)),
            (false, true) => Some(Bare::Boolean(false)),
            _ => None,
        }
    }

    fn bytes(&mut self) -> Option<Bare> {
        self.eat(':');
        self.take_while(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
        self.eat(':').then_some(Bare::Other)
    }

    /// At most 15 digits, or 12 before a point and 1 to 3 after it.
    fn number(&mut self) -> Option<Bare> {
        let negative = self.eat('-');
        let whole = self.take_while(|c| c.is_ascii_digit());
        if whole.is_empty() || whole.len() > 15 {
            return None;
        }
        if self.eat('.') {
            let part = self.take_while(|c| c.is_ascii_digit());
            let sound = whole.len() <= 12 && (1..=3).contains(&part.len());
            return sound.then_some(Bare::Other);
        }
        let number: i64 = whole.parse().ok()?;
        Some(Bare::Integer(if negative { -number } else { number }))
    }

    fn text(&mut self) -> Option<String> {
        self.eat('"').then_some(())?;
        let mut text = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()? {
                    (_, escaped @ ('"' | '\\')) => text.push(escaped),
                    _ => return None,
                },
                ' '..='~' => text.push(c),
                _ => return None,
            }
        }
        None
    }
}

/// Optional white space (RFC 9110 5.6.3).
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_tchar(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(field: &str) -> Option<String> {
        let pairs = dictionary(field)?;
        let pair = |(key, value): &(String, Bare)| match value {
            Bare::Token(token) => format!("{key}={token}"),
            Bare::Boolean(true) => key.clone(),
            other => format!("{key}={other:?}"),
        };
        Some(pairs.iter().map(pair).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn dictionaries() {
        for (field, expected) in [
            ("", Some("")),
            ("  a=y ,\tb=n  ", Some("a=y b=n")),
            ("a=y, b, a=n", Some("a=n b")),
            ("a;x=1;y=\"q\", b=n;z", Some("a b=n")),
            ("a=(1 \"b\";c d), b=n", Some("a=Other b=n")),
            (
                "a=1.5, b=-3, c=:aGk=:, d=@7, e=?0",
                Some("a=Other b=Integer(-3) c=Other d=Date(7) e=Boolean(false)"),
            ),
            ("a=\"x\\\"y\"", Some("a=Text(\"x\\\"y\")")),
            ("a=y,", None),
            ("a=y,,b=n", None),
            (",a=y", None),
            ("A=y", None),
            ("a=y b=n", None),
            ("a=", None),
            ("a=\"open", None),
            ("a=é", None),
            ("a=(1", None),
            ("a=1234567890123456", None),
            ("a =y", None),
        ] {
            assert_eq!(shown(field).as_deref(), expected, "{field}");
        }
    }

    #[test]
    fn lists() {
        let found = list("*;noindex, bot;max-snippet=20").unwrap();
        assert_eq!(found[0].0, Bare::Token("*".into()));
        assert_eq!(found[0].1, [("noindex".into(), Bare::Boolean(true))]);
        assert_eq!(found[1].1, [("max-snippet".into(), Bare::Integer(20))]);
        assert!(list("a b").is_none() && list("a,").is_none());
    }
}
