use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lucia_auth::{
    Argon2id, Auth, Error, HashedPassword, LuciaScrypt, NewKey, NewSession, NewToken, NewUser, PasswordError,
    PasswordHasher, TokenPurpose, Tokens, Verification,
    lucia_core::{AdapterErrorKind, KeyUpdate, TokenAdapter as _, UserAdapter as _},
    memory::MemoryAdapter,
};

use super::{EMAIL, Issued, NEW, OLD, TokenStore, hash, is_invalid, key_id};
use crate::support::{CountingHasher, Probe};

const RESET: TokenPurpose = TokenPurpose::PASSWORD_RESET;

#[tokio::test]
async fn a_reset_sets_the_password_and_ends_everything_else_of_the_user() {
    let issued = Issued::new().await;
    let eve = issued.auth.create_user(NewUser::new().id("eve")).await.unwrap().id;
    let of_eve = issued.auth.create_session(NewSession::new(eve.clone())).await.unwrap();
    let token_of_eve = issued.tokens.issue(NewToken::new(TokenPurpose::MAGIC_LINK, eve)).await.unwrap();
    let session = issued.auth.create_session(NewSession::new(issued.ada.clone())).await.unwrap();
    let (link, code) = (issued.link(TokenPurpose::EMAIL_VERIFICATION).await, issued.code().await);
    let reset = issued.for_key(RESET).await;

    let key = issued.tokens.reset_password(reset.as_str(), NEW).await.unwrap();
    assert_eq!((key.id.clone(), key.user_id.clone()), (key_id(), issued.ada.clone()));
    assert_eq!(issued.key().await.hashed_password, hash(NEW));
    assert!(issued.auth.validate_session(&session.token).await.is_err());
    assert!(is_invalid(&issued.tokens.redeem(TokenPurpose::EMAIL_VERIFICATION, link.as_str()).await));
    assert!(is_invalid(&issued.try_code(code.as_str()).await));
    assert!(is_invalid(&issued.tokens.reset_password(reset.as_str(), "another password").await));
    issued.auth.create_session(NewSession::for_key(&key)).await.unwrap();
    assert!(issued.signs_in(NEW).await && !issued.signs_in(OLD).await);

    issued.auth.validate_session(&of_eve.token).await.unwrap();
    issued.tokens.redeem(TokenPurpose::MAGIC_LINK, token_of_eve.as_str()).await.unwrap();
}

#[tokio::test]
async fn a_rejected_password_leaves_the_token_and_everything_else() {
    let issued = Issued::new().await;
    let session = issued.auth.create_session(NewSession::new(issued.ada.clone())).await.unwrap();
    let reset = issued.for_key(RESET).await;
    for password in ["", "short", "ada@example.com", &"a".repeat(2_000)] {
        let error = issued.tokens.reset_password(reset.as_str(), password).await.unwrap_err();
        assert_eq!(error.code(), "AUTH_UNACCEPTABLE_PASSWORD");
    }
    assert_eq!(issued.key().await.hashed_password, hash(OLD));
    issued.auth.validate_session(&session.token).await.unwrap();
    issued.tokens.reset_password(reset.as_str(), NEW).await.unwrap();
}

/// A hasher that is busy on demand.
#[derive(Debug)]
struct BusyHasher {
    hasher: CountingHasher,
    is_busy: Arc<AtomicBool>,
}

impl PasswordHasher for BusyHasher {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        if self.is_busy.load(Ordering::SeqCst) {
            return Err(PasswordError::Busy { retry_after: Duration::from_secs(1) });
        }
        self.hasher.hash(password)
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        self.hasher.verify(password, hash)
    }
}

#[tokio::test]
async fn a_busy_process_leaves_the_token_and_everything_else() {
    let issued = Issued::new().await;
    let is_busy = Arc::new(AtomicBool::new(true));
    let hasher = BusyHasher { hasher: issued.world.hasher.clone(), is_busy: Arc::clone(&is_busy) };
    let tokens = Tokens::new(issued.world.builder().password_hash(hasher).build().unwrap(), issued.store.clone());
    let reset = issued.for_key(RESET).await;
    let busy = tokens.reset_password(reset.as_str(), NEW).await;
    assert!(matches!(busy, Err(Error::Busy { .. })), "{busy:?}");
    assert_eq!(issued.key().await.hashed_password, hash(OLD));
    is_busy.store(false, Ordering::SeqCst);
    tokens.reset_password(reset.as_str(), NEW).await.unwrap();
}

