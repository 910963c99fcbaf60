use axum::extract::FromRequest;

use super::error::ApiError;

/// Extracts a JSON body. Other bodies are rejected with a [`Problem`](super::error::Problem).
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub(super) struct Json<T>(pub(super) T);
