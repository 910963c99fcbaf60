//! A JSON API for browsers, which send a cookie, and for apps, which send a bearer token. Users are in Postgres, sessions
//! and counters in Redis.
//!
//! `cargo run -p lucia-axum --example api`. `/openapi.json` describes it. It reads these variables:
//!
//! - `THROTTLE_KEY`: the key of the counters of sign-ins, the same in all processes. Generate one with
//!   `openssl rand -hex 32`.
//! - `DATABASE_URL`: the users. Defaults to `postgres://localhost/api`.
//! - `REDIS_URL`: the sessions. Defaults to `redis://127.0.0.1/`.
//! - `COUNTERS`: where sign-ins are counted, `redis` or `postgres`. Defaults to `redis`.
//! - `PORT`: the port on the loopback address; 0 chooses a free one, which is printed. Defaults to 3000.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints to its terminal")]

mod app;

use std::{
    env,
    error::Error,
    iter,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use lucia_auth::{Env, Throttle, ThrottleKey};
use tokio::{net::TcpListener, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let causes = iter::successors(error.source(), |&cause| cause.source());
            let text = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let variable = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let port = variable("PORT", "3000").parse::<u16>();
    let port = port.map_err(|error| format!("invalid PORT (a number from 0 to 65535): {error}"))?;
    let database = variable("DATABASE_URL", "postgres://localhost/api");
    let redis = variable("REDIS_URL", "redis://127.0.0.1/");
    let count_in_postgres = match variable("COUNTERS", "redis").as_str() {
        "postgres" => true,
        "redis" => false,
        other => return Err(format!("COUNTERS must be `redis` or `postgres`, not `{other}`").into()),
    };
    let stores = app::open_stores(&database, &redis, count_in_postgres).await?;
    let throttle = match env::var("THROTTLE_KEY") {
        Ok(key) => {
            let key = key.parse::<ThrottleKey>().map_err(|error| format!("invalid THROTTLE_KEY: {error}"))?;
            Throttle::new(stores.counters, key)
        }
        Err(_) => return Err("THROTTLE_KEY is not set: generate one with `openssl rand -hex 32`".into()),
    };
    // Browsers use plain HTTP on this address.
    let auth = app::auth(stores.accounts).throttle(throttle).env(Env::Dev).build()?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    // The limits of sign-ins need the addresses of clients. Behind a proxy, see `AuthLayer::trusted_proxies`.
    let service = app::router(&auth).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(async { drop(signal::ctrl_c().await) }).await?;
    Ok(())
}
