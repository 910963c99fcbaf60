use axum::{
    extract::rejection::{JsonRejection, PathRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use lucia_auth::Error;
use lucia_axum::AuthRejection;
use serde::Serialize;
use utoipa::ToSchema;

/// An error of a handler.
#[derive(Debug)]
pub(super) enum ApiError {
    /// The layer renders it by [`render`].
    Auth(AuthRejection),
    /// The body is not the JSON that the route expects.
    Body(JsonRejection),
    /// The path does not have the form that the route expects.
    Path(PathRejection),
    /// A field has a value that is not acceptable.
    Field { field: &'static str, detail: String },
    /// The session does not exist, or is not the user's.
    UnknownSession,
}

/// The body of an error: `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// The status of the response.
    #[schema(example = 401)]
    status: u16,
    /// A code to match on.
    #[schema(example = "AUTH_NOT_AUTHENTICATED")]
    code: String,
    /// A line for people.
    #[schema(example = "nobody is signed in")]
    detail: String,
    /// The field of the request that is not acceptable.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, code: &str, detail: String) -> Self {
        Self { status: status.as_u16(), code: code.to_owned(), detail, field: None }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        (status, [content_type], axum::Json(self)).into_response()
    }
}

/// Renders the rejections of the layer, of extractors and of handlers. The headers of the status, such as
/// `Retry-After`, are the layer's.
pub(super) fn render(rejection: &AuthRejection, _headers: &HeaderMap) -> Response {
    let mut problem = Problem::new(rejection.status(), rejection.code(), rejection.detail());
    problem.field = match rejection {
        AuthRejection::Refused(Error::DuplicateKeyId { .. } | Error::DuplicateAttribute { .. }) => Some("email"),
        AuthRejection::Refused(Error::Password(_)) => Some("password"),
        _ => None,
    };
    problem.into_response()
}

pub(super) async fn not_found() -> Response {
    Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "this path does not exist".to_owned()).into_response()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Auth(rejection) => rejection.into_response(),
            Self::Body(rejection) => {
                Problem::new(rejection.status(), "INVALID_BODY", rejection.body_text()).into_response()
            }
            Self::Path(rejection) => {
                Problem::new(rejection.status(), "INVALID_PATH", rejection.body_text()).into_response()
            }
            Self::Field { field, detail } => {
                let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_FIELD", detail);
                Problem { field: Some(field), ..problem }.into_response()
            }
            Self::UnknownSession => {
                let detail = "you have no session of this handle".to_owned();
                Problem::new(StatusCode::NOT_FOUND, "UNKNOWN_SESSION", detail).into_response()
            }
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Auth(error.into())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::Path(rejection)
    }
}
