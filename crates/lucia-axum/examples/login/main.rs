//! A login application: sign up with an address and confirm it, sign in, set a new password by mail, see and revoke
//! sessions, change the password and the address, delete the account.
//!
//! `cargo run -p lucia-axum --example login`. The README of `lucia-axum` lists its environment variables.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints to its terminal")]

mod app;
mod proxies;
mod config;

use std::{
    error::Error,
    io, iter,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use axum::BoxError;
use lucia_axum::AuthLayer;
use tokio::{net::TcpListener, signal, time};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    app::{AppAuth, AppTokens, Links, Mailer, Store},
    config::{Config, InvalidVariable},
};

/// The time that tasks have to complete after the last request. Container runtimes kill a program ten seconds after they
/// ask it to end.
const LAST_TASKS: Duration = Duration::from_secs(8);

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

async fn run() -> Result<(), BoxError> {
    let config = Config::from_env()?;
    log(config.log);
    let Store { pool, accounts, tokens } = match app::open_store(&config.database_url).await {
        Ok(store) => store,
        Err(error) => return Err(InvalidVariable::database(&config.database_url, error).into()),
    };
    let auth = app::auth(accounts, tokens.clone(), config.throttle_key, config.origin.as_ref()).build()?;
    let tokens = AppTokens::new(auth.clone(), tokens);
    // The address of a client counts against guesses, if it is one of the internet.
    let layer = AuthLayer::new(auth.clone());
    let layer = match &config.trusted_proxies {
        Some(proxies) => layer.trusted_proxies(proxies.ranges())?,
        None => layer,
    };

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, config.port));
    let listener = TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("Listening on {address}");
    if let Mailer::Outbox(_) = &config.mailer {
        println!("Mail is not sent, because SMTP_URL is not set. Everybody can read it at {address}/outbox");
    }
    let origin = config.origin.map_or_else(|| address.parse(), Ok)?;
    let clean_up = tokio::spawn(delete_expired_rows_regularly(auth.clone(), tokens.clone()));
    let links = Links::new(auth, tokens, config.mailer, origin);
    let tasks = links.tasks().clone();
    let app = app::router(layer, links).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(shutdown_signal()).await?;
    clean_up.abort();
    // Mail that was promised is sent, if the mail server does not take too long.
    if time::timeout(LAST_TASKS, tasks.completed()).await.is_err() {
        tracing::error!("the program ends before all tasks have completed: mail may be lost");
    }
    // Merges the write-ahead log into the file.
    pool.close().await;
    Ok(())
}

/// Prints the events of the application and of its libraries, which are lost otherwise.
fn log(levels: Targets) {
    tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(levels).init();
}

/// Deletes expired sessions, tokens and counters, which databases keep.
async fn delete_expired_rows_regularly(auth: AppAuth, tokens: AppTokens) {
    let mut hourly = time::interval(Duration::from_secs(3_600));
    loop {
        hourly.tick().await;
        if let Err(error) = auth.delete_expired_sessions().await {
            tracing::error!(error = &error as &dyn Error, "expired sessions not deleted");
        }
        if let Err(error) = tokens.delete_expired_tokens().await {
            tracing::error!(error = &error as &dyn Error, "expired tokens not deleted");
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
