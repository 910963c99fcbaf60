use std::{error::Error as _, time::Duration};

use lucia_auth::{
    AllowedSubdomains, Argon2id, Auth, Csrf, Env, HashedPassword, LuciaScrypt, NewKey, NewSession, NewUser,
    PasswordContext, PasswordHasher as _, PasswordRules, SameSite, SessionAdapter as _, SessionCookie, SessionIds,
    SessionPeriods, SessionSchema, SessionState, UnixMillis, memory::MemoryAdapter,
};
use lucia_axum::AuthRejection;

use super::{HASH, PASSWORD, SESSION_ID, TOKEN, shown::Shown, throttle, tokens};

pub(super) async fn show(shown: &mut Shown) {
    let builder = || Auth::builder(MemoryAdapter::new());
    shown.show("AuthBuilder", &builder());
    let auth = builder().build().unwrap();
    let new_key = || NewKey::with_password(("username", "ada"), PASSWORD);
    let new_user = NewUser::new().id("u1").key(new_key());
    shown.show("NewKey", &new_key());
    shown.show("NewUser", &new_user);
    let (sessions, converting) = (MemoryAdapter::without_foreign_keys(), builder().build().unwrap());
    let plain = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    sessions.set_session(&plain).await.unwrap();
    let mut conversion = converting.hash_plain_sessions(&sessions).unwrap();
    shown.show("HashProgress", &conversion.next_batch().await.unwrap().unwrap());
    shown.show("HashPlainSessions", &conversion);
    shown.show("PreparedUser", &auth.prepare_user(NewUser::new().key(new_key())).await.unwrap());
    shown.show("PreparedSession", &auth.prepare_session(NewSession::new("u1").token(SESSION_ID)).unwrap());
    let user = auth.create_user(new_user).await.unwrap();
    shown.show("User", &user);
    let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
    let hash = format!("{:?}", auth.get_key(("username", "ada")).await.unwrap());
    shown.show("Key", &format_args!("{hash}"));
    shown.show("VerifiedKey", &key);
    shown.show("NewSession", &NewSession::for_key(&key).token(SESSION_ID));
    let session = auth.create_session(NewSession::for_key(&key).token(SESSION_ID)).await.unwrap();
    shown.show("Session", &session);
    shown.show("SessionInfo", &auth.get_all_user_sessions(&session.user.id).await.unwrap()[0]);
    shown.show("SessionIds", &SessionIds::default());
    let taken = auth.create_session(NewSession::for_key(&key).token(SESSION_ID)).await.unwrap_err();
    shown.error("Error", &taken);
    shown.error("AuthRejection", &AuthRejection::from(taken));
    shown.show("Auth", &auth);
    shown.show("SetCookie", &auth.create_session_cookie(Some(&session)));
    shown.show("SessionCookie", &SessionCookie::new());
    shown.show("SessionPeriods", &SessionPeriods { active: Duration::ZERO, idle: Duration::ZERO });
    shown.show("SessionState", &SessionState::Active);
    shown.show("SameSite", &SameSite::Lax);
    shown.show("NoAttributes", &session.attributes);
    shown.show("Env", &Env::Prod);
    shown.show("Csrf", &Csrf::new());
    shown.show("AllowedSubdomains", &AllowedSubdomains::all());
    shown.show("Argon2id", &Argon2id::default());
    shown.show("LuciaScrypt", &LuciaScrypt::default());
    let hash = HashedPassword::new(HASH);
    shown.show("Verification", &Argon2id::default().verify(PASSWORD, &hash).unwrap());
    shown.error("PasswordError", &Argon2id::new(0, 0, 0).unwrap_err());
    let rules = PasswordRules::new().min_length(20).words(["Acme"]);
    shown.show("PasswordRules", &rules);
    shown.show("PasswordContext", &PasswordContext::new(&key.id, ["Acme"]));
    let strict = builder().password_rules(rules).build().unwrap();
    let short = strict.create_user(NewUser::new().key(new_key())).await.unwrap_err();
    shown.error("PasswordRejection", &short);
    shown.error("AuthRejection", &AuthRejection::from(short));

    throttle::show(shown, &auth, &key).await;
    tokens::show(shown, &auth).await;
    let wrong = auth.use_key_with_password(("username", "ada"), TOKEN).await.unwrap_err();
    shown.error("Error", &wrong);
    shown.error("AuthRejection", &AuthRejection::from(wrong));
    let long = auth.update_key_password(("username", "ada"), Some(&TOKEN.repeat(1_000))).await.unwrap_err();
    shown.error("Error", &long);
    let misnamed = builder().session_cookie(SessionCookie::new().name("a b")).build().unwrap_err();
    shown.error("BuildError", &misnamed);
    shown.error("InvalidSessionCookie", misnamed.source().unwrap());
    let mistaken = builder().csrf_protection(Csrf::new().host("https://example.com")).build().unwrap_err();
    shown.error("InvalidCsrf", mistaken.source().unwrap());
}
