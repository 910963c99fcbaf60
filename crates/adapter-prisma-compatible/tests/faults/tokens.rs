//! What is known about a token or a counter after the connection was lost.

use std::time::Duration;

use lucia_core::{TokenAdapter as _, TokenKind, TokenSchema, UnixMillis};
use test_servers::{Cut, Proxy};

use crate::{
    on_each_database,
    site::{Kind, bounded},
};

/// More round trips than any call makes, including those of a new connection.
const MOST_ROUND_TRIPS: u64 = 40;

/// How often the cuts are repeated until one loses the answer of a write. A pool may test a connection in between, and the
/// cut hits that.
const PASSES: u32 = 20;

const RESET: TokenKind = TokenKind::from_static("reset");
const WINDOW: Duration = Duration::from_secs(60);
const NOW: UnixMillis = UnixMillis::new(1_000);

/// The connection is cut before each request and before each response of a count in turn.
async fn a_count_is_never_added_twice(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let proxy = Proxy::start(server.port()).unwrap();
    for (index, tokens) in kind.pool(&kind.url(proxy.port()), 1).await.token_adapters().await.iter().enumerate() {
        let (mut counted_in_vain, mut not_counted) = (0, 0);
        let ways = (0..PASSES).flat_map(|pass| [(pass, Cut::BeforeRequest), (pass, Cut::BeforeReply)]);
        for (pass, way) in ways {
            if pass > 0 && counted_in_vain >= 2 {
                break;
            }
            for (by, values) in [(1, [10, 11]), (-1, [10, 9])] {
                for requests in 0..MOST_ROUND_TRIPS {
                    let key = format!("{index} {pass} {way:?} {by} {requests}");
                    tokens.add_to_counter(&key, 10, WINDOW, NOW).await.unwrap();
                    proxy.cut_after(requests, way);
                    let result = bounded(tokens.add_to_counter(&key, by, WINDOW, NOW)).await;
                    let was_cut = !proxy.take_back_cut();
                    let value = tokens.add_to_counter(&key, 0, WINDOW, NOW).await.unwrap().value;
                    assert!(values.contains(&value), "{key}: {value}");
                    match result {
                        Ok(count) => assert_eq!((count.value, value), (values[1], values[1]), "{key}"),
                        Err(_) => {
                            assert!(was_cut);
                            counted_in_vain += u32::from(value == values[1]);
                            not_counted += u32::from(value == values[0]);
                        }
                    }
                    if !was_cut {
                        break;
                    }
                }
            }
        }
        assert!(counted_in_vain >= 2, "{counted_in_vain} answers of counts were lost, {not_counted} counts");
    }
}

/// The connection is cut before each request and before each response while a token is taken. It was not used before,
/// so the result is never `None`.
async fn a_token_that_may_have_been_taken_is_an_error_and_not_unknown(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let proxy = Proxy::start(server.port()).unwrap();
    for (index, tokens) in kind.pool(&kind.url(proxy.port()), 1).await.token_adapters().await.iter().enumerate() {
        let mut lost = 0;
        let ways = (0..PASSES).flat_map(|pass| [(pass, Cut::BeforeRequest), (pass, Cut::BeforeReply)]);
        for (pass, way) in ways {
            if pass > 0 && lost > 0 {
                break;
            }
            for requests in 0..MOST_ROUND_TRIPS {
                let id = format!("{index} {pass} {way:?} {requests}");
                let token = TokenSchema::new(id, RESET, UnixMillis::MAX);
                tokens.set_token(&token).await.unwrap();
                proxy.cut_after(requests, way);
                let result = bounded(tokens.take_token(&RESET, &token.id)).await;
                let was_cut = !proxy.take_back_cut();
                let left = tokens.get_token(&RESET, &token.id).await.unwrap();
                match result {
                    Ok(taken) => assert_eq!((taken.as_ref(), left), (Some(&token), None), "{:?}", token.id.as_str()),
                    Err(_) => {
                        assert!(was_cut);
                        lost += u32::from(left.is_none());
                    }
                }
                if !was_cut {
                    break;
                }
            }
        }
        assert!(lost >= 1, "no answer of a deletion was lost");
    }
}

on_each_database!(a_count_is_never_added_twice, a_token_that_may_have_been_taken_is_an_error_and_not_unknown);
