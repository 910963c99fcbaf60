//! Compares cookies and tokens with those that Lucia JS wrote and read.

use std::collections::BTreeSet;

use cookie::{Cookie, time::Duration};
use lucia_core::{SessionToken, UnixMillis};
use serde_json::Value;

use super::first;
use crate::{
    Env,
    cookie::{InvalidSessionCookie, SameSite, SessionCookie, read_bearer_token},
};

const FIXTURE: &str = include_str!("../../../tests/fixtures/cookies.json");

fn fixture() -> Value {
    serde_json::from_str(FIXTURE).unwrap()
}

fn cases<'a>(fixture: &'a Value, group: &str) -> &'a [Value] {
    fixture[group].as_array().unwrap()
}

/// The cases that differ from Lucia JS, in their recorded order, and the reasons.
type Differences = [(&'static str, &'static str)];

fn assert_listed(found: &[&str], listed: &Differences) {
    let listed: Vec<_> = listed.iter().map(|(case, _)| *case).collect();
    assert_eq!(found, listed, "the listed differences are not those found");
}

const NO_DEFAULTS: &str = "C21: attributes that are not set keep their defaults, SameSite=Lax and Path=/";

/// Besides the order of the attributes, which has no meaning, and `Max-Age`, which repeats `Expires`.
const WRITING: &Differences = &[
    ("custom name with space (not validated)", "rejected: browsers drop the cookie or split the name"),
    ("custom name empty", "rejected: browsers use the value as the name"),
    ("attributes sameSite none", NO_DEFAULTS),
    ("attributes sameSite 'Lax' upper case", NO_DEFAULTS),
    ("attributes sameSite true (JS only)", NO_DEFAULTS),
    ("attributes sameSite false", NO_DEFAULTS),
    ("attributes domain only", NO_DEFAULTS),
    ("attributes path only", NO_DEFAULTS),
    ("attributes try to override httpOnly/secure/expires", NO_DEFAULTS),
    ("attributes maxAge + priority (not in the TS type)", "not supported, and not documented by Lucia JS"),
    ("session id needing encodeURIComponent", "C26: not a valid session id; more characters are escaped"),
    ("expires year 9999+", "the format has four digits for the year, and browsers stop after 400 days"),
    // In Lucia JS, the cookie lasted as long as the session although it did not name it.
    ("empty session id", "C26: the value is also empty, but this is not a valid session id"),
];

/// Returns the ported settings, without those that have no counterpart.
fn options(config: &Value) -> SessionCookie {
    let mut cookie = SessionCookie::new();
    if let Some(name) = config["name"].as_str() {
        cookie = cookie.name(name);
    }
    if let Some(expires) = config["expires"].as_bool() {
        cookie = cookie.expires(expires);
    }
    let attributes = &config["attributes"];
    if let Some(path) = attributes["path"].as_str() {
        cookie = cookie.path(path);
    }
    if let Some(domain) = attributes["domain"].as_str() {
        cookie = cookie.domain(domain);
    }
    match &attributes["sameSite"] {
        Value::String(name) if name.eq_ignore_ascii_case("none") => cookie.same_site(SameSite::None),
        Value::String(name) if name.eq_ignore_ascii_case("strict") => cookie.same_site(SameSite::Strict),
        Value::Bool(true) => cookie.same_site(SameSite::Strict),
        _ => cookie,
    }
}

/// Returns the name and value, and the attributes without their order.
fn parse(header: &str) -> (&str, BTreeSet<&str>) {
    let mut parts = header.split("; ");
    (parts.next().unwrap(), parts.filter(|part| !part.starts_with("Max-Age=")).collect())
}

fn millis(date: &Value) -> UnixMillis {
    use time::{OffsetDateTime, format_description::well_known::Rfc3339};
    let date = date.as_str().unwrap();
    // JavaScript's last date has a year of six digits.
    let latest = UnixMillis::new(8_640_000_000_000_000);
    OffsetDateTime::parse(date, &Rfc3339)
        .map_or(latest, |date| UnixMillis::new(i64::try_from(date.unix_timestamp_nanos() / 1_000_000).unwrap()))
}

#[test]
fn c21_session_cookies_match_lucia_js_except_for_its_bugs() {
    let fixture = fixture();
    let now = UnixMillis::new(fixture["fixed_now_ms"].as_i64().unwrap());
    let mut found = Vec::new();
    for case in cases(&fixture, "createSessionCookie") {
        let name = case["case"].as_str().unwrap();
        let env = if case["env"] == "PROD" { Env::Prod } else { Env::Dev };
        let session = case["session"].as_object().map(|session| {
            (SessionToken::new(session["sessionId"].as_str().unwrap()), millis(&session["idlePeriodExpiresAt"]))
        });
        let options = options(&case["sessionCookie"]);
        let ours = options
            .validate(env)
            .map(|()| options.build(session.as_ref().map(|(id, expires)| (id, *expires)), env, now).to_string());
        let lucia = case["serialized"].as_str().unwrap();
        let same = ours.as_ref().is_ok_and(|ours| parse(ours) == parse(lucia));
        let named = session.is_none_or(|(id, _)| !id.as_str().is_empty());
        if !same || !named {
            found.push(name);
        }
        if name == "attributes domain only" {
            let (value, mut attributes) = parse(lucia);
            attributes.extend(["SameSite=Lax", "Path=/"]);
            assert_eq!(parse(&ours.unwrap()), (value, attributes));
        } else if name.starts_with("custom name ") {
            assert!(matches!(ours, Err(InvalidSessionCookie::Name { .. })), "{name}");
        }
    }
    assert_listed(&found, WRITING);
}

