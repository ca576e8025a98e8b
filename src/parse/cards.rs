//! Lists of other stories that stand inside a body: rows of cards, each with a linked title.

use super::spread::Spread;

/// Fewest cards that make a list.
const FEWEST: usize = 3;
/// Linked text that can be a title, and text that a card has at most, counted as in [`Spread`].
const TITLE: usize = 15;
const CARD: usize = 600;

/// The blocks from `first` up to `end` that are such lists; `first` itself is none, nor is
/// what holds half of its text.
pub(super) fn lists(blocks: &[Spread], first: usize, end: usize) -> Vec<usize> {
    let titled = titled(blocks, first, end);
    let mut children = vec![(0_usize, 0_usize); end - first];
    for at in first + 1..end {
        let block = &blocks[at];
        if block.total > 0 {
            let (all, cards) = &mut children[block.parent - first];
            *all += 1;
            *cards += usize::from(is_card(block, titled[at - first]));
        }
    }
    let whole = blocks[first].total;
    let is_list = |at: &usize| {
        let (all, cards) = children[at - first];
        cards >= FEWEST && cards * 5 >= all * 4 && blocks[*at].total * 2 < whole
    };
    (first + 1..end).filter(is_list).collect()
}

/// Which blocks hold a heading that is a link.
fn titled(blocks: &[Spread], first: usize, end: usize) -> Vec<bool> {
    let mut titled = vec![false; end - first];
    for at in (first + 1..end).rev() {
        let block = &blocks[at];
        let heading = matches!(block.tag, "h2" | "h3" | "h4" | "h5" | "h6");
        let linked = block.linked >= TITLE && block.linked * 10 >= block.total * 9;
        if titled[at - first] || (heading && linked) {
            titled[block.parent - first] = true;
        }
    }
    titled
}

fn is_card(block: &Spread, titled: bool) -> bool {
    let holds = matches!(
        block.tag,
        "div" | "li" | "article" | "section" | "td" | "dd"
    );
    let linked = block.linked * 4 >= block.total || titled;
    holds && (TITLE..=CARD).contains(&block.total) && block.linked >= TITLE && linked
}

#[cfg(test)]
mod tests {
    use crate::normal::NormalUrl;
    use crate::parse::parse;
    use http::HeaderMap;

    const STORY: &str = "<p>The harbour board voted on Tuesday to keep the night ferry running through the \
        winter, ending six weeks of doubt for crews and island traders.</p><p>Members approved a \
        <a href=/t>revised timetable</a> with two sailings instead of three, and set money aside.</p>";
    const CARD: &str = "<div><h3><a href=/x>Toad count is the highest in years</a></h3><p>Volunteers \
        finished counting the spring crossing on Sunday night in the rain.</p></div>";

    fn text(inside: &str) -> String {
        let url = NormalUrl::parse("https://a.example/b").unwrap();
        let page = format!("<h1>Night ferry stays</h1><article>{STORY}{inside}{STORY}</article>");
        let parsed = parse(&url, &HeaderMap::new(), page.as_bytes());
        parsed
            .article
            .map(|article| article.text)
            .unwrap_or_default()
    }

    #[test]
    fn rows_of_cards_are_left_out() {
        let rows = [
            (format!("<div>{}</div>", CARD.repeat(3)), false),
            (format!("<div>{}</div>", CARD.repeat(2)), true),
        ];
        for (inside, kept) in rows {
            assert_eq!(text(&inside).contains("Volunteers"), kept, "{inside}");
        }
        let items = "<li>Two sailings a night, at ten past ten and half past one</li>".repeat(3);
        assert!(text(&format!("<ul>{items}</ul>")).contains("Two sailings"));
    }
}
