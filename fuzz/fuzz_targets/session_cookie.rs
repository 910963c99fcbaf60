//! Configures the session cookie: the header contains the accepted options unchanged, and nothing else.
#![no_main]

use cookie::Cookie;
use libfuzzer_sys::fuzz_target;
use lucia_auth::{
    Auth, Env, SameSite, SessionCookie, UnixMillis,
    lucia_core::{SessionSchema, SessionToken, UserSchema},
    memory::MemoryAdapter,
};

// Separated by unit separators: the name, the path, the domain, and a session token.
fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\x1f');
    let [name, path, domain, token] = [(); 4].map(|()| parts.next().unwrap_or_default());
    for (env, same_site, sent) in
        [(Env::Prod, SameSite::None, cookie::SameSite::None), (Env::Dev, SameSite::Lax, cookie::SameSite::Lax)]
    {
        let mut options = SessionCookie::new().name(name).path(path).same_site(same_site);
        if !domain.is_empty() {
            options = options.domain(domain);
        }
        let Ok(auth) = Auth::builder(MemoryAdapter::new()).env(env).session_cookie(options).build() else {
            continue;
        };
        let times = UnixMillis::new(4_102_444_800_000);
        let token = SessionToken::new(token);
        let row = SessionSchema::new(token.hashed_id(), "u", times, times);
        // Fails for a text that cannot be a token.
        let session = auth.transform_database_session(&token, &row, &UserSchema::new("u"), true).ok();
        for session in [session.as_ref(), None] {
            let header = auth.create_session_cookie(session).to_string();
            assert!(header.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{header}");
            let cookie = Cookie::parse(header.as_str()).expect("our own cookie");
            assert_eq!((cookie.name(), cookie.path(), cookie.same_site()), (name, Some(path), Some(sent)));
            assert_eq!((cookie.http_only(), cookie.secure().unwrap_or(false)), (Some(true), env == Env::Prod));
            let domain = domain.strip_prefix('.').unwrap_or(domain);
            assert_eq!(cookie.domain(), (!domain.is_empty()).then_some(domain));
            // Sent back by a client, it is the token of this session or rejected.
            let back = format!("{name}={}", cookie.value());
            let read = auth.read_session_cookie(Some(&back));
            assert!(read.is_none_or(|read| session.is_some() && read == token), "{header}");
        }
    }
});
