//! The stories that a listing presents: for each a linked title, and below it a line or two.

use super::body::{Body, end_of};
use super::page::Page;
use super::spread::Spread;
use crate::normal::NormalUrl;
use scraper::{ElementRef, Node};

/// Linked text that can be a story's title, counted as in [`Spread`]: words such as "Sport" or
/// "Read more" are shorter.
const TITLE: usize = 15;
/// Text that may stand before a title on its card: a day, a section's name.
const ABOVE: usize = 25;
/// Text that a listing has for a story that it presents, at most.
pub(super) const TEASER: usize = 220;

/// Text of the body that presents other stories, their titles included.
pub(super) fn presented(page: &Page<'_>, body: &Body, url: &NormalUrl) -> usize {
    let blocks = &page.blocks;
    let inside = body.block..end_of(blocks, body.block);
    let mut sum = 0;
    let mut open: Option<Teaser> = None;
    let mut skipped = 0;
    // From the top of the page, since a body that is one teaser's text has its title above it.
    for (at, block) in blocks.iter().enumerate().skip(1) {
        if at < skipped {
            continue;
        }
        if body.furniture.contains(&block.node) {
            skipped = end_of(blocks, at);
            continue;
        }
        let title = is_title(page, at, url).then(|| card(blocks, at)).flatten();
        let closed = open.take_if(|teaser| {
            at >= teaser.end || title.is_some() || is_heading(block) && block.own_linked == 0
        });
        sum += closed.map_or(0, Teaser::presented);
        if let Some(end) = title {
            open = Some(Teaser::new(end));
        }
        if let Some(teaser) = &mut open {
            teaser.text += block.own - block.own_linked;
            if inside.contains(&at) {
                teaser.inside += block.own;
            }
        }
    }
    sum + open.map_or(0, Teaser::presented)
}

/// A title and what has been read below it.
struct Teaser {
    /// The index behind the card that it stands on.
    end: usize,
    /// Its text that leads nowhere.
    text: usize,
    /// All of its text in the body.
    inside: usize,
}

impl Teaser {
    fn new(end: usize) -> Self {
        Self {
            end,
            text: 0,
            inside: 0,
        }
    }

    /// More than a few lines are a story of its own, below some link.
    fn presented(self) -> usize {
        if (1..=TEASER).contains(&self.text) {
            self.inside
        } else {
            0
        }
    }
}

/// Whether a block begins with the linked title of another story.
fn is_title(page: &Page<'_>, at: usize, url: &NormalUrl) -> bool {
    let block = &page.blocks[at];
    let alone = block.own_linked * 10 >= block.own * 9;
    let item = matches!(block.tag, "li" | "dd" | "td");
    block.own_linked >= TITLE
        && block.tag != "h1"
        && (alone || item)
        && first_target(page, block).is_some_and(|target| target != *url)
}

/// Where the first text of a block leads.
fn first_target(page: &Page<'_>, block: &Spread) -> Option<NormalUrl> {
    let mut inside = page.html.tree.get(block.node)?.descendants();
    let text = inside.find(|node| match node.value() {
        Node::Text(text) => !text.trim().is_empty(),
        _ => false,
    })?;
    let around = text.ancestors().filter_map(ElementRef::wrap);
    let href = around
        .map(|element| element.value())
        .find_map(|element| element.attr("href").filter(|_| element.name() == "a"))?;
    NormalUrl::from_url(page.base.join(href.trim()).ok()?).ok()
}

/// The index behind the smallest block around a title that has text which leads nowhere. A
/// heading is a title wherever it stands, other text only where a card begins.
fn card(blocks: &[Spread], title: usize) -> Option<usize> {
    let mut card = title;
    while blocks[card].total == blocks[card].linked {
        card = blocks[card].parent;
        if card == 0 {
            return None;
        }
    }
    let above = (card..title).map(|at| blocks[at].own - blocks[at].own_linked);
    let begins = above.sum::<usize>() <= ABOVE;
    (begins || is_heading(&blocks[title])).then(|| end_of(blocks, card))
}

