//! Presents a text as the cookie of a known device: no panic, nobody's device is known by it, and what is issued to its
//! client is.
#![no_main]

use std::{sync::LazyLock, time::Duration};

use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use lucia_auth::{
    Auth, Client, Error, Limit, ManualClock, NewKey, NewUser, Throttle, ThrottleKey, UnixMillis, VerifiedKey,
    memory::MemoryAdapter,
};

const NAME: (&str, &str) = ("username", "ada");

/// The attempts of strangers are used up.
static LIMITED: LazyLock<(Auth, VerifiedKey)> = LazyLock::new(|| {
    let hour = Duration::from_secs(3_600);
    let throttle = Throttle::new(MemoryAdapter::without_foreign_keys(), ThrottleKey::from_bytes([1; 32]));
    let throttle = throttle.per_account(Limit::new(1, hour)).per_device(Limit::new(1, hour));
    let clock = ManualClock::new(UnixMillis::new(1_700_000_000_000));
    let auth = Auth::builder(MemoryAdapter::new()).clock(clock).throttle(throttle).build().expect("the defaults fit");
    let key = now(auth.create_user(NewUser::new().key(NewKey::new(NAME)))).and_then(|_| now(auth.use_key(NAME)));
    let key = key.expect("memory does not fail");
    let _used_up = now(auth.attempt("sign-in", key.id.as_str(), &Client::new())).expect("the first one");
    (auth.clone(), key)
});

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory does not wait")
}

fuzz_target!(|text: &str| {
    let (auth, key) = &*LIMITED;
    let attempt = |client: &Client| match now(auth.attempt("sign-in", key.id.as_str(), client)) {
        Ok(attempt) => {
            now(attempt.give_back());
            true
        }
        Err(error) => {
            assert!(matches!(error, Error::TooManyAttempts { .. }), "{error:?}");
            false
        }
    };
    let client = Client::new().device(text);
    assert!(!attempt(&client), "a forged cookie");
    assert!(text.is_empty() || !format!("{client:?}").contains(text) || "Client { .. }".contains(text));
    let issued = auth.device_cookie(&client, key).expect("random bytes");
    assert!(attempt(&Client::new().device(issued.value())), "{issued:?}");
});
