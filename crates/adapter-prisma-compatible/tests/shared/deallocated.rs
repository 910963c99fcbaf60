//! Deallocated prepared statements.

use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::{
    AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter as _, UserSchema, UserUpdate,
};

const WRITES: usize = 14;

/// Each write is prepared for one user, loses its statement, and runs for another user. All writes use one connection.
pub(crate) async fn every_write_is_prepared_again(adapter: &PrismaAdapter, deallocate: impl AsyncFn()) {
    for step in 0..WRITES {
        write(adapter, step, "one").await.unwrap();
        deallocate().await;
        let written = write(adapter, step, "two").await;
        assert!(written.is_ok(), "write {step}: {written:?}");
    }
    for id in ["one", "two"] {
        assert_eq!(adapter.get_user(&id.into()).await.unwrap(), None);
    }
}

/// One of the writes, in the order of a user's life.
async fn write(adapter: &PrismaAdapter, step: usize, id: &str) -> AdapterResult<()> {
    let named = |provider| KeySchema::new(KeyId::new(provider, id).unwrap(), id);
    let (user, key, other_key) = (UserSchema::new(id), named("username"), named("mail"));
    let session = SessionSchema::new(format!("{id}_1"), id, UnixMillis::MAX, UnixMillis::MAX);
    let renewal = SessionUpdate::renewal(UnixMillis::MAX, UnixMillis::MAX);
    match step {
        0 => adapter.set_user(&user, Some(&key)).await,
        1 => {
            adapter
                .update_user(&user.id, &UserUpdate::default().with_attributes([("username", id)].into()).unwrap())
                .await
        }
        2 => adapter.set_key(&other_key).await,
        3 => adapter.update_key(&key.id, &KeyUpdate::default().with_hashed_password(None)).await,
        4 => adapter.set_session(&session).await,
        5 => adapter.update_session(&session.id, &renewal).await,
        6 => adapter.rotate_session(&session.id, &format!("{id}_2").into(), &renewal).await,
        7 => adapter.delete_other_sessions(&user.id, &session.id).await,
        8 => adapter.delete_session(&session.id).await,
        9 => adapter.delete_sessions_by_user_id(&user.id).await,
        10 => adapter.delete_expired_sessions(UnixMillis::new(0), 1).await.map(drop),
        11 => adapter.delete_key(&other_key.id).await,
        12 => adapter.delete_keys_by_user_id(&user.id).await,
        _ => adapter.delete_user(&user.id).await,
    }
}
