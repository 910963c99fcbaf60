//! Tests of reading session ids from `Cookie` and `Authorization` headers.

use lucia_core::{SessionToken, UnixMillis};
use proptest::prelude::*;

use super::{first, sent};
use crate::{
    Env,
    cookie::{SentCookies, SessionCookie, is_cookie_safe, read_bearer_token},
};

fn read(header: &str) -> Option<String> {
    first(&SessionCookie::new(), header).map(SessionToken::into_string)
}

#[test]
fn c26_session_ids_consist_of_cookie_characters() {
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
        assert!(is_cookie_safe(id), "{id}");
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
        assert!(!is_cookie_safe(id), "{id}");
        assert_eq!(read_bearer_token(Some(&format!("Bearer {id}"))), None, "{id}");
    }
    for value in ["", "\"\"", "a b", "%00", "%0a", "%20", "a%2", "%zz", "%E9", "%C3%A9", "%25", "a%3Bb", &too_long] {
        assert_eq!(read(&format!("auth_session={value}")), None, "{value}");
    }
}

#[test]
fn c31_only_paired_quotes_are_stripped() {
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
fn c31_the_session_cookie_may_have_any_name() {
    for name in ["toString", "constructor", "__proto__", "hasOwnProperty"] {
        let cookie = SessionCookie::new().name(name);
        assert_eq!(first(&cookie, &format!("a=1; {name}=abc")), Some(SessionToken::new("abc")), "{name}");
        assert_eq!(first(&cookie, "a=1"), None);
    }
}

#[test]
fn only_cookies_of_the_exact_name_are_read() {
    for (header, expected) in [
        ("auth_session=a; auth_session=b", Some("a")),
        ("auth_session=; auth_session=b", Some("b")),
        ("auth_session=%; auth_session=b", Some("b")),
        ("auth_session=\u{e9}; auth_session=b", Some("b")),
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

/// Browsers strip spaces and tabs only: a name with other white space is the name of another cookie.
#[test]
fn white_space_kept_by_browsers_is_part_of_a_name() {
    let cookie = SessionCookie::new().name("__Host-session");
    for space in ["\u{2003}", "\u{a0}", "\u{85}", "\u{3000}", "\x0b", "\x0c", "\r", "\0"] {
        let header = format!("{space}__Host-session=attacker; __Host-session=victim");
        assert_eq!(first(&cookie, &header), Some(SessionToken::new("victim")), "{header:?}");
        assert_eq!(first(&cookie, &format!("__Host-session{space}=attacker")), None, "{header:?}");
        assert_eq!(first(&cookie, &format!("__Host-session={space}attacker")), None, "{header:?}");
    }
    assert_eq!(first(&cookie, "\t __Host-session\t=\tvictim \t"), Some(SessionToken::new("victim")));
}

#[test]
fn a_duplicate_host_cookie_is_ignored() {
    let host = SessionCookie::new().name("__Host-session");
    for header in [
        "__Host-session=a; __Host-session=b",
        "__Host-session=a; __Host-session=",
        "__Host-session=%; __Host-session=b",
    ] {
        let sent = sent(&host, header);
        assert_eq!((sent.tokens.len(), sent.count), (0, 2), "{header}");
    }
    let partitioned = SessionCookie::new().name("__Host-session").partitioned(true);
    let moved = sent(&partitioned, "__Host-session=a; __Host-session=b").tokens;
    assert_eq!(moved.len(), 2, "a browser keeps the unpartitioned cookie, too");
    let lines = [b"__Host-session=a".as_slice(), b"__Host-session=b"];
    assert!(host.read(lines.into_iter()).tokens.is_empty(), "in several headers, too");
    let lower = SessionCookie::new().name("__host-session");
    assert!(
        sent(&lower, "__host-session=a; __host-session=b").tokens.is_empty(),
        "the prefix is case-insensitive in browsers"
    );
    assert_eq!(
        first(&SessionCookie::new().name("__Secure-session"), "__Secure-session=a; __Secure-session=b"),
        Some(SessionToken::new("a"))
    );
}

#[test]
fn only_the_first_cookies_of_one_name_are_candidates() {
    let ids = |sent: SentCookies| sent.tokens.into_iter().map(SessionToken::into_string).collect::<Vec<_>>();
    let cookie = SessionCookie::new();
    let header =
        "auth_session=a; auth_session=; auth_session=b; x=y; auth_session=a; auth_session=\u{e9}; auth_session=c";
    assert_eq!(ids(sent(&cookie, header)), ["a", "b", "c"]);
    let lines = ["auth_session=a", "x=y; auth_session=b", "auth_session=c"];
    assert_eq!(ids(cookie.read(lines.iter().map(|line| line.as_bytes()))), ["a", "b", "c"]);
    let many = (0..1000).map(|n| format!("auth_session={n}")).collect::<Vec<_>>().join("; ");
    let many = sent(&cookie, &many);
    assert_eq!((many.count, ids(many)), (1000, ["0", "1", "2", "3"].map(str::to_owned).to_vec()));
}

#[test]
fn c22_bearer_tokens_are_read_according_to_rfc_9110() {
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
        assert_eq!(read_bearer_token(Some(header)).as_ref().map(SessionToken::as_str), expected, "{header}");
    }
    assert_eq!(read_bearer_token(None), None);
}

proptest! {
    #[test]
    fn cookie_headers_yield_valid_session_ids_only(header in prop_oneof![any::<String>(), "(auth_session|x)?[=;\"% ]{0,3}[a-z%0-9\"]{0,6}(; ?auth_session=.{0,9})?"]) {
        if let Some(id) = first(&SessionCookie::new(), &header) {
            prop_assert!(is_cookie_safe(id.as_str()));
            prop_assert!(header.contains("auth_session"));
        }
    }

    #[test]
    fn authorization_headers_yield_valid_session_ids_only(header in prop_oneof![any::<String>(), "([Bb]earer|Basic)?[ \t]{0,3}[ -~]{0,20}"]) {
        if let Some(id) = read_bearer_token(Some(&header)) {
            prop_assert!(is_cookie_safe(id.as_str()));
            prop_assert!(header.trim_end().ends_with(id.as_str()));
        }
    }

    #[test]
    fn a_built_cookie_can_be_read(id in "[!-~]{1,40}", other in "[ -~]{0,20}") {
        let cookie = SessionCookie::new();
        let sent = cookie.build(Some((&SessionToken::new(&*id), UnixMillis::EPOCH)), Env::Dev, UnixMillis::EPOCH);
        let expected = is_cookie_safe(&id).then(|| SessionToken::new(&*id));
        for sent in [sent.cookie().stripped().to_string(), sent.cookie().encoded().stripped().to_string()] {
            prop_assert_eq!(first(&cookie, &format!("x={other}; {sent}")), expected.clone().filter(|_| !other.contains("auth_session")));
        }
    }
}
