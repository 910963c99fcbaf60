//! The pools of `deadpool-redis`.

use std::time::Duration;

use adapter_redis::{
    Connections, RedisConfig, RedisSessionAdapter, RedisTokenAdapter,
    deadpool_redis::{Config, PoolConfig, Runtime, Timeouts},
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, TokenAdapter as _};

use crate::place::{KIND, Place, assert_kind, hours, id, ids, now, session, token, url, user};

/// Does what an application does, on any pool.
async fn live(connections: impl Connections + Clone, config: RedisConfig) {
    let tokens = RedisTokenAdapter::with_config(connections.clone(), config.clone()).await.unwrap();
    let adapter = RedisSessionAdapter::with_config(connections, config).await.unwrap();
    for name in ["a", "b", "c"] {
        adapter.set_session(&session(name, "u")).await.unwrap();
    }
    assert_kind(adapter.set_session(&session("a", "v")).await, Kind::DuplicateSessionId);
    adapter.update_session(&id("a"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    adapter.rotate_session(&id("b"), &id("d"), &SessionUpdate::default()).await.unwrap();
    adapter.delete_session(&id("c")).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["a", "d"]);
    adapter.delete_other_sessions(&user("u"), &id("a")).await.unwrap();
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert_eq!(adapter.get_session(&id("a")).await.unwrap(), None);
    for name in ["t1", "t2"] {
        tokens.set_token(&token(name, "u")).await.unwrap();
    }
    assert!(tokens.take_token(&KIND, &"t1".into()).await.unwrap().is_some());
    tokens.delete_tokens(None, &user("u")).await.unwrap();
    assert_eq!(tokens.get_token(&KIND, &"t2".into()).await.unwrap(), None);
    assert_eq!(tokens.add_to_counter("k", 1, Duration::from_secs(60), now()).await.unwrap().value, 1);
}

#[tokio::test]
async fn sessions_are_stored_over_a_pool() {
    let place = Place::new().await;
    live(Config::from_url(url()).create_pool(Some(Runtime::Tokio1)).unwrap(), place.config()).await;
}

#[tokio::test]
async fn a_pool_of_one_is_enough() {
    let place = Place::new().await;
    let pool = Config::from_url(url()).builder().unwrap().max_size(1).build().unwrap();
    live(pool, place.config()).await;
}

#[tokio::test]
async fn an_exhausted_pool_is_unavailable_in_time() {
    let place = Place::new().await;
    let mut config = Config::from_url(url());
    config.pool = Some(PoolConfig { max_size: 1, timeouts: Timeouts::wait_millis(100), ..PoolConfig::default() });
    let pool = config.create_pool(Some(Runtime::Tokio1)).unwrap();
    let adapter = place.adapter_on(pool.clone()).await;
    let taken = pool.get().await.unwrap();
    let in_time = tokio::time::timeout(Duration::from_secs(10), adapter.get_session(&id("s"))).await;
    assert_kind(in_time.unwrap(), Kind::Unavailable);
    drop(taken);
    assert_eq!(adapter.get_session(&id("s")).await.unwrap(), None);
    pool.close();
    assert_kind(adapter.get_session(&id("s")).await, Kind::Unavailable);
}

#[cfg(feature = "cluster")]
#[tokio::test]
async fn sessions_are_stored_over_a_pool_of_a_cluster() {
    let urls = crate::cluster::urls().map(str::to_owned).collect::<Vec<_>>();
    let pool = deadpool_redis::cluster::Config::from_urls(urls).builder().unwrap().max_size(1).build();
    let place = Place::new().await;
    live(pool.unwrap(), place.config()).await;
}

#[cfg(feature = "sentinel")]
#[tokio::test]
async fn sessions_are_stored_over_a_pool_behind_sentinels() {
    use adapter_redis::deadpool_redis::sentinel::{Config, SentinelServerType};
    let service = test_servers::redis_sentinel().unwrap();
    let (name, urls) = (service.primary_name().to_owned(), service.urls().to_vec());
    let pool = Config::from_urls(urls, name, SentinelServerType::Master).create_pool(Some(Runtime::Tokio1)).unwrap();
    live(pool, RedisConfig::new()).await;
}
