//! Tests of the queue of passwords that wait to be hashed.

use std::sync::{
    Mutex,
    mpsc::{Receiver, Sender, channel},
};

use lucia_auth::{
    Auth, AuthBuilder, Client, Error, HashedPassword, NewKey, NewUser, PasswordError, PasswordHasher, Throttle,
    Verification,
};
use tokio::task::JoinHandle;

use crate::support::World;

/// A hasher that reports each verification, and ends it on demand.
#[derive(Debug)]
struct Gated {
    started: Sender<String>,
    release: Mutex<Receiver<()>>,
}

struct Gate {
    started: Receiver<String>,
    release: Sender<()>,
}

impl PasswordHasher for Gated {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        Ok(HashedPassword::new(password))
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        self.started.send(password.to_owned()).map_err(PasswordError::hasher)?;
        self.release.lock().unwrap().recv().map_err(PasswordError::hasher)?;
        Ok(if hash.as_str() == password { Verification::Valid } else { Verification::Invalid })
    }
}

/// Returns an `Auth` with the user Ada that hashes one password at a time.
async fn gated(world: &World, set: impl FnOnce(AuthBuilder) -> AuthBuilder) -> (Auth, Gate) {
    let ((started_sender, started), (release, release_receiver)) = (channel(), channel());
    let hasher = Gated { started: started_sender, release: Mutex::new(release_receiver) };
    let auth = set(world.builder().password_hash(hasher).hash_concurrency(1)).build().unwrap();
    auth.create_user(NewUser::new().key(NewKey::with_password(("username", "ada"), "right horse"))).await.unwrap();
    (auth, Gate { started, release })
}

fn sign_in(auth: &Auth, address: u8, password: &str) -> JoinHandle<Result<(), Error>> {
    let (auth, password) = (auth.clone(), password.to_owned());
    tokio::spawn(async move {
        let client = Client::new().address([203, 0, 113, address].into());
        auth.use_key_with_password(("username", "ada"), &password).client(&client).await.map(drop)
    })
}

/// Waits until a task has ended or waits itself, on the test's thread.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

fn is_busy(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::Busy { .. }))
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_and_counts_nothing() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder.hash_queue(1)).await;
    let first = sign_in(&auth, 1, "wrong");
    settle().await;
    gate.started.recv().unwrap();
    let second = sign_in(&auth, 1, "wrong");
    settle().await;
    world.adapter.take_calls();
    for _ in 0..30 {
        let error = sign_in(&auth, 1, "wrong").await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Busy { .. }) && error.retry_after().is_some_and(|time| !time.is_zero()));
        assert_eq!((error.code(), error.is_unavailable()), ("AUTH_BUSY", false));
    }
    assert!(world.adapter.take_calls().is_empty(), "the store was not asked");
    let busy = auth.update_key_password(("username", "ada"), Some("new password")).await.unwrap_err();
    assert!(matches!(busy, Error::Busy { .. }), "it waits like a sign-in");

    for task in [first, second] {
        gate.release.send(()).unwrap();
        assert!(task.await.unwrap().unwrap_err().is_invalid_credentials());
    }
    // Eight of ten attempts are left.
    for index in 0..9 {
        gate.release.send(()).unwrap();
        let error = sign_in(&auth, 1, "wrong").await.unwrap().unwrap_err();
        assert_eq!(error.is_invalid_credentials(), index < 8, "{index}: {error}");
    }
}

#[tokio::test]
async fn an_attacker_does_not_hold_the_places_of_others() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder.hash_queue(20).throttle(Throttle::off())).await;
    let attack: Vec<_> = (0..40).map(|_| sign_in(&auth, 66, "guess")).collect();
    settle().await;
    assert_eq!(gate.started.recv().unwrap(), "guess");
    let owner = sign_in(&auth, 1, "right horse");
    settle().await;
    gate.release.send(()).unwrap();
    // The owner waits for at most one more of the attacker's.
    gate.release.send(()).unwrap();
    gate.release.send(()).unwrap();
    owner.await.unwrap().unwrap();
    for _ in 0..40 {
        gate.release.send(()).unwrap();
    }
    let (mut verified, mut busy) = (0, 0);
    for guess in attack {
        let result = guess.await.unwrap();
        busy += usize::from(is_busy(&result));
        verified += usize::from(result.is_err_and(|error| error.is_invalid_credentials()));
    }
    assert_eq!((verified, busy), (20, 20), "one was verified at once, and one of the waiting made room");
}

/// Starts forty sign-ups with different names.
fn sign_ups(auth: &Auth) -> Vec<JoinHandle<Result<(), Error>>> {
    let sign_up = |index| {
        let auth = auth.clone();
        let key = NewKey::with_password(("username", &format!("name{index}")), "a long password");
        tokio::spawn(async move { auth.create_user(NewUser::new().key(key)).await.map(drop) })
    };
    (0..40).map(sign_up).collect()
}

