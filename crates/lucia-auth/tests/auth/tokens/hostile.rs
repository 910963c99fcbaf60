use lucia_auth::{NewToken, TokenPurpose};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{Issued, NEW, OLD, is_invalid};

const RESET: TokenPurpose = TokenPurpose::PASSWORD_RESET;

/// Returns whether every method that takes the text of a token calls it invalid.
async fn is_invalid_everywhere(issued: &Issued, text: &str) -> bool {
    is_invalid(&issued.tokens.redeem(RESET, text).await)
        && is_invalid(&issued.tokens.peek(RESET, text).await)
        && is_invalid(&issued.tokens.reset_password(text, NEW).await)
        && is_invalid(&issued.tokens.redeem_code(RESET, &"nobody".into(), text).await)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn texts_of_any_bytes_and_length_are_invalid_tokens() {
    let issued = block_on(Issued::new());
    block_on(issued.for_key(RESET));
    let texts = prop_oneof![any::<String>(), "[A-Za-z0-9_-]{40,46}", "[A-Za-z0-9+/=%. ]{43}", "\\PC{0,3000}"];
    TestRunner::default()
        .run(&texts, |text| {
            prop_assert!(block_on(is_invalid_everywhere(&issued, &text)));
            Ok(())
        })
        .unwrap();
    assert!(block_on(issued.signs_in(OLD)));
}

#[test]
fn texts_that_differ_from_a_token_are_invalid_and_leave_it() {
    let issued = block_on(Issued::new());
    let token = block_on(issued.for_key(RESET));
    let text = token.as_str().to_owned();
    let changes =
        (0..text.len(), prop_oneof![Just(String::new()), "[A-Za-z0-9_-]", any::<char>().prop_map(String::from)]);
    TestRunner::default()
        .run(&changes, |(index, replacement)| {
            let changed = format!("{}{replacement}{}", &text[..index], &text[index + 1..]);
            prop_assume!(changed != text);
            prop_assert!(block_on(is_invalid_everywhere(&issued, &changed)));
            Ok(())
        })
        .unwrap();
    block_on(async {
        for changed in [format!(" {text}"), format!("{text} "), format!("{text}="), text.to_lowercase(), text.repeat(2)]
        {
            assert!(is_invalid_everywhere(&issued, &changed).await);
        }
        issued.tokens.reset_password(&text, NEW).await.unwrap();
    });
}

#[tokio::test]
async fn a_malformed_token_is_not_looked_up() {
    let issued = Issued::new().await;
    issued.tokens.issue(NewToken::new(TokenPurpose::MAGIC_LINK, "ada")).await.unwrap();
    issued.store.take_calls();
    issued.world.adapter.take_calls();
    for text in ["", "a", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43), &"\u{e9}".repeat(43), &"a".repeat(1 << 20)]
    {
        assert!(is_invalid_everywhere(&issued, text).await);
    }
    assert!(issued.store.take_calls().is_empty() && issued.world.adapter.take_calls().is_empty());
    assert_eq!(issued.world.hasher.take(), 1, "of the sign-up");
}
