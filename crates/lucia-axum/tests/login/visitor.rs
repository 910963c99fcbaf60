use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};

use crate::server::Server;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// An HTTP client with its own cookies, which does not follow redirects.
pub(crate) struct Visitor {
    client: Client,
    url: String,
    origin: String,
}

impl Visitor {
    pub(crate) fn of(server: &Server) -> Self {
        Self::at(&server.url)
    }

    pub(crate) fn at(url: &str) -> Self {
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().build().unwrap();
        Self { client, url: url.to_owned(), origin: url.to_owned() }
    }

    /// Returns the same client, with requests from a page of another origin.
    pub(crate) fn sent_from(&self, origin: &str) -> Self {
        Self { client: self.client.clone(), url: self.url.clone(), origin: origin.to_owned() }
    }

    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url)).header("origin", &self.origin)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// Follows a link in a mail.
    pub(crate) async fn follow(&self, link: &str) -> Response {
        self.client.get(link).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.request(path).form(fields).send().await.unwrap()
    }

    pub(crate) async fn sign_up(&self, username: &str) {
        let response = self.try_sign_up(username, &format!("{username}@example.com"), PASSWORD).await;
        assert_redirect(&response, "/account");
    }

    pub(crate) async fn try_sign_up(&self, username: &str, email: &str, password: &str) -> Response {
        self.post("/sign-up", &[("username", username), ("email", email), ("password", password)]).await
    }

    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Response {
        self.post("/sign-in", &[("username", username), ("password", password)]).await
    }

    pub(crate) async fn is_signed_in(&self) -> bool {
        let response = self.get("/account").await;
        match response.status() {
            StatusCode::OK => true,
            StatusCode::SEE_OTHER => {
                assert_redirect(&response, "/sign-in");
                false
            }
            status => panic!("/account answered {status}"),
        }
    }
}

pub(crate) fn assert_redirect(response: &Response, to: &str) {
    let location = response.headers().get("location").and_then(|location| location.to_str().ok());
    assert_eq!((response.status(), location), (StatusCode::SEE_OTHER, Some(to)));
}

/// Returns the cookie with this name that a response sets.
pub(crate) fn cookie<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let cookies = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    cookies.into_iter().find(|cookie| cookie.split_once('=').is_some_and(|(found, _)| found == name))
}

/// Returns the alert of a page.
pub(crate) fn alert(page: &str) -> &str {
    let (_, rest) = page.split_once(r#"role="alert""#).expect("the page has an alert");
    text(rest)
}

/// Returns the problems that a page shows beside its fields: the id of each field and the problem.
pub(crate) fn problems(page: &str) -> Vec<(&str, &str)> {
    let marked = page.matches(r#"aria-invalid="true""#).count();
    let problems: Vec<_> = page
        .split(r#"<p class="problem" id=""#)
        .skip(1)
        .map(|rest| {
            let (id, rest) = rest.split_once("-error\"").unwrap();
            let input = page.split_once(&format!(r#"<input id="{id}""#)).expect("the field").1;
            let (input, _) = input.split_once('>').unwrap();
            let described = format!(r#"aria-invalid="true" aria-describedby="{id}-error"#);
            assert!(input.contains(&described), "the field does not refer to its problem: {input}");
            (id, text(rest))
        })
        .collect();
    assert_eq!(marked, problems.len(), "{page}");
    problems
}

/// Returns the text of the element whose tag is cut off.
fn text(rest: &str) -> &str {
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split_once('<').unwrap().0
}

/// Returns the handles of the sessions that a page offers to revoke.
pub(crate) fn handles(page: &str) -> Vec<String> {
    let parts = page.split(r#"name="session" value=""#).skip(1);
    parts.map(|part| part.split_once('"').unwrap().0.to_owned()).collect()
}
