//! Tests of `AuthBuilder::check_users_only_at_renewal` on users and sessions in two stores.

use std::{sync::Arc, time::Duration};

use http::Request;
use lucia_auth::{
    AdapterErrorKind as Kind, Auth, AuthBuilder, BuildError, Error, ManualClock, NewSession, Session, SessionIds,
    SessionSchema, SessionToken, SplitAdapter, UserId, memory::MemoryAdapter,
};
use serde::Deserialize;
use serde_json::json;

use crate::support::{DAY, NOW, Probe, a_user};

const MILLISECOND: Duration = Duration::from_millis(1);

/// An id as Lucia v2 generates them.
const PLAIN: &str = "5l3v3z6wz3tbqc0jmyzv1q4j0rq2f4hmglf9hmzt";

/// An application whose users and sessions are in two stores.
struct Halves {
    users: Arc<Probe>,
    sessions: Arc<Probe>,
    clock: Arc<ManualClock>,
    auth: Auth,
}

impl Halves {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn with(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        let [users, sessions] = [(); 2].map(|()| Arc::new(Probe::new(MemoryAdapter::without_foreign_keys())));
        let clock = Arc::new(ManualClock::new(NOW));
        let builder = Auth::builder(SplitAdapter::new(Arc::clone(&users), Arc::clone(&sessions)));
        let builder = configure(builder.clock(Arc::clone(&clock)).check_users_only_at_renewal());
        Self { users, sessions, clock, auth: builder.build().unwrap() }
    }

    async fn session(&self) -> Session {
        let session = self.auth.create_session(NewSession::new(a_user(&self.auth).await)).await.unwrap();
        self.take_calls();
        session
    }

    /// Stores a session as Lucia v2 does: its id is the token.
    async fn plain_session(&self) -> SessionSchema {
        let user_id = a_user(&self.auth).await;
        let row = SessionSchema::new(PLAIN, user_id, NOW.saturating_add(DAY), NOW.saturating_add(15 * DAY));
        self.sessions.store().set_session(&row).await.unwrap();
        self.take_calls();
        row
    }

    /// Returns the calls of both halves since the last time.
    fn take_calls(&self) -> [Vec<&'static str>; 2] {
        [self.sessions.take_calls(), self.users.take_calls()]
    }

    /// Deletes a user as another program does, which knows nothing of the sessions.
    async fn delete_row(&self, user_id: &UserId) {
        self.users.store().delete_user(user_id).await.unwrap();
    }

    async fn stored(&self, user_id: &UserId) -> Vec<SessionSchema> {
        self.sessions.store().get_sessions_by_user_id(user_id).await.unwrap()
    }

    /// Validates the session of a request with cookies of these tokens.
    async fn request(&self, tokens: &[&SessionToken]) -> Option<Arc<Session>> {
        let cookies: Vec<_> = tokens.iter().map(|token| format!("auth_session={}", token.as_str())).collect();
        let request = Request::get("https://example.com/").header("cookie", cookies.join("; ")).body(()).unwrap();
        self.auth.handle_request(&request).validate().await.unwrap()
    }
}

fn is_over<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::InvalidSessionId { .. }))
}

#[tokio::test]
async fn an_active_session_takes_one_read_and_no_read_of_its_user() {
    for (ids, read) in [(SessionIds::Hashed, "get_session"), (SessionIds::HashedAndPlain, "get_first_session")] {
        let halves = Halves::with(|builder| builder.session_ids(ids));
        let session = halves.session().await;
        assert_eq!(halves.auth.validate_session(&session.token).await.unwrap(), session);
        assert_eq!(halves.take_calls(), [vec![read], vec![]]);
        assert_eq!(halves.auth.get_session(&session.token).await.unwrap(), session);
        assert_eq!(halves.take_calls(), [vec![read], vec![]]);
    }
}

