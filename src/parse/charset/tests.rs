//! Bodies in the encodings of many places, declared well, badly and not at all.

use super::*;
use encoding_rs::GBK;

const ARABIC: &str = "أعلنت بلدية الميناء القديم إعادة فتح سوق السمك بعد أعمال ترميم";

fn page(meta: &str, text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let page = format!("<html><head>{meta}<title>{text}</title></head><p>{text}</p></html>");
    encoding.encode(&page).0.into_owned()
}

#[test]
fn declarations() {
    let rows: &[(&str, &str, &'static Encoding, &str)] = &[
        (
            "text/html; charset=windows-1256",
            "",
            encoding_rs::WINDOWS_1256,
            "header",
        ),
        (
            "text/html; charset=\"Windows-1256\"",
            "",
            encoding_rs::WINDOWS_1256,
            "quoted",
        ),
        (
            "text/html; charset=charset=cp1256",
            "",
            encoding_rs::WINDOWS_1256,
            "twice",
        ),
        (
            "text/html",
            "<meta charset=windows-1256>",
            encoding_rs::WINDOWS_1256,
            "meta",
        ),
        (
            "text/html",
            "<META content='text/html; CHARSET = windows-1256' HTTP-EQUIV=content-type>",
            encoding_rs::WINDOWS_1256,
            "pragma",
        ),
        (
            "text/html",
            "<!-- <meta charset=gbk> --><script>'<meta charset=gbk>'</script><script src=\"/t.js?charset=utf-7\"></script><meta charset=windows1256>",
            encoding_rs::WINDOWS_1256,
            "not in comments or scripts",
        ),
        (
            "text/html; charset=iso-8859-1",
            "",
            UTF_8,
            "the bytes are UTF-8",
        ),
        (
            "text/html; charset=utf8",
            "<meta charset=gbk>",
            UTF_8,
            "header over meta",
        ),
        ("", "", UTF_8, "nothing declared"),
        (
            "",
            "",
            encoding_rs::WINDOWS_1256,
            "nothing declared, statistics",
        ),
        (
            "text/html; charset=utf-8",
            "",
            encoding_rs::WINDOWS_1256,
            "a lie",
        ),
        (
            "text/html; charset=iso-8859-1",
            "<meta charset=windows-1256>",
            encoding_rs::WINDOWS_1256,
            "a server's default",
        ),
    ];
    for (header, meta, encoding, why) in rows {
        let body = page(meta, ARABIC, encoding);
        let decoded = decode(&body, Some(header), Some("example"));
        assert!(decoded.text.contains(ARABIC), "{why}: {}", decoded.charset);
        assert_eq!(decoded.charset, encoding.name(), "{why}");
    }
}

/// Text in the encodings of many places, under each way to declare or not to declare it.
#[test]
fn legacy_encodings() {
    let russian = "Совет порта проголосовал во вторник за то, чтобы ночной паром ходил всю зиму. \
        Торговцы с островов предупреждали, что без него молоко подорожает вдвое.";
    let japanese = "港湾委員会は火曜日、夜間フェリーの運航を冬の間も続けることを決めた。乗客数は四月に見直す。\
        島の商店主らは、航路がなくなれば牛乳の値段が二倍になると訴えていた。";
    let korean = "항만위원회는 화요일 야간 여객선을 겨울 내내 운항하기로 결정했다. 섬 상인들은 우유 값이 \
        두 배로 오를 것이라고 경고해 왔다. 위원회는 사월에 승객 수를 다시 검토한다.";
    let taiwanese = "港務委員會週二投票決定，夜間渡輪在整個冬季繼續營運，結束了島上商販六個星期的不安。\
        修訂後的時刻表把三班改為兩班，並撥款在暴風季節前更換北碼頭的舊坡道。";
    let rows: &[(&str, &'static Encoding, &str)] = &[
        (russian, encoding_rs::WINDOWS_1251, "ru"),
        (russian, encoding_rs::KOI8_R, "ru"),
        (japanese, encoding_rs::SHIFT_JIS, "jp"),
        (japanese, encoding_rs::EUC_JP, "jp"),
        (japanese, ISO_2022_JP, "jp"),
        (korean, encoding_rs::EUC_KR, "kr"),
        (taiwanese, encoding_rs::BIG5, "tw"),
        (ARABIC, encoding_rs::WINDOWS_1256, "eg"),
    ];
    for (text, encoding, tld) in rows {
        let name = encoding.name();
        let own = format!("<meta charset={name}>");
        let long = format!("<script>{}</script>{own}", "a<b; ".repeat(9_000));
        let both = format!("<meta charset=utf-8>{own}");
        let ways = [
            ("text/html".to_owned(), ""),
            (format!("text/html; charset={name}"), ""),
            ("text/html".to_owned(), own.as_str()),
            ("text/html".to_owned(), long.as_str()),
            ("text/html".to_owned(), both.as_str()),
            ("text/html; charset=utf-8".to_owned(), own.as_str()),
            ("text/html; charset=iso-8859-1".to_owned(), own.as_str()),
            ("text/html; charset=iso-8859-1".to_owned(), ""),
            ("text/html; charset=iso-2022-kr".to_owned(), own.as_str()),
        ];
        for (header, head) in ways {
            let body = page(head, text, encoding);
            let decoded = decode(&body, Some(&header), Some(tld));
            let head = &head[..head.len().min(60)];
            assert!(
                decoded.text.contains(text),
                "{name} as {header}, {head}: {}",
                decoded.charset
            );
        }
    }
}

#[test]
fn utf_16_without_a_mark() {
    let text =
        format!("<html><head><title>{ARABIC}</title></head><body><p>{ARABIC}</p></body></html>");
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for header in [
        "text/html",
        "text/html; charset=utf-16",
        "text/html; charset=utf-8",
    ] {
        for body in [&little, &big] {
            assert_eq!(decode(body, Some(header), None).text, text, "{header}");
        }
    }
    let plain = decode(text.as_bytes(), Some("text/html; charset=utf-16"), None);
    assert_eq!((&*plain.text, plain.charset), (text.as_str(), "UTF-8"));
}

#[test]
fn latin_text_stays_what_it_is_declared_as() {
    let text = "Le conseil a décidé mardi de maintenir le ferry de nuit tout l’hiver : « Été comme hiver, \
        c’est notre lien », a déclaré une commerçante, dont la boulangerie fut fermée à Noël.";
    for header in [
        "text/html; charset=iso-8859-1",
        "text/html",
        "text/html; charset=utf-8",
    ] {
        let body = page("", text, WINDOWS_1252);
        let decoded = decode(&body, Some(header), Some("fr"));
        assert!(decoded.text.contains(text), "{header}: {}", decoded.charset);
    }
}

#[test]
fn a_stray_byte_does_not_make_utf_8_latin() {
    let body = [ARABIC.as_bytes(), b"\xc3 ", ARABIC.as_bytes()].concat();
    let decoded = decode(&body, Some("text/html; charset=windows-1256"), None);
    assert_eq!(decoded.charset, "UTF-8");
    assert_eq!(decoded.text.matches('\u{fffd}').count(), 1);
}

#[test]
fn a_mark_beats_the_header_and_leaves_no_trace() {
    let body = ["\u{feff}".as_bytes(), ARABIC.as_bytes()].concat();
    let decoded = decode(&body, Some("text/html; charset=windows-1256"), None);
    assert_eq!((decoded.text.as_ref(), decoded.charset), (ARABIC, "UTF-8"));
}

#[test]
fn one_bad_byte_is_one_replacement() {
    for header in ["text/html; charset=utf-8", "text/html"] {
        let body = [ARABIC.as_bytes(), b"\xc3 ", ARABIC.as_bytes()].concat();
        let decoded = decode(&body, Some(header), None);
        assert_eq!(decoded.charset, "UTF-8");
        assert_eq!(decoded.text.matches('\u{fffd}').count(), 1);
        assert!(decoded.fault.is_some());
    }
}

#[test]
fn gb2312_reads_what_only_gbk_has() {
    let body = page(
        "<meta http-equiv=Content-Type content=\"charset=gb2312\">",
        "镕城车站改名，市民直呼囧",
        GBK,
    );
    let decoded = decode(&body, Some("text/html"), None);
    assert!(decoded.text.contains("市民直呼囧"));
    assert!(!decoded.text.contains('\u{fffd}'));
}

#[test]
fn xml_declarations_and_utf_16() {
    let xml = "<?xml version='1.0' encoding='windows-1256'?><rss><title>أخبار</title></rss>";
    let body = encoding_rs::WINDOWS_1256.encode(xml).0.into_owned();
    assert!(decode(&body, Some("text/xml"), None).text.contains("أخبار"));
    let mut wide: Vec<u8> = vec![0xff, 0xfe];
    wide.extend(xml.encode_utf16().flat_map(u16::to_le_bytes));
    let decoded = decode(&wide, None, None);
    assert!(decoded.text.contains("أخبار"));
    assert_eq!(decoded.charset, "UTF-16LE");
}
