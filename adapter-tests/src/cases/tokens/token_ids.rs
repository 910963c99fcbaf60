use lucia_core::{AdapterErrorKind as Kind, TokenAdapter, TokenId, TokenSchema};

use super::steps::Shown;
use crate::{
    Access, Promise,
    case::{
        Case,
        Requirement::{Needs, Opens, Without},
        case,
    },
    context::Tokens,
    ensure::{CaseError, CaseResult, ensure, ensure_eq, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(token_ids_never_alias),
    case!(token_ids_are_compared_exactly, Needs(Promise::ExactIds)),
    case!(token_ids_that_the_store_equates_are_not_mixed, Without(Promise::ExactIds)),
    case!(tokens_of_two_stores_are_isolated, Opens(Access::Neighbours)),
];

fn with_id(cx: &Tokens, id: impl Into<TokenId>) -> TokenSchema {
    let mut token = cx.token();
    token.id = id.into();
    token
}

async fn token_ids_never_alias(cx: Tokens) -> CaseResult {
    let base = sample::text(10);
    let ids = sample::TRICKY_ENDINGS.iter().map(|ending| format!("{base}{ending}"));
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for id in ids.chain([String::new(), "..".to_owned(), format!(" {base}"), sample::text(400), sample::text(600)]) {
        let token = with_id(&cx, id.clone());
        let found = cx.adapter.get_token(&token.kind, &token.id).await?;
        ensure(found.is_none(), format!("an id reads a token before it is set: {id:?}"))?;
        let refusals = cx.refusals(Kind::DuplicateTokenId);
        let stored_it = ensure_ok_or(cx.adapter.set_token(&token).await, &refusals, &format!("{id:?}"))?;
        if stored_it { stored.push(token) } else { refused.push(token) }
    }
    let mut left: Vec<_> = stored.iter().collect();
    cx.ensure_stored(&left, "the token of this id").await?;
    cx.ensure_gone(&refused.iter().collect::<Vec<_>>(), "a refused id").await?;
    while let Some(token) = left.pop() {
        let taken = cx.adapter.take_token(&token.kind, &token.id).await?;
        ensure_eq(&taken.as_ref().map(Shown), &Some(Shown(token)), "the token that was taken")?;
        cx.ensure_stored(&left[left.len().saturating_sub(7)..], "another token than the one that was taken").await?;
    }
    Ok(())
}

async fn token_ids_are_compared_exactly(cx: Tokens) -> CaseResult {
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let (one_row, other_row) = (with_id(&cx, format!("{base}{one}")), with_id(&cx, format!("{base}{other}")));
        cx.adapter.set_token(&one_row).await?;
        cx.ensure_gone(&[&other_row], &format!("the token of {one:?}, by {other:?}")).await?;
        cx.adapter.set_token(&other_row).await?;
        cx.ensure_stored(&[&one_row, &other_row], "tokens of similar ids").await?;
        cx.adapter.take_token(&one_row.kind, &one_row.id).await?;
        cx.ensure_stored(&[&other_row], "the token of an id similar to one that was taken").await?;
    }
    Ok(())
}

async fn token_ids_that_the_store_equates_are_not_mixed(cx: Tokens) -> CaseResult {
    for (one, other) in sample::EQUATED_ENDINGS {
        let base = sample::text(10);
        let (one_row, other_row) = (with_id(&cx, format!("{base}{one}")), with_id(&cx, format!("{base}{other}")));
        cx.adapter.set_token(&one_row).await?;
        cx.ensure_gone(&[&other_row], &format!("the token of {one:?}, by {other:?}")).await?;
        let refusals = [Kind::DuplicateTokenId, Kind::UnsupportedId];
        let stored = ensure_ok_or(cx.adapter.set_token(&other_row).await, &refusals, "set_token")?;
        let found = cx.adapter.get_token(&other_row.kind, &other_row.id).await?;
        let expected = stored.then_some(Shown(&other_row));
        ensure_eq(&found.as_ref().map(Shown), &expected, "a similar id reads its own row or no row")?;
        cx.ensure_stored(&[&one_row], "the first token").await?;
    }
    Ok(())
}

async fn tokens_of_two_stores_are_isolated(cx: Tokens) -> CaseResult {
    let other = cx.neighbour.as_deref().ok_or_else(|| CaseError::new("the backend did not open a second store"))?;
    // No users are stored, because each store would need its own.
    let text = || sample::text(8);
    let (suffix, prefix, last, same) = (text(), text(), text(), text());
    for (here, there) in [(format!("b:{suffix}"), suffix), (format!("{prefix}:{last}"), last), (same.clone(), same)] {
        let (one, another) = (with_id(&cx, &*here), with_id(&cx, &*there));
        cx.adapter.set_token(&one).await?;
        for token in [&one, &another] {
            let found = other.get_token(&token.kind, &token.id).await?;
            ensure_eq(&found.as_ref().map(Shown), &None, "a token of the other store")?;
        }
        other.set_token(&another).await?;
        cx.ensure_stored(&[&one], "the token of this store").await?;
        let taken = other.take_token(&another.kind, &another.id).await?;
        ensure_eq(&taken.as_ref().map(Shown), &Some(Shown(&another)), "the token of the other store")?;
        cx.ensure_stored(&[&one], "the token of this store").await?;

        let (here, there) = (format!("count {here}"), format!("count {there}"));
        cx.add(&here, 2).await?;
        let theirs = other.add_to_counter(&there, 3, super::steps::WINDOW, cx.now()).await?;
        ensure_eq(&theirs.value, &3, "a counter of the other store")?;
        cx.ensure_count(&here, 2, "the counter of this store").await?;
    }
    Ok(())
}
