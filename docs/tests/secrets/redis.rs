use std::{error::Error as _, time::Duration};

use super::{TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown) {
    shown.show("RedisConfig", &adapter_redis::RedisConfig::new());
    shown.show("ConnectConfig", &adapter_redis::ConnectConfig::new());
    shown.show("Topology", &adapter_redis::Topology::Single);
    let config = adapter_redis::ConnectConfig::new().connect_timeout(Duration::from_secs(1));
    for url in ["redis://ada:secret@127.0.0.1:1/", "redis://ada:secret@", "secret"] {
        shown.error("SetupError", &config.connect(url).await.unwrap_err());
    }
    let upstash = adapter_redis::UpstashConnection::new;
    shown.show("UpstashConnection", &upstash("http://127.0.0.1:1", TOKEN).unwrap());
    for (url, token) in [("secret", TOKEN), ("http://ada:secret@127.0.0.1", TOKEN), ("http://127.0.0.1", "secret\n")] {
        shown.error("SetupError", &upstash(url, token).unwrap_err());
    }
    let refused = adapter_redis::RedisSessionAdapter::new(upstash("http://127.0.0.1:1", TOKEN).unwrap()).await;
    let refused = refused.unwrap_err();
    shown.error("SetupError", &refused);
    let causes = std::iter::successors(refused.source(), |&cause| cause.source());
    let outage = causes.filter_map(|cause| cause.downcast_ref::<adapter_kv_http::HttpError>()).next();
    shown.error("HttpError", outage.unwrap());
}
