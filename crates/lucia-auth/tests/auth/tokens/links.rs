use std::time::Duration;

use lucia_auth::{
    Error, NewToken, NewUser, TokenPurpose, UnixMillis,
    lucia_core::{AdapterErrorKind, TokenAdapter as _, TokenKind, TokenSchema},
};

use super::{EMAIL, Issued, is_invalid, winners};
use crate::support::NOW;

const INVITATION: TokenPurpose = TokenPurpose::new("invitation", Duration::from_secs(3_600));

#[tokio::test]
async fn a_token_is_redeemed_once() {
    let issued = Issued::new().await;
    let token = issued.link(INVITATION).await;
    let redeemed = issued.tokens.redeem(INVITATION, token.as_str()).await.unwrap();
    assert_eq!((redeemed.user_id, redeemed.key, redeemed.bound_to), (issued.ada.clone(), None, None));
    assert!(is_invalid(&issued.tokens.redeem(INVITATION, token.as_str()).await));
    assert!(is_invalid(&issued.tokens.peek(INVITATION, token.as_str()).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_redeems_one_succeeds() {
    let issued = Issued::new().await;
    for _ in 0..20 {
        let token = issued.link(INVITATION).await;
        let redeem = || {
            let (tokens, token) = (issued.tokens.clone(), token.clone());
            async move { tokens.redeem(INVITATION, token.as_str()).await }
        };
        assert_eq!(winners(50, redeem).await, 1);
    }
}

#[tokio::test]
async fn a_page_that_peeks_leaves_the_token() {
    let issued = Issued::new().await;
    let new = NewToken::for_key(INVITATION, EMAIL).bound_to("ada@example.com");
    let token = issued.tokens.issue(new).await.unwrap();
    for _ in 0..10 {
        let info = issued.tokens.peek(INVITATION, token.as_str()).await.unwrap();
        assert_eq!(info.user_id, issued.ada);
        assert_eq!(info.key_id, Some(super::key_id()));
        assert_eq!(info.bound_to.as_deref(), Some("ada@example.com"));
        assert_eq!(info.expires_at, NOW.saturating_add(Duration::from_secs(3_600)));
    }
    assert!(is_invalid(&issued.tokens.peek(TokenPurpose::MAGIC_LINK, token.as_str()).await));
    assert!(issued.tokens.redeem(INVITATION, token.as_str()).await.is_ok());
}

#[tokio::test]
async fn issuing_voids_the_older_tokens_of_the_user_and_the_purpose() {
    let issued = Issued::new().await;
    let eve = issued.auth.create_user(NewUser::new().id("eve")).await.unwrap().id;
    let older = issued.link(INVITATION).await;
    let other_purpose = issued.link(TokenPurpose::MAGIC_LINK).await;
    let other_user = issued.tokens.issue(NewToken::new(INVITATION, eve.clone())).await.unwrap();
    let newer = issued.link(INVITATION).await;
    assert!(is_invalid(&issued.tokens.redeem(INVITATION, older.as_str()).await));
    for (purpose, token, user) in [
        (INVITATION, newer, &issued.ada),
        (TokenPurpose::MAGIC_LINK, other_purpose, &issued.ada),
        (INVITATION, other_user, &eve),
    ] {
        assert_eq!(issued.tokens.redeem(purpose, token.as_str()).await.unwrap().user_id, *user);
    }
}

#[tokio::test]
async fn a_token_of_another_purpose_is_invalid_and_stays() {
    let issued = Issued::new().await;
    let similar = TokenPurpose::new("invitations", Duration::from_secs(3_600));
    let token = issued.link(INVITATION).await;
    for purpose in [similar, TokenPurpose::MAGIC_LINK, TokenPurpose::PASSWORD_RESET] {
        assert!(is_invalid(&issued.tokens.redeem(purpose, token.as_str()).await));
        assert!(is_invalid(&issued.tokens.peek(purpose, token.as_str()).await));
    }
    assert!(is_invalid(&issued.tokens.reset_password(token.as_str(), "correct horse").await));
    assert!(issued.tokens.redeem(INVITATION, token.as_str()).await.is_ok());
}

#[tokio::test]
async fn a_token_is_valid_until_its_last_millisecond() {
    let issued = Issued::new().await;
    for (purpose, minutes) in [
        (TokenPurpose::EMAIL_VERIFICATION, 24 * 60),
        (TokenPurpose::PASSWORD_RESET, 30),
        (TokenPurpose::MAGIC_LINK, 15),
        (INVITATION, 60),
    ] {
        let lifetime = Duration::from_secs(minutes * 60);
        assert_eq!(purpose.lifetime(), lifetime);
        issued.world.clock.set(NOW);
        let token = issued.for_key(purpose).await;
        issued.world.clock.set(NOW.saturating_add(lifetime + Duration::from_millis(1)));
        assert!(is_invalid(&issued.tokens.redeem(purpose, token.as_str()).await));
        assert!(is_invalid(&issued.tokens.peek(purpose, token.as_str()).await));
        // A clock that was ahead for a moment has not used it up.
        issued.world.clock.set(NOW.saturating_add(lifetime));
        assert!(issued.tokens.redeem(purpose, token.as_str()).await.is_ok());
    }
}

#[tokio::test]
async fn lifetimes_are_set_for_each_token() {
    let issued = Issued::new().await;
    let with = |lifetime| NewToken::new(INVITATION, "ada").lifetime(lifetime);
    let at_once = issued.tokens.issue(with(Duration::ZERO)).await.unwrap();
    assert!(issued.tokens.peek(INVITATION, at_once.as_str()).await.is_ok());
    issued.world.clock.advance(Duration::from_millis(1));
    assert!(is_invalid(&issued.tokens.peek(INVITATION, at_once.as_str()).await));
    let forever = issued.tokens.issue(with(Duration::MAX)).await.unwrap();
    issued.world.clock.set(UnixMillis::MAX);
    assert!(issued.tokens.redeem(INVITATION, forever.as_str()).await.is_ok());
}

#[tokio::test]
async fn the_store_holds_only_hashes() {
    let issued = Issued::new().await;
    let link = issued.for_key(TokenPurpose::PASSWORD_RESET).await;
    let code = issued.code().await;
    let again = issued.code().await;
    let rows = issued.store.rows();
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let text = format!("{} {} {}", row.id.as_str(), row.kind, row.data);
        for secret in [link.as_str(), "plain:", super::OLD] {
            assert!(!text.contains(secret), "{text}");
        }
        assert_eq!(row.id.as_str().len(), 64);
    }
    assert!(!rows[1].data.contains(code.as_str()) && !rows[1].id.as_str().contains(code.as_str()));
    assert_eq!(rows[1].id, rows[2].id, "a user has one code of a purpose");
    assert_ne!(rows[1].data, rows[2].data, "and each has its own salt: {code:?} {again:?}");
}

#[tokio::test]
async fn the_id_of_a_stored_token_is_not_accepted() {
    let issued = Issued::new().await;
    issued.link(INVITATION).await;
    let id = issued.store.rows()[0].id.clone();
    for text in [id.as_str(), &id.as_str()[..43], &id.as_str().to_uppercase()[..43]] {
        assert!(is_invalid(&issued.tokens.redeem(INVITATION, text).await));
    }
}

#[tokio::test]
async fn all_tokens_of_a_user_are_deleted_together() {
    let issued = Issued::new().await;
    let eve = issued.tokens.issue(NewToken::new(INVITATION, "eve")).await.unwrap();
    let (link, reset, code) =
        (issued.link(INVITATION).await, issued.for_key(TokenPurpose::PASSWORD_RESET).await, issued.code().await);
    issued.tokens.delete_user_tokens(&issued.ada).await.unwrap();
    assert!(is_invalid(&issued.tokens.redeem(INVITATION, link.as_str()).await));
    assert!(is_invalid(&issued.tokens.peek(TokenPurpose::PASSWORD_RESET, reset.as_str()).await));
    assert!(is_invalid(&issued.try_code(code.as_str()).await));
    assert!(issued.tokens.redeem(INVITATION, eve.as_str()).await.is_ok());
}

#[tokio::test]
async fn expired_tokens_are_deleted_in_batches() {
    let issued = Issued::new().await;
    let kind = TokenKind::from_static("invitation");
    for index in 0..1_001 {
        let row = TokenSchema::new(format!("t{index}"), kind.clone(), NOW);
        issued.store.store().set_token(&row).await.unwrap();
    }
    let live = issued.link(INVITATION).await;
    issued.world.clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(issued.tokens.delete_expired_tokens().await.unwrap(), 0);
    issued.world.clock.advance(Duration::from_millis(1));
    issued.store.take_calls();
    assert_eq!(issued.tokens.delete_expired_tokens().await.unwrap(), 1_001);
    assert_eq!(issued.store.take_calls(), ["delete_expired_tokens"; 3]);
    assert!(issued.tokens.redeem(INVITATION, live.as_str()).await.is_ok());
}

/// The application, or another program, may use the same kind for rows of its own.
#[tokio::test]
async fn a_row_of_another_format_is_an_error_and_not_an_invalid_token() {
    let issued = Issued::new().await;
    let token = issued.link(INVITATION).await;
    let mut row = issued.store.rows().remove(0);
    for (user, data) in [(Some("ada"), ""), (Some("ada"), "ada@example.com"), (None, "{}")] {
        issued.store.store().take_token(&row.kind, &row.id).await.unwrap();
        row.user_id = user.map(Into::into);
        row.data = data.to_owned();
        issued.store.store().set_token(&row).await.unwrap();
        let error = issued.tokens.redeem(INVITATION, token.as_str()).await.unwrap_err();
        let Error::Adapter(error) = error else { panic!("{error:?}") };
        assert_eq!(error.kind(), AdapterErrorKind::Decode);
        assert!(issued.store.store().get_token(&row.kind, &row.id).await.unwrap().is_some());
    }
}
