//! Tokens: their keys, the index of a user's tokens, and calls that a driver repeats.

use adapter_redis::{
    RedisTokenAdapter,
    redis::{ToRedisArgs, cmd},
};
use lucia_core::{AdapterErrorKind as Kind, TokenAdapter, TokenKind, TokenSchema, UnixMillis};
use serde_json::{Value, json};

use crate::{
    place::{KIND, Place, assert_kind, hours, now, token, user},
    seam::Repeating,
};

const NONE: &[&str] = &[];
const MINUTE: i64 = 60_000;

async fn entries(place: &Place, user: &str) -> Vec<String> {
    place.run("ZRANGE", &place.user_tokens_key(user), &["0", "-1"]).await
}

#[tokio::test]
async fn keys_are_as_documented() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    let stored = token("t1", "u");
    adapter.set_token(&stored).await.unwrap();
    let text: String = place.run("GET", &place.token_key("t1"), NONE).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    let call = json["call"].as_str().unwrap().to_owned();
    let expires = stored.expires.get();
    let fields = json!({ "id": "t1", "kind": KIND.as_str(), "user_id": "u", "data": "ada@example.com", "expires": expires, "call": call });
    assert_eq!(json, fields);
    assert_eq!(place.expiry(&place.token_key("t1")).await, expires);
    let index: Vec<(String, i64)> = place.run("ZRANGE", &place.user_tokens_key("u"), &["0", "-1", "WITHSCORES"]).await;
    assert_eq!(index, [(format!("password_reset:{call}:t1"), expires)]);
    assert_eq!(place.expiry(&place.user_tokens_key("u")).await, expires + MINUTE);
}

#[tokio::test]
async fn an_index_does_not_grow_without_end() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    let set = async |id: &str, expires: UnixMillis| {
        adapter.set_token(&TokenSchema { expires, ..token(id, "u") }).await.unwrap();
    };
    for number in 0..50 {
        set(&format!("gone{number}"), hours(1)).await;
    }
    // As if the tokens had expired: long ago, and just now, by a clock that may differ.
    let long_ago: Vec<_> = entries(&place, "u").await;
    for (number, entry) in long_ago.iter().enumerate() {
        let ago = if number == 0 { MINUTE / 2 } else { 2 * MINUTE };
        place.run::<i64>("ZADD", &place.user_tokens_key("u"), &[&(now().get() - ago).to_string(), entry]).await;
    }
    set("long", hours(9)).await;
    set("short", hours(1)).await;
    assert_eq!(entries(&place, "u").await.len(), 3, "the two, and the one that has just expired");
    let index = place.user_tokens_key("u");
    assert!((place.expiry(&index).await - hours(9).get() - MINUTE).abs() < MINUTE, "a minute after the last token");
    for id in ["long", "short"] {
        adapter.take_token(&KIND, &id.into()).await.unwrap();
    }
    assert_eq!(entries(&place, "u").await.len(), 1, "an entry goes with its token");
    adapter.delete_tokens(Some(&KIND), &user("u")).await.unwrap();
    assert!(!place.exists(&index).await);
    adapter.set_token(&TokenSchema { expires: UnixMillis::new(1), ..token("past", "u") }).await.unwrap();
    assert!(!place.exists(&index).await, "a token that has expired needs no entry");
}

/// The rest of the contract is checked by the suite.
#[tokio::test]
async fn a_repeated_call_has_one_effect() {
    let place = Place::new().await;
    let adapter = place.tokens_on(Repeating(place.connections())).await;
    for (stored, duplicate) in [
        (token("t1", "u"), token("t1", "u")),
        (TokenSchema::new("t2", KIND, hours(1)), TokenSchema::new("t2", KIND, hours(1))),
    ] {
        adapter.set_token(&stored).await.unwrap();
        assert_kind(adapter.set_token(&duplicate).await, Kind::DuplicateTokenId);
        assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap().as_ref(), Some(&stored));
        assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap(), None, "another call");
        assert_eq!(adapter.get_token(&KIND, &stored.id).await.unwrap(), None);
        adapter.set_token(&duplicate).await.unwrap();
        assert_eq!(adapter.get_token(&KIND, &stored.id).await.unwrap(), Some(duplicate));
    }
    assert_eq!(entries(&place, "u").await.len(), 1);
    adapter.delete_tokens(None, &user("u")).await.unwrap();
    assert_eq!(adapter.get_token(&KIND, &"t1".into()).await.unwrap(), None);
}

