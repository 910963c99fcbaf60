use lucia_core::{AdapterErrorKind as Kind, TokenAdapter, TokenSchema, UserId};

use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::Tokens,
    ensure::{CaseError, CaseResult},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(delete_tokens_deletes_those_of_the_kind),
    case!(delete_tokens_deletes_those_of_all_kinds),
    case!(delete_tokens_deletes_none_of_another_user),
    case!(delete_tokens_of_an_unknown_user_succeeds),
    case!(delete_tokens_frees_their_ids),
    case!(delete_user_deletes_its_tokens, Needs(Promise::TokensReferenceUsers)),
];

/// Stores two tokens of the user for each kind.
async fn stored_of_all_kinds(cx: &Tokens, user_id: &UserId) -> CaseResult<Vec<TokenSchema>> {
    let mut tokens = Vec::new();
    for kind in sample::OTHER_KINDS.into_iter().chain([sample::KIND]) {
        for _ in 0..2 {
            let mut token = cx.token().with_user_id(user_id.clone());
            token.kind = kind.clone();
            cx.adapter.set_token(&token).await?;
            tokens.push(token);
        }
    }
    Ok(tokens)
}

async fn delete_tokens_deletes_those_of_the_kind(cx: Tokens) -> CaseResult {
    let (user_id, other) = (cx.user().await?, cx.stored().await?);
    let mut tokens = stored_of_all_kinds(&cx, &user_id).await?;
    for kind in [sample::KIND].into_iter().chain(sample::OTHER_KINDS) {
        cx.adapter.delete_tokens(Some(&kind), &user_id).await?;
        let (deleted, left): (Vec<_>, Vec<_>) = tokens.into_iter().partition(|token| token.kind == kind);
        cx.ensure_gone(&deleted.iter().collect::<Vec<_>>(), &format!("a token of kind {kind}")).await?;
        let what = format!("a token of another kind than {kind}, which was deleted");
        cx.ensure_stored(&left.iter().chain([&other]).collect::<Vec<_>>(), &what).await?;
        tokens = left;
    }
    Ok(())
}

async fn delete_tokens_deletes_those_of_all_kinds(cx: Tokens) -> CaseResult {
    let (user_id, other, plain) = (cx.user().await?, cx.stored().await?, cx.token());
    cx.adapter.set_token(&plain).await?;
    let tokens = stored_of_all_kinds(&cx, &user_id).await?;
    cx.adapter.delete_tokens(None, &user_id).await?;
    cx.ensure_gone(&tokens.iter().collect::<Vec<_>>(), "a token of the user").await?;
    cx.ensure_stored(&[&other, &plain], "a token of another user, and one without a user").await
}

async fn delete_tokens_deletes_none_of_another_user(cx: Tokens) -> CaseResult {
    let base = sample::text(10);
    let mut ids: Vec<_> = sample::TRICKY_ENDINGS.iter().map(|ending| format!("{base}{ending}")).collect();
    ids.extend([String::new(), "*".to_owned(), format!("[{base}]"), base[..5].to_owned()]);
    if cx.promises(Promise::ExactIds) {
        ids.push(base.to_uppercase());
    }
    // First the user whose id is a prefix of the others, then those whose ids look like patterns.
    ids.sort_by_key(String::len);
    let plain = cx.token();
    cx.adapter.set_token(&plain).await?;
    let mut tokens = Vec::new();
    for user_id in ids.into_iter().map(UserId::new) {
        if !cx.user_named(&user_id).await? {
            continue;
        }
        let token = cx.token().with_user_id(user_id);
        match cx.adapter.set_token(&token).await {
            Err(error) if error.kind() == Kind::UnsupportedId => continue,
            stored => stored?,
        }
        tokens.push(token);
    }
    let mut left: Vec<_> = tokens.iter().collect();
    left.push(&plain);
    cx.ensure_stored(&left, "a token of this user id").await?;
    for token in &tokens {
        let Some(user_id) = &token.user_id else { continue };
        cx.adapter.delete_tokens(Some(&token.kind), user_id).await?;
        left.retain(|other| other.id != token.id);
        cx.ensure_gone(&[token], &format!("the token of {user_id:?}")).await?;
        cx.ensure_stored(&left, &format!("a token of another user than {user_id:?}")).await?;
    }
    Ok(())
}

async fn delete_tokens_of_an_unknown_user_succeeds(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    for id in [sample::user_id(), "*".into(), "%".into(), "".into(), token.id.as_str().into()] {
        cx.adapter.delete_tokens(None, &id).await?;
        cx.adapter.delete_tokens(Some(&token.kind), &id).await?;
    }
    cx.ensure_stored(&[&token], "a token of somebody else").await
}

async fn delete_tokens_frees_their_ids(cx: Tokens) -> CaseResult {
    for kind in [None, Some(&sample::KIND)] {
        let token = cx.stored().await?;
        let Some(user_id) = &token.user_id else { continue };
        cx.adapter.delete_tokens(kind, user_id).await?;
        let mut theirs = cx.token().with_user_id(cx.user().await?);
        theirs.id = token.id.clone();
        cx.adapter.set_token(&theirs).await?;
        cx.ensure_stored(&[&theirs], "the token of the user who has the id now").await?;
        cx.adapter.delete_tokens(kind, user_id).await?;
        cx.ensure_stored(&[&theirs], "the same, after the tokens of the first user were deleted again").await?;
    }
    Ok(())
}

async fn delete_user_deletes_its_tokens(cx: Tokens) -> CaseResult {
    let users = cx.users.as_ref();
    let users = users.ok_or_else(|| CaseError::new("tokens refer to users, but the store was opened without users"))?;
    let (token, other) = (cx.stored().await?, cx.stored().await?);
    if let Some(user_id) = &token.user_id {
        users.delete_user(user_id).await?;
    }
    cx.ensure_gone(&[&token], "a token of the deleted user").await?;
    cx.ensure_stored(&[&other], "a token of another user").await
}
