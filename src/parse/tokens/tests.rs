//! The trees of pages, held against those of html5ever's own tokenizer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::super::tree;
use proptest::prelude::*;
use scraper::Html;

fn assert_same(page: &str) {
    let (ours, _) = tree::build(page);
    assert_eq!(ours, Html::parse_document(page), "{page:?}");
}

#[test]
fn odd_pages_make_the_trees_of_the_standard() {
    let rows = [
        "",
        "<",
        "</",
        "</>",
        "a</b",
        "<p",
        "<p a",
        "<p a=",
        "<p a='x",
        "1<2 && 3>4 <5",
        "<p a=b c='d' e=\"f\"g h=/i/ j/>k",
        "<p =a =b=c / d>x",
        "<p a=1 A=2 a=3>x",
        "<P CLASS=Up ID=É>x</P >y</p/z>",
        "<p a=>x<p b= >y<p c='>'>z<p d=a\"b'c`<>w",
        "a&amp;b&ampc&amp=d&notit;&notin;&bogus;&#65;&#x41&#0;&#x110000;&#150;&#xd800;&;&#;&#x;",
        "<a href='?a=1&copy=2&amp;b=3&reg;&lang=x&not&#38;'>x",
        "<a href=?a&ampb=1&gt>x",
        "a\0b<p\0q>c<p a\0=b\0>d<title>x\0y</title><script>\0</script>",
        "a\r\nb\rc<pre>\r\n\r\nd</pre><textarea>\n\ne</textarea>",
        "\u{feff}a\u{feff}",
        "<!-- a -- > --><!--><!---><!----><!--a--!>b<!-- c",
        "a<!x>b<?y>c</ z>d<!>e<?>f",
        "<!--a--",
        "<!--a---",
        "<!--a--!",
        "<!---",
        "<!----!",
        "<!---!",
        "<table>a<!-- --> ",
        "<!x",
        "<?",
        "</ ",
        "<!DOCTYPE html><p><table>",
        "<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\" 'http://x'><p><table>",
        "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Transitional//EN' ><p><table>",
        "<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 3.2//EN'><p><table>",
        "<!DOCTYPE html SYSTEM 'about:legacy-compat'><p><table>",
        "<!DOCTYPE html SYSTEM><p><table>",
        "<!DOCTYPE><p><table>",
        "<!DOCTYPE html bogus><p><table>",
        "<!DOCTYPEhtml><p><table>",
        "<!DOCTYPE html PUBLIC 'a>b'><p><table>",
        "<!DOCTYPE html",
        "<p><table>",
        "<title>a<b>&lt;</title ></title><textarea></textare></TEXTAREA a='>'>b",
        "<style>a<!--</style>b--></style>c",
        "<noscript><p>a</noscript><iframe><p></iframe><xmp><p></xmp><noembed><p></noembed>b",
        "<script>if(a<b){'</p>'}</script>b",
        "<script><!--<script></script>--></script>b",
        "<script><!--><script></script>b",
        "<script><!---><script></script>b",
        "<script><!--<script>a</script>b</script>c-->d</script>e",
        "<script><!--a</script>b--></script>",
        "<script><!--<scripta></script>b",
        "<script></scripta></script/>b<script>c",
        "<script></script",
        "<title>x</title",
        "<title>x</title ",
        "<svg><![CDATA[a<b>]]&amp;]]></svg><![CDATA[c]]>d",
        "<svg><title><p>a</title><style><b></style><script></script></svg>",
        "<svg><![CDATA[a",
        "<math><mi>x<malignmark/></math><plaintext>a</plaintext>\0",
        "<template><p>a</template><select><option>a<p>b</select>",
        "<table>a<tr><td>b<p>c<table><a>d</table>e",
        "<b><p>a</b>b<a>c<a>d</p><div></a>",
        "<frameset><frame></frameset>a",
    ];
    for page in rows {
        assert_same(page);
    }
}

#[test]
fn fixtures_make_the_trees_of_the_standard() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/parse");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "html") {
            let bytes = std::fs::read(&path).unwrap();
            let page = String::from_utf8_lossy(&bytes);
            if page.matches('<').count() < 8_000 {
                assert_same(&page);
            }
        }
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(
        &[
            "<p>",
            "</p>",
            "<div class=a>",
            "</div>",
            "<a href='?a=b&amp;c'>",
            "</a>",
            "<b>",
            "</b>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "--",
            "<",
            ">",
            "</",
            "/",
            "/>",
            "\"",
            "'",
            "=",
            "&",
            "&amp",
            "&#x41;",
            ";",
            "<title>",
            "</title>",
            "<style>",
            "</style>",
            "<svg>",
            "</svg>",
            "<![CDATA[",
            "]]>",
            "<!doctype html>",
            "<!",
            "<?",
            "!",
            "-",
            "script",
            " ",
            "\n",
            "\r",
            "\t",
            "a",
            "é",
            "\0",
            "<textarea>",
            "</textarea>",
            "<select>",
            "<option>",
            "<li>",
            "<ul>",
            "</ul>",
            "<br>",
            "<img src=x>",
            "<SPAN ID=A id=b>",
            "<h1>",
            "</h2>",
            "<noscript>",
            "</noscript>",
            "<form>",
        ][..],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_pieces_make_the_trees_of_the_standard(pieces in proptest::collection::vec(piece(), 0..25)) {
        assert_same(&pieces.concat());
    }
}
