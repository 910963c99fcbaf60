//! Sends any forwarding header through trusted proxies, which append the address of their client: what the client sent
//! does not change it.
#![no_main]

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::LazyLock,
};

use axum::extract::ConnectInfo;
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Request, Response};
use libfuzzer_sys::fuzz_target;
use lucia_auth::{Auth, AuthRequest, memory::MemoryAdapter};
use lucia_axum::AuthLayer;
use tower::{Layer as _, ServiceExt as _, service_fn};

const PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 4711);
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

static LAYER: LazyLock<AuthLayer> = LazyLock::new(|| {
    let auth = Auth::builder(MemoryAdapter::new()).build().expect("the defaults fit");
    AuthLayer::new(auth).trusted_proxies(["10.0.0.0/8"]).expect("a network")
});

fn address(layer: AuthLayer, name: &'static str, values: &[&[u8]]) -> Option<IpAddr> {
    let mut request = Request::new(());
    request.extensions_mut().insert(ConnectInfo(PROXY));
    for value in values {
        let value = HeaderValue::from_bytes(value).ok()?;
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    let service = service_fn(|request: Request<()>| async move {
        let auth: &AuthRequest = request.extensions().get().expect("the layer is there");
        let mut response = Response::new(());
        response.extensions_mut().insert(auth.client().ip());
        Ok::<_, Infallible>(response)
    });
    let response = layer.layer(service).oneshot(request).now_or_never().expect("at once").expect("nothing fails");
    *response.extensions().get::<Option<IpAddr>>().expect("set above")
}

fuzz_target!(|sent: &[u8]| {
    if HeaderValue::from_bytes(sent).is_err() {
        return;
    }
    let forwarded = LAYER.clone().read_forwarded();
    // Nothing appended: whatever it is, no panic.
    let _ = (address(LAYER.clone(), "x-forwarded-for", &[sent]), address(forwarded.clone(), "forwarded", &[sent]));
    for (layer, name, appended) in [
        (LAYER.clone(), "x-forwarded-for", "192.0.2.1, 10.0.0.2"),
        (forwarded, "forwarded", "for=192.0.2.1;proto=https, for=\"10.0.0.2:80\""),
    ] {
        let appended = appended.as_bytes();
        assert_eq!(address(layer.clone(), name, &[sent, appended]), Some(CLIENT));
        assert_eq!(address(layer, name, &[&[sent, b", ", appended].concat()]), Some(CLIENT));
    }
});
