//! A Worker that runs the conformance suite on its own bindings, and says what came of it.
//!
//! `/sessions`, `/users` and `/joined` are the suites, `/checks` is what only these stores can be asked.

mod back_door;
mod backend;
mod checks;
mod report;
mod watched_store;

use std::sync::Arc;

use worker::{Context, Env, Request, Response, event};

use crate::backend::{Both, Sessions, Users};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    let cases = match request.path().as_str() {
        "/sessions" => report::of(&adapter_tests::run_session_adapter(&Arc::new(Sessions::new(env))).await),
        "/users" => report::of(&adapter_tests::run_user_adapter(&Arc::new(Users::new(env))).await),
        "/joined" => report::of(&adapter_tests::run_joined_adapter(&Arc::new(Both::new(env))).await),
        "/checks" => checks::run(&env).await,
        _ => return Response::error("there is no such suite", 404),
    };
    Response::from_json(&cases)
}
