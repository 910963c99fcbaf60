use std::time::{Duration, Instant};

use axum::body::{self, Body};
use http::{Request, StatusCode, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::task::JoinSet;

use crate::{Result, site::Site};

const TURN: Duration = Duration::from_millis(200);

/// Asks for a page on this many connections for a while.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub(crate) async fn requests_per_second(site: &Site, connections: usize) -> Result<f64> {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..connections {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (url, cookie) = (site.url.clone(), site.cookie.clone());
        running.spawn(async move {
            let mut count = 0_u32;
            while start.elapsed() < TURN {
                get(&client, &url, &cookie).await?;
                count += 1;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(count)
        });
    }
    let mut count = 0;
    for counted in running.join_all().await {
        count += counted?;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

async fn get(client: &Client<HttpConnector, Body>, url: &str, cookie: &str) -> Result<()> {
    let request = Request::get(url).header(header::COOKIE, cookie).body(Body::empty())?;
    let response = client.request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("{url} answered {}", response.status()).into());
    }
    let page = body::to_bytes(Body::new(response.into_body()), 100_000).await?;
    if !page.windows(3).any(|window| window == b"ada") {
        return Err(format!("{url} does not know the user").into());
    }
    Ok(())
}