#[tokio::test]
async fn several_cookies_take_one_read_and_no_read_of_their_users() {
    let halves = Halves::new();
    let (one, other) = (halves.session().await, halves.session().await);
    assert_eq!(halves.request(&[&one.token, &other.token]).await.as_deref(), Some(&one));
    assert_eq!(halves.take_calls(), [vec!["get_sessions"], vec![]]);
}

#[tokio::test]
async fn the_users_of_several_idle_sessions_are_read_side_by_side() {
    let halves = Halves::new();
    let (one, other) = (halves.session().await, halves.session().await);
    halves.clock.set(one.active_period_expires_at.saturating_add(MILLISECOND));
    assert!(halves.request(&[&one.token, &other.token]).await.is_some());
    assert_eq!(halves.take_calls(), [vec!["get_sessions", "update_session"], vec!["get_user"; 2]]);
    assert_eq!(halves.users.most_users_at_once(), 2);
}

#[tokio::test]
async fn a_renewal_reads_the_user_before_it_writes() {
    let halves = Halves::new();
    let session = halves.session().await;
    halves.clock.set(session.active_period_expires_at.saturating_add(MILLISECOND));
    assert!(halves.auth.validate_session(&session.token).await.unwrap().fresh);
    assert_eq!(halves.take_calls(), [vec!["get_first_session", "update_session"], vec!["get_user"]]);
    halves.auth.validate_session(&session.token).await.unwrap();
    assert_eq!(halves.take_calls(), [vec!["get_first_session"], vec![]]);
    // An expired session is not worth a read of its user.
    halves.clock.advance(16 * DAY);
    assert!(is_over(&halves.auth.validate_session(&session.token).await));
    assert_eq!(halves.take_calls(), [vec!["get_first_session"], vec![]]);
}

/// However it is read.
#[tokio::test]
async fn a_session_of_a_deleted_row_ends_with_its_active_period() {
    for how in ["validate", "get", "cookie", "cookies", "plain", "plain cookies"] {
        let halves = Halves::new();
        let (token, user_id, end) = if how.starts_with("plain") {
            let row = halves.plain_session().await;
            (SessionToken::new(PLAIN), row.user_id, row.active_expires)
        } else {
            let session = halves.session().await;
            (session.token, session.user.id, session.active_period_expires_at)
        };
        let unknown = SessionToken::new("unknown");
        let validate = async || match how {
            "get" => halves.auth.get_session(&token).await.is_ok(),
            "cookie" => halves.request(&[&token]).await.is_some(),
            "cookies" | "plain cookies" => halves.request(&[&unknown, &token]).await.is_some(),
            _ => halves.auth.validate_session(&token).await.is_ok(),
        };
        halves.delete_row(&user_id).await;
        halves.clock.set(end);
        assert!(validate().await, "{how}: at the end of its active period");
        assert_eq!(halves.stored(&user_id).await[0].active_expires, end, "{how}: it is not renewed");
        halves.clock.advance(MILLISECOND);
        assert!(!validate().await, "{how}: after its active period");
        assert_eq!(halves.stored(&user_id).await, [], "{how}: it is deleted");
        // A new user with this id does not inherit it.
        halves.auth.create_user(lucia_auth::NewUser::new().id(user_id)).await.unwrap();
        assert!(!validate().await, "{how}");
    }
}

#[tokio::test]
async fn whatever_extends_an_active_session_reads_its_user() {
    let halves = Halves::new();
    for how in ["rotation", "attributes", "plain rotation"] {
        let (id, user_id) = if how == "plain rotation" {
            let row = halves.plain_session().await;
            (row.id, row.user_id)
        } else {
            let session = halves.session().await;
            (session.id, session.user.id)
        };
        halves.delete_row(&user_id).await;
        let is_over = match how {
            "attributes" => is_over(&halves.auth.update_session_attributes(&id, &json!({ "country": "NZ" })).await),
            _ => is_over(&halves.auth.rotate_session(&id).await),
        };
        assert!(is_over, "{how}");
        assert_eq!(halves.stored(&user_id).await, [], "{how}");
    }
}

