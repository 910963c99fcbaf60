//! Every call of the adapters.

use std::{fmt::Display, pin::Pin, time::Duration};

use lucia_core::{
    Adapter as _, AdapterError, AdapterErrorKind, Attributes, HashedPassword, KeyId, KeySchema, KeyUpdate,
    SessionAdapter as _, SessionScan as _, SessionSchema, SessionUpdate, TokenAdapter as _, TokenKind, TokenSchema,
    UnixMillis, UserAdapter as _, UserSchema, UserUpdate,
};
use lucia_sql::driver::{Failure, Query};

use super::line::Adapters;

/// The ids that a call returns, or another result.
pub(super) type Outcome = Result<String, AdapterError>;

pub(super) type Call = for<'a> fn(&'a Adapters) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

const RESET: TokenKind = TokenKind::from_static("reset");
const WINDOW: Duration = Duration::from_secs(60);
const NOW: UnixMillis = UnixMillis::new(2_500);
const SOON: UnixMillis = UnixMillis::new(9_000);

fn key(id: &str) -> KeyId {
    KeyId::new("p", id).unwrap()
}

fn listed(items: impl IntoIterator<Item: Display>) -> String {
    let mut items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    items.sort();
    items.join(" ")
}

fn with_user((session, user): (SessionSchema, UserSchema)) -> String {
    format!("{}/{}", session.id.as_str(), user.id.as_str())
}

fn done((): ()) -> String {
    "done".to_owned()
}

macro_rules! calls {
    ($($name:literal: |$on:ident| $body:expr;)*) => {
        /// Each call with its name. The rows that they find are those of [`Line`](super::line::Line).
        pub(super) const CALLS: &[(&str, Call)] = &[$(($name, |$on| Box::pin(async move { Ok($body) }))),*];
    };
}

