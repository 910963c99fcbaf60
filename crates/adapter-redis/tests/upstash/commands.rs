//! Commands, pipelines and transactions of the driver over HTTP.

use redis::{AsyncCommands as _, cmd, pipe};

use super::{connection, set_up};

#[tokio::test]
async fn values_may_be_any_bytes() {
    let (database, front, _) = set_up().await;
    let mut connection = connection(&front.url);
    let script = "return redis.call('SET', KEYS[1], '\\255\\0a')";
    let _: () = cmd("EVAL").arg(script).arg(1).arg("bytes").query_async(&mut connection).await.unwrap();
    let found: Vec<u8> = connection.get("bytes").await.unwrap();
    assert_eq!(found, [0xff, 0, b'a']);
    assert_eq!(database.run::<Vec<u8>>(&["GET", "bytes"]).await.unwrap(), found);
    let absent: Option<Vec<u8>> = connection.get("absent").await.unwrap();
    assert_eq!(absent, None);
}

#[tokio::test]
async fn a_pipeline_and_a_transaction_are_one_request_each() {
    let (_database, front, _) = set_up().await;
    let mut connection = connection(&front.url);
    for pipeline in [&mut pipe(), pipe().atomic()] {
        let commands = pipeline.cmd("SET").arg("a").arg(1).ignore().cmd("INCR").arg("a").cmd("GET").arg("none");
        let (incremented, none): (i64, Option<String>) = commands.query_async(&mut connection).await.unwrap();
        assert_eq!((incremented, none, front.count()), (2, None, 1));
    }
    let failed = pipe().cmd("SET").arg("a").arg("x").cmd("INCR").arg("a").query_async::<()>(&mut connection).await;
    assert_eq!(failed.unwrap_err().kind(), redis::ErrorKind::Server(redis::ServerErrorKind::ResponseError));
}

#[tokio::test]
async fn an_argument_that_is_not_utf_8_is_an_error() {
    let (_database, front, _) = set_up().await;
    let refused = cmd("GET").arg(&b"\xff"[..]).query_async::<()>(&mut connection(&front.url)).await.unwrap_err();
    assert_eq!((refused.kind(), front.count()), (redis::ErrorKind::Client, 0));
}
