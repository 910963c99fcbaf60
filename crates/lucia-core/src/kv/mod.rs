//! Sessions in a plain key-value store, one that has neither transactions nor compare-and-set.
//!
//! [`KvSessionAdapter`] makes a [`SessionAdapter`](crate::SessionAdapter) of any [`KvStore`]; a crate for a store supplies
//! no more than that.
//!
//! | key | value | expires |
//! |---|---|---|
//! | `{session}:{id}` | the session as [JSON](crate::SessionSchema::to_json) | a millisecond after the session |
//! | `{user_session}:{user_id}:{id}` | JSON: when the entry and its session expire, and the mark that its creation found | 1 to 31 days after the session |
//! | `{session}_revoked:{id}` | the tombstone: when it expires, in milliseconds since 1970 | a day after the session that it revokes, and after 401 days at the latest |
//! | `{user_session}_revoked:{user_id}` | the mark, JSON: when it expires, its epoch, and the session that the revocation spared | after a day |
//!
//! Ids of letters, digits, `-` and `_` stand as Lucia JS stores them; others are escaped, see [`KvLayout`].
//!
//! # Order
//!
//! - A session is **created** after its index entry, and **deleted** before it: whatever is cut off, no live session is
//!   unlisted. An entry without a session is left alone as long as that session may be about to be written: until it would be
//!   dead by every clock, or its tombstone is there.
//! - A **revocation** first writes a tombstone, then deletes the session, then its index entry. A **creation**, a **renewal**
//!   and a **rotation** look for the tombstone after their own write, and take that back if they find one: a store may make a
//!   write again whose answer was lost. Tombstones outlive every renewal that could be under way.
//! - A revocation of **all** writes a mark before it lists. The mark has an epoch that no other revocation of the user has. A
//!   creation reads the mark before it writes, and puts the epoch into the index entry. A **rotation** compares the two before
//!   it writes, and looks at the mark again afterwards: a session that is older than the mark is revoked instead of moved. So
//!   no session moves while it is listed, and a listing that is not a snapshot misses none; whoever signs in afterwards is not
//!   concerned, in the same millisecond and by any clock. A session that is created meanwhile goes, or is listed and ends with
//!   its first rotation within a day.
//! - A mark is the last one written. A revocation looks whether another one, which spares a session, has put its own in the
//!   place, and then begins anew; after four times it is [`Unavailable`](crate::AdapterErrorKind::Unavailable). One that was
//!   cut off is called again. Until then, what it did not reach is ended by its rotation.
//! - A key that cannot be read or written keeps no other session from being revoked or swept: the error comes at the end.
//!   After three in a row another key is tried; if that fails too, it is an outage, and the error comes at once.
//! - A revocation ends as many sessions at a time as [the store writes at once](KvStore::writes_at_once), so that one that was
//!   cut off has less left to do, and writes no key twice.
//! - A list of Lucia JS goes once each of its sessions has an entry, or was revoked without a failure. One that cannot be
//!   read or decoded fails a revocation of all, after it has revoked the others.
//! - An id that the store does not find may be a session's that it does not find yet: its key is deleted, and nothing is left
//!   of whatever a cookie says.
//! - A rotation whose new session is there goes forward. If the old one cannot be deleted even so, the new one is taken back,
//!   and the old one ends with its next update.
//! - Dead sessions are not updated: `lucia-auth` looks at the times itself. Those that are dead by every clock, ten minutes
//!   after their end, are removed by a listing that meets them.
//!
//! | operation | requests |
//! |---|---|
//! | get | 1 |
//! | create | 4: a look at the id and the marks, the index entry, the session, the tombstone |
//! | renew | 3: the session, the session anew, the tombstone. About once a month the entry has to live longer: 5 |
//! | revoke | 4: the session, the tombstone, the session, the index entry |
//! | revoke an unknown id | 2 |
//! | rotate | 8 |
//! | list | 2. A dead session that it meets costs 2 more, once |
//! | revoke all | 8 |
//! | delete what has expired | 1 for each 100 keys, and those that delete; one pass, in as many calls as it takes: one goes on where another failed or was dropped |
//!
//! That is where the store reads, writes and deletes many keys at once. Elsewhere each key is a request: creations have 6,
//! rotations 14, renewals 3 or 6.
//!
//! # What it guarantees
//!
//! | | store that is consistent at once | store that is consistent after a while |
//! |---|---|---|
//! | a revoked session is not valid any more | yes | once the deletion has arrived |
//! | a renewal brings no revoked session back | yes, unless the renewal is cut off between its write and its look at the tombstone; then until the next renewal, if the tombstone is still there | no, if it begins before the deletion has arrived |
//! | every live session is listed, and revoked with all others of its user, whatever rotations are under way | yes, with the same exception | once the entry has arrived |
//! | a revocation of all that is `Ok` leaves no session that was there when it began, under any id | yes, with the same exception | once entry and mark have arrived |
//! | a session created after such a revocation is not refused, ended or lost | yes | if the mark has arrived; else it ends with its first rotation within a day |
//! | no session survives that was made with a key's old hash, if the key is changed before all sessions are revoked, and read again after the session is made | yes | once all of them have arrived |
//! | one of two parallel updates of a session is lost | possible | possible |
//! | of parallel insertions of one id, several succeed | possible, and one session is there | possible |
//! | of parallel renewals with one expectation, several succeed | possible | possible |
//! | an id is free again after a revocation | no: a session of that id ends with its first update | no |
//!
//! A listing has to show what is there from its beginning to its end, as `SCAN`, `readdir` and pages in the order of the keys
//! do; what comes or goes meanwhile it may show or not.
//!
//! Sessions and their entries may be written or deleted twice, by a service whose answer was lost. A mark should not: if one
//! is written again, or deleted again by a sweep, just when another revocation of the user has put its own in the place, that
//! revocation may miss a session that is rotated at the same time.
//!
//! The first column is shown by `tests/kv_model`, which tries every order in which the requests of up to three operations can
//! reach a store, every place where one of two is cut off or has a write made again, and time that passes meanwhile; and that
//! each part of the protocol is needed. Its listings are read key by key, while a session gets one new id after another.
//!
//! The same folder measures the second column on a simulated store: a session is revoked in one place and renewed in another,
//! at any time within the period in which the revocation may be unseen. The rest of the percentage stays revoked.
//!
//! | what the other place sees | sessions that come back | without tombstones |
//! |---|---|---|
//! | every write, at once | 0 % | 8 % |
//! | every write, after 1 second | 67 % | 73 % |
//! | every write, after 10 seconds | 95 % | 97 % |
//! | every write, after a minute | 99 % | 99 % |
//! | every write at once, but what it has read is cached for a minute | 0 % | 50 % |
//!
//! The last line is how Cloudflare describes Workers KV; there the tombstone is seen, because nobody has asked for it before.
//! Who has, by another update of the session less than a minute earlier, does not see it. Renewals are rare: a session is
//! renewed once in its active period, a day by default.
//!
//! # What Lucia JS wrote
//!
//! Sessions of every release are read, and lists of sessions, of which the one that the key names counts. Indexes that are
//! JSON arrays of ids are replaced by entries when the sessions of their user are listed or revoked: the one under
//! `{user_session}:{user_id}` on Cloudflare KV, and those under `{user_session}:{user_id}:{timestamp}` that the page of the
//! adapter for unstorage shows. Stop Lucia JS before. The adapter itself left sessions that no index names (bug U1):
//! [`KvSessionAdapter::with_unindexed_sessions`]. Its entries that name a user instead of a session are removed. Ids that
//! Lucia JS stored unescaped, with characters other than those above, are not found.

mod adapter;
mod bulk;
mod entry;
mod escape;
mod expiry;
mod index;
mod layout;
mod lifetime;
mod mark;
mod memory;
mod pages;
mod revocation;
mod rotation;
mod store;
mod sweep;

pub use self::{
    adapter::KvSessionAdapter,
    expiry::Expiry,
    layout::{InvalidKvLayout, KvLayout},
    memory::MemoryKvStore,
    store::{KvEntry, KvPage, KvStore},
};