calls! {
    "get_user": |on| listed(on.adapter.get_user(&"u1".into()).await?.map(|user| user.id.as_str().to_owned()));
    "set_user": |on| done(on.adapter.set_user(&UserSchema::new("u3"), None).await?);
    "set_user with a key": |on| {
        let key = KeySchema::new(key("k3"), "u3").with_hashed_password(HashedPassword::new("hash"));
        done(on.adapter.set_user(&UserSchema::new("u3"), Some(&key)).await?)
    };
    "update_user": |on| {
        let update = UserUpdate::default().with_attributes(Attributes::from([("name", "Eve")])).unwrap();
        done(on.adapter.update_user(&"u1".into(), &update).await?)
    };
    "delete_user": |on| done(on.adapter.delete_user(&"u1".into()).await?);
    "get_key": |on| listed(on.adapter.get_key(&key("k1")).await?.map(|key| key.id.as_str().to_owned()));
    "get_keys_by_user_id": |on| {
        let keys = on.adapter.get_keys_by_user_id(&"u1".into()).await?;
        listed(keys.into_iter().map(|key| key.id.as_str().to_owned()))
    };
    "set_key": |on| done(on.adapter.set_key(&KeySchema::new(key("k3"), "u1")).await?);
    "update_key": |on| {
        let update = KeyUpdate::default().with_hashed_password(Some(HashedPassword::new("other")));
        let update = update.with_expected_hashed_password(HashedPassword::new("hash"));
        done(on.adapter.update_key(&key("k1"), &update).await?)
    };
    "delete_key": |on| done(on.adapter.delete_key(&key("k1")).await?);
    "delete_keys_by_user_id": |on| done(on.adapter.delete_keys_by_user_id(&"u1".into()).await?);

    "get_session": |on| listed(on.adapter.get_session(&"s1".into()).await?.map(|found| found.id.as_str().to_owned()));
    "get_sessions": |on| {
        let found = on.adapter.get_sessions(&["s1".into(), "s2".into(), "s9".into()]).await?;
        listed(found.into_iter().map(|session| session.id.as_str().to_owned()))
    };
    "get_first_session": |on| {
        let found = on.adapter.get_first_session(&["s9".into(), "s2".into()]).await?;
        listed(found.map(|session| session.id.as_str().to_owned()))
    };
    "get_sessions_by_user_id": |on| {
        let found = on.adapter.get_sessions_by_user_id(&"u1".into()).await?;
        listed(found.into_iter().map(|session| session.id.as_str().to_owned()))
    };
    "get_session_and_user": |on| listed(on.adapter.get_session_and_user(&"s1".into()).await?.map(with_user));
    "get_first_session_and_user": |on| {
        listed(on.adapter.get_first_session_and_user(&["s9".into(), "s2".into()]).await?.map(with_user))
    };
    "get_sessions_and_users": |on| {
        listed(on.adapter.get_sessions_and_users(&["s1".into(), "s4".into()]).await?.into_iter().map(with_user))
    };
    "scan_sessions": |on| {
        let page = on.adapter.scan_sessions(Some("s1"), 2).await?;
        listed(page.session_ids.iter().map(|id| id.as_str().to_owned()))
    };
    "set_session": |on| done(on.adapter.set_session(&SessionSchema::new("s5", "u2", NOW, SOON)).await?);
    "set_session_and_get_user": |on| {
        let session = SessionSchema::new("s5", "u2", NOW, SOON);
        on.adapter.set_session_and_get_user(&session).await?.id.as_str().to_owned()
    };
    "update_session": |on| {
        let update = SessionUpdate::renewal(NOW, SOON).with_expected_idle_expires(UnixMillis::new(2_000));
        done(on.adapter.update_session(&"s1".into(), &update).await?)
    };
    "update_session after another": |on| {
        let update = SessionUpdate::renewal(NOW, SOON).with_expected_idle_expires(NOW);
        match on.adapter.update_session(&"s1".into(), &update).await {
            Err(error) if error.kind() == AdapterErrorKind::Conflict => "conflict".to_owned(),
            result => done(result?),
        }
    };
    "rotate_session": |on| {
        done(on.adapter.rotate_session(&"s1".into(), &"s5".into(), &SessionUpdate::renewal(NOW, SOON)).await?)
    };
    "delete_session": |on| done(on.adapter.delete_session(&"s1".into()).await?);
    "delete_sessions_by_user_id": |on| done(on.adapter.delete_sessions_by_user_id(&"u1".into()).await?);
    "delete_other_sessions": |on| done(on.adapter.delete_other_sessions(&"u1".into(), &"s1".into()).await?);
    "delete_oldest_sessions": |on| {
        done(on.adapter.delete_oldest_sessions(&"u1".into(), &"s1".into(), "created_at", 2).await?)
    };
    "delete_expired_sessions": |on| listed([on.adapter.delete_expired_sessions(NOW, 100).await?]);

    "get_token": |on| listed(on.tokens.get_token(&RESET, &"t1".into()).await?.map(|token| token.data));
    "set_token": |on| done(on.tokens.set_token(&TokenSchema::new("t2", RESET, SOON).with_user_id("u1")).await?);
    "take_token": |on| listed(on.tokens.take_token(&RESET, &"t1".into()).await?.map(|token| token.data));
    "delete_tokens": |on| done(on.tokens.delete_tokens(Some(&RESET), &"u1".into()).await?);
    "delete_expired_tokens": |on| listed([on.tokens.delete_expired_tokens(NOW, 100).await?]);
    "add_to_counter": |on| listed([on.tokens.add_to_counter("c1", 1, WINDOW, NOW).await?.value]);
    "add_to_counter, a new one": |on| listed([on.tokens.add_to_counter("c2", 1, WINDOW, NOW).await?.value]);
    "add_to_counter, a negative amount": |on| listed([on.tokens.add_to_counter("c1", -1, WINDOW, NOW).await?.value]);
    "add_to_counter, nothing": |on| listed([on.tokens.add_to_counter("c1", 0, WINDOW, NOW).await?.value]);

    "several statements in a transaction": |on| {
        let insert = |id: &str| Query::new(on.kind.sql(&format!(r#"INSERT INTO "User" ("id") VALUES ('{id}')"#)), []);
        let inserted = on.driver.execute_all(&[insert("u3"), insert("u4")]).await;
        done(inserted.map_err(|error| {
            let is_unavailable = error.failure == Failure::Unavailable;
            let kind = if is_unavailable { AdapterErrorKind::Unavailable } else { AdapterErrorKind::Backend };
            AdapterError::new(kind).with_source(error)
        })?)
    };
}
