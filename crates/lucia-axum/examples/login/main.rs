//! A login application: sign up with an address and confirm it, sign in, set a new password by mail, see and revoke
//! sessions, change the password and the address, delete the account.
//!
//! `cargo run -p lucia-axum --example login`. The README of `lucia-axum` lists its environment variables.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints to its terminal")]

mod app;
mod config;

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use lucia_axum::AuthLayer;
use tokio::{net::TcpListener, signal, time};

use crate::{
    app::{AppAuth, AppTokens, Links, Mailer, Store},
    config::Config,
};

/// The time that tasks have to complete after the last request. Container runtimes kill a program ten seconds after they
/// ask it to end.
const LAST_TASKS: Duration = Duration::from_secs(8);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let Store { pool, accounts, tokens } = app::open_store(&config.database_url).await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let origin = config.origin.map_or_else(|| address.parse(), Ok)?;

    let auth = app::auth(accounts, tokens.clone(), config.throttle_key, &origin).build()?;
    let tokens = AppTokens::new(auth.clone(), tokens);
    let clean_up = tokio::spawn(delete_expired_rows_regularly(auth.clone(), tokens.clone()));
    println!("Listening on {address}");
    if let Mailer::Outbox(_) = &config.mailer {
        println!("Mail is not sent, because SMTP_URL is not set. Everybody can read it at {address}/outbox");
    }
    let links = Links::new(auth.clone(), tokens, config.mailer, origin);

    // The address of a client counts against guesses, if it is one of the internet.
    let layer = AuthLayer::new(auth);
    let layer = match &config.trusted_proxies {
        Some(proxies) => layer.trusted_proxies(proxies.split(',').map(str::trim))?,
        None => layer,
    };
    let tasks = links.tasks().clone();
    let app = app::router(layer, links).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(shutdown_signal()).await?;
    clean_up.abort();
    // Mail that was promised is sent, if the mail server does not take too long.
    if time::timeout(LAST_TASKS, tasks.completed()).await.is_err() {
        eprintln!("the program ends before all mail is sent");
    }
    // Merges the write-ahead log into the file.
    pool.close().await;
    Ok(())
}

/// Deletes expired sessions, tokens and counters, which databases keep.
async fn delete_expired_rows_regularly(auth: AppAuth, tokens: AppTokens) {
    let mut hourly = time::interval(Duration::from_secs(3_600));
    loop {
        hourly.tick().await;
        if let Err(error) = auth.delete_expired_sessions().await {
            eprintln!("expired sessions could not be deleted: {error}");
        }
        if let Err(error) = tokens.delete_expired_tokens().await {
            eprintln!("expired tokens could not be deleted: {error}");
        }
    }
}

/// Waits for Ctrl-C or the signal of service managers.
async fn shutdown_signal() {
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = signal::ctrl_c() => {}
        () = terminated => {}
    }
}
