use std::{net::IpAddr, sync::Arc};

use http::{Method, Response};
use lucia_auth::{NewKey, NewSession, NewUser, RequestContext};
use worker::{Body, HttpRequest};

use crate::{
    auth::{Auth, AuthRequest, Profile, Session},
    error::Error,
    form::Credentials,
    page,
};

/// The provider of keys that are a username and a password.
const USERNAME: &str = "username";

pub(crate) async fn answer(auth: &Auth, request: HttpRequest) -> Result<Response<String>, Error> {
    // A form of another site could sign a visitor in as somebody else.
    auth.validate_request_origin(&request)?;
    let auth_request =
        auth.handle_request(RequestContext { client_address: client_address(&request), ..(&request).into() });
    let (parts, body) = request.into_parts();
    let mut response = match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/") => page::home(),
        (&Method::GET, "/account") => account(&auth_request).await?,
        (&Method::POST, "/sign-up") => sign_up(&auth_request, body).await?,
        (&Method::POST, "/sign-in") => sign_in(&auth_request, body).await?,
        (&Method::POST, "/sign-out") => sign_out(&auth_request).await?,
        (&Method::POST, "/sign-out-everywhere") => sign_out_everywhere(&auth_request).await?,
        _ => return Err(Error::NotFound),
    };
    auth_request.write_headers(response.headers_mut());
    Ok(response)
}

/// Returns the address that Cloudflare writes over any that the client sent.
fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    request.headers().get("CF-Connecting-IP")?.to_str().ok()?.parse().ok()
}

async fn account(request: &AuthRequest) -> Result<Response<String>, Error> {
    let Some(session) = request.validate().await? else {
        return Ok(page::see_other("/"));
    };
    let sessions = request.auth().get_all_user_sessions(&session.user.id).await?;
    Ok(page::account(&session.user.attributes.username, sessions.len()))
}

async fn sign_up(request: &AuthRequest, body: Body) -> Result<Response<String>, Error> {
    let Credentials { username, password } = Credentials::read(body).await?.check()?;
    let key = NewKey::with_password((USERNAME, &username), &password);
    let user = request.auth().create_user(NewUser::new().key(key).attributes(&Profile { username })).await?;
    start_session(request, NewSession::new(user.id)).await
}

async fn sign_in(request: &AuthRequest, body: Body) -> Result<Response<String>, Error> {
    let Credentials { username, password } = Credentials::read(body).await?;
    let key = request.auth().use_key_with_password((USERNAME, &username), &password).client(request.client()).await?;
    request.remember_device(&key)?;
    start_session(request, NewSession::for_key(&key)).await
}

async fn start_session(request: &AuthRequest, session: NewSession) -> Result<Response<String>, Error> {
    let session = request.auth().create_session(session).await?;
    // The browser may have a session already.
    request.sign_out().await?;
    request.set_session(Some(&session));
    Ok(page::see_other("/account"))
}

async fn sign_out(request: &AuthRequest) -> Result<Response<String>, Error> {
    request.sign_out().await?;
    Ok(page::see_other("/"))
}

async fn sign_out_everywhere(request: &AuthRequest) -> Result<Response<String>, Error> {
    if let Some(session) = signed_in(request).await? {
        request.auth().invalidate_all_user_sessions(&session.user.id).await?;
    }
    request.clear_session();
    Ok(page::see_other("/"))
}

async fn signed_in(request: &AuthRequest) -> Result<Option<Arc<Session>>, Error> {
    Ok(request.validate().await?)
}
