//! Tests the code of `passwords.md`: a sign-up with messages for the user, and a check for stolen passwords.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use lucia_auth::{PasswordRules, memory::MemoryAdapter};

include!("sign_up.rs");

mod breached {
    include!("not_breached.rs");

    /// Asks a server of the test.
    pub(super) fn not_breached(url: String) -> impl PasswordCheck {
        NotBreached { client: Client::builder().no_proxy().build().unwrap(), url }
    }
}

const GUIDE: &str = include_str!("../../passwords.md");

#[test]
fn the_guide_has_the_tested_code() {
    for code in [include_str!("sign_up.rs"), include_str!("not_breached.rs")] {
        assert!(GUIDE.contains(&format!("```rust\n{code}```")), "not in the guide:\n{code}");
    }
}

#[tokio::test]
async fn a_rejected_password_has_a_message_for_the_user() {
    let auth = Auth::builder(MemoryAdapter::new()).build().unwrap();
    assert_eq!(sign_up(&auth, "ada", "horse").await.unwrap().unwrap(), "Mindestens 8 Zeichen.");
    let message = sign_up(&auth, "ada.lovelace", "Ada Lovelace").await.unwrap().unwrap();
    assert_eq!(message, "the password is too easy to guess from the user name or another known word");
    assert!(sign_up(&auth, "ada", &"a".repeat(2_000)).await.unwrap().is_some());
    assert!(sign_up(&auth, "ada", "correct horse").await.unwrap().is_none());
    assert!(sign_up(&auth, "ada", "correct horse").await.is_err());
}

async fn serve_range(Path(start): Path<String>, headers: HeaderMap) -> Result<&'static str, StatusCode> {
    assert_eq!((start.len(), &headers["add-padding"]), (5, &"true".parse().unwrap()));
    match start.as_str() {
        "5BAA6" => Ok("1D2DA4053E34E76F6576ED1DA63134B5E2A:2\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179\r\n"),
        "2F9E5" => Ok("7D8E8A5A5B5A5C9E0F9B0F5F0F1F2F3F4F5:3\r\n3523B62ABC141A2B4D6019D23CBA835DBD0:0\r\n"),
        _ => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

#[tokio::test]
async fn a_stolen_password_is_rejected() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/range/{start}", get(serve_range));
    let server = tokio::spawn(axum::serve(listener, router).into_future());
    let rules = PasswordRules::new().check(breached::not_breached(url));
    let auth = Auth::builder(MemoryAdapter::new()).password_rules(rules).build().unwrap();
    let sign_up = async |password: &str| {
        auth.create_user(NewUser::new().key(NewKey::with_password(("username", "ada"), password))).await
    };
    let listed = sign_up("password").await;
    assert!(matches!(listed, Err(Error::Password(PasswordError::Rejected(PasswordRejection::Breached)))));
    let outage = sign_up("battery staple").await.unwrap_err();
    assert!(outage.is_unavailable());
    let cause = std::error::Error::source(&outage).unwrap().source().unwrap();
    assert!(cause.to_string().contains("503") && !format!("{outage:?}").contains("range"), "{outage:?}");
    sign_up("correct horse").await.unwrap();
    server.abort();
}
