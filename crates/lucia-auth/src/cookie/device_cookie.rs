use cookie::{Cookie, SameSite};
use lucia_core::UnixMillis;

use super::{
    SetCookie,
    session_cookie::{LATEST, UNLIMITED, to_date},
};
use crate::Env;

/// The name of the cookie that tells a device from others.
pub(crate) const DEVICE_COOKIE: &str = "auth_device";

/// Creates the cookie of a device, which lasts for a year.
pub(crate) fn device_cookie(value: String, env: Env, now: UnixMillis) -> SetCookie {
    let cookie = Cookie::build((DEVICE_COOKIE, value))
        .http_only(true)
        .secure(env == Env::Prod)
        .same_site(SameSite::Lax)
        .path("/")
        .expires(to_date(now).saturating_add(UNLIMITED).min(LATEST))
        .max_age(UNLIMITED);
    SetCookie::new(cookie.build())
}
