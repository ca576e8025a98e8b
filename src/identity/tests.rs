//! Signatures against published values and against our own check; documents against their forms.

use super::*;
use crate::vectors::shared;
use serde_json::{Value, json};
use url::Url;

/// A key made for these tests alone.
const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}"#;
const AGENT: &str = "https://bot.example/.well-known/http-message-signatures-directory";
const NOW: i64 = 1_770_000_000;

fn key() -> Key {
    Key::from_jwk(JWK).unwrap()
}

fn headers(url: &str, form: Form) -> Vec<(String, String)> {
    let signer = Signer::new(key(), AGENT.to_owned(), form);
    let headers = signer.headers(&Url::parse(url).unwrap(), NOW);
    let headers = headers.into_iter().flatten();
    headers.map(|(name, value)| (name.into(), value)).collect()
}

fn checked(headers: &[(String, String)], authority: &str, path: &str, now: i64) -> Verdict {
    let asked = Asked {
        authority,
        method: "GET",
        path,
        headers,
    };
    verify(&asked, key().public(), now)
}

#[test]
fn a_signed_request_is_verified_and_nothing_else_is() {
    for form in [Form::Dictionary, Form::Legacy] {
        let signed = headers("https://news.example:8443/a/%D8%A7?b=c", form);
        let check = |authority, path, now| checked(&signed, authority, path, now);
        let path = "/a/%D8%A7";
        assert_eq!(
            check("news.example:8443", path, NOW + 59),
            Verdict::Verified
        );
        let bad = Verdict::Invalid("bad-signature");
        assert_eq!(check("other.example:8443", path, NOW), bad);
        let elsewhere = check("news.example:8443", "/b", NOW);
        assert_eq!(elsewhere == bad, form == Form::Dictionary, "{elsewhere:?}");
        let late = check("news.example:8443", path, NOW + 60);
        assert_eq!(late, Verdict::Invalid("expired"));
        let early = check("news.example:8443", path, NOW - 1);
        assert_eq!(early, Verdict::Invalid("not-yet-valid"));
    }
}

#[test]
fn the_port_of_the_scheme_is_no_part_of_the_authority() {
    let signed = headers("https://News.Example:443/", Form::Dictionary);
    assert_eq!(
        checked(&signed, "news.example", "/", NOW),
        Verdict::Verified
    );
    assert!(headers("http://news.example/", Form::Dictionary).is_empty());
}

#[test]
fn what_is_wrong_with_a_signature_is_named() {
    let signed = headers("https://news.example/", Form::Dictionary);
    let rows: &[(&str, &str, &str, Verdict)] = &[
        (
            "signature-input",
            "tag=\"web-bot-auth\"",
            "tag=\"other\"",
            Verdict::Invalid("no-web-bot-auth-signature"),
        ),
        (
            "signature-input",
            "\"@authority\" ",
            "",
            Verdict::Invalid("target-not-covered"),
        ),
        (
            "signature-input",
            " \"signature-agent\";key=\"sig1\"",
            "",
            Verdict::Invalid("signature-agent-not-covered"),
        ),
        (
            "signature-input",
            ";alg=\"ed25519\"",
            ";alg=\"hmac-sha256\"",
            Verdict::Invalid("wrong-algorithm"),
        ),
        (
            "signature-input",
            "keyid=\"",
            "keyid=\"x",
            Verdict::Unverified("unknown-key"),
        ),
        (
            "signature-input",
            "expires=177",
            "expires=277",
            Verdict::Invalid("lifetime-too-long"),
        ),
        (
            "signature-input",
            "created=",
            "made=",
            Verdict::Invalid("no-times"),
        ),
        (
            "signature-input",
            "\"@method\"",
            "\"@method\" \"x-none\"",
            Verdict::Invalid("unknown-component"),
        ),
        (
            "signature-input",
            "sig1=(",
            "sig1=((",
            Verdict::Invalid("malformed"),
        ),
        (
            "signature",
            "sig1=",
            "sig2=",
            Verdict::Invalid("no-signature"),
        ),
        (
            "signature-agent",
            "bot.example",
            "bad.example",
            Verdict::Invalid("bad-signature"),
        ),
    ];
    for (name, from, to, expected) in rows {
        let mut changed = signed.clone();
        let value = changed
            .iter_mut()
            .find(|(header, _)| header == name)
            .unwrap();
        assert!(value.1.contains(from), "{from}");
        value.1 = value.1.replacen(from, to, 1);
        assert_eq!(
            checked(&changed, "news.example", "/", NOW),
            *expected,
            "{from} to {to}"
        );
    }
    assert_eq!(
        checked(&[], "news.example", "/", NOW),
        Verdict::Invalid("not-signed")
    );
}

#[test]
fn a_key_survives_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.jwk");
    let made = Key::generate().unwrap();
    made.write(&path).unwrap();
    assert_eq!(Key::read(&path).unwrap().public(), made.public());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = path.metadata().unwrap().permissions();
        assert_eq!(permissions.mode() & 0o077, 0, "others can read the key");
    }
    assert!(
        matches!(made.write(&path), Err(KeyError::File(_))),
        "overwritten"
    );
    assert_ne!(Key::generate().unwrap().public(), made.public());
}

