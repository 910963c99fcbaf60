//! Tests that the output of no public type contains a secret: a session id, a password, a hash, a cookie or a token.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::{Debug, Write as _},
    fs,
    path::Path,
    sync::Arc,
    time::Duration,
};

use adapter_kv_http as kv_http;
use adapter_prisma_compatible as prisma;
use adapter_redis as redis_adapter;
use lucia_auth::{
    AllowedSubdomains, Argon2id, Auth, Client, Csrf, Env, Limit, LuciaScrypt, NewKey, NewSession, NewToken, NewUser,
    Outage, PasswordContext, PasswordHasher as _, PasswordRules, RequestContext, SameSite, SessionCookie, SessionIds,
    SessionPeriods, SessionState, Throttle, ThrottleKey, TokenPurpose, Tokens, VerifiedKey, memory::MemoryAdapter,
};
use lucia_axum::{
    AnySession, AuthLayer, AuthRejection, AuthRequest, BearerSession, CurrentSession, RecentSession, RequireSession,
};
use lucia_core::{
    AdapterError, AdapterErrorKind, Attributes, AttributesError, Clock, Count, HashedPassword, KeyId, KeySchema,
    KeyUpdate, ManualClock, SessionAdapter as _, SessionHandle, SessionId, SessionScan as _, SessionSchema,
    SessionToken, SessionUpdate, SplitAdapter, SystemClock, TokenAdapter as _, TokenId, TokenKind, TokenSchema,
    UnixMillis, UserAdapter as _, UserId, UserSchema, UserUpdate,
    kv::{Batches, Expiry, KvConfig, KvEntry, KvLayout, KvPage, KvSessionAdapter, MemoryKvStore},
};
use lucia_sql::driver::{Database, DriverError, Failure, Place, Query, Retry, SqlValue};
use tower::{Layer as _, Service as _};

const SESSION_ID: &str = "secret0session0id";
const PASSWORD: &str = "secret password";
const HASH: &str = "secret:hash";
const TOKEN: &str = "secret-token";

/// The `Debug` and `Display` output of types, by name.
#[derive(Default)]
struct Shown {
    texts: BTreeMap<String, String>,
    /// Secrets that do not contain the word.
    secrets: Vec<String>,
}

impl Shown {
    fn show(&mut self, name: &str, value: &dyn Debug) {
        write!(self.texts.entry(name.to_owned()).or_default(), "{value:?}\n{value:#?}\n").unwrap();
    }

    /// Records an error and its sources.
    fn error(&mut self, name: &str, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.show(name, &error);
            self.show(name, &format_args!("{error}"));
            next = error.source();
        }
    }
}

#[tokio::test]
async fn no_public_type_shows_a_secret() {
    let mut shown = Shown::default();
    core(&mut shown).await;
    auth(&mut shown).await;
    requests(&mut shown).await;
    errors(&mut shown).await;
    sql(&mut shown).await;
    drivers(&mut shown);
    redis(&mut shown).await;
    http(&mut shown);
    over_http(&mut shown).await;
    for (name, text) in &shown.texts {
        for secret in shown.secrets.iter().map(String::as_str).chain(["secret", "$argon2"]) {
            assert!(!text.to_lowercase().contains(secret), "{name} shows a secret: {text}");
        }
    }
    let missing: Vec<_> = public_types().into_iter().filter(|name| !shown.texts.contains_key(name)).collect();
    assert!(missing.is_empty(), "types that this test does not show: {missing:?}");
}

