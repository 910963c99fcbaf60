use adapter_redis::redis;
use test_servers::{Server, redis_server};

use crate::support::{ACTIVE, ALICE, Fixture, IDLE, run};

fn redis() -> (Server, String) {
    let server = redis_server().unwrap().start().unwrap();
    let url = format!("redis://127.0.0.1:{}", server.port());
    (server, url)
}

#[test]
fn live_sessions_are_copied_there_and_back() {
    let (fixture, (_server, redis)) = (Fixture::new(), redis());
    let copied = run(&format!("copy --from {} --to {redis} --json", fixture.url()));
    assert_eq!(copied.code, 0, "{copied:?}");
    let counts = copied.json();
    assert_eq!((&counts["copied"], &counts["expired"]), (&2.into(), &1.into()), "{counts}");
    let listed = run(&format!("--sessions {redis} sessions list {ALICE} --json")).json();
    assert_eq!(listed, fixture.run(&format!("sessions list {ALICE} --json")).json());

    let again = run(&format!("copy --from {} --to {redis}", fixture.url()));
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("would be live again"), "{}", again.stderr);
    fixture.execute("UPDATE Session SET idle_expires = idle_expires + 1 WHERE id LIKE 'sessidle%'");
    let counts = run(&format!("copy --from {} --to {redis} --again --json", fixture.url())).json();
    assert_eq!((&counts["updated"], &counts["unchanged"]), (&1.into(), &1.into()), "{counts}");

    fixture.execute("DELETE FROM Session");
    assert_eq!(run(&format!("copy --from {redis} --to {}", fixture.url())).code, 0);
    assert_eq!(fixture.sessions(), [ACTIVE, IDLE]);
    assert_eq!(run(&format!("copy --from {redis} --to {redis}")).code, 2);
}

#[test]
fn sessions_whose_user_the_other_store_lacks_are_counted() {
    let (fixture, (_server, redis)) = (Fixture::new(), redis());
    assert_eq!(run(&format!("copy --from {} --to {redis}", fixture.url())).code, 0);
    fixture.execute("DELETE FROM Session; DELETE FROM Key; DELETE FROM User");
    let copied = run(&format!("copy --from {redis} --to {}", fixture.url()));
    assert_eq!((copied.code, copied.stdout.as_str()), (1, include_str!("golden/without_user.txt")));
}

#[tokio::test]
async fn the_index_of_lucia_js_is_recognised() {
    let (_server, url) = redis();
    let client = redis::Client::open(url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let session = r#"{"id":"sessactive00000000000000000000000000000a","user_id":"u1","active_expires":4102444800000,"idle_expires":4103654400000}"#;
    let () = redis::pipe()
        .cmd("SET")
        .arg("session:sessactive00000000000000000000000000000a")
        .arg(session)
        .cmd("SADD")
        .arg("user_sessions:u1")
        .arg("sessactive00000000000000000000000000000a")
        .cmd("CONFIG")
        .arg(&["SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru"])
        .query_async(&mut connection)
        .await
        .unwrap();
    let doctor = run(&format!("--sessions {url} doctor"));
    assert_eq!(doctor.code, 1);
    for text in ["allkeys-lru", "--redis-keys lucia-2"] {
        assert!(doctor.stdout.contains(text), "{text}: {}", doctor.stdout);
    }
    let json = run(&format!("--sessions {url} --redis-keys lucia-2 doctor --json")).json();
    assert_eq!(json["sessions"]["plain"], 1, "{json}");
    assert_eq!(run(&format!("--sessions {url} --redis-keys lucia-2 migrate hash-sessions")).code, 0);
    let list = run(&format!("--sessions {url} --redis-keys lucia-2 sessions list u1 --json")).json();
    assert_eq!(list[0]["id"], "hash");
}
