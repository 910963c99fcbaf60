//! Three processes of the application on one Postgres and one Redis.

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use http::{StatusCode, header};
use reqwest::Client;
use serde_json::{Value, json};
use test_servers::Server;
use tokio::{
    sync::Semaphore,
    task::{JoinSet, spawn_blocking},
};

use crate::{
    client::{PASSWORD, credentials},
    databases::Databases,
    example::example,
};

const GUESSES: usize = 1_000;
const ALLOWED: usize = 10;
/// How many guesses are under way at once.
const PARALLEL: usize = 50;

static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| example("api"));

/// One of the processes, which ends with this value or with the test.
struct Process {
    url: String,
    _server: Server,
}

impl Process {
    async fn start(databases: &Databases, counters: &str) -> Self {
        let variables = [
            ("DATABASE_URL", databases.postgres()),
            ("REDIS_URL", databases.redis().to_owned()),
            ("THROTTLE_KEY", "000102030405060708090a0b0c0d0e0f".repeat(2)),
            ("COUNTERS", counters.to_owned()),
            ("PORT", "{port}".to_owned()),
        ];
        let server = spawn_blocking(|| {
            let example = Server::builder(EXAMPLE.to_str().unwrap()).unwrap();
            variables.into_iter().fold(example, |example, (name, value)| example.env(name, value)).start().unwrap()
        });
        let server = server.await.unwrap();
        Self { url: format!("http://127.0.0.1:{}", server.port()), _server: server }
    }
}

/// The answers to guesses for one account: each body, and how often it was given.
#[derive(Debug, PartialEq, Eq)]
struct Answers {
    wrong: (usize, String),
    refused: (usize, String),
}

async fn guess(client: &Client, processes: &[Process], email: &str) -> Answers {
    let slots = Arc::new(Semaphore::new(PARALLEL));
    let mut guesses = JoinSet::new();
    for number in 0..GUESSES {
        let url = format!("{}/v1/tokens", processes[number % processes.len()].url);
        let request = client.post(url).json(&credentials(email, &format!("guess number {number}")));
        let slots = Arc::clone(&slots);
        guesses.spawn(async move {
            let _slot = slots.acquire().await.unwrap();
            let response = request.send().await.unwrap();
            let status = response.status();
            assert_eq!(response.headers().contains_key(header::RETRY_AFTER), status == StatusCode::TOO_MANY_REQUESTS);
            (status, response.text().await.unwrap())
        });
    }
    let answers = guesses.join_all().await;
    let of = |status| {
        let mut bodies: Vec<_> = answers.iter().filter(|answer| answer.0 == status).map(|answer| &answer.1).collect();
        let count = bodies.len();
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{status}: {bodies:?}");
        (count, bodies[0].clone())
    };
    Answers { wrong: of(StatusCode::UNAUTHORIZED), refused: of(StatusCode::TOO_MANY_REQUESTS) }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_guesses_ten_are_verified_by_three_processes_that_count_in_redis() {
    guess_a_thousand_times("redis").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_guesses_ten_are_verified_by_three_processes_that_count_in_postgres() {
    guess_a_thousand_times("postgres").await;
}

async fn guess_a_thousand_times(counters: &str) {
    let databases = Databases::create().await;
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(Process::start(&databases, counters).await);
    }
    let client = Client::builder().no_proxy().build().unwrap();
    let email = "ada@example.com";
    let account = json!({ "email": email, "name": "Ada", "password": PASSWORD });
    let created = client.post(format!("{}/v1/accounts", processes[0].url)).json(&account).send().await.unwrap();
    assert_eq!(created.status(), StatusCode::CREATED);

    let sign_in = async |process: &Process, device: Option<&str>| {
        let request = client.post(format!("{}/v1/session", process.url)).header(header::ORIGIN, &process.url);
        let request = device.into_iter().fold(request, |request, device| request.header(header::COOKIE, device));
        request.json(&credentials(email, PASSWORD)).send().await.unwrap()
    };
    let response = sign_in(&processes[0], None).await;
    let cookies = response.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let device =
        cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("auth_device="));
    let device = device.unwrap().to_owned();

    let owner = async {
        for process in processes.iter().cycle().take(6) {
            assert_eq!(sign_in(process, Some(&device)).await.status(), StatusCode::OK, "the owner is locked out");
        }
    };
    let (known, ()) = tokio::join!(guess(&client, &processes, email), owner);
    assert_eq!((known.wrong.0, known.refused.0), (ALLOWED, GUESSES - ALLOWED));
    let stranger = sign_in(&processes[1], None).await;
    assert_eq!(stranger.status(), StatusCode::TOO_MANY_REQUESTS, "a device that is not known waits");
    let problem: Value = stranger.json().await.unwrap();
    assert_eq!(problem["code"], "AUTH_TOO_MANY_ATTEMPTS");

    let unknown = guess(&client, &processes, "nobody@example.com").await;
    assert_eq!(unknown, known, "the answers tell who has an account");
    drop(processes);
    databases.drop().await;
}
