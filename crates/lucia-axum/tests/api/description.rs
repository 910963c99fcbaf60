use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::client::{Api, As};

/// Every route of the description exists, and those that it calls protected are.
#[tokio::test]
async fn the_description_fits_the_routes() {
    let api = Api::new();
    let description = api.get("/openapi.json", As::Nobody).await.json;
    assert_eq!(description["openapi"], "3.1.0");
    let mut seen = 0;
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = path.replace("{handle}", "0000000000000000");
            let answer = api.send(method.clone(), &path, As::Browser(None), Body::empty(), None).await;
            let expected = if operation.get("security").is_some_and(Value::is_array) {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            };
            assert_eq!(answer.status, expected, "{method} {path}");
            assert!(operation["summary"].is_string() && operation["responses"].is_object(), "{method} {path}");
            seen += 1;
        }
    }
    assert_eq!(seen, 7);
    for scheme in ["cookie", "token"] {
        assert!(description["components"]["securitySchemes"][scheme].is_object());
    }
    assert_eq!(description["components"]["securitySchemes"]["cookie"]["name"], "auth_session");
}
