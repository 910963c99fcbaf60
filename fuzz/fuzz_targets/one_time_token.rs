//! Presents a text as the token of a link and as a code: no panic, and only the issued token is accepted.
#![no_main]

use std::sync::LazyLock;

use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use lucia_auth::{Auth, Error, NewToken, TokenPurpose, Tokens, memory::MemoryAdapter};

const PURPOSE: TokenPurpose = TokenPurpose::MAGIC_LINK;

static ISSUED: LazyLock<(Tokens, String)> = LazyLock::new(|| {
    let auth = Auth::builder(MemoryAdapter::new()).build().expect("the defaults fit");
    let tokens = Tokens::new(auth, MemoryAdapter::without_foreign_keys());
    let issued = now(tokens.issue(NewToken::new(PURPOSE, "ada"))).expect("memory does not fail");
    (tokens, issued.into_string())
});

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory does not wait")
}

fuzz_target!(|text: &str| {
    let (tokens, issued) = &*ISSUED;
    match now(tokens.peek(PURPOSE, text)) {
        Ok(info) => assert_eq!((text, info.user_id.as_str()), (issued.as_str(), "ada")),
        Err(error) => assert!(matches!(error, Error::InvalidOneTimeToken), "{error:?}"),
    }
    match now(tokens.redeem_code(PURPOSE, &"ada".into(), text)) {
        Ok(_) => panic!("no code was issued"),
        Err(Error::TooManyAttempts { .. }) => {
            assert!(text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()))
        }
        Err(error) => assert!(matches!(error, Error::InvalidOneTimeToken), "{error:?}"),
    }
});
