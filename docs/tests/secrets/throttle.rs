use std::{net::IpAddr, time::Duration};

use lucia_auth::{Auth, Client, Limit, NewSession, Outage, Throttle, ThrottleKey, VerifiedKey, memory::MemoryAdapter};
use lucia_axum::{AuthLayer, AuthRejection};

use super::{PASSWORD, TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown, auth: &Auth, key: &VerifiedKey) {
    let address = IpAddr::from([203, 0, 113, 7]);
    let cookie = auth.device_cookie(&Client::new(), key).unwrap();
    let client = Client::new().address(address).device(cookie.value());
    shown.secrets.extend([address.to_string(), cookie.value().to_lowercase(), "0a0a0a".to_owned()]);
    shown.show("Client", &client);
    shown.show("SetCookie", &cookie);
    shown.show("UseKey", &auth.use_key_with_password(("username", "ada"), PASSWORD).client(&client));
    let user = auth.get_user(&key.user_id).await.unwrap();
    let confirmed = auth.create_session(NewSession::new(user.id)).await.unwrap();
    shown.show("ConfirmPassword", &auth.confirm_password(&confirmed, PASSWORD).client(&client));
    shown.show("Attempt", &auth.attempt("code", TOKEN, &client).await.unwrap());
    let throttle_key = ThrottleKey::from_bytes([10; 32]);
    shown.show("ThrottleKey", &throttle_key);
    shown.error("InvalidThrottleKey", &PASSWORD.parse::<ThrottleKey>().unwrap_err());
    let throttle = Throttle::new(MemoryAdapter::new(), throttle_key).per_account(Limit::new(1, Duration::MAX));
    shown.show("Limit", &Limit::new(1, Duration::MAX));
    shown.show("Outage", &Outage::Open);
    shown.show("Throttle", &throttle);
    let auth = Auth::builder(MemoryAdapter::new()).throttle(throttle).build().unwrap();
    shown.show("Auth", &auth);
    for _ in 0..2 {
        if let Err(refused) = auth.attempt("code", TOKEN, &client).await {
            shown.error("Error", &refused);
            shown.error("AuthRejection", &AuthRejection::from(refused));
        }
    }
    let mistaken = AuthLayer::new(auth).trusted_proxies(["10.0.0.0/33"]).unwrap_err();
    shown.error("InvalidProxy", &mistaken);
}
