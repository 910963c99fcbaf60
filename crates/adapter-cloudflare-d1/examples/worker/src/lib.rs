//! A Worker with sign-up, sign-in, an account page and sign-out: users, keys and sessions in D1,
//! or, with the feature `kv-sessions`, sessions in KV.

mod page;
mod error;
mod auth;
mod form;
mod routes;

use worker::{Context, Env, HttpRequest, event};

use crate::error::Error;

#[event(fetch)]
async fn fetch(request: HttpRequest, env: Env, _context: Context) -> worker::Result<http::Response<String>> {
    let answer = match auth::build(&env).await {
        Ok(auth) => routes::answer(&auth, request).await,
        Err(error) => Err(Error::Setup(error)),
    };
    Ok(answer.unwrap_or_else(Error::into_response))
}
