//! The commands beside crawl and export: extract, robots, check, fetch, init, completions, man.

use crate::support::answer::Answer;
use crate::support::news::Story;
use crate::support::site::Site;
use crate::support::user::User;
use serde_json::Value;

const ROBOTS: &str = "User-agent: *\nCrawl-delay: 0.2\nDisallow: /private\n";

fn json(stdout: &[u8]) -> Value {
    serde_json::from_slice(stdout).unwrap()
}

fn text(stdout: &[u8]) -> &str {
    std::str::from_utf8(stdout).unwrap()
}

#[tokio::test]
async fn what_a_crawl_archived_is_extracted_again_as_it_was_exported() {
    let stories = [Story::at("/a"), Story::at("/b")];
    let site = Site::new().news(&stories).start().await;
    let user = User::quick();
    let crawl = format!("crawl {}", site.url("/"));
    user.runs(&crawl).await.exits(0);
    let exported = user.articles().await;
    let extracted = user
        .runs("extract crawl-data --timing")
        .await
        .exits(0)
        .records();
    assert_eq!(exported.len(), 2);
    assert_eq!(extracted.len(), 2);
    for record in &extracted {
        let same = exported
            .iter()
            .find(|other| other["id"] == record["id"])
            .unwrap();
        for field in [
            "url",
            "title",
            "text",
            "published",
            "text_hash",
            "language",
            "http",
        ] {
            assert_eq!(record[field], same[field], "{field}");
        }
        assert_eq!(record["warc"]["offset"], same["warc"]["offset"]);
        assert_eq!(record["warc"]["record_id"], same["warc"]["record_id"]);
        assert!(record["ms"].as_f64().unwrap() > 0.0);
    }
}

#[tokio::test]
async fn a_bad_file_is_told_and_the_others_go_on() {
    let page = Story::at("/a").html();
    let user = User::new()
        .file("a.html", page)
        .file("bad.warc", "WARC/1.1\r\n");
    let ended = user.runs("extract missing.html bad.warc a.html").await;
    assert_eq!(ended.exits(1).records().len(), 1);
    ended
        .says("missing.html")
        .says("bad.warc")
        .says("1 article");
    let piped = user
        .types("gleaner extract - --url https://n.example/a < a.html")
        .await;
    assert_eq!(piped.exits(0).records()[0]["url"], "https://n.example/a");
    user.runs("extract a.html a.html --url https://n.example/a")
        .await
        .exits(2)
        .says("hint:");
    user.types("gleaner extract a.html | true").await.exits(0);
}

#[tokio::test]
async fn an_identity_is_made_and_signs() {
    let user = User::new();
    let unsigned = user.runs("identity sign https://n.example/a").await;
    unsigned.exits(1).says("hint: `gleaner identity new");
    user.runs("identity new http://bot.example")
        .await
        .exits(1)
        .says("https");
    let made = "identity new https://bot.example --range 192.0.2.0/28";
    user.runs(made)
        .await
        .exits(0)
        .says("key = \"identity/key.jwk\"");
    user.runs(made).await.exits(1).says("not replaced");
    let directory = std::fs::read(user.path("identity/http-message-signatures-directory"));
    assert_eq!(json(&directory.unwrap())["keys"][0]["crv"], "Ed25519");
    let user = user.file(
        "crawl.toml",
        "[identity]\nkey = \"identity/key.jwk\"\nagent = \"https://bot.example/keys\"\n",
    );
    let signed = user.runs("identity sign https://n.example/a").await;
    let headers = text(&signed.exits(0).stdout);
    for header in [
        "signature-agent: sig1=\"https://bot.example/keys\"",
        "signature-input: sig1=(\"@authority\" ",
        "signature: sig1=:",
    ] {
        assert!(headers.contains(header), "{headers}");
    }
}

#[tokio::test]
async fn robots_answers_with_its_exit_code() {
    let user = User::new().file("robots.txt", ROBOTS);
    for (words, code, told) in [
        (
            "robots robots.txt --agent x https://n.example/story",
            0,
            "no rule matches",
        ),
        (
            "robots robots.txt /story /private/1",
            1,
            "line 3: Disallow: /private",
        ),
        ("robots robots.txt /private/1", 1, "200 ms"),
        ("robots robots.txt /private/1 --json", 1, "\"line\":3"),
    ] {
        let ended = user.runs(words).await;
        let said = text(&ended.exits(code).stdout);
        assert!(said.contains(told), "{words}: {said}");
    }
    user.runs("robots missing.txt /a")
        .await
        .exits(2)
        .says("missing.txt");
    user.runs("robots robots.txt story")
        .await
        .exits(2)
        .says("neither");
    user.types("gleaner robots - /a < robots.txt")
        .await
        .exits(0);
}

