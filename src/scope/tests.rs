use super::*;
use std::collections::HashSet;

const NEWS: &str = "https://www.news.example/";

fn url(text: &str) -> NormalUrl {
    NormalUrl::parse(text).unwrap()
}

fn seeds(urls: &[&str]) -> Vec<ScopeSeed> {
    let seeds = urls.iter().zip(1..);
    seeds
        .map(|(text, id)| ScopeSeed {
            id,
            url: url(text),
            depth: None,
        })
        .collect()
}

fn scope(config: &Config) -> Scope {
    Scope::new(config, &seeds(&[NEWS, "http://127.0.1.1:8800/"]))
}

fn config(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

/// A link as it stands in the queue.
fn link(text: &str, depth: u8, via: Via) -> Link {
    Link {
        url: url(text),
        seed: 1,
        depth,
        hops: 0,
        via,
        priority: ON_FRONT,
    }
}

/// Why a link on the front page of the first seed may not enter; empty if it may.
fn label(scope: &Scope, to: &str) -> &'static str {
    let judged = scope.judge(&link(NEWS, 0, Via::Seed), Via::Front, &url(to), Role::Page);
    judged.err().map_or("", |why| why.label())
}

#[test]
fn links_of_a_front_page() {
    let scope = scope(&Config::default());
    let long = |letters: usize| format!("https://news.example/{}", "a".repeat(letters));
    for (to, why) in [
        ("https://www.news.example/a", ""),
        ("http://news.example/a", ""),
        ("https://live.news.example:8443/a", ""),
        ("http://127.0.1.1:8800/a", ""),
        ("http://127.0.1.1:8801/a", "other_site"),
        ("https://other.example/", "other_site"),
        ("https://news.example.other.example/", "other_site"),
        ("https://othernews.example/", "other_site"),
        // Words in a path prove nothing.
        ("https://news.example/login?next=/", ""),
        ("https://news.example/tag/football", ""),
        ("https://news.example/2024/11/11/11/story", ""),
        ("https://news.example/news/uk/news/uk", ""),
        (
            "https://news.example/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/",
            "",
        ),
        (
            "https://news.example/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16",
            "trap_deep_path",
        ),
        ("https://news.example/a/a/a/", ""),
        ("https://news.example/a/a/a/a", "trap_repeated_segments"),
        ("https://news.example/x/a/a/a/a/y", "trap_repeated_segments"),
        ("https://news.example////a", ""),
        ("https://news.example/////a", "trap_repeated_segments"),
        (
            "https://news.example/x/a/b/a/b/a/b",
            "trap_repeated_segments",
        ),
        (
            "https://news.example/x/a/b/c/a/b/c/a/b/c/y",
            "trap_repeated_segments",
        ),
        ("https://news.example/a/b/a/c/a/d/a/e", ""),
        ("https://news.example/story.pdf", "unwanted_extension"),
        (
            "https://news.example/a.b/photo.JPG?w=100",
            "unwanted_extension",
        ),
        ("https://news.example/style.css", "unwanted_extension"),
        ("https://news.example/archive.tar.gz", "unwanted_extension"),
        ("https://news.example/sitemap.XML.gz", ""),
        ("https://news.example/story.html", ""),
        ("https://news.example/story.php", ""),
        ("https://news.example/feed.xml", ""),
        ("https://news.example/version-2.0", ""),
        ("https://news.example/photo.jpg/story", ""),
        ("https://news.example/view?file=photo.jpg", ""),
        ("https://news.example/.", ""),
        (&long(1_979), ""),
        (&long(1_980), "too_long"),
    ] {
        assert_eq!(label(&scope, to), why, "{to}");
    }
}

