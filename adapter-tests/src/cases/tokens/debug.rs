use lucia_core::TokenAdapter;

use crate::{
    case::{Case, case},
    context::Tokens,
    ensure::{CaseResult, ensure},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[case!(debug_output_holds_no_token)];

async fn debug_output_holds_no_token(cx: Tokens) -> CaseResult {
    let (token, key) = (cx.stored().await?, sample::text(20));
    cx.add(&key, 1).await?;
    let refused = cx.adapter.set_token(&token).await;
    for (what, text) in [("adapter", format!("{:?}", cx.adapter)), ("error", format!("{refused:?}"))] {
        for (secret, name) in [(token.id.as_str(), "id"), (&token.data, "data of a token"), (&key, "key of a counter")]
        {
            ensure(!text.contains(secret), format!("the `Debug` output of the {what} holds the {name}"))?;
        }
    }
    Ok(())
}