#[tokio::test]
async fn check_tells_what_a_crawl_would_do() {
    let settings =
        "[crawl]\ncontact = \"me@example.org\"\nseeds = [\"seeds.txt\"]\nmax_pages = 7\n";
    let seeds = "https://n.example/\nhttps://www.n.example/feed\nhttps://m.example/\n";
    let user = User::new()
        .file("crawl.toml", settings)
        .file("seeds.txt", seeds);
    let ended = user.runs("check").await;
    let said = text(&ended.exits(0).stdout);
    for told in [
        "me@example.org",
        "n.example",
        "2 seeds",
        "max_pages 7",
        "a gap of 2.0 s",
        "1,800 pages an hour",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let answer = json(&user.runs("check --json").await.exits(0).stdout);
    assert_eq!(answer["sites"].as_array().unwrap().len(), 2);
    for (words, code, told) in [
        (
            "check https://N.example/a/?utm_source=x#y",
            0,
            "https://n.example/a/",
        ),
        ("check https://other.example/", 1, "no seed names"),
    ] {
        let ended = user.runs(words).await;
        let said = text(&ended.exits(code).stdout);
        assert!(said.contains(told), "{words}: {said}");
    }
    let user = user.file("seeds.txt", "https://n.example/\nno seed at all\n");
    let ended = user.runs("check").await;
    assert!(text(&ended.exits(3).stdout).contains("seeds.txt:2"));
    User::new().runs("check").await.exits(2).says("no seeds");
    User::new()
        .runs("check --seeds https://n.example/")
        .await
        .exits(2)
        .says("no contact");
}

#[tokio::test]
async fn fetch_asks_robots_txt_first_and_shows_all() {
    let story = Story::at("/a");
    let steers = |_: &crate::support::site::Seen| {
        Answer::of(
            200,
            &[("Content-Type", "text/html"), ("X-Steers", "\u{9b}31m")],
            "<title>\u{1b}[2J</title><p>x",
        )
    };
    let site = Site::new()
        .robots(ROBOTS)
        .news(&[story])
        .script("/steers", steers)
        .start()
        .await;
    let user = User::quick();
    let answer = json(
        &user
            .runs(&format!("fetch {} --json", site.url("/a")))
            .await
            .exits(0)
            .stdout,
    );
    assert_eq!(site.targets(), ["/robots.txt", "/a"]);
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["record"]["url"], site.url("/a"));
    let refused = user
        .runs(&format!("fetch {}", site.url("/private/1")))
        .await;
    assert!(text(&refused.exits(1).stdout).contains("line 3: Disallow: /private"));
    assert_eq!(site.times_asked("/private/1"), 0);
    let ended = user.runs(&format!("fetch {}", site.url("/steers"))).await;
    let said = text(&ended.exits(0).stdout);
    assert!(!said.contains(['\u{1b}', '\u{9b}']), "{said}");
    assert_eq!(user.names(), [""; 0], "nothing is stored");
    User::new()
        .runs("fetch http://93.184.216.34/")
        .await
        .exits(2)
        .says("no contact");
    let private = User::new().runs(&format!("fetch {}", site.url("/a"))).await;
    assert!(text(&private.exits(1).stdout).contains("private"));
}

#[tokio::test]
async fn init_writes_what_check_and_crawl_take_and_overwrites_nothing() {
    let site = Site::new().news(&[Story::at("/a")]).start().await;
    let user = User::quick();
    user.runs("init").await.exits(2).says("hint:");
    let words = format!("init --contact me@example.org --seeds {}", site.url("/"));
    user.runs(&words).await.exits(0).says("gleaner check");
    assert_eq!(user.names(), ["crawl.toml", "seeds.txt"]);
    user.runs(&words).await.exits(2).says("--force");
    user.runs(&format!("{words} --force")).await.exits(0);
    user.runs("check").await.exits(0);
    user.runs("crawl").await.exits(0);
    assert_eq!(user.stories(&site).await, ["/a"]);
    for (words, told) in [
        (
            "init --force --contact nobody --seeds https://n.example/",
            "contact",
        ),
        (
            "init --force --contact me@example.org --seeds http://:x/",
            "not a seed",
        ),
        (
            "init --force --contact me@example.org --seeds nope.txt",
            "write `https://nope.txt/` if this is a site",
        ),
    ] {
        user.runs(words).await.exits(2).says(told);
    }
}

