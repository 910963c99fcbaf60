//! Requests per second of a page for users, over HTTP on this machine: without authentication, which is the control, with this
//! crate, with axum-login, and the account page of the login example.
//!
//! `cargo bench -p lucia-axum --all-features --bench requests`. The clients run on the same processors as the server, so a
//! ratio to the control is nearer to 1 than with clients on another machine.

#![expect(clippy::print_stdout, reason = "a bench reports")]

#[expect(dead_code, reason = "the example's program uses the rest")]
#[path = "../../examples/login/app/mod.rs"]
mod app;
mod axum_login_site;
mod load;
mod site;

use std::error::Error;

use test_servers::redis_server;

use self::{load::requests_per_second, site::Site};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const CONNECTIONS: [usize; 3] = [1, 16, 64];
const ROUNDS: usize = 21;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let redis = redis_server()?.args(["--appendonly", "no"]).start()?;
    let redis = format!("redis://127.0.0.1:{}", redis.port());
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let sites = [
            site::without_authentication("no authentication").await?,
            site::without_authentication("no authentication, again").await?,
            site::in_memory("lucia-axum, memory").await?,
            axum_login_site::in_memory("axum-login, memory").await?,
            site::in_redis("lucia-axum, sessions in Redis", &redis).await?,
            axum_login_site::in_redis("axum-login, sessions in Redis", &redis).await?,
            site::in_sqlite("lucia-axum, SQLite", &folder.path().join("bench.db")).await?,
            site::example("the example's /account", &folder.path().join("login.db")).await?,
        ];
        for connections in CONNECTIONS {
            compare(&sites, connections).await?;
        }
        Ok(())
    })
}

/// Measures the sites in turns, and prints the median of each and that of its ratios to the first.
async fn compare(sites: &[Site], connections: usize) -> Result<()> {
    let mut rates = vec![Vec::with_capacity(ROUNDS); sites.len()];
    for round in 0..=ROUNDS {
        for turn in 0..sites.len() {
            let index = (round + turn) % sites.len();
            let rate = requests_per_second(&sites[index], connections).await?;
            // The first round warms up.
            if round > 0 {
                rates[index].push(rate);
            }
        }
    }
    println!("\n{connections} connections, requests a second and their share of the first");
    for (site, own) in sites.iter().zip(&rates) {
        let ratios = own.iter().zip(&rates[0]).map(|(own, control)| own / control).collect();
        println!("  {:<34} {:>9.0} {:>6.2}", site.name, median(own.clone()), median(ratios));
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
