use std::time::Duration;

use lucia_core::{TokenAdapter, TokenSchema, UnixMillis};

use super::steps::at;
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::Tokens,
    ensure::{CaseResult, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(delete_expired_tokens_deletes_only_expired_ones, Without(Promise::ExpiresRecords)),
    case!(delete_expired_tokens_stops_at_the_limit, Without(Promise::ExpiresRecords)),
    case!(delete_expired_tokens_leaves_it_to_the_store, Needs(Promise::ExpiresRecords)),
];

/// Stores a token, with a user or without one, that expires at this time.
async fn expiring(cx: &Tokens, expires: UnixMillis, with_user: bool) -> CaseResult<TokenSchema> {
    let mut token = if with_user { cx.token().with_user_id(cx.user().await?) } else { cx.token() };
    token.expires = expires;
    cx.adapter.set_token(&token).await?;
    Ok(token)
}

/// Opens a counter that expires at this time, and returns its key.
async fn counting(cx: &Tokens, expires: UnixMillis) -> CaseResult<String> {
    let (now, key) = (cx.now(), sample::text(20));
    cx.adapter.add_to_counter(&key, 2, expires.saturating_duration_since(now), now).await?;
    Ok(key)
}

fn soon(cx: &Tokens) -> UnixMillis {
    cx.now().saturating_add(Duration::from_secs(3_600))
}

async fn delete_expired_tokens_deletes_only_expired_ones(cx: Tokens) -> CaseResult {
    let now = soon(&cx);
    let (mut dead, mut alive, mut counters) = (Vec::new(), Vec::new(), Vec::new());
    for (after, with_user) in [(-1, true), (-1_000, false), (-2, false)] {
        dead.push(expiring(&cx, at(now, after), with_user).await?);
        counting(&cx, at(now, after)).await?;
    }
    for (after, with_user) in [(0, true), (1, false), (1_000, true)] {
        alive.push(expiring(&cx, at(now, after), with_user).await?);
        counters.push(counting(&cx, at(now, after)).await?);
    }
    ensure_eq(&cx.adapter.delete_expired_tokens(now, 100).await?, &6, "how many tokens and counters were deleted")?;
    cx.ensure_gone(&dead.iter().collect::<Vec<_>>(), "an expired token").await?;
    cx.ensure_stored(&alive.iter().collect::<Vec<_>>(), "a token that has not expired").await?;
    for key in &counters {
        ensure_eq(&cx.add_at(key, 0, now).await?.value, &2, "a counter that has not expired")?;
    }
    ensure_eq(&cx.adapter.delete_expired_tokens(now, 100).await?, &0, "how many were left to delete")
}

async fn delete_expired_tokens_stops_at_the_limit(cx: Tokens) -> CaseResult {
    let now = soon(&cx);
    for after in -3..0 {
        expiring(&cx, at(now, after), after == -2).await?;
        counting(&cx, at(now, after)).await?;
    }
    let (alive, counter) = (expiring(&cx, now, true).await?, counting(&cx, now).await?);
    for expected in [4, 2, 0] {
        ensure_eq(&cx.adapter.delete_expired_tokens(now, 4).await?, &expected, "how many of at most 4 were deleted")?;
    }
    ensure_eq(&cx.adapter.delete_expired_tokens(now, 0).await?, &0, "how many of at most 0 were deleted")?;
    expiring(&cx, at(now, -1), false).await?;
    ensure_eq(&cx.adapter.delete_expired_tokens(now, 0).await?, &0, "how many of at most 0 were deleted")?;
    let all = cx.adapter.delete_expired_tokens(now, usize::MAX).await?;
    ensure_eq(&all, &1, "how many were deleted without a limit")?;
    cx.ensure_stored(&[&alive], "a token that has not expired").await?;
    ensure_eq(&cx.add_at(&counter, 0, now).await?.value, &2, "a counter that has not expired")
}

async fn delete_expired_tokens_leaves_it_to_the_store(cx: Tokens) -> CaseResult {
    let now = cx.now();
    let tokens = [expiring(&cx, at(now, 3_600_000), true).await?, expiring(&cx, at(now, 7_200_000), false).await?];
    let key = counting(&cx, at(now, 3_600_000)).await?;
    let later = at(now, 5_400_000);
    for (now, limit) in [(now, 100), (later, 100), (later, 0)] {
        ensure_eq(&cx.adapter.delete_expired_tokens(now, limit).await?, &0, "how many were deleted")?;
    }
    cx.ensure_stored(&tokens.iter().collect::<Vec<_>>(), "a token that has not expired").await?;
    cx.ensure_count(&key, 2, "a counter that has not expired").await
}
