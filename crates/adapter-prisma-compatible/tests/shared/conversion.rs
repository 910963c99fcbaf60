//! The conversion of a table with the session ids of Lucia JS.

use adapter_prisma_compatible::PrismaAdapter;
use lucia_auth::Auth;
use lucia_core::{SessionAdapter as _, SessionScan as _, SessionSchema, SessionToken, UnixMillis};

/// More than a batch of the conversion.
const SESSIONS: usize = 520;
/// Of the sessions to which this step leads, every other one is revoked meanwhile, and the rest are renewed.
const STEP: usize = 13;

fn is_revoked(index: usize) -> bool {
    index.is_multiple_of(2 * STEP)
}

/// Converts the sessions of a stored user.
pub(crate) async fn plain_session_ids_are_hashed_beside_requests(adapter: &PrismaAdapter, user_id: &str) {
    let auth = Auth::builder(adapter.clone()).build().unwrap();
    let (past, later) = (UnixMillis::new(1), UnixMillis::new(4_000_000_000_000));
    let tokens: Vec<_> = (0..SESSIONS).map(|index| SessionToken::new(format!("Plain{index:03}"))).collect();
    for token in &tokens {
        adapter.set_session(&SessionSchema::new(token.as_str(), user_id, past, later)).await.unwrap();
    }
    let requests = (0..SESSIONS).step_by(STEP).map(|index| {
        let (auth, token) = (auth.clone(), tokens[index].clone());
        tokio::spawn(async move {
            if is_revoked(index) {
                auth.invalidate_session_token(&token).await.unwrap();
            } else {
                auth.validate_session(&token).await.unwrap();
            }
        })
    });
    let requests: Vec<_> = requests.collect();
    let mut batches = 0;
    for _ in 0..2 {
        let mut conversion = auth.hash_plain_sessions(adapter).unwrap();
        while let Some(progress) = conversion.next_batch().await.unwrap() {
            assert_eq!(progress.left, 0);
            batches += 1;
        }
    }
    assert!(batches >= 4, "{batches}");
    for request in requests {
        request.await.unwrap();
    }
    let page = adapter.scan_sessions(None, 2 * SESSIONS).await.unwrap();
    assert!(page.session_ids.iter().all(|id| id.is_hash()));
    assert_eq!(page.session_ids.len(), (0..SESSIONS).filter(|index| !is_revoked(*index)).count());
    for (index, token) in tokens.iter().enumerate() {
        assert_eq!(auth.get_session(token).await.is_err(), is_revoked(index), "{index}");
    }
}
