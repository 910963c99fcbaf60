use lucia_core::{TokenAdapter, TokenSchema};

use super::steps::Shown;
use crate::{
    case::{Case, case},
    context::{Tokens, pause, task},
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(take_token_returns_the_token_once),
    case!(take_token_of_an_unknown_id_is_none),
    case!(take_token_of_another_kind_takes_nothing),
    case!(parallel_take_token_has_one_winner),
    case!(take_token_frees_its_id),
];

async fn take_token_returns_the_token_once(cx: Tokens) -> CaseResult {
    let other = cx.stored().await?;
    for token in [cx.stored().await?, cx.stored().await?] {
        let taken = cx.adapter.take_token(&token.kind, &token.id).await?;
        ensure_eq(&taken.as_ref().map(Shown), &Some(Shown(&token)), "the token that was taken")?;
        cx.ensure_gone(&[&token], "a token that was taken").await?;
    }
    let plain = cx.token();
    cx.adapter.set_token(&plain).await?;
    let taken = cx.adapter.take_token(&plain.kind, &plain.id).await?;
    ensure_eq(&taken.as_ref().map(Shown), &Some(Shown(&plain)), "the token without a user that was taken")?;
    cx.ensure_gone(&[&plain], "a token without a user that was taken").await?;
    cx.ensure_stored(&[&other], "another token").await
}

async fn take_token_of_an_unknown_id_is_none(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    for id in [sample::token_id(), "".into(), "*".into(), "%".into(), token.id.as_str()[1..].into()] {
        let taken = cx.adapter.take_token(&token.kind, &id).await?;
        ensure_eq(&taken.as_ref().map(Shown), &None, &format!("the token of {:?}", id.as_str()))?;
    }
    cx.ensure_stored(&[&token], "a token that was not taken").await
}

async fn take_token_of_another_kind_takes_nothing(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    for kind in sample::OTHER_KINDS {
        let taken = cx.adapter.take_token(&kind, &token.id).await?;
        ensure_eq(&taken.as_ref().map(Shown), &None, &format!("a token of kind {}, taken as {kind}", token.kind))?;
        cx.ensure_stored(&[&token], &format!("the token, after it was taken as {kind}")).await?;
        let other = TokenSchema { id: sample::token_id(), kind, ..token.clone() };
        cx.adapter.set_token(&other).await?;
        let taken = cx.adapter.take_token(&token.kind, &other.id).await?;
        let what = format!("a token of kind {}, taken as {}", other.kind, token.kind);
        ensure_eq(&taken.as_ref().map(Shown), &None, &what)?;
        cx.ensure_stored(&[&other], &what).await?;
    }
    let taken = cx.adapter.take_token(&token.kind, &token.id).await?;
    ensure_eq(&taken.as_ref().map(Shown), &Some(Shown(&token)), "the token by its own kind")
}

async fn parallel_take_token_has_one_winner(cx: Tokens) -> CaseResult {
    const TAKERS: usize = 50;
    let [other_kind, ..] = sample::OTHER_KINDS;
    for lag in 1..5 {
        let token = cx.stored().await?;
        let tasks = (0..TAKERS).map(|index| {
            let (adapter, id) = (cx.adapter(), token.id.clone());
            let kind = if index % 10 == 3 { other_kind.clone() } else { token.kind.clone() };
            task(async move {
                pause(index % lag).await;
                adapter.take_token(&kind, &id).await
            })
        });
        let mut taken = Vec::new();
        for outcome in cx.concurrently(tasks).await? {
            taken.extend(outcome?);
        }
        ensure(taken.len() == 1, format!("{} of {TAKERS} parallel calls took the token", taken.len()))?;
        ensure_eq(&taken.first().map(Shown), &Some(Shown(&token)), "the token that one of them took")?;
        cx.ensure_gone(&[&token], "the token that one of them took").await?;
    }
    Ok(())
}

async fn take_token_frees_its_id(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    cx.adapter.take_token(&token.kind, &token.id).await?;
    let mut theirs = cx.token().with_user_id(cx.user().await?);
    theirs.id = token.id.clone();
    cx.adapter.set_token(&theirs).await?;
    cx.ensure_stored(&[&theirs], "the token of the user who has the id now").await?;
    if let Some(user_id) = &token.user_id {
        cx.adapter.delete_tokens(None, user_id).await?;
    }
    cx.ensure_stored(&[&theirs], "the same, after the tokens of the first user were deleted").await
}
