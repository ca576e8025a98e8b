//! The two papers: what is said on every page of each, in its own language.

use super::story::Story;
use jiff::civil::Date;

/// One of the two papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    English,
    Arabic,
}

/// Words that stand on every page of a paper.
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) direction: &'static str,
    pub(super) name: &'static str,
    pub(super) by: &'static str,
    pub(super) related: &'static str,
    pub(super) latest: &'static str,
    pub(super) other: &'static str,
    pub(super) desk: &'static str,
    pub(super) rights: &'static str,
    /// The folder that robots.txt closes.
    pub(super) closed: &'static str,
    /// The address that a story of today had before.
    pub(super) moved: &'static str,
    /// The page that is no longer there and says so with status 200.
    pub(super) missing: &'static str,
    pub(super) missing_link: &'static str,
    pub(super) missing_title: &'static str,
    pub(super) missing_text: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    direction: "ltr",
    name: "The Sandover Herald",
    by: "By",
    related: "Related stories",
    latest: "Latest",
    other: "اقرأ بالعربية",
    desk: "For the newsroom",
    rights: "© The Sandover Herald. A paper that was invented for trying out gleaner.",
    closed: "/desk/",
    moved: "/2019/lens",
    missing: "/town/fog-signal",
    missing_link: "Fog signal to fall silent",
    missing_title: "Page not found",
    missing_text: "We are sorry: the page that you asked for could not be found. It may have been \
        moved or withdrawn, or its address may have been mistyped. You can go back to the front \
        page of the Herald, look through one of our sections, or write to the newsroom if you \
        believe that something is broken. The stories of this week are listed below.",
};

const ARABIC: Words = Words {
    language: "ar",
    direction: "rtl",
    name: "جريدة الرملة",
    by: "بقلم:",
    related: "أخبار ذات صلة",
    latest: "آخر الأخبار",
    other: "Read in English",
    desk: "لأسرة التحرير",
    rights: "جميع الحقوق محفوظة. جريدة متخيَّلة لتجربة gleaner.",
    closed: "/مكتب/",
    moved: "/أرشيف/حكاية",
    missing: "/محليات/خبر-محذوف",
    missing_link: "جسر جديد فوق الوادي",
    missing_title: "الصفحة غير موجودة",
    missing_text: "نأسف، لم نعثر على الصفحة التي طلبتموها. ربما نُقلت أو حُذفت، وربما كُتب عنوانها \
        خطأً. يمكنكم العودة إلى الصفحة الأولى أو تصفّح أقسام الجريدة، أو الكتابة إلى أسرة التحرير \
        إن كنتم ترون أنّ في الموقع خللًا. وتجدون أدناه أخبار هذا الأسبوع.",
};

const MONTHS: [[&str; 3]; 12] = [
    ["January", "كانون الثاني", "يناير"],
    ["February", "شباط", "فبراير"],
    ["March", "آذار", "مارس"],
    ["April", "نيسان", "أبريل"],
    ["May", "أيار", "مايو"],
    ["June", "حزيران", "يونيو"],
    ["July", "تموز", "يوليو"],
    ["August", "آب", "أغسطس"],
    ["September", "أيلول", "سبتمبر"],
    ["October", "تشرين الأول", "أكتوبر"],
    ["November", "تشرين الثاني", "نوفمبر"],
    ["December", "كانون الأول", "ديسمبر"],
];

impl Edition {
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Arabic => &ARABIC,
        }
    }

    /// Its stories.
    pub(super) fn stories(self) -> Vec<Story> {
        Story::table(match self {
            Self::English => include_str!("pages/english.txt"),
            Self::Arabic => include_str!("pages/arabic.txt"),
        })
    }

    /// A section's name, by its part of the address.
    pub(super) fn section(section: &str) -> &str {
        match section {
            "sea" => "Sea",
            "town" => "Town",
            "culture" => "Culture",
            "english" => "English",
            other => other,
        }
    }

    /// A story's day as its readers write it: `14 January 2026`, `14 كانون الثاني 2026`, and on
    /// every other Arabic page `١٤ يناير ٢٠٢٦`.
    pub(super) fn day(self, story: &Story) -> String {
        let day = story.published.get(..10).unwrap_or_default();
        let Ok(date) = day.parse::<Date>() else {
            return day.to_owned();
        };
        let names = MONTHS[usize::from(date.month().unsigned_abs() - 1) % 12];
        let name = match self {
            Self::English => names[0],
            Self::Arabic if story.has("legacy") || date.day() % 2 == 1 => names[1],
            Self::Arabic => names[2],
        };
        let written = format!("{} {name} {}", date.day(), date.year());
        if name == names[2] {
            written.chars().map(arabic_indic).collect()
        } else {
            written
        }
    }
}

/// U+0660 to U+0669.
fn arabic_indic(letter: char) -> char {
    match letter.to_digit(10) {
        Some(digit) => char::from_u32(0x660 + digit).unwrap_or(letter),
        None => letter,
    }
}
