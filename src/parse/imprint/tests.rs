use super::super::meta;
use super::super::tree;
use super::*;
use crate::normal::NormalUrl;

fn of(html: &str) -> Imprint {
    let url = NormalUrl::parse("https://ledger.example/2026/ferry.html").unwrap();
    let (tree, _) = tree::build(html);
    meta::read(&Page::read(&tree, url.url()), &url).imprint
}

fn ld(json: &str) -> Imprint {
    of(&format!(
        "<script type='application/ld+json'>{json}</script>"
    ))
}

#[test]
fn who_may_read_it() {
    let rows = [
        (
            r#"{"@type":"NewsArticle","isAccessibleForFree":"False"}"#,
            Some(false),
            "",
        ),
        (
            r#"{"@type":"NewsArticle","isAccessibleForFree":"http://schema.org/True"}"#,
            Some(true),
            "",
        ),
        (
            r#"{"@type":"NewsArticle","isAccessibleForFree":"sometimes"}"#,
            None,
            "",
        ),
        (r#"{"@type":"Event","isAccessibleForFree":false}"#, None, ""),
        (
            r#"{"@graph":[{"@type":["Article","Thing"],"isAccessibleForFree":false,
                "hasPart":[{"isAccessibleForFree":false,"cssSelector":[".a",".b"]},
                           {"isAccessibleForFree":true,"cssSelector":".c"},
                           {"isAccessibleForFree":"false","cssSelector":".a"}]}]}"#,
            Some(false),
            ".a .b",
        ),
        (
            r##"{"@graph":[{"@type":"Article","hasPart":{"@id":"#p"}},
                {"@type":"WebPageElement","@id":"#p","isAccessibleForFree":false,"cssSelector":"#rest"}]}"##,
            None,
            "#rest",
        ),
        (
            r#"[{"@type":"WebPage","isAccessibleForFree":true},{"@type":"NewsArticle","isAccessibleForFree":false}]"#,
            Some(false),
            "",
        ),
        (
            r#"{"@type":"WebPage","isAccessibleForFree":false}"#,
            Some(false),
            "",
        ),
    ];
    for (json, is_free, selectors) in rows {
        let access = ld(json).access;
        assert_eq!(access.is_free, is_free, "{json}");
        assert_eq!(access.paywalled_selectors.join(" "), selectors, "{json}");
    }
}

#[test]
fn microdata_says_it_too() {
    let imprint = of(
        "<article itemscope itemtype='https://schema.org/NewsArticle'>
        <meta itemprop=isAccessibleForFree content=false><link itemprop=license href=/terms>
        <div itemprop=hasPart itemscope itemtype='https://schema.org/WebPageElement'>
        <link itemprop=isAccessibleForFree href='http://schema.org/False'><meta itemprop=cssSelector content='.rest'></div>
        <div itemscope itemtype='https://schema.org/Offer'><meta itemprop=isAccessibleForFree content=true></div>
        <span itemprop=copyrightHolder> The <b>Ledger</b></span></article>",
    );
    assert_eq!(imprint.access.is_free, Some(false));
    assert_eq!(imprint.access.paywalled_selectors, [".rest"]);
    assert_eq!(
        imprint.credit.license.as_deref(),
        Some("https://ledger.example/terms")
    );
    assert_eq!(
        imprint.credit.copyright_holder.as_deref(),
        Some("The Ledger")
    );
}

#[test]
fn whose_it_is() {
    let credit = ld(
        r##"{"@graph":[{"@type":"Article","license":"/l","usageInfo":{"@id":"https://ledger.example/use"},
            "acquireLicensePage":"https://ledger.example/buy","copyrightHolder":{"@id":"#o"},"copyrightYear":"2026",
            "creditText":"Ledger &amp; Sons","sdLicense":"https://ledger.example/data","image":{"license":"/no"}},
            {"@type":"Organization","@id":"#o","name":"Ledger"}]}"##,
    )
    .credit;
    let expected = Credit {
        license: Some("https://ledger.example/l".into()),
        usage_info: Some("https://ledger.example/use".into()),
        acquire_license_page: Some("https://ledger.example/buy".into()),
        copyright_holder: Some("Ledger".into()),
        copyright_year: Some(2026),
        copyright_notice: None,
        credit_text: Some("Ledger & Sons".into()),
    };
    assert_eq!(credit, expected);
}

#[test]
fn links_elements_and_scripts() {
    let imprint = of(
        "<meta name=Robots content='noai,  noindex'><meta name=TDM-Reservation content=1><meta name=tdm-policy content='https://p.example/'>
        <link rel=license type='application/rsl+xml' href=/l.xml><a rel='noopener License' href=/cc>x</a>
        <script type='application/rsl+xml'><rsl/></script><section data-nosnippet><p data-nosnippet>x</section>",
    );
    assert_eq!(imprint.robots, ["noai, noindex"]);
    assert_eq!(imprint.tdm_reservations, ["1"]);
    assert_eq!(imprint.tdm_policy.as_deref(), Some("https://p.example/"));
    let link = |url: &str, rsl| LicenceLink {
        url: url.into(),
        rsl,
    };
    let licences = [
        link("https://ledger.example/l.xml", true),
        link("https://ledger.example/cc", false),
    ];
    assert_eq!(imprint.licences, licences);
    assert_eq!(
        imprint.credit.license.as_deref(),
        Some("https://ledger.example/cc")
    );
    assert_eq!(
        (imprint.rsl, imprint.nosnippets),
        (vec!["<rsl/>".to_owned()], 1)
    );
}

#[test]
fn what_became_of_it() {
    let editorial = ld(
        r#"[{"@type":"NewsArticle","correction":[{"text":"Nine boats."},"A name."],"backstory":{"text":"By sea."}},
            {"@type":"ClaimReview"},{"@type":["Thing","ClaimReview"]}]"#,
    )
    .editorial;
    assert_eq!(editorial.corrections, ["Nine boats.", "A name."]);
    assert_eq!(editorial.backstory.as_deref(), Some("By sea."));
    assert_eq!(editorial.claim_reviews, 2);
}
