use lucia::{HashedPassword, NewKey, PasswordError, PasswordHasher, Verification};
use lucia_core::Adapter;

use super::{code, new_user};
use crate::{
    case::{Case, case},
    context::Joined,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] =
    &[case!(core_passwords_survive_the_store), case!(core_sign_in_failures_look_alike)];

/// Costs nothing, because no case is about hashing.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainText;

impl PasswordHasher for PlainText {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        Ok(HashedPassword::new(format!("plain:{password}")))
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        let stored = hash.as_str().strip_prefix("plain:");
        Ok(if stored == Some(password) { Verification::Valid } else { Verification::Invalid })
    }
}

async fn core_passwords_survive_the_store(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (old, new) = (sample::text(10), format!("{}:%/\u{e9}", sample::text(10)));
    let user =
        app.auth.create_user(new_user().key(NewKey::with_password(sample::PROVIDER, &*old, "correct horse"))).await?;
    let key = app.auth.use_key(sample::PROVIDER, &old, Some("correct horse")).await?;
    ensure_eq(&(key.user_id, key.password_defined), &(user.user_id.clone(), true), "the key that was used")?;
    app.auth.update_key_provider_user_id(sample::PROVIDER, &old, &new).await?;
    let key = app.auth.use_key(sample::PROVIDER, &new, Some("correct horse")).await?;
    ensure_eq(&key.provider_user_id, &new, "the key under its new name")?;
    app.auth.update_key_password(sample::PROVIDER, &new, Some("battery staple")).await?;
    let outdated = app.auth.use_key(sample::PROVIDER, &new, Some("correct horse")).await;
    ensure_eq(&code(&outdated), &"AUTH_INVALID_PASSWORD", "the old password")?;
    app.auth.use_key(sample::PROVIDER, &new, Some("battery staple")).await?;
    app.auth.update_key_password(sample::PROVIDER, &new, None).await?;
    let key = app.auth.use_key(sample::PROVIDER, &new, None).await?;
    ensure(!key.password_defined, "a key has a password after it was removed")
}

async fn core_sign_in_failures_look_alike(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (with_password, without) = (sample::text(10), sample::text(10));
    app.auth
        .create_user(new_user().key(NewKey::with_password(sample::PROVIDER, &*with_password, "correct horse")))
        .await?;
    let user = app.auth.create_user(new_user().key(NewKey::new(sample::PROVIDER, &*without))).await?;
    let key = sample::key(&user.user_id).with_hashed_password(HashedPassword::new(""));
    let empty = key.id.provider_user_id().to_owned();
    cx.adapter.set_key(&key).await?;
    let attempts = [
        (sample::text(10), Some("correct horse"), "an unknown key"),
        (without, Some("correct horse"), "a key without a password"),
        (with_password.clone(), Some("wrong"), "a wrong password"),
        (with_password, None, "no password"),
        (empty.clone(), None, "no password, for an empty hash"),
        (empty, Some("correct horse"), "an empty hash"),
    ];
    for (name, password, what) in attempts {
        match app.auth.use_key(sample::PROVIDER, &name, password).await {
            Err(error) if error.is_invalid_credentials() => {}
            other => ensure(false, format!("{what}: {}", code(&other)))?,
        }
    }
    Ok(())
}
