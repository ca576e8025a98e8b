use super::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Rule, URL as written, normal form.
#[rustfmt::skip]
const RULES: &[(&str, &str, &str)] = &[
    ("scheme case", "HTTPS://n.example/", "https://n.example/"),
    ("host case", "https://WWW.N.Example/A", "https://www.n.example/A"),
    ("space around", " \t\u{a0}https://n.example/a\n", "https://n.example/a"),
    ("line break within", "https://n.example/a\n/b", "https://n.example/a/b"),
    ("default port, http", "http://n.example:80/", "http://n.example/"),
    ("default port, https", "https://n.example:443/", "https://n.example/"),
    ("port without number", "https://n.example:/a", "https://n.example/a"),
    ("other port kept", "https://n.example:8443/", "https://n.example:8443/"),
    ("no path", "https://n.example", "https://n.example/"),
    ("no path, query", "https://n.example?a=1", "https://n.example/?a=1"),
    ("IDN", "http://صحيفة.example/", "http://xn--ogbhx3c3b.example/"),
    ("IDN, upper-case punycode", "http://XN--OGBHX3C3B.example/", "http://xn--ogbhx3c3b.example/"),
    ("IDN, UTS 46 mapping", "https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
    ("IDN, decomposed", "https://bu\u{308}cher.example/", "https://xn--bcher-kva.example/"),
    ("IDN, full width", "https://ｎ.example/", "https://n.example/"),
    ("host, percent-encoded", "https://n%2eex%61mple/", "https://n.example/"),
    ("host, ideographic dot", "https://n。example/", "https://n.example/"),
    ("host, soft hyphen", "https://n\u{ad}.example/", "https://n.example/"),
    ("host, trailing dot", "https://n.example./a", "https://n.example/a"),
    ("host, trailing dot and port", "https://n.example.:8443/a", "https://n.example:8443/a"),
    ("host, ideographic trailing dot", "https://n.example。/a", "https://n.example/a"),
    ("IPv4, hexadecimal", "http://0x7f000001/", "http://127.0.0.1/"),
    ("IPv4, short", "http://127.1:8800/", "http://127.0.0.1:8800/"),
    ("IPv4, trailing dot", "http://127.0.0.1./", "http://127.0.0.1/"),
    ("IPv6", "http://[0:0::0:1]:80/", "http://[::1]/"),
    ("user info", "https://me:secret@n.example/a", "https://n.example/a"),
    ("user alone", "https://me@n.example/a", "https://n.example/a"),
    ("dot segments", "https://n.example/./a/../b/.", "https://n.example/b/"),
    ("dot segments above the root", "https://n.example/../../a", "https://n.example/a"),
    ("dot segments, encoded", "https://n.example/a/%2E%2e/b", "https://n.example/b"),
    ("backslash", r"https:\\n.example\a\b", "https://n.example/a/b"),
    ("escapes in upper case", "https://n.example/a%2fb?c=%e2%82%ac", "https://n.example/a%2Fb?c=%E2%82%AC"),
    ("unreserved decoded", "https://n.example/%7Edesk/%41%2d%5F%30", "https://n.example/~desk/A-_0"),
    ("unreserved decoded, query", "https://n.example/?%71=%7e", "https://n.example/?q=~"),
    ("Arabic slug", "https://n.example/أخبار", "https://n.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
    ("Arabic slug, encoded", "https://n.example/%d8%a3%D8%AE%d8%a8%D8%a7%D8%B1", "https://n.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
    ("Arabic query", "https://n.example/?q=خبر", "https://n.example/?q=%D8%AE%D8%A8%D8%B1"),
    ("raw space", "https://n.example/a b?c=d e", "https://n.example/a%20b?c=d%20e"),
    ("raw octets that may not be", "https://n.example/a|b^c\"?d={e}`\\", "https://n.example/a%7Cb%5Ec%22?d=%7Be%7D%60%5C"),
    ("control octet stays encoded", "https://n.example/a%00%0a", "https://n.example/a%00%0A"),
    ("not UTF-8 stays encoded", "https://n.example/%c7%e1", "https://n.example/%C7%E1"),
    ("stray percent", "https://n.example/100%?a=%zz&b=%", "https://n.example/100%?a=%zz&b=%"),
    ("stray percent, escape behind it", "https://n.example/%%37E/%4%31/%%7E", "https://n.example/%%37E/%4%31/%~"),
    ("escaped percent", "https://n.example/%257e", "https://n.example/%257e"),
    ("fragment", "https://n.example/a#comments", "https://n.example/a"),
    ("fragment, hash-bang", "https://n.example/a?b=1#!/c", "https://n.example/a?b=1"),
    ("fragment, empty", "https://n.example/a#", "https://n.example/a"),
    ("empty query", "https://n.example/a?", "https://n.example/a"),
    ("empty parameters", "https://n.example/a?&b=1&&c=2&", "https://n.example/a?b=1&c=2"),
    ("nameless, valueless parameter", "https://n.example/a?=&b=1", "https://n.example/a?b=1"),
    ("tracking alone", "https://n.example/a?utm_source=x&utm_medium=y", "https://n.example/a"),
    ("tracking between", "https://n.example/a?b=1&fbclid=IwAR0&c=2", "https://n.example/a?b=1&c=2"),
    ("tracking, any case", "https://n.example/a?UTM_Source=x&FBCLID=y", "https://n.example/a"),
    ("tracking, no value", "https://n.example/a?utm_campaign=&gclid", "https://n.example/a"),
    ("tracking, encoded name", "https://n.example/a?utm%5fsource=x", "https://n.example/a"),
    ("tracking, escaped twice", "https://n.example/a?b=1&amp;utm_source=x", "https://n.example/a?b=1"),
    ("tracking, click ids", "https://n.example/a?gclid=1&dclid=1&gbraid=1&wbraid=1&msclkid=1&yclid=1&ttclid=1&twclid=1", "https://n.example/a"),
    ("tracking, newsletters", "https://n.example/a?mc_cid=1&mc_eid=1&mkt_tok=1&oly_enc_id=1&vero_id=1&_hsenc=1", "https://n.example/a"),
    ("tracking, analytics", "https://n.example/a?_ga=1&_gl=1&wt_mc=1&wt_zmc=1&WT.mc_id=1&pk_campaign=1&at_medium=1&xtor=RSS-1", "https://n.example/a"),
    ("tracking, sharing", "https://n.example/a?igshid=1&mibextid=1&fb_action_ids=1&__twitter_impression=true", "https://n.example/a"),
    ("session by name", "https://n.example/a?PHPSESSID=0abc&b=1&jsessionid=x&ASPSESSIONIDQQ=y", "https://n.example/a?b=1"),
    ("session by value", "https://n.example/a?sid=0123456789abcdef&sessionid=0123456789ABCDEF0", "https://n.example/a"),
    ("session pair", "https://n.example/a?CFID=12&CFTOKEN=34&b=1", "https://n.example/a?b=1"),
    ("session in the path", "https://n.example/a;jsessionid=1F2.node_1?b=1", "https://n.example/a?b=1"),
    ("session in the path, within", "https://n.example/a;JSESSIONID=1F2!-7/b;v=2", "https://n.example/a/b;v=2"),
    ("session before a dot segment", "https://n.example/a/b/..;jsessionid=1/c", "https://n.example/a/c"),
    ("www. kept", "https://www.n.example/", "https://www.n.example/"),
    ("path case kept", "https://n.example/News", "https://n.example/News"),
    ("trailing slash kept", "https://n.example/news/", "https://n.example/news/"),
    ("no trailing slash kept", "https://n.example/news", "https://n.example/news"),
    ("empty segments kept", "https://n.example//a//b", "https://n.example//a//b"),
    ("order of parameters kept", "https://n.example/?b=1&a=2", "https://n.example/?b=1&a=2"),
    ("double parameters kept", "https://n.example/?a=1&a=1", "https://n.example/?a=1&a=1"),
    ("value left out kept", "https://n.example/?a&b=", "https://n.example/?a&b="),
    ("short names kept", "https://n.example/?ref=1&source=2&id=3&page=4&p=5&cid=6&src=7&s=8", "https://n.example/?ref=1&source=2&id=3&page=4&p=5&cid=6&src=7&s=8"),
    ("names that only resemble kept", "https://n.example/?utm=1&gclid2=2&my_utm_source=3&ga=4", "https://n.example/?utm=1&gclid2=2&my_utm_source=3&ga=4"),
    ("sid of a story kept", "https://n.example/?sid=20240117&sessionid=2024011700001234", "https://n.example/?sid=20240117&sessionid=2024011700001234"),
    ("cfid alone kept", "https://n.example/?cfid=12", "https://n.example/?cfid=12"),
    ("tracking of a nested URL kept", "https://n.example/?url=https://o.example/?utm_source=x", "https://n.example/?url=https://o.example/?utm_source=x"),
    ("reserved octets kept encoded", "https://n.example/a%2Fb%3Bc?q=C%2B%2B%26%3D%23", "https://n.example/a%2Fb%3Bc?q=C%2B%2B%26%3D%23"),
    ("reserved octets kept raw", "https://n.example/a;b,c@d:e!$'()*+=?q=[C++]/?", "https://n.example/a;b,c@d:e!$'()*+=?q=[C++]/?"),
    ("path parameters kept", "https://n.example/a;v=1", "https://n.example/a;v=1"),
];

#[test]
fn rules() {
    for (rule, raw, normal) in RULES {
        assert_eq!(NormalUrl::parse(raw).unwrap().as_str(), *normal, "{rule}");
        assert_eq!(
            NormalUrl::parse(normal).unwrap().as_str(),
            *normal,
            "{rule}, twice"
        );
        assert_eq!(
            NormalUrl::stored(normal).unwrap().as_str(),
            *normal,
            "{rule}, stored"
        );
    }
}

#[test]
fn what_is_no_url_of_ours() {
    for (raw, why) in [
        ("", "not a URL: relative URL without a base"),
        ("/a", "not a URL: relative URL without a base"),
        ("https://", "not a URL: empty host"),
        (
            "http://led ger.example/",
            "not a URL: invalid international domain name",
        ),
        ("http://n.example:99999/", "not a URL: invalid port number"),
        ("http://1.2.3.4.5/", "not a URL: invalid IPv4 address"),
        ("ftp://n.example/", "not http or https: `ftp:`"),
        ("javascript:void(0)", "not http or https: `javascript:`"),
        ("mailto:desk@n.example", "not http or https: `mailto:`"),
        (
            "http://n.example../",
            "host name with an empty label: `n.example..`",
        ),
        (
            "http://n..example/",
            "host name with an empty label: `n..example`",
        ),
        (
            "http://.example/",
            "host name with an empty label: `.example`",
        ),
        ("http://./", "host name with an empty label: `.`"),
    ] {
        assert_eq!(
            NormalUrl::parse(raw).unwrap_err().to_string(),
            why,
            "{raw:?}"
        );
    }
}

#[test]
fn links_are_resolved_against_the_page() {
    let base = Url::parse("https://n.example/news/today?x=1#top").unwrap();
    for (href, normal) in [
        ("story", "https://n.example/news/story"),
        ("../a?utm_source=x", "https://n.example/a"),
        ("//o.example/a", "https://o.example/a"),
        ("?page=2", "https://n.example/news/today?page=2"),
        ("#comments", "https://n.example/news/today?x=1"),
        ("", "https://n.example/news/today?x=1"),
        (" /a ", "https://n.example/a"),
        ("/خبر", "https://n.example/%D8%AE%D8%A8%D8%B1"),
    ] {
        assert_eq!(
            NormalUrl::join(&base, href).unwrap().as_str(),
            normal,
            "{href:?}"
        );
    }
}

#[test]
fn units() {
    for (url, site, robots) in [
        (
            "https://www.example.co.uk/a",
            "example.co.uk",
            "https://www.example.co.uk:443",
        ),
        (
            "http://a.b.example.com:8080/",
            "example.com",
            "http://a.b.example.com:8080",
        ),
        (
            "https://example.com./",
            "example.com",
            "https://example.com:443",
        ),
        (
            "https://desk.github.io/",
            "desk.github.io",
            "https://desk.github.io:443",
        ),
        (
            "https://www.desk.github.io/",
            "desk.github.io",
            "https://www.desk.github.io:443",
        ),
        ("https://github.io/", "github.io", "https://github.io:443"),
        (
            "http://localhost:8800/",
            "localhost",
            "http://localhost:8800",
        ),
        (
            "http://www.site0.localhost:8800/",
            "site0.localhost",
            "http://www.site0.localhost:8800",
        ),
        (
            "http://www.食狮.公司.cn/",
            "xn--85x722f.xn--55qx5d.cn",
            "http://www.xn--85x722f.xn--55qx5d.cn:80",
        ),
        (
            "http://127.0.1.1:8800/",
            "127.0.1.1:8800",
            "http://127.0.1.1:8800",
        ),
        ("http://127.1/", "127.0.0.1:80", "http://127.0.0.1:80"),
        ("https://[::1]/", "[::1]:443", "https://[::1]:443"),
        ("https://[::1]:8443/", "[::1]:8443", "https://[::1]:8443"),
    ] {
        let url = NormalUrl::parse(url).unwrap();
        assert_eq!(url.site(), site, "{url}");
        assert_eq!(url.budget_unit().as_str(), site, "{url}");
        assert_eq!(url.robots_unit().as_str(), robots, "{url}");
        let txt = url.robots_unit().robots_txt().unwrap();
        assert_eq!(txt.robots_unit(), url.robots_unit());
        assert_eq!(txt.path_and_query(), "/robots.txt");
    }
}

/// Variants of one page that other crawlers were seen to fetch apart, or to take for one.
#[test]
fn dedup_keys() {
    let expected: serde_json::Value = serde_json::from_str(include_str!(
        "../../tests/fixtures/normal/dedup_keys.expected.json"
    ))
    .unwrap();
    let mut groups: HashMap<String, Vec<&str>> = HashMap::new();
    // `/news` and `/news/` may be one or two.
    let lines = include_str!("../../tests/fixtures/normal/dedup_keys.txt").lines();
    for line in lines.filter(|line| !line.contains("/news")) {
        let key = NormalUrl::parse(line).unwrap().to_string();
        groups.entry(key).or_default().push(line);
    }
    let mut groups: Vec<Vec<&str>> = groups.into_values().collect();
    let mut expected: Vec<Vec<&str>> = expected["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(group)
        .collect();
    for group in groups.iter_mut().chain(&mut expected) {
        group.sort_unstable();
    }
    groups.sort();
    expected.sort();
    assert_eq!(groups, expected);
}

fn group(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|url| url.as_str().unwrap())
        .collect()
}

/// Forms of one host that other crawlers were seen to take for several.
#[test]
fn hosts() {
    let expected: serde_json::Value = serde_json::from_str(include_str!(
        "../../tests/fixtures/normal/hosts.expected.json"
    ))
    .unwrap();
    let normal = include_str!("../../tests/fixtures/normal/hosts.txt")
        .lines()
        .map(|line| {
            NormalUrl::parse(line).map_or(serde_json::Value::Null, |url| url.as_str().into())
        });
    assert_eq!(
        expected["normal"],
        serde_json::Value::Array(normal.collect())
    );
}

#[test]
fn no_url_is_slow() {
    for piece in [
        "/a/..",
        "/..;jsessionid=1",
        ";jsessionid=1/..",
        "%",
        "%%37",
        "?cfid=1&",
        "&utm_source=1",
        "&&",
        "#",
    ] {
        let raw = format!("https://n.example/{}", piece.repeat(100_000));
        let start = Instant::now();
        assert!(NormalUrl::parse(&raw).is_ok(), "{piece}");
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{piece}: {:?}",
            start.elapsed()
        );
    }
}

/// Pieces in which the rules meet.
const PIECES: &[&str] = &[
    "/",
    "//",
    ".",
    "..",
    "/..;",
    ";jsessionid=",
    ";",
    "1F2",
    "%",
    "%%",
    "%2",
    "%2e",
    "%2E",
    "%37",
    "%6A",
    "%7e",
    "%25",
    "%2f",
    "%3B",
    "%26",
    "%61mp;",
    "7e",
    "E",
    "j",
    "a",
    "أ",
    "|",
    " ",
    "\\",
    "?",
    "&",
    "&&",
    "=",
    "utm_source",
    "utm_",
    "%75tm_",
    "amp;",
    "fbclid",
    "sid",
    "0123456789abcdef",
    "cfid",
    "cftoken=",
    "#",
    "#!",
    "'",
    "+",
    "\u{0}",
];

const HOSTS: &[&str] = &[
    "n.example",
    "N.example.",
    "me:pw@n.example:80",
    "127.1",
    "[::1]:80",
    "صحيفة.example",
    "n.example..",
];

proptest! {
    #[test]
    fn normal_is_final(host in prop::sample::select(HOSTS), pieces in prop::collection::vec(prop::sample::select(PIECES), 0..16)) {
        let raw = format!("http://{host}/{}", pieces.concat());
        if let Ok(once) = NormalUrl::parse(&raw) {
            let twice = NormalUrl::parse(once.as_str()).unwrap();
            prop_assert_eq!(once.as_str(), twice.as_str());
            let stored = NormalUrl::stored(once.as_str()).unwrap();
            prop_assert_eq!(&stored, &once);
            prop_assert!(once.as_str().is_ascii());
        }
    }

    #[test]
    fn any_text_is_survived(raw in ".*", rest in ".*") {
        for text in [raw.clone(), format!("http://{raw}"), format!("https://n.example/{raw}?{rest}")] {
            if let Ok(url) = NormalUrl::parse(&text) {
                let twice = NormalUrl::parse(url.as_str()).unwrap();
                prop_assert_eq!(url.as_str(), twice.as_str());
                prop_assert!(!url.site().is_empty());
            }
        }
    }
}
