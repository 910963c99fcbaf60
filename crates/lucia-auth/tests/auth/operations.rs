//! Errors of an adapter name the method that failed.

use std::collections::BTreeSet;

use lucia_auth::{Auth, Error, NewKey, NewSession, NewUser, Session, UserId};

use crate::support::{DAY, World};

/// Calls the methods of `Auth` that use its adapter, and returns the errors. `lean` checks users only at renewals; `id`
/// names a user and their key.
async fn call_all(world: &World, [auth, lean]: [&Auth; 2], id: &str, live: &[Session]) -> Vec<Error> {
    let (user, key) = (UserId::from(id), ("username", id));
    let password = |name: &'static str| NewKey::with_password((name, id), "correct horse");
    let [first, second] = live else { panic!("two sessions") };
    let cookies = format!("auth_session={}; auth_session={}", second.token.as_str(), first.token.as_str());
    let request = http::Request::get("https://example.com/").header("cookie", cookies).body(()).unwrap();
    let mut errors = vec![
        auth.create_user(NewUser::new().key(password("new"))).await.err(),
        auth.get_user(&user).await.err(),
        auth.update_user_attributes(&user, &serde_json::json!({})).await.err(),
        auth.create_key(&user, password("github")).await.err(),
        auth.get_key(key).await.err(),
        auth.get_all_user_keys(&user).await.err(),
        auth.use_key_with_password(key, "correct horse").await.err(),
        auth.update_key_password(key, Some("battery staple")).await.err(),
        auth.update_key_provider_user_id(("username", id), &format!("{id}-renamed")).await.err(),
        auth.delete_key(("username", id)).await.err(),
        auth.create_session(NewSession::new(user.clone())).await.err(),
        auth.get_session(&first.token).await.err(),
        auth.handle_request(&request).validate().await.err(),
        lean.get_session(&first.token).await.err(),
        lean.handle_request(&request).validate().await.err(),
        auth.get_all_user_sessions(&user).await.err(),
        auth.rotate_session(&second.id).await.err(),
    ];
    world.clock.advance(2 * DAY);
    errors.extend([
        auth.validate_session(&first.token).await.err(),
        auth.invalidate_other_user_sessions(&user, &first.id).await.err(),
        auth.invalidate_session(&first.id).await.err(),
        auth.delete_expired_user_sessions(&user).await.err(),
        auth.delete_expired_sessions().await.err(),
        auth.invalidate_all_user_sessions(&user).await.err(),
        auth.delete_user(&user).await.err(),
    ]);
    errors.into_iter().flatten().collect()
}

/// Signs a user up and in twice, fails `method`, and returns the errors and the called methods.
async fn outcome(method: Option<&'static str>) -> (Vec<Error>, BTreeSet<&'static str>) {
    let world = World::new();
    let auth = world.builder().session_created_at("created_at").max_sessions_per_user(10).build().unwrap();
    let key = NewKey::with_password(("username", "u1"), "correct horse");
    let user = auth.create_user(NewUser::new().id("u1").key(key)).await.unwrap().id;
    let mut live = Vec::new();
    for _ in 0..2 {
        live.push(auth.create_session(NewSession::new(user.clone())).await.unwrap());
    }
    world.adapter.take_calls();
    world.adapter.fail(method);
    let lean = world.builder().check_users_only_at_renewal().build().unwrap();
    let errors = call_all(&world, [&auth, &lean], "u1", &live).await;
    (errors, world.adapter.take_calls().into_iter().collect())
}

#[tokio::test]
async fn every_error_of_an_adapter_names_the_called_method() {
    let (errors, called) = outcome(None).await;
    assert!(errors.is_empty(), "{errors:?}");
    let methods = include_str!("../../src/adapter/named_adapter.rs").lines().filter_map(|line| {
        let signature = line.strip_prefix("    pub(crate) async fn ")?;
        signature.split('(').next()
    });
    assert_eq!(called, methods.collect(), "the methods that `Auth` calls");
    for method in called {
        let (errors, _) = outcome(Some(method)).await;
        let named = |error: &Error| matches!(error, Error::Adapter(error) if error.operation() == Some(method));
        assert!(errors.iter().any(named), "{method}: {errors:?}");
        for error in &errors {
            assert!(!matches!(error, Error::Adapter(error) if error.operation() != Some(method)), "{error:?}");
        }
    }
}
