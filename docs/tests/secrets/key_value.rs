use std::{sync::Arc, time::Duration};

use lucia_core::{
    Clock, SessionAdapter as _, SessionSchema, SystemClock, UnixMillis,
    kv::{
        Batches, Expiry, KvCondition, KvConfig, KvEntry, KvLayout, KvPage, KvSessionAdapter, KvVersion, MemoryKvStore,
    },
};

use super::{SESSION_ID, TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown) {
    let session = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let layout = KvLayout::new("session", "user_session").unwrap();
    let entry = KvEntry {
        key: layout.session_key(&session.id),
        value: session.to_json().into_bytes(),
        expires: UnixMillis::MAX,
    };
    shown.show("KvEntry", &entry);
    shown.show("Expiry", &Expiry::new(UnixMillis::MAX, UnixMillis::EPOCH, Duration::ZERO));
    shown.show("Batches", &Batches::new(&[SESSION_ID]));
    shown.show("KvPage", &KvPage { keys: vec![entry.key.clone()], cursor: Some(SESSION_ID.to_owned()) });
    let version = KvVersion::new(SESSION_ID);
    shown.show("KvVersion", &version);
    shown.show("KvCondition", &KvCondition::Version(version));
    shown.show("KvLayout", &layout);
    shown.show("KvConfig", &KvConfig::new());
    shown.error("InvalidKvLayout", &KvLayout::new("", "").unwrap_err());
    let empty = KvConfig::new().session_prefix("");
    let invalid = KvSessionAdapter::with_config(MemoryKvStore::new(Arc::new(SystemClock)), empty);
    shown.error("InvalidKvConfig", &invalid.unwrap_err());
    let kv = KvSessionAdapter::with_config(MemoryKvStore::new(Arc::clone(&clock)), KvConfig::from(layout).clock(clock))
        .unwrap();
    kv.set_session(&session).await.unwrap();
    shown.show("MemoryKvStore", kv.store());
    shown.show("KvSessionAdapter", &kv);
    shown.error("AdapterError", &kv.set_session(&session).await.unwrap_err());
    let misfit = format!(r#"{{"id":"{SESSION_ID}","user_id":"u1","active_expires":"{TOKEN}"}}"#);
    shown.error("SessionJsonError", &SessionSchema::from_json(misfit.as_bytes()).unwrap_err());
}