#[test]
fn the_attributes_have_the_order_of_the_cookie_crate() {
    let id = SessionToken::new("at_1");
    let cookie = SessionCookie::new().domain("example.com");
    let cookie = cookie.build(Some((&id, UnixMillis::new(4_103_654_400_123))), Env::Prod, UnixMillis::EPOCH);
    let expected = "auth_session=at_1; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=4103654400; Expires=Fri, 15 Jan 2100 00:00:00 GMT";
    assert_eq!(cookie.to_string(), expected);
    assert_eq!(cookie.cookie().encoded().to_string(), expected);
}

const READING: &Differences = &[
    ("auth_session=a%20b", "C26: not a session id"),
    ("auth_session=%E0%A4%A", "C26: not a session id"),
    ("auth_session=", "C26: not a session id"),
    ("auth_session=\"", "C26, C31: not a session id; an unpaired quote is kept"),
    ("auth_session=abc, auth_session=def", "C26: not a session id"),
    ("toString=1", "C31: a valid name"),
];

#[test]
fn c26_c31_cookie_headers_are_read_as_in_lucia_js_except_for_its_bugs() {
    let fixture = fixture();
    let mut found = Vec::new();
    for case in cases(&fixture, "parseCookie") {
        let header = case["header"].as_str().unwrap();
        let cookie = match case["config_name"].as_str() {
            Some(name) => SessionCookie::new().name(name),
            None => SessionCookie::new(),
        };
        let ours = first(&cookie, header);
        if ours.as_ref().map(SessionToken::as_str) != case["readSessionCookie"].as_str() {
            found.push(header);
            assert_eq!(ours.is_some(), header == "toString=1", "{header}");
        }
    }
    assert_listed(&found, READING);
    assert_eq!(first(&SessionCookie::new().name("toString"), "toString=1"), Some(SessionToken::new("1")));
}

const BEARER: &Differences = &[
    ("bearer abc", "C22: the scheme is case-insensitive"),
    ("Bearer  abc", "C22: any number of spaces is allowed"),
    ("Bearer ", "C22, C26: no token, instead of an empty one"),
    ("BEARER abc", "C22: the scheme is case-insensitive"),
];

#[test]
fn c22_bearer_tokens_are_read_as_in_lucia_js_except_for_its_bugs() {
    let fixture = fixture();
    let mut found = Vec::new();
    for case in cases(&fixture, "readBearerToken") {
        let header = case["header"].as_str().unwrap();
        let ours = read_bearer_token(Some(header));
        if ours.as_ref().map(SessionToken::as_str) != case["readBearerToken"].as_str() {
            found.push(header);
            let expected = header.ends_with("abc").then(|| SessionToken::new("abc"));
            assert_eq!(ours, expected, "{header}");
        }
    }
    assert_listed(&found, BEARER);
}

/// The counterpart of Lucia JS's `serializeCookie` is the `cookie` crate, in which a wrong option is a type error and
/// which does not support `Priority`.
#[test]
fn other_cookies_are_serialized_as_in_lucia_js() {
    let fixture = fixture();
    let mut inexpressible = Vec::new();
    for case in cases(&fixture, "serializeCookie") {
        let (name, value) = (case["name"].as_str().unwrap(), case["value"].as_str().unwrap());
        let mut cookie = Cookie::new(name, value);
        for (option, value) in case["options"].as_object().into_iter().flatten() {
            match (option.as_str(), value) {
                ("maxAge", Value::Number(seconds)) => cookie.set_max_age(Duration::seconds(seconds.as_i64().unwrap())),
                ("sameSite", Value::Bool(true)) => cookie.set_same_site(cookie::SameSite::Strict),
                _ => inexpressible.push(format!("{option}={value}")),
            }
        }
        let serialized = case["serialized"].as_str().unwrap();
        if inexpressible
            .last()
            .is_none_or(|option| !case["options"].to_string().contains(option.split_once('=').unwrap().1))
        {
            assert_eq!(cookie.encoded().to_string(), serialized);
        }
    }
    assert_eq!(inexpressible, ["maxAge=\"abc\"", "priority=\"MEDIUM\"", "priority=\"x\""]);
}
