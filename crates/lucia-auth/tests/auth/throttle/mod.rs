mod accounts;
mod actions;
mod addresses;
mod counters;
mod devices;
mod outages;
mod windows;

use std::time::Duration;

use lucia_auth::{Auth, AuthBuilder, Client, Error, NewKey, NewUser, Throttle, ThrottleKey, VerifiedKey};

use self::counters::Counters;
use crate::support::World;

const QUARTER: Duration = Duration::from_secs(15 * 60);

fn key() -> ThrottleKey {
    ThrottleKey::from_bytes([7; 32])
}

/// An `Auth` with the user Ada, and the counters that its throttle uses.
struct Throttled {
    world: World,
    counters: Counters,
    auth: Auth,
}

impl Throttled {
    async fn new() -> Self {
        Self::with(|throttle| throttle).await
    }

    async fn with(set: impl FnOnce(Throttle) -> Throttle) -> Self {
        let (world, counters) = (World::new(), Counters::default());
        let auth = builder(&world, set(Throttle::new(counters.clone(), key()))).build().unwrap();
        for name in ["ada", "eve"] {
            let new = NewUser::new().key(NewKey::with_password(("username", name), format!("{name}'s password")));
            auth.create_user(new).await.unwrap();
        }
        world.hasher.take();
        world.adapter.take_calls();
        Self { world, counters, auth }
    }

    async fn guess(&self, name: &str, client: &Client) -> Result<VerifiedKey, Error> {
        self.auth.use_key_with_password(("username", name), "wrong").client(client).await
    }

    async fn sign_in(&self, name: &str, client: &Client) -> Result<VerifiedKey, Error> {
        self.auth.use_key_with_password(("username", name), &format!("{name}'s password")).client(client).await
    }

    /// Makes as many wrong guesses as strangers have.
    async fn attack(&self, name: &str) {
        for _ in 0..10 {
            assert!(self.guess(name, &Client::new()).await.unwrap_err().is_invalid_credentials());
        }
        assert!(is_refused(&self.guess(name, &Client::new()).await));
    }
}

fn builder(world: &World, throttle: Throttle) -> AuthBuilder {
    world.builder().throttle(throttle).hash_queue(1_000)
}

fn is_refused<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::TooManyAttempts { .. }))
}

fn from(address: &str) -> Client {
    Client::new().address(address.parse().unwrap())
}
