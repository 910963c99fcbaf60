//! The cost of reading a session through Upstash's REST API: the adapter compared to a plain reqwest client that sends the
//! same command to the same server.
//!
//! Both run in turns of some hundred calls, so that other load affects both equally.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot start panics")]

use std::{hint::black_box, time::Instant};

use adapter_redis::{RedisSessionAdapter, UpstashConnection, reqwest};
use lucia_core::{SessionAdapter as _, SessionId, SessionSchema, UnixMillis};
use test_servers::upstash::{Database, Front, TOKEN};

const SESSIONS: usize = 1_000;
const ROUNDS: usize = 40;
const CALLS: usize = 200;

#[tokio::main]
#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "measures and prints")]
async fn main() {
    let database = Database::start().await.unwrap();
    let front = Front::start(&database).await.unwrap();
    let adapter = RedisSessionAdapter::new(UpstashConnection::new(&front.url, TOKEN).unwrap()).await.unwrap();
    let raw = reqwest::Client::builder().build().unwrap();
    let ids: Vec<_> = (0..SESSIONS).map(|number| SessionId::new(format!("{number:040}"))).collect();
    for id in &ids {
        adapter.set_session(&SessionSchema::new(id.clone(), "u1", UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
    }
    let mut micros = [const { Vec::new() }; 3];
    for round in 0..ROUNDS * 3 {
        let subject = round % 3;
        let start = Instant::now();
        for call in 0..CALLS {
            let id = &ids[call * 7 % SESSIONS];
            if subject == 2 {
                black_box(adapter.get_session(id).await.unwrap().unwrap());
                continue;
            }
            let request = raw.post(&front.url).bearer_auth(TOKEN).header("upstash-encoding", "base64");
            let request = request.body(format!(r#"["GET","session:{}"]"#, id.as_str()));
            black_box(request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap());
        }
        micros[subject].push(start.elapsed().as_secs_f64() * 1e6 / CALLS as f64);
    }
    let [control, again, get] = micros.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    println!("reqwest           {control:7.1} us");
    println!("reqwest again     {again:7.1} us  {:.3}", again / control);
    println!("get_session       {get:7.1} us  {:.3}", get / control);
}
