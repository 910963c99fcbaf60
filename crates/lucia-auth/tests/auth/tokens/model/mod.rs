//! Every schedule of flows that run in parallel, on a store whose operations are atomic and whose calls are not.

mod codes;
mod deletions;
mod explorer;
mod links;
mod resets;
mod stepped;
mod throttle;

use std::{sync::Arc, time::Duration};

use lucia_auth::{
    Auth, Error, HashedPassword, KeySchema, ManualClock, NewKey, NewSession, NewToken, OneTimeToken, Session, Throttle,
    TokenPurpose, Tokens, UserId, UserSchema, VerifiedKey,
    lucia_core::{SessionAdapter as _, UserAdapter as _},
};

use self::{
    explorer::{Flow, explore, finish},
    stepped::{Broken, Stepped},
};
use super::{EMAIL, NEW, OLD, key_id};
use crate::support::{CountingHasher, NOW};

const LINK: TokenPurpose = TokenPurpose::new("link", Duration::from_secs(600));
const CODE: TokenPurpose = TokenPurpose::new("code", Duration::from_secs(600));
const ADA: &str = "ada";

/// Ada with her key, a session, and a token of each kind.
#[derive(Clone)]
struct Model {
    stepped: Stepped,
    hasher: CountingHasher,
    auth: Auth,
    tokens: Tokens,
    reset: OneTimeToken,
    magic: OneTimeToken,
    link: OneTimeToken,
    code: OneTimeToken,
    /// The key with the old password.
    verified: VerifiedKey,
    session: Session,
}

impl Model {
    fn new(broken: Broken) -> Self {
        let (stepped, hasher) = (Stepped::new(broken), CountingHasher::default());
        let auth = process(&stepped, &hasher, Throttle::off());
        let tokens = Tokens::new(auth.clone(), stepped.clone());
        Self::start(stepped, hasher, auth, tokens)
    }

    /// Returns the model in its first state, with other tokens.
    fn again(&self) -> Self {
        self.stepped.clear();
        Self::start(self.stepped.clone(), self.hasher.clone(), self.auth.clone(), self.tokens.clone())
    }

    fn start(stepped: Stepped, hasher: CountingHasher, auth: Auth, tokens: Tokens) -> Self {
        finish(async {
            let key = KeySchema::new(key_id(), ADA).with_hashed_password(HashedPassword::new(format!("plain:{OLD}")));
            stepped.store().set_user(&UserSchema::new(ADA), Some(&key)).await.unwrap();
            let session = auth.create_session(NewSession::new(ADA)).await.unwrap();
            let reset = tokens.issue(NewToken::for_key(TokenPurpose::PASSWORD_RESET, EMAIL)).await.unwrap();
            let magic = tokens.issue(NewToken::for_key(TokenPurpose::MAGIC_LINK, EMAIL)).await.unwrap();
            let link = tokens.issue(NewToken::new(LINK, ADA)).await.unwrap();
            let code = tokens.issue_code(NewToken::new(CODE, ADA)).await.unwrap();
            let verified = auth.use_key_with_password(EMAIL, OLD).await.unwrap();
            Self { stepped, hasher, auth, tokens, reset, magic, link, code, verified, session }
        })
    }

    fn hash(&self) -> String {
        let key = finish(self.stepped.store().get_key(&key_id())).unwrap().unwrap();
        key.hashed_password.unwrap().into_string()
    }

    fn sessions(&self) -> usize {
        finish(self.stepped.store().get_sessions_by_user_id(&ADA.into())).unwrap().len()
    }

    fn redeem(&self, token: &OneTimeToken) -> Result<(), Error> {
        finish(self.tokens.redeem(LINK, token.as_str())).map(drop)
    }

    fn redeem_code(&self, code: &str) -> Result<(), Error> {
        finish(self.tokens.redeem_code(CODE, &ADA.into(), code)).map(drop)
    }
}

/// Returns an `Auth` on this store.
fn process(stepped: &Stepped, hasher: &CountingHasher, throttle: Throttle) -> Auth {
    let clock = Arc::new(ManualClock::new(NOW));
    let builder = Auth::builder(stepped.clone()).clock(clock).password_hash(hasher.clone());
    builder.throttle(throttle).build().unwrap()
}

