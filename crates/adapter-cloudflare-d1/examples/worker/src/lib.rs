//! A Worker with sign-up, sign-in, an account page and sign-out: users, keys and sessions in D1,
//! or, with the feature `kv-sessions`, sessions in KV. Attempts to sign in are counted in D1.

mod page;
mod error;
mod auth;
mod form;
mod routes;

use worker::{Context, Env, HttpRequest, ScheduleContext, ScheduledEvent, event};

use crate::error::Error;

#[event(fetch)]
async fn fetch(request: HttpRequest, env: Env, _context: Context) -> worker::Result<http::Response<String>> {
    let answer = match auth::build(&env).await {
        Ok(auth) => routes::answer(&auth, request).await,
        Err(error) => Err(Error::Setup(error)),
    };
    Ok(answer.unwrap_or_else(Error::into_response))
}

/// Runs once an hour: `crons` in `wrangler.toml`.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = auth::delete_expired(&env).await {
        error::log(Some(&*error));
    }
}