/// A creation that is repeated late must not bring back what was taken meanwhile.
#[tokio::test]
async fn a_repeated_creation_does_not_restore_a_taken_token() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    let stored = token("t1", "u");
    adapter.set_token(&stored).await.unwrap();
    let json: String = place.run("GET", &place.token_key("t1"), NONE).await;
    assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap(), Some(stored.clone()));
    let script =
        concat!(include_str!("../../src/script/enter_token.lua"), include_str!("../../src/script/set_token.lua"));
    let mut again = cmd("EVAL");
    again.arg(script).arg(1).arg(place.token_key("t1")).arg(json).arg(stored.expires.get()).arg("");
    assert_eq!(place.query::<i64>(&again).await, 1);
    assert_eq!(adapter.take_token(&KIND, &stored.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_taken_token_is_kept_for_a_minute() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    adapter.set_token(&token("t1", "u")).await.unwrap();
    adapter.take_token(&KIND, &"t1".into()).await.unwrap();
    let left: i64 = place.run("PTTL", &place.token_key("t1"), NONE).await;
    assert!((1..=MINUTE).contains(&left), "{left}");
    assert!(!place.exists(&place.user_tokens_key("u")).await);
}

#[tokio::test]
async fn tokens_of_any_number_are_deleted() {
    const TOKENS: usize = 3_000;
    let place = Place::new().await;
    let adapter = place.tokens().await;
    let other = TokenKind::from_static("magic_link");
    for number in 0..TOKENS {
        let mut stored = token(&format!("t{number}"), "u");
        if number % 3 == 0 {
            stored.kind = other.clone();
        }
        adapter.set_token(&stored).await.unwrap();
    }
    adapter.delete_tokens(Some(&KIND), &user("u")).await.unwrap();
    assert_eq!(entries(&place, "u").await.len(), TOKENS / 3);
    assert!(adapter.get_token(&other, &"t0".into()).await.unwrap().is_some());
    assert_eq!(adapter.get_token(&KIND, &"t2999".into()).await.unwrap(), None);
    adapter.delete_tokens(None, &user("u")).await.unwrap();
    assert!(!place.exists(&place.user_tokens_key("u")).await);
}

#[tokio::test]
async fn data_of_other_programs_is_an_error_and_stays() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    let put = async |name: &str, key: String, arguments: &[&str]| {
        place.query::<redis::Value>(cmd(name).arg(key).arg(arguments.to_redis_args())).await;
    };
    put("RPUSH", place.token_key("list"), &["one"]).await;
    put("SET", place.token_key("text"), &["hunter2"]).await;
    let theirs: String = {
        adapter.set_token(&token("theirs", "admin")).await.unwrap();
        place.run("GET", &place.token_key("theirs"), NONE).await
    };
    put("SET", place.token_key("copy"), &[&theirs]).await;
    for id in ["list", "text", "copy"] {
        for outcome in [
            adapter.get_token(&KIND, &id.into()).await.map(drop),
            adapter.take_token(&KIND, &id.into()).await.map(drop),
        ] {
            let error = assert_kind(outcome, Kind::Decode);
            assert!(!format!("{error:?}").contains("hunter2"));
        }
        assert_kind(adapter.set_token(&token(id, "u")).await, Kind::DuplicateTokenId);
        assert!(place.exists(&place.token_key(id)).await);
    }
    put("SET", place.user_tokens_key("v"), &["text"]).await;
    assert_kind(adapter.set_token(&token("new", "v")).await, Kind::Decode);
    assert!(!place.exists(&place.token_key("new")).await);
    assert_kind(adapter.delete_tokens(None, &user("v")).await, Kind::Decode);
    // A value in the index that is not a token is deleted, the token of another user is not.
    for id in ["list", "text", "theirs"] {
        put("ZADD", place.user_tokens_key("u"), &["9999999999999", &format!("password_reset:0:{id}")]).await;
    }
    put("ZADD", place.user_tokens_key("u"), &["9999999999999", "garbage"]).await;
    adapter.delete_tokens(None, &user("u")).await.unwrap();
    assert!(!place.exists(&place.user_tokens_key("u")).await);
    let left = [place.exists(&place.token_key("list")).await, place.exists(&place.token_key("text")).await];
    assert_eq!(left, [true, false]);
    assert!(adapter.get_token(&KIND, &"theirs".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn removals_wait_for_replicas() {
    let place = Place::new().await;
    let config = place.config().wait_for_replicas(1, std::time::Duration::from_millis(200));
    let adapter = RedisTokenAdapter::with_config(place.connections(), config).await.unwrap();
    for id in ["t1", "t2"] {
        adapter.set_token(&token(id, "u")).await.unwrap();
    }
    assert_kind(adapter.take_token(&KIND, &"t1".into()).await, Kind::Unavailable);
    assert_eq!(adapter.get_token(&KIND, &"t1".into()).await.unwrap(), None, "it is taken nevertheless");
    assert_kind(adapter.delete_tokens(None, &user("u")).await, Kind::Unavailable);
    assert_eq!(adapter.get_token(&KIND, &"t2".into()).await.unwrap(), None);
}
