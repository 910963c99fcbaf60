use std::time::Duration;

use adapter_cloudflare_kv::{CloudflareKvError, CloudflareKvStore};
use adapter_tests::BoxError;
use lucia_core::{
    AdapterErrorKind as Kind, Clock as _, SystemClock, UnixMillis,
    kv::{KvEntry, KvStore as _},
};
use worker::Env;

use crate::check::{Check, CheckResult, ensure, ensure_eq, ensure_fails};

pub(crate) const CHECKS: &[Check] = &[
    Check("k7_long_keys_are_refused", |env| Box::pin(long_keys(env))),
    Check("k2_short_expiries_are_taken", |env| Box::pin(short_expiries(env))),
    Check("k1_expiries_are_points_in_time", |env| Box::pin(long_expiries(env))),
    Check("k9_lists_have_pages", |env| Box::pin(pages(env))),
    Check("bulk_reads_keep_the_order", |env| Box::pin(bulk_reads(env))),
    Check("bulk_reads_of_more_than_an_answer_holds_are_split", |env| Box::pin(large_bulk_reads(env))),
    Check("values_are_bytes", |env| Box::pin(bytes(env))),
    Check("values_that_kv_has_no_room_for_are_refused", |env| Box::pin(large_values(env))),
    Check("errors_of_kv_are_typed_and_hold_no_key", |env| Box::pin(errors(env))),
];

const DAY: Duration = Duration::from_secs(86_400);

fn store(env: &Env) -> Result<CloudflareKvStore, BoxError> {
    Ok(CloudflareKvStore::new(env.kv("KV")?))
}

/// In seconds after 1970.
async fn expiration(env: &Env, key: &str) -> Result<Option<u64>, BoxError> {
    let page = env.kv("KV")?.list().prefix(key.to_owned()).execute().await?;
    let found = page.keys.into_iter().find(|found| found.name == key).ok_or("the key is not listed")?;
    Ok(found.expiration)
}

async fn long_keys(env: Env) -> CheckResult {
    let (store, later) = (store(&env)?, SystemClock.now().saturating_add(DAY));
    let (longest, longer) = ("k".repeat(512), "k".repeat(513));
    store.put(&longest, b"1", later).await?;
    ensure_eq(&store.get(&longest).await?, &Some(b"1".to_vec()), "512 bytes")?;
    ensure_fails(store.put(&longer, b"1", later).await, Kind::UnsupportedId, None, "put")?;
    ensure_eq(&store.get(&longer).await?, &None, "get")?;
    ensure_eq(&store.get_many(&[&longer, &longest]).await?, &vec![None, Some(b"1".to_vec())], "get_many")?;
    store.delete(&longer).await?;
    store.delete_many(&[&longer, &longest]).await?;
    ensure_eq(&store.get(&longest).await?, &None, "a deleted key")?;
    ensure(store.list(&longer, None).await?.keys.is_empty(), "list")
}

async fn short_expiries(env: Env) -> CheckResult {
    let store = store(&env)?;
    let now = SystemClock.now();
    let expiries = [UnixMillis::new(-1), UnixMillis::EPOCH, now, now.saturating_add(Duration::from_millis(59_999))];
    for (index, expires) in expiries.into_iter().enumerate() {
        let key = format!("k2:{index}");
        store.put(&key, b"1", expires).await?;
        ensure_eq(&store.get(&key).await?, &Some(b"1".to_vec()), &key)?;
        let seconds = expiration(&env, &key).await?.and_then(|seconds| i64::try_from(seconds).ok());
        let ahead = seconds.map(|seconds| seconds - now.get() / 1_000);
        ensure(ahead.is_some_and(|ahead| (59..=65).contains(&ahead)), format!("{key} expires {ahead:?} s ahead"))?;
    }
    Ok(())
}

async fn long_expiries(env: Env) -> CheckResult {
    let store = store(&env)?;
    let expires = SystemClock.now().saturating_add(DAY * 400);
    store.put("k1:far", b"1", expires).await?;
    let expected = u64::try_from(expires.get())?.div_ceil(1_000);
    ensure_eq(&expiration(&env, "k1:far").await?, &Some(expected), "an expiry in 400 days")?;
    store.put("k1:never", b"1", UnixMillis::MAX).await?;
    ensure_eq(&expiration(&env, "k1:never").await?, &None, "an expiry for which there is no date")
}

