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
    env::{self, VarError},
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
    let port = variable("PORT")?.unwrap_or_else(|| "3000".to_owned()).parse::<u16>();
    let port = port.map_err(|error| format!("invalid PORT (a number from 0 to 65535): {error}"))?;
    let database = variable("DATABASE_URL")?.unwrap_or_else(|| "postgres://localhost/api".to_owned());
    let redis = variable("REDIS_URL")?.unwrap_or_else(|| "redis://127.0.0.1/".to_owned());
    let count_in_postgres = match variable("COUNTERS")?.as_deref() {
        Some("postgres") => true,
        None | Some("redis") => false,
        Some(other) => return Err(format!("COUNTERS must be `redis` or `postgres`, not `{other}`").into()),
    };
    let generate = "generate one with `openssl rand -hex 32`";
    let key = variable("THROTTLE_KEY")?.ok_or_else(|| format!("THROTTLE_KEY is not set: {generate}"))?;
    let key = key.parse::<ThrottleKey>().map_err(|error| format!("invalid THROTTLE_KEY ({generate}): {error}"))?;
    let stores = app::open_stores(&database, &redis, count_in_postgres).await?;
    let throttle = Throttle::new(stores.counters, key);
    // Browsers use plain HTTP on this address.
    let auth = app::auth(stores.accounts).throttle(throttle).env(Env::Dev).build()?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    // The limits of sign-ins need the addresses of clients. Behind a proxy, see `AuthLayer::trusted_proxies`.
    let service = app::router(&auth).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(async { drop(signal::ctrl_c().await) }).await?;
    Ok(())
}

fn variable(name: &'static str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("invalid {name}: not UTF-8")),
    }
}
