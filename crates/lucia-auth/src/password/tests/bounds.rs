//! Which passwords reach the hasher.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use lucia_core::HashedPassword;

use crate::password::{Origin, PasswordConfig, PasswordError, PasswordHasher, Passwords, Verification};

/// A hasher that records its calls.
#[derive(Debug, Default)]
struct Recorder {
    calls: Mutex<Vec<(&'static str, usize)>>,
    threads: Mutex<Vec<std::thread::ThreadId>>,
    panics: AtomicUsize,
}

impl Recorder {
    fn record(&self, call: &'static str, password: &str) {
        self.calls.lock().unwrap().push((call, password.len()));
        self.threads.lock().unwrap().push(std::thread::current().id());
        assert_eq!(self.panics.load(Ordering::SeqCst), 0, "as told");
    }

    fn take(&self) -> Vec<(&'static str, usize)> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl PasswordHasher for Arc<Recorder> {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        self.record("hash", password);
        Ok(HashedPassword::new(password))
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        self.record("verify", password);
        Ok(if password == hash.as_str() { Verification::Valid } else { Verification::Invalid })
    }

    fn verify_dummy(&self, password: &str) -> Result<(), PasswordError> {
        self.record("verify_dummy", password);
        Ok(())
    }
}

fn engine(max_length: usize) -> (Arc<Recorder>, Passwords) {
    let recorder = Arc::<Recorder>::default();
    let passwords = Passwords::new(PasswordConfig {
        hasher: Arc::new(Arc::clone(&recorder)),
        max_length,
        ..PasswordConfig::default()
    });
    (recorder, passwords)
}

#[tokio::test]
async fn c15_c29_empty_and_long_passwords_are_not_hashed() {
    let (recorder, passwords) = engine(33);
    assert!(matches!(passwords.hash("", Origin::Unknown).await, Err(PasswordError::Empty)));
    for long in ["a".repeat(34), "\u{fdfa}\u{fdfa}".to_owned(), "a".repeat(10_000_000)] {
        assert!(matches!(passwords.hash(&long, Origin::Unknown).await, Err(PasswordError::TooLong { max: 33 })));
    }
    assert!(recorder.take().is_empty());
    for short in ["a".repeat(33), "\u{fdfa}".to_owned()] {
        assert_eq!(passwords.hash(&short, Origin::Unknown).await.unwrap(), HashedPassword::new(short));
    }
}

#[tokio::test]
async fn c14_c29_an_unacceptable_password_is_wrong_and_takes_as_long() {
    let (recorder, passwords) = engine(33);
    let hash = HashedPassword::new("");
    for password in ["", &"a".repeat(34), "\u{fdfa}\u{fdfa}"] {
        assert_eq!(passwords.verify(password, &hash, Origin::Unknown).await.unwrap(), Verification::Invalid);
        passwords.verify_dummy(password, Origin::Unknown).await.unwrap();
        let calls = recorder.take();
        assert!(matches!(calls[..], [("verify_dummy", 1..=33), ("verify_dummy", 1..=33)]), "{password:.40}: {calls:?}");
    }
    assert_eq!(
        passwords.verify("right", &HashedPassword::new("right"), Origin::Unknown).await.unwrap(),
        Verification::Valid
    );
    assert_eq!(recorder.take(), [("verify", 5)]);
}

/// A hasher that accepts every password.
#[derive(Debug)]
struct Credulous;

impl PasswordHasher for Credulous {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        Ok(HashedPassword::new(password))
    }

    fn verify(&self, _: &str, _: &HashedPassword) -> Result<Verification, PasswordError> {
        Ok(Verification::Valid)
    }
}

#[tokio::test]
async fn every_password_is_wrong_for_an_empty_hash() {
    let passwords = Passwords::new(PasswordConfig { hasher: Arc::new(Credulous), ..PasswordConfig::default() });
    assert_eq!(passwords.verify("a", &HashedPassword::new("b"), Origin::Unknown).await.unwrap(), Verification::Valid);
    assert_eq!(passwords.verify("a", &HashedPassword::new(""), Origin::Unknown).await.unwrap(), Verification::Invalid);
}

#[tokio::test]
async fn c29_hashing_leaves_the_async_worker() {
    let (recorder, passwords) = engine(33);
    passwords.hash("a", Origin::Unknown).await.unwrap();
    passwords.verify("a", &HashedPassword::new("a"), Origin::Unknown).await.unwrap();
    passwords.verify_dummy("a", Origin::Unknown).await.unwrap();
    let threads = recorder.threads.lock().unwrap();
    assert_eq!(threads.len(), 3);
    assert!(!threads.contains(&std::thread::current().id()));
}

#[tokio::test]
async fn a_panicking_hasher_is_an_error_and_releases_its_permit() {
    let recorder = Arc::<Recorder>::default();
    let passwords = Passwords::new(PasswordConfig {
        hasher: Arc::new(Arc::clone(&recorder)),
        concurrency: Some(1),
        ..PasswordConfig::default()
    });
    recorder.panics.store(1, Ordering::SeqCst);
    let error = passwords.hash("secret", Origin::Unknown).await.unwrap_err();
    assert!(matches!(error, PasswordError::Interrupted) && !format!("{error:?}").contains("secret"));
}

/// Applications may use any runtime.
#[test]
fn hashing_needs_no_runtime() {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let (_, passwords) = engine(33);
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut hashing = std::pin::pin!(passwords.hash("a", Origin::Unknown));
    let hash = loop {
        match hashing.as_mut().poll(&mut context) {
            std::task::Poll::Ready(hash) => break hash,
            std::task::Poll::Pending => std::thread::park(),
        }
    };
    assert_eq!(hash.unwrap(), HashedPassword::new("a"));
}
