use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use lucia_auth::{AuthRequest, RequestContext};

use super::{a_session, get, handle};
use crate::support::World;

/// Otherwise a shared cache could serve the page of one user to another.
#[tokio::test]
async fn responses_vary_by_the_headers_they_depend_on() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let headers = |request: &AuthRequest, before: &[(HeaderName, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in before {
            headers.append(name, HeaderValue::from_static(value));
        }
        request.write_headers(&mut headers);
        let get =
            |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>();
        let cookie = headers.get(header::SET_COOKIE).map(HeaderValue::is_sensitive);
        (get(header::VARY), get(header::CACHE_CONTROL), cookie)
    };
    let nothing = (vec![], vec![], None);
    assert_eq!(headers(&handle(&auth, get(&session)), &[]), nothing, "the session was not requested");

    for builder in [get(&session), Request::get("/")] {
        let request = handle(&auth, builder);
        request.validate().await.unwrap();
        assert_eq!(headers(&request, &[]).0, ["cookie"], "with a cookie or without");
        assert_eq!(headers(&request, &[(header::VARY, "Accept, Cookie")]).0, ["Accept, Cookie"]);
        assert_eq!(headers(&request, &[(header::VARY, "*")]).0, ["*"]);
        assert_eq!(headers(&request, &[(header::VARY, "Accept")]).0, ["Accept", "cookie"]);
        request.validate_bearer_token().await.unwrap();
        assert_eq!(headers(&request, &[]).0, ["cookie", "authorization"]);
    }
    let bearer = handle(&auth, get(&session));
    bearer.validate_bearer_token().await.unwrap();
    assert_eq!(headers(&bearer, &[]), (vec!["authorization".to_owned()], vec![], None));
    let named = handle(&auth, get(&session));
    assert_eq!(named.session_token().as_ref(), Some(&session.token));
    assert_eq!(headers(&named, &[]).0, ["cookie"]);

    let request = handle(&auth, get(&session));
    request.sign_out().await.unwrap();
    for (before, after) in [
        ("public, max-age=60", "no-store"),
        ("private", "no-store"),
        ("no-cache", "no-store"),
        ("private, No-Store", "private, No-Store"),
    ] {
        assert_eq!(headers(&request, &[(header::CACHE_CONTROL, before)]).1, [after]);
    }
    assert_eq!(headers(&request, &[]).1, ["no-store"]);
    assert_eq!(headers(&request, &[]).2, Some(true), "marked as sensitive for logs of headers");
}

#[test]
fn debug_of_a_request_shows_only_the_names_of_its_headers() {
    let request = Request::post("/?token=secret-query")
        .header("Cookie", "auth_session=secret-cookie")
        .header("Authorization", "Bearer secret-token");
    let request = request.body(()).unwrap();
    let context = RequestContext { session_cookie: Some("secret-value"), ..RequestContext::from(&request) };
    for shown in [format!("{context:?}"), format!("{context:#?}")] {
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("cookie") && shown.contains("authorization"), "{shown}");
    }
}
