use utoipa::openapi::{
    Components, Info, OpenApi, OpenApiBuilder,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};

/// Returns what `/openapi.json` says beside the routes.
pub(super) fn base() -> OpenApi {
    let mut components = Components::new();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("auth_session")));
    components.add_security_scheme("cookie", cookie);
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut info = Info::new("Accounts", "1.0.0");
    info.description = Some("Accounts and sessions of browsers and apps.".to_owned());
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}
