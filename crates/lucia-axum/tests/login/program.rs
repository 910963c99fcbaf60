//! The program itself, with a database file of its own.

use std::{fs, net::TcpListener, path::Path, time::Duration};

use adapter_prisma_compatible::RusqlitePool;
use reqwest::StatusCode;
use test_servers::{Proxy, Server};
use tokio::{process::Command, task::spawn_blocking, time::timeout};

use crate::{
    example::example,
    smtp::SmtpServer,
    visitor::{PASSWORD, Visitor, assert_redirect},
};

/// Returns the names of the files of the database.
fn database(program: &Server) -> Vec<String> {
    let files = fs::read_dir(program.folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("login.db")).collect()
}

/// Starts the program with its own file, and with these variables.
async fn start(variables: Vec<(&'static str, String)>) -> Server {
    let start = move || {
        let program = Server::builder(example("login").to_str().unwrap()).unwrap();
        let program = program.env("DATABASE_URL", "sqlite://{folder}/login.db?mode=rwc").env("PORT", "{port}");
        variables.into_iter().fold(program, |program, (name, value)| program.env(name, value)).start().unwrap()
    };
    spawn_blocking(start).await.unwrap()
}

/// Asks the program to end. Returns what it printed.
async fn stop(mut program: Server) -> String {
    let stop = move || {
        program.stop().unwrap();
        program.log()
    };
    spawn_blocking(stop).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_creates_its_file_and_leaves_only_this_one_when_it_is_asked_to_end() {
    let mut program = start(Vec::new()).await;
    let url = format!("http://127.0.0.1:{}", program.port());
    Visitor::at(&url).sign_up("ada").await;
    assert!(database(&program).contains(&"login.db-wal".to_owned()), "{:?}", database(&program));

    let stop_and_restart = move || {
        program.stop().unwrap();
        let left = database(&program);
        program.restart().unwrap();
        (program, left)
    };
    let (_program, left) = spawn_blocking(stop_and_restart).await.unwrap();
    assert_eq!(left, ["login.db"]);
    assert_redirect(&Visitor::at(&url).sign_in("ada", PASSWORD).await, "/account");
}

/// A proxy delays the mail server, so that the mail is being sent when the program is asked to end.
#[tokio::test(flavor = "multi_thread")]
async fn mail_that_was_promised_is_sent_before_the_program_ends() {
    let mut smtp = SmtpServer::start().await;
    let (account, port) = smtp.url.rsplit_once(':').unwrap();
    let proxy = Proxy::start(port.parse().unwrap()).unwrap();
    let url = format!("{account}:{}", proxy.port());
    let program = start(vec![("SMTP_URL", url), ("MAIL_FROM", "lucia@example.org".to_owned())]).await;
    let ada = Visitor::at(&format!("http://127.0.0.1:{}", program.port()));
    ada.sign_up("ada").await;
    assert!(smtp.receive().await.message.contains("Subject: Confirm your e-mail address"));

    proxy.set_delay(Duration::from_millis(100));
    let asked = ada.post("/forgot-password", &[("email", "ada@example.com")]).await;
    assert_eq!(asked.status(), StatusCode::OK);
    let log = stop(program).await;
    assert!(!log.contains("not sent"), "{log}");
    assert!(smtp.receive().await.message.contains("Subject: Choose a new password"), "{log}");
}

/// A proxy need not pass on the `Host` that the browser asked for.
#[tokio::test(flavor = "multi_thread")]
async fn forms_of_the_configured_origin_are_accepted_and_others_are_in_the_log() {
    let program = start(vec![("ORIGIN", "http://login.example".to_owned())]).await;
    let url = format!("http://127.0.0.1:{}", program.port());
    Visitor::at(&url).sent_from("http://login.example").sign_up("ada").await;
    for origin in [url.as_str(), "http://login.example:8080", "http://evil.example"] {
        let refused = Visitor::at(&url).sent_from(origin).sign_in("ada", PASSWORD).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    let log = stop(program).await;
    let refused = log.lines().filter(|line| line.contains("request from another origin"));
    let refused: Vec<_> = refused.filter(|line| line.contains(r#"path="/sign-in""#)).collect();
    assert_eq!(refused.len(), 3, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_in_the_log_with_their_causes_and_without_secrets() {
    // Nobody listens there.
    let mail = [("SMTP_URL", "smtp://127.0.0.1:1".to_owned()), ("MAIL_FROM", "lucia@example.org".to_owned())];
    let program = start(mail.to_vec()).await;
    let ada = Visitor::at(&format!("http://127.0.0.1:{}", program.port()));
    ada.sign_up("ada").await;
    let pool = RusqlitePool::connect(&format!("sqlite://{}/login.db", program.folder().display())).await.unwrap();
    let sql = "CREATE TRIGGER broken BEFORE INSERT ON Session BEGIN SELECT RAISE(ABORT, 'out of order'); END";
    pool.write(move |connection| connection.execute_batch(sql)).await.unwrap();
    pool.close().await;
    assert_eq!(ada.sign_in("ada", PASSWORD).await.status(), StatusCode::INTERNAL_SERVER_ERROR);

    let log = stop(program).await;
    let line = |text: &str| log.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}: {log}"));
    let failure = line("request not handled");
    assert!(failure.contains("ERROR") && failure.contains(r#"request{method=POST path="/sign-in"}"#), "{failure}");
    assert!(failure.contains("out of order") && !failure.contains("Some("), "{failure}");
    let failure = line("mail not sent");
    assert!(failure.contains(r#"kind="address confirmation""#) && failure.contains("refused"), "{failure}");
    assert!(!log.contains("ada@example.com") && !log.contains("token="), "{log}");
}

/// Returns what the program prints to the terminal when it refuses these variables.
async fn error(program: &Path, variables: &[(&str, &str)]) -> String {
    let defaults = [("DATABASE_URL", "sqlite::memory:"), ("PORT", "0")];
    let variables = defaults.iter().chain(variables).copied();
    let output = Command::new(program).envs(variables).kill_on_drop(true).output();
    let output = timeout(Duration::from_secs(20), output).await.expect("the program ends").unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(1), String::new()));
    String::from_utf8(output.stderr).unwrap()
}

/// The program speaks no TLS, so there is a proxy.
#[tokio::test]
async fn an_https_origin_requires_a_mail_server_and_the_proxies() {
    let program = example("login");
    let origin = ("ORIGIN", "https://example.com");
    let mail = [("SMTP_URL", "smtp://127.0.0.1:1"), ("MAIL_FROM", "lucia@example.com")];
    assert!(error(&program, &[origin]).await.starts_with("error: an https ORIGIN requires SMTP_URL"));
    assert!(
        error(&program, &[origin, mail[0], mail[1]])
            .await
            .starts_with("error: an https ORIGIN requires TRUSTED_PROXIES")
    );
}

#[tokio::test]
async fn a_variable_that_cannot_be_used_is_named_before_the_program_listens() {
    let program = example("login");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let everybody = "every client is a proxy, and chooses the address for which it is counted";
    for (name, value, expected) in [
        ("PORT", "x", "invalid PORT (a number from 0 to 65535): invalid digit found in string"),
        ("PORT", address.port().to_string().as_str(), format!("cannot listen on {address}: ").as_str()),
        ("ORIGIN", "example.com", "invalid ORIGIN: an origin is a scheme and a host, such as https://example.com"),
        ("THROTTLE_KEY", "secret", "invalid THROTTLE_KEY: "),
        ("RUST_LOG", "a=b=c", "invalid RUST_LOG: "),
        ("SMTP_URL", "smtp://127.0.0.1:1", "SMTP_URL requires MAIL_FROM, the address of the sender"),
        ("MAIL_FROM", "lucia@example.com", "MAIL_FROM requires SMTP_URL, the server that sends the mail"),
        ("DATABASE_URL", "nonsense", "invalid DATABASE_URL"),
        (
            "DATABASE_URL",
            "sqlite://nowhere.db",
            "invalid DATABASE_URL (add `?mode=rwc` to create a file that does not exist): cannot open the database: ",
        ),
        (
            "DATABASE_URL",
            "file:nowhere.db",
            "invalid DATABASE_URL (add `?mode=rwc` to create a file that does not exist): cannot open the database: ",
        ),
        (
            "TRUSTED_PROXIES",
            "127.0.0.1,proxy",
            "invalid TRUSTED_PROXIES: `proxy` is neither an address nor a network, such as `::1` or `10.0.0.0/8`\n",
        ),
        ("TRUSTED_PROXIES", "0.0.0.0/0", format!("invalid TRUSTED_PROXIES: with `0.0.0.0/0` {everybody}\n").as_str()),
        ("TRUSTED_PROXIES", "::1, ::/0", format!("invalid TRUSTED_PROXIES: with `::/0` {everybody}\n").as_str()),
        (
            "TRUSTED_PROXIES",
            "::ffff:0.0.0.0/96",
            format!("invalid TRUSTED_PROXIES: with `::ffff:0.0.0.0/96` {everybody}").as_str(),
        ),
    ] {
        let printed = error(&program, &[(name, value)]).await;
        assert!(printed.starts_with(&format!("error: {expected}")), "{name}={value}: {printed}");
        assert!(!printed.contains("secret") && printed.lines().count() == 1, "{printed}");
    }
}