fn is_heading(block: &Spread) -> bool {
    matches!(block.tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use http::HeaderMap;

    fn is_story(main: &str) -> bool {
        let url = NormalUrl::parse("https://ledger.example/culture/").unwrap();
        let nav = "<header><nav><a href=/sea>Sea</a> <a href=/culture>Culture</a></nav></header>";
        let page = format!("<title>Ledger</title><body>{nav}<main>{main}</main>");
        let parsed = parse(&url, &HeaderMap::new(), page.as_bytes());
        parsed.article.is_some()
    }

    const TITLE: &str = "<a href=/culture/lens>Lighthouse lens goes on show after long repair</a>";
    const TEXT: &str = "The brass rings of the lens were taken apart and cleaned by hand over two \
        winters, and can be seen in the customs house on every day but Monday until Easter.";
    const ARABIC_TITLE: &str = "<a href=/ثقافة/عدسة>منارة الصخرة تضاء بالطاقة الشمسية</a>";
    const ARABIC: &str = "فُكّكت حلقات العدسة النحاسية ونُظّفت باليد في شتاءين، ويمكن أن تُرى في دار الجمارك \
        كل يوم ما عدا الاثنين حتى نهاية الشهر القادم، ومعها صور قديمة من أرشيف الميناء.";
    const CHINESE_TITLE: &str = "<a href=/文化/1>灯塔透镜修复后重新展出</a>";
    const CHINESE: &str = "透镜的铜环在两个冬天里被拆开，由工匠用手清洗，复活节之前除星期一外，每天都可以在海关大楼看到，门票免费。";

    #[test]
    fn a_page_that_presents_a_few_stories_is_none() {
        for (title, text) in [
            (TITLE, TEXT),
            (ARABIC_TITLE, ARABIC),
            (CHINESE_TITLE, CHINESE),
        ] {
            let heading = title.replacen("<a", "<h3><a", 1) + "</h3>";
            let around = title.replacen('>', "><h3>", 1).replace("</a>", "</h3></a>");
            let list = |item: String, count: usize| {
                format!("<h1>Culture</h1><ul>{}</ul>", item.repeat(count))
            };
            for count in 1..=3 {
                let cards = format!("<div>{heading}<div><p>{text}</p></div></div>").repeat(count);
                for page in [
                    list(format!("<li>{title}<p>{text}</p></li>"), count),
                    list(format!("<li>{title} {text}</li>"), count),
                    list(format!("<li><p>{title}</p><p>{text}</p></li>"), count),
                    list(
                        format!("<li>{around}<p>{text}</p><time>14:05</time></li>"),
                        count,
                    ),
                    format!("<h1>Culture</h1>{cards}"),
                    format!(
                        "<h1>Culture</h1>{}",
                        format!("{heading}<p>{text}</p>").repeat(count)
                    ),
                    format!("<h1>Culture</h1><section>{cards}</section><p>All from the stage."),
                    format!(
                        "<h1>Culture</h1>{}",
                        format!("<article><p>Sea</p>{heading}<p>{text}</p></article>")
                            .repeat(count)
                    ),
                ] {
                    assert!(!is_story(&page), "{page}");
                }
            }
        }
    }

    #[test]
    fn a_story_with_links_stays_one() {
        for (title, text) in [
            (TITLE, TEXT),
            (ARABIC_TITLE, ARABIC),
            (CHINESE_TITLE, CHINESE),
        ] {
            let own = "<h2><a href=/culture/>The lens of the old lighthouse is back</a></h2>";
            let head = "<h1>The lens of the old lighthouse is back</h1>";
            for page in [
                format!("{own}<p>{text}</p>"),
                format!("<h2>{title}</h2>{head}<p>{text}</p>"),
                format!("{head}<p>{text}</p><p>{title}</p><p>{text}</p>"),
                format!("{head}<p>{text}</p><h3>{title}</h3><p>{text}</p>"),
                format!("{head}<p>{title}</p><p>{text}</p><p>{text}</p>"),
                format!("{head}<p>{text}</p><ul><li>{title} {text}</li></ul>"),
                format!("{head}<div>{text}</div><p>{title}</p>"),
            ] {
                assert!(is_story(&page), "{page}");
            }
        }
    }
}
