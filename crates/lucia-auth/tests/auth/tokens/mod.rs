mod bindings;
mod code_limits;
mod codes;
mod hostile;
mod intervals;
mod links;
mod model;
mod outages;
mod reset_password;
mod store;

use lucia_auth::{
    Auth, Error, HashedPassword, KeyId, KeySchema, NewKey, NewToken, NewUser, OneTimeToken, Redeemed, TokenPurpose,
    Tokens, UserId,
};

use self::store::TokenStore;
use crate::support::World;

const EMAIL: (&str, &str) = ("email", "ada@example.com");
const OLD: &str = "the old password";
const NEW: &str = "the new password";

/// An `Auth` with the user Ada, her key with a password, and tokens in a store of their own.
struct Issued {
    world: World,
    store: TokenStore,
    auth: Auth,
    tokens: Tokens,
    ada: UserId,
}

impl Issued {
    async fn new() -> Self {
        let (world, store) = (World::new(), TokenStore::new());
        let auth = world.auth();
        let tokens = Tokens::new(auth.clone(), store.clone());
        let ada = auth.create_user(NewUser::new().id("ada").key(NewKey::with_password(EMAIL, OLD))).await.unwrap().id;
        Self { world, store, auth, tokens, ada }
    }

    /// Issues a token for Ada's key.
    async fn for_key(&self, purpose: TokenPurpose) -> OneTimeToken {
        self.tokens.issue(NewToken::for_key(purpose, EMAIL)).await.unwrap()
    }

    async fn link(&self, purpose: TokenPurpose) -> OneTimeToken {
        self.tokens.issue(NewToken::new(purpose, self.ada.clone())).await.unwrap()
    }

    async fn code(&self) -> OneTimeToken {
        self.tokens.issue_code(NewToken::new(TokenPurpose::MAGIC_LINK, self.ada.clone())).await.unwrap()
    }

    async fn try_code(&self, code: &str) -> Result<(), Error> {
        self.tokens.redeem_code(TokenPurpose::MAGIC_LINK, &self.ada, code).await.map(drop)
    }

    async fn key(&self) -> KeySchema {
        self.world.adapter.store().get_key(&key_id()).await.unwrap().unwrap()
    }

    async fn signs_in(&self, password: &str) -> bool {
        match self.auth.use_key_with_password(EMAIL, password).await {
            Ok(_) => true,
            Err(Error::InvalidPassword) => false,
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn key_id() -> KeyId {
    EMAIL.try_into().unwrap()
}

fn hash(password: &str) -> Option<HashedPassword> {
    Some(HashedPassword::new(format!("plain:{password}")))
}

fn is_invalid<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::InvalidOneTimeToken))
}

/// Redeems this many times in parallel, and returns how many succeeded. The others must have the error of an invalid token.
async fn winners<F>(times: usize, redeem: impl Fn() -> F) -> usize
where
    F: Future<Output = Result<Redeemed, Error>> + Send + 'static,
{
    let redeems: Vec<_> = (0..times).map(|_| tokio::spawn(redeem())).collect();
    let mut winners = 0;
    for redeem in redeems {
        match redeem.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(matches!(error, Error::InvalidOneTimeToken), "{error:?}"),
        }
    }
    winners
}

/// Returns another code than this one.
fn wrong(code: &OneTimeToken) -> String {
    format!("{:06}", (code.as_str().parse::<u32>().unwrap() + 1) % 1_000_000)
}
