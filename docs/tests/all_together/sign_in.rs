const CREDENTIALS: &str = r#"
    <form method="post">
        <input name="email" type="email" placeholder="Email address" required>
        <input name="password" type="password" placeholder="Password" required>
        <label><input name="remember" type="checkbox"> Keep me signed in</label>
        <button>Continue</button> <a href="/forgot-password">Forgot your password?</a>
    </form>
"#;
const FORGOT_PASSWORD: &str = r#"
    <form method="post"><input name="email" type="email" required> <button>Send me a link</button></form>
"#;
const CHANGE_PASSWORD: &str = r#"
    <form method="post">
        <input name="current" type="password" placeholder="Current password" required>
        <input name="new" type="password" placeholder="New password" required>
        <button>Change</button>
    </form>
"#;
const CHANGE_EMAIL: &str = r#"
    <form method="post"><input name="email" type="email" required> <button>Change the address</button></form>
"#;
const DELETE_ACCOUNT: &str = r#"<form method="post"><button>Delete my account</button></form>"#;
const CONFIRM: &str = r#"
    <form method="post"><input name="password" type="password" required> <button>Confirm your password</button></form>
"#;

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
    remember: Option<String>,
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

impl Next {
    fn redirect(&self) -> Response {
        Redirect::to(self.next.as_deref().and_then(next_path).unwrap_or("/account")).into_response()
    }
}