#[tokio::test]
async fn completions_and_man_pages_name_every_command() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish"] {
        let ended = user.runs(&format!("completions {shell}")).await;
        assert!(text(&ended.exits(0).stdout).contains("extract"), "{shell}");
    }
    let page = user.runs("man").await;
    assert!(text(&page.exits(0).stdout).starts_with(".ie"));
    user.runs("man pages").await.exits(0);
    for name in ["gleaner.1", "gleaner-crawl.1", "gleaner-extract.1"] {
        assert!(!user.read(&format!("pages/{name}")).is_empty());
    }
}

#[tokio::test]
async fn why_tells_the_rule_that_decides_and_each_visit() {
    let front = "<a href=/private/1>x</a><a href=/a>a</a><a href=/moved>m</a><a href=/gone>g</a>";
    let site = Site::new()
        .robots(ROBOTS)
        .page("/", front)
        .stories(&[Story::at("/a")])
        .redirect("/moved", "/a")
        .status("/gone", 404)
        .start()
        .await;
    let user = User::quick();
    user.runs(&format!("why {}", site.url("/")))
        .await
        .exits(2)
        .says("hint:");
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);
    let asked = site.requests().len();
    for (path, told) in [
        ("/a", "it tells the story"),
        ("/a", "on http://"),
        ("/private/1", "line 3: Disallow: /private"),
        ("/moved", "moved 302"),
        ("/gone", "refused 404"),
        ("/", "it is a seed"),
        ("/never", "no page that was visited led to it"),
        ("/x.zip", "file is no page"),
    ] {
        let ended = user.runs(&format!("why {}", site.url(path))).await;
        let said = text(&ended.exits(0).stdout);
        assert!(said.contains(told), "{path}: {told}: {said}");
    }
    let answer = json(
        &user
            .runs(&format!("why {} --json", site.url("/private/1")))
            .await
            .exits(0)
            .stdout,
    );
    let rules = answer["rules"].as_array().unwrap();
    let names: Vec<&str> = rules
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "scope",
            "found",
            "depth",
            "robots",
            "quota",
            "back-off",
            "gap",
            "duplicate"
        ]
    );
    assert_eq!(rules[3]["holds"], "stops");
    assert_eq!(answer["at_work"], false);
    assert_eq!(site.requests().len(), asked, "nothing is fetched");
}

#[tokio::test]
async fn beside_a_crawl_all_commands_answer_and_fetch_leaves_its_sites_alone() {
    let news = [Story::at("/a"), Story::at("/b")];
    let site = Site::new().news(&news).holds_once("/b").start().await;
    let other = Site::new().robots("").stories(&news).start().await;
    let user = User::quick();
    let crawl = user.starts(&format!("crawl {}", site.url("/")));
    site.is_asked_for("/b").await;
    let asked = site.requests().len();
    let (page, elsewhere) = (site.url("/a"), other.url("/a"));
    for (words, code) in [
        (format!("fetch {page}"), 1),
        (format!("fetch {elsewhere}"), 0),
        (format!("why {page}"), 0),
        (format!("check {page} --seeds {page}"), 0),
        ("status --json".to_owned(), 0),
        ("extract crawl-data/warc".to_owned(), 0),
        ("export".to_owned(), 0),
    ] {
        let ended = user.runs(&words).await;
        ended.exits(code);
        if code == 1 {
            ended.says("a crawl is at work").says("hint:");
        }
    }
    assert_eq!(
        site.requests().len(),
        asked,
        "only the crawl asks its sites"
    );
    assert_eq!(other.targets(), ["/robots.txt", "/a"]);
    crawl.kill();
    user.runs(&format!("fetch {page}")).await.exits(0);
}

#[tokio::test]
async fn fetches_one_after_another_keep_the_gap_of_the_site() {
    let site = Site::new()
        .robots("User-agent: *\nCrawl-delay: 0.4\n")
        .stories(&[Story::at("/a")])
        .start()
        .await;
    let user = User::quick();
    std::fs::create_dir(user.path("crawl-data")).unwrap();
    let words = format!("fetch {}", site.url("/a"));
    let both = tokio::join!(user.runs(&words), user.runs(&words));
    both.0.exits(0);
    both.1.exits(0);
    let seen = site.requests();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets, ["/robots.txt", "/a", "/robots.txt", "/a"]);
    for pair in seen.windows(2) {
        let gap = pair[1].at.duration_since(pair[0].at);
        assert!(gap.as_millis() >= 400, "{gap:?}");
    }
}
