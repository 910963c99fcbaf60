use lucia_auth::{Auth, NewToken, TokenPurpose, Tokens, memory::MemoryAdapter};
use lucia_axum::AuthRejection;

use super::{TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown, auth: &Auth) {
    let tokens = Tokens::new(auth.clone(), MemoryAdapter::without_foreign_keys());
    let new = || NewToken::for_key(TokenPurpose::MAGIC_LINK, ("username", "ada")).bound_to(TOKEN);
    shown.show("Tokens", &tokens);
    shown.show("TokenPurpose", &TokenPurpose::MAGIC_LINK);
    shown.show("NewToken", &new());
    let link = tokens.issue(new()).await.unwrap();
    shown.secrets.push(link.as_str().to_lowercase());
    shown.show("OneTimeToken", &link);
    shown.show("TokenInfo", &tokens.peek(TokenPurpose::MAGIC_LINK, link.as_str()).await.unwrap());
    shown.show("Redeemed", &tokens.redeem(TokenPurpose::MAGIC_LINK, link.as_str()).await.unwrap());
    let used = tokens.redeem(TokenPurpose::MAGIC_LINK, link.as_str()).await.unwrap_err();
    shown.error("Error", &used);
    shown.error("AuthRejection", &AuthRejection::from(used));
}