fn bad_request(reason: &str) -> Response {
    (StatusCode::BAD_REQUEST, reason.to_owned()).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn device(headers: &HeaderMap, remember: bool) -> Device {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
    Device { name: name.map(|name| name.chars().take(200).collect()), remember }
}

/// Signs the browser in, and out of the session that it may already have: in this order, because `sign_out` after
/// `set_session` would end the new one.
async fn start(request: &AppRequest, new: NewSession) -> Result<(), AuthRejection> {
    let session = request.auth().create_session(new).await?;
    request.sign_out().await?;
    request.set_session(Some(&session));
    Ok(())
}

async fn start_with(request: &AppRequest, key: &VerifiedKey, device: Device) -> Result<(), AuthRejection> {
    if device.remember {
        request.remember_device(key)?;
    }
    start(request, NewSession::for_key(key).attributes(&device)).await
}

async fn sign_up(
    State(site): State<Site>,
    request: AppRequest,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, AuthRejection> {
    let (auth, email) = (request.auth(), form.email.trim().to_lowercase());
    // Not given back: it limits the answers about one address.
    let _counted = auth.attempt("sign-up", &email, request.client()).await?;
    let key = NewKey::with_password(("email", &email), &form.password);
    let profile = Profile { email: email.clone(), email_verified: false };
    let user = match auth.create_user(NewUser::new().key(key).attributes(&profile)).await {
        Ok(user) => user,
        Err(Error::DuplicateKeyId { .. } | Error::DuplicateAttribute { .. }) => {
            return Ok(bad_request("That address is taken."));
        }
        Err(Error::Password(error)) if error.is_unacceptable() => return Ok(bad_request(&error.to_string())),
        Err(error) => return Err(error.into()),
    };
    start(&request, NewSession::new(user.id).attributes(&device(&headers, form.remember.is_some()))).await?;
    let new = NewToken::for_key(TokenPurpose::EMAIL_VERIFICATION, ("email", &email));
    let token = site.tokens.issue(new.at_most_every(Duration::from_secs(120))).await?;
    site.send(&email, &format!("{ORIGIN}/verify/{}", token.as_str()));
    Ok(Redirect::to("/account").into_response())
}

async fn sign_in(
    request: AppRequest,
    Query(next): Query<Next>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, AuthRejection> {
    let email = form.email.trim().to_lowercase();
    let verified = request.auth().use_key_with_password(("email", &email), &form.password);
    let key = match verified.client(request.client()).await {
        Ok(key) => key,
        Err(error) if error.is_invalid_credentials() => return Ok(bad_request("Wrong address or password.")),
        Err(error) => return Err(error.into()),
    };
    start_with(&request, &key, device(&headers, form.remember.is_some())).await?;
    Ok(next.redirect())
}

async fn sign_out(request: AppRequest) -> Result<Redirect, AuthRejection> {
    request.sign_out().await?;
    Ok(Redirect::to("/sign-in"))
}

async fn account(session: AppSession) -> Html<String> {
    let profile = &session.user.attributes;
    let verified = if profile.email_verified { "verified" } else { "not verified" };
    Html(format!(
        r#"Hello {} ({verified}). <a href="/devices">Devices</a> <a href="/password">Password</a>
        <a href="/change-email">Address</a> <a href="/delete-account">Delete</a>"#,
        escape(&profile.email)
    ))
}

/// Has the secret of a link in its address.
fn secret_page(html: String) -> impl IntoResponse {
    ([(header::REFERRER_POLICY, "no-referrer"), (header::CACHE_CONTROL, "no-store")], Html(html))
}

async fn verify_form(State(site): State<Site>, Path(token): Path<String>) -> Result<impl IntoResponse, AuthRejection> {
    let info = site.tokens.peek(TokenPurpose::EMAIL_VERIFICATION, &token).await?;
    let email = escape(info.key_id.as_ref().map_or("your address", KeyId::provider_user_id));
    Ok(secret_page(format!(r#"<form method="post"><button>Verify {email}</button></form>"#)))
}

#[derive(Serialize)]
struct Verified {
    email_verified: bool,
}

async fn verify(
    State(site): State<Site>,
    request: AppRequest,
    Path(token): Path<String>,
) -> Result<Redirect, AuthRejection> {
    let redeemed = site.tokens.redeem(TokenPurpose::EMAIL_VERIFICATION, &token).await?;
    request.auth().update_user_attributes(&redeemed.user_id, &Verified { email_verified: true }).await?;
    Ok(Redirect::to("/account"))
}

#[derive(Deserialize)]
struct Address {
    email: String,
}

async fn forgot_password(
    State(site): State<Site>,
    request: AppRequest,
    Form(form): Form<Address>,
) -> Result<&'static str, AuthRejection> {
    let _counted = request.auth().attempt_from("forgot-password", request.client()).await?;
    let email = form.email.trim().to_lowercase();
    tokio::spawn(async move {
        let new = NewToken::for_key(TokenPurpose::PASSWORD_RESET, ("email", &email));
        match site.tokens.issue(new.at_most_every(Duration::from_secs(120))).await {
            Ok(token) => site.send(&email, &format!("{ORIGIN}/reset-password/{}", token.as_str())),
            Err(error) if error.is_invalid_credentials() => {}
            Err(Error::TooManyAttempts { .. }) => {}
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "no link sent"),
        }
    });
    Ok("If this address has an account, there is a mail with a link now. If none arrives, ask again in two minutes.")
}

async fn reset_form(State(site): State<Site>, Path(token): Path<String>) -> Result<impl IntoResponse, AuthRejection> {
    let info = site.tokens.peek(TokenPurpose::PASSWORD_RESET, &token).await?;
    let email = escape(info.key_id.as_ref().map_or("your account", KeyId::provider_user_id));
    Ok(secret_page(format!(
        r#"<form method="post">A new password for {email}: <input name="password" type="password" required>
        <label><input name="remember" type="checkbox"> Keep me signed in</label> <button>Set</button></form>"#
    )))
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
    remember: Option<String>,
}

async fn reset_password(
    State(site): State<Site>,
    request: AppRequest,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(form): Form<NewPassword>,
) -> Result<Response, AuthRejection> {
    let reset = tokio::spawn(async move { site.tokens.reset_password(&token, &form.password).await });
    let key = match reset.await.expect("resetting does not panic") {
        Ok(key) => key,
        Err(Error::Password(error)) if error.is_unacceptable() => return Ok(bad_request(&error.to_string())),
        Err(error) => return Err(error.into()),
    };
    start_with(&request, &key, device(&headers, form.remember.is_some())).await?;
    Ok(Redirect::to("/account").into_response())
}
