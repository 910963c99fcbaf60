//! How long `/account` of the login application takes while eight other people wait for their password hashes.
//!
//! `cargo bench -p lucia-axum --bench hashing_load`. Server and clients share this machine, and talk HTTP over TCP.
//!
//! Whatever else the machine does counts as well. Where it is not idle, keep the others away (as root on Linux, run the
//! bench under `chrt -r 1`). On two cores p99 was then 0.12 to 0.16 of a hash; with eight hashes at once, which leaves no
//! core free, it was 1.27.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench measures, and prints its figures")]

#[path = "../examples/login/app/mod.rs"]
#[expect(dead_code, reason = "it sends no mail")]
mod app;

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lucia_auth::{Argon2id, PasswordHasher as _, ThrottleKey};
use lucia_axum::AuthLayer;
use reqwest::{Client, StatusCode, header, redirect};
use tokio::{net::TcpListener, runtime, task::JoinSet, time};

use self::app::{AppAuth, AppTokens, Links, Mailer, Origin, Store};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const SIGN_INS: usize = 8;
const PAGES: usize = 2_000;
const EVERY: Duration = Duration::from_millis(5);
const MAX_TIME: Duration = Duration::from_secs(30);
const PASSWORD: &str = "correct horse battery";

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
    let server = runtime::Builder::new_multi_thread().enable_all().build()?;
    let origin = server.block_on(start(&url))?;
    // The clients have one thread of their own, so that waiting for a worker is the server's alone.
    let clients = runtime::Builder::new_current_thread().enable_all().build()?;
    clients.block_on(measure(origin))
}

async fn start(url: &str) -> Result<String> {
    let Store { accounts, tokens, .. } = app::open_store(url).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let origin: Origin = address.parse()?;
    let auth: AppAuth = app::auth(accounts, tokens.clone(), ThrottleKey::generate()?, Some(&origin)).build()?;
    let links = Links::new(auth.clone(), AppTokens::new(auth.clone(), tokens), Mailer::outbox(), origin);
    tokio::spawn(async move { axum::serve(listener, app::router(AuthLayer::new(auth), links)).await });
    Ok(address)
}

async fn measure(origin: String) -> Result<()> {
    let hash = time_of_a_hash()?;
    println!("one hash                 {:>9.2} ms (median of 21)", millis(hash));

    let reader = visitor()?;
    submit(&reader, &origin, "/sign-up", "reader").await?;
    for person in 0..SIGN_INS {
        submit(&visitor()?, &origin, "/sign-up", &format!("person{person}")).await?;
    }
    let idle = read_pages(&reader, &origin).await?;
    report("/account, nobody else", &idle);

    let stop = Arc::new(AtomicBool::new(false));
    let mut people = JoinSet::new();
    for person in 0..SIGN_INS {
        people.spawn(sign_in_until(Arc::clone(&stop), origin.clone(), format!("person{person}")));
    }
    let busy = read_pages(&reader, &origin).await?;
    stop.store(true, Ordering::Relaxed);
    let mut signed_in = 0;
    while let Some(count) = people.join_next().await {
        signed_in += count??;
    }
    report("/account, 8 signing in", &busy);
    println!("sign-ins meanwhile       {signed_in:>9}");
    let share = percentile(&busy, 99).as_secs_f64() / hash.as_secs_f64();
    let verdict = if share < 0.5 { "holds" } else { "does not hold" };
    println!("p99 / one hash           {share:>9.2} (below 0.50: {verdict})");
    Ok(())
}

fn time_of_a_hash() -> Result<Duration> {
    let hasher = Argon2id::default();
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        hasher.hash(PASSWORD)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(percentile(&times, 50))
}

/// How long pages take that are asked for at a steady rate, in order of length. The time counts from when a page was due, so
/// that one which is late makes the next ones late as well.
async fn read_pages(client: &Client, origin: &str) -> Result<Vec<Duration>> {
    let start = Instant::now();
    let mut due = time::interval(EVERY);
    let mut times = Vec::with_capacity(PAGES);
    while times.len() < PAGES && start.elapsed() < MAX_TIME {
        let due = due.tick().await;
        let response = client.get(format!("{origin}/account")).send().await?;
        if response.status() != StatusCode::OK {
            return Err(format!("/account answered {}", response.status()).into());
        }
        response.bytes().await?;
        times.push(due.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

async fn sign_in_until(stop: Arc<AtomicBool>, origin: String, username: String) -> Result<usize> {
    let client = visitor()?;
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        submit(&client, &origin, "/sign-in", &username).await?;
        count += 1;
    }
    Ok(count)
}

fn visitor() -> Result<Client> {
    Ok(Client::builder().cookie_store(true).redirect(redirect::Policy::none()).no_proxy().build()?)
}

async fn submit(client: &Client, origin: &str, path: &str, username: &str) -> Result<()> {
    let email = format!("{username}@example.com");
    let form = [("username", username), ("email", &email), ("password", PASSWORD)];
    let request = client.post(format!("{origin}{path}")).header(header::ORIGIN, origin).form(&form);
    match request.send().await?.status() {
        StatusCode::SEE_OTHER => Ok(()),
        status => Err(format!("{path} answered {status}").into()),
    }
}

fn report(name: &str, times: &[Duration]) {
    let [p50, p99, max] = [50, 99, 100].map(|percent| millis(percentile(times, percent)));
    println!("{name:<24} {p50:>9.2} ms p50 {p99:>9.2} ms p99 {max:>9.2} ms max ({} pages)", times.len());
}

/// Of times in order of length.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
