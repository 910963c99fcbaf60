//! The program itself, with a database file of its own.

use std::{fs, process::Command, time::Duration};

use reqwest::StatusCode;
use test_servers::{Proxy, Server};
use tokio::task::spawn_blocking;

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

#[tokio::test(flavor = "multi_thread")]
async fn the_program_creates_its_file_and_leaves_only_this_one_when_it_is_asked_to_end() {
    let start = || {
        let program = Server::builder(example("login").to_str().unwrap()).unwrap();
        let program = program.env("DATABASE_URL", "sqlite://{folder}/login.db?mode=rwc").env("PORT", "{port}");
        program.start().unwrap()
    };
    let mut program = spawn_blocking(start).await.unwrap();
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
    let start = move || {
        let program = Server::builder(example("login").to_str().unwrap()).unwrap();
        let program = program.env("DATABASE_URL", "sqlite://{folder}/login.db?mode=rwc").env("PORT", "{port}");
        program.env("SMTP_URL", url).env("MAIL_FROM", "lucia@example.org").start().unwrap()
    };
    let mut program = spawn_blocking(start).await.unwrap();
    let ada = Visitor::at(&format!("http://127.0.0.1:{}", program.port()));
    ada.sign_up("ada").await;
    assert!(smtp.receive().await.message.contains("Subject: Confirm your e-mail address"));

    proxy.set_delay(Duration::from_millis(100));
    let asked = ada.post("/forgot-password", &[("email", "ada@example.com")]).await;
    assert_eq!(asked.status(), StatusCode::OK);
    let stopping = spawn_blocking(move || {
        program.stop().unwrap();
        program.log()
    });
    let log = stopping.await.unwrap();
    assert!(!log.contains("not sent"), "{log}");
    assert!(smtp.receive().await.message.contains("Subject: Choose a new password"), "{log}");
}

/// The program speaks no TLS, so there is a proxy.
#[test]
fn an_https_origin_requires_a_mail_server_and_the_proxies() {
    let error = |variables: &[(&str, &str)]| {
        let output = Command::new(example("login")).envs(variables.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let origin = ("ORIGIN", "https://example.com");
    let mail = [("SMTP_URL", "smtp://127.0.0.1:1"), ("MAIL_FROM", "lucia@example.com")];
    assert!(error(&[origin]).contains("an https ORIGIN requires SMTP_URL"));
    assert!(error(&[origin, mail[0], mail[1]]).contains("an https ORIGIN requires TRUSTED_PROXIES"));
    let wrong =
        [origin, mail[0], mail[1], ("TRUSTED_PROXIES", "proxy"), ("DATABASE_URL", "sqlite::memory:"), ("PORT", "0")];
    assert!(error(&wrong).contains("proxy"), "{}", error(&wrong));
}