#[test]
fn what_is_no_key_is_refused() {
    for text in [
        "",
        "[]",
        r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
        &JWK.replace("Ed25519", "X25519"),
        &JWK.replace("AAEC", "AQEC"),
    ] {
        assert!(
            matches!(Key::from_jwk(text), Err(KeyError::NotAKey(_))),
            "{text}"
        );
    }
}

/// The key of RFC 9421 B.1.4 signs as the drafts' examples say, and is refused for use.
#[test]
fn the_published_key_is_for_tests_alone() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519",
        "d":"n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU",
        "x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.jwk");
    std::fs::write(&path, jwk).unwrap();
    assert!(matches!(Key::read(&path), Err(KeyError::Example)));
}

#[test]
fn the_directory_holds_the_key_and_is_signed_by_it() {
    let directory = Directory::new(&key(), "bot.example", NOW, NOW + 60);
    let body: Value = serde_json::from_str(&directory.body).unwrap();
    assert_eq!(
        PublicKey::of(&body["keys"][0]).as_ref(),
        Some(key().public())
    );
    assert_eq!(body["keys"][0]["kid"], key().public().id());
    assert!(
        body["keys"][0].get("d").is_none(),
        "the private half is published"
    );
    let names: Vec<&str> = directory.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "Content-Type",
            "Content-Digest",
            "Signature-Input",
            "Signature"
        ]
    );
}

#[test]
fn ranges_have_one_prefix_each() {
    let prefixes = ["192.0.2.0/28".to_owned(), "2001:db8::/48".to_owned()];
    let document = Ranges::new(&prefixes)
        .unwrap()
        .document("2026-11-25T00:00:00Z");
    assert_eq!(Ranges::read(&document).unwrap().prefixes, prefixes);
    for wrong in ["192.0.2.0", "192.0.2.0/33", "x/8", ""] {
        assert!(Ranges::new(&[wrong.to_owned()]).is_err(), "{wrong}");
    }
    let odd = json!({ "prefixes": [
        { "ipv4Prefix": "2001:db8::/48" }, { "ipv6Prefix": 4 }, "192.0.2.0/28", {},
        { "ipv4Prefix": "192.0.2.0/28", "ipv6Prefix": "2001:db8::/48" },
        { "ipv4Prefix": "198.51.100.0/24" },
    ] });
    let read = Ranges::read(&odd).unwrap();
    assert_eq!((read.prefixes.len(), read.ignored), (1, 5));
    assert_eq!(Ranges::read(&Value::Null), Err(RangesError::NoPrefixes));
}

#[test]
fn shared_vectors() {
    for row in shared("rights/vectors.jsonl").unwrap_or_default() {
        let (input, expected) = (&row["input"], &row["expect"]);
        let found = match row["signal"].as_str().unwrap() {
            "wba-sign" => signed(&input["wba"]),
            "wba-verify" => verified(input),
            "ip-ranges" => ranges(&input["json"]),
            _ => continue,
        };
        assert_eq!(&found, expected, "{}", row["id"]);
    }
}

fn signed(input: &Value) -> Value {
    let key = Key::from_jwk(&input["jwk"].to_string()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let components: Vec<Component> = input["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| Component::new(text(&part["id"]), text(&part["value"])))
        .collect();
    let parameter = |name: &Value| {
        let given = &input["params"][name.as_str().unwrap()];
        match name.as_str().unwrap() {
            "created" => Parameter::Time("created", given.as_i64().unwrap()),
            "expires" => Parameter::Time("expires", given.as_i64().unwrap()),
            "keyid" => Parameter::Text("keyid", key.public().id().to_owned()),
            "alg" => Parameter::Text("alg", text(given)),
            "nonce" => Parameter::Text("nonce", text(given)),
            "tag" => Parameter::Text("tag", text(given)),
            other => panic!("{other}"),
        }
    };
    let order = input["param_order"].as_array().unwrap();
    let parameters: Vec<Parameter> = order.iter().map(parameter).collect();
    let label = input["label"].as_str().unwrap();
    let signed = sign(&key, label, &components, &parameters);
    json!({ "wba": {
        "keyid": key.public().id(),
        "signature_base": signed.base,
        "signature_input": signed.input,
        "signature": signed.signature,
    } })
}

fn verified(input: &Value) -> Value {
    let pair = |pair: &Value| (text_of(&pair[0]), text_of(&pair[1]));
    let headers: Vec<_> = input["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(pair)
        .collect();
    let wba = &input["wba"];
    let asked = Asked {
        authority: wba["authority"].as_str().unwrap(),
        method: wba["method"].as_str().unwrap(),
        path: wba["path"].as_str().unwrap(),
        headers: &headers,
    };
    let key = PublicKey::of(&wba["jwk"]).unwrap();
    let (outcome, reason) = match verify(&asked, &key, wba["now"].as_i64().unwrap()) {
        Verdict::Verified => ("verified", None),
        Verdict::Invalid(why) => ("invalid", Some(why)),
        Verdict::Unverified(why) => ("unverified", Some(why)),
    };
    json!({ "wba_verify": { "outcome": outcome, "reason": reason } })
}

fn ranges(document: &Value) -> Value {
    let read = Ranges::read(document).unwrap();
    json!({ "prefixes": read.prefixes, "ignored": read.ignored })
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
