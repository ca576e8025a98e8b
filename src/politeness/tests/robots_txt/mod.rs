//! What answers to a robots.txt mean, and for how long (RFC 9309 2.3 and 2.4, read strictly).

mod answers;
mod bodies;
mod copies;
mod redirects;
mod scenarios;

use super::*;

const CLOSED: &str = "User-agent: *\nDisallow: /x\n";
const X: &str = "https://paper.example/x";
const Y: &str = "https://paper.example/y";
const HOUR: Millis = 3_600_000;

fn crawl() -> Crawl {
    let mut crawl = Crawl::new(&config());
    crawl.resolve(&page());
    crawl
}

/// May the page be asked for, once all waits have passed?
fn allowed(crawl: &mut Crawl, text: &str) -> bool {
    let page = url(text);
    for _ in 0..9 {
        match crawl.page(&page) {
            Verdict::Go(_) => return true,
            Verdict::WaitUntil(then) => crawl.now = then,
            Verdict::NeedsAddress(_) => crawl.resolve(&page),
            Verdict::NeedsRobots(_)
            | Verdict::NeedsTdmrep(_)
            | Verdict::NeedsCharge(_)
            | Verdict::Never(_) => return false,
        }
    }
    panic!("waits without an end");
}
