use std::{collections::BTreeMap, sync::Arc, time::Duration};

use lucia_core::{
    AdapterErrorKind, Attributes, AttributesError, Count, HashedPassword, KeyId, KeySchema, KeyUpdate, ManualClock,
    SessionAdapter as _, SessionHandle, SessionId, SessionScan as _, SessionSchema, SessionToken, SessionUpdate,
    SplitAdapter, SystemClock, TokenAdapter as _, TokenId, TokenKind, TokenSchema, UnixMillis, UserAdapter as _,
    UserId, UserSchema, UserUpdate, memory::MemoryAdapter,
};

use super::{HASH, SESSION_ID, TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown) {
    let session = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    let key =
        KeySchema::new(KeyId::new("username", "ada").unwrap(), "u1").with_hashed_password(HashedPassword::new(HASH));
    shown.show("SessionId", &SessionId::new(SESSION_ID));
    shown.show("HashedPassword", &HashedPassword::new(HASH));
    shown.show("UserId", &UserId::new("u1"));
    shown.show("KeyId", &key.id);
    shown.show("Attributes", &Attributes::from([("country", "NZ")]));
    shown.show("SessionSchema", &session);
    shown.show("KeySchema", &key);
    shown.show("UserSchema", &UserSchema::new("u1"));
    shown.show("SessionUpdate", &SessionUpdate::renewal(UnixMillis::MAX, UnixMillis::MAX));
    shown.show("UserUpdate", &UserUpdate::default());
    let update = KeyUpdate::default()
        .with_hashed_password(Some(HashedPassword::new(HASH)))
        .with_expected_hashed_password(HashedPassword::new(HASH));
    shown.show("KeyUpdate", &update);
    shown.show("UnixMillis", &UnixMillis::EPOCH);
    shown.show("SystemClock", &SystemClock);
    let clock = Arc::new(ManualClock::new(UnixMillis::EPOCH));
    shown.show("ManualClock", &clock);

    shown.show("SessionToken", &SessionToken::new(TOKEN));
    let handle = session.id.handle();
    shown.show("SessionHandle", &handle);
    shown.error("InvalidSessionHandle", &SESSION_ID.parse::<SessionHandle>().unwrap_err());
    let kind = TokenKind::new("password_reset").unwrap();
    let token = TokenSchema::new(TOKEN, kind.clone(), UnixMillis::MAX).with_user_id("u1").with_data(HASH);
    shown.show("TokenId", &TokenId::new(TOKEN));
    shown.show("TokenKind", &kind);
    shown.error("InvalidTokenKind", &TokenKind::new("secret!").unwrap_err());
    shown.show("TokenSchema", &token);

    let memory = MemoryAdapter::new();
    memory.set_user(&UserSchema::new("u1"), Some(&key)).await.unwrap();
    memory.set_session(&session).await.unwrap();
    memory.set_token(&token).await.unwrap();
    shown.error("AdapterError", &memory.set_token(&token).await.unwrap_err());
    let count: Count = memory.add_to_counter(TOKEN, 1, Duration::MAX, UnixMillis::EPOCH).await.unwrap();
    shown.show("Count", &count);
    shown.show("SessionPage", &memory.scan_sessions(None, 1).await.unwrap());
    shown.show("MemoryAdapter", &memory);
    shown.show("SplitAdapter", &SplitAdapter::new(memory.clone(), memory.clone()));
    shown.error("AdapterError", &memory.set_session(&session).await.unwrap_err());
    shown.show("AdapterErrorKind", &AdapterErrorKind::Backend);
    shown.error("InvalidKeyId", &KeyId::new("", TOKEN).unwrap_err());
    let reserved = SessionUpdate::default().with_attributes(Attributes::from([("user_id", TOKEN)])).unwrap_err();
    shown.error("AttributesError", &reserved);
    let unfit: AttributesError = Attributes::from([("age", TOKEN)]).deserialize::<BTreeMap<String, u8>>().unwrap_err();
    shown.error("AttributesError", &unfit);
}
