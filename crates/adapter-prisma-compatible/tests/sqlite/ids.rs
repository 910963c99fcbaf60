//! Tests of ids: which are valid, and which are equal.

use adapter_prisma_compatible::PrismaConfig;
use lucia_core::{Adapter, SessionAdapter, UserAdapter, UserSchema};

use crate::support::{Database, count, key, session};

#[tokio::test]
async fn ids_of_any_characters_are_distinct() {
    let database = Database::create(PrismaConfig::default()).await;
    let ids = [
        "", " ", "a", "A", "a ", "a\0b", "a\0", "%", "_", "*", "'", "\"", "\\", "é", "e\u{301}", "😀", "1", "01", "1.0",
    ];
    for id in ids {
        database.set_user(&UserSchema::new(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
        database.set_session(&session(id, id)).await.unwrap();
    }
    for id in ids {
        assert_eq!(database.get_user(&id.into()).await.unwrap().unwrap().id.as_str(), id);
        let (session, user) = database.get_session_and_user(&id.into()).await.unwrap().unwrap();
        assert_eq!((session.id.as_str(), user.id.as_str()), (id, id));
        assert_eq!(database.get_keys_by_user_id(&id.into()).await.unwrap().len(), 1);
    }
    database.delete_user(&"a".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, i64::try_from(ids.len()).unwrap() - 1);
}
