//! Processes whose clocks differ share a store.

use std::{sync::Arc, time::Duration};

use lucia_auth::{
    Auth, Client, Error, Limit, ManualClock, NewSession, NewToken, SessionPeriods, Throttle, ThrottleKey, TokenPurpose,
    Tokens, lucia_core::SessionAdapter as _, memory::MemoryAdapter,
};

use crate::support::{NOW, a_user};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

struct Process {
    auth: Auth,
    tokens: Tokens,
    clock: Arc<ManualClock>,
}

impl Process {
    fn new(store: &MemoryAdapter, ahead: Duration) -> Self {
        let clock = Arc::new(ManualClock::new(NOW.saturating_add(ahead)));
        let throttle = Throttle::new(store.clone(), ThrottleKey::from_bytes([7; 32]));
        let auth = Auth::builder(store.clone())
            .clock(Arc::clone(&clock))
            .session_expires_in(SessionPeriods { active: HOUR / 2, idle: HOUR / 2 })
            .throttle(throttle.per_account(Limit::new(1, HOUR)))
            .build()
            .unwrap();
        let tokens = Tokens::new(auth.clone(), store.clone());
        Self { auth, tokens, clock }
    }

    async fn attempt(&self) -> Result<(), Error> {
        self.auth.attempt("pay", "ada", &Client::new()).await.map(drop)
    }
}

#[tokio::test]
async fn a_process_whose_clock_is_ahead_deletes_nothing_that_is_live_for_another() {
    let store = MemoryAdapter::new();
    let (process, ahead) = (Process::new(&store, Duration::ZERO), Process::new(&store, 5 * MINUTE));
    let user = a_user(&process.auth).await;
    let session = process.auth.create_session(NewSession::new(user.clone())).await.unwrap();
    let new = NewToken::new(TokenPurpose::MAGIC_LINK, user).lifetime(HOUR);
    let token = process.tokens.issue(new).await.unwrap();
    process.attempt().await.unwrap();

    // The last millisecond of all three.
    process.clock.advance(HOUR);
    ahead.clock.advance(HOUR);
    assert_eq!(ahead.auth.delete_expired_sessions().await.unwrap(), 0);
    assert_eq!(ahead.tokens.delete_expired_tokens().await.unwrap(), 0);
    assert!(process.auth.get_session(&session.token).await.is_ok());
    assert!(process.tokens.peek(TokenPurpose::MAGIC_LINK, token.as_str()).await.is_ok());
    let attempt = process.attempt().await;
    assert!(matches!(attempt, Err(Error::TooManyAttempts { .. })), "the counter started again: {attempt:?}");

    ahead.clock.advance(Duration::from_millis(1));
    assert_eq!(ahead.auth.delete_expired_sessions().await.unwrap(), 1);
    assert_eq!(ahead.tokens.delete_expired_tokens().await.unwrap(), 2);
    assert!(store.get_session(&session.id).await.unwrap().is_none());
}
