//! Tests the application of `all-together.md`, which shows parts of its files.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::print_stdout, reason = "the application has no mail server")]

#[path = "../shared/browser.rs"]
mod browser;

use adapter_prisma_compatible::rusqlite;
use tempfile::TempDir;

use self::browser::Browser;

include!("application.rs");
include!("sign_in.rs");
include!("account.rs");

const GUIDE: &str = include_str!("../../all-together.md");
const CODE: [&str; 3] = [include_str!("application.rs"), include_str!("sign_in.rs"), include_str!("account.rs")];

const ADA: &str = "email=Ada@example.com&password=correct+horse+battery";
const KEPT: &str = "email=ada@example.com&password=correct+horse+battery&remember=on";

/// A site on a database of its own, and the mails that it sent.
struct World {
    app: Router,
    mails: mpsc::UnboundedReceiver<Mail>,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/app.db?mode=rwc", folder.path().display());
        let (adapter, token_adapter) = open(&url).await.unwrap();
        let (auth, tokens) = build(adapter, token_adapter, "5a".repeat(32).parse().unwrap()).unwrap();
        let (mails, sent) = mpsc::unbounded_channel();
        Self { app: app(auth, Site { tokens, mails }), mails: sent, folder }
    }

    fn browser(&self, name: &'static str) -> Browser {
        Browser::new(&self.app, name)
    }

    /// Returns a connection beside those of the application.
    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("app.db")).unwrap()
    }

    /// Lets the last authentication of every session be long ago.
    fn wait(&self) {
        let updated = self.database().execute(r#"UPDATE "Session" SET authenticated_at = 1"#, ()).unwrap();
        assert!(updated > 0);
    }

    /// Returns how many links are stored.
    fn links(&self) -> i64 {
        let sql = r#"SELECT count(*) FROM "Token" WHERE user_id IS NOT NULL"#;
        self.database().query_row(sql, (), |row| row.get(0)).unwrap()
    }

    async fn mail(&mut self, to: &str) -> String {
        let mail = tokio::time::timeout(HOUR / 60, self.mails.recv()).await.unwrap().unwrap();
        assert_eq!(mail.to, to);
        mail.text
    }

    /// Returns the path of the link in the next mail.
    async fn link(&mut self, to: &str) -> String {
        self.mail(to).await.strip_prefix(ORIGIN).unwrap().to_owned()
    }
}

impl Browser {
    async fn status(&mut self, path: &str, form: &str) -> StatusCode {
        self.send("POST", path, form).await.status()
    }

    async fn is_signed_in(&mut self) -> bool {
        self.send("GET", "/account", "").await.status() == StatusCode::OK
    }

    fn is_known(&self) -> bool {
        self.cookies.iter().any(|(name, _)| name == "auth_device")
    }
}