/// Whoever signs up chooses the name, and may send many.
#[tokio::test]
async fn sign_ups_with_many_names_do_not_hold_the_places_of_sign_ins() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder.hash_queue(20)).await;
    let first = sign_in(&auth, 2, "right horse");
    settle().await;
    gate.started.recv().unwrap();
    let sign_ups = sign_ups(&auth);
    settle().await;
    let owner = sign_in(&auth, 1, "right horse");
    settle().await;
    for task in [first, owner] {
        gate.release.send(()).unwrap();
        task.await.unwrap().unwrap();
    }
    let mut busy = 0;
    for sign_up in sign_ups {
        busy += usize::from(is_busy(&sign_up.await.unwrap()));
    }
    assert_eq!(busy, 21, "one of the waiting made room for the owner");
}

/// Each is counted before it is verified, and they are more than the limit of the account.
#[tokio::test]
async fn parallel_sign_ins_of_one_account_do_not_refuse_each_other() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder).await;
    for (password, verified) in [("right horse", 30), ("wrong", 10)] {
        let sign_ins: Vec<_> = (0..30).map(|_| sign_in(&auth, 1, password)).collect();
        settle().await;
        for _ in 0..verified {
            gate.release.send(()).unwrap();
        }
        let mut results = Vec::new();
        for sign_in in sign_ins {
            results.push(sign_in.await.unwrap());
        }
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), if verified == 30 { 30 } else { 0 });
        assert_eq!(gate.started.try_iter().count(), verified, "{password}");
    }
    let sign_ins: Vec<_> = (0..30).map(|_| sign_in(&auth, 1, "right horse")).collect();
    for sign_in in sign_ins {
        assert!(matches!(sign_in.await.unwrap(), Err(Error::TooManyAttempts { .. })), "nobody waits for the window");
    }
}

/// Whoever knows a password may send as many sign-ins as they like, and none of them is refused by its limit.
#[tokio::test]
async fn no_more_sign_ins_of_one_account_wait_than_the_queue_allows() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder.hash_queue(20)).await;
    let sign_ins: Vec<_> = (0..200).map(|_| sign_in(&auth, 1, "right horse")).collect();
    settle().await;
    let other = sign_in(&auth, 2, "wrong");
    settle().await;
    assert!(is_busy(&other.await.unwrap()), "it would wait as well");
    for _ in 0..30 {
        gate.release.send(()).unwrap();
    }
    let mut busy = 0;
    for sign_in in sign_ins {
        let result = sign_in.await.unwrap();
        busy += usize::from(is_busy(&result));
        assert!(result.is_ok() || is_busy(&result));
    }
    assert_eq!(busy, 170, "ten were counted, and twenty waited for them");
    gate.release.send(()).unwrap();
    sign_in(&auth, 1, "right horse").await.unwrap().unwrap();
}

/// The owner of an account must be able to change a password while others sign up.
#[tokio::test]
async fn sign_ups_do_not_hold_the_place_of_a_new_password() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder.hash_queue(20)).await;
    let first = sign_in(&auth, 2, "right horse");
    settle().await;
    gate.started.recv().unwrap();
    let sign_ups = sign_ups(&auth);
    settle().await;
    let change = tokio::spawn({
        let auth = auth.clone();
        async move { auth.update_key_password(("username", "ada"), Some("another horse")).await.map(drop) }
    });
    settle().await;
    gate.release.send(()).unwrap();
    change.await.unwrap().unwrap();
    first.await.unwrap().unwrap();
    for sign_up in sign_ups {
        let _ = sign_up.await.unwrap();
    }
}

#[tokio::test]
async fn sign_ins_that_are_dropped_leave_the_queue() {
    let world = World::new();
    let (auth, gate) = gated(&world, |builder| builder.hash_queue(3).throttle(Throttle::off())).await;
    let first = sign_in(&auth, 1, "wrong");
    settle().await;
    gate.started.recv().unwrap();
    for _ in 0..100 {
        let dropped: Vec<_> = (0..3).map(|_| sign_in(&auth, 1, "wrong")).collect();
        settle().await;
        for task in dropped {
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
    }
    let last = sign_in(&auth, 1, "right horse");
    settle().await;
    gate.release.send(()).unwrap();
    gate.release.send(()).unwrap();
    assert!(first.await.unwrap().unwrap_err().is_invalid_credentials());
    last.await.unwrap().unwrap();
    assert_eq!(gate.started.try_iter().count(), 1, "none of the dropped ones was hashed");
}