#[tokio::test]
async fn a_deleted_user_is_signed_out_at_once_and_an_unknown_one_not_signed_in() {
    let halves = Halves::new();
    let session = halves.session().await;
    halves.auth.delete_user(&session.user.id).await.unwrap();
    assert!(is_over(&halves.auth.validate_session(&session.token).await));
    let refused = halves.auth.create_session(NewSession::new(session.user.id.clone())).await;
    assert!(matches!(refused, Err(Error::InvalidUserId { .. })));
    assert!(matches!(halves.auth.get_user(&session.user.id).await, Err(Error::InvalidUserId { .. })));
    let listed = halves.auth.get_all_user_sessions(&session.user.id).await;
    assert!(matches!(listed, Err(Error::InvalidUserId { .. })));
    assert_eq!(halves.stored(&session.user.id).await, []);
}

/// Or else an outage of the users would let a deleted one stay for another period.
#[tokio::test]
async fn a_session_whose_user_cannot_be_read_is_neither_renewed_nor_deleted() {
    for kind in [Kind::Unavailable, Kind::Decode] {
        let halves = Halves::new();
        let session = halves.session().await;
        let before = halves.stored(&session.user.id).await;
        halves.users.fail_as("get_user", kind);
        halves.auth.validate_session(&session.token).await.unwrap();
        halves.clock.advance(2 * DAY);
        for _ in 0..2 {
            let error = halves.auth.validate_session(&session.token).await.unwrap_err();
            assert!(matches!(error, Error::Adapter(error) if error.kind() == kind), "{kind:?}");
        }
        assert_eq!(halves.stored(&session.user.id).await, before, "{kind:?}");
        halves.users.fail(None);
        assert!(halves.auth.validate_session(&session.token).await.unwrap().fresh);
    }
}

/// The move of the session was interrupted, and the moved one has ended.
#[tokio::test]
async fn an_expired_session_is_not_live_again_under_its_plain_id() {
    let halves = Halves::new();
    let row = halves.plain_session().await;
    let hashed = SessionToken::new(PLAIN).hashed_id();
    let ended = SessionSchema::new(hashed, row.user_id.clone(), NOW, NOW);
    halves.sessions.store().set_session(&ended).await.unwrap();
    halves.clock.advance(MILLISECOND);
    let (token, unknown) = (SessionToken::new(PLAIN), SessionToken::new("unknown"));
    assert!(is_over(&halves.auth.validate_session(&token).await));
    assert!(halves.request(&[&unknown, &token]).await.is_none());
}

#[tokio::test]
async fn a_session_that_cannot_be_read_hides_no_other() {
    let halves = Halves::new();
    let (one, other) = (halves.session().await, halves.session().await);
    halves.sessions.fail_as("get_sessions", Kind::Decode);
    assert_eq!(halves.request(&[&one.token, &other.token]).await.as_deref(), Some(&one));
    let read_one_by_one = [vec!["get_sessions"], vec!["get_session"; 4]].concat();
    assert_eq!(halves.take_calls(), [read_one_by_one, vec![]]);
}

#[derive(Debug, Deserialize)]
struct Profile {}

#[test]
fn user_attributes_are_refused_at_once() {
    let builder = || Auth::builder(MemoryAdapter::new());
    for result in [
        builder().user_attributes::<Profile>().check_users_only_at_renewal().build(),
        builder().check_users_only_at_renewal().user_attributes::<Profile>().build(),
        builder().check_users_only_at_renewal().user_attributes_with(|_| Ok(Profile {})).build(),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error, BuildError::UserAttributesAreNotRead);
        assert!(error.to_string().contains("`check_users_only_at_renewal`"), "{error}");
    }
    builder().session_attributes::<Profile>().check_users_only_at_renewal().build().unwrap();
}
