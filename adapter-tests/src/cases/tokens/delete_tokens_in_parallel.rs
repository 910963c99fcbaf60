use lucia_core::{TokenAdapter, TokenSchema};

use crate::{
    case::{Case, case},
    context::{Tokens, pause, task},
    ensure::CaseResult,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(delete_tokens_deletes_what_was_set_in_parallel),
    case!(delete_tokens_misses_none_set_in_parallel),
    case!(delete_tokens_deletes_more_than_a_page),
];

fn all(tokens: &[TokenSchema]) -> Vec<&TokenSchema> {
    tokens.iter().collect()
}

async fn delete_tokens_deletes_what_was_set_in_parallel(cx: Tokens) -> CaseResult {
    let user_id = cx.user().await?;
    let tokens = cx.store_tokens(&user_id, 20).await?;
    cx.ensure_stored(&all(&tokens), "20 tokens set in parallel").await?;
    cx.adapter.delete_tokens(None, &user_id).await?;
    cx.ensure_gone(&all(&tokens), "a token of 20 set in parallel").await
}

async fn delete_tokens_misses_none_set_in_parallel(cx: Tokens) -> CaseResult {
    for lag in 0..12 {
        let user_id = cx.user().await?;
        let before = cx.store_tokens(&user_id, 2).await?;
        let meanwhile: Vec<_> = (0..6).map(|_| cx.token().with_user_id(user_id.clone())).collect();
        let sets = meanwhile.iter().cloned().enumerate().map(|(index, token)| {
            let adapter = cx.adapter();
            task(async move {
                pause(index).await;
                adapter.set_token(&token).await
            })
        });
        let (adapter, deleted) = (cx.adapter(), user_id.clone());
        let delete = task(async move {
            pause(lag).await;
            adapter.delete_tokens(None, &deleted).await
        });
        for outcome in cx.concurrently(sets.chain([delete])).await? {
            outcome?;
        }
        cx.ensure_gone(&all(&before), "a token that was set before all were deleted").await?;
        cx.adapter.delete_tokens(None, &user_id).await?;
        cx.ensure_gone(&all(&meanwhile), "a token set in parallel, after a second deletion").await?;
    }
    Ok(())
}

async fn delete_tokens_deletes_more_than_a_page(cx: Tokens) -> CaseResult {
    let user_id = cx.user().await?;
    let tokens = cx.store_tokens(&user_id, cx.more_than_a_page()).await?;
    cx.adapter.delete_tokens(None, &user_id).await?;
    cx.ensure_gone(&all(&tokens), &format!("a token of {}", tokens.len())).await
}
