use lucia_auth::{HashedPassword, NewKey, NewSession};
use lucia_core::Adapter;

use super::app::{code, ids, new_user};
use crate::{
    case::{Case, case},
    context::{Joined, task},
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn Adapter>] = &[
    case!(core_passwords_survive_the_store),
    case!(core_sign_in_failures_look_alike),
    case!(core_sign_ins_do_not_outlive_a_change_of_password),
    case!(core_sign_ins_beside_a_change_of_password_are_revoked),
];

async fn core_passwords_survive_the_store(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (old, new) = (sample::text(10), format!("{}:%/\u{e9}", sample::text(10)));
    let user =
        app.auth.create_user(new_user().key(NewKey::with_password((sample::PROVIDER, &*old), "correct horse"))).await?;
    let key = app.auth.use_key_with_password((sample::PROVIDER, &old), "correct horse").await?;
    ensure_eq(&(&key.user_id, key.password_defined), &(&user.id, true), "the key that was used")?;
    app.auth.update_key_provider_user_id((sample::PROVIDER, &old), &new).await?;
    let key = app.auth.use_key_with_password((sample::PROVIDER, &new), "correct horse").await?;
    ensure_eq(&key.id.provider_user_id(), &&*new, "the key under its new name")?;
    app.auth.update_key_password((sample::PROVIDER, &new), Some("battery staple")).await?;
    let outdated = app.auth.use_key_with_password((sample::PROVIDER, &new), "correct horse").await;
    ensure_eq(&code(&outdated), &"AUTH_INVALID_PASSWORD", "the old password")?;
    app.auth.use_key_with_password((sample::PROVIDER, &new), "battery staple").await?;
    app.auth.update_key_password((sample::PROVIDER, &new), None).await?;
    let key = app.auth.use_key((sample::PROVIDER, &new)).await?;
    ensure(!key.password_defined, "a key has a password after it was removed")
}

async fn core_sign_in_failures_look_alike(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (with_password, without) = (sample::text(10), sample::text(10));
    app.auth
        .create_user(new_user().key(NewKey::with_password((sample::PROVIDER, &*with_password), "correct horse")))
        .await?;
    let user = app.auth.create_user(new_user().key(NewKey::new((sample::PROVIDER, &*without)))).await?;
    let key = sample::key(&user.id).with_hashed_password(HashedPassword::new(""));
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
        let used = match password {
            Some(password) => app.auth.use_key_with_password((sample::PROVIDER, &name), password).await,
            None => app.auth.use_key((sample::PROVIDER, &name)).await,
        };
        match used {
            Err(error) if error.is_invalid_credentials() => {}
            other => ensure(false, format!("{what}: {}", code(&other)))?,
        }
    }
    Ok(())
}

/// Every change of a key between its verification and the session that is made with it.
async fn core_sign_ins_do_not_outlive_a_change_of_password(cx: Joined) -> CaseResult {
    let app = cx.app()?;
    let (name, other) = (sample::text(10), sample::text(10));
    let key = NewKey::with_password((sample::PROVIDER, &*name), "correct horse");
    let user = app.auth.create_user(new_user().key(key)).await?;

    let verified = app.auth.use_key_with_password((sample::PROVIDER, &name), "correct horse").await?;
    let session = app.auth.create_session(NewSession::for_key(&verified)).await?;
    ensure_eq(
        &ids(&app.auth.get_all_user_sessions(&user.id).await?),
        &vec![&session.id],
        "the session of the right password",
    )?;

    app.auth.update_key_password((sample::PROVIDER, &name), Some("battery staple")).await?;
    app.auth.invalidate_all_user_sessions(&user.id).await?;
    let refused = app.auth.create_session(NewSession::for_key(&verified)).await;
    ensure_eq(&code(&refused), &"AUTH_INVALID_PASSWORD", "a session made with the old password")?;
    ensure_eq(&app.auth.get_all_user_sessions(&user.id).await?, &vec![], "the sessions after the change")?;

    let verified = app.auth.use_key_with_password((sample::PROVIDER, &name), "battery staple").await?;
    app.auth.update_key_provider_user_id((sample::PROVIDER, &name), &other).await?;
    let refused = app.auth.create_session(NewSession::for_key(&verified)).await;
    ensure_eq(&code(&refused), &"AUTH_INVALID_KEY_ID", "a session made with a renamed key")?;

    let verified = app.auth.use_key_with_password((sample::PROVIDER, &other), "battery staple").await?;
    app.auth.update_key_password((sample::PROVIDER, &other), None).await?;
    let refused = app.auth.create_session(NewSession::for_key(&verified)).await;
    ensure_eq(&code(&refused), &"AUTH_INVALID_PASSWORD", "a session made with a removed password")?;

    let verified = app.auth.use_key((sample::PROVIDER, &other)).await?;
    app.auth.delete_key((sample::PROVIDER, &other)).await?;
    let refused = app.auth.create_session(NewSession::for_key(&verified)).await;
    ensure_eq(&code(&refused), &"AUTH_INVALID_KEY_ID", "a session made with a deleted key")?;
    ensure_eq(&app.auth.get_all_user_sessions(&user.id).await?, &vec![], "the sessions of the user")
}

/// A password change and a revocation in parallel with many sign-ins with the old password.
async fn core_sign_ins_beside_a_change_of_password_are_revoked(cx: Joined) -> CaseResult {
    const SIGN_INS: usize = 20;
    let app = cx.app()?;
    let name = sample::text(10);
    let key = NewKey::with_password((sample::PROVIDER, &*name), "correct horse");
    let user = app.auth.create_user(new_user().key(key)).await?;
    let calls = (0..=SIGN_INS).map(|call| {
        let (auth, name, user_id) = (app.auth.clone(), name.clone(), user.id.clone());
        task(async move {
            if call == SIGN_INS / 2 {
                auth.update_key_password((sample::PROVIDER, &name), Some("battery staple")).await?;
                return auth.invalidate_all_user_sessions(&user_id).await;
            }
            let key = auth.use_key_with_password((sample::PROVIDER, &name), "correct horse").await?;
            auth.create_session(NewSession::for_key(&key)).await.map(drop)
        })
    });
    for done in cx.concurrently(calls).await? {
        match done {
            Err(error) if !error.is_invalid_credentials() => return Err(error.into()),
            _ => {}
        }
    }
    let alive = app.auth.get_all_user_sessions(&user.id).await?;
    ensure_eq(&alive.len(), &0, "the number of live sessions of the old password")
}
