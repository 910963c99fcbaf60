use std::time::Duration;

use lucia_auth::{
    Error, NewKey, NewSession, NewToken, NewUser, TokenPurpose,
    lucia_core::{KeyUpdate, UserAdapter as _},
};

use super::{EMAIL, Issued, NEW, OLD, hash, is_invalid, key_id};

const INVITATION: TokenPurpose = TokenPurpose::new("invitation", Duration::from_secs(3_600));

/// Issues a token for Ada's key, changes something, and returns whether the token is still valid.
async fn survives(change: impl AsyncFnOnce(&Issued)) -> bool {
    let issued = Issued::new().await;
    let token = issued.for_key(INVITATION).await;
    let code = issued.tokens.issue_code(NewToken::for_key(TokenPurpose::MAGIC_LINK, EMAIL)).await.unwrap();
    change(&issued).await;
    let peeked = issued.tokens.peek(INVITATION, token.as_str()).await;
    let redeemed = issued.tokens.redeem(INVITATION, token.as_str()).await;
    let code = issued.try_code(code.as_str()).await;
    assert!(peeked.is_ok() || is_invalid(&peeked));
    assert_eq!((redeemed.is_ok(), code.is_ok()), (peeked.is_ok(), peeked.is_ok()));
    peeked.is_ok()
}

#[tokio::test]
async fn a_changed_key_voids_its_tokens() {
    assert!(survives(async |_| ()).await);
    assert!(!survives(async |issued| drop(issued.auth.update_key_password(EMAIL, Some(NEW)).await.unwrap())).await);
    assert!(!survives(async |issued| drop(issued.auth.update_key_password(EMAIL, None).await.unwrap())).await);
    assert!(
        !survives(async |issued| {
            issued.auth.update_key_provider_user_id(EMAIL, "ada@new.example").await.unwrap();
        })
        .await
    );
    assert!(!survives(async |issued| issued.auth.delete_key(EMAIL).await.unwrap()).await);
    assert!(!survives(async |issued| issued.auth.delete_user(&issued.ada).await.unwrap()).await);
    assert!(
        !survives(async |issued| {
            issued.auth.delete_key(EMAIL).await.unwrap();
            let eve = NewUser::new().id("eve").key(NewKey::with_password(EMAIL, OLD));
            issued.auth.create_user(eve).await.unwrap();
        })
        .await,
        "another user has the address now"
    );
}

/// As with `rehash_on_use`: the hash of the same password.
#[tokio::test]
async fn a_replaced_hash_voids_the_tokens_of_its_key() {
    let rehash = async |issued: &Issued| {
        let update =
            KeyUpdate::default().with_hashed_password(Some(super::HashedPassword::new("old:the old password")));
        issued.world.adapter.update_key(&key_id(), &update).await.unwrap();
    };
    assert!(!survives(rehash).await);
}

#[tokio::test]
async fn other_keys_of_the_user_do_not_matter() {
    assert!(
        survives(async |issued| {
            let key = NewKey::with_password(("username", "ada"), OLD);
            issued.auth.create_key(&issued.ada, key).await.unwrap();
            issued.auth.update_key_password(("username", "ada"), Some(NEW)).await.unwrap();
            issued.auth.delete_key(("username", "ada")).await.unwrap();
        })
        .await
    );
}

#[tokio::test]
async fn a_token_for_a_key_signs_in() {
    let issued = Issued::new().await;
    let token = issued.for_key(TokenPurpose::MAGIC_LINK).await;
    let redeemed = issued.tokens.redeem(TokenPurpose::MAGIC_LINK, token.as_str()).await.unwrap();
    let key = redeemed.key.unwrap();
    assert_eq!((key.id.clone(), key.user_id.clone()), (key_id(), issued.ada.clone()));
    issued.auth.create_session(NewSession::for_key(&key)).await.unwrap();

    issued.auth.update_key_password(EMAIL, Some(NEW)).await.unwrap();
    let late = issued.auth.create_session(NewSession::for_key(&key)).await;
    assert!(matches!(late, Err(Error::InvalidPassword)), "the password changed since the link was used");
}

#[tokio::test]
async fn a_token_for_a_key_without_a_password_is_void_once_there_is_one() {
    let issued = Issued::new().await;
    let github = ("github", "583231");
    issued.auth.create_key(&issued.ada, NewKey::new(github)).await.unwrap();
    let token = issued.tokens.issue(NewToken::for_key(INVITATION, github)).await.unwrap();
    assert!(issued.tokens.peek(INVITATION, token.as_str()).await.is_ok());
    issued.auth.update_key_password(github, Some(NEW)).await.unwrap();
    assert!(is_invalid(&issued.tokens.redeem(INVITATION, token.as_str()).await));
}

#[tokio::test]
async fn a_token_is_issued_only_for_what_it_can_be_bound_to() {
    let issued = Issued::new().await;
    issued.auth.create_key(&issued.ada, NewKey::new(("github", "583231"))).await.unwrap();
    let issue = async |token: NewToken| {
        let (link, code) = (issued.tokens.issue(token.clone()).await, issued.tokens.issue_code(token).await);
        let (link, code) = (link.unwrap_err(), code.unwrap_err());
        assert_eq!(link.code(), code.code());
        link
    };
    let reset = TokenPurpose::PASSWORD_RESET;
    for (token, code) in [
        (NewToken::for_key(INVITATION, ("email", "eve@example.com")), "AUTH_INVALID_KEY_ID"),
        (NewToken::for_key(reset, ("email", "eve@example.com")), "AUTH_INVALID_KEY_ID"),
        (NewToken::for_key(INVITATION, ("e:mail", "ada@example.com")), "AUTH_MALFORMED_KEY_ID"),
        (NewToken::new(reset, "ada"), "AUTH_INVALID_KEY_ID"),
        (NewToken::for_key(reset, ("github", "583231")), "AUTH_INVALID_PASSWORD"),
    ] {
        assert_eq!(issue(token).await.code(), code);
    }
    assert!(issued.store.rows().is_empty() && issued.store.take_calls().is_empty());
}

#[tokio::test]
async fn any_text_can_be_bound() {
    let issued = Issued::new().await;
    let long = "\u{e9}".repeat(30_000);
    for text in ["", "ada@example.com", "null", "{\"key\":{}}", "a\0b\u{1f600}\"\\\r\n", &long] {
        let token = issued.tokens.issue(NewToken::new(INVITATION, "ada").bound_to(text)).await.unwrap();
        let redeemed = issued.tokens.redeem(INVITATION, token.as_str()).await.unwrap();
        assert_eq!(redeemed.bound_to.as_deref(), Some(text));
        let code = issued.tokens.issue_code(NewToken::new(INVITATION, "ada").bound_to(text)).await.unwrap();
        let redeemed = issued.tokens.redeem_code(INVITATION, &issued.ada, code.as_str()).await.unwrap();
        assert_eq!(redeemed.bound_to.as_deref(), Some(text));
    }
    assert_eq!(issued.key().await.hashed_password, hash(OLD));
}
