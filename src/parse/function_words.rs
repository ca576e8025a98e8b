//! The small words that every text of a language is full of: enough to confirm what a page
//! says of itself, at a tenth of what it costs to tell a language among all.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Languages and their words. A word can belong to several.
const WORDS: [(&str, &str); 16] = [
    (
        "en",
        "the of and to in is that for on was with as by at it from has have are be",
    ),
    (
        "de",
        "der die das und den von zu mit sich des auf für ist im nicht ein eine dem",
    ),
    (
        "fr",
        "le la les de des du et en un une que dans est pour qui sur au pas",
    ),
    (
        "es",
        "el la los las de del que en y un una por con para se su al como",
    ),
    (
        "pt",
        "o a os as de do da dos das que em um uma para com não por no na se",
    ),
    (
        "it",
        "il la di che e del della per un una in con non sono alla nel dei",
    ),
    (
        "nl",
        "de het een van en in op te dat voor met zijn is niet aan",
    ),
    (
        "sv",
        "och i att det som en på är av för med den till inte ett",
    ),
    ("pl", "w i na z do się że nie jest to o po od przez"),
    ("tr", "bir ve bu için ile da de olarak çok olan"),
    (
        "id",
        "yang dan di untuk dengan dari pada ini tidak dalam akan",
    ),
    (
        "ar",
        "في من على أن إلى التي عن مع هذا ما بعد كما الذي بين قال",
    ),
    ("fa", "در به از که این را با است برای آن های"),
    ("ur", "کے میں کی ہے اور سے کو نے کا پر"),
    ("ru", "и в на не что с по из для его к как это"),
    ("uk", "і в на не що з та до від за про як це"),
];

/// Which languages have a word, a bit for each.
static LANGUAGES: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    let mut languages = HashMap::new();
    for (place, (_, words)) in WORDS.iter().enumerate() {
        for word in words.split(' ') {
            *languages.entry(word).or_default() |= 1 << place;
        }
    }
    languages
});

/// Whether a text is plainly in a language: one in sixteen of its words is a small word of that
/// language, and of no other nearly as many. False says nothing.
pub(super) fn speak(text: &str, code: &str) -> bool {
    let Some(own) = WORDS.iter().position(|(known, _)| *known == code) else {
        return false;
    };
    let (mut words, mut counts) = (0, [0_usize; WORDS.len()]);
    for word in text.split_whitespace() {
        words += 1;
        let languages = LANGUAGES.get(word).copied().unwrap_or_default();
        for (place, count) in counts.iter_mut().enumerate() {
            *count += usize::from(languages >> place & 1 == 1);
        }
    }
    let rival = counts.iter().enumerate().filter(|(place, _)| *place != own);
    let rival = rival.map(|(_, count)| *count).max().unwrap_or(0);
    let found = counts[own];
    found >= 4 && found * 16 >= words && found * 2 >= rival * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_confirm_their_own_language_only() {
        let rows = [
            (
                "en",
                "The board of the harbour voted on Tuesday to keep the ferry in the winter",
            ),
            (
                "de",
                "Der Rat hat am Dienstag beschlossen, die Fähre auf der Insel für den Winter zu halten",
            ),
            (
                "pt",
                "O conselho decidiu que a balsa da ilha continua no inverno, com os horários de março",
            ),
            (
                "es",
                "El consejo decidió que la balsa de la isla siga en el invierno, con los horarios de marzo",
            ),
            (
                "ar",
                "أعلنت البلدية في بيان أن السوق عاد إلى العمل بعد أشهر من الترميم على مراحل",
            ),
            (
                "ru",
                "Совет решил, что паром на остров будет ходить и зимой, как в прошлые годы, а не по праздникам",
            ),
        ];
        for (code, text) in rows {
            for (other, _) in WORDS {
                assert_eq!(speak(text, other), other == code, "{other}: {text}");
            }
        }
        assert!(!speak("", "en") && !speak("words without any", "en") && !speak("the of", "xx"));
    }
}
