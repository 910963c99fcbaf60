//! A login application: sign up, sign in, see and revoke sessions, change the password, delete the account.
//!
//! `cargo run -p lucia-axum --example login`, with `PORT` (3000) and `DATABASE_URL` (`sqlite://lucia-login.db`).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints to its terminal")]

mod app;

use std::{
    env,
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use lucia_auth::Env;
use tokio::{net::TcpListener, signal, time};

use crate::app::AppAuth;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://lucia-login.db".to_owned());
    let port = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| format!("invalid PORT: {port}"))?,
        Err(_) => 3000,
    };
    // Browsers use plain HTTP on this address.
    let auth = app::auth(app::open_store(&url).await?).env(Env::Dev).build()?;
    let clean_up = tokio::spawn(delete_expired_sessions_regularly(auth.clone()));

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    // The address of a client counts against guesses, if it is one of the internet.
    let app = app::router(auth).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(shutdown_signal()).await?;
    clean_up.abort();
    Ok(())
}

/// Deletes expired sessions, which databases keep.
async fn delete_expired_sessions_regularly(auth: AppAuth) {
    let mut hourly = time::interval(Duration::from_secs(3_600));
    loop {
        hourly.tick().await;
        if let Err(error) = auth.delete_expired_sessions().await {
            eprintln!("expired sessions could not be deleted: {error}");
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
