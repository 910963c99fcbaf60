//! Three processes of the application on one Postgres and one Redis.

use std::{env, net::SocketAddr, process::Stdio, sync::Arc};

use adapter_prisma_compatible::{PrismaConfig, PrismaTokenAdapter, Table, postgres};
use http::{StatusCode, header};
use lucia_auth::{Env, Throttle, ThrottleKey};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::Semaphore,
    task::JoinSet,
};

use crate::{
    app,
    client::{PASSWORD, credentials},
    databases::Databases,
};

const GUESSES: usize = 1_000;
const ALLOWED: usize = 10;
/// How many guesses are under way at once.
const PARALLEL: usize = 50;
const DATABASE: &str = "API_TEST_DATABASE";
const REDIS: &str = "API_TEST_REDIS";
const THROTTLE_KEY: &str = "API_TEST_THROTTLE_KEY";
/// Where attempts are counted.
const COUNTERS: &str = "API_TEST_COUNTERS";
const LISTENING: &str = "listening on ";

/// One of the processes, which ends when this is dropped.
struct Process {
    url: String,
    _child: Child,
}

impl Process {
    async fn start(databases: &Databases, counters: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "processes::process_of_the_application", "--ignored", "--nocapture"])
            .env(DATABASE, databases.postgres())
            .env(REDIS, databases.redis())
            .env(THROTTLE_KEY, "000102030405060708090a0b0c0d0e0f".repeat(2))
            .env(COUNTERS, counters)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, url)) = line.split_once(LISTENING) {
                return Self { url: url.to_owned(), _child: child };
            }
        }
        panic!("the process ended before it listened");
    }
}

/// What [`Process::start`] runs. By itself it does nothing.
#[tokio::test]
#[ignore = "an entry point of other processes"]
async fn process_of_the_application() {
    let Ok(database) = env::var(DATABASE) else { return };
    let stores = app::open_stores(&database, &env::var(REDIS).unwrap()).await.unwrap();
    let key: ThrottleKey = env::var(THROTTLE_KEY).unwrap().parse().unwrap();
    let throttle = match env::var(COUNTERS).unwrap().as_str() {
        "redis" => Throttle::new(stores.counters, key),
        _ => Throttle::new(postgres_counters(&database).await, key),
    };
    let auth = app::auth(stores.accounts).throttle(throttle).env(Env::Dev).build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{LISTENING}http://{}", listener.local_addr().unwrap());
    let service = app::router(&auth).into_make_service_with_connect_info::<SocketAddr>();
    // It also ends if the test is killed.
    let parent_ends = async { drop(tokio::io::stdin().read(&mut [0]).await) };
    axum::serve(listener, service).with_graceful_shutdown(parent_ends).await.unwrap();
}

async fn postgres_counters(url: &str) -> PrismaTokenAdapter {
    let pool = postgres::connect(url).await.unwrap();
    let config = PrismaConfig::default().token(Table::named("Token"));
    config.create_token_table(&pool).await.unwrap();
    PrismaTokenAdapter::with_config(pool, config).await.unwrap()
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
