//! What comes out of a crawled Arabic and English site: formats, places, selections.

use crate::support::answer::Answer;
use crate::support::news::{Story, front};
use crate::support::site::{Running, Site};
use crate::support::user::{Ended, User};
use serde_json::Value;
use std::collections::BTreeMap;

/// Vowel marks, a kashida, a hamza on its own, Arabic-Indic digits, quotes, a comma that CSV
/// must not take for its own, and a word in another script.
const ARABIC: [&str; 3] = [
    "أعلنت الهيئةُ العامّةُ للمياه، يوم الأربعاء، أنّ مُحَمَّدًا ورفاقَهُ أنهوا إصلاح الخطّ الرئيسيّ في العاصمة بعد ٤٨ ساعة من العمل المتواصل.",
    "وقال المتحدث: «لن ينقطع الماء مرة أخرى»، مشيرًا إلى أن كلفة المشروع بلغت ١٢٫٥ مليون دينار, منها \"منحة\" من GIZ الألمانية.",
    "ويُعدّ المشـــروع جزءًا من خطة أوسع لتجديد الشبكة التي يزيد عمرها على أربعين عامًا في أحياء المدينة القديمة.",
];

fn english(path: &str, published: &str) -> Story {
    Story {
        published: published.to_owned(),
        ..Story::at(path)
    }
}

fn arabic(path: &str, title: &str, published: &str) -> Story {
    let paragraphs = ARABIC.map(|text| text.replacen("الأربعاء", &format!("{title} الأربعاء"), 1));
    Story {
        path: path.to_owned(),
        title: title.to_owned(),
        language: "ar",
        published: published.to_owned(),
        paragraphs: paragraphs.into(),
    }
}

/// Four stories on one site, one of them in windows-1256, and one on another.
struct Crawled {
    user: User,
    site: Running,
    other: Running,
    arabic: Story,
    legacy: Story,
}

impl Crawled {
    async fn new() -> Self {
        let spelled = arabic(
            "/ar/%D8%A7%D9%84%D9%85%D9%8A%D8%A7%D9%87",
            "عودة المياه إلى العاصمة",
            "2026-01-14",
        );
        let news = [
            english("/en/dam", "2026-01-10"),
            english("/en/vote", "2026-02-20"),
            spelled.clone(),
        ];
        let mut legacy = arabic("/ar/legacy", "تجديد الشبكة القديمة", "2026-02-28");
        // It has no Arabic-Indic digits.
        for text in &mut legacy.paragraphs {
            *text = text.replace("٤٨", "48").replace("١٢٫٥", "12.5");
        }
        let page = legacy.html();
        let (bytes, _, lost) = encoding_rs::WINDOWS_1256.encode(&page);
        assert!(!lost);
        let mut all = news.to_vec();
        all.push(legacy.clone());
        let legacy_page = Answer::of(
            200,
            &[("Content-Type", "text/html; charset=windows-1256")],
            bytes,
        );
        let site = Site::new()
            .page("/", &front(&all))
            .stories(&news)
            .answer(&legacy.path, legacy_page)
            .start()
            .await;
        let other = Site::new()
            .news(&[english("/en/else", "2026-01-31")])
            .start()
            .await;
        let user = User::quick();
        let command = format!("crawl {} {}", site.url("/"), other.url("/"));
        user.runs(&command).await.exits(0);
        Self {
            user,
            site,
            other,
            arabic: spelled,
            legacy,
        }
    }

    async fn export(&self, words: &str) -> Ended {
        let ended = self.user.runs(&format!("export {words}")).await;
        ended.exits(0);
        ended
    }

    /// The last parts of the paths of what a selection takes, sorted.
    async fn selected(&self, words: &str) -> Vec<String> {
        let records = self.export(words).await.records();
        let mut names: Vec<String> = records.iter().map(name).collect();
        names.sort();
        names
    }
}

fn name(record: &Value) -> String {
    let url = record["url"].as_str().unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

/// URL, title and text of each row.
fn sheet(bytes: &[u8]) -> Vec<[String; 3]> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| {
        let row = row.unwrap();
        ["url", "title", "text"].map(|column| row[column].clone())
    })
    .collect()
}

#[tokio::test]
async fn a_crawled_site_comes_out_whole_and_selected() {
    let crawled = Crawled::new().await;
    arabic_text_is_kept_byte_for_byte(&crawled).await;
    a_file_and_stdout_hold_the_same(&crawled).await;
    selections_take_what_they_say(&crawled).await;
    a_file_that_cannot_be_written_is_told(&crawled).await;
}

