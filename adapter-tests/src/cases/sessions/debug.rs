use lucia_core::SessionAdapter;

use crate::{
    case::{Case, case},
    context::Sessions,
    ensure::{CaseResult, ensure},
};

pub(super) const CASES: &[Case<dyn SessionAdapter>] = &[case!(debug_output_holds_no_session_id)];

async fn debug_output_holds_no_session_id(cx: Sessions) -> CaseResult {
    let session = cx.stored().await?;
    let refused = cx.adapter.set_session(&session).await;
    for (what, text) in [("adapter", format!("{:?}", cx.adapter)), ("error", format!("{refused:?}"))] {
        ensure(!text.contains(session.id.as_str()), format!("the `Debug` output of the {what} holds a session id"))?;
    }
    Ok(())
}
