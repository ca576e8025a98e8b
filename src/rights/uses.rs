//! The uses that publishers speak of, and what all of them together say of each.

use serde::{Deserialize, Serialize};

/// A use of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// Finding it and linking to it, with short excerpts.
    Search,
    /// Handing it to a model as input.
    AiInput,
    /// Training a model on it.
    AiTrain,
    /// Text and data mining.
    Tdm,
    /// Keeping a copy of it.
    Archive,
}

impl Use {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("search", Self::Search),
        ("ai-input", Self::AiInput),
        ("ai-train", Self::AiTrain),
        ("tdm", Self::Tdm),
        ("archive", Self::Archive),
    ];

    /// The use of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, usage)| *usage)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::AiInput => "ai-input",
            Self::AiTrain => "ai-train",
            Self::Tdm => "tdm",
            Self::Archive => "archive",
        }
    }
}

/// Whether a use is granted. Silence is no grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Nobody says.
    #[default]
    Unknown,
    /// Somebody grants it and nobody refuses.
    Yes,
    /// Somebody refuses it.
    No,
}

/// What is said of one use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The strictest answer.
    pub is: Answer,
    /// Who gave it, as `signal@place`.
    pub by: Vec<String>,
}

/// What is said of each use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Uses {
    /// [`Use::Search`].
    pub search: Standing,
    /// [`Use::AiInput`].
    pub ai_input: Standing,
    /// [`Use::AiTrain`].
    pub ai_train: Standing,
    /// [`Use::Tdm`].
    pub tdm: Standing,
    /// [`Use::Archive`].
    pub archive: Standing,
}

impl Uses {
    /// What is said of a use.
    #[must_use]
    pub fn of(&self, usage: Use) -> &Standing {
        match usage {
            Use::Search => &self.search,
            Use::AiInput => &self.ai_input,
            Use::AiTrain => &self.ai_train,
            Use::Tdm => &self.tdm,
            Use::Archive => &self.archive,
        }
    }

    /// Whether any use is refused.
    #[must_use]
    pub fn any_refused(&self) -> bool {
        Use::ALL
            .iter()
            .any(|(_, usage)| self.of(*usage).is == Answer::No)
    }

    /// Takes in what somebody says; a stricter answer replaces the one before, an equal one adds
    /// its source.
    pub(super) fn say(&mut self, usage: Use, answer: Answer, by: &str) {
        let standing = match usage {
            Use::Search => &mut self.search,
            Use::AiInput => &mut self.ai_input,
            Use::AiTrain => &mut self.ai_train,
            Use::Tdm => &mut self.tdm,
            Use::Archive => &mut self.archive,
        };
        if answer == Answer::Unknown || answer < standing.is {
            return;
        }
        if answer > standing.is {
            standing.is = answer;
            standing.by.clear();
        }
        if !standing.by.iter().any(|own| own == by) {
            standing.by.push(by.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_word_wins_and_silence_is_no_yes() {
        let mut uses = Uses::default();
        let words = [
            (Answer::Unknown, "a", Answer::Unknown, ""),
            (Answer::Yes, "b", Answer::Yes, "b"),
            (Answer::Yes, "c", Answer::Yes, "b c"),
            (Answer::No, "d", Answer::No, "d"),
            (Answer::Yes, "e", Answer::No, "d"),
            (Answer::No, "f", Answer::No, "d f"),
            (Answer::No, "f", Answer::No, "d f"),
        ];
        for (said, by, is, all) in words {
            uses.say(Use::AiTrain, said, by);
            assert_eq!(
                (uses.ai_train.is, uses.ai_train.by.join(" ")),
                (is, all.to_owned())
            );
        }
        assert!(uses.any_refused());
    }

    #[test]
    fn names_are_those_of_the_record() {
        let json = serde_json::to_value(Uses::default()).unwrap();
        for (name, usage) in Use::ALL {
            assert_eq!(json[name]["is"], "unknown", "{name}");
            assert_eq!(Use::named(usage.name()), Some(usage));
        }
    }
}
