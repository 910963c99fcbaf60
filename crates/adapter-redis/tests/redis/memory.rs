//! What a session takes in the server's memory, beside what Lucia JS stores. Figures with `--nocapture`.

use adapter_redis::redis::cmd;
use lucia_core::{SessionAdapter, SessionSchema};

use crate::place::{Place, attribute, hours};

const USERS: usize = 500;

/// Keys of 40 and 15 characters, as Lucia makes them.
fn session_of(owner: usize, number: usize) -> SessionSchema {
    let id = format!("{owner:020}{number:020}");
    let session = SessionSchema::new(id, format!("{owner:015}"), hours(24), hours(24 * 15));
    session.with_attributes(attribute("country", "NZ")).unwrap()
}

async fn usage(place: &Place, key: &str) -> usize {
    place.query(cmd("MEMORY").arg("USAGE").arg(key).arg("SAMPLES").arg(0)).await
}

#[tokio::test]
async fn a_session_takes_what_one_of_lucia_js_takes() {
    for per_user in [1, 5] {
        let (ours, theirs) = (Place::new().await, Place::new().await);
        let adapter = ours.adapter().await;
        let (mut here, mut there) = (0, 0);
        for owner in 0..USERS / per_user {
            let user = format!("{owner:015}");
            for number in 0..per_user {
                let session = session_of(owner, number);
                adapter.set_session(&session).await.unwrap();
                // The commands of release 2.1.2.
                let id = session.id.as_str();
                theirs.run::<i64>("SADD", &theirs.index_key(&user), id).await;
                let mut set = cmd("SET");
                set.arg(theirs.session_key(id)).arg(session.to_json()).arg("EXAT");
                let _: () = theirs.query(set.arg(session.idle_expires.get() / 1_000)).await;
                here += usage(&ours, &ours.session_key(id)).await;
                there += usage(&theirs, &theirs.session_key(id)).await;
            }
            here += usage(&ours, &ours.index_key(&user)).await;
            there += usage(&theirs, &theirs.index_key(&user)).await;
        }
        println!("{per_user} sessions a user: {} bytes a session, {} by Lucia JS", here / USERS, there / USERS);
        assert!(here <= there + there / 20, "{here} bytes, and {there} by Lucia JS");
    }
}