async fn pages(env: Env) -> CheckResult {
    let (store, expires) = (store(&env)?, SystemClock.now().saturating_add(DAY));
    let entry = |index| KvEntry { key: format!("k9:{index:04}"), value: b"1".to_vec(), expires };
    let entries: Vec<_> = (0..1_100).map(entry).collect();
    store.put_many(&entries).await?;
    let first = store.list("k9:", None).await?;
    ensure_eq(&first.keys.len(), &1_000, "the first page")?;
    let second = store.list("k9:", first.cursor.as_deref()).await?;
    ensure_eq(&second.cursor, &None, "the cursor of the last page")?;
    let mut listed: Vec<_> = first.keys.into_iter().chain(second.keys).collect();
    listed.sort();
    let expected: Vec<_> = entries.into_iter().map(|entry| entry.key).collect();
    ensure(listed == expected, format!("{} keys listed", listed.len()))?;
    let keys: Vec<_> = expected.iter().map(String::as_str).collect();
    store.delete_many(&keys).await?;
    ensure(store.list("k9:", None).await?.keys.is_empty(), "keys are left")
}

async fn bulk_reads(env: Env) -> CheckResult {
    let (store, expires) = (store(&env)?, SystemClock.now().saturating_add(DAY));
    let entry = |index: usize| KvEntry { key: format!("bulk:{index}"), value: index.to_string().into_bytes(), expires };
    store.put_many(&(0..250).step_by(2).map(entry).collect::<Vec<_>>()).await?;
    let keys: Vec<_> = (0..250).rev().chain([0, 0]).map(|index| format!("bulk:{index}")).collect();
    let values = store.get_many(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let value = |index: usize| index.is_multiple_of(2).then(|| index.to_string().into_bytes());
    ensure_eq(&values, &(0..250).rev().chain([0, 0]).map(value).collect(), "values")?;
    ensure(store.get_many(&[]).await?.is_empty(), "no keys")
}

async fn large_bulk_reads(env: Env) -> CheckResult {
    let (store, expires) = (store(&env)?, SystemClock.now().saturating_add(DAY));
    let keys: Vec<_> = (0..40).map(|index| format!("large:{index}")).collect();
    let value = vec![b'x'; 1 << 20];
    for key in &keys {
        store.put(key, &value, expires).await?;
    }
    let values = store.get_many(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    ensure(values.len() == keys.len() && values.iter().all(|found| found.as_ref() == Some(&value)), "values")?;
    store.delete_many(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    Ok(())
}

async fn bytes(env: Env) -> CheckResult {
    let (store, expires) = (store(&env)?, SystemClock.now().saturating_add(DAY));
    let value: Vec<u8> = (0..=255).collect();
    store.put("bytes", &value, expires).await?;
    ensure_eq(&store.get("bytes").await?, &Some(value), "any byte")
}

async fn large_values(env: Env) -> CheckResult {
    let (store, expires) = (store(&env)?, SystemClock.now().saturating_add(DAY));
    let refused = store.put("huge", &vec![b'x'; 25 * 1024 * 1024 + 1], expires).await;
    ensure_fails(refused, Kind::InvalidAttribute, None, "put")?;
    ensure_eq(&store.get("huge").await?, &None, "get")
}

async fn errors(env: Env) -> CheckResult {
    let store = store(&env)?;
    // A name that KV refuses, and that no layout makes.
    let Err(error) = store.get(".").await else {
        return Err("KV took a key that it has no room for".into());
    };
    ensure_eq(&error.kind(), &Kind::Backend, "the kind")?;
    let source = error.downcast_ref::<CloudflareKvError>().map(ToString::to_string).unwrap_or_default();
    ensure(
        source.contains("is not allowed as a key name") && !source.contains("\".\""),
        format!("the source is {source}"),
    )
}
