//! A Worker that runs the conformance suite on its own bindings and reports each case.
//!
//! | path | cases |
//! |---|---|
//! | `/d1`, `/plain` | everything in D1, with foreign keys and without |
//! | `/scans` | scans of all sessions in D1 |
//! | `/tokens`, `/plain_tokens` | tokens and counters in D1, with foreign keys and without |
//! | `/users` | users and keys in D1 |
//! | `/kv` | sessions in KV |
//! | `/split` | users and keys in D1, sessions in KV |
//! | `/checks` | checks that apply to these stores only |

mod number;
mod report;
mod check;
mod kv;
mod d1;
mod split;

use std::sync::Arc;

use adapter_tests::Report;
use serde_json::Value;
use worker::{Context, Env, Request, Response, event};

use self::{check::Check, d1::Owners};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    let cases = match request.path().as_str() {
        "/d1" => report::of(&everything(env, Owners::References).await),
        "/plain" => report::of(&everything(env, Owners::Plain).await),
        "/scans" => report::of(&scans(env).await),
        "/tokens" => report::of(&tokens(env, Owners::References).await),
        "/plain_tokens" => report::of(&tokens(env, Owners::Plain).await),
        "/kv" => report::of(&adapter_tests::run_session_adapter(&Arc::new(kv::Sessions::new(env))).await),
        "/users" => report::of(&adapter_tests::run_user_adapter(&Arc::new(d1::Users::new(env))).await),
        "/split" => report::of(&adapter_tests::run_joined_adapter(&Arc::new(split::Split::new(env))).await),
        "/checks" => check(&env).await,
        _ => return Response::error("unknown suite", 404),
    };
    Response::from_json(&cases)
}

async fn everything(env: Env, owners: Owners) -> Report {
    adapter_tests::run_adapter(&Arc::new(d1::Everything::new(env, owners))).await
}

async fn scans(env: Env) -> Report {
    adapter_tests::run_session_scan(&Arc::new(d1::Everything::new(env, Owners::References))).await
}

async fn tokens(env: Env, owners: Owners) -> Report {
    adapter_tests::run_token_adapter(&Arc::new(d1::Tokens::new(env, owners))).await
}

async fn check(env: &Env) -> Value {
    let mut outcomes = Vec::new();
    for Check(name, check) in [kv::CHECKS, kv::REQUESTS].into_iter().chain(d1::CHECKS).flatten() {
        let outcome = check(env.clone()).await;
        outcomes.push(report::of_check(name, outcome.map_err(|error| error.to_string())));
    }
    Value::Array(outcomes)
}
