//! Sessions in a key-value store without transactions.
//!
//! [`KvSessionAdapter`] turns any [`KvStore`] into a [`SessionAdapter`](crate::SessionAdapter). A crate for a store
//! only implements [`KvStore`]. Most of this page is about a plain store, which has no compare-and-set either; a store
//! that has it can say so, see [Conditional writes](#conditional-writes).
//!
//! | key | value | expires |
//! |---|---|---|
//! | `{session}:{id}` | the session as [JSON](crate::SessionSchema::to_json) | a millisecond after the session |
//! | `{user_session}:{user_id}:{id}` | the index entry, JSON: the expiries of the entry and its session, and the epoch of the mark that the session's creation found | 1 to 31 days after the session |
//! | `{session}_revoked:{id}` | the tombstone of a revoked session: its own expiry, in milliseconds since 1970, and `moved` if the session is stored under the hash of the id | a day after the session, at most 401 days |
//! | `{user_session}_revoked:{user_id}` | the mark of a revocation of all sessions, JSON: its expiry, its epoch, and the session that was kept | after a day |
//!
//! Ids of letters, digits, `-` and `_` are stored as Lucia JS stores them; others are escaped, see [`KvLayout`].
//!
//! # Protocol
//!
//! - **Creation** writes the index entry before the session; **deletion** deletes the session before the entry.
//!   Wherever either is interrupted, no live session is unlisted. An entry without a session is kept while that session
//!   may still be written: until every clock considers it expired, or its tombstone exists.
//! - **Revocation** writes a tombstone, then deletes the session, then its index entry. **Creation**, **renewal** and
//!   **rotation** read the tombstone after their own write and undo that write if they find one. This also covers a
//!   store that repeats a write whose response was lost. A tombstone outlives every renewal that could be in progress.
//! - **Revocation of all sessions** writes a mark before it lists. Each mark has a unique epoch. A creation reads the
//!   mark before it writes, and stores the epoch in the index entry. A **rotation** compares the two before it writes
//!   and reads the mark again afterwards: a session older than the mark is revoked instead of rotated. No session
//!   therefore changes its id during the listing, and a listing that is not a snapshot still misses none. Sessions
//!   created afterwards are not affected, even in the same millisecond and whatever the clocks say. A session created
//!   during the listing is either revoked, or listed and revoked by its first rotation within a day.
//! - A user has one mark, the last one written. A revocation checks whether another one, which keeps a session, has
//!   replaced its mark, and then starts again; after four attempts it fails with
//!   [`Unavailable`](crate::AdapterErrorKind::Unavailable). In a store that keeps expired keys, the deletion of an expired
//!   mark may arrive late and delete the new one: a revocation that does not find its mark starts again, but only once,
//!   because a stale copy looks the same. An interrupted revocation must be called again; until then,
//!   the sessions that it did not reach are revoked by their next rotation.
//! - A key that cannot be read or written does not stop the revocation or deletion of other sessions: its error is
//!   returned at the end. After three failures in a row another key is tried; if that fails too, it is an outage, and
//!   the error is returned at once.
//! - A revocation processes as many sessions at a time as [the store writes at once](KvStore::writes_at_once), so that
//!   a repeated call continues where an interrupted one stopped, and writes no key twice.
//! - A list that Lucia JS wrote is deleted once each of its sessions has an entry or was revoked. If it cannot be read
//!   or decoded, a revocation of all sessions revokes the others and then fails.
//! - An id that the store does not find may belong to a session that is not yet visible: its key is deleted, and
//!   nothing is written, whatever id a cookie contains.
//! - A rotation whose new session is stored is completed. If the old session cannot be deleted, the new one is removed
//!   again, and the old one is revoked by its next update.
//! - A **move** is a rotation that replaces a plain id by its hash. Parallel ones store the same session, so they do not
//!   remove it unless it was revoked; the tombstone of the plain id says that it was moved. If the session changes
//!   meanwhile, it is written again. An interrupted move may leave both, of which `lucia-auth` uses the hash.
//! - Expired sessions are not updated; `lucia-auth` compares the times itself. A listing removes those that expired
//!   more than ten minutes ago, which every clock considers expired.
//!
//! | operation | requests |
//! |---|---|
//! | get | 1 |
//! | create | 4: read the id and the marks, write the index entry, write the session, read the tombstone |
//! | renew | 3: read the session, write it, read the tombstone. About once a month the entry is rewritten: 5 |
//! | revoke | 4: read the session, write the tombstone, delete the session, delete the index entry |
//! | revoke an unknown id | 2 |
//! | rotate | 8. In a store that keeps expired keys: 9 |
//! | list | 2, and 2 more for each expired session, once |
//! | revoke all | 8 |
//! | delete expired | 1 for each 100 keys, and the deletions. One pass may take several calls; a call continues where the previous one failed or was dropped |
//!
//! This assumes that the store reads, writes and deletes many keys per request. With one request per key, a creation
//! takes 6, a rotation 14, and a renewal 3 or 6.
//!
//! # Conditional writes
//!
//! If the store has [conditional writes](KvStore::conditional), the adapter uses them, and stores this:
//!
//! | key | value | expires |
//! |---|---|---|
//! | `{session}:{id}` | the session or its tombstone, and a line with a nonce; after a rotation also with a hash of the old id | as above |
//! | `{user_session}:{user_id}:{id}` | the index entry, JSON: the expiries of the entry and its session | as above |
//! | `{user_session}_revoked:{user_id}` | the mark of a rotation, or of a revocation of all sessions that found none, JSON: its expiry and its epoch | after a day |
//!
//! - **Creation** inserts the index entry, then the session, each if its key is absent. An entry that exists is extended
//!   if necessary, and never shortened.
//! - **Renewal**, **revocation** and **rotation** read the session with its version, and write if it still has this
//!   version. Otherwise they start again with what they find, at most ten times, then fail with
//!   [`Unavailable`](crate::AdapterErrorKind::Unavailable).
//! - **Revocation** replaces the session by its tombstone in the session's own key. A write that arrives late is
//!   refused by the tombstone, whatever it is, so nothing is read afterwards. For a plain id, another tombstone is inserted
//!   under its hash first, which refuses a move that read the session before.
//! - Only marks are written without a condition. A service therefore need not serialise other writes with conditional
//!   ones.
//! - **Rotation** inserts the new session, writes a mark with a unique epoch, and replaces the old session by its
//!   tombstone. If that is refused because the old session was revoked, the new one is, too; if it was changed, so is the
//!   new one. A rotation to an id that is taken changes nothing, whatever fails. A **move** also deletes the tombstone of
//!   the plain id, which is the token of the session.
//! - **Revocation of all sessions** reads the mark before and after its listing, and writes one if there is none. If a
//!   rotation has replaced it, or it was deleted, the listing may contain neither session, and is repeated. Creations read
//!   no mark.
//! - **Revocation of all sessions but one** also keeps that session under the hash of its id, and under the id to which it
//!   was rotated: a changed session keeps the hash of its old id.
//! - A conditional write whose response is lost is read back: the nonce shows whose write it was. If the value is
//!   another one, the operation fails with the error of the store, and may have been carried out. So is a refused write:
//!   the client of the store may have repeated a request that was carried out. An operation reports a conflict that does
//!   not exist only if another one changed the session between such a request and its repetition.
//! - A nonce also gives every value another version if the store's versions are hashes of the values.
//!
//! | operation | requests |
//! |---|---|
//! | get | 1 |
//! | create | 2. An id that is taken: 4 |
//! | renew | 2. About once a month the entry is extended: 4 |
//! | revoke | 3. With a plain id: 4 |
//! | revoke an unknown id | 1 |
//! | rotate | 6. A move: 7 |
//! | list | 2, and 2 more for each expired session, once |
//! | revoke all | 6, and 2 for each session, or 3 with a plain id, if the store reads and deletes many keys per request. With a mark: 1 less |
//! | scan | 2 a page: the sessions are read, because tombstones are listed |
//!
//! Sessions, lists and entries that Lucia JS or a plain store wrote are read. The reverse does not hold: a session has
//! a second line, which is not JSON, and a tombstone is not a session. Lucia JS, or an adapter without conditional writes,
//! must not use the same keys.
//!
//! # Guarantees
//!
//! | | conditional writes | strongly consistent store | eventually consistent store |
//! |---|---|---|---|
//! | a revoked session is no longer valid | yes | yes | once the deletion is visible |
//! | a renewal does not restore a revoked session | yes | yes, unless the renewal is interrupted between its write and reading the tombstone; then the next renewal revokes it, if the tombstone still exists | no, if it starts before the deletion is visible |
//! | every live session has an index entry, and is revoked with the user's others, whatever rotations are in progress | yes | yes, with the same exception | once the entry is visible |
//! | every session that is live under one id while a list is read is in the list | yes | yes, with the same exception | once the entry is visible |
//! | a successful revocation of all sessions leaves none that existed when it started, under any id | yes | yes, with the same exception | once the entry and the mark are visible |
//! | the session that a revocation of the others keeps survives its own rotation meanwhile | yes | no: the rotation fails, and both ids may be revoked | no |
//! | a session created after such a revocation is not rejected, revoked or lost | yes | yes | if the mark is visible; otherwise its first rotation within a day revokes it |
//! | no session created with a key's old hash survives, if the key is changed before all sessions are revoked and read again after the session is created | yes | yes | once all of them are visible |
//! | one of two parallel updates of a session is lost | no | possible | possible |
//! | several parallel inserts of one id succeed | no | possible; one session is stored | possible |
//! | several parallel renewals with the same expectation succeed | no | possible | possible |
//! | several parallel rotations of one session succeed | no | possible | possible |
//! | an id can be used again after its session was revoked | no: it is refused | no: the new session is revoked by its first update | no |
//!
//! The new session of a rotation that is interrupted counts as created meanwhile: both may remain, and both are listed.
//! Nobody has its token. Of a move that is interrupted just while its session is revoked, the token is known: in a plain
//! store, the session may be live again under its hash.
//!
//! A session that is rotated while a list is read may be in the list under either id, under both or under neither, because
//! a listing of keys is not a snapshot: the new entry may be inserted behind it, and the old one deleted ahead of it. To
//! notice this, a list would have to read the user's mark before and afterwards. Nothing that ends all sessions depends on
//! lists. What does, such as [`delete_oldest_sessions`](crate::SessionAdapter::delete_oldest_sessions), may count one session
//! too few or too many.
//!
//! A listing must include every key that exists from its start to its end, as `SCAN`, `readdir` and pages in key order
//! do; a key that is added or removed meanwhile may be included or not.
//!
//! A service that lost a response may repeat the write or deletion of a session or an entry. It should not repeat that
//! of a mark: if this happens just after another revocation of the same user replaced the mark, that revocation may
//! miss a session that is being rotated.
//!
//! `tests/kv_model` verifies the first two columns. It tries every order in which the requests of up to three operations can
//! reach a store, every point at which one of two operations is interrupted or has a write repeated, and time passing
//! in between; and it verifies that each part of the protocol is necessary. Conditional writes also fail, lose their
//! response, or arrive late. Its listings are read key by key, while a
//! session is rotated repeatedly.
//!
//! The same folder measures the last column on a simulated store: a session is revoked in one location and renewed in
//! another, at any time within the period in which the revocation may not be visible. The remaining sessions stay
//! revoked.
//!
//! | visible in the other location | restored sessions | without tombstones |
//! |---|---|---|
//! | every write, at once | 0 % | 8 % |
//! | every write, after 1 second | 67 % | 73 % |
//! | every write, after 10 seconds | 95 % | 97 % |
//! | every write, after a minute | 99 % | 99 % |
//! | every write at once, but reads are cached for a minute | 0 % | 50 % |
//!
//! Cloudflare describes Workers KV as in the last line: the tombstone is visible because it was not read before. It is
//! not visible if another update of the session read it less than a minute earlier, which is rare: a session is renewed
//! once per active period, a day by default.
//!
//! # Data of Lucia JS
//!
//! Sessions of every release are read, and lists of sessions, of which the one that the key names is used. Indexes in
//! the form of JSON arrays of ids are replaced by entries when the user's sessions are listed or revoked: the array
//! under `{user_session}:{user_id}` on Cloudflare KV, and those under `{user_session}:{user_id}:{timestamp}` in the
//! document of the adapter for unstorage. Stop Lucia JS first. That adapter itself wrote no usable index, see
//! [`KvConfig::unindexed_sessions`]; its entries, which name a user instead of a session, are removed. Ids
//! that Lucia JS stored unescaped, with characters other than those above, are not found.

mod expiry;
mod batches;
mod lifetime;
mod escape;
mod layout;
mod version;
mod store;
mod config;
mod memory;
mod pages;
mod nonce;
mod content;
mod mark;
mod entry;
mod pass;
mod adapter;
mod bulk;
mod compare_and_set;
mod conditional;
mod index;
mod revocation;
mod rotation;
mod exchange;
mod expired;
mod operations;
mod scan;

pub use self::{
    adapter::KvSessionAdapter,
    batches::Batches,
    config::{InvalidKvConfig, KvConfig},
    expiry::Expiry,
    layout::{InvalidKvLayout, KvLayout},
    memory::MemoryKvStore,
    store::{KvEntry, KvPage, KvStore},
    version::{KvCondition, KvVersion},
};
