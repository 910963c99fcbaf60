//! Prints how sign-ins share the queue of hashes, and whether their time tells who has an account.
//!
//! `cargo bench -p lucia-auth --bench sign_in`. Linux only, because of the memory.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures and prints"
)]

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use lucia_auth::{Auth, Client, Error, NewKey, NewUser, Throttle, memory::MemoryAdapter};
use tokio::task::JoinSet;

const PEOPLE: usize = 300;
const GUESSES: usize = 200;
const SAMPLES: usize = 200;
const PASSWORD: &str = "correct horse battery";

/// How a sign-in ended, and after which time.
struct SignIn {
    outcome: Outcome,
    time: Duration,
}

#[derive(PartialEq, Eq)]
enum Outcome {
    SignedIn,
    Refused,
    Busy,
}

#[tokio::main]
async fn main() {
    println!("one hash: {:.1} ms", millis(median(&mut one_hash().await)));
    parallel_sign_ins().await;
    a_sign_in_beside_guesses().await;
    accounts_that_exist_or_not().await;
}

async fn auth_with_people(people: usize) -> Auth {
    let auth = Auth::builder(MemoryAdapter::new()).throttle(Throttle::off()).build().unwrap();
    for person in 0..people {
        let key = NewKey::with_password(("username", format!("person{person}")), PASSWORD);
        auth.create_user(NewUser::new().key(key)).await.unwrap();
    }
    auth
}

fn client(number: usize) -> Client {
    let [.., high, low] = number.to_be_bytes();
    Client::new().address(IpAddr::V4(Ipv4Addr::new(203, 0, high, low)))
}

async fn sign_in(auth: Auth, username: String, password: &'static str, client: Client) -> SignIn {
    let start = Instant::now();
    let result = auth.use_key_with_password(("username", &username), password).client(&client).await;
    let outcome = match result {
        Ok(_) => Outcome::SignedIn,
        Err(Error::Busy { .. }) => Outcome::Busy,
        Err(error) if error.is_invalid_credentials() => Outcome::Refused,
        Err(error) => panic!("{error}"),
    };
    SignIn { outcome, time: start.elapsed() }
}

async fn one_hash() -> Vec<Duration> {
    let auth = auth_with_people(1).await;
    let mut times = Vec::new();
    for _ in 0..21 {
        times.push(sign_in(auth.clone(), "person0".to_owned(), PASSWORD, client(0)).await.time);
    }
    times
}

/// People at addresses of their own sign in at once.
async fn parallel_sign_ins() {
    let auth = auth_with_people(PEOPLE).await;
    let before = memory("VmRSS:");
    let mut sign_ins = JoinSet::new();
    for person in 0..PEOPLE {
        sign_ins.spawn(sign_in(auth.clone(), format!("person{person}"), PASSWORD, client(person)));
    }
    let (mut signed_in, mut busy) = (Vec::new(), Vec::new());
    for SignIn { outcome, time } in sign_ins.join_all().await {
        match outcome {
            Outcome::SignedIn => signed_in.push(time),
            Outcome::Busy => busy.push(time),
            Outcome::Refused => panic!("the password is right"),
        }
    }
    println!(
        "{PEOPLE} at once: {} signed in (median {:.0} ms, last {:.0} ms), {} busy (median {:.2} ms), {before} MiB before, at most {} MiB",
        signed_in.len(),
        millis(median(&mut signed_in)),
        millis(signed_in.iter().copied().max().unwrap_or_default()),
        busy.len(),
        millis(median(&mut busy)),
        memory("VmHWM:"),
    );
}

/// Somebody signs in while one address guesses as fast as it can.
async fn a_sign_in_beside_guesses() {
    let auth = auth_with_people(1).await;
    let mut guesses = JoinSet::new();
    for guess in 0..GUESSES {
        guesses.spawn(sign_in(auth.clone(), format!("nobody{guess}"), "a guess", client(1)));
    }
    tokio::task::yield_now().await;
    let person = sign_in(auth, "person0".to_owned(), PASSWORD, client(2)).await;
    assert!(person.outcome == Outcome::SignedIn, "the queue is fair");
    let guesses = guesses.join_all().await;
    let hashed = guesses.iter().filter(|guess| guess.outcome == Outcome::Refused).count();
    println!(
        "beside {GUESSES} guesses of one address: {:.0} ms for a sign-in; {hashed} guesses hashed, the last after {:.0} ms",
        millis(person.time),
        millis(guesses.iter().map(|guess| guess.time).max().unwrap_or_default()),
    );
}

/// Wrong passwords for an account that exists, for one that does not and, as a control, for another that exists, in turns.
async fn accounts_that_exist_or_not() {
    let auth = auth_with_people(2).await;
    let [mut existing, mut control, mut unknown] = [const { Vec::new() }; 3];
    for _ in 0..SAMPLES {
        for (name, times) in [("person0", &mut existing), ("nobody", &mut unknown), ("person1", &mut control)] {
            let guess = sign_in(auth.clone(), name.to_owned(), "a wrong guess", client(0)).await;
            times.push(guess.time);
        }
    }
    for (name, other) in [("an unknown one", &mut unknown), ("control: another that exists", &mut control)] {
        let p = mann_whitney(&existing, other);
        println!(
            "{SAMPLES} wrong passwords of an account: median {:.3} ms; of {name}: {:.3} ms; Mann-Whitney p = {p:.2}",
            millis(median(&mut existing.clone())),
            millis(median(other)),
        );
    }
}

/// Returns the two-sided p of the Mann-Whitney U test, by its normal approximation.
fn mann_whitney(left: &[Duration], right: &[Duration]) -> f64 {
    let mut wins = 0.0;
    for a in left {
        for b in right {
            wins += match a.cmp(b) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (m, n) = (left.len() as f64, right.len() as f64);
    let deviation = (m * n * (m + n + 1.0) / 12.0).sqrt();
    let z = (wins - m * n / 2.0).abs() / deviation;
    erfc(z / std::f64::consts::SQRT_2)
}

/// The complementary error function of a number that is not negative, to 1.2e-7 (Numerical Recipes, 6.2).
fn erfc(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    let polynomial = COEFFICIENTS.iter().fold(0.0, |sum, coefficient| sum * t + coefficient);
    t * (polynomial - x * x).exp()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Returns the memory of this process, in MiB: `VmRSS:` now, `VmHWM:` at its highest.
fn memory(field: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1_024
}