/// What runs in parallel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    /// Redeems the link.
    Redeem,
    /// Reads the link.
    Peek,
    /// Issues another link.
    Issue,
    /// Redeems the code.
    RightCode,
    /// Tries another code.
    WrongCode,
    /// Issues another code.
    IssueCode,
    /// Resets the password to this one.
    Reset(&'static str),
    /// Changes the password, as in the settings of the account.
    ChangePassword(&'static str),
    /// Replaces the password that was verified before.
    ReplacePassword(&'static str),
    /// Signs in with this password.
    SignIn(&'static str),
    /// Signs in with the magic link.
    MagicSignIn,
    /// Creates a session for whom another service authenticated.
    CreateSession,
    /// The same, and rotates the session.
    CreateAndRotate,
    /// Validates the session.
    Validate,
    /// Deletes the user.
    DeleteUser,
    /// Adds a key.
    AddKey,
    /// Stores the user again with a key, and signs in.
    StoreAgain,
}

/// The code of the error, and the token that was issued.
type Outcome = Result<Option<OneTimeToken>, &'static str>;

impl Operation {
    fn start(self, model: &Model) -> Flow<Outcome> {
        let (auth, tokens) = (model.auth.clone(), model.tokens.clone());
        let (reset, magic, link) = (model.reset.clone(), model.magic.clone(), model.link.clone());
        let (code, wrong) = (model.code.clone(), super::wrong(&model.code));
        let (verified, session) = (model.verified.clone(), model.session.token.clone());
        let stepped = model.stepped.clone();
        Box::pin(async move {
            let ada = UserId::new(ADA);
            let result = match self {
                Self::Redeem => tokens.redeem(LINK, link.as_str()).await.map(|_| None),
                Self::Peek => tokens.peek(LINK, link.as_str()).await.map(|_| None),
                Self::Issue => tokens.issue(NewToken::new(LINK, ada)).await.map(Some),
                Self::RightCode => tokens.redeem_code(CODE, &ada, code.as_str()).await.map(|_| None),
                Self::WrongCode => tokens.redeem_code(CODE, &ada, &wrong).await.map(|_| None),
                Self::IssueCode => tokens.issue_code(NewToken::new(CODE, ada)).await.map(Some),
                Self::Reset(password) => tokens.reset_password(reset.as_str(), password).await.map(|_| None),
                Self::ChangePassword(password) => auth.update_key_password(EMAIL, Some(password)).await.map(|_| None),
                Self::ReplacePassword(password) => auth.replace_password(&verified, password).await.map(|_| None),
                Self::SignIn(password) => match auth.use_key_with_password(EMAIL, password).await {
                    Ok(key) => auth.create_session(NewSession::for_key(&key)).await.map(|_| None),
                    Err(error) => Err(error),
                },
                Self::MagicSignIn => match tokens.redeem(TokenPurpose::MAGIC_LINK, magic.as_str()).await {
                    Ok(redeemed) => {
                        let key = redeemed.key.unwrap();
                        auth.create_session(NewSession::for_key(&key)).await.map(|_| None)
                    }
                    Err(error) => Err(error),
                },
                Self::CreateSession => auth.create_session(NewSession::new(ada)).await.map(|_| None),
                Self::CreateAndRotate => match auth.create_session(NewSession::new(ada)).await {
                    Ok(session) => auth.rotate_session(&session.id).await.map(|_| None),
                    Err(error) => Err(error),
                },
                Self::Validate => auth.validate_session(&session).await.map(|_| None),
                Self::DeleteUser => auth.delete_user(&ada).await.map(|()| None),
                Self::AddKey => auth.create_key(&ada, NewKey::new(("github", "1"))).await.map(|_| None),
                Self::StoreAgain => {
                    let key = KeySchema::new(key_id(), ADA);
                    match stepped.set_user(&UserSchema::new(ADA), Some(&key)).await {
                        Ok(()) => auth.create_session(NewSession::new(ada)).await.map(|_| None),
                        Err(error) => Err(error.into()),
                    }
                }
            };
            result.map_err(|error| error.code())
        })
    }
}

const INVALID: &str = "AUTH_INVALID_ONE_TIME_TOKEN";

fn run(
    broken: Broken,
    operations: &[Operation],
    abandoned: usize,
    prepare: impl Fn(&mut Model),
    check: impl Fn(&Model, &[Option<Outcome>]) -> Result<(), String>,
) -> Result<usize, String> {
    let first = Model::new(broken);
    explore(
        abandoned,
        || {
            let mut model = first.again();
            prepare(&mut model);
            let flows = operations.iter().map(|operation| operation.start(&model)).collect();
            let stepped = model.stepped.clone();
            (model, stepped, flows)
        },
        |model, outcomes| {
            check(model, &outcomes).map_err(|violation| format!("{operations:?}: {violation}: {outcomes:?}"))
        },
    )
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn winners(outcomes: &[Option<Outcome>]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome, Some(Ok(_)))).count()
}

/// Returns whether every operation that failed did so because of its token.
fn others_are_invalid(outcomes: &[Option<Outcome>]) -> bool {
    outcomes.iter().all(|outcome| matches!(outcome, None | Some(Ok(_) | Err(INVALID))))
}
