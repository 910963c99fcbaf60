use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use lucia_auth::NewSession;
use minijinja::context;
use serde::Deserialize;

use super::{
    answer::Failure,
    auth::Request,
    email_address::EmailAddress,
    form::{FieldErrors, Remember, password_problem, username_problem},
    links::Links,
    new_account::{self, NewAccount, NotCreated},
    pages,
    sign_in::start_session,
};

/// The fields of the page. A missing one is treated as empty.
#[derive(Deserialize)]
pub(super) struct SignUp {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(flatten)]
    remember: Remember,
}

impl SignUp {
    fn check(&self) -> Result<NewAccount, FieldErrors> {
        let mut errors = FieldErrors::none();
        if let Some(problem) = username_problem(&self.username) {
            errors.add("username", problem);
        }
        let email = self.email.parse::<EmailAddress>();
        if let Err(problem) = &email {
            errors.add("email", problem.to_string());
        }
        match email {
            Ok(email) if errors.is_empty() => {
                Ok(NewAccount { username: self.username.trim().to_owned(), email, password: self.password.clone() })
            }
            _ => Err(errors),
        }
    }
}

pub(super) async fn page() -> Response {
    pages::form("sign-up.html", &FieldErrors::none(), context! { remember => true })
}

pub(super) async fn submit(
    State(links): State<Links>,
    request: Request,
    headers: HeaderMap,
    Form(form): Form<SignUp>,
) -> Result<Response, Failure> {
    match sign_up(&links, &request, &headers, &form).await? {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        Err(errors) => {
            let SignUp { username, email, remember, .. } = form;
            Ok(pages::form("sign-up.html", &errors, context! { username, email, remember => remember.is_chosen() }))
        }
    }
}

async fn sign_up(
    links: &Links,
    request: &Request,
    headers: &HeaderMap,
    form: &SignUp,
) -> Result<Result<(), FieldErrors>, Failure> {
    let account = match form.check() {
        Ok(account) => account,
        Err(errors) => return Ok(Err(errors)),
    };
    // The answers tell which names and addresses have an account, so there must not be too many.
    let attempt = match request.auth().attempt("sign-up", account.email.as_str(), request.client()).await {
        Ok(attempt) => attempt,
        Err(error) => return Ok(Err(FieldErrors::retry_later(error)?)),
    };
    // A task is not dropped when the client disconnects, and so does not stop halfway.
    let (auth, task) = (request.auth().clone(), links.clone());
    let creating = async move {
        let user = new_account::create(auth, account).await?;
        // The owner of the address has to know, whatever becomes of the session.
        task.confirm_address(user.clone());
        Ok(user)
    };
    match links.tasks().spawn(creating).await? {
        Ok(user) => {
            start_session(request, NewSession::new(user.id), headers, form.remember.is_chosen()).await?;
            Ok(Ok(()))
        }
        Err(NotCreated::UsernameTaken) => Ok(Err(FieldErrors::one("username", "That user name is taken."))),
        Err(NotCreated::AddressTaken) => Ok(Err(FieldErrors::one("email", "That e-mail address is taken."))),
        Err(NotCreated::Failed(error)) => {
            let errors = match password_problem(&error) {
                Some(problem) => FieldErrors::one("password", problem),
                None => FieldErrors::retry_later(error)?,
            };
            // Nothing was looked up.
            attempt.give_back().await;
            Ok(Err(errors))
        }
    }
}
