//! Rows for the cases. Ids are random, and rows have every attribute of [`schema`].

use std::time::Duration;

use lucia_core::{
    Attributes, HashedPassword, KeyId, KeySchema, SessionId, SessionSchema, SessionUpdate, TokenId, TokenKind,
    TokenSchema, UnixMillis, UserId, UserSchema, UserUpdate,
};
use serde_json::{Value, json};

use crate::schema::{APPROVED_BY, COUNTRY, DATA, DEVICE, TRUSTED, USERNAME, VISITS};

const HOUR: Duration = Duration::from_secs(3_600);
/// The provider of every sample key.
pub(crate) const PROVIDER: &str = "test";
/// The kind of every sample token.
pub(crate) const KIND: TokenKind = TokenKind::from_static("password_reset");
/// Kinds that are similar to it.
pub(crate) const OTHER_KINDS: [TokenKind; 6] = [
    TokenKind::from_static("email_verification"),
    TokenKind::from_static("password-reset"),
    TokenKind::from_static("password_rese"),
    TokenKind::from_static("password_reset2"),
    TokenKind::from_static("2"),
    TokenKind::from_static("abcdefghijklmnopqrstuvwxyz_0123456789-abcdefghijklmnopqrstuvwxyz"),
];

/// Returns random lower-case letters and digits.
pub(crate) fn text(length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = vec![0; length];
    #[expect(clippy::expect_used, reason = "no case means anything on a machine without randomness")]
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

pub(crate) fn user_id() -> UserId {
    UserId::new(text(15))
}

pub(crate) fn session_id() -> SessionId {
    SessionId::new(format!("at_{}", text(40)))
}

pub(crate) fn key_id() -> KeyId {
    key_id_of(&text(30))
}

pub(crate) fn key_id_of(provider_user_id: &str) -> KeyId {
    KeyId::from_stored(format!("{PROVIDER}:{provider_user_id}"))
}

pub(crate) fn hash() -> HashedPassword {
    HashedPassword::new(format!("s2:{}:{}", text(16), text(128)))
}

pub(crate) fn user(id: &UserId) -> UserSchema {
    user_with(id, &text(12), &json!("XX"))
}

pub(crate) fn user_with(id: &UserId, username: &str, country: &Value) -> UserSchema {
    let attributes = Attributes::from([(USERNAME, json!(username)), (COUNTRY, country.clone())]);
    unreserved(UserSchema::new(id.clone()).with_attributes(attributes))
}

pub(crate) fn key(user_id: &UserId) -> KeySchema {
    KeySchema::new(key_id(), user_id.clone()).with_hashed_password(hash())
}

pub(crate) fn token_id() -> TokenId {
    TokenId::new(text(64))
}

/// Returns a token that is valid for an hour.
pub(crate) fn token(now: UnixMillis) -> TokenSchema {
    TokenSchema::new(token_id(), KIND, now.saturating_add(HOUR)).with_data(text(20))
}

/// Returns a session that is active for eight hours and then idle for a day, as in the suite of Lucia JS.
pub(crate) fn session(user_id: &UserId, now: UnixMillis) -> SessionSchema {
    let row =
        SessionSchema::new(session_id(), user_id.clone(), now.saturating_add(8 * HOUR), now.saturating_add(32 * HOUR));
    with_attributes(row, &[])
}

/// Returns the session with every attribute of the schema, including these.
pub(crate) fn with_attributes(session: SessionSchema, attributes: &[(&str, Value)]) -> SessionSchema {
    let mut all = Attributes::from([
        (COUNTRY, json!("XX")),
        (DEVICE, json!("Firefox on Linux")),
        (VISITS, json!(1)),
        (TRUSTED, json!(true)),
        (DATA, json!({ "theme": "dark" })),
        (APPROVED_BY, json!(null)),
    ]);
    all.merge(&attributes.iter().map(|(name, value)| (*name, value.clone())).collect());
    unreserved(session.with_attributes(all))
}

/// Returns the session with another id.
pub(crate) fn with_id(mut session: SessionSchema, id: impl Into<SessionId>) -> SessionSchema {
    session.id = id.into();
    session
}

/// Returns the session with this end of both periods.
pub(crate) fn ending_at(mut session: SessionSchema, end: UnixMillis) -> SessionSchema {
    (session.active_expires, session.idle_expires) = (end, end);
    session
}

/// Returns the update with a condition.
pub(crate) fn expecting(update: SessionUpdate, idle_expires: UnixMillis) -> SessionUpdate {
    update.with_expected_idle_expires(idle_expires)
}

pub(crate) fn active_update(active_expires: UnixMillis) -> SessionUpdate {
    SessionUpdate::default().with_active_expires(active_expires)
}

pub(crate) fn idle_update(idle_expires: UnixMillis) -> SessionUpdate {
    SessionUpdate::default().with_idle_expires(idle_expires)
}

pub(crate) fn session_update(attributes: &[(&str, Value)]) -> SessionUpdate {
    let attributes = attributes.iter().map(|(name, value)| (*name, value.clone())).collect();
    unreserved(SessionUpdate::default().with_attributes(attributes))
}

pub(crate) fn user_update(attributes: &[(&str, Value)]) -> UserUpdate {
    unreserved(
        UserUpdate::default().with_attributes(attributes.iter().map(|(name, value)| (*name, value.clone())).collect()),
    )
}

pub(crate) fn unreserved<T>(row: Result<T, lucia_core::AttributesError>) -> T {
    #[expect(clippy::expect_used, reason = "the suite names its attributes itself")]
    row.expect("no attribute of the suite has a reserved name")
}

/// Attribute names with SQL, and with characters that a store may interpret.
pub(crate) const HOSTILE_NAMES: &[&str] = &[
    "no_such_column",
    "a`b",
    "a\"b",
    "a\"; DROP TABLE \"User\"; --",
    "country\" = 'ZZ' --",
    "country` = 'ZZ' -- ",
    "country = 'ZZ', device",
    "user_id\" = \"user_id",
    "",
    "COUNTRY\0",
];

/// Endings with special meaning in stores, patterns, paths or URLs. All of them differ.
pub(crate) const TRICKY_ENDINGS: &[&str] = &[
    "",
    "1",
    ":1",
    "/1",
    "\\1",
    "?1",
    "#1",
    "*",
    "?",
    "%",
    "_",
    "[a]",
    "$",
    ":",
    "/",
    ".",
    "..",
    "~",
    "%3A1",
    "%2F1",
    "+",
    "&a=b",
    "'",
    "\"",
    "`",
    ";",
    "--",
    "\n",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{0}",
    "\u{65e5}\u{672c}",
    "\u{1f600}",
];

/// Pairs of different endings that a collation may equate.
pub(crate) const EQUATED_ENDINGS: &[(&str, &str)] = &[
    ("a", "A"),
    ("e", "\u{e9}"),
    // Composed and decomposed.
    ("\u{e9}", "e\u{301}"),
    ("b", "b "),
    ("ss", "\u{df}"),
    ("i", "\u{130}"),
    ("k", "\u{212a}"),
    ("1", "\u{661}"),
    ("", "\u{ad}"),
];
