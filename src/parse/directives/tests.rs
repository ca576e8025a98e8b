//! Directives in headers and meta elements: our own table, and the shared vectors where they are
//! at hand.

use super::*;

fn read(lines: &[(&str, &str)], metas: &[(&str, &str)], agent: &str) -> Directives {
    let mut headers = HeaderMap::new();
    for (name, line) in lines {
        let name: http::HeaderName = name.parse().unwrap();
        headers.append(name, line.parse().unwrap());
    }
    let mut directives = Directives::default();
    directives.add_headers(&headers, agent);
    directives.add_metas_for(metas, agent);
    directives
}

fn shown(directives: &Directives) -> String {
    let flags = [
        (directives.noindex, "noindex"),
        (directives.nofollow, "nofollow"),
        (directives.noarchive, "noarchive"),
        (directives.nosnippet, "nosnippet"),
        (directives.noimageindex, "noimageindex"),
        (directives.noai, "noai"),
        (directives.noimageai, "noimageai"),
    ];
    let flags = flags.iter().filter(|(on, _)| *on);
    let mut words: Vec<String> = flags.map(|(_, word)| (*word).to_owned()).collect();
    words.extend(directives.max_snippet.map(|most| most.to_string()));
    let preview = directives.max_image_preview;
    words.extend(preview.map(|size| size.name().to_owned()));
    words.extend(directives.unavailable_after.map(|until| until.to_string()));
    words.join(" ")
}

#[test]
fn headers() {
    let rows: &[(&[&str], &str)] = &[
        (&["noindex"], "noindex"),
        (&["NOINDEX, nofollow"], "noindex nofollow"),
        (&["none"], "noindex nofollow"),
        (&["noarchive", "nofollow"], "nofollow noarchive"),
        (&["gleaner: noindex"], "noindex"),
        (&["otherbot: noindex, nofollow"], ""),
        (&["otherbot: noindex, gleaner: nofollow"], "nofollow"),
        (&["robots: noarchive"], "noarchive"),
        (&["nosnippet, noimageindex"], "nosnippet noimageindex"),
        (
            &["Max-Snippet: 30, max-image-preview:Standard"],
            "30 standard",
        ),
        (&["max-snippet:-1"], "-1"),
        (&["max-snippet:0", "max-snippet:-1"], "0"),
        (&["max-snippet:-2, max-image-preview:vast"], ""),
        (
            &["max-image-preview:large", "max-image-preview:none"],
            "none",
        ),
        (&["max-video-preview:5, noindex"], "noindex"),
        (
            &["unavailable_after: 25 Jun 2010 15:00:00 GMT"],
            "2010-06-25T15:00:00Z",
        ),
        (
            &["unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"],
            "nofollow 2010-06-25T15:00:00Z",
        ),
        (
            &["gleaner: unavailable_after: 2030-01-01, noai"],
            "noai 2030-01-01T00:00:00Z",
        ),
        (
            &["otherbot: unavailable_after: Friday, 25-Jun-10 15:00:00 GMT, noai"],
            "",
        ),
        (
            &[
                "unavailable_after: 2031-01-01",
                "unavailable_after: 2030-01-01",
            ],
            "2030-01-01T00:00:00Z",
        ),
        (
            &["unavailable_after: one day, at 10:00, noindex"],
            "noindex",
        ),
        (&["", ",,"], ""),
    ];
    for (lines, expected) in rows {
        let lines: Vec<_> = lines.iter().map(|line| ("x-robots-tag", *line)).collect();
        assert_eq!(shown(&read(&lines, &[], "gleaner")), *expected, "{lines:?}");
    }
}

#[test]
fn structured_headers() {
    for (field, expected) in [
        ("*;noindex", "noindex"),
        ("gleaner;noarchive, otherbot;noindex", "noarchive"),
        ("Gleaner;max-snippet=40;max-image-preview=none", "40 none"),
        ("*;unavailable_after=@1893456000", "2030-01-01T00:00:00Z"),
        ("*;noindex=?0", ""),
        ("*;noindex,", ""),
        ("*;NoIndex", ""),
    ] {
        let found = read(&[("robots-tag", field)], &[], "gleaner");
        assert_eq!(shown(&found), expected, "{field}");
    }
}

#[test]
fn meta_elements() {
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[("robots", "noindex,nofollow")], "noindex nofollow"),
        (&[("ROBOTS", "NoArchive")], "noarchive"),
        (&[("gleaner", "none")], "noindex nofollow"),
        (&[("googlebot", "noindex")], ""),
        (
            &[("robots", "index, follow"), ("gleaner", "noindex")],
            "noindex",
        ),
        (
            &[("robots", "max-snippet:90"), ("gleaner", "max-snippet:12")],
            "12",
        ),
        (
            &[(
                "robots",
                "unavailable_after: Monday, 07-Jan-30 06:00:00 GMT, noai",
            )],
            "noai 2030-01-07T06:00:00Z",
        ),
        (
            &[("robots", "unavailable_after 2030-01-02T03:04:05+01:00")],
            "2030-01-02T02:04:05Z",
        ),
    ];
    for (metas, expected) in rows {
        assert_eq!(shown(&read(&[], metas, "gleaner")), *expected, "{metas:?}");
    }
}

#[test]
fn a_page_is_hidden_once_its_time_is_over() {
    let found = read(
        &[],
        &[("robots", "unavailable_after: 2026-03-01")],
        "gleaner",
    );
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(!found.hides(at("2026-02-28T23:59:59Z")));
    assert!(found.hides(at("2026-03-01T00:00:01Z")));
}

/// Vectors for another agent's name, where they are at hand.
#[test]
fn the_shared_vectors_hold() {
    for row in crate::vectors::shared("robots/page.jsonl").unwrap_or_default() {
        if row["kind"] != "page_directives" {
            continue;
        }
        let agent = row["user_agent"].as_str().unwrap();
        let pairs = row["headers"].as_array().unwrap().iter();
        let pairs: Vec<_> = pairs
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        let (html, _) = super::super::tree::build(row["html"].as_str().unwrap());
        let page = super::super::page::Page::read(&html, &"https://n.example/".parse().unwrap());
        let found = read(&pairs, &page.metas, agent);
        let now = row["now"].as_str().unwrap().parse().unwrap();
        let found = serde_json::json!({
            "noindex": found.hides(now), "nofollow": found.nofollow, "noarchive": found.noarchive,
        });
        assert_eq!(found, row["expect"], "{row}");
    }
}
