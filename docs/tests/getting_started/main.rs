//! Tests the application of `getting-started.md`, whose blocks are one file.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../shared/browser.rs"]
mod browser;

use axum::{body::Body, http::Request};
use lucia_auth::memory::MemoryAdapter;
use tower::ServiceExt as _;

use self::browser::Browser;

include!("application.rs");

const GUIDE: &str = include_str!("../../getting-started.md");
const CODE: &str = include_str!("application.rs");

const ADA: &str = "username=Ada&password=correct+horse+battery";

fn in_memory() -> Router {
    app(Auth::builder(MemoryAdapter::new()).user_attributes().env(Env::Dev).build().unwrap())
}

/// A reader who copies all blocks gets the application.
#[test]
fn the_blocks_of_the_guide_are_the_application() {
    let blocks = GUIDE.split("```rust\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    assert_eq!(blocks.collect::<Vec<_>>().join("\n\n"), CODE.trim_end());
}

#[test]
fn the_guide_lists_every_dependency() {
    let manifest = GUIDE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    for krate in
        ["adapter-prisma-compatible", "axum", "lucia-auth", "lucia-axum", "serde", "tokio", "tracing-subscriber"]
    {
        assert!(CODE.contains(&format!("{}::", krate.replace('-', "_"))), "{krate} is not used");
        assert!(manifest.contains(&format!("\n{krate} = ")), "{krate} is missing");
    }
    let dependencies = manifest.split("\n\n").next().unwrap();
    let names = dependencies.lines().filter(|line| line.contains(" = ") && !line.starts_with('#'));
    assert_eq!(names.count(), 7, "{dependencies}");
}

#[tokio::test]
async fn every_page_that_the_application_links_to_exists() {
    let app = in_memory();
    let mut browser = Browser::new(&app, "Firefox");
    assert_eq!(browser.send("GET", "/account", "").await.headers()["location"], "/sign-in?next=/account");
    let home = browser.page("/").await;
    for form in ["/sign-up", "/sign-in"] {
        assert!(home.contains(form), "{home}");
        assert!(browser.page(form).await.contains("<form method=\"post\">"));
    }
    assert_eq!(browser.submit("/sign-up", ADA).await, "/account");
    assert_eq!(browser.page("/account").await, "Hello Ada");
    assert!(home.contains("/password"), "{home}");
    assert!(browser.page("/password").await.contains("name=\"current\""));
    let after = browser.submit("/sign-out", "").await;
    browser.page(&after).await;
    assert_eq!(browser.send("GET", "/account", "").await.headers()["location"], "/sign-in?next=/account");
    assert_eq!(browser.submit("/sign-in", "username=+ada&password=correct+horse+battery").await, "/account");
    assert_eq!(browser.page("/account").await, "Hello Ada");
}

#[tokio::test]
async fn unacceptable_forms_are_refused() {
    let app = in_memory();
    let mut browser = Browser::new(&app, "Firefox");
    browser.submit("/sign-up", ADA).await;
    for (path, form) in [
        ("/sign-up", ADA),
        ("/sign-up", "username=Bob&password="),
        ("/sign-up", "username=&password=correct+horse+battery"),
        ("/sign-up", "username=++&password=correct+horse+battery"),
        ("/sign-in", "username=ada&password=wrong"),
        ("/sign-in", "username=nobody&password=wrong"),
        ("/password", "current=wrong&new=another+horse+battery"),
        ("/password", "current=correct+horse+battery&new="),
    ] {
        assert_eq!(browser.send("POST", path, form).await.status(), StatusCode::BAD_REQUEST, "{path} {form}");
    }
}

/// As with `curl` without the header.
#[tokio::test]
async fn a_form_without_an_origin_is_refused() {
    let request = Request::post("/sign-up").header("host", "127.0.0.1:3000");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(ADA)).unwrap();
    assert_eq!(in_memory().oneshot(request).await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn signing_up_or_in_ends_the_earlier_session_of_the_browser() {
    let app = in_memory();
    let mut browser = Browser::new(&app, "Firefox");
    browser.submit("/sign-up", ADA).await;
    for (path, form) in [("/sign-up", "username=Bob&password=correct+horse+battery"), ("/sign-in", ADA)] {
        let mut earlier = browser.clone();
        earlier.page("/account").await;
        browser.submit(path, form).await;
        assert_eq!(earlier.send("GET", "/account", "").await.headers()["location"], "/sign-in?next=/account", "{path}");
        browser.page("/account").await;
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_the_old_token() {
    let app = in_memory();
    let (mut here, mut there) = (Browser::new(&app, "Firefox"), Browser::new(&app, "Firefox"));
    here.submit("/sign-up", ADA).await;
    there.submit("/sign-in", ADA).await;
    let mut stolen = here.clone();
    stolen.page("/account").await;
    here.submit("/password", "current=correct+horse+battery&new=another+horse+battery").await;
    for mut gone in [there, stolen] {
        assert_eq!(gone.send("GET", "/account", "").await.headers()["location"], "/sign-in?next=/account");
    }
    assert_eq!(here.page("/account").await, "Hello Ada");
    let mut other = Browser::new(&app, "Firefox");
    assert_eq!(other.send("POST", "/sign-in", ADA).await.status(), StatusCode::BAD_REQUEST);
    other.submit("/sign-in", "username=Ada&password=another+horse+battery").await;
}

/// The guide's tables.
#[tokio::test]
async fn the_adapter_of_the_guide_opens_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db?mode=rwc", folder.path().display());
    let auth = Auth::builder(open(&url).await.unwrap()).user_attributes().env(Env::Dev).build().unwrap();
    let app = app(auth);
    Browser::new(&app, "Firefox").submit("/sign-up", ADA).await;
}
