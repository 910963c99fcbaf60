use lucia_core::{AdapterErrorKind as Kind, TokenAdapter};

use super::steps::Shown;
use crate::{
    Promise,
    case::{
        Case,
        Requirement::{Needs, Without},
        case,
    },
    context::{Tokens, task},
    ensure::{CaseResult, ensure, ensure_eq, ensure_fails, ensure_ok_or},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(set_token_with_a_duplicate_id_changes_nothing),
    case!(parallel_set_token_with_one_id_has_one_winner),
    case!(set_token_of_an_unknown_user_is_invalid, Needs(Promise::TokensReferenceUsers)),
    case!(set_token_of_an_unknown_user_is_stored, Without(Promise::TokensReferenceUsers)),
    case!(set_token_stores_any_text_of_64_kib),
];

async fn set_token_with_a_duplicate_id_changes_nothing(cx: Tokens) -> CaseResult {
    let token = cx.stored().await?;
    let other = cx.user().await?;
    let [other_kind, ..] = sample::OTHER_KINDS;
    let mut attempts = [token.clone(), cx.token(), cx.token().with_user_id(other.clone()), cx.token()];
    attempts[3].kind = other_kind;
    for attempt in &mut attempts {
        attempt.id = token.id.clone();
        ensure_fails(cx.adapter.set_token(attempt).await, Kind::DuplicateTokenId, &format!("{:?}", Shown(attempt)))?;
        cx.ensure_stored(&[&token], "the token whose id is taken").await?;
    }
    let found = cx.adapter.get_token(&attempts[3].kind, &token.id).await?;
    ensure_eq(&found.as_ref().map(Shown), &None, "the token of a refused kind")?;
    cx.adapter.delete_tokens(None, &other).await?;
    cx.ensure_stored(&[&token], "the token, after those of the refused user were deleted").await?;
    if let Some(user_id) = &token.user_id {
        cx.adapter.delete_tokens(None, user_id).await?;
    }
    cx.ensure_gone(&[&token], "the token, after those of its user were deleted").await
}

async fn parallel_set_token_with_one_id_has_one_winner(cx: Tokens) -> CaseResult {
    for _ in 0..4 {
        let mut tokens = Vec::new();
        let id = sample::token_id();
        for _ in 0..6 {
            let mut token = cx.token().with_user_id(cx.user().await?);
            token.id = id.clone();
            tokens.push(token);
        }
        let tasks = tokens.iter().cloned().map(|token| {
            let adapter = cx.adapter();
            task(async move { adapter.set_token(&token).await })
        });
        let (mut winners, mut losers) = (Vec::new(), Vec::new());
        for (token, outcome) in tokens.iter().zip(cx.concurrently(tasks).await?) {
            let won = ensure_ok_or(outcome, &[Kind::DuplicateTokenId], "a second winner")?;
            if won { winners.push(token) } else { losers.push(token) }
        }
        ensure(winners.len() == 1, format!("{} of 6 parallel inserts succeeded", winners.len()))?;
        cx.ensure_stored(&winners, "the token of the winner").await?;
        for user_id in losers.iter().filter_map(|token| token.user_id.as_ref()) {
            cx.adapter.delete_tokens(None, user_id).await?;
        }
        cx.ensure_stored(&winners, "the token of the winner, after those of the losers were deleted").await?;
    }
    Ok(())
}

async fn set_token_of_an_unknown_user_is_invalid(cx: Tokens) -> CaseResult {
    let token = cx.token().with_user_id(sample::user_id());
    ensure_fails(cx.adapter.set_token(&token).await, Kind::InvalidUserId, "a token of an unknown user")?;
    cx.ensure_gone(&[&token], "a token of an unknown user").await
}

async fn set_token_of_an_unknown_user_is_stored(cx: Tokens) -> CaseResult {
    let token = cx.token().with_user_id(sample::user_id());
    cx.adapter.set_token(&token).await?;
    cx.ensure_stored(&[&token], "a token of an unknown user").await
}

async fn set_token_stores_any_text_of_64_kib(cx: Tokens) -> CaseResult {
    const LENGTH: usize = 1 << 16;
    let texts = [
        "0123456789abcdef".repeat(LENGTH / 16),
        "\u{e9}".repeat(LENGTH / 2),
        "\u{1f600}".repeat(LENGTH / 4),
        r#"{"a":[1,"\u0000",null],"b":"\"quoted\""}"#.to_owned(),
        "\u{1}\u{1f}\u{7f}\r\n\t\u{e9} e\u{301} \u{65e5}\u{672c} \u{2028} '\"\\`;--%_${} ".to_owned(),
        " 007 ".to_owned(),
        "1e400".to_owned(),
        "null".to_owned(),
    ];
    for text in texts {
        let token = cx.token().with_data(text);
        cx.adapter.set_token(&token).await?;
        let start: String = token.data.chars().take(40).collect();
        cx.ensure_stored(&[&token], &format!("a text of {} bytes: {start:?}", token.data.len())).await?;
        let taken = cx.adapter.take_token(&token.kind, &token.id).await?;
        ensure_eq(&taken.as_ref().map(Shown), &Some(Shown(&token)), &format!("the token with {start:?}"))?;
    }
    let token = cx.token().with_data("a\0b");
    let stored = ensure_ok_or(cx.adapter.set_token(&token).await, &[Kind::InvalidAttribute], "a text with NUL")?;
    if stored { cx.ensure_stored(&[&token], "a text with NUL").await } else { cx.ensure_gone(&[&token], "NUL").await }
}