#[test]
fn the_guide_shows_the_tested_code() {
    let blocks: Vec<_> = GUIDE.split("```rust\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
    assert!(blocks.len() > 5, "{} blocks", blocks.len());
    for block in blocks {
        assert!(CODE.iter().any(|code| code.contains(block)), "not in the application:\n{block}");
    }
}

#[tokio::test]
async fn an_address_is_verified_and_changed_by_mailed_links() {
    let mut world = World::new().await;
    let mut ada = world.browser("Firefox");
    assert_eq!(ada.submit("/sign-up", ADA).await, "/account");
    assert!(ada.page("/account").await.contains("ada@example.com (not verified)"));
    let link = world.link("ada@example.com").await;
    let page = ada.send("GET", &link, "").await;
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(ada.submit(&link, "").await, "/account");
    assert!(ada.page("/account").await.contains("ada@example.com (verified)"));

    ada.status("/forgot-password", "email=ada@example.com").await;
    world.link("ada@example.com").await;
    ada.page("/change-email").await;
    assert_eq!(ada.status("/change-email", "email=Ada@lovelace.example").await, StatusCode::OK);
    let link = world.link("ada@lovelace.example").await;
    assert_eq!(world.mail("ada@example.com").await, "The address of your account will change.");
    assert!(ada.page(&link).await.contains("ada@lovelace.example"));
    assert_eq!(world.links(), 2);
    ada.submit(&link, "").await;
    assert_eq!(world.links(), 0);
    assert_eq!(world.mail("ada@example.com").await, "The address of your account has changed.");
    assert!(ada.page("/account").await.contains("ada@lovelace.example (verified)"));
    assert_eq!(ada.status(&link, "").await, StatusCode::BAD_REQUEST);
    let mut other = world.browser("Safari");
    assert_eq!(other.status("/sign-in", ADA).await, StatusCode::BAD_REQUEST);
    other.submit("/sign-in", "email=ada@lovelace.example&password=correct+horse+battery").await;
}

#[tokio::test]
async fn the_cookie_of_a_session_that_is_not_kept_ends_with_the_browser() {
    let world = World::new().await;
    let mut ada = world.browser("Firefox");
    ada.submit("/sign-up", ADA).await;
    for (form, is_kept) in [(ADA, false), (KEPT, true)] {
        let response = ada.send("POST", "/sign-in", form).await;
        let cookies = response.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        let session: Vec<_> = cookies.filter(|cookie| cookie.starts_with("auth_session=")).collect();
        assert_eq!(session.len(), 1, "{session:?}");
        assert_eq!(session[0].contains("Max-Age") || session[0].contains("Expires"), is_kept, "{session:?}");
        assert!(ada.is_signed_in().await);
    }
}

#[tokio::test]
async fn guesses_lock_out_neither_a_known_device_nor_the_owner_of_the_mailbox() {
    let mut world = World::new().await;
    let (mut known, mut unknown) = (world.browser("Firefox"), world.browser("Safari"));
    known.submit("/sign-up", ADA).await;
    world.link("ada@example.com").await;
    known.submit("/sign-in", KEPT).await;
    unknown.submit("/sign-in", ADA).await;
    assert!(known.is_known() && !unknown.is_known());

    let mut stranger = world.browser("curl");
    for _ in 0..10 {
        let status = stranger.status("/sign-in", "email=ada@example.com&password=wrong").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    let refused = unknown.send("POST", "/sign-in", ADA).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    known.submit("/sign-in?next=/devices", KEPT).await;

    assert_eq!(unknown.status("/forgot-password", "email=nobody@example.com").await, StatusCode::OK);
    assert_eq!(unknown.status("/forgot-password", "email=ada@example.com").await, StatusCode::OK);
    let link = world.link("ada@example.com").await;
    assert!(unknown.page(&link).await.contains("ada@example.com"));
    assert_eq!(unknown.status(&link, "password=short").await, StatusCode::BAD_REQUEST);
    unknown.submit(&link, "password=another+horse+battery&remember=on").await;
    assert!(unknown.is_signed_in().await && unknown.is_known());
    assert!(!known.is_signed_in().await);
}

#[tokio::test]
async fn devices_are_listed_and_signed_out() {
    let world = World::new().await;
    let (mut here, mut there) = (world.browser("Firefox"), world.browser("<b>Safari"));
    here.submit("/sign-up", ADA).await;
    there.submit("/sign-in", ADA).await;
    let page = here.page("/devices").await;
    assert!(page.contains("Firefox, this one") && page.contains("&lt;b>Safari\n"), "{page}");
    let (_, rest) = page.split_once("Safari\n").unwrap();
    let handle = rest.split('"').nth(3).unwrap();
    assert_eq!(here.submit("/devices/sign-out", &format!("handle={handle}")).await, "/devices");
    assert!(here.is_signed_in().await && !there.is_signed_in().await);

    there.submit("/sign-in", ADA).await;
    here.submit("/devices/sign-out-others", "").await;
    assert!(here.is_signed_in().await && !there.is_signed_in().await);
}

#[tokio::test]
async fn the_password_is_asked_for_again_and_a_new_one_ends_links_and_sessions() {
    let mut world = World::new().await;
    let (mut here, mut there) = (world.browser("Firefox"), world.browser("Safari"));
    here.submit("/sign-up", ADA).await;
    let link = world.link("ada@example.com").await;
    there.submit("/sign-in", ADA).await;
    here.page("/delete-account").await;
    world.wait();
    let confirm = here.send("GET", "/delete-account", "").await.headers()["location"].clone();
    assert_eq!(confirm, "/confirm-password?next=/delete-account");
    for form in ["/delete-account", "/change-email"] {
        assert_eq!(here.status(form, "email=ada@lovelace.example").await, StatusCode::FORBIDDEN);
    }
    let before = here.cookies.clone();
    assert_eq!(here.status("/confirm-password", "password=wrong").await, StatusCode::BAD_REQUEST);
    here.page("/confirm-password").await;
    assert_eq!(here.submit(confirm.to_str().unwrap(), "password=correct+horse+battery").await, "/delete-account");
    assert_ne!(here.cookies, before);

    here.page("/password").await;
    assert_eq!(world.links(), 1);
    here.submit("/password", "current=correct+horse+battery&new=another+horse+battery").await;
    assert!(here.is_signed_in().await && !there.is_signed_in().await);
    assert_eq!(there.status(&link, "").await, StatusCode::BAD_REQUEST);
    assert_eq!(world.links(), 0);

    here.page("/delete-account").await;
    assert_eq!(here.submit("/delete-account", "").await, "/sign-up");
    assert!(!here.is_signed_in().await);
}
