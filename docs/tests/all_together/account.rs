#[derive(Deserialize)]
struct PasswordChange {
    current: String,
    new: String,
}

async fn change_password(
    State(site): State<Site>,
    request: AppRequest,
    session: AppSession,
    Form(form): Form<PasswordChange>,
) -> Result<Response, AuthRejection> {
    let auth = request.auth().clone();
    let verified = auth.use_key_with_password(("email", &session.user.attributes.email), &form.current);
    let key = match verified.client(request.client()).await {
        Ok(key) => key,
        Err(error) if error.is_invalid_credentials() => return Ok(bad_request("The current password is wrong.")),
        Err(error) => return Err(error.into()),
    };
    let changing = tokio::spawn(async move {
        auth.replace_password(&key, &form.new).await?;
        auth.invalidate_other_user_sessions(&session.user.id, &session.id).await?;
        site.tokens.delete_user_tokens(&session.user.id).await?;
        auth.rotate_session(&session.id).await
    });
    match changing.await.expect("changing does not panic") {
        Ok(session) => request.set_session(Some(&session)),
        Err(Error::Password(error)) if error.is_unacceptable() => return Ok(bad_request(&error.to_string())),
        Err(error) => return Err(error.into()),
    }
    Ok(Redirect::to("/account").into_response())
}

const EMAIL_CHANGE: TokenPurpose = TokenPurpose::new("email_change", Duration::from_secs(24 * 60 * 60));

async fn request_change(
    State(site): State<Site>,
    request: AppRequest,
    session: AppRecentSession,
    Form(form): Form<Address>,
) -> Result<&'static str, AuthRejection> {
    let _counted = request.auth().attempt("change-email", session.user.id.as_str(), request.client()).await?;
    let (present, new) = (&session.user.attributes.email, form.email.trim().to_lowercase());
    let token = site.tokens.issue(NewToken::for_key(EMAIL_CHANGE, ("email", present)).bound_to(&new)).await?;
    site.send(&new, &format!("{ORIGIN}/change-email/{}", token.as_str()));
    site.send(present, "The address of your account will change.");
    Ok("There is a mail with a link at the new address.")
}

async fn change_form(State(site): State<Site>, Path(token): Path<String>) -> Result<impl IntoResponse, AuthRejection> {
    let info = site.tokens.peek(EMAIL_CHANGE, &token).await?;
    let email = escape(info.bound_to.as_deref().unwrap_or("the new address"));
    Ok(secret_page(format!(r#"<form method="post"><button>Use {email}</button></form>"#)))
}

async fn change_email(
    State(site): State<Site>,
    request: AppRequest,
    Path(token): Path<String>,
) -> Result<Redirect, AuthRejection> {
    let auth = request.auth().clone();
    // A task, because a client that disconnects would drop the handler halfway.
    let changing = tokio::spawn(async move {
        let redeemed = site.tokens.redeem(EMAIL_CHANGE, &token).await?;
        let (key, email) = redeemed.key.zip(redeemed.bound_to).ok_or(Error::InvalidOneTimeToken)?;
        // `DuplicateKeyId` if another account has the new address: 409.
        auth.update_key_provider_user_id(&key.id, &email).await?;
        site.send(key.id.provider_user_id(), "The address of your account has changed.");
        auth.update_user_attributes(&redeemed.user_id, &Profile { email, email_verified: true }).await?;
        site.tokens.delete_user_tokens(&redeemed.user_id).await
    });
    changing.await.expect("changing does not panic")?;
    Ok(Redirect::to("/account"))
}

async fn devices(request: AppRequest, session: AppSession) -> Result<Html<String>, AuthRejection> {
    let mut page =
        r#"<form method="post" action="/devices/sign-out-others"><button>All others</button></form>"#.to_owned();
    for info in request.auth().get_all_user_sessions(&session.user.id).await? {
        let name = escape(info.attributes.name.as_deref().unwrap_or("unknown"));
        let this = if info.handle() == session.handle() { ", this one" } else { "" };
        page += &format!(
            r#"<form method="post" action="/devices/sign-out">{name}{this}
            <button name="handle" value="{}">Sign out</button></form>"#,
            info.handle()
        );
    }
    Ok(Html(page))
}

#[derive(Deserialize)]
struct ListedDevice {
    handle: String,
}

async fn sign_one_out(
    request: AppRequest,
    session: AppSession,
    Form(form): Form<ListedDevice>,
) -> Result<Redirect, AuthRejection> {
    if let Ok(handle) = form.handle.parse::<SessionHandle>() {
        request.auth().invalidate_session_by_handle(&session.user.id, &handle).await?;
    }
    Ok(Redirect::to("/devices"))
}

async fn sign_others_out(request: AppRequest, session: AppSession) -> Result<Redirect, AuthRejection> {
    request.auth().invalidate_other_user_sessions(&session.user.id, &session.id).await?;
    Ok(Redirect::to("/devices"))
}

#[derive(Deserialize)]
struct Confirmation {
    password: String,
}

async fn confirm(
    request: AppRequest,
    Query(next): Query<Next>,
    Form(form): Form<Confirmation>,
) -> Result<Response, AuthRejection> {
    match request.confirm_password(&form.password).await {
        Ok(_) => Ok(next.redirect()),
        Err(error) if error.is_invalid_credentials() => Ok(bad_request("The password is wrong.")),
        Err(error) => Err(error.into()),
    }
}

async fn delete_account(request: AppRequest, session: AppRecentSession) -> Result<Redirect, AuthRejection> {
    request.auth().delete_user(&session.user.id).await?;
    request.clear_session();
    Ok(Redirect::to("/sign-up"))
}
