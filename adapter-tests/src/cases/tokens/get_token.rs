use std::time::Duration;

use lucia_core::{TokenAdapter, TokenId, TokenSchema};

use super::steps::Shown;
use crate::{
    case::{Case, case},
    context::Tokens,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(get_token_returns_the_stored_row),
    case!(get_token_of_an_unknown_id_is_none),
    case!(get_token_of_another_kind_is_none),
    case!(get_token_shows_a_token_until_its_last_millisecond),
];

async fn get_token_returns_the_stored_row(cx: Tokens) -> CaseResult {
    let (user_id, other) = (cx.user().await?, cx.user().await?);
    let mut tokens = vec![
        cx.token(),
        cx.token().with_data(""),
        cx.token().with_user_id(user_id.clone()),
        cx.token().with_user_id(user_id.clone()).with_data("ada@example.com"),
        cx.token().with_user_id(other).with_data("ada@example.com"),
    ];
    for kind in sample::OTHER_KINDS {
        let mut token = cx.token().with_user_id(user_id.clone());
        token.kind = kind;
        tokens.push(token);
    }
    for token in &tokens {
        cx.adapter.set_token(token).await?;
    }
    let tokens: Vec<_> = tokens.iter().collect();
    cx.ensure_stored(&tokens, "a token").await?;
    cx.ensure_stored(&tokens, "a token that was read before").await
}

async fn get_token_of_an_unknown_id_is_none(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    for id in [sample::token_id(), "".into(), "*".into(), "%".into(), TokenId::new(&token.id.as_str()[1..])] {
        let found = cx.adapter.get_token(&token.kind, &id).await?;
        ensure_eq(&found.as_ref().map(Shown), &None, &format!("the token of {:?}", id.as_str()))?;
    }
    Ok(())
}

async fn get_token_of_another_kind_is_none(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    for kind in sample::OTHER_KINDS {
        let found = cx.adapter.get_token(&kind, &token.id).await?;
        ensure_eq(&found.as_ref().map(Shown), &None, &format!("a token of kind {}, read as {kind}", token.kind))?;
        let other = TokenSchema { id: sample::token_id(), kind, ..token.clone() };
        cx.adapter.set_token(&other).await?;
        let found = cx.adapter.get_token(&token.kind, &other.id).await?;
        let what = format!("a token of kind {}, read as {}", other.kind, token.kind);
        ensure_eq(&found.as_ref().map(Shown), &None, &what)?;
    }
    cx.ensure_stored(&[&token], "the token by its own kind").await
}

async fn get_token_shows_a_token_until_its_last_millisecond(cx: Tokens) -> CaseResult {
    const ATTEMPTS: usize = 5;
    for ahead in [100, 250, 400, 550, 700, 900].map(Duration::from_millis) {
        for attempt in 1..=ATTEMPTS {
            let mut token = cx.token();
            token.expires = cx.now().saturating_add(ahead);
            cx.adapter.set_token(&token).await?;
            let found = cx.adapter.get_token(&token.kind, &token.id).await?;
            if !token.is_expired(cx.now()) {
                let what = format!("a token that is valid for {ahead:?}");
                ensure_eq(&found.as_ref().map(Shown), &Some(Shown(&token)), &what)?;
                break;
            }
            // The store took longer than the token was valid, so this round shows nothing.
            let patience = attempt < ATTEMPTS || ahead < Duration::from_millis(900);
            ensure(patience, "the store takes longer than 900 ms to store a token and read it")?;
        }
    }
    Ok(())
}
