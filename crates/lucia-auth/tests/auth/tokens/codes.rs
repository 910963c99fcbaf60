use std::time::Duration;

use lucia_auth::{NewToken, NewUser, Throttle, ThrottleKey, TokenPurpose, Tokens, UserId, memory::MemoryAdapter};

use super::{EMAIL, Issued, is_invalid, winners, wrong};
use crate::support::NOW;

const MAGIC_LINK: TokenPurpose = TokenPurpose::MAGIC_LINK;

#[tokio::test]
async fn a_code_is_redeemed_once() {
    let issued = Issued::new().await;
    let new = NewToken::for_key(MAGIC_LINK, EMAIL).bound_to("ada@example.com");
    let code = issued.tokens.issue_code(new).await.unwrap();
    let redeemed = issued.tokens.redeem_code(MAGIC_LINK, &issued.ada, code.as_str()).await.unwrap();
    assert_eq!((redeemed.user_id, redeemed.bound_to.as_deref()), (issued.ada.clone(), Some("ada@example.com")));
    assert_eq!(redeemed.key.unwrap().id, super::key_id());
    assert!(is_invalid(&issued.try_code(code.as_str()).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_five_parallel_redeems_one_succeeds() {
    let issued = Issued::new().await;
    for _ in 0..20 {
        let code = issued.code().await;
        let redeem = || {
            let (tokens, ada, code) = (issued.tokens.clone(), issued.ada.clone(), code.clone());
            async move { tokens.redeem_code(MAGIC_LINK, &ada, code.as_str()).await }
        };
        assert_eq!(winners(5, redeem).await, 1);
        // The four that came late count as wrong.
        issued.world.clock.advance(Duration::from_secs(25 * 3_600));
    }
}

#[tokio::test]
async fn a_code_is_valid_for_ten_minutes_or_as_long_as_is_set() {
    let issued = Issued::new().await;
    let brief = TokenPurpose::new("brief", Duration::from_secs(60));
    let day = Duration::from_secs(86_400);
    for (new, seconds) in [
        (NewToken::new(MAGIC_LINK, "ada"), 600),
        (NewToken::new(TokenPurpose::EMAIL_VERIFICATION, "ada"), 600),
        (NewToken::new(brief, "ada"), 60),
        (NewToken::new(MAGIC_LINK, "ada").lifetime(day), 86_400),
    ] {
        issued.world.clock.set(NOW);
        issued.tokens.issue_code(new).await.unwrap();
        let row = issued.store.rows().pop().unwrap();
        assert_eq!(row.expires, NOW.saturating_add(Duration::from_secs(seconds)));
    }
    issued.world.clock.set(NOW);
    let code = issued.code().await;
    issued.world.clock.set(NOW.saturating_add(Duration::from_millis(600_001)));
    assert!(is_invalid(&issued.try_code(code.as_str()).await));
    issued.world.clock.set(NOW.saturating_add(Duration::from_millis(600_000)));
    issued.try_code(code.as_str()).await.unwrap();
}

#[tokio::test]
async fn a_code_is_valid_for_one_user_and_one_purpose() {
    let issued = Issued::new().await;
    let eve = issued.auth.create_user(NewUser::new().id("eve")).await.unwrap().id;
    let code = issued.code().await;
    let verification = TokenPurpose::EMAIL_VERIFICATION;
    for (purpose, user) in [(MAGIC_LINK, &eve), (verification, &issued.ada), (MAGIC_LINK, &UserId::new("nobody"))] {
        assert!(is_invalid(&issued.tokens.redeem_code(purpose, user, code.as_str()).await));
    }
    issued.try_code(code.as_str()).await.unwrap();
}

#[tokio::test]
async fn a_new_code_voids_the_older_code_and_link_and_the_reverse() {
    let issued = Issued::new().await;
    let (link, older) = (issued.link(MAGIC_LINK).await, issued.code().await);
    assert!(is_invalid(&issued.tokens.redeem(MAGIC_LINK, link.as_str()).await));
    let newer = loop {
        let newer = issued.code().await;
        if newer != older {
            break newer;
        }
    };
    assert!(is_invalid(&issued.try_code(older.as_str()).await));
    issued.try_code(newer.as_str()).await.unwrap();

    let code = issued.code().await;
    let link = issued.link(MAGIC_LINK).await;
    assert!(is_invalid(&issued.try_code(code.as_str()).await));
    issued.tokens.redeem(MAGIC_LINK, link.as_str()).await.unwrap();
}

/// A thief of the store tries all codes, as the library does.
#[tokio::test]
async fn a_code_is_hashed_under_the_key_of_the_throttle_if_there_is_one() {
    let issued = Issued::new().await;
    let tokens = |key| {
        let throttle = Throttle::new(MemoryAdapter::new(), ThrottleKey::from_bytes([key; 32]));
        Tokens::new(issued.world.builder().throttle(throttle).build().unwrap(), issued.store.clone())
    };
    let code = tokens(1).issue_code(NewToken::new(MAGIC_LINK, "ada")).await.unwrap();
    let (ada, code) = (&issued.ada, code.as_str());
    for without_the_key in [tokens(2), issued.tokens.clone()] {
        assert!(is_invalid(&without_the_key.redeem_code(MAGIC_LINK, ada, code).await));
    }
    let counters = issued.store.counters().into_iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(counters.len(), 4, "the counters differ too");
    tokens(1).redeem_code(MAGIC_LINK, ada, code).await.unwrap();
}

#[tokio::test]
async fn a_code_is_not_the_token_of_a_link() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    let id = issued.store.rows()[0].id.clone();
    for text in [code.as_str(), id.as_str(), &id.as_str()[..43]] {
        assert!(is_invalid(&issued.tokens.redeem(MAGIC_LINK, text).await));
    }
    issued.try_code(code.as_str()).await.unwrap();
    assert_ne!(wrong(&code), code.as_str());
}
