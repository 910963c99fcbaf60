use lucia_core::{AdapterErrorKind as Kind, TokenAdapter, TokenId};

use super::steps::{Shown, WINDOW};
use crate::{
    Promise,
    case::{Case, case},
    context::Tokens,
    ensure::{CaseResult, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] =
    &[case!(counter_keys_never_alias), case!(counters_and_tokens_never_alias)];

/// Adds 1 to a counter. Returns `false` if the store rejects the key.
async fn counts(cx: &Tokens, key: &str, refusals: &[Kind]) -> CaseResult<bool> {
    let added = cx.adapter.add_to_counter(key, 1, WINDOW, cx.now()).await;
    let value = added.as_ref().map(|count| count.value).unwrap_or_default();
    let added = ensure_ok_or(added.map(|_| ()), refusals, &format!("the key {key:?}"))?;
    ensure_eq(&value, &u64::from(added), &format!("the first amount of the counter {key:?}"))?;
    Ok(added)
}

async fn counter_keys_never_alias(cx: Tokens) -> CaseResult {
    let base = sample::text(10);
    let mut keys: Vec<_> = sample::TRICKY_ENDINGS.iter().map(|ending| format!("{base}{ending}")).collect();
    keys.extend([String::new(), "..".to_owned(), format!(" {base}"), sample::text(400), sample::text(600)]);
    let similar = sample::EQUATED_ENDINGS.iter().flat_map(|(one, other)| [one, other]);
    keys.extend(similar.map(|ending| format!("{base}x{ending}")));
    keys.sort();
    keys.dedup();
    let mut refusals = vec![Kind::UnsupportedId];
    if !cx.promises(Promise::ExactIds) {
        // The key that another one equals is taken.
        refusals.push(Kind::DuplicateTokenId);
    }
    let mut counted = Vec::new();
    for key in keys {
        if counts(&cx, &key, &refusals).await? {
            counted.push(key);
        }
    }
    for key in &counted {
        cx.ensure_count(key, 1, &format!("the counter {key:?}, after all others")).await?;
    }
    Ok(())
}

async fn counters_and_tokens_never_alias(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    let refusals = [Kind::UnsupportedId, Kind::DuplicateTokenId];
    let counted = counts(&cx, token.id.as_str(), &refusals).await?;
    cx.ensure_stored(&[&token], "the token whose id is the key of a counter").await?;
    if counted {
        cx.ensure_count(token.id.as_str(), 1, "the counter whose key is the id of a token").await?;
    }

    let key = sample::text(64);
    cx.add(&key, 5).await?;
    let id = TokenId::new(&*key);
    for kind in [sample::KIND].into_iter().chain(sample::OTHER_KINDS) {
        let found = [cx.adapter.get_token(&kind, &id).await?, cx.adapter.take_token(&kind, &id).await?];
        ensure_eq(&found.iter().flatten().map(Shown).collect(), &Vec::new(), "the token with the key of a counter")?;
    }
    let mut other = cx.token();
    other.id = id;
    let stored = ensure_ok_or(cx.adapter.set_token(&other).await, &refusals, "a token with the key of a counter")?;
    cx.ensure_count(&key, 5, "the counter, after a token with its key was set").await?;
    if stored {
        cx.ensure_stored(&[&other], "the token with the key of a counter").await?;
        cx.adapter.take_token(&other.kind, &other.id).await?;
        cx.ensure_count(&key, 5, "the counter, after a token with its key was taken").await?;
    }
    Ok(())
}