async fn core(shown: &mut Shown) {
    let session = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    let key =
        KeySchema::new(KeyId::new("username", "ada").unwrap(), "u1").with_hashed_password(HashedPassword::new(HASH));
    shown.show("SessionId", &SessionId::new(SESSION_ID));
    shown.show("HashedPassword", &HashedPassword::new(HASH));
    shown.show("UserId", &UserId::new("u1"));
    shown.show("KeyId", &key.id);
    shown.show("Attributes", &Attributes::from([("country", "NZ")]));
    shown.show("SessionSchema", &session);
    shown.show("KeySchema", &key);
    shown.show("UserSchema", &UserSchema::new("u1"));
    shown.show("SessionUpdate", &SessionUpdate::renewal(UnixMillis::MAX, UnixMillis::MAX));
    shown.show("UserUpdate", &UserUpdate::default());
    let update = KeyUpdate::default()
        .with_hashed_password(Some(HashedPassword::new(HASH)))
        .with_expected_hashed_password(HashedPassword::new(HASH));
    shown.show("KeyUpdate", &update);
    shown.show("UnixMillis", &UnixMillis::EPOCH);
    shown.show("SystemClock", &SystemClock);
    let clock = Arc::new(ManualClock::new(UnixMillis::EPOCH));
    shown.show("ManualClock", &clock);
    let clock: Arc<dyn Clock> = clock;

    shown.show("SessionToken", &SessionToken::new(TOKEN));
    let handle = session.id.handle();
    shown.show("SessionHandle", &handle);
    shown.error("InvalidSessionHandle", &SESSION_ID.parse::<SessionHandle>().unwrap_err());
    let kind = TokenKind::new("password_reset").unwrap();
    let token = TokenSchema::new(TOKEN, kind.clone(), UnixMillis::MAX).with_user_id("u1").with_data(HASH);
    shown.show("TokenId", &TokenId::new(TOKEN));
    shown.show("TokenKind", &kind);
    shown.error("InvalidTokenKind", &TokenKind::new("secret!").unwrap_err());
    shown.show("TokenSchema", &token);

    let memory = MemoryAdapter::new();
    memory.set_user(&UserSchema::new("u1"), Some(&key)).await.unwrap();
    memory.set_session(&session).await.unwrap();
    memory.set_token(&token).await.unwrap();
    shown.error("AdapterError", &memory.set_token(&token).await.unwrap_err());
    let count: Count = memory.add_to_counter(TOKEN, 1, Duration::MAX, UnixMillis::EPOCH).await.unwrap();
    shown.show("Count", &count);
    shown.show("SessionPage", &memory.scan_sessions(None, 1).await.unwrap());
    shown.show("MemoryAdapter", &memory);
    shown.show("SplitAdapter", &SplitAdapter::new(memory.clone(), memory.clone()));
    shown.error("AdapterError", &memory.set_session(&session).await.unwrap_err());
    shown.show("AdapterErrorKind", &AdapterErrorKind::Backend);

    let layout = KvLayout::new("session", "user_session").unwrap();
    let entry = KvEntry {
        key: layout.session_key(&session.id),
        value: session.to_json().into_bytes(),
        expires: UnixMillis::MAX,
    };
    shown.show("KvEntry", &entry);
    shown.show("Expiry", &Expiry::new(UnixMillis::MAX, UnixMillis::EPOCH, Duration::ZERO));
    shown.show("Batches", &Batches::new(&[SESSION_ID]));
    shown.show("KvPage", &KvPage { keys: vec![entry.key.clone()], cursor: Some(SESSION_ID.to_owned()) });
    shown.show("KvLayout", &layout);
    shown.show("KvConfig", &KvConfig::new());
    shown.error("InvalidKvLayout", &KvLayout::new("", "").unwrap_err());
    let empty = KvConfig::new().session_prefix("");
    let invalid = KvSessionAdapter::with_config(MemoryKvStore::new(Arc::new(SystemClock)), empty);
    shown.error("InvalidKvConfig", &invalid.unwrap_err());
    let kv = KvSessionAdapter::with_config(MemoryKvStore::new(Arc::clone(&clock)), KvConfig::from(layout).clock(clock))
        .unwrap();
    kv.set_session(&session).await.unwrap();
    shown.show("MemoryKvStore", kv.store());
    shown.show("KvSessionAdapter", &kv);
    shown.error("AdapterError", &kv.set_session(&session).await.unwrap_err());
    let misfit = format!(r#"{{"id":"{SESSION_ID}","user_id":"u1","active_expires":"{TOKEN}"}}"#);
    shown.error("SessionJsonError", &SessionSchema::from_json(misfit.as_bytes()).unwrap_err());
    shown.error("InvalidKeyId", &KeyId::new("", TOKEN).unwrap_err());
    let reserved = SessionUpdate::default().with_attributes(Attributes::from([("user_id", TOKEN)])).unwrap_err();
    shown.error("AttributesError", &reserved);
    let unfit: AttributesError = Attributes::from([("age", TOKEN)]).deserialize::<BTreeMap<String, u8>>().unwrap_err();
    shown.error("AttributesError", &unfit);
}

async fn auth(shown: &mut Shown) {
    let builder = || Auth::builder(MemoryAdapter::new());
    shown.show("AuthBuilder", &builder());
    let auth = builder().build().unwrap();
    let new_key = || NewKey::with_password(("username", "ada"), PASSWORD);
    let new_user = NewUser::new().id("u1").key(new_key());
    shown.show("NewKey", &new_key());
    shown.show("NewUser", &new_user);
    let (sessions, converting) = (MemoryAdapter::without_foreign_keys(), builder().build().unwrap());
    let plain = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    sessions.set_session(&plain).await.unwrap();
    let mut conversion = converting.hash_plain_sessions(&sessions).unwrap();
    shown.show("HashProgress", &conversion.next_batch().await.unwrap().unwrap());
    shown.show("HashPlainSessions", &conversion);
    shown.show("PreparedUser", &auth.prepare_user(NewUser::new().key(new_key())).await.unwrap());
    shown.show("PreparedSession", &auth.prepare_session(NewSession::new("u1").token(SESSION_ID)).unwrap());
    let user = auth.create_user(new_user).await.unwrap();
    shown.show("User", &user);
    let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
    let hash = format!("{:?}", auth.get_key(("username", "ada")).await.unwrap());
    shown.show("Key", &format_args!("{hash}"));
    shown.show("VerifiedKey", &key);
    shown.show("NewSession", &NewSession::for_key(&key).token(SESSION_ID));
    let session = auth.create_session(NewSession::for_key(&key).token(SESSION_ID)).await.unwrap();
    shown.show("Session", &session);
    shown.show("SessionInfo", &auth.get_all_user_sessions(&session.user.id).await.unwrap()[0]);
    shown.show("SessionIds", &SessionIds::default());
    let taken = auth.create_session(NewSession::for_key(&key).token(SESSION_ID)).await.unwrap_err();
    shown.error("Error", &taken);
    shown.error("AuthRejection", &AuthRejection::from(taken));
    shown.show("Auth", &auth);
    shown.show("SetCookie", &auth.create_session_cookie(Some(&session)));
    shown.show("SessionCookie", &SessionCookie::new());
    shown.show("SessionPeriods", &SessionPeriods { active: Duration::ZERO, idle: Duration::ZERO });
    shown.show("SessionState", &SessionState::Active);
    shown.show("SameSite", &SameSite::Lax);
    shown.show("NoAttributes", &session.attributes);
    shown.show("Env", &Env::Prod);
    shown.show("Csrf", &Csrf::new());
    shown.show("AllowedSubdomains", &AllowedSubdomains::all());
    shown.show("Argon2id", &Argon2id::default());
    shown.show("LuciaScrypt", &LuciaScrypt::default());
    let hash = HashedPassword::new(HASH);
    shown.show("Verification", &Argon2id::default().verify(PASSWORD, &hash).unwrap());
    shown.error("PasswordError", &Argon2id::new(0, 0, 0).unwrap_err());
    let rules = PasswordRules::new().min_length(20).words(["Acme"]);
    shown.show("PasswordRules", &rules);
    shown.show("PasswordContext", &PasswordContext::new(&key.id, ["Acme"]));
    let strict = builder().password_rules(rules).build().unwrap();
    let short = strict.create_user(NewUser::new().key(new_key())).await.unwrap_err();
    shown.error("PasswordRejection", &short);
    shown.error("AuthRejection", &AuthRejection::from(short));

    throttle(shown, &auth, &key).await;
    tokens(shown, &auth).await;
    let wrong = auth.use_key_with_password(("username", "ada"), TOKEN).await.unwrap_err();
    shown.error("Error", &wrong);
    shown.error("AuthRejection", &AuthRejection::from(wrong));
    let long = auth.update_key_password(("username", "ada"), Some(&TOKEN.repeat(1_000))).await.unwrap_err();
    shown.error("Error", &long);
    let misnamed = builder().session_cookie(SessionCookie::new().name("a b")).build().unwrap_err();
    shown.error("BuildError", &misnamed);
    shown.error("InvalidSessionCookie", misnamed.source().unwrap());
    let mistaken = builder().csrf_protection(Csrf::new().host("https://example.com")).build().unwrap_err();
    shown.error("InvalidCsrf", mistaken.source().unwrap());
}

async fn throttle(shown: &mut Shown, auth: &Auth, key: &VerifiedKey) {
    let address = std::net::IpAddr::from([203, 0, 113, 7]);
    let cookie = auth.device_cookie(&Client::new(), key).unwrap();
    let client = Client::new().address(address).device(cookie.value());
    shown.secrets.extend([address.to_string(), cookie.value().to_lowercase(), "0a0a0a".to_owned()]);
    shown.show("Client", &client);
    shown.show("SetCookie", &cookie);
    shown.show("UseKey", &auth.use_key_with_password(("username", "ada"), PASSWORD).client(&client));
    let user = auth.get_user(&key.user_id).await.unwrap();
    let confirmed = auth.create_session(NewSession::new(user.id)).await.unwrap();
    shown.show("ConfirmPassword", &auth.confirm_password(&confirmed, PASSWORD).client(&client));
    shown.show("Attempt", &auth.attempt("code", TOKEN, &client).await.unwrap());
    let throttle_key = ThrottleKey::from_bytes([10; 32]);
    shown.show("ThrottleKey", &throttle_key);
    shown.error("InvalidThrottleKey", &PASSWORD.parse::<ThrottleKey>().unwrap_err());
    let throttle = Throttle::new(MemoryAdapter::new(), throttle_key).per_account(Limit::new(1, Duration::MAX));
    shown.show("Limit", &Limit::new(1, Duration::MAX));
    shown.show("Outage", &Outage::Open);
    shown.show("Throttle", &throttle);
    let auth = Auth::builder(MemoryAdapter::new()).throttle(throttle).build().unwrap();
    shown.show("Auth", &auth);
    for _ in 0..2 {
        if let Err(refused) = auth.attempt("code", TOKEN, &client).await {
            shown.error("Error", &refused);
            shown.error("AuthRejection", &AuthRejection::from(refused));
        }
    }
    let mistaken = AuthLayer::new(auth).trusted_proxies(["10.0.0.0/33"]).unwrap_err();
    shown.error("InvalidProxy", &mistaken);
}

async fn tokens(shown: &mut Shown, auth: &Auth) {
    let tokens = Tokens::new(auth.clone(), MemoryAdapter::without_foreign_keys());
    let new = || NewToken::for_key(TokenPurpose::MAGIC_LINK, ("username", "ada")).bound_to(TOKEN);
    shown.show("Tokens", &tokens);
    shown.show("TokenPurpose", &TokenPurpose::MAGIC_LINK);
    shown.show("NewToken", &new());
    let link = tokens.issue(new()).await.unwrap();
    shown.secrets.push(link.as_str().to_lowercase());
    shown.show("OneTimeToken", &link);
    shown.show("TokenInfo", &tokens.peek(TokenPurpose::MAGIC_LINK, link.as_str()).await.unwrap());
    shown.show("Redeemed", &tokens.redeem(TokenPurpose::MAGIC_LINK, link.as_str()).await.unwrap());
    let used = tokens.redeem(TokenPurpose::MAGIC_LINK, link.as_str()).await.unwrap_err();
    shown.error("Error", &used);
    shown.error("AuthRejection", &AuthRejection::from(used));
}

async fn requests(shown: &mut Shown) {
    let auth = Auth::builder(MemoryAdapter::new()).build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap();
    let session = auth.create_session(NewSession::new(user.id).token(SESSION_ID)).await.unwrap();
    let request = || {
        http::Request::get(format!("/?token={TOKEN}"))
            .header("cookie", format!("auth_session={SESSION_ID}"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let request_context = request();
    shown.show("RequestContext", &RequestContext { session_cookie: Some(SESSION_ID), ..(&request_context).into() });
    let auth_request = auth.handle_request(&request());
    let found = auth_request.validate().await.unwrap().unwrap();
    let rotated = auth.rotate_session(&found.id).await.unwrap();
    shown.secrets.push(rotated.id.as_str().to_owned());
    auth_request.set_session(Some(&rotated));
    shown.show("AuthRequest", &auth_request);
    let mut headers = http::HeaderMap::new();
    auth_request.write_headers(&mut headers);
    shown.show("SetCookie", &headers["set-cookie"]);
    shown.show("AuthRequest", &AuthRequest(auth_request));
    shown.show("CurrentSession", &CurrentSession(Arc::clone(&found)));
    shown.show("BearerSession", &BearerSession(Arc::new(session)));
    shown.show("RecentSession", &RecentSession::<60>(Arc::clone(&found)));
    shown.show("AnySession", &AnySession(found));
    let layer = AuthLayer::new(auth);
    shown.show("AuthLayer", &layer);
    let guard = <RequireSession>::new().redirect_to("/sign-in").authorize(|session| session.fresh);
    shown.show("RequireSession", &guard);
    shown.show("RequireSessionService", &guard.layer(axum::Router::<()>::new()));
    let mut service = layer.layer(axum::Router::<()>::new());
    shown.show("AuthService", &service);
    shown.show("ResponseFuture", &service.call(request()));
}

async fn errors(shown: &mut Shown) {
    let cause = || AdapterError::new(AdapterErrorKind::Unavailable).with_source("connection refused");
    shown.error("AdapterError", &cause());
    shown.error("Error", &lucia_auth::Error::from(cause()));
    shown.error("AuthRejection", &AuthRejection::from(lucia_auth::Error::from(cause())));
}

async fn sql(shown: &mut Shown) {
    let pool = prisma::sqlite::connect("sqlite::memory:").await.unwrap();
    let config = prisma::PrismaConfig::default();
    config.create_tables(&pool).await.unwrap();
    let adapter = prisma::PrismaAdapter::with_config(pool.clone(), config.clone()).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let session = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    adapter.set_session(&session).await.unwrap();
    shown.error("AdapterError", &adapter.set_session(&session).await.unwrap_err());
    let orphan = SessionSchema::new(SESSION_ID, "u2", UnixMillis::MAX, UnixMillis::MAX);
    shown.error("AdapterError", &adapter.set_session(&orphan).await.unwrap_err());
    // An attribute that has no column.
    let unknown = UserSchema::new("u2").with_attributes(Attributes::from([("nickname", TOKEN)])).unwrap();
    let refused = adapter.set_user(&unknown, None).await.unwrap_err();
    shown.error("AdapterError", &refused);
    shown.error("Refusal", refused.downcast_ref::<prisma::Refusal>().unwrap());
    shown.show("ConstraintKind", &prisma::ConstraintKind::Unique);
    shown.show("PrismaAdapter", &adapter);
    shown.show(
        "PrismaUserAdapter",
        &prisma::PrismaUserAdapter::with_config(pool.clone(), config.clone()).await.unwrap(),
    );
    config.create_token_table(&pool).await.unwrap();
    let tokens = prisma::PrismaTokenAdapter::with_config(pool.clone(), config.clone()).await.unwrap();
    shown.show("PrismaTokenAdapter", &tokens);
    let token = TokenSchema::new(TOKEN, TokenKind::from_static("reset"), UnixMillis::MAX).with_data(HASH);
    tokens.set_token(&token).await.unwrap();
    shown.error("AdapterError", &tokens.set_token(&token).await.unwrap_err());
    let (window, now) = (Duration::from_secs(1), UnixMillis::new(0));
    shown.error("AdapterError", &tokens.add_to_counter(TOKEN, 1, window, now).await.unwrap_err());
    shown.show("PrismaConfig", &config);
    let attribute = prisma::Attribute::string();
    shown.show("AttributeType", &prisma::AttributeType::String);
    shown.show("DateTimeFormat", &prisma::DateTimeFormat::default());
    shown.show("Attribute", &attribute);
    shown.show("Table", &prisma::Table::named("User").attribute("username", attribute));
    let other = prisma::PrismaConfig::default().user(prisma::Table::named("Nobody"));
    let mismatch = prisma::PrismaAdapter::with_config(pool, other).await.unwrap_err();
    if let prisma::SetupError::Mismatch(mismatches) = &mismatch {
        shown.show("Mismatch", mismatches);
    }
    shown.error("SetupError", &mismatch);
    for url in ["secret", "postgres://ada:secret@", "postgres://ada:secret@localhost/app?connection_limit=0"] {
        shown.error("InvalidUrl", &prisma::postgres::connect_options(url).unwrap_err());
    }
    for url in ["mysql://ada:secret@localhost/app?connection_limit=0", "secret"] {
        shown.error("InvalidUrl", &prisma::mysql::connect_options(url).unwrap_err());
    }
    shown.error(
        "InvalidUrl",
        &prisma::sqlite::connect_options("file:app.db?connection_limit=0&key=secret").unwrap_err(),
    );
    // No server listens on this port.
    let options = prisma::postgres::connect_options("postgres://ada:secret@127.0.0.1:1/app").unwrap();
    let pool = prisma::postgres::pool_options().acquire_timeout(Duration::from_millis(100));
    shown.error("SetupError", &pool.connect_with(options).await.unwrap_err());
}

fn drivers(shown: &mut Shown) {
    let values = [SqlValue::from(SESSION_ID), SqlValue::from(HASH), SqlValue::Blob(TOKEN.into())];
    shown.show("SqlValue", &values);
    shown.show("Query", &Query::new("SELECT ?1, ?2, ?3", values));
    shown.show("Database", &Database::Sqlite);
    shown.show("Place", &Place::default());
    shown.show("Failure", &Failure::Unique(Place::default()));
    shown.show("Retry", &Retry::Never);
    shown.error("DriverError", &DriverError::new(Failure::Other, "the driver's own error"));
}

async fn redis(shown: &mut Shown) {
    shown.show("RedisConfig", &redis_adapter::RedisConfig::new());
    shown.show("ConnectConfig", &redis_adapter::ConnectConfig::new());
    shown.show("Topology", &redis_adapter::Topology::Single);
    let config = redis_adapter::ConnectConfig::new().connect_timeout(Duration::from_secs(1));
    for url in ["redis://ada:secret@127.0.0.1:1/", "redis://ada:secret@", "secret"] {
        shown.error("SetupError", &config.connect(url).await.unwrap_err());
    }
    let upstash = redis_adapter::UpstashConnection::new;
    shown.show("UpstashConnection", &upstash("http://127.0.0.1:1", TOKEN).unwrap());
    for (url, token) in [("secret", TOKEN), ("http://ada:secret@127.0.0.1", TOKEN), ("http://127.0.0.1", "secret\n")] {
        shown.error("SetupError", &upstash(url, token).unwrap_err());
    }
    let refused = redis_adapter::RedisSessionAdapter::new(upstash("http://127.0.0.1:1", TOKEN).unwrap()).await;
    let refused = refused.unwrap_err();
    shown.error("SetupError", &refused);
    let causes = std::iter::successors(refused.source(), |&cause| cause.source());
    let outage = causes.filter_map(|cause| cause.downcast_ref::<kv_http::HttpError>()).next();
    shown.error("HttpError", outage.unwrap());
}

fn http(shown: &mut Shown) {
    use lucia_http::{
        BaseUrl, Client, HttpConfig, HttpSetupError, InvalidUrl, Request, Response, bearer,
        reqwest::{
            Method, StatusCode,
            header::{AUTHORIZATION, HeaderMap},
        },
    };

    let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
    shown.show("BaseUrl", &base);
    let headers = || HeaderMap::from_iter([(AUTHORIZATION, bearer(TOKEN).unwrap())]);
    shown.show("Client", &Client::new(HttpConfig::new(), "docs", headers()).unwrap());
    let request = Request::new(Method::PUT, base.join(&format!("/{SESSION_ID}"))).body(SESSION_ID);
    shown.show("Request", &request.header(AUTHORIZATION, bearer(TOKEN).unwrap()));
    let response = Response::new(StatusCode::OK, SESSION_ID.into());
    shown.show("Response", &response);
    shown.error("HttpError", &response.error());
    shown.error("HttpSetupError", &HttpSetupError::from(InvalidUrl::Scheme));
    shown.error("HttpSetupError", &bearer(&format!("{TOKEN}\n")).unwrap_err());
}

async fn over_http(shown: &mut Shown) {
    let http = || kv_http::HttpConfig::new().max_attempts(1).connect_timeout(Duration::from_secs(1));
    shown.show("HttpConfig", &http());
    let unstorage = || kv_http::UnstorageConfig::new().bearer_token(TOKEN).header("x-key", TOKEN).http(http());
    shown.show("UnstorageConfig", &unstorage());
    let unstorage = |url| kv_http::UnstorageStore::with_config(url, unstorage());
    let cloudflare = kv_http::CloudflareConfig::new().base_url("http://ada:secret@127.0.0.1:1").http(http());
    shown.show("CloudflareConfig", &cloudflare);
    let (account, namespace) = ("a".repeat(32), "b".repeat(32));
    let cloudflare = |config| kv_http::CloudflareStore::with_config(&account, &namespace, TOKEN, config);
    for url in ["secret", "http://ada:secret@127.0.0.1:1/"] {
        let error = unstorage(url).unwrap_err();
        shown.error("SetupError", &error);
        shown.error("InvalidUrl", error.source().unwrap());
    }
    let config = kv_http::CloudflareConfig::new().base_url("http://127.0.0.1:1").http(http());
    let (unstorage, cloudflare) = (unstorage("http://127.0.0.1:1/").unwrap(), cloudflare(config).unwrap());
    shown.show("UnstorageStore", &unstorage);
    shown.show("CloudflareStore", &cloudflare);
    let id = SessionId::new(SESSION_ID);
    let outages = [
        KvSessionAdapter::new(unstorage).get_session(&id).await.unwrap_err(),
        KvSessionAdapter::new(cloudflare).get_session(&id).await.unwrap_err(),
    ];
    for outage in &outages {
        shown.error("AdapterError", outage);
        shown.error("HttpError", outage.source().unwrap());
        shown.error("TransportError", outage.source().unwrap().source().unwrap());
    }
}

/// Types that this test cannot create, or that have nothing to show, by reason.
const EXEMPT: &[(&str, &[&str])] = &[
    (
        "traits",
        &[
            "Adapter",
            "UserAdapter",
            "SessionAdapter",
            "SessionScan",
            "TokenAdapter",
            "Clock",
            "KvStore",
            "PasswordCheck",
            "PasswordHasher",
            "Pool",
            "Connection",
            "Connections",
            "Driver",
            "Family",
            "Timer",
        ],
    ),
    ("shown under another name", &["Sessions", "SqlAdapter", "SqlConfig", "SqlTokenAdapter", "SqlUserAdapter"]),
    ("what shows a driver or its time", &["Backoff", "Retrying"]),
    ("an alias", &["AdapterResult", "Row", "D1Config"]),
    ("types without values", &["D1", "NoSessions", "Prisma"]),
    (
        "created with a server only: shown by the tests of the adapter",
        &["RedisSessionAdapter", "RedisTokenAdapter", "SentinelConnection", "ConnectionError", "InvalidPrefixes"],
    ),
    ("created in a Worker only: shown by the tests in workerd", &["CloudflareKvError", "CloudflareKvStore", "D1Error"]),
];

/// Returns the names of the types that the crates re-export, from their sources.
fn public_types() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut names = Vec::new();
    for file in [
        "lucia-core/src/lib.rs",
        "lucia-core/src/kv/mod.rs",
        "lucia-core/src/memory/mod.rs",
        "lucia-auth/src/lib.rs",
        "lucia-axum/src/lib.rs",
        "lucia-sql/src/lib.rs",
        "lucia-sql/src/driver/mod.rs",
        "lucia-http/src/lib.rs",
        "adapter-prisma-compatible/src/lib.rs",
        "adapter-redis/src/lib.rs",
        "adapter-kv-http/src/lib.rs",
        "adapter-cloudflare-d1/src/lib.rs",
        "adapter-cloudflare-kv/src/lib.rs",
    ] {
        let source = fs::read_to_string(root.join(file)).unwrap();
        let exports = source.split("pub use ").skip(1).filter_map(|export| export.split_once(';'));
        let before = names.len();
        for (export, _) in exports {
            let words = export.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
            // `SqlAdapter as PrismaAdapter` exports the second name only.
            let exported = words.iter().enumerate().filter(|(index, _)| words.get(index + 1) != Some(&"as"));
            let is_type = |word: &str| word.starts_with(|first: char| first.is_ascii_uppercase());
            names.extend(exported.map(|(_, word)| (*word).to_owned()).filter(|word| is_type(word)));
        }
        assert!(names.len() > before, "{file} exports nothing");
    }
    names.retain(|name| !EXEMPT.iter().any(|(_, exempt)| exempt.contains(&name.as_str())));
    names.sort();
    names.dedup();
    names
}
