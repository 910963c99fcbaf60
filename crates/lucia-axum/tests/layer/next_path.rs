//! Tests of the paths to which a sign-in page may redirect, against the URL parser of browsers (WHATWG).

use http::HeaderValue;
use lucia_axum::next_path;
use proptest::prelude::*;
use url::Url;

/// Pages of several depths, because relative references depend on them.
fn pages() -> [Url; 2] {
    ["https://app.example/sign-in", "http://app.example:3000/a/b/sign-in?next=x"].map(|page| Url::parse(page).unwrap())
}

fn assert_safe(text: &str) {
    let Some(path) = next_path(text) else { return };
    assert_eq!(path, text);
    HeaderValue::try_from(path).unwrap();
    for page in pages() {
        let target = page.join(path).unwrap();
        assert_eq!(target.origin(), page.origin(), "{path:?}");
        assert_eq!((target.username(), target.password()), ("", None), "{path:?}");
    }
}

#[test]
fn other_origins_are_rejected_in_all_their_forms() {
    for text in [
        "https://evil.example",
        "https:evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "\0//evil.example",
        "/a\\..\\..\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "@evil.example",
        ":80",
        "evil.example",
        "a/b",
        "../a",
        "?a=b",
        "#a",
        "",
        " /a",
        "/a ",
        "/a\r\nset-cookie: a=b",
        "/a\u{7f}",
        "/caf\u{e9}",
        "/\u{ff0f}evil.example",
        "/\u{202e}a",
    ] {
        assert_eq!(next_path(text), None, "{text:?}");
    }
}

#[test]
fn paths_of_this_origin_are_accepted() {
    for text in [
        "/",
        "/account",
        "/a//b",
        "/a?b=c&d=%2F",
        "/a?b=//evil.example\\x",
        "/a#b",
        "/a?#",
        "/@evil.example",
        "/:80/a",
        "/%2F/evil.example",
        "/%5Cevil.example",
        "/.//evil.example",
        "/a/..//evil.example",
        "/https://evil.example",
    ] {
        assert_eq!(next_path(text), Some(text));
        assert_safe(text);
    }
    let longest = format!("/{}", "a".repeat(2_047));
    assert!(next_path(&longest).is_some());
    assert_eq!(next_path(&format!("{longest}a")), None);
}

proptest! {
    #[test]
    fn what_is_accepted_is_of_this_origin(text in prop_oneof![
        any::<String>(),
        "[/\\\\.:@?#%\t\n\r 0-9a-f]{0,12}",
        "(/|\\\\|//|/%2f|/%09|/\\.|\t|https:){1,3}[a-z.:@]{0,8}",
    ]) {
        assert_safe(&text);
    }

    /// Whatever a browser may send, except for what another origin could be made of.
    #[test]
    fn what_a_browser_sends_is_accepted(path in any::<String>(), query in proptest::option::of(any::<String>())) {
        let mut url = Url::parse("https://app.example/").unwrap();
        url.set_path(&path);
        url.set_query(query.as_deref());
        let sent = &url[url::Position::BeforePath..url::Position::AfterQuery];
        prop_assert_eq!(next_path(sent).is_some(), !sent.starts_with("//") && sent.len() <= 2_048, "{}", sent);
    }
}
