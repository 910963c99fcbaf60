//! What clients send.

use lucia_core::{SessionId, UnixMillis};
use proptest::prelude::*;

use crate::{
    Env,
    cookie::{SessionCookie, is_session_id, read_bearer_token},
};

fn read(header: &str) -> Option<String> {
    SessionCookie::new().read(Some(header)).map(SessionId::into_string)
}

#[test]
fn c26_session_ids_are_what_a_cookie_can_carry() {
    let longest = "a".repeat(255);
    for id in [
        "a",
        "0b3ae9d2c4kz0b3ae9d2c4kz0b3ae9d2c4kz0b3a",
        "AZaz09AZaz09AZaz09AZaz09AZaz09AZaz09AZaz",
        "at_0b3ae9d2c4kz0b3ae9d2c4kz0b3ae9d2c4kz0b3a",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "+/aZ09-_==",
        "user:1!#$&'()*.<>?@[]^`{|}~",
        &longest,
    ] {
        assert!(is_session_id(id), "{id}");
        assert_eq!(read(&format!("auth_session={id}")).as_deref(), Some(id));
    }
    let too_long = "a".repeat(256);
    for id in [
        "",
        " ",
        "a b",
        "a\tb",
        "a\0b",
        "a\u{7f}",
        "\u{e9}",
        "a;b",
        "a,b",
        "a\"b",
        "a\\b",
        "a%b",
        &too_long,
        &"a".repeat(1_000_000),
    ] {
        assert!(!is_session_id(id), "{id}");
        assert_eq!(read_bearer_token(Some(&format!("Bearer {id}"))), None, "{id}");
    }
    for value in ["", "\"\"", "a b", "%00", "%0a", "%20", "a%2", "%zz", "%E9", "%C3%A9", "%25", "a%3Bb", &too_long] {
        assert_eq!(read(&format!("auth_session={value}")), None, "{value}");
    }
}

#[test]
fn c31_quotes_are_cut_in_pairs_only() {
    for (header, expected) in [
        ("auth_session=\"abc\"", Some("abc")),
        ("auth_session=\"abc", None),
        ("auth_session=abc\"", None),
        ("auth_session=\"", None),
        ("auth_session=\"a%2Fb\"", Some("a/b")),
    ] {
        assert_eq!(read(header).as_deref(), expected, "{header}");
    }
}

#[test]
fn c31_any_name_can_be_the_session_cookies() {
    for name in ["toString", "constructor", "__proto__", "hasOwnProperty"] {
        let cookie = SessionCookie::new().name(name);
        assert_eq!(cookie.read(Some(&format!("a=1; {name}=abc"))), Some(SessionId::new("abc")), "{name}");
        assert_eq!(cookie.read(Some("a=1")), None);
    }
}

#[test]
fn the_first_cookie_of_the_very_name_counts() {
    for (header, expected) in [
        ("auth_session=a; auth_session=b", Some("a")),
        ("auth_session=; auth_session=b", None),
        ("auth_session=%; auth_session=b", None),
        ("auth_session; auth_session=b", Some("b")),
        ("=a; auth_session=b", Some("b")),
        (" auth_session = a ;;x", Some("a")),
        ("Auth_Session=a", None),
        ("xauth_session=a", None),
        ("%61uth_session=a", None),
        ("x=%ff; auth_session=b", Some("b")),
        ("x=\";auth_session=b;\"", Some("b")),
    ] {
        assert_eq!(read(header).as_deref(), expected, "{header}");
    }
}

#[test]
fn c22_bearer_tokens_are_read_as_rfc_9110_says() {
    for (header, expected) in [
        ("Bearer abc", Some("abc")),
        ("bearer abc", Some("abc")),
        ("BEARER    abc", Some("abc")),
        (" Bearer abc\t", Some("abc")),
        ("Bearer a-._~+/0==", Some("a-._~+/0==")),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearer\tabc", None),
        ("Bearerabc", None),
        ("Bearer abc def", None),
        ("Bearer abc, Basic def", None),
        ("Bearer ==", None),
        ("Bearer a=b", None),
        ("Bearer a:b", None),
        ("Bearer \"abc\"", None),
        ("Basic abc", None),
        ("Bearers abc", None),
        ("", None),
    ] {
        assert_eq!(read_bearer_token(Some(header)).as_ref().map(SessionId::as_str), expected, "{header}");
    }
    assert_eq!(read_bearer_token(None), None);
}

proptest! {
    #[test]
    fn cookie_headers_give_session_ids_or_nothing(header in prop_oneof![any::<String>(), "(auth_session|x)?[=;\"% ]{0,3}[a-z%0-9\"]{0,6}(; ?auth_session=.{0,9})?"]) {
        if let Some(id) = SessionCookie::new().read(Some(&header)) {
            prop_assert!(is_session_id(id.as_str()));
            prop_assert!(header.contains("auth_session"));
        }
    }

    #[test]
    fn authorization_headers_give_session_ids_or_nothing(header in prop_oneof![any::<String>(), "([Bb]earer|Basic)?[ \t]{0,3}[ -~]{0,20}"]) {
        if let Some(id) = read_bearer_token(Some(&header)) {
            prop_assert!(is_session_id(id.as_str()));
            prop_assert!(header.trim_end().ends_with(id.as_str()));
        }
    }

    #[test]
    fn what_is_sent_is_read(id in "[!-~]{1,40}", other in "[ -~]{0,20}") {
        let cookie = SessionCookie::new();
        let sent = cookie.build(Some((&SessionId::new(&*id), UnixMillis::EPOCH)), Env::Dev, UnixMillis::EPOCH);
        let expected = is_session_id(&id).then(|| SessionId::new(&*id));
        for sent in [sent.stripped().to_string(), sent.encoded().stripped().to_string()] {
            prop_assert_eq!(cookie.read(Some(&format!("x={other}; {sent}"))), expected.clone().filter(|_| !other.contains("auth_session")));
        }
    }
}
