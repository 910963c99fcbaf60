//! The conversion of a table with the session ids of Lucia JS.

use lucia_auth::Auth;
use lucia_core::{SessionAdapter, SessionScan, SessionSchema, SessionToken, UnixMillis, UserAdapter};

use crate::support::{Database, config, user};

#[tokio::test]
async fn plain_session_ids_are_hashed_beside_running_requests() {
    let database = Database::create(config()).await;
    let auth = Auth::builder(database.adapter.clone()).build().unwrap();
    database.set_user(&user("u1"), None).await.unwrap();
    let (past, later) = (UnixMillis::new(1), UnixMillis::new(4_000_000_000_000));
    let tokens: Vec<_> = (0..40).map(|index| SessionToken::new(format!("Plain{index}"))).collect();
    for token in &tokens {
        database.set_session(&SessionSchema::new(token.as_str(), "u1", past, later)).await.unwrap();
    }
    let requests = tokens.iter().take(20).cloned().enumerate().map(|(index, token)| {
        let auth = auth.clone();
        tokio::spawn(async move {
            match index % 2 {
                0 => drop(auth.validate_session(&token).await.unwrap()),
                _ => auth.invalidate_session_token(&token).await.unwrap(),
            }
        })
    });
    let requests: Vec<_> = requests.collect();
    for _ in 0..2 {
        let mut conversion = auth.hash_plain_sessions(&database.adapter).unwrap();
        while let Some(progress) = conversion.next_batch().await.unwrap() {
            assert_eq!(progress.left, 0);
        }
    }
    for request in requests {
        request.await.unwrap();
    }
    let page = database.scan_sessions(None, 1_000).await.unwrap();
    assert!(page.session_ids.iter().all(|id| id.is_hash()));
    assert_eq!(page.session_ids.len(), 30);
    for (index, token) in tokens.iter().enumerate() {
        let is_revoked = index < 20 && index % 2 == 1;
        assert_eq!(auth.get_session(token).await.is_err(), is_revoked, "{index}");
    }
}
