//! Measures the overhead of `Auth` over its adapter: `cargo bench -p lucia-auth`.

#![expect(clippy::unwrap_used, reason = "a bench fails on errors")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use lucia_auth::{Adapter, Auth, NewSession, NewUser, Session, memory::MemoryAdapter};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Profile {
    username: String,
    age: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Device {
    device: String,
    created_at: i64,
}

fn signed_in(
    runtime: &tokio::runtime::Runtime,
    adapter: &MemoryAdapter,
) -> (Auth<Profile, Device>, Session<Profile, Device>) {
    let auth =
        Auth::builder(adapter.clone()).user_attributes::<Profile>().session_attributes::<Device>().build().unwrap();
    let session = runtime.block_on(async {
        let profile = Profile { username: "ada".into(), age: Some(36) };
        let user = auth.create_user(NewUser::new().attributes(&profile)).await.unwrap();
        let device = Device { device: "Firefox on Linux".into(), created_at: 1_700_000_000_000 };
        auth.create_session(NewSession::new(user.id).attributes(&device)).await.unwrap()
    });
    (auth, session)
}

fn validation(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let adapter = MemoryAdapter::new();
    let (auth, session) = signed_in(&runtime, &adapter);
    let id = &session.id;
    let mut group = criterion.benchmark_group("validation");
    group.bench_function("control: the adapter alone", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(adapter.get_session_and_user(id).await.unwrap()) });
    });
    group.bench_function("validate_session", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(auth.validate_session(&session.token).await.unwrap()) });
    });
    group.bench_function("handle_request and validate", |bencher| {
        let cookie = format!("theme=dark; auth_session={}", session.token.as_str());
        bencher.to_async(&runtime).iter_batched(
            || http::Request::get("/").header("host", "example.com").header("cookie", &cookie).body(()).unwrap(),
            |request| {
                let auth = &auth;
                async move { black_box(auth.handle_request(&request).validate().await.unwrap()) }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, validation);
criterion_main!(benches);
