use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, TokenAdapter, UnixMillis};

use super::steps::{Shown, WINDOW, at};
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens},
        case,
    },
    context::Tokens,
    ensure::{CaseResult, ensure, ensure_eq, with_sources},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(set_token_with_a_past_expiry_leaves_nothing_alive),
    case!(set_token_records_the_expiry, Needs(Promise::ExpiresRecords), Opens(Access::RecordedExpiry)),
    case!(add_to_counter_records_the_expiry, Needs(Promise::ExpiresRecords), Opens(Access::RecordedExpiry)),
];

async fn set_token_with_a_past_expiry_leaves_nothing_alive(cx: Tokens) -> CaseResult {
    let past = at(cx.now(), -1);
    for expires in [past, UnixMillis::new(500), UnixMillis::new(1), UnixMillis::EPOCH, UnixMillis::new(-1)] {
        let mut token = cx.token().with_user_id(cx.user().await?);
        token.expires = expires;
        if let Err(error) = cx.adapter.set_token(&token).await {
            let what = with_sources(&format!("an expiry of {expires} is rejected as a failure of the store"), &error);
            ensure(!matches!(error.kind(), Kind::Backend | Kind::Unavailable | Kind::Decode), what)?;
        }
        for found in
            [cx.adapter.get_token(&token.kind, &token.id).await?, cx.adapter.take_token(&token.kind, &token.id).await?]
        {
            let alive = found.filter(|found| !found.is_expired(cx.now()));
            ensure_eq(&alive.as_ref().map(Shown), &None, &format!("a token that expired at {expires}"))?;
        }
    }
    Ok(())
}

/// Checks that the store keeps a record until it expires, and not much longer.
fn ensure_recorded(expires: UnixMillis, recorded: Option<UnixMillis>, what: &str) -> CaseResult {
    const GRACE: Duration = Duration::from_secs(60);
    let holds = recorded.is_some_and(|recorded| (expires..=expires.saturating_add(GRACE)).contains(&recorded));
    ensure(holds, format!("{what} expires at {expires}, but the store drops it at {recorded:?}"))
}

async fn set_token_records_the_expiry(cx: Tokens) -> CaseResult {
    let user_id = cx.user().await?;
    for (hours, millis) in [(1, 1), (48, 999), (2, 500), (24 * 365, 0)] {
        let mut token = cx.token().with_user_id(user_id.clone());
        token.expires = cx.now().saturating_add(Duration::from_millis(hours * 3_600_000 + millis));
        cx.adapter.set_token(&token).await?;
        ensure_recorded(token.expires, cx.door()?.recorded_token_expiry(&token.id).await?, "a token")?;
    }
    Ok(())
}

async fn add_to_counter_records_the_expiry(cx: Tokens) -> CaseResult {
    let key = sample::text(20);
    let count = cx.add(&key, 1).await?;
    ensure_recorded(count.expires, cx.door()?.recorded_counter_expiry(&key).await?, "a counter")?;
    for by in [2, -3, 1] {
        cx.adapter.add_to_counter(&key, by, 10 * WINDOW, cx.now()).await?;
        let recorded = cx.door()?.recorded_counter_expiry(&key).await?;
        ensure_recorded(count.expires, recorded, &format!("a counter to which {by} was added"))?;
    }
    Ok(())
}
