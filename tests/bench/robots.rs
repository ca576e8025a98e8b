//! What a robots.txt costs: reading it, each question to its rules, and the memory that the
//! rules of many sites take.
//!
//! `cargo bench --bench robots`

use gleaner::politeness::Rules;
use std::fmt::Write;

fn main() {
    // First, and held to the end: memory that the allocator keeps would be taken again unseen.
    let held: Vec<Vec<Rules>> = MIXES.iter().map(|mix| measured(mix)).collect();
    divan::main();
    drop(held);
}

/// Says what the rules of many sites take, and returns them, so that they stay.
fn measured(mix: &str) -> Vec<Rules> {
    let before = resident();
    let sites: Vec<Rules> = (0..SITES).map(|site| rules_of(site, mix)).collect();
    let taken = resident().saturating_sub(before);
    let rules: usize = sites.iter().map(Rules::len).sum();
    let megabytes = taken / 1_000_000;
    println!("{SITES} sites, {rules} rules, {mix}: {megabytes} MB");
    sites
}

/// Sites whose rules are held at once, no two alike.
const SITES: usize = 2_000;

fn rules_of(site: usize, mix: &str) -> Rules {
    let text = robots_txt(mix).replace("path", &format!("p{site}"));
    Rules::parse(text.as_bytes(), "gleaner")
}

/// Bytes of memory that the process holds, by the system's account (`man 5 proc`).
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}

const MIXES: [&str; 3] = ["plain", "mixed", "wild"];

/// 1,000 rules in 100 KB or so: prefixes only, as news sites mix them, or each with stars.
fn robots_txt(mix: &str) -> String {
    let mut text = String::from("User-agent: *\n");
    for n in 0..1000 {
        let wild = mix == "wild" || mix == "mixed" && n % 10 == 0;
        let rule = match (wild, n % 3) {
            (true, 0) => format!("/*?*utm_campaign{n}="),
            (true, 1) => format!("/*/archive-{n}/*/print$"),
            (true, _) => format!("/section-{n}*/amp/*.json"),
            (false, _) => {
                format!("/section-{n}/closed/with-a-rather-long-path-to-fill-the-line/{n}/")
            }
        };
        let _ = writeln!(text, "Disallow: {rule}\n# {}", "why ".repeat(10));
    }
    text
}

const URLS: [&str; 5] = [
    "/",
    "/section-500/closed/with-a-rather-long-path-to-fill-the-line/500/story.html",
    "/2025/06/15/world/a-story-with-a-long-slug-about-a-ferry-that-stays-open.html",
    "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/%D8%B9%D8%A7%D8%AC%D9%84/12345",
    "/section-77/open/page?page=2&sort=asc&utm_source=feed",
];

#[divan::bench(args = MIXES)]
fn parse(bencher: divan::Bencher, mix: &str) {
    let text = robots_txt(mix);
    bencher.bench(|| Rules::parse(text.as_bytes(), "gleaner"));
}

#[divan::bench(args = MIXES)]
fn decide_five(bencher: divan::Bencher, mix: &str) {
    let rules = Rules::parse(robots_txt(mix).as_bytes(), "gleaner");
    let allowed = |target: &str| rules.decide_target(divan::black_box(target)).allowed;
    bencher.bench(|| URLS.iter().filter(|target| allowed(target)).count());
}

/// Half a mebibyte of rules that all begin alike and almost match, against the path they are
/// made for: no file may cost more than linear time.
#[divan::bench]
fn decide_hostile(bencher: divan::Bencher) {
    let rule = format!("Disallow: /{}bbb\n", "*aaaa".repeat(100));
    let text = format!("User-agent: *\n{}", rule.repeat(1000));
    let rules = Rules::parse(text.as_bytes(), "gleaner");
    let target = format!("/{}ba", "aaaab".repeat(400));
    bencher.bench(|| rules.decide_target(divan::black_box(&target)).allowed);
}