#[tokio::test]
async fn a_password_that_changed_voids_the_token_also_during_the_reset() {
    let issued = Issued::new().await;
    let reset = issued.for_key(RESET).await;
    // The password changes between the read and the write.
    issued.world.adapter.fail_as("update_key", AdapterErrorKind::Conflict);
    assert!(is_invalid(&issued.tokens.reset_password(reset.as_str(), NEW).await));
    issued.world.adapter.fail(None);
    issued.world.adapter.fail_as("update_key", AdapterErrorKind::InvalidKeyId);
    assert!(is_invalid(&issued.tokens.reset_password(reset.as_str(), NEW).await));
    issued.world.adapter.fail(None);
    assert_eq!(issued.key().await.hashed_password, hash(OLD));

    issued.auth.update_key_password(EMAIL, Some("changed by herself")).await.unwrap();
    issued.world.hasher.take();
    assert!(is_invalid(&issued.tokens.reset_password(reset.as_str(), NEW).await));
    assert_eq!(issued.world.hasher.take(), 0, "nothing is hashed for a void token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_resets_one_succeeds() {
    let issued = Issued::new().await;
    let reset = issued.for_key(RESET).await;
    let resets: Vec<_> = (0..50)
        .map(|number| {
            let (tokens, reset) = (issued.tokens.clone(), reset.clone());
            tokio::spawn(async move {
                let password = format!("new password {number}");
                tokens.reset_password(reset.as_str(), &password).await.map(|_| password)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for reset in resets {
        match reset.await.unwrap() {
            Ok(password) => winners.push(password),
            Err(error) => assert!(matches!(error, Error::InvalidOneTimeToken), "{error:?}"),
        }
    }
    let [password] = &winners[..] else { panic!("{winners:?}") };
    assert_eq!(issued.key().await.hashed_password, hash(password));
}

/// A store fails at each step. The user calls again with the same link.
#[tokio::test]
async fn a_reset_that_failed_halfway_lets_nobody_in_and_is_finished_by_the_next_one() {
    let steps: [(&str, usize); 6] = [
        ("get_token", 0),
        ("get_key", 0),
        ("update_key", 0),
        ("delete_sessions_by_user_id", 0),
        ("delete_tokens", 0),
        ("update_key", 1),
    ];
    for (step, (method, calls_before)) in steps.into_iter().enumerate() {
        let issued = Issued::new().await;
        let session = issued.auth.create_session(NewSession::new(issued.ada.clone())).await.unwrap();
        let magic = issued.link(TokenPurpose::MAGIC_LINK).await;
        let reset = issued.for_key(RESET).await;
        if method == "get_token" || method == "delete_tokens" {
            issued.store.fail(method, calls_before, 1);
        } else {
            issued.world.adapter.fail_after(method, calls_before);
        }
        let error = issued.tokens.reset_password(reset.as_str(), NEW).await.unwrap_err();
        assert!(matches!(&error, Error::Adapter(error) if error.operation() == Some(method)), "{error:?}");
        issued.store.recover();
        issued.world.adapter.fail(None);

        let is_locked = step > 2;
        assert!(!issued.signs_in(NEW).await);
        assert_eq!(issued.signs_in(OLD).await, !is_locked, "{method}");
        assert_eq!(issued.auth.validate_session(&session.token).await.is_ok(), step < 4, "{method}");
        let magic = issued.tokens.peek(TokenPurpose::MAGIC_LINK, magic.as_str()).await;
        assert_eq!(magic.is_ok(), step < 5, "{method}");
        let again = if step < 5 { reset } else { issued.for_key(RESET).await };
        issued.tokens.reset_password(again.as_str(), NEW).await.unwrap();
        assert!(issued.signs_in(NEW).await && !issued.signs_in(OLD).await);
        assert!(issued.auth.validate_session(&session.token).await.is_err());
    }
}

#[tokio::test]
async fn another_token_does_not_continue_a_reset_that_failed_halfway() {
    let issued = Issued::new().await;
    let first = issued.for_key(RESET).await;
    let row = issued.store.rows().pop().unwrap();
    let second = issued.for_key(RESET).await;
    // As if both had been issued in parallel.
    issued.store.store().set_token(&row).await.unwrap();
    issued.world.adapter.fail(Some("delete_sessions_by_user_id"));
    issued.tokens.reset_password(first.as_str(), NEW).await.unwrap_err();
    issued.world.adapter.fail(None);
    assert!(is_invalid(&issued.tokens.reset_password(second.as_str(), NEW).await));
    issued.tokens.reset_password(first.as_str(), NEW).await.unwrap();
}

#[tokio::test]
async fn no_password_matches_a_key_whose_reset_failed_halfway() {
    let adapter = Arc::new(Probe::new(MemoryAdapter::new()));
    let auth = Auth::builder(Arc::clone(&adapter)).build().unwrap();
    let tokens = Tokens::new(auth.clone(), TokenStore::new());
    auth.create_user(NewUser::new().key(NewKey::with_password(EMAIL, OLD))).await.unwrap();
    let reset = tokens.issue(NewToken::for_key(RESET, EMAIL)).await.unwrap();
    adapter.fail(Some("delete_sessions_by_user_id"));
    tokens.reset_password(reset.as_str(), NEW).await.unwrap_err();
    adapter.fail(None);
    let locked = adapter.store().get_key(&key_id()).await.unwrap().unwrap().hashed_password.unwrap();
    assert!(matches!(auth.use_key(EMAIL).await, Err(Error::InvalidPassword)));
    for password in [OLD, NEW, locked.as_str()] {
        assert!(matches!(auth.use_key_with_password(EMAIL, password).await, Err(Error::InvalidPassword)));
        assert_eq!(Argon2id::default().verify(password, &locked).unwrap(), Verification::Invalid);
        assert_eq!(LuciaScrypt::default().verify(password, &locked).unwrap(), Verification::Invalid);
    }
    tokens.reset_password(reset.as_str(), NEW).await.unwrap();
    auth.use_key_with_password(EMAIL, NEW).await.unwrap();
}

#[tokio::test]
async fn outdated_and_empty_hashes_can_be_reset() {
    for stored in ["$2b$10$abcdefghijklmnopqrstuv", ""] {
        let issued = Issued::new().await;
        let update = KeyUpdate::default().with_hashed_password(Some(HashedPassword::new(stored)));
        issued.world.adapter.update_key(&key_id(), &update).await.unwrap();
        let reset = issued.for_key(RESET).await;
        issued.tokens.reset_password(reset.as_str(), NEW).await.unwrap();
        assert!(issued.signs_in(NEW).await);
    }
}

#[tokio::test]
async fn a_code_can_be_exchanged_for_a_reset() {
    let issued = Issued::new().await;
    let code = issued.tokens.issue_code(NewToken::for_key(RESET, EMAIL)).await.unwrap();
    let redeemed = issued.tokens.redeem_code(RESET, &issued.ada, code.as_str()).await.unwrap();
    let reset = issued.tokens.issue(NewToken::for_key(RESET, &redeemed.key.unwrap().id)).await.unwrap();
    issued.tokens.reset_password(reset.as_str(), NEW).await.unwrap();
    assert!(issued.signs_in(NEW).await);
}

#[tokio::test]
async fn the_context_of_the_password_is_that_of_the_user() {
    let issued = Issued::new().await;
    let rules = lucia_auth::PasswordRules::new().words_from_attributes(["nickname"]);
    let auth = issued.world.builder().password_rules(rules).build().unwrap();
    auth.update_user_attributes(&issued.ada, &serde_json::json!({ "nickname": "Countess of Lovelace" })).await.unwrap();
    let tokens = Tokens::new(auth, issued.store.clone());
    let reset = issued.for_key(RESET).await;
    let rejected = tokens.reset_password(reset.as_str(), "countess of lovelace").await;
    assert!(matches!(rejected, Err(Error::Password(PasswordError::Rejected(_)))), "{rejected:?}");
    tokens.reset_password(reset.as_str(), NEW).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_does_not_reset() {
    let issued = Issued::new().await;
    let reset = issued.for_key(RESET).await;
    issued.world.clock.advance(Duration::from_millis(30 * 60_000 + 1));
    assert!(is_invalid(&issued.tokens.reset_password(reset.as_str(), NEW).await));
    assert_eq!(issued.key().await.hashed_password, hash(OLD));
}
