use lucia_core::{AdapterErrorKind as Kind, TokenAdapter};

use crate::{
    Promise,
    case::{Case, Requirement::Needs, case},
    context::{Tokens, pause, task},
    ensure::{CaseError, CaseResult, ensure_ok_or},
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] =
    &[case!(parallel_delete_user_and_set_token_leave_no_token, Needs(Promise::TokensReferenceUsers))];

/// The number of users who are deleted. A database runs a statement in less than a millisecond, so few calls meet.
const USERS: usize = 40;

async fn parallel_delete_user_and_set_token_leave_no_token(cx: Tokens) -> CaseResult {
    let users = cx.users.clone().ok_or_else(|| CaseError::new("tokens refer to users, but the store has none"))?;
    for _ in 0..USERS {
        let user_id = cx.user().await?;
        let tokens: Vec<_> = (0..6).map(|_| cx.token().with_user_id(user_id.clone())).collect();
        let deletion = {
            let users = users.clone();
            task(async move {
                pause(1).await;
                users.delete_user(&user_id).await
            })
        };
        let inserts = tokens.iter().cloned().enumerate().map(|(lag, token)| {
            let adapter = cx.adapter();
            task(async move {
                pause(lag).await;
                adapter.set_token(&token).await
            })
        });
        let mut outcomes = cx.concurrently(std::iter::once(deletion).chain(inserts)).await?.into_iter();
        outcomes.next().transpose()?;
        for inserted in outcomes {
            ensure_ok_or(inserted, &[Kind::InvalidUserId], "a token of a user who is being deleted")?;
        }
        cx.ensure_gone(&tokens.iter().collect::<Vec<_>>(), "the tokens of the deleted user").await?;
    }
    Ok(())
}