async fn arabic_text_is_kept_byte_for_byte(crawled: &Crawled) {
    let story = &crawled.arabic;
    let jsonl = crawled.export("--lang ar").await;
    let url = crawled.site.url(&story.path);
    let records = jsonl.records();
    let found = records
        .iter()
        .find(|record| record["url"] == url.as_str())
        .unwrap();
    assert_eq!(found["text"], story.text());
    assert_eq!(found["title"], story.title);
    assert_eq!(
        (&found["language"], &found["direction"]),
        (&"ar".into(), &"rtl".into())
    );
    // The letters themselves, not escapes of them.
    let raw = String::from_utf8(jsonl.stdout).unwrap();
    assert!(raw.contains(ARABIC[2]) && !raw.contains("\\u06"));

    let rows = sheet(&crawled.export("--lang ar --format csv").await.stdout);
    let row = rows.iter().find(|row| row[0] == url).unwrap();
    assert_eq!(row[1..], [story.title.clone(), story.text()]);

    let mut others = records
        .iter()
        .filter(|record| record["url"] != url.as_str());
    let legacy = others.next().unwrap();
    assert_eq!(legacy["title"], crawled.legacy.title);
    assert_eq!(legacy["text"], crawled.legacy.text());
    assert_eq!(legacy["http"]["charset"], "windows-1256");
}

async fn a_file_and_stdout_hold_the_same(crawled: &Crawled) {
    for (format, file) in [("jsonl", "all.jsonl"), ("csv", "all.csv")] {
        let stdout = crawled.export(&format!("--format {format}")).await.stdout;
        let ended = crawled
            .export(&format!("--format {format} -o {file}"))
            .await;
        ended.says(&format!("5 articles in {file}"));
        assert!(ended.stdout.is_empty());
        assert_eq!(crawled.user.read(file), stdout);
        // A file that is there is replaced as a whole.
        crawled
            .export(&format!("--format {format} --lang ar -o {file}"))
            .await;
        assert!(crawled.user.read(file).len() < stdout.len());
        let dash = crawled.export(&format!("--format {format} -o -")).await;
        assert_eq!(dash.stdout, stdout);
    }
    assert_eq!(crawled.user.names(), ["all.csv", "all.jsonl", "crawl-data"]);
}

async fn selections_take_what_they_say(crawled: &Crawled) {
    let (site, other) = (crawled.site.address(), crawled.other.address());
    let water = "%D8%A7%D9%84%D9%85%D9%8A%D8%A7%D9%87";
    for (words, taken) in [
        (String::new(), vec![water, "dam", "else", "legacy", "vote"]),
        ("--since 2026-01-31".into(), vec!["else", "legacy", "vote"]),
        ("--until 2026-01-14".into(), vec![water, "dam"]),
        (
            "--since 2026-01-14 --until 2026-02-20".into(),
            vec![water, "else", "vote"],
        ),
        (
            "--since 2026-02-20T12:00:00Z".into(),
            vec!["legacy", "vote"],
        ),
        (format!("--site {other}"), vec!["else"]),
        (format!("--site http://{other}/any"), vec!["else"]),
        (format!("--site {site} --lang en"), vec!["dam", "vote"]),
        ("--lang ar".into(), vec![water, "legacy"]),
        ("--lang AR --since 2026-02-01".into(), vec!["legacy"]),
        ("--lang fr".into(), vec![]),
        ("--site paper.example".into(), vec![]),
    ] {
        assert_eq!(crawled.selected(&words).await, taken, "{words}");
    }
    // No story is no error, but it is told; and a sheet still names its columns.
    let none = crawled.export("--lang fr").await;
    none.says("0 of 5 articles in stdout");
    assert!(none.stdout.is_empty());
    let none = crawled.export("--lang fr --format csv").await.stdout;
    assert!(none.starts_with(b"id,url,"));
}

async fn a_file_that_cannot_be_written_is_told(crawled: &Crawled) {
    std::fs::create_dir(crawled.user.path("folder")).unwrap();
    for (file, code, error) in [
        (
            "missing/all.jsonl",
            2,
            "error: there is no folder `missing` to write in",
        ),
        ("folder", 1, "error: cannot write `folder`: "),
    ] {
        let ended = crawled.user.runs(&format!("export -o {file}")).await;
        ended.exits(code).says(error).says("hint: ");
    }
}