#[test]
fn what_becomes_of_a_link() {
    let scope = scope(&Config::default());
    let from = Link {
        hops: 3,
        ..link(NEWS, 4, Via::Feed)
    };
    for (kind, is_article, role, via, priority) in [
        (Kind::Html, false, Role::Page, Via::Front, 40),
        (Kind::Html, true, Role::Page, Via::Article, 50),
        (Kind::Html, false, Role::Next, Via::Front, 60),
        (Kind::Html, true, Role::Next, Via::Article, 60),
        (Kind::Html, false, Role::Feed, Via::Front, 15),
        (Kind::Feed, false, Role::Story, Via::Feed, 30),
        (Kind::Feed, false, Role::Next, Via::Feed, 60),
        (Kind::Sitemap, false, Role::Story, Via::Sitemap, 30),
        (Kind::Sitemap, false, Role::Page, Via::Sitemap, 50),
        (Kind::Sitemap, false, Role::Sitemap, Via::Sitemap, 20),
        (Kind::Robots, false, Role::Sitemap, Via::Sitemap, 20),
    ] {
        let to = url("https://news.example/a");
        let link = scope.judge(&from, place(kind, is_article), &to, role);
        let expected = Link {
            url: to,
            seed: 1,
            depth: 5,
            hops: 0,
            via,
            priority,
        };
        assert_eq!(link, Ok(expected), "{kind:?} {role:?}");
    }
}

#[test]
fn seeds_enter_whatever_they_are() {
    let config = config(|config| {
        config.crawl.depth = Some(0);
        config.scope.exclude = vec!["*".to_owned()];
    });
    let seed = &seeds(&["https://news.example/a.pdf"])[0];
    let link = scope(&config).seed(seed);
    assert_eq!((link.depth, link.via, link.priority), (0, Via::Seed, 10));
    assert_eq!(link.url, seed.url);
}

#[test]
fn the_nearest_depth_limit_binds() {
    // Seed's, site's and general limit; the deepest page whose links are followed.
    for (seed, site, general, deepest) in [
        (None, None, None, Some(254)),
        (None, None, Some(0), None),
        (None, None, Some(2), Some(1)),
        (None, Some(3), Some(2), Some(2)),
        (None, Some(0), None, None),
        (Some(4), Some(3), Some(2), Some(3)),
        (Some(0), None, None, None),
    ] {
        let config = config(|config| {
            config.crawl.depth = general;
            config.sites = vec![Site {
                site: "news.example".to_owned(),
                depth: site,
                ..Site::default()
            }];
        });
        let mut seeds = seeds(&[NEWS]);
        seeds[0].depth = seed;
        let scope = Scope::new(&config, &seeds);
        let enters = |depth: &u8| {
            let from = link(NEWS, *depth, Via::Front);
            scope
                .judge(&from, Via::Front, &url(NEWS), Role::Page)
                .is_ok()
        };
        let found = (0..255).rev().find(enters);
        assert_eq!(found, deepest, "{seed:?} {site:?} {general:?}");
    }
    let limited = scope(&config(|config| config.crawl.depth = Some(0)));
    assert_eq!(label(&limited, NEWS), "too_deep");
}

#[test]
fn patterns_include_and_exclude() {
    let config = config(|config| {
        config.scope.include = vec!["/news/".to_owned(), "*.html$".to_owned()];
        config.scope.exclude = vec!["*?print=".to_owned(), String::new()];
        config.sites = vec![Site {
            site: "127.0.1.1:8800".to_owned(),
            include: Some(vec![]),
            exclude: vec!["/private/".to_owned()],
            ..Site::default()
        }];
    });
    let scope = scope(&config);
    for (to, why) in [
        ("https://news.example/news/1", ""),
        ("https://news.example/a.html", ""),
        ("https://news.example/a", "not_included"),
        ("https://news.example/news/1?print=1", "excluded"),
        ("https://news.example/news/private/", ""),
        ("http://127.0.1.1:8800/a", ""),
        ("http://127.0.1.1:8800/private/a", "excluded"),
        ("http://127.0.1.1:8800/a?print=1", "excluded"),
    ] {
        assert_eq!(label(&scope, to), why, "{to}");
    }
    let seed = link(NEWS, 0, Via::Seed);
    let judge = |to: &str, role| scope.judge(&seed, Via::Front, &url(to), role);
    assert!(judge("https://news.example/feed", Role::Feed).is_ok());
    assert!(judge("https://news.example/map.gz", Role::Sitemap).is_ok());
    let excluded = judge("https://news.example/feed?print=1", Role::Feed).unwrap_err();
    assert_eq!(excluded.to_string(), "excluded by the pattern `*?print=`");
}

