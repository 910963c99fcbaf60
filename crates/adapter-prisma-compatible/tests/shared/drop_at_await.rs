use std::{
    future::poll_fn,
    pin::pin,
    task::Poll::{Pending, Ready},
};

/// Drops a call when it waits for the nth time. Returns `true` if it was dropped.
pub(crate) async fn drop_at_await(nth: usize, call: impl Future) -> bool {
    let mut call = pin!(call);
    let mut waits = 0;
    poll_fn(|context| match call.as_mut().poll(context) {
        Ready(_) => Ready(false),
        Pending => {
            waits += 1;
            if waits == nth { Ready(true) } else { Pending }
        }
    })
    .await
}
