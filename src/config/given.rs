//! A value as it was given, in the file or as text, and what can be read out of it.

use super::error::Wrong;
use super::units::{self, Unreadable};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::de::DeValue;

/// A value as it was given.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    value: Value<'a>,
    /// What relative paths count from.
    folder: &'a Path,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    /// A flag's or a variable's.
    Text(&'a str),
    /// The file's.
    Toml(&'a DeValue<'a>),
}

impl<'a> Given<'a> {
    /// A flag's or a variable's value; paths count from the current folder.
    pub(super) fn text(text: &'a str) -> Self {
        let value = Value::Text(text);
        let folder = Path::new("");
        Self { value, folder }
    }

    /// A value of the file; paths count from the file's folder.
    pub(super) fn toml(value: &'a DeValue<'a>, folder: &'a Path) -> Self {
        let value = Value::Toml(value);
        Self { value, folder }
    }

    /// Text that is not empty.
    pub(super) fn word(&self) -> Result<&'a str, Wrong> {
        let text = match self.value {
            Value::Text(text) => text,
            Value::Toml(DeValue::String(text)) => text.as_ref(),
            Value::Toml(other) => return Err(quotes_wanted(other)),
        };
        if text.trim().is_empty() {
            return Err(Wrong::new("the text is empty"));
        }
        Ok(text.trim())
    }

    pub(super) fn path(&self) -> Result<PathBuf, Wrong> {
        let path = Path::new(self.word()?);
        if path.starts_with("~") {
            let wrong = Wrong::new(format!("`{}` begins with `~`", path.display()));
            return Err(wrong.hint("write the path in full, `~` is not expanded"));
        }
        Ok(self.folder.join(path))
    }

    pub(super) fn yes_or_no(&self) -> Result<bool, Wrong> {
        match self.value {
            Value::Toml(DeValue::Boolean(yes)) => Ok(*yes),
            Value::Text("true" | "1" | "yes") => Ok(true),
            Value::Text("false" | "0" | "no") => Ok(false),
            _ => {
                let wrong = Wrong::new(format!("{} is neither true nor false", self.shown()));
                Err(wrong.hint("write `true` or `false`, without quotes"))
            }
        }
    }

    /// A whole number within `range`.
    pub(super) fn count<T: TryFrom<u64>>(&self, range: RangeInclusive<u64>) -> Result<T, Wrong> {
        let number = self.whole_number()?;
        within(
            number,
            &i128::from(*range.start()),
            &i128::from(*range.end()),
            ToString::to_string,
        )?;
        let fits = u64::try_from(number).ok().and_then(|n| T::try_from(n).ok());
        fits.ok_or_else(|| Wrong::new(format!("`{number}` is out of range")))
    }

    /// A limit: a whole number of at least 1.
    pub(super) fn limit(&self) -> Result<Option<u64>, Wrong> {
        let limit = self.count(1..=u64::MAX >> 1);
        let no_limit = "for no limit leave it out";
        limit.map(Some).map_err(|wrong| match wrong.hint {
            None => wrong.hint(no_limit),
            Some(_) => wrong,
        })
    }

    fn whole_number(&self) -> Result<i128, Wrong> {
        let number = match self.value {
            Value::Text(text) => text.trim().parse().ok(),
            Value::Toml(DeValue::Integer(n)) => i128::from_str_radix(n.as_str(), n.radix()).ok(),
            Value::Toml(_) => None,
        };
        number.ok_or_else(|| self.not_a("whole number"))
    }

    fn not_a(&self, what: &str) -> Wrong {
        let wrong = Wrong::new(format!("{} is not a {what}", self.shown()));
        match self.value {
            Value::Toml(DeValue::String(text)) if text.parse::<f64>().is_ok() => {
                wrong.hint(format!("write it without quotes: `{text}`"))
            }
            _ => wrong,
        }
    }

    /// A number within `range`, fractions allowed.
    pub(super) fn number(&self, range: RangeInclusive<f64>) -> Result<f64, Wrong> {
        let number: Option<f64> = match self.value {
            Value::Text(text) => text.trim().parse().ok(),
            Value::Toml(DeValue::Float(number)) => number.as_str().parse().ok(),
            Value::Toml(DeValue::Integer(_)) => {
                return self.count(0..=u64::from(u32::MAX)).and_then(|n: u32| {
                    within(
                        f64::from(n),
                        range.start(),
                        range.end(),
                        ToString::to_string,
                    )
                });
            }
            Value::Toml(_) => None,
        };
        let number = number.filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.not_a("number"))?;
        within(number, range.start(), range.end(), ToString::to_string)
    }

    pub(super) fn duration(&self, range: RangeInclusive<Duration>) -> Result<Duration, Wrong> {
        let units = "write a number and a unit (`ms`, `s`, `m`, `h`, `d`), such as `2s` or `1h30m`";
        let time = self.measure(units::duration, "duration", units, "s")?;
        within(time, range.start(), range.end(), |time| {
            units::show_duration(*time)
        })
    }

    /// Bytes.
    pub(super) fn size(&self, range: RangeInclusive<u64>) -> Result<u64, Wrong> {
        let units = "write a number and a unit (`B`, `KiB`, `MiB`, `GiB`, `KB`, `MB`, `GB`), such as `10MiB`";
        let size = self.measure(units::size, "size", units, "B")?;
        within(size, range.start(), range.end(), |size| {
            units::show_size(*size)
        })
    }

    /// Reads a number with a unit; a number alone is told which unit it might have.
    fn measure<T>(
        &self,
        read: fn(&str) -> Result<T, Unreadable>,
        what: &str,
        units: &str,
        unit: &str,
    ) -> Result<T, Wrong> {
        let text = match self.value {
            Value::Toml(DeValue::Integer(number)) => number.as_str(),
            Value::Toml(DeValue::Float(number)) => number.as_str(),
            Value::Toml(DeValue::String(text)) => text.as_ref(),
            Value::Text(text) => text,
            Value::Toml(_) => "",
        };
        read(text).map_err(|why| match why {
            Unreadable::NoUnit => {
                let wrong = Wrong::new(format!("{} has no unit", self.shown()));
                wrong.hint(format!(
                    "for a {what} write a unit after the number, such as `{text}{unit}`"
                ))
            }
            Unreadable::Other => {
                Wrong::new(format!("{} is not a {what}", self.shown())).hint(units)
            }
        })
    }

    /// A list, each of its items read by `read`.
    pub(super) fn list<T>(&self, read: impl Fn(Self) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        let Value::Toml(DeValue::Array(list)) = self.value else {
            let wrong = Wrong::new(format!("{} is not a list", self.shown()));
            return Err(match self.value {
                Value::Toml(DeValue::String(text)) => {
                    wrong.hint(format!("write it in brackets: `[\"{text}\"]`"))
                }
                _ => wrong.hint("write it in brackets: `[\"one\", \"two\"]`"),
            });
        };
        list.iter()
            .map(|item| read(self.beside(item.get_ref())))
            .collect()
    }

    /// Names and texts, as `{ Name = "text" }`.
    pub(super) fn pairs(&self) -> Result<Vec<(&'a str, &'a str)>, Wrong> {
        let Value::Toml(DeValue::Table(table)) = self.value else {
            let wrong = Wrong::new(format!("{} is not a table", self.shown()));
            return Err(wrong.hint("write it in braces: `{ Name = \"value\" }`"));
        };
        let pair = |(name, value): (&'a toml::Spanned<_>, &'a toml::Spanned<_>)| {
            let name: &std::borrow::Cow<'a, str> = name.get_ref();
            Ok((name.as_ref(), self.beside(value.get_ref()).word()?))
        };
        table.iter().map(pair).collect()
    }

    fn beside(&self, value: &'a DeValue<'a>) -> Self {
        Self::toml(value, self.folder)
    }

    /// The value as it was written, for a message.
    fn shown(&self) -> String {
        match self.value {
            Value::Text(text) => format!("`{text}`"),
            Value::Toml(DeValue::String(text)) => format!("`\"{text}\"`"),
            Value::Toml(DeValue::Integer(number)) => format!("`{number}`"),
            Value::Toml(DeValue::Float(number)) => format!("`{number}`"),
            Value::Toml(DeValue::Boolean(yes)) => format!("`{yes}`"),
            Value::Toml(DeValue::Datetime(time)) => format!("`{time}`"),
            Value::Toml(DeValue::Array(_)) => "a list".to_owned(),
            Value::Toml(DeValue::Table(_)) => "a table".to_owned(),
        }
    }
}

fn quotes_wanted(value: &DeValue<'_>) -> Wrong {
    match value {
        DeValue::Integer(number) => unquoted(number),
        DeValue::Float(number) => unquoted(number),
        DeValue::Boolean(yes) => unquoted(yes),
        DeValue::Datetime(time) => unquoted(time),
        other => Wrong::new(format!(
            "{} stands where one text is wanted",
            other.type_str()
        )),
    }
}

fn unquoted(value: &dyn Display) -> Wrong {
    Wrong::new(format!("`{value}` is not text")).hint(format!("write it in quotes: `\"{value}\"`"))
}

fn within<T: PartialOrd>(
    value: T,
    least: &T,
    most: &T,
    show: impl Fn(&T) -> String,
) -> Result<T, Wrong> {
    if value < *least {
        let what = format!(
            "`{}` is too small, the least is `{}`",
            show(&value),
            show(least)
        );
        return Err(Wrong::new(what));
    }
    if value > *most {
        let what = format!(
            "`{}` is too large, the most is `{}`",
            show(&value),
            show(most)
        );
        return Err(Wrong::new(what));
    }
    Ok(value)
}
