//! The memory that a session needs, compared to Lucia JS. `--nocapture` prints the figures.

use adapter_redis::redis::cmd;
use lucia_core::{SessionAdapter, SessionSchema};
use test_servers::redis_server;

use crate::place::{Place, attribute, hours};

const SESSIONS: usize = 4_000;

/// Session ids of 40 and user ids of 15 characters, as those of Lucia.
fn session_of(owner: usize, number: usize) -> SessionSchema {
    let id = format!("{owner:020}{number:020}");
    let session = SessionSchema::new(id, format!("{owner:015}"), hours(24), hours(24 * 15));
    session.with_attributes(attribute("country", "NZ")).unwrap()
}

/// Returns the memory that the server has allocated.
async fn used(place: &Place) -> usize {
    let info: String = place.query(cmd("INFO").arg("memory")).await;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    used.trim().parse().unwrap()
}

#[tokio::test]
async fn a_session_needs_about_as_much_memory_as_in_lucia_js() {
    for per_user in [1, 5] {
        let mut bytes = Vec::new();
        for lucia_js in [false, true] {
            let server = redis_server().unwrap().args(["--appendonly", "no"]).start().unwrap();
            let place = Place::on(&format!("redis://127.0.0.1:{}", server.port())).await;
            let adapter = place.adapter().await;
            adapter.set_session(&session_of(SESSIONS, 0)).await.unwrap();
            let before = used(&place).await;
            for number in 0..SESSIONS {
                let session = session_of(number / per_user, number);
                if lucia_js {
                    // The commands of release 2.1.2.
                    let id = session.id.as_str();
                    place.run::<i64>("SADD", &place.user_sessions_key(session.user_id.as_str()), id).await;
                    let mut set = cmd("SET");
                    set.arg(place.session_key(id)).arg(session.to_json()).arg("EXAT");
                    let _: () = place.query(set.arg(session.idle_expires.get() / 1_000)).await;
                } else {
                    adapter.set_session(&session).await.unwrap();
                }
            }
            bytes.push((used(&place).await - before) / SESSIONS);
        }
        let [ours, theirs] = bytes[..] else { panic!("two measurements") };
        println!("{per_user} sessions a user: {ours} bytes a session, {theirs} by Lucia JS");
        assert!(ours <= theirs + theirs / 5, "{ours} bytes, and {theirs} by Lucia JS");
    }
}
