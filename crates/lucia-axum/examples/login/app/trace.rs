use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

/// Gives the events of a request its method and the pattern of its path. The query is omitted: it may contain a token.
pub(super) async fn name_request(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let span = tracing::info_span!("request", method = %request.method(), path);
    next.run(request).instrument(span).await
}
