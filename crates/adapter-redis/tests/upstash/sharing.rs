//! One database, used over HTTP and over the Redis protocol.

use adapter_redis::RedisSessionAdapter;
use lucia_core::{SessionAdapter, SessionUpdate};

use super::{session, set_up};

#[tokio::test]
async fn both_protocols_read_update_and_revoke_the_same_sessions() {
    let (database, _front, here) = set_up().await;
    let there = RedisSessionAdapter::new(adapter_redis::connect(database.url()).await.unwrap()).await.unwrap();
    let (ours, theirs) = (session("ours", "u:1"), session("theirs", "u:1"));
    here.set_session(&ours).await.unwrap();
    there.set_session(&theirs).await.unwrap();
    for session in [&ours, &theirs] {
        assert_eq!(here.get_session(&session.id).await.unwrap().as_ref(), Some(session));
        assert_eq!(there.get_session(&session.id).await.unwrap().as_ref(), Some(session));
    }
    for adapter in [&here as &dyn SessionAdapter, &there] {
        let mut listed = adapter.get_sessions_by_user_id(&"u:1".into()).await.unwrap();
        listed.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(listed, [ours.clone(), theirs.clone()]);
    }
    let country = lucia_core::Attributes::from([("country", "FR")]);
    let update = SessionUpdate::default().with_attributes(country).unwrap();
    there.update_session(&ours.id, &update).await.unwrap();
    here.update_session(&theirs.id, &update).await.unwrap();
    let france = |session: Option<lucia_core::SessionSchema>| session.unwrap().attributes().get("country").cloned();
    assert_eq!(france(here.get_session(&ours.id).await.unwrap()), Some("FR".into()));
    assert_eq!(france(there.get_session(&theirs.id).await.unwrap()), Some("FR".into()));
    there.delete_sessions_by_user_id(&"u:1".into()).await.unwrap();
    assert!(here.get_sessions_by_user_id(&"u:1".into()).await.unwrap().is_empty());
    assert_eq!(here.get_session(&ours.id).await.unwrap(), None);
}