#[test]
fn all_sites_on_request() {
    let open = scope(&config(|config| config.scope.other_sites = true));
    assert_eq!(label(&open, "https://other.example/"), "");
}

#[test]
fn sitemaps_do_not_nest_for_ever() {
    let scope = scope(&Config::default());
    let judge = |depth, role| {
        let from = link("https://news.example/map.xml", depth, Via::Sitemap);
        scope.judge(
            &from,
            Via::Sitemap,
            &url("https://news.example/next.xml"),
            role,
        )
    };
    assert!(judge(7, Role::Sitemap).is_ok());
    assert_eq!(
        judge(8, Role::Sitemap),
        Err(Rejection::Trap(Trap::NestedSitemaps))
    );
    assert!(judge(8, Role::Story).is_ok());
}

#[test]
fn redirects() {
    let strict = config(|config| {
        config.crawl.depth = Some(0);
        config.scope.include = vec!["/in/".to_owned()];
        config.scope.exclude = vec!["/out/".to_owned()];
    });
    let scope = scope(&strict);
    // Depth and hops of the link that redirects.
    for (depth, hops, to, why) in [
        (3, 0, "https://news.example/in/a", ""),
        (3, 4, "https://news.example/in/a", ""),
        (3, 5, "https://news.example/in/a", "too_many_redirects"),
        (3, 0, "https://other.example/in/a", "other_site"),
        (3, 0, "https://news.example/a", "not_included"),
        (3, 0, "https://news.example/out/a", "excluded"),
        (3, 0, "https://news.example/in/a.pdf", "unwanted_extension"),
        (
            3,
            0,
            "https://news.example/in/a/a/a/a/a",
            "trap_repeated_segments",
        ),
        (0, 0, "https://other.example/", ""),
        (0, 4, "https://other.example/a", ""),
        (0, 5, "https://other.example/a", "too_many_redirects"),
        (0, 0, "https://other.example/out/", "excluded"),
    ] {
        let from = Link {
            hops,
            ..link("https://news.example/in/", depth, Via::Front)
        };
        let judged = scope.redirected(&from, url(to));
        let label = judged.as_ref().err().map_or("", Rejection::label);
        assert_eq!(label, why, "{depth} {hops} {to}");
        if let Ok(link) = judged {
            let expected = Link {
                url: url(to),
                hops: hops + 1,
                ..from
            };
            assert_eq!(link, expected);
        }
    }
}

#[test]
fn a_feed_need_not_be_included_after_a_redirect_either() {
    let strict = config(|config| config.scope.include = vec!["/in/".to_owned()]);
    let feed = Link {
        priority: FEED,
        ..link("https://news.example/feed", 1, Via::Front)
    };
    let to = url("https://news.example/feed.gz");
    assert!(scope(&strict).redirected(&feed, to).is_ok());
}

#[test]
fn a_seed_that_moved_brings_its_new_site_along() {
    let scope = scope(&Config::default());
    let seed = scope.seed(&seeds(&[NEWS])[0]);
    let moved = scope
        .redirected(&seed, url("https://new.example/"))
        .unwrap();
    let judge = |from: &Link, to: &str| scope.judge(from, Via::Front, &url(to), Role::Page);
    let story = judge(&moved, "https://www.new.example/1").unwrap();
    assert!(judge(&story, "https://new.example/2").is_ok());
    assert!(judge(&story, "https://news.example/3").is_ok());
    let other = judge(&story, "https://other.example/");
    assert_eq!(other, Err(Rejection::OtherSite));
}

#[test]
fn each_rejection_has_a_label_of_its_own() {
    let all = [
        Rejection::OtherSite,
        Rejection::TooDeep(2),
        Rejection::Excluded("/a".into()),
        Rejection::NotIncluded,
        Rejection::TooManyRedirects,
        Rejection::UnwantedExtension("pdf"),
        Rejection::TooLong,
        Rejection::Trap(Trap::DeepPath),
        Rejection::Trap(Trap::RepeatedSegments),
        Rejection::Trap(Trap::NestedSitemaps),
    ];
    let labels: HashSet<_> = all.iter().map(Rejection::label).collect();
    let texts: HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!((labels.len(), texts.len()), (all.len(), all.len()));
}
